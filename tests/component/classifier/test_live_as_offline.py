"""However facts come, after each closed day and in the end that stands which the law finds offline of the same words."""

import asyncio
from collections import defaultdict
from copy import deepcopy
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.topics import FINDING_EVENTS
from support.classifying import a_store
from support.facts import (
    a_birth,
    a_leave,
    a_presence,
    a_residence,
    a_sick_report,
    absences,
    absent_on,
    an_absence,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.heard import Heard
from support.year_lived import Life
from support.years import Known, told_in_turn, years

pytestmark = [pytest.mark.engines, pytest.mark.slow]
CALM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
SIZES = st.lists(st.one_of(st.integers(1, 8), st.integers(1, 120)), min_size=1, max_size=4)
LITTLE = {"memory_words": 1_000, "memory_pupils": 100}


def comparable(known: Known) -> tuple:
    """What is known, to be compared. What is not counted at all may be told to a school or not."""
    there = {key: told for key, told in known.distances.items() if told["exact"] != "0"}
    return known.of_pupils, known.of_schools, there


def per_key(said) -> dict[tuple, list[bytes]]:
    """In order, what was said of each pupil on each topic, and of each date or month of a school in a partition.

    Not what the schools add up to: the partitions may come to them in any order.
    """
    by_key: dict[tuple, list[bytes]] = defaultdict(list)
    for one in said:
        data = event_from(one.value).data
        if one.key is not None and data.get("kind") != "silent-feed":
            about = (data.get(name) for name in ("pupil", "date", "month", "origin"))
            by_key[(one.topic, one.key, *about)].append(one.value)
    return dict(by_key)


def of_findings(said) -> bool:
    """Whether a finding is among what was said."""
    return any(event_from(one.value).name in FINDING_EVENTS for one in said)


async def a_year_goes_by(engines, year, sizes, seed) -> tuple[dict, dict]:
    """What stands live and what the law finds, after each closed day of each partition and in the end (None)."""
    closings, end = await year.expected()
    async with a_store(engines) as store:
        life = await Life(store, LITTLE).begin()
        said = await life.live(year, sizes, Random(seed))
    heard = Heard(year).listen(said)
    for kind in heard.kinds:
        event(kind)
    live = {closing: comparable(known) for closing, known in heard.at_closing.items()}
    offline = {closing: comparable(known) for closing, known in closings.items()}
    return live | {None: comparable(heard.now)}, offline | {None: comparable(end)}


@settings(CALM, max_examples=6)
@given(years(closings=st.sampled_from((5, 12, 40))), SIZES, st.integers(0, 2**16))
def test_after_each_closed_day_that_stands_which_the_law_finds(engines, year, sizes, seed):
    live, offline = asyncio.run(a_year_goes_by(engines, year, sizes, seed))
    assert live == offline


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(CALM, max_examples=200)
@given(years(closings=st.sampled_from((1, 2, 5, 12, 40))), SIZES, st.integers(0, 2**16))
def test_after_each_closed_day_of_many_years(engines, year, sizes, seed):
    live, offline = asyncio.run(a_year_goes_by(engines, year, sizes, seed))
    assert live == offline


async def a_stretch(engines, year, chosen):
    """Eight records of a year, best some among which something was said: first and last place, and all said till then."""
    stretches = year.stretches(8, chosen.randint(1, 8))
    async with a_store(engines) as store:
        life = await Life(store, {}).begin()
        said = await life.live_in(year, stretches)
        told = life.publisher.said
    talks = [at for at, much in enumerate(said) if at and of_findings(told[said[at - 1] : much])]
    at = chosen.choice(talks or range(len(stretches)))
    return *stretches[at], told[: said[at]]


async def every_split(engines, year, chosen, stretch=None) -> dict[int, tuple]:
    """Of eight records every split, what comes before them in batches of any size: those that say otherwise, and what."""
    otherwise: dict[int, tuple] = {}
    first, last, told = stretch or await a_stretch(engines, year, chosen)
    year = year.until(last)
    _, end = await year.expected()
    parts = year.records[first:]
    async with a_store(engines) as store:
        life = await Life(store, {}).begin()
        await life.live(year.until(first), [chosen.randint(1, 60)], chosen)
        before = await life.saved()
        until_then = Heard(year).listen(life.publisher.said)
        expected = per_key(told)
        for key, words in per_key(life.publisher.said).items():
            assert expected[key][: len(words)] == words
            del expected[key][: len(words)]
        expected = {key: words for key, words in expected.items() if words}
        for split in range(1 << (len(parts) - 1)):
            await life.back_to(before)
            batch = []
            for place, one in enumerate(parts):
                batch.append(one)
                if split >> place & 1 or place == len(parts) - 1:
                    await life.take(batch)
                    await life.pass_on(chosen.choice((None, 1)))
                    batch = []
            await life.pass_on()
            then = life.publisher.said[before["said"] :]
            now = comparable(deepcopy(until_then).listen(then).now)
            if per_key(then) != expected or now != comparable(end):
                otherwise[split] = (per_key(then), now)
    return otherwise


HOME = absent_on(weekdays_between("2024-09-02", "2024-10-11"))
BACK = [a_presence(on) for on in weekdays_between("2024-10-14", "2024-10-29")]
SICK = a_sick_report("2024-09-03")
CORRECTED = an_absence("2024-09-11", id="corrected", said=2)
STORIES = {
    "the tenth day of presence": [a_birth(), an_enrolment(), *HOME, *BACK],
    "days that close on a pupil who is at no school": [
        *(a_presence(on, pupil="other") for on in weekdays_between("2024-09-02", "2024-09-05")),
        a_residence("2024-08-01"), *(day("2024-08-27") + timedelta(days=number) for number in range(3)),
    ],
    "sixteen hours corrected, taken back and told again": [
        an_enrolment(), *absences("2024-09-10", 15), an_absence("2024-09-11"), a_presence("2024-09-11", said=3, id="present"),
        retracted(CORRECTED, said=4), a_leave("2024-09-10", "2024-09-10"), retracted(a_leave("2024-09-10", "2024-09-10")),
        an_absence("2024-09-11", said=5), a_birth("2001-01-01"), day("2024-09-11"),
    ],
    "a spell of sickness that ends late": [
        a_presence("2024-09-02"), SICK, *(day(f"2024-09-{number}") for number in (10, 11)),
        a_sick_report("2024-09-03", until="2024-09-05", said=2), a_sick_report("2024-09-03", said=3), retracted(SICK, said=4),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "story",
    [name if not at else pytest.param(name, marks=pytest.mark.long) for at, name in enumerate(STORIES)],
)
def test_every_split_of_the_last_eight_records_of_a_story_says_the_same(engines, story):
    async def split():
        year = told_in_turn(STORIES[story])
        count = len(year.records)
        async with a_store(engines) as store:
            alone = await Life(store, {}).begin()
            await alone.live_in(year, [(at, at + 1) for at in range(count)])
        told = alone.publisher.said
        assert of_findings(told)
        return await every_split(engines, year, Random(1), (count - 8, count, told))

    assert asyncio.run(split()) == {}


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(CALM, max_examples=60)
@given(years(closings=st.sampled_from((1, 2, 5, 12))), st.integers(0, 2**16))
def test_every_split_of_many_stretches_says_the_same(engines, year, seed):
    assert asyncio.run(every_split(engines, year, Random(seed))) == {}
