"""Presence measured live, over all partitions: the same as offline, whatever is corrected, batched or killed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.classifier.governance import Register
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.topics import PRESENCE
from support.classifying import (
    EVERYWHERE,
    PARTITIONS,
    RecordingPublisher,
    Topic,
    a_classifier,
    a_store,
    calendars_of,
    contents,
    event_of,
)
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_calendar,
    a_mark,
    a_presence,
    a_residence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
)
from support.memory import Faults
from support.presence import PERIODS, measured_of, offline, standing

pytestmark = pytest.mark.engines
PUPILS = [f"pupil-{number}" for number in range(6)]
SLOTS = {str(weekday): 2 for weekday in range(1, 6)}
CALENDAR = a_calendar(usual_slots=SLOTS)
MONDAY, TUESDAY = "2024-09-02", "2024-09-03"
MONTH = ("2024-09", ("school",))


class Live:
    """The handler of facts on a store, and everything it heard."""

    def __init__(self, classifier, publisher, calendars):
        self.classifier, self.publisher, self.calendars = classifier, publisher, calendars
        self.topic, self.heard = Topic(), []

    @classmethod
    async def on(cls, store, *calendars, register=None):
        publisher, desk = RecordingPublisher(), await calendars_of(*calendars)
        live = cls(await a_classifier(store, publisher, desk, register), publisher, desk)
        live.heard += calendars
        return live

    async def hear(self, *said, closes=()):
        words = each_its_own(said)
        self.heard += words
        await self.classifier.on_batch(
            [*self.topic.words(words), *(one for on in closes for one in self.topic.closes(on))]
        )

    async def hear_calendar(self, said):
        self.heard.append(said)
        await self.calendars.on_change("", event_of(said))
        await self.classifier.refresh(EVERYWHERE)

    def stands(self, periods=PERIODS):
        return standing(self.publisher.said, periods)

    def offline(self, as_of, periods=PERIODS):
        return offline(self.heard, periods, day(as_of))

    def said(self):
        return measured_of(self.publisher.said)


def each_its_own(said):
    """Words under ids of their own: those of the builders do not name the pupil."""
    flat = [one for item in said for one in (item if isinstance(item, list) else [item])]
    return [replace(one, id=f"{one.fact.pupil}/{one.id}") for one in flat]


def marks(on, pupils=PUPILS, state="present", **how):
    return [a_mark(on, state, pupil=pupil, **how) for pupil in pupils]


async def test_a_closed_day_is_measured_once_over_all_partitions(store):
    live = await Live.on(store, CALENDAR)
    await live.hear([an_enrolment("2024-09-01", pupil=pupil) for pupil in PUPILS], marks(MONDAY))
    assert live.said() == []  # the day is open
    await live.hear(marks(TUESDAY, PUPILS[:2]), closes=[MONDAY])
    assert len(live.said()) == PARTITIONS
    measured = live.stands()[MONTH][(SCHOOL,)]
    assert (measured.pupils, measured.recorded, measured.marks, measured.scheduled) == (6, 360, 6, 12)
    await live.hear(closes=[TUESDAY])
    measured = live.stands()[MONTH][(SCHOOL,)]
    assert (measured.pupils, measured.days, measured.recorded, measured.scheduled) == (6, 8, 480, 24)
    assert live.stands() == live.offline(TUESDAY)


async def test_a_day_without_lessons_says_nothing(store):
    live = await Live.on(store, CALENDAR)
    await live.hear([an_enrolment(MONDAY, pupil=pupil) for pupil in PUPILS], closes=["2024-09-06"])
    said = len(live.said())
    await live.hear(closes=["2024-09-07", "2024-09-08"])
    assert (said, len(live.said())) == (PARTITIONS, PARTITIONS)


async def test_a_late_word_is_said_with_the_open_day_and_by_the_partition_it_touches_alone(store):
    live = await Live.on(store, CALENDAR)
    enrolled = [an_enrolment("2024-09-01", pupil=pupil) for pupil in PUPILS]
    await live.hear(enrolled, marks(MONDAY), closes=["2024-09-06"])
    before = live.said()
    await live.hear(a_mark(MONDAY, "absent", pupil=PUPILS[0], said=2))
    assert live.said() == before
    await live.hear(closes=["2024-09-07"])
    (more,) = live.said()[len(before) :]
    assert (more.month, more.revision, more.rows[0].attended_minutes) == ("2024-09", 2, 60)
    assert live.stands() == live.offline("2024-09-07")


async def test_a_pupil_of_two_schools_and_two_homes_counts_once_in_what_holds_both(store):
    live = await Live.on(store, CALENDAR, a_calendar(school=OTHER_SCHOOL))
    pupil = PUPILS[0]
    homes = [a_residence("2020-01-01", "0637", pupil=pupil), a_residence("2024-09-10", "0599", pupil=pupil)]
    later = "2024-10-01"
    await live.hear(
        an_enrolment(MONDAY, pupil=pupil), an_enrolment(later, pupil=pupil, school=OTHER_SCHOOL), homes,
        a_presence(TUESDAY, pupil=pupil), a_presence("2024-09-12", pupil=pupil), closes=["2024-09-30"],
    )  # fmt: skip
    await live.hear(
        a_presence(later, pupil=pupil, school=OTHER_SCHOOL), a_presence(later, pupil=pupil), closes=[later]
    )
    stands = live.stands()
    assert stands == live.offline(later)
    assert {key: cell.pupils for key, cell in stands["2024-2025", ("municipality",)].items()} == {
        ("0637",): 1,
        ("0599",): 1,
    }
    assert stands["2024-2025", ()][()].pupils == 1
    # The mark in which it was counted is none: it is counted in the next one.
    await live.hear(a_mark(TUESDAY, "not-recorded", pupil=pupil, said=2), closes=["2024-10-02"])
    assert live.stands() == live.offline("2024-10-02")


async def test_the_municipality_of_the_school_stands_in_for_an_unknown_home(store):
    register = Register("nl-2024")
    await register.on_change(*a_school("0637"))
    live = await Live.on(store, CALENDAR, register=register)
    await live.hear(
        an_enrolment(MONDAY, pupil=PUPILS[0]), a_presence(MONDAY, pupil=PUPILS[0]), closes=[MONDAY]
    )
    assert [row.municipality for one in live.said() for row in one.rows] == ["0637"]
    await register.on_change(*a_school("0599"))
    await live.classifier.refresh(EVERYWHERE)
    assert set(live.stands()["2024-09", ("municipality",)]) == {("0599",)}
    said = len(live.said())
    await live.classifier.refresh(EVERYWHERE)
    assert len(live.said()) == said


def a_school(municipality):
    data = {"school": SCHOOL, "name": "De Proef", "type": "vo", "municipality": municipality}
    at = datetime(2024, 9, 2, 10, tzinfo=UTC)
    return f"school/{SCHOOL}", Event(f"register/{municipality}", "urn:x", "school-registered", at, data)


def a_story(seed):
    """Words of pupils of two schools in two school years, corrected in every way, and the days that close among them."""
    chosen = Random(seed)
    steps, on, number = [], day("2024-06-24"), 1
    while on < day("2024-11-20"):
        words = []
        for _ in range(chosen.randrange(9)):
            number += 1
            pupil, school = chosen.choice(PUPILS), chosen.choice((SCHOOL, SCHOOL, OTHER_SCHOOL))
            about = on - timedelta(days=chosen.choice((0, 0, 0, 0, 1, 2, 7, 30, 70)))
            words.append(_word(chosen, pupil, school, about, number))
        steps += [each_its_own(words), on]
        on += timedelta(days=chosen.choice((1, 1, 1, 2, 4, 9)))
    return steps


def _word(chosen, pupil, school, about, said):
    kind = chosen.choice(("mark",) * 9 + ("enrolment", "residence", "exemption"))
    how = {"pupil": pupil, "said": said}
    if kind == "enrolment":
        about = chosen.choice((about, about + timedelta(days=9)))
        until = about + timedelta(days=chosen.randrange(90)) if chosen.random() < 0.5 else None
        word = an_enrolment(about, school=school, until=until, **how)
    elif kind == "residence":
        word = a_residence(about, chosen.choice(("0637", "0599", None)), **how)
    elif kind == "exemption":
        word = an_exemption(about, about + timedelta(days=chosen.randrange(40)), **how)
    else:
        state = chosen.choice(("present", "present", "absent", "late", "not-recorded"))
        slot = chosen.choice(("lesson-1", "lesson-2"))
        word = a_mark(about, state, slot=slot, school=school, **how)
    return retracted(word, said=said) if chosen.random() < 0.15 else word


CALENDARS = [
    a_calendar("2023-08-01", "2024-07-31", usual_slots=SLOTS),
    a_calendar(usual_slots=SLOTS, holidays=[("2024-10-21", "2024-10-25")]),
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_live_is_as_offline_at_every_close_also_when_calendars_change(store, seed):
    live = await Live.on(store, *CALENDARS)
    chosen = Random(seed)
    changes = [
        a_calendar(school=OTHER_SCHOOL, said=2),
        a_calendar(usual_slots=SLOTS, weekdays=(1, 2, 4, 5), said=3),
        a_calendar("2023-08-01", "2024-07-31", usual_slots={**SLOTS, "1": 3}, said=4),
        retracted(a_calendar(school=OTHER_SCHOOL), said=5),
    ]
    for step in a_story(seed):
        if isinstance(step, list):
            await live.hear(step)
            continue
        await live.hear(closes=[step])
        if changes and chosen.random() < 0.1:
            await live.hear_calendar(changes.pop(0))
        if chosen.random() < 0.15:
            assert live.stands() == live.offline(step)
    for change in changes:
        await live.hear_calendar(change)
    assert live.stands() == live.offline(step)
    assert len(live.stands()["2024-2025", ("school", "month")]) > 4
    assert len(contents(live.publisher.said)) > PARTITIONS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_however_facts_are_batched_and_whatever_is_killed_the_same_is_said(engines, seed):
    steps, said = a_story(seed), []
    for killed in (False, True):
        async with a_store(engines) as store:
            said.append(await _lived(store, steps, Random(seed), killed=killed))
    words = [*CALENDARS, *(one for step in steps if isinstance(step, list) for one in step)]
    expected = offline(words, PERIODS, steps[-1])
    assert standing(said[0], PERIODS) == standing(said[1], PERIODS) == expected
    once, again = (contents(one for one in told if one.topic == PRESENCE.name) for told in said)
    assert once == again


async def _lived(store, steps, chosen, *, killed):
    """Everything said; where killed, in batches of other sizes, by processes that end after some acts."""
    topic, publisher, desk = Topic(), RecordingPublisher(), await calendars_of(*CALENDARS)
    records = [
        one for step in steps for one in (topic.words(step) if isinstance(step, list) else topic.closes(step))
    ]
    size = 5 if killed else 60
    batches = [
        sorted(records[at : at + size], key=lambda one: one.partition) for at in range(0, len(records), size)
    ]
    at, crashes = 0, [chosen.randrange(1, 70) for _ in range(14)] if killed else []
    while at < len(batches):
        faults = Faults(**{chosen.choice(("before", "after")): [crashes.pop()]}) if crashes else Faults()
        store.faults, publisher._faults = faults, faults
        try:
            classifier = await a_classifier(store, publisher, desk)
            while at < len(batches):
                await classifier.on_batch(batches[at])
                await classifier.refresh(EVERYWHERE)
                at += 1
        except Unavailable:
            at = max(0, at - chosen.randrange(3))
    assert not crashes
    return publisher.said
