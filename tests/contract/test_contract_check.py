"""`aanwezig contract check`: what breaks those who rely on what was published is found, and what does not is let pass."""

import json
from copy import deepcopy

import pytest
from click.testing import CliRunner

from aanwezig.cli.contract import contract, doors
from aanwezig.contracts import promises
from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.promise_changes import differences
from aanwezig.contracts.promises import as_bytes, contract_from, promised
from aanwezig.contracts.verdicts import VERDICTS, Change, Side

TEXT = {"type": "string"}
NOW = promised(doors())


# The whole contract, changed in one place; each with a line that must be told.


def shape(contract, domain, name):
    return contract["channels"][domain]["components"]["schemas"][name]


def lose_topic(now):
    del now["topics"]["chain.notices.v1"]


def lose_event(now):
    now["topics"]["justice.cases.halt.v1"]["events"].remove("case-closed")


def other_key(now):
    now["topics"]["school.facts.v1"]["key"] = "school"


def other_partitions(now):
    now["topics"]["health.cases.v1"]["partitions"] = 3


def shorter_kept(now):
    now["topics"]["school.receipts.v1"]["settings"] = {"cleanup.policy": "delete", "retention.ms": "1000"}


def lose_right(now):
    now["topics"]["justice.cases.halt.v1"]["heard_by"].remove("Halt")


def lose_word(now):
    now["words"]["justice"].remove("withdrawn")


def lose_field_said(now):
    del shape(now, "chain", "CaseSaid")["properties"]["step"]


def field_said_optional(now):
    shape(now, "health", "CaseSaid")["required"].remove("status")


def field_taken_required(now):
    shape(now, "chain", "StepRecorded")["required"].append("note_code")


def field_taken_gone(now):
    del shape(now, "justice", "StepRecorded")["properties"]["to"]


def fact_narrowed(now):
    now["events"]["mark-recorded"]["properties"]["data"]["oneOf"][0]["properties"]["minutes"]["maximum"] = 60


def submission_narrowed(now):
    shape(now, "school", "mark-recorded")["else"]["properties"]["minutes"]["maximum"] = 60


def lose_domain(now):
    del now["channels"]["health"]


def lose_message(now):
    one = now["channels"]["chain"]["operations"]["send-chain.cases.prevention.v1"]["messages"]
    one[:] = [said for said in one if not said["$ref"].endswith("/case-closed")]


def lose_dataref(now):
    message = now["channels"]["chain"]["components"]["messages"]["notice"]["payload"]
    message["required"].remove("dataref")


def lose_header(now):
    del shape(now, "chain", "webhook-headers")["properties"]["webhook-signature"]
    shape(now, "chain", "webhook-headers")["required"].remove("webhook-signature")


def unencrypted(now):
    now["channels"]["justice"]["servers"]["kafka"]["protocol"] = "kafka"


def other_method(now):
    now["channels"]["school"]["operations"]["send-webhook"]["bindings"]["http"]["method"] = "PUT"


def lose_door(now):
    del now["doors"]["intake"]


def lose_call(now):
    del now["doors"]["intake"]["paths"]["/v1/identities"]


def lose_method(now):
    del now["doors"]["intake"]["paths"]["/v1/quarantine/{id}"]["delete"]


def lose_parameter(now):
    call = now["doors"]["intake"]["paths"]["/v1/facts"]["post"]
    call["parameters"] = [one for one in call["parameters"] if one["name"] != "row"]


def parameter_required(now):
    call = now["doors"]["intake"]["paths"]["/v1/facts"]["post"]
    next(one for one in call["parameters"] if one["name"] == "row")["required"] = True


def parameter_new_required(now):
    new = {"name": "wave", "in": "query", "required": True, "schema": TEXT}
    now["doors"]["intake"]["paths"]["/v1/facts"]["post"]["parameters"].append(new)


def parameter_narrowed(now):
    call = now["doors"]["intake"]["paths"]["/v1/facts"]["post"]
    next(one for one in call["parameters"] if one["name"] == "row")["schema"]["maximum"] = 9


def lose_body_kind(now):
    del now["doors"]["intake"]["paths"]["/v1/facts"]["post"]["requestBody"]["content"]["text/csv"]


def lose_status(now):
    del now["doors"]["intake"]["paths"]["/v1/facts"]["post"]["responses"]["429"]


def lose_answer_field(now):
    receipt = now["doors"]["intake"]["components"]["schemas"]["ReceiptSaid"]
    del receipt["properties"]["outcome"]
    receipt["required"].remove("outcome")


def lose_answer_header(now):
    answer = now["doors"]["intake"]["paths"]["/v1/facts"]["post"]["responses"]["429"]
    del answer["headers"]["Retry-After"]


