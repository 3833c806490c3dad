import json

import pytest
from click.testing import CliRunner

from aanwezig.cli.classify import classify
from aanwezig.cli.verify import verify
from aanwezig.cli.why import _Told, why
from support.submitted import NUMBER, a_mark_said, said


def rows():
    told = [
        a_mark_said(id=f"a-{day}-{lesson}", slot=f"lesson-{lesson}", more={"date": f"2024-09-{day:02}", "authorised": False})
        for day in (2, 3, 4, 5)
        for lesson in range(1, 5)
    ]  # fmt: skip
    told.append(said("person-recorded", {"pupil": {"number": NUMBER}, "birth_date": "2010-03-15"}, id="b"))
    return [{**row, "time": "2024-09-05T16:00:00Z"} for row in told]


@pytest.fixture
def files(tmp_path):
    """Facts and the findings of them, as files."""
    facts = tmp_path / "facts.ndjson"
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows()))
    out = CliRunner().invoke(classify, [str(facts), "--pack", "nl-2024", "--as-of", "2024-09-30"])
    assert out.exit_code == 0, out.output
    findings = tmp_path / "findings.ndjson"
    findings.write_text(out.stdout)
    return facts, findings


def an_event(name, data):
    return json.dumps({"specversion": "1.0", "type": f"nl.attendance.{name}.v1", "data": data}) + "\n"


def asked(command, *arguments, stdin=None):
    return CliRunner().invoke(command, [str(one) for one in arguments], input=stdin)


def changed(findings, **values):
    (row,) = [json.loads(line) for line in findings.read_text().splitlines()]
    findings.write_text(json.dumps({**row, **values}) + "\n")
    return row


def test_what_classify_prints_verifies_alone_and_with_the_facts(files):
    facts, findings = files
    for more in ((), ("--facts", facts), ("--facts", facts, "--as-of", "2024-09-30")):
        out = asked(verify, findings, *more)
        assert out.exit_code == 0, out.output
        assert out.stdout.rstrip().split("\t")[-2:] == ["statutory", "holds"]


def test_the_first_disagreement_is_named_and_the_exit_code_says_so(files):
    _, findings = files
    row = changed(findings)
    changed(findings, measured={**row["measured"], "threshold": "15.00"})
    out = asked(verify, findings)
    assert out.exit_code == 1
    assert out.stdout.rstrip().endswith("measured.threshold\tsays 15.00\texpected 16.00")


def test_only_the_facts_show_what_the_finding_does_not_carry(files):
    facts, findings = files
    changed(findings, municipality="0637")
    assert asked(verify, findings).exit_code == 0
    out = asked(verify, findings, "--facts", facts)
    assert out.exit_code == 1
    assert "\tmunicipality\tsays 0637\texpected None" in out.stdout


def test_a_finding_that_the_facts_do_not_give_is_told(files, tmp_path):
    facts, findings = files
    fewer = tmp_path / "fewer.ndjson"
    fewer.write_text("".join(facts.read_text().splitlines(keepends=True)[1:]))
    out = asked(verify, findings, "--facts", fewer)
    assert out.exit_code == 1
    assert "no such finding from these facts" in out.stdout


@pytest.mark.parametrize("line", ["not json", "[]", '{"finding": "x"}'])
def test_what_is_no_finding_is_told_as_such(tmp_path, line):
    file = tmp_path / "findings.ndjson"
    file.write_text(line + "\n")
    out = asked(verify, file)
    assert out.exit_code == 1
    assert "\tfinding\tsays -\texpected the form of a finding" in out.stdout


def test_an_unknown_pack_is_told(files):
    _, findings = files
    row = changed(findings)
    changed(findings, rule={**row["rule"], "pack": "nl-1900"})
    out = asked(verify, findings)
    assert out.exit_code == 1
    assert "\trule.pack\tsays nl-1900" in out.stdout


def test_events_are_read_and_a_withdrawn_one_claims_nothing(files, tmp_path):
    _, findings = files
    row = json.loads(findings.read_text())
    events = [
        {"specversion": "1.0", "type": f"nl.attendance.finding-{what}.v1", "data": row}
        for what in ("raised", "withdrawn")
    ]
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    out = asked(verify, file)
    assert out.exit_code == 0
    assert len(out.stdout.splitlines()) == 1


