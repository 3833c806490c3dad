"""Many topics by one pattern on a real broker: at least once, in order per lane, and no lane slows another."""

import asyncio
import re
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from faststream.kafka import KafkaBroker

from aanwezig.chassis.errors import BudgetSpent, Unavailable
from aanwezig.chassis.lanes import Lanes, Taken
from aanwezig.chassis.settings import ServiceSettings
from support.topics import make_topics

pytestmark = pytest.mark.engines


class Remembering:
    """Takes records by `most` and remembers them; does with each what `trouble(record)` says."""

    def __init__(self, *, most=1_000):
        self.most = most
        self.seen = []
        self.hopeless = []
        self.trouble = lambda _record: None
        self.changed = asyncio.Condition()

    async def on_records(self, records):
        for count, record in enumerate(records[: self.most]):
            trouble = self.trouble(record)
            if isinstance(trouble, Exception):
                raise trouble
            if trouble is not None:
                await self._remember(records[:count])
                return Taken(count, trouble)
        await self._remember(records[: self.most])
        return Taken(len(records[: self.most]))

    async def on_hopeless(self, record, error):
        self.hopeless.append((record.value, error))

    async def _remember(self, records):
        async with self.changed:
            self.seen += [(record.topic.rsplit(".", 1)[1], record.value) for record in records]
            self.changed.notify_all()

    def of(self, topic):
        return [int(value) for name, value in self.seen if name == topic]

    async def until(self, topic, *numbers):
        async with asyncio.timeout(30), self.changed:
            await self.changed.wait_for(lambda: set(numbers) <= set(self.of(topic)))


