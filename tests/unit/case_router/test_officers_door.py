"""The officers' door: who may, what is answered, and that the same command is carried out once."""

import asyncio
from datetime import date

import pytest
from structlog.testing import capture_logs

from aanwezig.case_router.domains import HEALTH
from aanwezig.contracts.topics import CASES, DECISIONS
from support.officers_door import CASE, OPERATOR, PUPIL, OfficersDoor, an_event, bearer
from support.people import an_officer, hears, people

OTHER = "33333333333333333333333333333333"
CARE = {
    "case": CASE,
    "revision": 2,
    "track": "care-meeting",
    "subject": "pupil",
    "motive": "help comes first",
}
TALK = {"case": CASE, "step": "talk-held", "date": "2024-10-04"}
ENDED = {"case": CASE, "outcome": "back-to-school"}


@pytest.fixture
async def door():
    """A door with one case of Zoetermeer: opened and routed to prevention."""
    made = OfficersDoor()
    await made.hears()
    return made


def names(events):
    return [event.name.removeprefix("case-") for event in events]


async def test_a_decision_a_step_and_an_outcome_are_carried_out_in_the_name_of_the_key(door):
    decided = await door.posts("decisions", CARE, command="c1")
    assert (decided.status_code, decided.json()) == (
        200, {"outcome": "carried-out", "command": "c1", "case": CASE, "revision": 3},
    )  # fmt: skip
    assert (await door.posts("steps", TALK, command="c2")).json()["revision"] == 4
    assert (await door.posts("outcomes", ENDED, command="c3")).json()["revision"] == 6
    said = door.said(CASES.name)
    assert names(said) == [
        "opened",
        "track-decided",
        "track-decided",
        "step-taken",
        "outcome-recorded",
        "closed",
    ]
    assert [event.data["actor"] for event in said[2:]] == [{"kind": "person", "id": "anna"}] * 4


async def test_a_step_says_what_blocks_and_the_case_shows_it_since_when(door):
    blocks = {**TALK, "blocked_by": "no-place"}
    assert (await door.posts("steps", blocks)).status_code == 200
    shown = (await door.gets(f"cases/{CASE}")).json()
    assert shown["blocked"] == {"by": "no-place", "since": "2024-10-04"}
    assert (await door.posts("steps", {**TALK, "blocked_by": "the weather"}, command="c2")).status_code == 400
    assert (await door.posts("steps", {**TALK, "blocked_by": "nothing"}, command="c3")).status_code == 200
    assert (await door.gets(f"cases/{CASE}")).json()["blocked"] is None


async def test_a_cloud_event_says_the_same_and_its_id_is_the_commands(door):
    event = an_event("decision-taken", {**CARE, "officer": "anna"})
    headers = bearer("anna", **{"content-type": "application/cloudevents+json; charset=UTF-8"})
    answer = await door.client.post("/v1/decisions", json=event, headers=headers)
    assert (answer.status_code, answer.json()["command"]) == (200, "c1")
    again = await door.client.post("/v1/decisions", json=event, headers=headers)
    assert again.json() == answer.json()


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("decisions", CARE, 200),
        ("decisions", CARE | {"revision": 1}, 409),
        ("decisions", CARE | {"case": OTHER}, 404),
    ],
)
async def test_the_same_command_again_gets_the_same_answer_from_any_instance(door, path, data, status):
    first = await door.posts(path, data)
    said = len(door.publisher.said)
    door.again()
    await door.hears(kind="light", at=date(2024, 10, 5))
    second = await door.posts(path, data)
    assert (first.status_code, second.status_code) == (status, status)
    assert second.json() == first.json()
    assert len(door.said(CASES.name)) == (4 if status == 200 else 3)
    assert len(door.publisher.said) - said == 2  # the finding, to the chain and to the partners