def no_key(now):
    now["doors"]["intake"]["components"]["securitySchemes"]["key"] = {"type": "http", "scheme": "basic"}


BREAKS = {
    lose_topic: "chain.notices.v1: the topic is gone (for recipients)",
    lose_event: "justice.cases.halt.v1: the event case-closed is gone (for Halt)",
    other_key: "school.facts.v1: the key was 'pupil (school pseudonym)' and is 'school' (for the next version: ",
    other_partitions: "health.cases.v1: the number of partitions was 1 and is 3 (for youth health care)",
    shorter_kept: "school.receipts.v1: retention.ms was 1209600000 and is 1000 (for school systems)",
    lose_right: "justice.cases.halt.v1: Halt may not listen to it any more (for Halt)",
    lose_word: "notices of justice: the word withdrawn is gone (for whoever subscribed to it)",
    lose_field_said: "chain.cases.prevention.v1: case-closed, case-escalated, case-finding-joined and 8 more: data.step is gone",
    field_said_optional: "health.cases.v1: case-closed, case-contradicted, case-escalated and 11 more: data.status may be",
    field_taken_required: "chain.decisions.v1: step-recorded: data.note_code is required now (for parties of chain)",
    field_taken_gone: "chain.decisions.v1: step-recorded: data.to is gone (for parties of justice)",
    fact_narrowed: "school.facts.v1: mark-recorded: data.minutes has a tighter limit: `maximum` 480 has become 60 (for the next",
    submission_narrowed: "school.submissions.v1.{system}: mark-recorded: data.minutes has a tighter limit: `maximum` 480 has",
    lose_domain: "AsyncAPI of health: the document is gone (for parties of health)",
    lose_message: "chain.cases.prevention.v1: case-closed is not told there any more (for parties of chain)",
    lose_dataref: "webhook of chain: notice: dataref may be left out now (for parties of chain)",
    lose_header: "webhook of chain: notice, notice-with-data, subscription-tested: webhook-signature is gone",
    unencrypted: "AsyncAPI of justice: how to reach the server kafka has changed (for parties of justice)",
    other_method: "webhook of school: it is sent by another method (for parties of school)",
    lose_door: "intake: the door is gone (for callers of intake)",
    lose_call: "intake POST /v1/identities: the call is gone (for callers of intake)",
    lose_method: "intake DELETE /v1/quarantine/{id}: the call is gone",
    lose_parameter: "intake POST /v1/facts: the parameter row (query) is gone",
    parameter_required: "intake POST /v1/facts: the parameter row (query) is required now",
    parameter_new_required: "intake POST /v1/facts: the parameter wave (query) is new and required",
    parameter_narrowed: "intake POST /v1/facts: the parameter row (query), the value has a tighter limit: `maximum` 999999999",
    lose_body_kind: "intake POST /v1/facts: the body, text/csv is gone",
    lose_status: "intake POST /v1/facts: the answer 429 is gone",
    lose_answer_field: "intake POST /v1/facts: the answer 202, receipts[].outcome is gone",
    lose_answer_header: "intake POST /v1/facts: the answer 429, header Retry-After is gone",
    no_key: "intake POST /v1/facts: who may call it is asked in another way",
}


@pytest.mark.parametrize("harm", BREAKS, ids=lambda harm: harm.__name__)
def test_a_break_is_told_with_its_place_and_for_whom(harm):
    now = deepcopy(NOW)
    harm(now)
    told = [one.line() for one in differences(NOW, now) if one.verdict == "breaks"]
    assert any(line.startswith(f"breaks  {BREAKS[harm]}") for line in told), told


ADDITIONS = [
    lose_topic, lose_event, lose_word, lose_field_said, lose_domain, lose_message, lose_door, lose_call, lose_method,
    lose_parameter, lose_body_kind, lose_status, lose_answer_field, lose_right,
]  # fmt: skip


@pytest.mark.parametrize("harm", ADDITIONS, ids=lambda harm: harm.__name__)
def test_what_is_new_is_an_addition_and_breaks_nothing(harm):
    """The same difference the other way round: it was not there, and is now."""
    was = deepcopy(NOW)
    harm(was)
    told = differences(was, NOW)
    assert told
    assert {one.verdict.value for one in told} == {"adds"}


def test_a_new_value_in_what_is_said_is_a_warning():
    was = deepcopy(NOW)
    shape(was, "chain", "CaseSaid")["properties"]["status"]["enum"].remove("taken-note")
    told = [one for one in differences(was, NOW) if one.where == "chain.cases.prevention.v1"]
    assert [(one.verdict.value, one.what.rpartition(": ")[2]) for one in told] == [("warns", '"taken-note"')]


