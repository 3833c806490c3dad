"""What was said on a topic, read from the broker itself."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition


class Readings:
    """Reads topics from where their ends were when asked to `begin`."""

    def __init__(self, bootstrap):
        self._bootstrap = bootstrap
        self._starts = {}

    async def begin(self, *topics):
        async with _Consumer(self._bootstrap) as consumer:
            for topic in topics:
                self._starts.update(await consumer.end_offsets(await _partitions(consumer, topic)))

    async def of(self, topic):
        """The records of a topic since `begin`, in order per partition."""
        async with _Consumer(self._bootstrap) as consumer:
            partitions = await _partitions(consumer, topic)
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            for place in partitions:
                consumer.seek(place, self._starts[place])
            found = []
            while any([await consumer.position(place) < ends[place] for place in partitions]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found.extend(records)
            return found


class _Consumer:
    def __init__(self, bootstrap):
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap.split(","), enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def __aenter__(self):
        await self._consumer.start()
        return self._consumer

    async def __aexit__(self, *_):
        await self._consumer.stop()


async def _partitions(consumer, topic):
    # The broker may have been away a moment ago: then a first answer knows of no topic.
    async with asyncio.timeout(20):
        await consumer._client.add_topic(topic)
        while (known := consumer.partitions_for_topic(topic)) is None:
            await consumer._client.force_metadata_update()
    return [TopicPartition(topic, number) for number in sorted(known)]
