"""A compacted topic as a table: whole before the first fact, followed afterwards, and nothing ends it."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.tables import Table
from aanwezig.contracts.envelope import Event
from support.gate import Gate
from support.topics import make_topics

pytestmark = pytest.mark.engines


def an_event(number):
    return Event(
        f"id-{number}", "urn:test", "school-registered", datetime(2024, 9, 2, tzinfo=UTC), {"n": number}
    )


class Seen:
    """What a table told, and the table as it stands."""

    def __init__(self):
        self.told = []
        self.stands = {}
        self.trouble = lambda _key: None
        self.changed = asyncio.Condition()

    async def on_change(self, key, event):
        error = self.trouble(key)
        if error is not None:
            raise error
        async with self.changed:
            self.told.append(key)
            if event is None:
                self.stands.pop(key, None)
            else:
                self.stands[key] = event.data["n"]
            self.changed.notify_all()

    async def until(self, **stands):
        async with asyncio.timeout(30), self.changed:
            await self.changed.wait_for(lambda: self.stands == stands)


class Desk:
    """A topic of its own and who writes on it."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.topic = f"test-{uuid4().hex[:8]}"
        self.publisher = Publisher([bootstrap], "test")

    async def make(self, partitions=1):
        await make_topics(self.bootstrap, self.topic, partitions=partitions)

    async def say(self, **rows):
        await self.publisher.say(
            Outgoing(self.topic, key, None if number is None else an_event(number).as_bytes())
            for key, number in rows.items()
        )

    @asynccontextmanager
    async def table(self, seen, bootstrap=None):
        table = Table([bootstrap or self.bootstrap], self.topic, seen.on_change)
        await table.start()
        try:
            yield table
        finally:
            await table.stop()
            assert table.why_not_live() is None


async def whole(table):
    async with asyncio.timeout(30):
        await table.wait_whole()


@pytest.fixture
async def desk(engines):
    made = Desk(engines.kafka_bootstrap)
    yield made
    await made.publisher.stop()


async def test_it_is_whole_when_all_that_was_there_has_been_taken_in(desk):
    await desk.make(partitions=2)
    await desk.say(a=1, b=2, c=3)
    await desk.say(a=4, b=None)
    seen = Seen()
    async with desk.table(seen) as table:
        assert not table.whole
        await whole(table)
        assert seen.stands == {"a": 4, "c": 3}
        await desk.say(d=5)
        await seen.until(a=4, c=3, d=5)
        assert await table.behind() == 0


async def test_a_poll_that_brings_nothing_does_not_make_it_whole(desk, monkeypatch):
    await desk.make()
    await desk.say(a=1)
    getmany, polls = AIOKafkaConsumer.getmany, []

    async def nothing_at_first(consumer, **how):
        polls.append(table.whole)
        return {} if len(polls) < 3 else await getmany(consumer, **how)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", nothing_at_first)
    async with desk.table(seen := Seen()) as table:
        await whole(table)
        assert polls[:3] == [False, False, False]
        assert seen.stands == {"a": 1}


async def test_an_empty_topic_is_whole_at_once(desk):
    await desk.make()
    async with desk.table(seen := Seen()) as table:
        await whole(table)
    assert seen.told == []


async def test_how_far_it_is_behind_is_told(desk):
    await desk.make()
    seen, hold = Seen(), asyncio.Event()
    take = seen.on_change

    async def slowly(key, event):
        await hold.wait()
        await take(key, event)

    seen.on_change = slowly
    await desk.say(a=1, b=2)
    async with desk.table(seen) as table:
        async with asyncio.timeout(20):
            while await table.behind() != 2:
                await asyncio.sleep(0.02)
        assert not table.whole
        hold.set()
        await whole(table)
        assert await table.behind() == 0
    assert await table.behind() is None


async def test_what_is_no_event_is_passed_over(desk):
    await desk.make()
    await desk.publisher.say([Outgoing(desk.topic, "a", b"{no json"), Outgoing(desk.topic, "b", b"")])
    await desk.say(c=3)
    async with desk.table(seen := Seen()) as table:
        await whole(table)
    assert seen.told == ["c"]


async def test_a_record_that_cannot_be_taken_in_does_not_end_the_table(desk):
    await desk.make()
    seen, tries = Seen(), []

    def trouble(key):
        if key == "ill":
            tries.append(key)
            return ZeroDivisionError()
        return None

    seen.trouble = trouble
    await desk.say(ill=1, well=2)
    async with desk.table(seen) as table:
        await whole(table)
        assert table.why_not_live() is None
    assert seen.stands == {"well": 2}
    assert len(tries) == 3


async def test_what_is_away_is_tried_until_it_is_back_in_order(desk):
    await desk.make()
    seen, tries = Seen(), []

    def trouble(key):
        tries.append(key)
        return Unavailable("x") if len(tries) < 5 else None

    seen.trouble = trouble
    await desk.say(a=1, b=2)
    async with desk.table(seen) as table:
        await whole(table)
    assert tries == ["a"] * 5 + ["b"]
    assert seen.told == ["a", "b"]


async def test_it_waits_for_a_topic_and_for_a_broker_that_is_away(desk):
    gate = Gate(desk.bootstrap)
    await gate.open()
    await gate.close()
    seen = Seen()
    async with desk.table(seen, bootstrap=f"127.0.0.1:{gate.port}") as table:
        await asyncio.sleep(0)
        assert await table.behind() is None
        await gate.open()
        await desk.make()
        await desk.say(a=1)
        await whole(table)
        assert seen.stands == {"a": 1}
    await gate.close()


async def test_after_a_break_it_goes_on_where_it_was(desk, monkeypatch):
    await desk.make()
    await desk.say(a=1)
    async with desk.table(seen := Seen()) as table:
        await whole(table)
        reading = table._consumer

        async def breaks(**_):
            raise OSError

        monkeypatch.setattr(reading, "getmany", breaks)
        await desk.say(b=2)
        await seen.until(a=1, b=2)
        assert table._consumer is not reading
    assert seen.told == ["a", "b"]


async def test_a_table_that_nobody_reads_any_more_is_not_live(desk):
    await desk.make()
    table = Table([desk.bootstrap], desk.topic, Seen().on_change)
    assert table.why_not_live() is None
    await table.start()
    await whole(table)
    table._task.cancel()
    await asyncio.wait({table._task})
    assert table.why_not_live() == f"{desk.topic} is no longer read"