@pytest.mark.parametrize("other", [{"track": "prevention"}, {"case": OTHER}])
async def test_an_id_that_was_used_for_something_else_is_refused(door, other):
    await door.posts("decisions", CARE)
    answer = await door.posts("decisions", CARE | other)
    assert (answer.status_code, answer.json()["reason"]) == (422, "id-used-for-another")
    assert (await door.posts("decisions", CARE, who="bram")).json()["reason"] == "stale-revision"


async def test_of_two_officers_at_once_one_wins_and_the_other_is_told(door):
    answers = await asyncio.gather(*(door.posts("decisions", CARE, who=who) for who in ("anna", "bram")))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = (answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["reason"], refused["revision"]) == ("stale-revision", 3)
    assert names(door.said(CASES.name)).count("track-decided") == 2


async def test_a_command_that_another_writer_overtook_is_weighed_again(door):
    dossiers = door.collections["dossiers"]
    write = dossiers.replace_if

    async def overtaken(documents, *, seen):
        dossiers.replace_if = write
        await door.hears(kind="light", at=date(2024, 10, 5))
        return await write(documents, seen=seen)

    dossiers.replace_if = overtaken
    assert (await door.posts("steps", TALK)).json()["revision"] == 4
    assert names(door.said(CASES.name)) == ["opened", "track-decided", "finding-joined", "step-taken"]


REFUSALS = [
    ("decisions", CARE | {"case": OTHER}, "anna", 404, "unknown-case"),
    ("decisions", CARE, "cees", 403, "other-municipality"),
    ("decisions", CARE, "dirk", 403, "not-for-this-role"),
    ("steps", TALK | {"step": "verdict"}, "dirk", 403, "not-for-this-role"),
    ("decisions", CARE | {"revision": 1}, "anna", 409, "stale-revision"),
    ("decisions", CARE | {"motive": None}, "anna", 422, "motive-missing"),
    ("decisions", CARE | {"track": "halt", "subject": "parents"}, "anna", 422, "halt-is-for-the-pupil"),
    ("steps", TALK | {"step": "halt-referred"}, "anna", 422, "no-decision"),
    ("steps", TALK | {"date": "2024-11-30"}, "anna", 422, "date-in-future"),
    ("outcomes", ENDED | {"outcome": "all is well"}, "anna", 422, "unknown-outcome"),
]


@pytest.mark.parametrize(("path", "data", "who", "status", "reason"), REFUSALS)
async def test_a_refusal_names_reason_and_article_and_is_said(door, path, data, who, status, reason):
    answer = await door.posts(path, data, who)
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (told["code"], told["reason"], told["status"], told["command"]) == (reason, reason, status, "c1")
    dutch = await door.posts(path, data, who, **{"accept-language": "nl"})
    assert dutch.json()["detail"] != told["detail"]
    (said,) = door.said(DECISIONS.name)
    assert (said.name, said.data["reason"]) == ("decision-refused", reason)
    assert said.data.get("article") == told.get("article")
    assert names(door.said(CASES.name)) == ["opened", "track-decided"]
    journal = (await door.gets(f"cases/{CASE}/journal")).json()
    attempts = [line for line in journal["lines"] if line["name"] == "decision-refused"]
    assert [line["details"]["reason"] for line in attempts] == ([] if status == 404 else [reason])