def test_better_words_are_no_difference():
    document = deepcopy(doors())
    document["intake"]["paths"]["/v1/facts"]["post"]["summary"] = "Other words."
    document["intake"]["info"]["description"] = "Other words."
    assert promised(document) == NOW


def test_a_field_that_is_called_like_a_word_about_things_is_kept():
    """A problem has a field `title`; taking away what schemas are called must not take it away."""
    assert "title" in NOW["doors"]["intake"]["components"]["schemas"]["Problem"]["properties"]


# The command.


def run(*arguments):
    return CliRunner().invoke(contract, [str(one) for one in arguments])


@pytest.fixture
def published(tmp_path):
    def write(was):
        file = tmp_path / "v1.json"
        file.write_bytes(as_bytes(was))
        return file

    return write


def test_the_tree_keeps_what_was_published():
    ran = run("check", "--quiet")
    assert ran.exit_code == 0, ran.output


def test_the_published_contract_is_whole():
    said = promises.published()
    assert {"topics", "words", "channels", "events", "doors"} <= set(said)
    assert {"intake", "case-router"} <= set(said["doors"])
    assert (ROOT / "shared/contracts/src/aanwezig/contracts" / promises.PUBLISHED).read_bytes() == as_bytes(
        said
    )


def test_against_itself_there_is_nothing_to_tell(published):
    ran = run("check", "--against", published(NOW))
    assert (ran.exit_code, ran.output) == (0, "breaks 0, warnings 0, additions 0\n")


def test_a_break_ends_with_1_and_a_sentence(published):
    was = deepcopy(NOW)
    shape(was, "chain", "CaseSaid")["properties"]["mood"] = TEXT
    ran = run("check", "--against", published(was))
    assert ran.exit_code == 1
    assert "data.mood is gone (for parties of chain)" in ran.output
    assert ran.output.endswith("breaks 2, warnings 0, additions 0\n")


def test_additions_end_with_0_and_can_be_left_out(published):
    was = deepcopy(NOW)
    lose_word(was)
    file = published(was)
    ran = run("check", "--against", file)
    assert (ran.exit_code, "adds  notices of justice: the word withdrawn is new" in ran.output) == (0, True)
    assert run("check", "--against", file, "--quiet").output == "breaks 0, warnings 0, additions 1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is no published contract of Aanwezig"),
        ('{"openapi": "3.1.0"}', "it is no published contract of Aanwezig"),
        ('{"contract": "aanwezig", "version": 2}', "it is of version 2, not 1"),
        ('{"contract": "aanwezig", "version": 1, "topics": {}}', "it lacks channels, doors, events, words"),
    ],
)
def test_a_file_that_is_no_contract_is_wrong_usage(tmp_path, text, said):
    file = tmp_path / "no.json"
    file.write_text(text)
    ran = run("check", "--against", file)
    assert ran.exit_code == 2
    assert said in ran.output


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path):
    ran = run("check", "--against", tmp_path / "nowhere.json")
    assert ran.exit_code == 2
    assert "nowhere.json" in ran.output


def test_an_installation_without_a_published_contract_says_so(monkeypatch):
    monkeypatch.setattr(promises, "PUBLISHED", "published/v0.json")
    ran = run("check")
    assert ran.exit_code == 3
    assert "--against FILE" in ran.output


def test_publishing_writes_what_is_and_the_same_twice(tmp_path):
    first, second = tmp_path / "deep" / "a.json", tmp_path / "b.json"
    assert run("publish", "--breaking", "--to", first).exit_code == 0
    assert run("publish", "--breaking", "--to", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    assert contract_from(first.read_bytes()) == json.loads(as_bytes(NOW))


def test_publishing_what_breaks_is_refused_unless_it_is_meant(tmp_path, monkeypatch):
    was = deepcopy(NOW)
    was["words"]["chain"].append("farewell")
    monkeypatch.setattr(promises, "published", lambda: was)
    file = tmp_path / "v1.json"
    ran = run("publish", "--to", file)
    assert ran.exit_code == 1
    assert "the word farewell is gone" in ran.output
    assert not file.exists()
    assert run("publish", "--to", file, "--breaking").exit_code == 0
    assert file.exists()


def test_the_page_says_what_breaks_as_the_code_does():
    """The table of docs/contract.md, row by row."""
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in (ROOT / "docs/contract.md").read_text("utf-8").splitlines()
        if line.startswith("| ...")
    ]
    wanted = [
        [f"... {change.value}", VERDICTS[change][Side.SAID].value, VERDICTS[change][Side.TAKEN].value]
        for change in Change
    ]
    assert rows == wanted, "\n".join(f"| {' | '.join(row)} |" for row in wanted)
