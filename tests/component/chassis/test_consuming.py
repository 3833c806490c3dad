"""The batch consumer on a real broker: at least once, in order, nothing lost, one child's trouble nobody else's."""

import asyncio

import pytest

from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.publishing import Outgoing
from support.bench import Remembering, an_event

pytestmark = pytest.mark.engines


async def test_a_batch_is_committed_after_it_was_handled_and_not_handled_again(bench):
    first, second = Remembering(), Remembering()
    await bench.say(*map(an_event, range(5)))
    async with bench.consumer(first):
        await first.until(*range(5))
        await bench.until_committed(5)
    await bench.say(an_event(5))
    async with bench.consumer(second):
        await second.until(5)
    assert first.numbers == [0, 1, 2, 3, 4]
    assert second.numbers == [5]


async def test_a_failing_batch_is_not_committed_by_a_later_good_one(bench):
    handler = Remembering()
    away = {"now": True}
    handler.trouble = lambda one: Unavailable("x") if one.partition == 0 and away["now"] else None
    await bench.say(an_event(0), partition=0)
    async with bench.consumer(handler, patience_seconds=0.3):
        async with asyncio.timeout(20):
            while handler.forgot < 3:
                await asyncio.sleep(0.05)
        await bench.say(an_event(1), partition=0)
        assert await bench.committed(0) == 0
        away["now"] = False
        await handler.until(0, 1)
        await bench.until_committed(2)
    assert sorted(set(handler.numbers)) == [0, 1]
    assert handler.numbers.index(0) < handler.numbers.index(1)


async def test_what_is_no_event_is_parked_and_the_rest_goes_on(bench):
    handler = Remembering()
    await bench.publisher.say([Outgoing(bench.topic, "poison", b"{not json", 0)])
    await bench.publisher.say([Outgoing(bench.topic, "tomb", None, 0)])
    await bench.say(an_event(7), key="good")
    async with bench.consumer(handler):
        await handler.until(7)
        await bench.until_committed(3)
    rows = await bench.store.collection("parked").find({}, sort=[("offset", 1)])
    assert [(row["offset"], row["reason"], row["value"]) for row in rows] == [
        (0, "not-the-contract", b"{not json"), (1, "not-the-contract", None),
    ]  # fmt: skip


async def test_a_header_no_one_can_read_loses_nothing(bench):
    handler = Remembering()
    event = an_event(3)
    await bench.publisher.say([Outgoing.event(bench.topic, "k", event, 0)], headers=[("bad", b"\xff\xfe")])
    async with bench.consumer(handler):
        await handler.until(3)
    assert handler.numbers == [3]


async def test_one_childs_parked_record_parks_its_later_ones_and_nobody_elses(bench):
    handler = Remembering()
    handler.trouble = lambda one: Unprocessable("no-sense") if one.event.data["n"] == 1 else None
    await bench.say(an_event(0), an_event(1), an_event(2), key="ill")
    await bench.say(an_event(10), an_event(11), key="well")
    async with bench.consumer(handler):
        await handler.until(0, 10, 11)
        await bench.until_committed(5)
    async with bench.consumer(again := Remembering()):
        await bench.say(an_event(3), key="ill")
        await bench.say(an_event(12), key="well")
        await again.until(12)
        await bench.until_committed(7)
    assert sorted(set(handler.numbers)) == [0, 10, 11]
    assert again.numbers == [12]
    rows = await bench.store.collection("parked").find({}, sort=[("offset", 1)])
    assert [(row["offset"], row["reason"]) for row in rows] == [
        (1, "unprocessable"),
        (2, "behind"),
        (5, "behind"),
    ]


async def test_a_bug_is_tried_a_bounded_number_of_times_then_parked(bench):
    tries = []

    def fails(one):
        if one.event.data["n"] == 1:
            tries.append(one)
            return ZeroDivisionError()
        return None

    handler = Remembering()
    handler.trouble = fails
    await bench.say(an_event(0), key="a")
    await bench.say(an_event(1), key="b")
    await bench.say(an_event(2), key="c")
    async with bench.consumer(handler):
        await handler.until(0, 2)
        await bench.until_committed(3)
    assert 3 <= len(tries) <= 6
    (row,) = await bench.store.collection("parked").find({})
    assert (row["reason"], row["error"]) == ("unexpected", "ZeroDivisionError")


async def test_past_the_budget_the_service_stops_and_says_so(bench):
    handler = Remembering()
    handler.trouble = lambda one: Unprocessable("no-sense") if one.event.data["n"] < 3 else None
    for number in range(5):
        await bench.say(an_event(number), key=f"child-{number}")
    async with bench.consumer(handler, parking_budget=2) as consumer:
        async with asyncio.timeout(30):
            while consumer.why_not_live() is None:
                await asyncio.sleep(0.05)
        assert consumer.why_not_live() == "the parking budget is spent"
        assert await bench.committed() == 0
    assert handler.numbers == []


async def test_what_is_owed_is_settled_before_the_first_batch_and_when_nothing_comes(bench):
    handler = Remembering()
    async with bench.consumer(handler) as consumer:
        async with asyncio.timeout(20):
            while not consumer.owned:
                await asyncio.sleep(0.05)
        await consumer.settle_when_idle()
        assert handler.assigned == [frozenset({0, 1})]


async def test_a_second_instance_takes_half_and_nothing_is_handled_twice(bench):
    one, two = Remembering(), Remembering()
    async with bench.consumer(one, instance="0"):
        for number in range(0, 40, 2):
            await bench.say(an_event(number), partition=0)
            await bench.say(an_event(number + 1), partition=1)
        await one.until(*range(40))
        async with bench.consumer(two, instance="1") as joined:
            async with asyncio.timeout(20):
                while not joined.owned:
                    await asyncio.sleep(0.05)
            for number in range(40, 80, 2):
                await bench.say(an_event(number), partition=0)
                await bench.say(an_event(number + 1), partition=1)
            async with asyncio.timeout(20):
                while len(one.numbers) + len(two.numbers) < 80:
                    await asyncio.sleep(0.05)
    assert sorted(one.numbers + two.numbers) == list(range(80))
    assert two.numbers


async def test_lag_is_measured_and_standing_still_with_lag_is_not_live(bench):
    handler = Remembering()
    handler.trouble = lambda _one: Unavailable("x")
    await bench.say(*map(an_event, range(4)))
    async with bench.consumer(handler, stall_seconds=0.5, patience_seconds=0.2) as consumer:
        async with asyncio.timeout(20):
            while consumer.why_not_live() is None:
                await consumer.measure()
                await asyncio.sleep(0.1)
        assert consumer.lag == 4
        handler.trouble = lambda _one: None
        await handler.until(0, 1, 2, 3)
        await bench.until_committed(4)
        await consumer.measure()
        assert (consumer.lag, consumer.why_not_live()) == (0, None)


async def test_a_batch_that_waited_is_preceded_by_what_was_still_owed(bench):
    handler = Remembering()
    away = {"times": 1}

    def trouble(_one):
        away["times"] -= 1
        return Unavailable("x") if away["times"] >= 0 else None

    handler.trouble = trouble
    await bench.say(an_event(0))
    async with bench.consumer(handler):
        await handler.until(0)
        await bench.until_committed(1)
    assert handler.assigned == [frozenset({0, 1})] * 2
