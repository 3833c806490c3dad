"""Silent schools, over all partitions: found by what the owners of facts say, and the same as offline."""

import json
from datetime import date, timedelta
from random import Random

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.cli.offline import Facts
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.topics import FEEDS
from aanwezig.law import packs
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
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.feeding import FeedsTopic, Live, days, each_its_own, silent, some_schools
from support.memory import Faults

pytestmark = pytest.mark.engines
PUPILS = [f"pupil-{number}" for number in range(6)]
CALENDAR = a_calendar()
ENROLLED = [an_enrolment("2024-08-01", pupil=pupil) for pupil in PUPILS]
MONDAY, TUESDAY = "2024-09-02", "2024-09-03"


def marks(on, pupils=PUPILS, **how):
    return [a_presence(on, pupil=pupil, **how) for pupil in pupils]


async def test_a_school_of_many_partitions_goes_silent_and_one_mark_of_one_pupil_prevents_it(store):
    live = await Live.on(store, CALENDAR)
    await live.hear(ENROLLED, closes=days("2024-08-01", "2024-08-30"))
    assert live.silent() == [("2024-08-01", "22")]
    await live.hear(marks(MONDAY), closes=[MONDAY])
    await live.hear(marks(TUESDAY, PUPILS[4:5]), closes=days(TUESDAY, "2024-09-05"))
    assert live.silent() == [("2024-08-01", "22"), ("2024-09-04", "2")]
    # Late marks, of a pupil in yet another partition: the run is cut, and what is left of it keeps its name.
    await live.hear(marks("2024-09-04", PUPILS[2:3]))
    assert live.silent() == [("2024-08-01", "22"), ("2024-09-05", "1")]
    await live.hear([a_presence(on, pupil=PUPILS[0]) for on in weekdays_between("2024-08-01", "2024-08-30")])
    assert live.silent() == [("2024-09-05", "1")]


async def test_a_correction_of_the_only_mark_makes_a_silent_day_and_another_mark_ends_it(store):
    live = await Live.on(store, CALENDAR)
    only, other = a_presence(MONDAY, pupil=PUPILS[1]), a_presence(MONDAY, pupil=PUPILS[1], slot="lesson-2")
    await live.hear(an_enrolment(MONDAY, pupil=PUPILS[1]), only, other, closes=[MONDAY])
    assert live.silent() == []
    await live.hear(a_mark(MONDAY, "not-recorded", pupil=PUPILS[1], said=2))
    assert live.silent() == []  # the second lesson is a mark too
    await live.hear(retracted(other))
    assert live.silent() == [(MONDAY, "1")]
    # An older word about a slot that was unsaid since is none; a newer one is.
    await live.hear(a_presence(MONDAY, pupil=PUPILS[1], at=only.time - timedelta(minutes=1), id="older"))
    assert live.silent() == [(MONDAY, "1")]
    await live.hear(a_presence(MONDAY, pupil=PUPILS[1], said=9))
    assert live.silent() == []


async def test_another_pupil_of_the_same_partition_is_a_witness_after_a_restart(store):
    live = await Live.on(store, CALENDAR)
    first, second = PUPILS[0], PUPILS[PARTITIONS]  # of one partition
    await live.hear(ENROLLED, marks(MONDAY, PUPILS[: PARTITIONS + 1]))
    assert len({one.partition for one in live.topic.words(marks(TUESDAY, [first, second]))}) == 1
    again = await a_classifier(store, live.publisher, live.calendars)
    live.classifier = again
    unsaid = [a_mark(MONDAY, "not-recorded", pupil=pupil, said=2) for pupil in PUPILS[1:PARTITIONS]]
    await live.hear(unsaid, a_mark(MONDAY, "not-recorded", pupil=first, said=2), closes=[MONDAY])
    assert live.silent() == [("2024-08-01", "22")]
    await live.hear(a_mark(MONDAY, "not-recorded", pupil=second, said=2))
    assert live.silent() == [("2024-08-01", "23")]


async def test_a_calendar_makes_and_takes_away_silent_days(store):
    live = await Live.on(store)
    await live.hear(an_enrolment(MONDAY), closes=days(MONDAY, "2024-09-06"))
    assert live.silent() == []  # nobody knows when this school has lessons
    for calendar, expected in (
        (a_calendar(said=2), [(MONDAY, "5")]),
        (a_calendar(holidays=[(MONDAY, TUESDAY)], said=3), [("2024-09-04", "3")]),
        (retracted(a_calendar(said=3), said=4), []),
    ):
        await live.calendars.on_change("", event_of(calendar))
        await live.schools.refresh(EVERYWHERE)
        assert live.silent() == expected


async def test_a_day_is_closed_when_every_origin_has_spoken(store):
    live = await Live.on(store, CALENDAR)
    await live.hear(an_enrolment(MONDAY))
    *all_but_one, last = live.topic.closes(MONDAY)
    await live.classifier.on_batch(all_but_one)
    await live.pass_on()
    assert live.silent() == []
    await live.classifier.on_batch([last])
    await live.pass_on()
    assert live.silent() == [(MONDAY, "1")]