def test_cases_and_closed_days_are_passed_over_and_said(files, tmp_path):
    _, findings = files
    file = tmp_path / "events.ndjson"
    beside = an_event("case-opened", {"case": "c" * 32}) + an_event("day-closed", {"date": "2024-09-05"})
    file.write_text(an_event("finding-raised", json.loads(findings.read_text())) + beside)
    out = asked(verify, file)
    assert (out.exit_code, out.stdout.rstrip().split("\t")[-1]) == (0, "holds")
    assert len(out.stdout.splitlines()) == 1
    assert out.stderr == "Events of cases, passed over: 1. A case is checked by its findings.\n"


def test_of_cases_alone_nothing_is_checked(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text(an_event("case-opened", {"case": "c" * 32}))
    out = asked(verify, file)
    assert (out.exit_code, out.stdout) == (1, "")
    assert "There are only cases in these files. A case is checked by its findings" in out.stderr


def test_facts_are_no_findings(files):
    facts, _ = files
    out = asked(verify, facts)
    assert out.exit_code == 1
    assert "\ttype\tsays mark-recorded\texpected a finding: facts are named behind --facts" in out.stdout


def test_an_id_is_not_taken_for_a_file(files, tmp_path, monkeypatch):
    _, findings = files
    out = asked(verify, "c" * 32)
    assert out.exit_code == 2
    told = " ".join(out.stderr.split())
    assert f"{'c' * 32} is the id of a finding or a case." in told
    assert f"an id is explained by aanwezig why {'c' * 32}." in told
    # A file may have such a name.
    monkeypatch.chdir(tmp_path)
    findings.rename("c" * 32)
    assert asked(verify, "c" * 32).exit_code == 0


def test_of_two_birth_dates_the_finding_tells_and_why_explains(files, tmp_path):
    facts, _ = files
    source = "urn:nld:oin:00000099000000000637"
    data = {"pupil": {"number": NUMBER}, "birth_date": "2010-03-16", "resident_from": "2024-09-01"}
    other = said("person-recorded", data, id="town", source=source, time="2024-09-06T16:00:00Z")
    both = tmp_path / "both.ndjson"
    both.write_text(facts.read_text() + json.dumps(other) + "\n")
    findings = tmp_path / "contradicted.ndjson"
    findings.write_text(asked(classify, both, "--pack", "nl-2024", "--as-of", "2024-09-30").stdout)
    (row,) = [json.loads(line) for line in findings.read_text().splitlines()]
    assert row["contradictions"] == [{"about": "birth-date", "stands": "town", "against": "b"}]
    for more in ((), ("--facts", both)):
        assert asked(verify, findings, *more).exit_code == 0
    assert "verschillende geboortedata doorgegeven" in asked(why, row["finding"], "--from", findings).stdout
    # Without the other birth date the facts give no such row, and the finding alone cannot know.
    assert "\tcontradictions\tsays [" in asked(verify, findings, "--facts", facts).stdout
    changed(findings, contradictions=[{**row["contradictions"][0], "against": "x"}])
    assert asked(verify, findings).exit_code == 0
    assert "\tcontradictions, row 1\tsays" in asked(verify, findings, "--facts", both).stdout


@pytest.mark.parametrize(
    "rows",
    [[], [{"about": "age", "stands": "a", "against": "b"}], [{"about": "enrolment", "stands": "a"}],
     [{"about": "birth-date", "stands": "a", "against": "b", "birth_date": "2010-03-15"}]],
)  # fmt: skip
def test_the_form_of_contradictions_is_checked(files, rows):
    _, findings = files
    changed(findings, contradictions=rows)
    out = asked(verify, findings)
    assert out.exit_code == 1
    assert "\tcontradictions" in out.stdout


def test_a_local_pupil_of_another_organisation_needs_its_sender(files, tmp_path):
    facts, _ = files
    source = "urn:nld:oin:00000001002220647000"
    local = tmp_path / "local.ndjson"
    local.write_text(
        "".join(
            json.dumps({**row, "source": source, "data": {**row["data"], "pupil": {"local": "L1"}}}) + "\n"
            for row in map(json.loads, facts.read_text().splitlines())
        )
    )
    found = asked(classify, local, "--pack", "nl-2024", "--as-of", "2024-09-30")
    findings = tmp_path / "local-findings.ndjson"
    findings.write_text(found.stdout)
    assert asked(verify, findings).exit_code == 1
    assert asked(verify, findings, "--sender", source.split(":")[3]).exit_code == 0


def test_why_explains_a_finding_in_words_with_its_sum(files):
    _, findings = files
    row = json.loads(findings.read_text())
    out = asked(why, row["finding"], "--from", findings)
    assert out.exit_code == 0, out.output
    assert "Op 5 september 2024 was de grens van 16 uur bereikt." in out.stdout
    assert out.stdout.rstrip().splitlines()[-1].split() == ["samen", "16"]
    english = asked(why, row["finding"], "--from", "-", "--language", "en", stdin=findings.read_text())
    assert "The limit of 16 hours was reached on 5 September 2024." in english.stdout


def test_why_explains_the_newest_word(files):
    _, findings = files
    row = json.loads(findings.read_text())
    newer = {**row, "revision": 2, "at": "2024-09-06"}
    findings.write_text(json.dumps(newer) + "\n" + json.dumps(row) + "\n")
    assert "Op 6 september 2024" in asked(why, row["finding"], "--from", findings).stdout


def test_why_says_that_a_finding_is_not_there_or_is_none(files, tmp_path):
    _, findings = files
    assert asked(why, "0" * 32, "--from", findings).exit_code == 1
    file = tmp_path / "odd.ndjson"
    file.write_text('{"finding": "a"}\nnothing\n')
    out = asked(why, "a", "--from", file)
    assert (out.exit_code, "has not the form" in out.stderr) == (1, True)


@pytest.mark.parametrize(
    ("beside", "hint"),
    [
        ("", "There is no case in them: cases are opened by the running stack alone"),
        (an_event("case-opened", {"case": "d" * 32, "revision": 1}), None),
    ],
)
def test_why_says_of_a_case_that_is_in_no_file_where_to_ask(files, tmp_path, beside, hint):
    _, findings = files
    file = tmp_path / "events.ndjson"
    file.write_text(findings.read_text() + beside)
    out = asked(why, "c" * 32, "--from", file)
    told = " ".join(out.stderr.split())
    assert (out.exit_code, out.stdout) == (1, "")
    assert f"Nothing is said of a finding or case {'c' * 32} in these files." in told
    assert ("case in them" in told) is (hint is not None)
    assert hint is None or hint in told


def test_of_the_stack_why_says_that_ids_of_files_are_others():
    told = _Told().without("c" * 32, in_files=False)
    assert told.startswith(
        f"The running stack said nothing of a finding or case {'c' * 32} in the last 14 days."
    )
    assert told.endswith("--from.")


def test_why_says_that_facts_are_no_findings(files):
    facts, _ = files
    out = asked(why, "c" * 32, "--from", facts)
    assert out.exit_code == 1
    assert "There is no finding in them: aanwezig classify tells" in " ".join(out.stderr.split())


def test_why_explains_a_case_by_its_findings_and_the_rule_of_its_proposal(files, tmp_path):
    _, findings = files
    row = json.loads(findings.read_text())
    proposed = {"track": "halt", "rule": "halt", "subject": "pupil"}
    case = {
        "case": "c" * 32, "revision": 2, "status": "in-progress", "track": "prevention", "proposed": proposed,
        "findings": [row["finding"], "0" * 32], "actor": {"kind": "rule", "id": "first@1"},
    }  # fmt: skip
    file = tmp_path / "events.ndjson"
    opened = {**case, "revision": 1, "status": "registered"}
    file.write_text(
        an_event("finding-raised", row) + an_event("case-closed", case) + an_event("case-opened", opened)
    )
    out = asked(why, "c" * 32, "--from", file)
    assert out.exit_code == 0, out.output
    assert (
        "Deze zaak is in behandeling.\nHet spoor is preventie.\nVoorgesteld is Halt, volgens regel halt."
        in out.stdout
    )
    assert "Op 5 september 2024 was de grens van 16 uur bereikt." in out.stdout
    assert f"Over bevinding {'0' * 32} staat hier niets meer." in out.stdout


def test_why_says_that_a_finding_was_withdrawn(files, tmp_path):
    _, findings = files
    row = json.loads(findings.read_text())
    file = tmp_path / "events.ndjson"
    file.write_text(an_event("finding-raised", row) + an_event("finding-withdrawn", {**row, "revision": 2}))
    out = asked(why, row["finding"], "--from", file, "--language", "en")
    assert out.stdout.startswith("This holds no more: the facts were corrected.")
