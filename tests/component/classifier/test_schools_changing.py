"""What a silent school is told when what is known of it changes: calendars, packs, enrolments, late marks, owners."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from aanwezig.chassis.errors import OwnershipLost, Unavailable
from aanwezig.classifier.governance import Register
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.topics import SIGNALS
from aanwezig.law import packs
from support.classifying import (
    EVERYWHERE,
    RecordingPublisher,
    Topic,
    WatchedStore,
    a_classifier,
    a_store,
    calendars_of,
    contents,
)
from support.facts import SCHOOL, a_calendar, a_presence, an_enrolment, retracted
from support.feeding import FeedsTopic, Live, days, each_its_own, silent, some_schools
from support.memory import Faults

pytestmark = pytest.mark.engines
PUPILS = [f"pupil-{number}" for number in range(6)]
CALENDAR = a_calendar()
MONDAY, FRIDAY = "2024-09-02", "2024-09-06"
SAID = datetime(2024, 9, 20, 12, tzinfo=UTC)
NATIONAL = packs.load("nl-2024")
PATIENT = replace(
    NATIONAL, id="patient", silent_feed=replace(NATIONAL.silent_feed, threshold=Fraction(3)),
)  # fmt: skip
"""Two silent days are nothing yet."""
DEAF = replace(NATIONAL, id="deaf", kinds=tuple(kind for kind in NATIONAL.kinds if kind != "silent-feed"))


def versions(name):
    return [pack for pack in (NATIONAL, PATIENT, DEAF) if pack.id == name]


def municipality(code, *chosen):
    data = {"municipality": code, "packs": [{"pack": pack, "from": since} for pack, since in chosen]}
    return f"municipality/{code}", Event(
        f"{code}-{chosen}", "urn:test", "municipality-registered", SAID, data
    )


def school(code):
    data = {"school": SCHOOL, "name": "De Linde", "type": "vo", "municipality": code}
    return f"school/{SCHOOL}", Event(
        f"in-{code}", "urn:test", "school-registered", SAID - timedelta(days=1), data
    )


def enrolled(since=MONDAY, **how):
    return [an_enrolment(since, pupil=pupil, **how) for pupil in PUPILS]


async def test_a_schools_findings_follow_the_packs_of_its_municipality_and_nobody_elses(store):
    register = Register("nl-2024", versions=versions, now=lambda: SAID)
    live = await Live.on(store, CALENDAR, register=register)
    await live.beside(school("0637"))
    await live.hear(enrolled(), closes=days(MONDAY, "2024-09-03"))
    await live.hear([a_presence("2024-09-04", pupil=PUPILS[0])], closes=days("2024-09-04", "2024-09-10"))
    two_runs = [(MONDAY, "2"), ("2024-09-05", "4")]
    assert live.silent() == two_runs
    for changes, expected in (
        ([municipality("0150", ("patient", "2024-08-01"))], two_runs),
        ([municipality("0637", ("patient", "2024-08-01"))], two_runs[1:]),
        # From a date between the runs on: each run is governed by the pack of its first day.
        ([municipality("0637", ("patient", "2024-09-05"))], two_runs),
        ([municipality("0637", ("nl-2024", "2024-08-01"), ("deaf", "2024-09-05"))], two_runs[:1]),
        ([("municipality/0637", None)], two_runs),
        ([municipality("0637", ("deaf", "2024-08-01"))], []),
        ([school("0518")], two_runs),
        ([school("0150")], two_runs[1:]),
        ([(f"school/{SCHOOL}", None)], two_runs),
    ):
        await live.beside(*changes)
        assert live.silent() == expected
    # A run that was away comes back under its own name, with the next revision.
    assert per_finding(live) == in_order(live)
    assert len(per_finding(live)) == 2
    assert {row[0] for row in live.told()} == {"raised", "amended", "withdrawn"}


async def test_a_pack_chosen_while_nobody_ran_reaches_a_school_at_the_start_and_the_next_closed_day(store):
    live = await Live.on(store, CALENDAR, register=Register("nl-2024", versions=versions))
    await live.beside(school("0637"))
    await live.hear(enrolled(), closes=days(MONDAY, "2024-09-03"))
    assert live.silent() == [(MONDAY, "2")]
    register = Register("nl-2024", versions=versions, now=lambda: SAID)
    for record in (school("0637"), municipality("0637", ("patient", "2024-08-01"))):
        await register.on_change(*record)
    live.schools = await some_schools(store, live.publisher, live.calendars, register)
    await live.schools.refresh(EVERYWHERE)
    assert live.silent() == []
    live.classifier = await a_classifier(store, live.publisher, live.calendars, register)
    await live.hear(closes=["2024-09-04"])
    assert live.silent() == [(MONDAY, "3")]
    withdrawn = [event for event in signals(live) if event.name == "finding-withdrawn"]
    assert [event.causation for event in withdrawn] == ["0637-(('patient', '2024-08-01'),)"]
    assert [row[3] for row in live.told()] == [1, 2, 3, 4]


def signals(live):
    return [event_from(one.value) for one in live.publisher.said if one.topic == SIGNALS.name]


async def test_a_calendar_that_comes_late_changes_and_goes(store):
    live = await Live.on(store)
    await live.hear(enrolled(), closes=days(MONDAY, "2024-09-12"))
    assert live.silent() == []
    await live.hear([a_presence(on, pupil=PUPILS[3]) for on in ("2024-09-04", "2024-09-10")])
    for calendar, expected in (
        (a_calendar(said=2), [(MONDAY, "2"), ("2024-09-05", "3"), ("2024-09-11", "2")]),
        # The day with a mark between two runs is free now: one run, in the name of the first.
        (a_calendar(extra_free=["2024-09-04"], said=3), [(MONDAY, "5"), ("2024-09-11", "2")]),
        # An older word about the calendar comes after it.
        (a_calendar(extra_free=["2024-09-05"], said=1), [(MONDAY, "5"), ("2024-09-11", "2")]),
        (a_calendar(weekdays=(1, 2), said=4), [(MONDAY, "3")]),
        (retracted(a_calendar(said=4), said=5), []),
        (a_calendar(said=6), [(MONDAY, "2"), ("2024-09-05", "3"), ("2024-09-11", "2")]),
    ):
        await live.beside(calendar)
        assert live.silent() == expected
    await live.hear(closes=["2024-09-13"])
    assert live.silent()[-1] == ("2024-09-11", "3")


async def test_enrolments_begin_end_and_are_told_late_in_the_middle_of_a_run(store):
    live = await Live.on(store, CALENDAR)
    await live.hear([an_enrolment("2024-09-04", pupil=PUPILS[0])], closes=days(MONDAY, FRIDAY))
    assert live.silent() == [("2024-09-04", "3")]
    # Told late, of a pupil of another partition: the run begins earlier.
    await live.hear([an_enrolment("2024-09-03", pupil=PUPILS[1], until="2024-09-03")])
    assert live.silent() == [("2024-09-03", "4")]
    # Both end: nobody is expected any more, until somebody is.
    await live.hear([an_enrolment("2024-09-04", pupil=PUPILS[0], until="2024-09-05", said=2)])
    assert live.silent() == [("2024-09-03", "3")]
    await live.hear([an_enrolment("2024-09-10", pupil=PUPILS[2])], closes=days("2024-09-07", "2024-09-11"))
    assert live.silent() == [("2024-09-03", "3"), ("2024-09-10", "2")]
    await live.hear([retracted(an_enrolment("2024-09-04", pupil=PUPILS[0], said=2), said=3)])
    assert live.silent() == [("2024-09-03", "1"), ("2024-09-10", "2")]
    # Enrolled on all the days between: one run.
    await live.hear([an_enrolment("2024-09-03", pupil=PUPILS[1], said=4)])
    assert live.silent() == [("2024-09-03", "7")]


async def test_a_run_grows_is_cut_in_two_and_goes_from_both_ends(store):
    live = await Live.on(store, CALENDAR)
    await live.hear(enrolled(), closes=days(MONDAY, FRIDAY))
    assert live.told() == [
        ("raised" if number == 1 else "amended", MONDAY, str(number), number) for number in range(1, 6)
    ]
    steps = (
        ("2024-09-04", [(MONDAY, "2"), ("2024-09-05", "2")]),
        (MONDAY, [("2024-09-03", "1"), ("2024-09-05", "2")]),
        (FRIDAY, [("2024-09-03", "1"), ("2024-09-05", "1")]),
        ("2024-09-03", [("2024-09-05", "1")]),
        ("2024-09-05", []),
    )
    late = [a_presence(on, pupil=PUPILS[number]) for number, (on, _) in enumerate(steps)]
    for word, (_, expected) in zip(late, steps, strict=True):
        await live.hear([word])
        assert live.silent() == expected
    # Taken back one after the other: the same again.
    for number in range(len(steps) - 1, 0, -1):
        await live.hear([retracted(late[number])])
        assert live.silent() == steps[number - 1][1]
    assert per_finding(live) == in_order(live)


def per_finding(live):
    """The revisions said of each finding."""
    said = {}
    for event in signals(live):
        said.setdefault(event.data["finding"], []).append(event.data["revision"])
    return said


def in_order(live):
    return {name: list(range(1, len(rows) + 1)) for name, rows in per_finding(live).items()}


class Process:
    """One of two classifiers that share the partitions of both topics; it fails at an act when told to."""

    def __init__(self, store, heard, faults):
        self.store, self.faults = store, faults
        self.publisher = RecordingPublisher(faults)
        self.publisher.said = heard

    @classmethod
    async def on(cls, engines, name, heard, owned):
        process = cls(WatchedStore(engines.mongo_uri, name), heard, Faults())
        process.store.faults = process.faults
        desk = await calendars_of(CALENDAR)
        process.classifier = await a_classifier(process.store, process.publisher, desk)
        process.schools = await some_schools(process.store, process.publisher, desk)
        await process.owns(owned)
        return process

    async def owns(self, partitions):
        self.partitions = partitions
        for handler in (self.classifier, self.schools):
            await handler.on_assigned(partitions)

    def ends_at(self, act, *, done):
        """After so many more acts on the store or the broker it is gone; the last of them is done or not."""
        (self.faults._after if done else self.faults._before).add(self.faults._acts + act)

    def never_ends(self):
        """It was not gone after all."""
        self.faults._after, self.faults._before = set(), set()


class Shared:
    """Both topics, and how far each partition is committed."""

    def __init__(self, facts):
        self.facts, self.heard, self.arrived = facts, [], []
        self._feeds, self._committed = FeedsTopic(), {}

    async def work(self, process):
        """A process takes everything of its partitions that is not committed yet, in small batches."""
        await self._take(process, process.classifier, self.facts)
        self.arrived += self._feeds.of(self.heard)
        await self._take(process, process.schools, self.arrived)

    async def _take(self, process, handler, records):
        waiting = [
            one
            for one in records
            if one.partition in process.partitions
            and one.offset >= self._committed.get((one.topic, one.partition), 0)
        ]
        for at in range(0, len(waiting), 9):
            await handler.on_batch(sorted(waiting[at : at + 9], key=lambda one: one.partition))
            for one in waiting[at : at + 9]:
                self._committed[one.topic, one.partition] = one.offset + 1

    def from_the_start(self):
        """Another view of the same, of which nothing is committed."""
        again = Shared(self.facts)
        again.heard, again.arrived, again._feeds = self.heard, self.arrived, self._feeds
        return again


async def a_week_of_two(engines, store, act, *, done):
    """A silent week, of which the last day closes while one of two processes ends; the other takes its part over."""
    topic, name = Topic(), store._database.name
    facts = topic.words(each_its_own(enrolled()), each_its_own([a_presence(MONDAY, pupil=PUPILS[1])]))
    facts += [one for on in days(MONDAY, "2024-09-04") for one in topic.closes(on)]
    shared = Shared(facts)
    stays = await Process.on(engines, name, shared.heard, frozenset({2}))
    goes = await Process.on(engines, name, shared.heard, frozenset({0, 1}))
    try:
        for process in (stays, goes, stays, goes):
            await shared.work(process)
        facts += topic.closes("2024-09-05")
        await shared.work(stays)
        goes.ends_at(act, done=done)
        ended = await ends(shared, goes)
        await stays.owns(EVERYWHERE)
        await shared.work(stays)
        await shared.work(stays)
        goes.never_ends()
        with suppress(
            OwnershipLost
        ):  # who was taken for dead, and was not, says nothing that stands against it
            await shared.from_the_start().work(goes)
    finally:
        for process in (stays, goes):
            await process.store.close()
    return shared.heard, ended


async def ends(shared, process):
    try:
        await shared.work(process)
        await shared.work(process)
    except Unavailable:
        return True
    return False


@pytest.mark.parametrize("done", [True, False])
async def test_a_process_that_ends_while_a_day_closes_says_no_silent_school_twice(engines, done):
    act, ended = 0, True
    while ended:
        act += 1 if done else 2
        async with a_store(engines) as store:
            said, ended = await a_week_of_two(engines, store, act, done=done)
        told = [event_from(one.value) for one in said if one.topic == SIGNALS.name]
        by_id = {
            event.id: (event.name, event.data["revision"], event.data["measured"]["exact"]) for event in told
        }
        assert sorted(by_id.values()) == [
            ("finding-amended", 2, "2"), ("finding-amended", 3, "3"), ("finding-raised", 1, "1"),
        ]  # fmt: skip
        assert len({event.data["finding"] for event in told}) == 1
        assert silent(said) == {SCHOOL: [("2024-09-03", "3")]}
        contents(said)
    assert act > 6
