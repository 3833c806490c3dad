"""The handlers over any sequence of findings, days and commands: batches, redelivery and failures make no difference."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.case_router.handlers import DecisionsHandler, FindingsHandler, Shelves
from aanwezig.case_router.saying import Voice
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.identifiers import PLATFORM_SOURCE
from aanwezig.contracts.messages import CaseSaid, DecisionRefused
from aanwezig.contracts.topics import CASES, CASES_HALT, CASES_POLICE_REPORT, DECISIONS, FINDINGS
from aanwezig.law.calendar import Calendars
from support.case_desk import PUPIL, Desk
from support.chain_events import (
    a_decision,
    a_finding,
    a_signal,
    a_step,
    an_outcome,
    command_event,
    day_closed_event,
    finding_event,
)
from support.memory import Faults, MemoryCollection, MemoryPublisher
from support.people import people

KEY = bytes(range(32))
START = date(2024, 9, 16)
KINDS = ("statutory", "statutory", "statutory", "light", "lateness", "home-sitter", "returned")


@dataclass
class Room:
    """Both handlers over one store and one broker in memory."""

    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.publisher = MemoryPublisher(self.faults)
        self.collections = [MemoryCollection(self.faults) for _ in range(3)]
        dossiers, closed_days, refusals = (Shelf(one, self.publisher) for one in self.collections)
        shelves = Shelves(dossiers, closed_days, refusals, self.collections[0])
        voice = Voice(KEY)
        self.handlers = {
            FINDINGS.name: FindingsHandler(shelves, Calendars(), voice),
            DECISIONS.name: DecisionsHandler(shelves, Calendars(), voice, people()),
        }

    async def take(self, events: list[Event]) -> None:
        """One batch of one topic, tried again until it is done."""
        arrived = [Arrived(_topic(one), 3, 0, None, one.as_bytes(), one) for one in events]
        for _ in range(10):
            try:
                await self.handlers[_topic(events[0])].on_batch(arrived)
            except Unavailable:
                continue
            return
        raise AssertionError("never done")

    def said(self) -> list[tuple[str, str | None, bytes | None]]:
        """What was said, each record once, in the order it was first said."""
        return list(dict.fromkeys((one.topic, one.key, one.value) for one in self.publisher.said))

    def states(self):
        """What is kept, without the debts."""
        return [
            {key: (one["state"], one["x"]) for key, one in collection.documents.items()}
            for collection in self.collections
        ]


def _topic(event: Event) -> str:
    return FINDINGS.name if event.name.startswith(("finding-", "day-")) else DECISIONS.name


def _of_one_topic(events: list[Event]) -> list[list[Event]]:
    runs: list[list[Event]] = []
    for event in events:
        if runs and _topic(runs[-1][0]) == _topic(event):
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


@st.composite
def histories(draw) -> tuple[list[Event], Desk]:
    """A school year of one pupil: findings raised, amended and withdrawn, days closed, an officer at work."""
    desk, events, today = Desk(), [], START
    revisions: dict[tuple[str, int], int] = {}
    for number in range(draw(st.integers(1, 25))):
        act = draw(st.sampled_from(("finding", "finding", "day", "decision", "step", "outcome")))
        case = desk.dossier.cases[-1] if desk.dossier.cases else None
        if act == "finding":
            event = _a_word(draw, today, revisions)
        elif act == "day" or case is None:
            today += timedelta(days=draw(st.sampled_from((1, 2, 7, 15, 40))))
            event = day_closed_event(today)
        else:
            data = _a_command(draw, act, case, today)
            event = command_event(f"{act}-{_SUFFIX[act]}", data, command=f"c{number}", on=today)
        events.append(event)
        desk.takes(event)
    return events, desk


_SUFFIX = {"decision": "taken", "step": "recorded", "outcome": "recorded"}


def _a_word(draw, today, revisions) -> Event:
    kind, ordinal = draw(st.sampled_from(KINDS)), draw(st.integers(1, 3))
    revision = revisions.get((kind, ordinal), 0) + draw(st.integers(0, 2))
    revisions[kind, ordinal] = max(revision, 1)
    signals = draw(st.sampled_from(([], [], [], [a_signal("safety")], [a_signal("psychological")])))
    data = a_finding(
        PUPIL, kind, ordinal=ordinal, revision=max(revision, 1), at=today + timedelta(days=1),
        age=draw(st.sampled_from((11, 14, 15, 16, None))), hours=draw(st.sampled_from(("16.00", "60.01"))),
        signals=signals,
    )  # fmt: skip
    return finding_event(data, draw(st.sampled_from(("raised", "amended", "withdrawn"))))


def _a_command(draw, act, case, today):
    if act == "step":
        steps = (
            "talk-held",
            "meeting-held",
            "plan-evaluated",
            "help-refused",
            "halt-referred",
            "halt-failed",
        )
        return a_step(case.id, draw(st.sampled_from(steps)), today)
    if act == "outcome":
        return an_outcome(case.id)
    return a_decision(
        case.id, case.revision - draw(st.sampled_from((0, 0, 0, 1))) or 1,
        draw(st.sampled_from(("prevention", "care-meeting", "halt", "police-report"))),
        motive=draw(st.sampled_from(("Omdat het zo beter is.", None))), consent=(True, True),
    )  # fmt: skip


many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _cases_said(room: Room) -> list[tuple[str, CaseSaid]]:
    events = [event_from(value) for topic, _, value in room.said() if topic == CASES.name]
    return [
        (event.name, CaseSaid.model_validate(event.data)) for event in events if event.name != "day-closed"
    ]


def _apart(room: Room) -> tuple[list[bytes | None], list[bytes | None]]:
    days = [value for _, _, value in room.said() if event_from(value).name == "day-closed"]
    return [value for _, _, value in room.said() if value not in days], days


def _a_day_is_told_after_its_cases(room: Room) -> None:
    """Whatever the closing of a day brings about stands on the topic before the word that it is closed."""
    said = [event_from(value) for topic, _, value in room.said() if topic == CASES.name]
    told = {one.causation: place for place, one in enumerate(said) if one.name == "day-closed"}
    assert all(place <= told.get(one.causation, place) for place, one in enumerate(said))


@given(histories(), st.data())
@many
def test_where_a_batch_ends_makes_no_difference(history, data):
    events, desk = history

    async def run() -> tuple[Room, Room]:
        alone, together = Room(), Room()
        for event in events:
            await alone.take([event])
        for run in _of_one_topic(events):
            cut = data.draw(st.integers(0, len(run)))
            for batch in (run[:cut], run[cut:]):
                if batch:
                    await together.take(batch)
        return alone, together

    alone, together = asyncio.run(run())
    # Of one batch the days are told after its cases: never before them, whatever came between.
    assert _apart(alone) == _apart(together)
    for room in (alone, together):
        _a_day_is_told_after_its_cases(room)
    assert alone.states() == together.states()
    # A look at a day only where the index says so finds no less than a look at every case every day.
    assert _cases_said(alone) == [(event.name, event.said) for event in desk.events]


@given(histories(), st.data())
@many
def test_redelivery_of_any_suffix_changes_nothing(history, data):
    events, _ = history

    async def run() -> None:
        room = Room()
        for event in events:
            await room.take([event])
        said, states = room.said(), room.states()
        again = events[data.draw(st.integers(0, len(events))) :]
        for batch in _of_one_topic(again):
            await room.take(batch)
        assert room.said() == said
        assert room.states() == states

    asyncio.run(run())


@given(histories(), st.sets(st.integers(1, 20), max_size=4), st.sets(st.integers(1, 20), max_size=4))
@many
def test_a_failure_before_or_after_any_write_loses_and_doubles_nothing(history, before, after):
    events, _ = history

    async def run() -> None:
        calm, rough = Room(), Room(Faults(before, after))
        for batch in _of_one_topic(events):
            await calm.take(batch)
            await rough.take(batch)
        for handler in rough.handlers.values():
            await handler.on_assigned(frozenset({3}))
        assert sorted(rough.said(), key=repr) == sorted(calm.said(), key=repr)
        assert not any(
            one["owes"] for collection in rough.collections for one in collection.documents.values()
        )

    asyncio.run(run())


@given(histories())
@many
def test_what_always_holds_of_cases(history):
    events, desk = history

    async def run() -> Room:
        room = Room()
        for batch in _of_one_topic(events):
            await room.take(batch)
        return room

    room = asyncio.run(run())
    said = _cases_said(room)
    opened: set[str] = set()
    decided: set[tuple[str, str]] = set()
    for name, one in said:
        if name == "case-track-decided" and one.actor.kind == "person":
            decided.add((one.case, one.track or ""))
        if one.track in {"halt", "police-report"}:
            assert (one.case, one.track) in decided, "force without a decision"
        (opened.discard if one.status in {"closed", "taken-note", "withdrawn"} else opened.add)(one.case)
        assert len(opened) <= 1, "two open cases of one pupil"
    for case in {one.case for _, one in said}:
        assert [one.revision for _, one in said if one.case == case] == list(
            range(1, sum(one.case == case for _, one in said) + 1)
        )
    ids = [event_from(value).id for topic, _, value in room.said() if topic == CASES.name]
    assert len(ids) == len(set(ids))
    justice = [
        value for topic, _, value in room.said() if topic in {CASES_HALT.name, CASES_POLICE_REPORT.name}
    ]
    assert not justice or decided & {
        (case, track) for case, track in decided if track in {"halt", "police-report"}
    }
    assert all(PUPIL.encode() not in (value or b"") for value in justice)
    open_case = desk.dossier.open_case
    if open_case is not None:
        assert all(not term.told or term.due is not None for term in open_case.terms)


async def test_a_command_about_no_case_is_refused_once_for_all_even_when_the_case_comes_later():
    room, desk = Room(), Desk()
    desk.hears("statutory")
    early = command_event(
        "decision-taken", a_decision(desk.case.id, 2, "prevention"), command="early", on=START
    )
    await room.take([early])
    await room.take([finding_event(a_finding(PUPIL))])
    await room.take([early])
    (refusal,) = [event_from(value) for topic, _, value in room.said() if topic == DECISIONS.name]
    said = DecisionRefused.model_validate(refusal.data)
    assert (said.case, said.command, said.reason) == (desk.case.id, "early", "unknown-case")
    assert refusal.causation == "early"
    assert {one.actor.kind for _, one in _cases_said(room)} == {"rule"}


async def test_a_day_whose_effects_could_not_be_written_is_not_closed_yet():
    room = Room()
    await room.take([finding_event(a_finding(PUPIL, at=date(2024, 10, 1)))])
    room.collections[0].faults = Faults(before={1})
    await room.take([day_closed_event(date(2024, 10, 8))])
    assert _cases_said(room)[-1][0] == "case-stagnated"


async def test_what_is_no_command_is_refused_and_its_own_refusals_are_passed_over():
    room = Room()
    await room.take([command_event("decision-taken", {"case": "c", "track": "jail"}, command="x", on=START)])
    (refusal,) = [event_from(one.value) for one in room.publisher.said]
    assert DecisionRefused.model_validate(refusal.data).reason == "not-the-contract"
    await room.take([refusal])
    assert len(room.publisher.said) == 1


@pytest.mark.parametrize("event", [
    finding_event(a_finding(PUPIL) | {"kind": None}),
    Event("x", "urn:nld:oin:00000099000000000000", "weather-changed", day_closed_event(START).time, {}),
])  # fmt: skip
async def test_a_record_that_is_no_finding_is_never_processable(event):
    arrived = Arrived(FINDINGS.name, 0, 0, PUPIL, event.as_bytes(), event)
    with pytest.raises(Unprocessable):
        await Room().handlers[FINDINGS.name].on_batch([arrived])


async def test_a_day_closes_in_a_partition_only_when_every_origin_has_spoken():
    room = Room()
    await room.take([finding_event(a_finding(PUPIL, at=date(2024, 10, 1)))])
    before = len(room.said())
    await room.take([day_closed_event(date(2024, 10, 8), origin=0, origins=2)])
    assert len(room.said()) == before
    await room.take([day_closed_event(date(2024, 10, 8), origin=1, origins=2)])
    said = [event_from(value).name for _, _, value in room.said()[before:]]
    assert said == ["case-stagnated", "case-stagnated", "day-closed"]


async def test_a_closed_day_is_told_to_every_partition_of_the_cases_under_one_id_whoever_spoke_last():
    rooms = Room(), Room()
    words = [day_closed_event(date(2024, 10, 8), origin, origins=2) for origin in (0, 1)]
    close = {"causation": "the-close", "time": words[0].time}
    for room, order in zip(rooms, (words, words[::-1]), strict=True):
        await room.take([replace(one, **close) for one in order])
    told, again = ([one for one in room.publisher.said if one.topic == CASES.name] for room in rooms)
    assert told == again
    assert [(one.partition, one.key) for one in told] == [
        (number, None) for number in range(CASES.partitions)
    ]
    (event,) = {event_from(one.value).id: event_from(one.value) for one in told}.values()
    assert (event.data, event.causation, event.time, event.source) == (
        {"date": "2024-10-08", "origin": 3, "origins": FINDINGS.partitions}, "the-close", words[0].time,
        f"{PLATFORM_SOURCE}-case-router",
    )  # fmt: skip


async def test_a_date_said_again_or_an_earlier_one_is_not_told_again():
    room = Room()
    for day in (8, 8, 7):
        await room.take([day_closed_event(date(2024, 10, day))])
    assert len(room.publisher.said) == CASES.partitions
    await room.take([day_closed_event(date(2024, 10, 10))])
    assert [event_from(value).data["date"] for _, _, value in room.said()] == ["2024-10-08", "2024-10-10"]


async def test_a_day_that_was_kept_and_not_told_is_told_by_the_next_owner_after_what_its_cases_owe():
    room = Room(Faults(before={4}))
    arrived = [finding_event(a_finding(PUPIL, at=date(2024, 10, 1))), day_closed_event(date(2024, 10, 8))]
    handler = room.handlers[FINDINGS.name]
    with pytest.raises(Unavailable):
        await handler.on_batch([Arrived(FINDINGS.name, 3, 0, None, one.as_bytes(), one) for one in arrived])
    assert "day-closed" not in {event_from(value).name for _, _, value in room.said()}
    await handler.on_assigned(frozenset({3}))
    assert event_from(room.said()[-1][2]).name == "day-closed"