async def test_a_closed_case_takes_nothing_any_more(door):
    await door.posts("outcomes", ENDED, command="c0")
    answer = await door.posts("steps", TALK)
    assert (answer.status_code, answer.json()["reason"]) == (409, "closed-case")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": "Bearer key-of-nobody"}, "unknown-key"),
        ({"authorization": "Basic anna"}, "no-key"),
        ({"authorization": f"Bearer {OPERATOR}"}, "unknown-key"),
    ],
)
async def test_without_a_key_of_an_officer_nothing_is_done(door, headers, code):
    answer = await door.posts("decisions", CARE, **headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_removed_officer_is_refused_at_once(door):
    hears(door.people, "officer/anna", None)
    assert (await door.posts("decisions", CARE)).status_code == 401


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"content-type": "text/plain"}, 415, "unknown-format"),
        (b"{}", {"content-encoding": "gzip"}, 415, "unknown-format"),
        (b"{", {}, 400, "not-readable"),
        (b"[]", {}, 400, "not-readable"),
        (b" " * 65_537, {}, 413, "too-many-bytes"),
        (b"{}", {"idempotency-key": ""}, 400, "no-idempotency-key"),
        (b"{}", {"idempotency-key": "a b"}, 400, "no-idempotency-key"),
    ],
)
async def test_what_is_no_command_is_a_problem(door, content, headers, status, code):
    sent = bearer("anna", **({"content-type": "application/json", "idempotency-key": "c1"} | headers))
    answer = await door.client.post("/v1/decisions", content=content, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_wrong_fields_are_told_one_by_one_and_never_repeated(door):
    answer = await door.posts(
        "decisions", {"case": "x", "track": "jail", "subject": "pupil", "secret": "123456782"}
    )
    assert answer.status_code == 400
    assert {(one["field"], one["code"]) for one in answer.json()["errors"]} == {
        ("case", "wrong-value"), ("revision", "required"), ("track", "wrong-value"), ("secret", "unknown-field"),
    }  # fmt: skip
    assert "123456782" not in answer.text
    event = an_event("step-recorded", CARE)
    sent = bearer("anna", **{"content-type": "application/cloudevents+json"})
    wrong = await door.client.post("/v1/decisions", json=event, headers=sent)
    assert [one["field"] for one in wrong.json()["errors"]] == ["type"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("decisions", CARE | {"officer": "bram"}),
        ("steps", TALK | {"actor": {"kind": "person", "id": "bram"}}),
        ("steps", TALK | {"actor": {"kind": "rule", "id": "anna"}, "step": "letter-sent"}),
    ],
)
async def test_nobody_speaks_in_the_name_of_another(door, path, data):
    answer = await door.posts(path, data)
    assert (answer.status_code, answer.json()["code"]) == (403, "another-name")
    assert len(door.said(CASES.name)) == 2


async def test_not_ready_is_not_now(door):
    door.ready = False
    for answer in (await door.posts("decisions", CARE), await door.gets("cases")):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("when", range(1, 4))
@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_failure_at_any_write_is_told_and_the_same_again_is_done_once(when, how):
    door = OfficersDoor()
    await door.hears()
    door.faults._acts = 0
    getattr(door.faults, f"_{how}").add(when)
    first = await door.posts("decisions", CARE)
    second = await door.posts("decisions", CARE)
    assert first.status_code == 503
    assert (second.status_code, second.json()["revision"]) == (200, 3)
    assert names(door.said(CASES.name)) == ["opened", "track-decided", "track-decided"]


async def test_a_case_is_shown_as_a_decision_is_weighed_by_it(door):
    shown = (await door.gets(f"cases/{CASE}")).json()
    assert (shown["revision"], shown["track"], shown["pupil"], shown["due"]) == (
        2,
        "prevention",
        PUPIL,
        "2024-10-08",
    )
    (finding,) = shown["findings"]
    assert (finding["answer"]["rule"], finding["answer"]["mode"]) == ("first", "routed")
    assert shown["halt"]["possible"] is True
    await door.posts("decisions", CARE)
    later = (await door.gets(f"cases/{CASE}")).json()
    assert (later["revision"], later["track"]) == (3, "care-meeting")


async def test_why_not_halt_is_told_condition_by_condition():
    door = OfficersDoor()
    await door.hears(age=11, hours="60.01")
    halt = (await door.gets(f"cases/{CASE}")).json()["halt"]
    failing = {one["name"]: one["why"] for one in halt["conditions"] if not one["holds"]}
    assert halt["possible"] is False
    assert set(failing) == {"twelve-or-over", "at-most-60-hours"}
    assert "younger than 12" in failing["twelve-or-over"]
    assert all((one["why"] is None) == one["holds"] for one in halt["conditions"])