class Family:
    """Topics of one pattern, a producer, and readers of one group."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.name = f"lanes-{uuid4().hex[:8]}"

    def topic(self, short):
        return f"{self.name}.{short}"

    async def make(self, *shorts, partitions=1):
        await make_topics(self.bootstrap, *map(self.topic, shorts), partitions=partitions)

    async def send(self, short, *numbers):
        for number in numbers:
            await self.producer.send_and_wait(self.topic(short), str(number).encode())

    @asynccontextmanager
    async def reader(self, handler, *, instance="0", **settings):
        chosen = ServiceSettings(
            kafka=self.bootstrap, mongo="mongodb://127.0.0.1:9", port=1, instance=instance,
            session_timeout_ms=2_000, **settings,
        )  # fmt: skip
        broker = KafkaBroker(
            [self.bootstrap], logger=None, apply_types=False, allow_auto_create_topics=False,
            metadata_max_age_ms=1_000,
        )  # fmt: skip
        pattern = f"^{re.escape(self.name)}\\.[a-z]+$"
        lanes = Lanes(broker, "lanes", pattern, self.name, handler, chosen)
        await broker.start()
        try:
            yield lanes
        finally:
            await lanes.revoked()
            await broker.stop()

    async def committed(self, short, partition=0):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self.name)
        finally:
            await admin.close()
        row = offsets.get(TopicPartition(self.topic(short), partition))
        return row.offset if row else 0

    async def until_committed(self, short, offset):
        async with asyncio.timeout(30):
            while await self.committed(short) < offset:
                await asyncio.sleep(0.05)


@pytest.fixture
async def family(engines):
    made = Family(engines.kafka_bootstrap)
    async with AIOKafkaProducer(bootstrap_servers=engines.kafka_bootstrap, acks="all") as made.producer:
        yield made


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_each_topic_is_read_in_order_committed_by_itself_and_not_read_again(family):
    await family.make("a", "b")
    await family.send("a", *range(5))
    await family.send("b", *range(3))
    first, second = Remembering(most=2), Remembering()
    first.trouble = lambda record: Unavailable("x") if record.value == b"4" else None
    async with family.reader(first):
        await first.until("b", 0, 1, 2)
        await first.until("a", 0, 1, 2, 3)
        await family.until_committed("a", 4)
    assert first.of("a") == [0, 1, 2, 3]
    async with family.reader(second):
        await second.until("a", 4)
        await family.until_committed("b", 3)
    assert second.of("a") == [4]


async def test_a_topic_that_appears_is_read_within_seconds(family):
    handler = Remembering()
    async with family.reader(handler, stall_seconds=0.5) as lanes:
        await asyncio.sleep(1)
        assert lanes.why_not_live() is None, "there is nothing to read yet"
        await family.make("late")
        started = time.monotonic()
        await family.send("late", 7)
        await handler.until("late", 7)
        assert time.monotonic() - started < 10
        assert lanes.owned == {TopicPartition(family.topic("late"), 0)}


async def test_a_lane_that_waits_or_whose_needs_are_away_holds_no_other(family):
    await family.make("held", "away", "well")
    handler = Remembering()
    troubles = {"held": 30.0, "away": Unavailable("x")}
    handler.trouble = lambda record: troubles.get(record.topic.rsplit(".", 1)[1])
    await family.send("held", 0)
    await family.send("away", 0)
    async with family.reader(handler, stall_seconds=1) as lanes:
        await until(lambda: len(lanes.owned) == 3)
        await family.send("well", *range(3))
        await handler.until("well", 0, 1, 2)
        await family.until_committed("well", 3)
        await lanes.measure()
        assert lanes.lag == 2
        await until(lambda: lanes.why_not_live() is not None)
        assert "with lag" in lanes.why_not_live()
        troubles.clear()
        await handler.until("away", 0)
        await family.until_committed("away", 1)
        await lanes.measure()
        await until(lambda: lanes.why_not_live() is None)  # who waits on purpose is no reason to restart
        assert lanes.lag == 1
        assert handler.of("held") == []


async def test_what_meets_a_mistake_of_ours_is_tried_three_times_and_put_aside_alone(family):
    await family.make("a", "b")
    handler, tries = Remembering(), []

    def fails(record):
        if record.value == b"1" and record.topic.endswith(".a"):
            tries.append(record.offset)
            return ZeroDivisionError("what a sender wrote")
        return None

    handler.trouble = fails
    await family.send("a", 0, 1, 2)
    async with family.reader(handler):
        await handler.until("a", 0, 2)
        await family.send("b", 1)
        await handler.until("b", 1)
        await family.until_committed("a", 3)
    assert handler.hopeless == [(b"1", "ZeroDivisionError")]
    assert handler.of("a") == [0, 2]
    assert 3 <= len(tries) <= 5


async def test_past_the_budget_a_lane_stops_and_that_is_said_while_the_others_go_on(family):
    await family.make("a", "b")
    handler = Remembering()
    handler.trouble = lambda record: ZeroDivisionError() if record.topic.endswith(".a") else None

    async def on_hopeless(_record, _error):
        raise BudgetSpent

    handler.on_hopeless = on_hopeless
    async with family.reader(handler) as lanes:
        await family.send("a", 0)
        await until(lambda: lanes.why_not_live() is not None)
        assert lanes.why_not_live() == "the parking budget is spent"
        await family.send("a", 1)
        await family.send("b", 0)
        await handler.until("b", 0)
        assert handler.of("a") == []
        assert await family.committed("a") == 0

        async def put_aside(record, _error):
            aside.append(record.value)

        aside, handler.on_hopeless = [], put_aside
        # Somebody discarded enough: what is in hand is put aside at once, and the rest goes on.
        handler.trouble = lambda _record: None
        await lanes.go_on()
        await handler.until("a", 1)
        assert (aside, lanes.why_not_live()) == ([b"0"], None)


async def test_two_instances_share_the_topics_and_lose_nothing_when_one_comes_and_goes(family):
    await family.make("a", "b", "c", "d")
    first, second = Remembering(most=3), Remembering(most=3)
    async with family.reader(first) as lanes:
        for short in "abcd":
            await family.send(short, *range(20))
        async with family.reader(second, instance="1") as others:
            await until(lambda: len(others.owned) == len(lanes.owned) == 2)
            for short in "abcd":
                await family.send(short, *range(20, 40))
            for short in "abcd":
                await until(lambda s=short: set(first.of(s)) | set(second.of(s)) == set(range(40)))
        for short in "abcd":
            await family.send(short, *range(40, 45))
        for short in "abcd":
            await first.until(short, *range(40, 45))
            await family.until_committed(short, 45)
    both = [*first.seen, *second.seen]
    assert len(both) - len(set(both)) <= 12, "at most what was in hand at a handover comes twice"


async def test_what_is_in_hand_at_a_handover_is_ended_and_committed(family):
    await family.make("a")
    handler, entered, go_on = Remembering(), asyncio.Event(), asyncio.Event()
    at_once = handler.on_records

    async def slowly(records):
        entered.set()
        await go_on.wait()
        return await at_once(records)

    handler.on_records = slowly
    await family.send("a", 0)
    async with family.reader(handler) as lanes:
        async with asyncio.timeout(30):
            await entered.wait()
        leaving = asyncio.create_task(lanes.revoked())
        await asyncio.sleep(0)
        go_on.set()
        await leaving
        assert await family.committed("a") == 1
    assert handler.of("a") == [0]


async def test_what_a_poll_skipped_is_read_all_the_same(family):
    """A poll that fails halfway, or crosses a rebalance, leaves the client's position behind records nobody saw."""
    await family.make("a")
    handler = Remembering()
    async with family.reader(handler) as lanes:
        await family.send("a", 0)
        await handler.until("a", 0)
        await until(lambda: not lanes._lanes[TopicPartition(family.topic("a"), 0)].waiting)
        place = TopicPartition(family.topic("a"), 0)
        lanes.subscriber.consumer.pause(place)
        await family.send("a", 1, 2, 3)
        lanes.subscriber.consumer.seek(place, 3)
        lanes.subscriber.consumer.resume(place)
        await handler.until("a", 1, 2, 3)
        assert handler.of("a") == [0, 1, 2, 3]


