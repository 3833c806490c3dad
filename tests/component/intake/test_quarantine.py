"""What the quarantine keeps, for whom there is room, and who waits for whom."""

import asyncio
from datetime import UTC, datetime

import pytest

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.quarantine import Wanted
from support.submitted import a_mark_said, a_school_event, a_system_event

pytestmark = pytest.mark.engines


def bad(id_, **how):
    return a_mark_said(id=id_, minutes=900, **how)


async def entries(world, **wanted):
    return await world.quarantine.entries("test", Wanted(**wanted), 100)


def is_full(receipt):
    return "quarantine-full" in {error.code.value for error in receipt.errors}


async def test_a_careless_school_leaves_room_for_the_other_schools_of_its_system(world):
    await world.senders.on_change("school/25PL01", a_school_event("25PL01"))
    await world.senders.on_change("system/test", a_system_event(schools=("25PL00", "25PL01")))
    world.limit, world.school_limit = 4, 2
    careless = await world.admit(*(bad(f"a-{number}") for number in range(4)))
    assert [is_full(receipt) for receipt in careless] == [False, False, True, True]
    other = await world.admit(*(bad(f"b-{number}", school="25PL01") for number in range(3)))
    assert [is_full(receipt) for receipt in other] == [False, False, True]
    (nowhere,) = await world.admit({"id": "c"})
    assert is_full(nowhere), "the system has no room left"


async def test_a_large_row_takes_its_room_from_its_school(world):
    world.school_limit = 3
    large = bad("1", more={"x": "a" * 150_000})
    first, second = await world.admit(large, bad("2"))
    assert (is_full(first), is_full(second)) == (False, True)


async def test_a_row_that_comes_again_elsewhere_is_told_where_it_came_last(world):
    await world.admit(bad("1"), bad("2"), file="monday.csv")
    await world.admit(bad("2"), file="tuesday.csv", first=9, later=60)
    assert [(entry.about.row_id, entry.row) for entry in await entries(world, file="monday.csv")] == [
        ("1", 1)
    ]
    (moved,) = await entries(world, file="tuesday.csv")
    assert (moved.about.file, moved.about.row_id, moved.row) == ("tuesday.csv", "2", 9)
    assert await world.collection("quarantine").count({}) == 2


async def test_a_row_that_comes_the_same_way_every_night_is_kept_from_the_last_night_on(world):
    await world.admit(bad("1"), file="nightly.csv")
    (first,) = await entries(world)
    await world.admit(bad("1"), file="nightly.csv", later=60)
    (same,) = await entries(world)
    assert same.ends == first.ends, "less than a day later nothing is written"
    await world.admit(bad("1"), file="nightly.csv", later=2 * 24 * 60)
    (later,) = await entries(world)
    assert (later.at, (later.ends - first.ends).days) == (first.at, 2)


async def test_what_is_wrong_with_a_row_now_is_told_when_it_comes_again(world):
    row = a_mark_said(id="1", school="25PL07")
    await world.admit(row)
    await world.senders.on_change("school/25PL07", a_school_event("25PL07"))
    await world.admit(row, later=60)
    (entry,) = await entries(world)
    assert [error.code.value for error in entry.errors] == ["school-not-yours"]
    assert [entry.id for entry in await entries(world, code="school-not-yours")] == [entry.id]


async def test_what_an_id_was_used_for_corrects_no_other_message_under_it(world):
    await world.admit(a_mark_said(id="1"))
    await world.admit(a_mark_said(id="1", state="present"), later=1)
    await world.admit(a_mark_said(id="1"), later=2)
    assert [entry.state for entry in await entries(world)] == ["open"]


async def test_what_is_wrong_now_is_told_of_open_rows_of_that_system_alone(world):
    await world.admit(bad("1"), bad("2"))
    one, two = await entries(world)
    await world.quarantine.discard("test", two.id, "no such lesson", datetime.now(UTC))
    now = (Refusal("school", Code.SCHOOL_UNKNOWN),)
    await world.quarantine.judged_anew("gemeente", {one.id: now})
    await world.quarantine.judged_anew("test", {two.id: now})
    for id_ in (one.id, two.id):
        entry, _ = await world.quarantine.entry("test", id_)
        assert [error.code.value for error in entry.errors] == ["out-of-range"]
    await world.quarantine.judged_anew("test", {one.id: now})
    assert [entry.errors for entry in await entries(world)] == [now]


async def test_a_discarded_row_takes_no_room(world):
    world.limit = 1
    await world.admit(bad("1"))
    (entry,) = await entries(world)
    assert await world.quarantine.discard("test", entry.id, "no such lesson", datetime.now(UTC))
    assert not await world.quarantine.discard("test", entry.id, "again", datetime.now(UTC))
    (receipt,) = await world.admit(bad("2"))
    assert not is_full(receipt)


class Slow:
    """A collection that holds on to whoever counts the rows of one system."""

    def __init__(self, part, system):
        self._part = part
        self._system = system
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._part, name)

    async def count(self, query):
        if query["system"] == self._system:
            self.reached.set()
            await self.go_on.wait()
        return await self._part.count(query)


async def test_a_slow_request_with_bad_rows_holds_no_other_system_and_no_good_rows_of_its_own(world):
    admission = world.intake()
    slow = world.quarantine._collection = Slow(world.quarantine._collection, "test")
    sloppy = asyncio.create_task(world.admit(bad("1"), admission=admission))
    try:
        async with asyncio.timeout(10):
            await slow.reached.wait()
            (other,) = await world.admit({"id": "1"}, key="key-0637", admission=admission)
            (good,) = await world.admit(a_mark_said(id="2"), admission=admission)
        assert (other.outcome, good.outcome, sloppy.done()) == ("refused", "accepted", False)
    finally:
        slow.go_on.set()
        (receipt,) = await sloppy
    assert receipt.outcome == "refused"
