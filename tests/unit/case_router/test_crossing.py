"""Where a case event goes: the chain, the partners of its track, and across into justice only what may."""

from datetime import date, timedelta

import orjson

from aanwezig.case_router.crossing import JUSTICE_FIELDS, PARTNER_FIELDS, event_of, to_justice, to_partners
from aanwezig.case_router.saying import Voice
from aanwezig.contracts.identifiers import crossed, derived_id
from aanwezig.contracts.messages import CaseSaid
from aanwezig.contracts.topics import (
    CASES,
    CASES_CARE_MEETING,
    CASES_PREVENTION,
    CROSSINGS,
)
from support.case_desk import PUPIL, Desk
from support.chain_events import SCHOOL, a_signal

KEY = bytes(range(32))


def halt_decided():
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00")
    desk.decides("halt", consent=(True, True), motive="Dit past hier het beste.")
    return desk


def topics(events):
    return [[record.topic for record in Voice(KEY).records(event)] for event in events]


def test_an_event_has_an_id_that_case_revision_and_name_give():
    (opened, _) = Desk().hears("statutory")
    event = event_of(opened)
    assert event.id == derived_id("case-event", derived_id("case", PUPIL, "1"), "1", "case-opened")
    assert (event.source, event.sequence) == (
        "urn:nld:oin:00000099000000000000:systeem:aanwezig-case-router",
        1,
    )


def test_partners_hear_of_a_case_from_the_moment_it_is_on_their_track():
    desk = Desk()
    assert topics(desk.hears("statutory")) == [[CASES.name], [CASES.name, CASES_PREVENTION.name]]
    joined, routed, told = desk.hears("home-sitter")
    assert topics([joined, routed, told]) == [
        [CASES.name, CASES_PREVENTION.name],
        [CASES.name, CASES_CARE_MEETING.name],
        [CASES.name, CASES_CARE_MEETING.name],
    ]


def test_partners_hear_neither_of_a_proposal_for_force_nor_of_the_meldcode():
    desk = Desk()
    desk.hears("statutory")
    _, proposed = desk.hears("statutory", ordinal=2, hours="32.00")
    assert to_partners(proposed) == []
    *_, told = desk.hears("light", signals=[a_signal("safety")])
    assert (told.said.to, to_partners(told)) == ("meldcode-desk", [])


def test_partners_are_told_what_their_task_needs_and_nothing_else():
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00")
    desk.hears("lateness")
    desk.steps("first-contact")
    desk.decides("care-meeting", motive="Moeder belt elke dag over haar zoon.")
    desk.concludes("hulpverlening")
    told = [event for happened in desk.events for _, event in to_partners(happened)]
    assert {"case-track-decided", "case-finding-joined", "case-step-taken", "case-closed"} <= {
        one.name for one in told
    }
    for event in told:
        assert set(event.data) <= PARTNER_FIELDS
        assert event.data["actor"] in (
            {"kind": "rule", "id": "case-router"},
            {"kind": "person", "id": "officer"},
        )
        assert b"Moeder" not in event.as_bytes()
        assert b"halt" not in event.as_bytes()
    assert not {one.id for one in told} & {event_of(happened).id for happened in desk.events}


def test_partners_hear_nothing_of_the_term_to_decide():
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00")
    stagnated = [
        event for day in range(1, 60) for event in desk.closes(date(2024, 10, 1) + timedelta(days=day))
    ]
    timers = {event.said.timer for event in stagnated if event.name == "case-stagnated"}
    assert timers == {"decision", "first-contact"}
    assert {event.data["timer"] for one in stagnated for _, event in to_partners(one)} == {"first-contact"}


def test_nothing_crosses_into_justice_before_the_decision():
    desk = halt_decided()
    *before, decision = desk.events
    assert all(to_justice(event, KEY) == [] for event in before)
    assert [event.data["track"] for event in to_justice(decision, KEY)] == ["halt"]
    assert topics([decision]) == [[CASES.name, CROSSINGS.name]]


def test_what_crosses_has_its_own_pseudonyms_and_ids_and_only_what_is_allowed():
    desk = halt_decided()
    decision = desk.events[-1]
    (event,) = to_justice(decision, KEY)
    said = CaseSaid.model_validate(event.data)
    assert (said.case, said.pupil) == (crossed(desk.case.id, "justice", KEY), crossed(PUPIL, "justice", KEY))
    assert (said.track, said.school, said.municipality, said.status) == (
        "halt",
        SCHOOL,
        "0637",
        "in-progress",
    )
    assert (said.findings, said.motive, said.proposed.subject) == ([], None, "pupil")
    assert said.due == decision.said.due
    assert set(event.data) <= JUSTICE_FIELDS
    assert (event.causation, event.traceparent) == (None, None)
    text = orjson.dumps(event.as_json()).decode()
    chain = [PUPIL, desk.case.id, event_of(decision).id, *desk.case.findings, decision.cause.id, "Dit past"]
    assert not [known for known in chain if known in text]


def test_halt_hears_of_its_own_steps_and_of_no_others():
    desk = halt_decided()
    (referred,) = desk.steps("halt-referred")
    (event,) = to_justice(referred, KEY)
    assert event.data["step"] == "halt-referred"
    (joined,) = desk.hears("light", at=date(2024, 10, 20))
    (talked,) = desk.steps("talk-held")
    assert to_justice(joined, KEY) == to_justice(talked, KEY) == []


def test_a_proposal_for_a_police_report_stays_hidden_while_halt_runs():
    desk = halt_decided()
    failed, proposed = desk.steps("halt-failed")
    (event,) = to_justice(failed, KEY)
    assert (event.data["track"], event.data["proposed"]["track"]) == ("halt", "halt")
    assert to_justice(proposed, KEY) == []


def test_when_the_officer_decides_otherwise_halt_hears_that_the_case_is_withdrawn_from_it():
    desk = halt_decided()
    (decision,) = desk.decides("police-report", motive="Halt is niet gelukt.")
    withdrawn, decided = to_justice(decision, KEY)
    assert (withdrawn.name, withdrawn.data["status"], withdrawn.data["track"]) == (
        "case-withdrawn", "withdrawn", "halt",
    )  # fmt: skip
    assert (decided.name, decided.data["track"]) == ("case-track-decided", "police-report")
    assert withdrawn.id != decided.id
    assert withdrawn.data["case"] == decided.data["case"]


def test_without_the_key_nobody_can_make_the_pseudonyms():
    decision = halt_decided().events[-1]
    (mine,), (other,) = to_justice(decision, KEY), to_justice(decision, bytes(32))
    assert mine.data["pupil"] != other.data["pupil"]
    assert mine.id != other.id