async def test_headers_and_time_come_as_they_are_and_the_key_does_not(family):
    await family.make("a")
    handler, came = Remembering(), []
    handler.trouble = came.append
    async with family.reader(handler):
        headers = [("content-type", b"text/csv"), ("bad", b"\xff\xfe")]
        await family.producer.send_and_wait(family.topic("a"), b"5", key=b"a child", headers=headers)
        await handler.until("a", 5)
    assert came[0].headers == tuple(headers)
    assert abs(came[0].at / 1000 - time.time()) < 60
    assert "a child" not in repr(came[0])


class NoName(str):
    """The name of a header as another client may write it: bytes that are no text."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


async def test_a_record_nobody_can_decode_is_told_as_one_and_stops_no_lane(family, monkeypatch):
    await family.make("a", "b")
    handler, unreadable = Remembering(), []

    def trouble(record):
        if not record.readable:
            unreadable.append((record.topic, record.offset, record.value))

    handler.trouble = trouble
    handler.of = lambda topic: [int(value) for name, value in handler.seen if name == topic and value]
    for module in (message_accumulator, producer):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    async with family.reader(handler) as lanes:
        await family.send("a", 0)
        for number in (1, 3):
            bad = [(NoName("name"), b"1")]
            await family.producer.send_and_wait(family.topic("a"), b"-1", headers=bad)
            await family.send("a", number + 1)
        await family.send("b", *range(5))
        await handler.until("b", *range(5))
        await handler.until("a", 0, 2, 4)
        await family.until_committed("a", 5)
        assert [task for task in lanes.subscriber.tasks if task.done()] == []
    assert handler.of("b") == [0, 1, 2, 3, 4]
    assert handler.of("a") == [0, 2, 4]
    assert unreadable == [(family.topic("a"), offset, None) for offset in (1, 3)]


async def test_what_a_failed_poll_had_taken_of_other_lanes_is_read_again_at_once(family):
    """Nobody measures here: it does not wait until a lane looks astray."""
    await family.make("a", "b")
    handler, lost = Remembering(), []
    async with family.reader(handler) as lanes:
        await until(lambda: len(lanes.owned) == 2)
        reading = lanes.subscriber.consumer.getmany.__self__
        plain = reading._plain

        async def fails_once(*places, **how):
            found = await plain(*places, **how)
            if found and not lost:
                lost.append(found)
                raise ValueError("a record of another lane")
            return found

        reading._plain = fails_once
        await family.send("b", 0)
        await handler.until("b", 0)
    assert lost
    assert handler.of("b") == [0]