async def test_one_mark_a_day_is_said_of_a_school_in_a_partition(store):
    live = await Live.on(store, CALENDAR)
    await live.hear(ENROLLED, marks(MONDAY), marks(MONDAY, slot="lesson-2"), marks(TUESDAY))
    said = [event_from(one.value) for one in live.publisher.said if one.topic == FEEDS.name]
    told = [(one.data["date"], one.data["origin"]) for one in said if one.name == "feed-marked"]
    assert sorted(told) == [(on, origin) for on in (MONDAY, TUESDAY) for origin in range(PARTITIONS)]
    assert sum(one.name == "feed-enrolled" for one in said) == len(PUPILS)


def a_story(seed):
    """Words of pupils of two schools over three weeks, with corrections, and the days that close among them."""
    chosen = Random(seed)
    steps, said = [], []
    for pupil in PUPILS:
        school = chosen.choice((SCHOOL, OTHER_SCHOOL))
        if chosen.random() < 0.7:
            start = day("2024-09-02") + timedelta(days=chosen.randrange(12))
            until = start + timedelta(days=chosen.randrange(20)) if chosen.random() < 0.4 else None
            said.append(an_enrolment(start, pupil=pupil, school=school, until=until))
    steps.append(each_its_own(said))
    number = 1
    for on in days(MONDAY, "2024-09-20"):
        words = []
        for _ in range(chosen.randrange(5)):
            number += 1
            about = on - timedelta(days=chosen.choice((0, 0, 0, 1, 2, 7)))
            state = chosen.choice(("present", "present", "absent", "late", "not-recorded"))
            how = {
                "pupil": chosen.choice(PUPILS),
                "school": chosen.choice((SCHOOL, OTHER_SCHOOL)),
                "said": number,
            }
            mark = a_mark(about, state, slot=chosen.choice(("lesson-1", "lesson-2")), **how)
            words.append(retracted(mark, said=number) if chosen.random() < 0.2 else mark)
        steps += [each_its_own(words), on]
    return [a_calendar(), a_calendar(school=OTHER_SCHOOL, holidays=[("2024-09-09", "2024-09-10")])], steps


def offline(calendars, steps, as_of):
    """What `classify` finds of the same words: it reads them after they were submitted."""
    facts = Facts()
    words = [*calendars, *(one for step in steps if isinstance(step, list) for one in step)]
    for one in words:
        said = event_of(one).as_json()
        if pupil := said["data"].get("pupil"):
            said["data"]["pupil"] = {"local": pupil}
        school = said["data"]["school"]
        said["source"] = school_source(school[:4])
        assert facts.take(json.dumps(said).encode()) == []
    found = {}
    for one in facts.findings(packs.load("nl-2024"), as_of):
        if one["kind"] == "silent-feed":
            found.setdefault(one["school"], []).append((one["at"], one["measured"]["exact"]))
    return {school: sorted(runs) for school, runs in found.items()}


def records_of(topic, steps):
    return [
        one for step in steps for one in (topic.words(step) if isinstance(step, list) else topic.closes(step))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_live_is_as_offline_however_facts_are_batched_and_whatever_is_killed(engines, seed):
    calendars, steps = a_story(seed)
    said = []
    for killed in (False, True):
        async with a_store(engines) as store:
            said.append(await _lived(store, calendars, steps, Random(seed), killed=killed))
    expected = offline(calendars, steps, date(2024, 9, 20))
    assert silent(said[0]) == silent(said[1]) == expected
    assert expected
    assert contents(one for one in said[0] if one.topic == FEEDS.name) == contents(
        one for one in said[1] if one.topic == FEEDS.name
    )
    assert contents(said[1])


async def _lived(store, calendars, steps, chosen, *, killed):
    """Everything said; where killed, in batches of other sizes, by processes that end after some acts."""
    records, publisher = records_of(Topic(), steps), RecordingPublisher()
    feeds, desk = FeedsTopic(), await calendars_of(*calendars)
    size = 7 if killed else 40
    batches = [
        sorted(records[at : at + size], key=lambda one: one.partition) for at in range(0, len(records), size)
    ]
    at = heard = 0
    arrived = []
    crashes = [chosen.randrange(1, 60) for _ in range(8)] if killed else []
    while at < len(batches) or heard < len(arrived):
        faults = Faults(**{chosen.choice(("before", "after")): [crashes.pop()]}) if crashes else Faults()
        store.faults, publisher._faults = faults, faults
        try:
            classifier = await a_classifier(store, publisher, desk)
            schools = await some_schools(store, publisher, desk)
            while at < len(batches) or heard < len(arrived):
                if at < len(batches):
                    await classifier.on_batch(batches[at])
                    at += 1
                arrived += feeds.of(publisher.said)
                while heard < len(arrived):
                    await schools.on_batch(arrived[heard : heard + 30])
                    heard = min(heard + 30, len(arrived))
                arrived += feeds.of(publisher.said)
        except Unavailable:
            arrived += feeds.of(publisher.said)
            at, heard = max(0, at - chosen.randrange(3)), max(0, heard - chosen.randrange(40))
    return publisher.said
