"""Topics of a test's own, on the engines of the session; and a Kafka that stands still for a while."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def make_topics(bootstrap, *names, partitions=1):
    """Makes topics with as many partitions each; waits for a broker that comes back to have a controller again."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(15):
            while admin._client.cluster.controller is None:
                await admin._client.force_metadata_update()
                await asyncio.sleep(0.05)
        await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
    finally:
        await admin.close()


@asynccontextmanager
async def kafka_paused(engines):
    """Kafka keeps its connections and answers nothing; at the end of the block it takes its place in the cluster again."""
    if engines.local is None:
        pytest.skip("only a process of this machine can be paused")
    kafka = engines.local.kafka
    await asyncio.to_thread(kafka.pause)
    try:
        yield
    finally:
        await asyncio.to_thread(kafka.resume)
        await asyncio.to_thread(kafka.wait_ready)