async def test_the_list_holds_the_cases_of_ones_own_municipality_page_by_page(door):
    pupils = [f"{number:032x}" for number in range(1, 6)]
    for number, pupil in enumerate(pupils):
        await door.hears(pupil, municipality=("0637", "0501", None)[number % 3])
    seen, after = [], ""
    while after is not None:
        page = (await door.gets(f"cases?open=true&limit=2{after}")).json()
        seen += [case["pupil"] for case in page["cases"]]
        after = None if page["next"] is None else f"&after={page['next']}"
    assert seen == [pupils[0], pupils[2], pupils[3], PUPIL]
    await door.posts("outcomes", ENDED)
    assert PUPIL not in (await door.gets("cases?open=true")).text
    assert PUPIL in (await door.gets("cases")).text
    assert [one["pupil"] for one in (await door.gets("cases", "cees")).json()["cases"]] == [
        pupils[1], pupils[2], pupils[4],
    ]  # fmt: skip
    # Nobody in these cases is eighteen.
    assert (await door.gets("cases", "dirk")).json() == {"cases": [], "next": None}


@pytest.mark.parametrize(
    "query", ["open=perhaps", "limit=0", "limit=501", "after=x", "all=true", "open=true&open=true"]
)
async def test_a_parameter_that_is_wrong_or_unknown_is_told(door, query):
    assert (await door.gets(f"cases?{query}")).status_code == 400


@pytest.mark.parametrize(
    ("path", "who", "status", "code"),
    [
        (f"cases/{CASE}", "cees", 403, "other-municipality"),
        (f"cases/{CASE}/journal", "cees", 403, "other-municipality"),
        (f"cases/{CASE}", "dirk", 403, "not-for-this-role"),
        (f"cases/{OTHER}", "anna", 404, "unknown-case"),
        ("cases/1", "anna", 404, "unknown-case"),
    ],
)
async def test_a_case_is_for_officers_of_its_municipality_alone(door, path, who, status, code):
    answer = await door.gets(path, who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert door.collections["readings"].documents == {}


async def test_an_operator_reads_journals_and_no_cases(door):
    key = {"authorization": f"Bearer {OPERATOR}"}
    journal = await door.gets(f"cases/{CASE}/journal", **key)
    assert (journal.status_code, len(journal.json()["lines"])) == (200, 2)
    assert (await door.gets(f"cases/{CASE}", **key)).status_code == 401
    assert (await door.gets("cases", **key)).status_code == 401


async def test_every_reading_is_kept_with_who_read_what_and_told_without_the_case(door):
    with capture_logs() as told:
        await door.gets(f"cases/{CASE}")
        await door.gets(f"cases/{CASE}/journal", "bram")
        await door.gets("cases")
    rows = [(one["who"], one["what"], one["case"]) for one in door.collections["readings"].documents.values()]
    assert rows == [("anna", "case", CASE), ("bram", "journal", CASE), ("anna", "cases", None)]
    assert [one["what"] for one in told if one["event"] == "case.read"] == ["case", "journal", "cases"]
    assert CASE not in str(told)
    assert PUPIL not in str(told)


async def test_health_knows_its_own_people_alone():
    both = (
        an_officer("jeugdarts", "0637", "key-of-jeugdarts", role="youth-health-care"),
        an_officer("anna", "0637", "key-of-anna"),
    )
    health = OfficersDoor(people=people(*both, domain="health"), domain=HEALTH)
    chain = OfficersDoor(people=people(*both))
    assert [(await health.gets("cases", who)).status_code for who in ("jeugdarts", "anna")] == [200, 401]
    assert [(await chain.gets("cases", who)).status_code for who in ("jeugdarts", "anna")] == [401, 200]
