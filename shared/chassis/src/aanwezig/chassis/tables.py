"""A compacted topic as a table in memory: read whole, without a group, before the first fact (`contract.md` 2)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from aanwezig.chassis import logs
from aanwezig.chassis.access import Access
from aanwezig.chassis.ending import ended, told_to_end
from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import Event, NotTheContract, event_from

_ATTEMPTS: Final = 3
_PAUSE: Final = 0.5
_STOP_SECONDS: Final = 5.0
_log = logs.get(__name__)
OnChange = Callable[[str, Event | None], Awaitable[None]]


class Table:
    """The newest event per key of one compacted topic. `on_change` is awaited for each record, in order, from the first.

    `on_change(key, event)` gets None for a tombstone. It must be quick; `Unavailable` is tried again until it is not, any
    other error a few times: then the record is told in the log and passed over, and the table goes on.
    """

    def __init__(self, reach: Access | Sequence[str], topic: str, on_change: OnChange) -> None:
        self.topic = topic
        self._access = Access.of(reach)
        self._on_change = on_change
        self._whole = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._place: dict[TopicPartition, int] = {}
        self._consumer: AIOKafkaConsumer | None = None

    @property
    def whole(self) -> bool:
        """Whether everything that was there at the start has been read."""
        return self._whole.is_set()

    async def start(self) -> None:
        """Begins to read; returns at once."""
        self._task = asyncio.create_task(self._read(), name=f"table {self.topic}")

    async def behind(self) -> int | None:
        """Records not yet taken in; None while that cannot be known."""
        consumer = self._consumer
        if consumer is None:
            return None
        try:
            ends: dict[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
        except (KafkaError, OSError):
            return None
        return sum(max(0, end - self._place.get(one, 0)) for one, end in ends.items())

    async def wait_whole(self) -> None:
        """Returns when everything that was there at the start has been read."""
        await self._whole.wait()

    async def stop(self) -> None:
        """Stops reading."""
        task, self._task = self._task, None
        if task is not None:
            await ended([task], seconds=_STOP_SECONDS)

    def why_not_live(self) -> str | None:
        """Why this table is not live: nobody reads it any more; None while it is read, or not begun."""
        return f"{self.topic} is no longer read" if self._task is not None and self._task.done() else None

    async def _read(self) -> None:
        while not told_to_end():
            try:
                await self._follow()
            except Exception as away:
                _log.warning("table.waits", topic=self.topic, error=type(away).__name__)
                await asyncio.sleep(2 * _PAUSE)

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            **self._access.for_aiokafka(), enable_auto_commit=False, auto_offset_reset="earliest",
            fetch_max_wait_ms=200, group_id=None, retry_backoff_ms=250,
        )  # fmt: skip
        try:
            await consumer.start()
            partitions = await self._partitions(consumer)
            consumer.assign(partitions)
            ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
            for partition in partitions:
                if partition in self._place:
                    consumer.seek(partition, self._place[partition])
                else:
                    await consumer.seek_to_beginning(partition)
                    self._place[partition] = await consumer.position(partition)
            self._consumer = consumer
            while not told_to_end():
                for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        await self._apply(record)
                        self._place[partition] = record.offset + 1
                if not self.whole and all([await consumer.position(one) >= ends[one] for one in partitions]):
                    _log.info("table.whole", topic=self.topic)
                    self._whole.set()
        finally:
            self._consumer = None
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        numbers = consumer.partitions_for_topic(self.topic)
        if numbers is None:
            await consumer._client.add_topic(self.topic)  # noqa: SLF001 - the public call subscribes with a group
            numbers = consumer.partitions_for_topic(self.topic)
        if not numbers:
            raise Unavailable(f"no topic {self.topic}")
        return [TopicPartition(self.topic, number) for number in sorted(numbers)]

    async def _apply(self, record: Any) -> None:
        key = "" if record.key is None else record.key.decode("utf-8", "replace")
        try:
            event = None if record.value is None else event_from(record.value)
        except NotTheContract:
            _log.error("table.record-refused", topic=self.topic, offset=record.offset, error="NotTheContract")
            return
        attempt = 1
        while True:
            try:
                await self._on_change(key, event)
            except Unavailable as away:
                _log.warning("table.waits", topic=self.topic, error=type(away).__name__)
            except Exception as fault:
                if attempt == _ATTEMPTS:
                    error = type(fault).__name__
                    _log.error("table.record-refused", topic=self.topic, offset=record.offset, error=error)
                    return
                attempt += 1
            else:
                return
            await asyncio.sleep(_PAUSE)
