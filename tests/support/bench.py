"""One topic of its own, a store, a publisher, and consumers of one group whose handlers remember and fail on demand."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker

from aanwezig.chassis.consuming import Consumer
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.store import Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.envelope import Event
from support.topics import make_topics

PARTITIONS = 2


def an_event(number, **data):
    return Event(
        f"id-{number}", "urn:test", "mark-recorded", datetime(2024, 9, 2, tzinfo=UTC), {"n": number, **data}
    )


class Remembering:
    """A handler that remembers, and fails as `trouble(arrived)` says."""

    def __init__(self):
        self.batches = []
        self.assigned = []
        self.forgot = 0
        self.trouble = lambda _one: None
        self.seen = asyncio.Condition()

    async def on_batch(self, batch):
        for one in batch:
            error = self.trouble(one)
            if error is not None:
                raise error
        async with self.seen:
            self.batches.append([one.event.data["n"] for one in batch])
            self.seen.notify_all()

    async def on_assigned(self, partitions):
        self.assigned.append(partitions)

    def forget(self):
        self.forgot += 1

    @property
    def numbers(self):
        return [number for batch in self.batches for number in batch]

    async def until(self, *numbers):
        async with asyncio.timeout(30), self.seen:
            await self.seen.wait_for(lambda: set(numbers) <= set(self.numbers))


class Bench:
    """One topic of its own, a publisher, a store, and consumers of one group."""

    def __init__(self, engines):
        self.name = f"bench-{uuid4().hex[:8]}"
        self.topic, self.parked = f"{self.name}.facts", f"{self.name}.parked"
        self.bootstrap = engines.kafka_bootstrap
        self.store = Store(engines.mongo_uri, self.name)
        self.publisher = Publisher([self.bootstrap], "bench")
        self.uri = engines.mongo_uri

    async def __aenter__(self):
        await make_topics(self.bootstrap, self.topic, partitions=PARTITIONS)
        await make_topics(self.bootstrap, self.parked)
        await self.publisher.start()
        return self

    async def __aexit__(self, *_):
        await self.publisher.stop()
        await self.store.drop()
        await self.store.close()

    @asynccontextmanager
    async def consumer(self, handler, *, instance="0", **settings):
        chosen = ServiceSettings(
            kafka=self.bootstrap,
            mongo=self.uri,
            port=1,
            instance=instance,
            session_timeout_ms=2_000,
            **settings,
        )
        broker = KafkaBroker([self.bootstrap], logger=None, apply_types=False, allow_auto_create_topics=False)
        parking = Parking(
            self.store, self.publisher, service="bench", topic=self.parked, budget=chosen.parking_budget
        )
        await parking.start()
        consumer = Consumer(
            broker, self.topic, self.name, handler, parking, Tracing("bench", "0", None), chosen
        )
        await broker.start()
        try:
            yield consumer
        finally:
            await broker.stop()

    async def say(self, *events, key="k", partition=0):
        await self.publisher.say([Outgoing.event(self.topic, key, event, partition) for event in events])

    async def committed(self, partition=0):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.name, enable_auto_commit=False
        )
        await consumer.start()
        try:
            return await consumer.committed(TopicPartition(self.topic, partition)) or 0
        finally:
            await consumer.stop()

    async def until_committed(self, offset, partition=0):
        async with asyncio.timeout(30):
            while await self.committed(partition) < offset:
                await asyncio.sleep(0.1)


async def until_owned(consumer):
    async with asyncio.timeout(30):
        while not consumer.owned:
            await asyncio.sleep(0.02)
