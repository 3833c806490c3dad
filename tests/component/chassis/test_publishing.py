"""Saying on a real broker: acknowledged or `Unavailable`, never a wait without end, and no producer left behind."""

import asyncio
import time
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from aanwezig.chassis import publishing
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from support.gate import Gate
from support.reading import Readings
from support.topics import kafka_paused, make_topics

pytestmark = pytest.mark.engines
NOWHERE = "127.0.0.1:9"


@pytest.fixture
async def topic(engines):
    name = f"test-{uuid4().hex[:8]}"
    await make_topics(engines.kafka_bootstrap, name, partitions=2)
    return name


@pytest.fixture
async def said(engines, topic):
    """What stands on the topic."""
    readings = Readings(engines.kafka_bootstrap)
    await readings.begin(topic)

    async def values():
        return [record.value for record in await readings.of(topic)]

    return values


@pytest.fixture
async def publisher(engines):
    made = Publisher([engines.kafka_bootstrap], "test")
    yield made
    await made.stop()


async def test_records_are_said_in_order_with_key_partition_headers_and_tombstones(publisher, topic, engines):
    readings = Readings(engines.kafka_bootstrap)
    await readings.begin(topic)
    records = [Outgoing(topic, "k", b"%d" % number, 1) for number in range(50)]
    await publisher.say([*records, Outgoing(topic, "gone", None, 0)], headers=[("aanwezig-why", b"test")])
    told = await readings.of(topic)
    assert [one.value for one in told if one.partition == 1] == [record.value for record in records]
    assert {one.key for one in told if one.partition == 1} == {b"k"}
    (tombstone,) = (one for one in told if one.partition == 0)
    assert (tombstone.key, tombstone.value) == (b"gone", None)
    assert tombstone.headers == (
        ("content-type", b"application/cloudevents+json; charset=UTF-8"), ("aanwezig-why", b"test"),
    )  # fmt: skip


async def test_nothing_to_say_asks_for_no_broker():
    await Publisher([NOWHERE], "test").say([])
    with pytest.raises(Unavailable):
        await Publisher([NOWHERE], "test").say([Outgoing("t", None, b"x")])


async def test_if_one_record_is_not_acknowledged_all_are_said_again_by_a_new_producer(
    publisher, topic, said, monkeypatch
):
    await publisher.start()
    first = publisher._producer
    send = AIOKafkaProducer.send

    async def fails_once(producer, name, value, **how):
        future = await send(producer, name, value, **how)
        if value == b"2" and producer is first:
            await future
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(KafkaTimeoutError())
            return failed
        return future

    monkeypatch.setattr(AIOKafkaProducer, "send", fails_once)
    records = [Outgoing(topic, "k", b"%d" % number, 0) for number in range(4)]
    with pytest.raises(Unavailable):
        await publisher.say(records)
    await publisher.say(records)
    assert publisher._producer is not first
    assert first._sender.sender_task.done()
    values = await said()
    assert values[-4:] == [b"0", b"1", b"2", b"3"]


async def test_who_meets_a_failure_late_does_not_take_the_new_producer_away(publisher):
    await publisher.start()
    first = publisher._producer
    await publisher._discard(first)
    await publisher.start()
    second = publisher._producer
    await publisher._discard(first)
    assert publisher._producer is second
    await publisher.ping()


async def test_a_broker_that_does_not_answer_is_waited_for_within_bounds(
    publisher, topic, said, engines, monkeypatch
):
    monkeypatch.setattr(publishing, "_SAY_SECONDS", 1.0)
    await publisher.say([Outgoing(topic, "k", b"before", 0)])
    async with kafka_paused(engines):
        started = time.monotonic()
        both = await asyncio.gather(
            *(publisher.say([Outgoing(topic, "k", b"meanwhile", 0)]) for _ in range(2)),
            return_exceptions=True,
        )
        assert [type(one) for one in both] == [Unavailable, Unavailable]
        assert time.monotonic() - started < 6
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await publisher.ping()
        # Nobody is left half made by one who stopped waiting: at the end of the test that would be a warning.
        assert publisher._producer is None
    await publisher.say([Outgoing(topic, "k", b"after", 0)])
    assert (await said())[-1] == b"after"


async def test_a_broker_that_is_away_and_back_is_noticed(engines):
    gate = Gate(engines.kafka_bootstrap)
    await gate.open()
    await gate.close()
    publisher = Publisher([f"127.0.0.1:{gate.port}"], "test")
    with pytest.raises(Unavailable):
        await publisher.start()
    await gate.open()
    await publisher.start()
    await publisher.ping()
    await publisher.stop()
    await gate.close()


async def test_a_topic_that_is_not_there_is_unavailable(publisher, topic, monkeypatch):
    assert await publisher.partitions_of(topic) == 2
    monkeypatch.setattr(publisher._producer.client, "_request_timeout_ms", 100)
    with pytest.raises(Unavailable):
        await publisher.partitions_of("no.such.topic")


async def test_after_its_stop_it_opens_nothing_that_nobody_would_close(publisher, topic, monkeypatch):
    await publisher.start()
    await publisher.stop()
    begun = []
    monkeypatch.setattr(AIOKafkaProducer, "start", begun.append)
    for act in (publisher.say([Outgoing(topic, None, b"late")]), publisher.ping()):
        with pytest.raises(Unavailable):
            await act
    assert begun == []


async def test_a_stop_while_it_connects_leaves_nothing_open(publisher, monkeypatch):
    connecting, go_on, made = asyncio.Event(), asyncio.Event(), []
    start = AIOKafkaProducer.start

    async def slowly(producer):
        made.append(producer)
        connecting.set()
        await go_on.wait()
        await start(producer)

    monkeypatch.setattr(AIOKafkaProducer, "start", slowly)
    asked = asyncio.create_task(publisher.start())
    await connecting.wait()
    await publisher.stop()
    go_on.set()
    with pytest.raises(Unavailable):
        await asked
    assert publisher._producer is None
    assert made[0]._sender.sender_task.done()


async def test_a_record_counts_as_said_when_every_replica_has_it(publisher):
    await publisher.start()
    sender = publisher._producer._sender
    assert sender._acks == -1
    assert sender._txn_manager is not None


async def test_what_is_owed_is_read_back_as_it_was_written():
    record = Outgoing("t", None, b"x", 3)
    assert Outgoing.from_document(record.as_document()) == record
