"""The batch consumer when things hang, fail or change hands: who is live, what is committed, what comes again."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from aanwezig.chassis import consuming
from aanwezig.chassis.errors import Unavailable, Unprocessable
from support.bench import Remembering, an_event, until_owned

pytestmark = pytest.mark.engines


async def test_a_handler_that_hangs_while_lag_grows_is_not_live_although_the_broker_answers(bench):
    handler, hold = Remembering(), asyncio.Event()
    handle = handler.on_batch

    async def hangs(batch):
        await hold.wait()
        await handle(batch)

    handler.on_batch = hangs
    async with bench.consumer(handler, stall_seconds=0.5) as consumer:
        await until_owned(consumer)
        await bench.say(an_event(0))
        async with asyncio.timeout(20):
            while consumer.why_not_live() is None:
                await consumer.settle_when_idle()
                await consumer.measure()
                await asyncio.sleep(0.05)
        assert "with lag" in consumer.why_not_live()
        await bench.publisher.ping()
        hold.set()
        await handler.until(0)


async def test_a_take_over_that_hangs_does_not_stop_the_measuring(bench):
    handler, hold = Remembering(), asyncio.Event()

    async def hangs(_partitions):
        await hold.wait()

    handler.on_assigned = hangs
    async with bench.consumer(handler) as consumer:
        await until_owned(consumer)
        settling = asyncio.create_task(consumer.settle_when_idle())
        await asyncio.sleep(0)
        await bench.say(an_event(0))
        async with asyncio.timeout(20):
            while consumer.lag != 1:
                await consumer.measure()
                await asyncio.sleep(0.05)
            # Who comes while it is busy does not queue up behind it.
            await consumer.settle_when_idle()
        assert (consumer.lag, settling.done(), handler.numbers) == (1, False, [])
        hold.set()
        await settling
        await handler.until(0)


async def test_without_a_part_in_the_group_it_is_not_live_and_with_an_empty_part_it_is(bench):
    async with bench.consumer(Remembering(), stall_seconds=0.05) as consumer:
        await until_owned(consumer)
        await bench.say(*map(an_event, range(3)))
        await consumer.measure()
        await consumer.revoked()
        await consumer.measure()
        assert consumer.lag == 0
        async with asyncio.timeout(5):
            while consumer.why_not_live() is None:
                await asyncio.sleep(0.01)
        assert "no part in the group" in consumer.why_not_live()
        await consumer.assigned(frozenset())
        await asyncio.sleep(0.1)
        assert consumer.why_not_live() is None


async def test_a_consumer_that_never_gets_a_part_is_not_live(bench):
    async with bench.consumer(Remembering(), stall_seconds=0.05) as consumer:
        await until_owned(consumer)
        consumer._without, consumer._owned = None, frozenset()
        await consumer.measure()
        assert consumer.why_not_live() is None
        async with asyncio.timeout(5):
            while consumer.why_not_live() is None:
                await asyncio.sleep(0.01)


async def test_movement_is_live_whatever_the_lag(bench):
    async with bench.consumer(Remembering(), stall_seconds=30) as consumer:
        await until_owned(consumer)
        consumer._lag = 1_000_000
        assert consumer.why_not_live() is None


async def test_after_a_failed_commit_the_batch_comes_again_and_is_committed(bench, monkeypatch):
    handler, fails = Remembering(), [2]
    await bench.say(*map(an_event, range(3)))
    async with bench.consumer(handler) as consumer:
        await until_owned(consumer)
        await bench.until_committed(3)
        commit = consumer.subscriber.consumer.commit

        async def sometimes(offsets):
            if fails[0]:
                fails[0] -= 1
                raise CommitFailedError
            await commit(offsets)

        monkeypatch.setattr(consumer.subscriber.consumer, "commit", sometimes)
        await bench.say(an_event(3))
        await handler.until(0, 1, 2, 3)
        await bench.until_committed(4)
    assert fails == [0]
    assert handler.numbers.count(3) == 3


async def test_a_failing_take_over_hands_nothing_over_and_is_tried_again(bench):
    handler, tries = Remembering(), []

    async def fails(partitions):
        tries.append(partitions)
        if len(tries) < 3:
            raise Unavailable("x")

    handler.on_assigned = fails
    await bench.say(an_event(0))
    async with bench.consumer(handler):
        await handler.until(0)
    assert tries == [frozenset({0, 1})] * 3
    assert handler.batches == [[0]]


async def test_what_goes_wrong_beside_the_handler_loses_nothing(bench, monkeypatch):
    monkeypatch.setattr(consuming, "_LONGEST_PAUSE", 0.1)
    handler, tries = Remembering(), []

    async def broken(_partitions):
        tries.append(1)
        if len(tries) < 3:
            raise ZeroDivisionError

    handler.on_assigned = broken
    await bench.say(an_event(0))
    async with bench.consumer(handler):
        await handler.until(0)
        await bench.until_committed(1)
    assert len(tries) == 3


async def test_if_a_dead_letter_cannot_be_parked_nothing_is_committed(bench):
    handler = Remembering()
    handler.trouble = lambda one: Unprocessable("no-sense") if one.event.data["n"] == 0 else None
    await bench.say(an_event(0), key="ill")
    await bench.say(an_event(1), key="well")
    async with bench.consumer(handler, patience_seconds=0.3) as consumer:
        broken, tries = [True], []
        park = consumer._parking.park

        async def parks(record, reason, error):
            tries.append(record.offset)
            if broken[0]:
                raise Unavailable("the store")
            await park(record, reason, error)

        consumer._parking.park = parks
        async with asyncio.timeout(20):
            while len(tries) < 3:
                await asyncio.sleep(0.02)
        assert await bench.committed() == 0
        broken[0] = False
        await handler.until(1)
        await bench.until_committed(2)
    assert await bench.store.collection("parked").count({"offset": 0, "open": True}) == 1


async def test_records_of_partitions_no_longer_owned_are_left_to_their_owner(bench):
    handler = Remembering()
    async with bench.consumer(handler) as consumer:
        await until_owned(consumer)
        await bench.say(an_event(0))
        await handler.until(0)
        await bench.until_committed(1)
        consumer._owned = frozenset({1})
        await bench.say(an_event(1), partition=0)
        await bench.say(an_event(2), partition=1)
        await handler.until(2)
        await bench.until_committed(1, partition=1)
        assert await bench.committed(0) == 1
    assert 1 not in handler.numbers


async def test_between_drain_and_assignment_what_is_remembered_is_dropped(bench):
    handler = Remembering()
    async with bench.consumer(handler) as consumer:
        await until_owned(consumer)
        before = handler.forgot
        await consumer.revoked()
        assert (handler.forgot, consumer.owned) == (before + 1, frozenset())


async def test_a_drain_waits_for_the_batch_in_hand(bench):
    handler, hold, inside = Remembering(), asyncio.Event(), asyncio.Event()
    handle = handler.on_batch

    async def slow(batch):
        inside.set()
        await hold.wait()
        await handle(batch)

    handler.on_batch = slow
    await bench.say(an_event(0))
    async with bench.consumer(handler) as consumer:
        await inside.wait()
        drain = asyncio.create_task(consumer.revoked())
        await asyncio.sleep(0.05)
        assert not drain.done()
        hold.set()
        await drain
        assert await bench.committed() == 1


async def test_who_stopped_handles_nothing_more_even_when_a_rebalance_would_let_records_through(bench):
    handler = Remembering()
    handler.trouble = lambda one: Unprocessable("no-sense") if one.event.data["n"] == 0 else None
    await bench.say(an_event(0))
    async with bench.consumer(handler, parking_budget=0) as consumer:
        async with asyncio.timeout(30):
            while consumer.stopped is None:
                await asyncio.sleep(0.02)
        reading = consumer.subscriber.consumer
        assert reading.paused() == reading.assignment()
        await bench.say(an_event(1), key="another")
        reading.resume(*reading.assignment())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await handler.until(1)
        assert await reading.position(TopicPartition(bench.topic, 0)) == 2
        await consumer.settle_when_idle()
        assert (handler.numbers, await bench.committed()) == ([], 0)
