"""Three domains: health has cases of its own, justice keeps what crossed, and Halt answers under the id it knows."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from aanwezig.case_router.justice import CrossingsHandler
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.identifiers import crossed
from aanwezig.contracts.topics import (
    CASES,
    CASES_CARE_MEETING,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CROSSINGS,
    DECISIONS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_DECISIONS,
    HEALTH_FINDINGS,
)
from support.chain_events import (
    a_decision,
    a_finding,
    a_signal,
    a_step,
    an_outcome,
    day_closed_event,
    finding_event,
)
from support.memory import Faults, MemoryCollection, MemoryPublisher
from support.rooms import DOCTOR, HALT, JUSTICE_KEY, Rooms

PUPIL = "11111111111111111111111111111111"
ON = date(2024, 10, 1)
OFFICER = "officer-0637"


async def ill(rooms, *, ordinal=1, at=ON, happened="raised", revision=1, **more):
    """The law found that the pupil is often ill."""
    data = a_finding(PUPIL, "sickness", ordinal=ordinal, at=at, revision=revision, **more)
    await rooms.hear(HEALTH_FINDINGS.name, PUPIL, replace(finding_event(data, happened), traceparent=None))


async def sent_to_halt(consent=(True, True)) -> Rooms:
    """The rooms after an officer decided for Halt."""
    rooms = Rooms()
    for ordinal, hours in ((1, "16.00"), (2, "32.00")):
        data = a_finding(PUPIL, ordinal=ordinal, hours=hours, at=ON + timedelta(days=ordinal))
        await rooms.hear(FINDINGS.name, PUPIL, finding_event(data))
    case = rooms.case_of(PUPIL)
    decided = {**a_decision(case.id, case.revision, "halt", consent=consent), "officer": OFFICER}
    await rooms.command("decision-taken", decided, ON + timedelta(days=3))
    return rooms


def short(events):
    return [event.name.removeprefix("case-") for event in events]


def by(person, data):
    return {**data, "actor": {"kind": "person", "id": person}}


async def test_sickness_opens_a_health_case_routed_to_youth_health_care():
    rooms = Rooms()
    await ill(rooms)
    opened, decided = rooms.on(HEALTH_CASES.name)
    assert (opened.name, opened.data["actor"]) == ("case-opened", {"kind": "rule", "id": "health@1"})
    assert (decided.name, decided.data["track"], decided.data.get("proposed")) == (
        "case-track-decided", "care-meeting", None,
    )  # fmt: skip
    assert {one.topic for one in rooms.said} == {HEALTH_FINDINGS.name, HEALTH_CASES.name}


async def test_sickness_again_joins_the_open_health_case():
    rooms = Rooms()
    await ill(rooms)
    await ill(rooms, ordinal=2, at=ON + timedelta(days=30))
    assert short(rooms.on(HEALTH_CASES.name)) == ["opened", "track-decided", "finding-joined"]
    assert len({event.data["case"] for event in rooms.on(HEALTH_CASES.name)}) == 1


async def test_a_health_case_asks_no_obligation_and_tells_no_desk():
    rooms = Rooms()
    await ill(rooms, signals=[a_signal("safety")], obligation="eighteen-plus", age=19)
    await ill(rooms, ordinal=2, obligation="none", age=25, at=ON + timedelta(days=9))
    events = rooms.on(HEALTH_CASES.name)
    assert short(events) == ["opened", "track-decided", "finding-joined"]
    assert {event.data["actor"]["id"] for event in events} == {"health@1"}


async def test_a_meeting_that_is_not_held_makes_a_health_case_stagnant_in_lesson_days():
    rooms = Rooms()
    await ill(rooms)
    # Fifteen lesson days after Tuesday 1 October, without a calendar Monday to Friday: Tuesday 22 October.
    for day in (date(2024, 10, 21), date(2024, 10, 22), date(2024, 10, 23)):
        await rooms.hear(HEALTH_FINDINGS.name, None, day_closed_event(day))
    (stagnated,) = (event for event in rooms.on(HEALTH_CASES.name) if event.name == "case-stagnated")
    assert (stagnated.data["timer"], stagnated.data["due"]) == ("meeting", "2024-10-22")
    assert rooms.on(CASES.name) == []


async def test_a_withdrawn_sickness_withdraws_the_health_case():
    rooms = Rooms()
    await ill(rooms)
    await ill(rooms, happened="withdrawn", revision=2)
    assert short(rooms.on(HEALTH_CASES.name))[-1] == "withdrawn"


async def test_youth_health_care_acts_in_its_own_case_and_nobody_else_does():
    rooms = Rooms()
    await ill(rooms)
    case = rooms.case_of(PUPIL, "health")
    await rooms.doctor("step-recorded", by(f"{DOCTOR}-0637", a_step(case.id, "meeting-held", ON)), ON)
    assert short(rooms.on(HEALTH_CASES.name))[-1] == "step-taken"
    await rooms.doctor("step-recorded", by(OFFICER, a_step(case.id, "plan-agreed", ON)), ON)
    # On the chain's topic nobody knows this case.
    await rooms.command("step-recorded", by(OFFICER, a_step(case.id, "plan-agreed", ON)), ON)
    refused = {
        topic: [one.data["reason"] for one in rooms.on(topic) if one.name == "decision-refused"]
        for topic in (HEALTH_DECISIONS.name, DECISIONS.name)
    }
    assert refused == {HEALTH_DECISIONS.name: ["unknown-person"], DECISIONS.name: ["unknown-case"]}


@pytest.mark.parametrize("track", ["halt", "police-report"])
async def test_nothing_leads_from_health_to_justice(track):
    rooms = Rooms()
    await ill(rooms)
    case = rooms.case_of(PUPIL, "health")
    wanted = a_decision(case.id, case.revision, track, motive="Hij is nooit ziek.", consent=(True, True))
    await rooms.doctor("decision-taken", {**wanted, "officer": f"{DOCTOR}-0637"}, ON)
    (answer,) = (one for one in rooms.on(HEALTH_DECISIONS.name) if one.name == "decision-refused")
    assert answer.data["reason"] == "not-for-this-role"
    assert rooms.case_of(PUPIL, "health").track == "care-meeting"
    assert rooms.on(CROSSINGS.name) == []


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        (FINDINGS.name, "sickness"), (FINDINGS.name, "late-report"), (HEALTH_FINDINGS.name, "statutory"),
        (HEALTH_FINDINGS.name, "home-sitter"),
    ],
)  # fmt: skip
async def test_a_finding_of_another_domain_opens_no_case(topic, kind):
    rooms = Rooms()
    await rooms.hear(topic, PUPIL, finding_event(a_finding(PUPIL, kind)))
    assert {one.topic for one in rooms.said} == {topic}
    assert rooms.dossiers() == rooms.dossiers("health") == []


async def test_health_events_name_no_trace_of_the_school():
    rooms = Rooms()
    await ill(rooms)
    assert {event.traceparent for event in rooms.on(HEALTH_CASES.name)} == {None}
    assert rooms.on(CASES_CARE_MEETING.name) == []


async def test_what_crosses_is_said_by_justice_to_whom_it_is_for_word_for_word():
    rooms = await sent_to_halt()
    crossings = rooms.on(CROSSINGS.name)
    assert short(crossings) == ["track-decided"]
    assert [event.as_bytes() for event in rooms.on(CASES_HALT.name)] == [one.as_bytes() for one in crossings]
    case = rooms.case_of(PUPIL)
    later = ON + timedelta(days=20)
    decided = a_decision(case.id, case.revision, "police-report", motive="Halt kwam te laat.")
    await rooms.command("decision-taken", {**decided, "officer": OFFICER}, later)
    assert short(rooms.on(CASES_HALT.name)) == ["track-decided", "withdrawn"]
    assert short(rooms.on(CASES_POLICE_REPORT.name)) == ["track-decided"]


async def test_justice_keeps_a_dossier_of_its_own_under_its_own_names():
    rooms = await sent_to_halt()
    ((name, kept),) = rooms.stores["justice"][0].documents.items()
    case = rooms.case_of(PUPIL)
    assert name == crossed(case.id, "justice", JUSTICE_KEY)
    assert kept["state"]["pupil"] == crossed(PUPIL, "justice", JUSTICE_KEY)
    assert kept["state"]["tracks"] == {"halt": {"status": "in-progress", "revision": case.revision}}
    text = orjson.dumps(kept).decode()
    assert not [mark for mark in (PUPIL, case.id, *case.findings) if mark in text]


async def test_the_same_crossing_again_is_said_once():
    rooms = await sent_to_halt()
    (crossing,) = rooms.on(CROSSINGS.name)
    before = len(rooms.said)
    await rooms.hear(CROSSINGS.name, crossing.data["case"], crossing)
    assert len(rooms.said) == before + 1


@pytest.mark.parametrize("act", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_between_keeping_and_saying_loses_and_doubles_nothing(act, when):
    crossing = asyncio.run(sent_to_halt()).on(CROSSINGS.name)[0]
    faults = Faults(**{when: [act]})
    publisher, dossiers = MemoryPublisher(faults), MemoryCollection(faults)
    handler = CrossingsHandler(Shelf(dossiers, publisher))
    arrived = Arrived(CROSSINGS.name, 0, 0, crossing.data["case"], crossing.as_bytes(), crossing)

    async def tried():
        with pytest.raises(Unavailable):
            await handler.on_batch([arrived])
        await handler.on_assigned(frozenset({0}))
        # A new owner says what is owed before anything comes.
        assert not any(one["owes"] for one in dossiers.documents.values())
        await handler.on_batch([arrived])
        await handler.on_batch([arrived])

    asyncio.run(tried())
    assert {(one.topic, one.value) for one in publisher.said} == {(CASES_HALT.name, crossing.as_bytes())}
    assert [one["owes"] for one in dossiers.documents.values()] == [False]


def with_data(event, **more):
    return replace(event, data={**event.data, **more})


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda event: with_data(event, findings=["ab" * 16]),
        lambda event: with_data(event, motive="Dit past hier het beste."),
        lambda event: with_data(event, outcome="naar-school"),
        lambda event: with_data(event, track="care-meeting"),
        lambda event: with_data(event, track=None),
        lambda event: with_data(event, step="talk-held"),
        lambda event: with_data(event, actor={"kind": "rule", "id": "safety@1"}),
        lambda event: with_data(event, case="ab" * 16),
        lambda event: with_data(event, revision=0),
        lambda event: replace(event, causation="x"),
        lambda event: replace(event, traceparent="00-1-2-01"),
        lambda event: replace(event, name="case-opened"),
    ],
)  # fmt: skip
async def test_what_may_not_cross_is_taken_in_by_nobody(spoilt):
    rooms = await sent_to_halt()
    (crossing,) = rooms.on(CROSSINGS.name)
    event = spoilt(crossing)
    before = orjson.dumps(rooms.stores["justice"][0].documents)
    with pytest.raises(Unprocessable):
        await rooms.hear(CROSSINGS.name, crossing.data["case"], event_from(event.as_bytes()))
    assert orjson.dumps(rooms.stores["justice"][0].documents) == before


@pytest.mark.parametrize("step", ["halt-completed", "halt-failed", "halt-refused"])
async def test_halt_records_what_became_of_it_under_the_id_it_knows(step):
    rooms = await sent_to_halt()
    (known,) = rooms.known_to_halt()
    later = ON + timedelta(days=20)
    await rooms.command("step-recorded", by(HALT, a_step(known, step, later)), later)
    *_, heard = (event for event in rooms.on(CASES.name) if event.name == "case-step-taken")
    assert (heard.data["case"], heard.data["step"]) == (rooms.case_of(PUPIL).id, step)
    assert [event.data.get("step") for event in rooms.on(CASES_HALT.name)] == [None, step]
    assert not [event for event in rooms.on(DECISIONS.name) if event.name == "decision-refused"]


@pytest.mark.parametrize(
    ("person", "name", "asked", "reason"),
    [
        (HALT, "step-recorded", lambda case: a_step(case, "talk-held", ON), "not-from-justice"),
        (OFFICER, "step-recorded", lambda case: a_step(case, "meeting-held", ON), "not-from-justice"),
        (OFFICER, "outcome-recorded", an_outcome, "not-from-justice"),
        ("parket-oost", "step-recorded", lambda case: a_step(case, "halt-failed", ON), "not-for-this-role"),
        ("somebody", "step-recorded", lambda case: a_step(case, "halt-failed", ON), "unknown-person"),
        (HALT, "step-recorded", lambda case: a_step(case, "halt-failed", date(2031, 1, 1)), "date-in-future"),
    ],
)  # fmt: skip
async def test_whoever_is_refused_hears_it_under_the_id_that_was_asked(person, name, asked, reason):
    rooms = await sent_to_halt()
    (known,) = rooms.known_to_halt()
    before = rooms.case_of(PUPIL)
    await rooms.command(name, by(person, asked(known)), ON + timedelta(days=20))
    (record,) = (
        one for one in rooms.said if one.topic == DECISIONS.name and b"decision-refused" in one.value
    )
    answer = event_from(record.value)
    assert (record.key, answer.data["case"], answer.data["reason"]) == (known, known, reason)
    assert before.id not in record.value.decode()
    after = rooms.case_of(PUPIL)
    assert (after.revision, after.track, after.terms) == (before.revision, before.track, before.terms)
    assert after.journal[-1].details.reason == reason


async def test_a_decision_under_the_id_of_justice_is_refused():
    rooms = await sent_to_halt()
    (known,) = rooms.known_to_halt()
    case = rooms.case_of(PUPIL)
    wanted = a_decision(known, case.revision, "care-meeting", motive="Anders besloten.")
    await rooms.command("decision-taken", {**wanted, "officer": OFFICER}, ON + timedelta(days=20))
    (answer,) = (event for event in rooms.on(DECISIONS.name) if event.name == "decision-refused")
    assert (answer.data["case"], answer.data["reason"]) == (known, "not-from-justice")
    assert rooms.case_of(PUPIL).track == "halt"


async def test_a_case_that_never_crossed_is_unknown_under_any_id_of_justice():
    rooms = await sent_to_halt(consent=(False, False))
    assert rooms.known_to_halt() == []
    known = crossed(rooms.case_of(PUPIL).id, "justice", JUSTICE_KEY)
    await rooms.command("step-recorded", by(HALT, a_step(known, "halt-failed", ON)), ON + timedelta(days=20))
    reasons = [event.data["reason"] for event in rooms.on(DECISIONS.name) if event.name == "decision-refused"]
    assert reasons == ["consent-missing", "unknown-case"]


async def test_the_result_of_halt_said_again_is_recorded_once():
    rooms = await sent_to_halt()
    (known,) = rooms.known_to_halt()
    for _ in range(2):
        await rooms.command("step-recorded", by(HALT, a_step(known, "halt-completed", ON)), ON)
    steps = [event for event in rooms.on(CASES.name) if event.name == "case-step-taken"]
    assert len(steps) == 1
