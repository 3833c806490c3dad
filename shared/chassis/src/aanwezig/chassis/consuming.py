"""The batch consumer: at least once, in order per partition, committed only after the effects are durable.

FastStream polls and hands over batches; everything else is explicit here, because its own acknowledgement commits whatever
was polled (`engineering.md` 1). A handler keeps and says; when it returns, the offsets of its batch are committed, by
partition. Errors are translated in this one place (`style.md`, *Failure on one card*).
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import BudgetSpent, Unavailable, Unprocessable
from aanwezig.chassis.parking import Fault, Parking, ReasonClass
from aanwezig.chassis.polling import records_of, whole
from aanwezig.chassis.retrying import Retrying
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.store import Document
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.envelope import Event, NotTheContract, event_from

_ATTEMPTS: Final = 3
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 3.0
_log = logs.get(__name__)


class Arrived(NamedTuple):
    """One event of a topic, where it stands there, and the record as it came."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None
    event: Event
    retried_at: int | None = None
    """Of a record that was parked and is tried again: how far its partition is handled by now (the next offset)."""


class _Raw(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None


class Handler(Protocol):
    """What a service does with a topic. `on_batch` keeps and says; it may be called again with the same events.

    `on_assigned` runs before the first batch of newly owned partitions (say what is owed, forget what another may have
    changed); `forget` drops whatever is remembered in memory, after a failure or a loss of partitions.
    """

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Keeps and says everything this batch causes.

        Raises:
            Unavailable: not now: the same batch will come again.
            Unprocessable: never: the record at fault is found and parked.
        """

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """These partitions are ours from now on."""

    def forget(self) -> None:
        """Drops what is remembered in memory."""


class Consumer:
    """One topic, one group, one handler at a time."""

    def __init__(
        self, broker: KafkaBroker, topic: str, group: str, handler: Handler, parking: Parking, tracing: Tracing,
        settings: ServiceSettings,
    ) -> None:  # fmt: skip
        self.topic = topic
        self.stopped: str | None = None
        self._handler = handler
        self._parking = parking
        self._retrying = Retrying(parking, topic, self._again)
        self._tracing = tracing
        self._settings = settings
        self._busy = asyncio.Lock()
        self._owned: frozenset[int] = frozenset()
        self._fresh: frozenset[int] = frozenset()
        self._without: bool | None = None
        self._committed: dict[int, int] = {}
        self._moved = time.monotonic()
        self._lag = 0
        self.subscriber = broker.subscriber(
            topic, batch=True, group_id=group, group_instance_id=f"{group}-{settings.instance}",
            ack_policy=AckPolicy.MANUAL, auto_offset_reset="earliest", max_records=settings.batch_records,
            batch_timeout_ms=50, fetch_max_wait_ms=100, session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=max(200, settings.session_timeout_ms // 5), max_poll_interval_ms=300_000,
            listener=_Drain(self), parser=whole, decoder=records_of, no_reply=True,
        )  # fmt: skip
        self.subscriber(self._on_records)

    async def _on_records(self, polled: Sequence[ConsumerRecord[Any, Any]]) -> None:
        async with self._busy:
            records = [record for record in polled if record.partition in self._owned]
            if not records or self.stopped is not None:
                return
            started = time.monotonic()
            try:
                await self._until_done(records)
                await self._commit({record.partition: record.offset + 1 for record in records})
                self._moved = time.monotonic()
            except BudgetSpent:
                self._stop("the parking budget is spent", records)
            except Unavailable as away:
                self._wait(records, away)
            except Exception as fault:
                # FastStream would swallow it without a word: nothing is committed, and the batch comes again.
                _log.error("batch.broke", topic=self.topic, records=len(records), error=type(fault).__name__)
                self._rewind(records)
                await asyncio.sleep(_LONGEST_PAUSE)
            metrics.BATCH_SECONDS.labels(self.topic).observe(time.monotonic() - started)

    async def _until_done(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Handles the batch, trying again while something is away, within the patience of one poll."""
        deadline = time.monotonic() + self._settings.patience_seconds
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._before_a_batch()
                await self._handle(records)
            except Unavailable as away:
                # What was kept and not said may be found by nothing in this batch any more: settle before the next try.
                self._start_anew()
                metrics.WAITS.labels(self.topic).inc()
                if time.monotonic() + pause > deadline:
                    raise
                _log.warning("batch.waits", topic=self.topic, seconds=pause, why=str(away))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    async def _before_a_batch(self) -> None:
        """What is owed in newly owned partitions, then what operators asked for: before anything newer of its key."""
        if self._fresh:
            await self._take_over()
        if self._retrying.is_due:
            await self._retrying.some(self._owned, self._committed)
            self._moved = time.monotonic()

    def _start_anew(self) -> None:
        self._fresh = self._owned
        self._handler.forget()

    async def _take_over(self) -> None:
        fresh = self._fresh
        self._handler.forget()
        self._retrying.begin(await self._parking.assigned(self.topic, fresh))
        await self._handler.on_assigned(fresh)
        self._fresh = frozenset()
        metrics.REBALANCES.labels(self.topic).inc()

    async def _handle(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        arrived = [event for record in records if (event := await self._read(record)) is not None]
        if not arrived:
            return
        with self._tracing.batch(self.topic, len(arrived), (one.event.traceparent for one in arrived)):
            try:
                await self._handler.on_batch(arrived)
            except (Unavailable, BudgetSpent):
                raise
            except Exception as fault:
                self._handler.forget()
                _log.error("batch.failed", topic=self.topic, records=len(arrived), error=type(fault).__name__)
                await self._one_by_one(arrived)
        metrics.RECORDS.labels(self.topic, "handled").inc(len(arrived))

    async def _read(self, record: ConsumerRecord[Any, Any]) -> Arrived | None:
        key = None if record.key is None else record.key.decode("utf-8", "replace")
        raw = _Raw(record.topic, record.partition, record.offset, key, record.value)
        if self._parking.blocks(raw):
            await self._park(raw, "behind", "Behind")
            return None
        try:
            event = event_from(record.value)
        except NotTheContract:
            await self._park(raw, "not-the-contract", "NotTheContract")
            return None
        return Arrived(raw.topic, raw.partition, raw.offset, raw.key, raw.value, event)

    async def _one_by_one(self, arrived: Sequence[Arrived]) -> None:
        """Finds the record at fault: each alone, in order; what fails for good is parked, the rest goes on."""
        for one in arrived:
            if self._parking.blocks(one):
                await self._park(one, "behind", "Behind")
                continue
            fault = await self._alone(one)
            if fault is not None:
                await self._park(one, *fault)

    async def _alone(self, one: Arrived) -> Fault | None:
        """Handles one record, after an error nobody expected three times; gives why it cannot be handled."""
        pause = _FIRST_PAUSE
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._handler.on_batch([one])
            except (Unavailable, BudgetSpent):
                raise
            except Unprocessable as never:
                self._handler.forget()
                return Fault("unprocessable", never.reason)
            except Exception as fault:
                self._handler.forget()
                if attempt == _ATTEMPTS:
                    return Fault("unexpected", type(fault).__name__)
                await asyncio.sleep(pause)
                pause *= 2
            else:
                break
        return None

    async def _again(self, row: Document, at: int) -> Fault | None:
        """Handles a parked record, when its partition is handled up to `at`; gives why it still cannot be handled."""
        try:
            event = event_from(row["value"])
        except NotTheContract:
            return Fault("not-the-contract", "NotTheContract")
        one = Arrived(row["topic"], row["partition"], row["offset"], row["key"], row["value"], event, at)
        with self._tracing.batch(self.topic, 1, [event.traceparent]):
            return await self._alone(one)

    async def _park(self, record: _Raw | Arrived, reason: ReasonClass, error: str) -> None:
        metrics.RECORDS.labels(self.topic, "parked").inc()
        await self._parking.park(record, reason, error)

    async def _commit(self, offsets: dict[int, int]) -> None:
        consumer = self.subscriber.consumer
        owned = {partition: offset for partition, offset in offsets.items() if partition in self._owned}
        if consumer is None or not owned:
            return
        try:
            await consumer.commit(
                {TopicPartition(self.topic, partition): offset for partition, offset in owned.items()}
            )
        except (KafkaError, OSError) as away:
            _log.warning("commit.failed", topic=self.topic, error=type(away).__name__)
            await asyncio.sleep(_FIRST_PAUSE)
            raise Unavailable("the broker: commit") from None
        self._committed.update(owned)

    def _wait(self, records: Sequence[ConsumerRecord[Any, Any]], away: Unavailable) -> None:
        """The partitions wait: their position goes back to the start of the batch, so the next poll brings it again."""
        _log.warning("partitions.wait", topic=self.topic, records=len(records), why=str(away))
        self._rewind(records)

    def _stop(self, why: str, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        self.stopped = why
        _log.critical("consumer.stopped", topic=self.topic, why=why)
        self._rewind(records)
        consumer = self.subscriber.consumer
        if consumer is not None:
            consumer.pause(*consumer.assignment())

    def _rewind(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        consumer = self.subscriber.consumer
        first: dict[int, int] = {}
        for record in records:
            first.setdefault(record.partition, record.offset)
        for partition, offset in first.items():
            if consumer is not None and partition in self._owned:
                consumer.seek(TopicPartition(self.topic, partition), offset)

    async def revoked(self) -> None:
        """Waits for the batch in hand: what it did is committed before another member begins."""
        async with self._busy:
            self._owned = self._fresh = frozenset()
            self._retrying.begin(())
            self._without = True
            self._moved = time.monotonic()
            self._handler.forget()

    async def assigned(self, partitions: frozenset[int]) -> None:
        """These partitions are ours; what is owed in them is said before their first batch."""
        async with self._busy:
            self._owned = self._fresh = partitions
            self._without = False
            self._committed.clear()
            self._moved = time.monotonic()
            _log.info("partitions.assigned", topic=self.topic, partitions=sorted(partitions))

    async def settle_when_idle(self) -> None:
        """Says what is owed in newly owned partitions, and does what operators asked for, even when no record comes."""
        if self.stopped is not None:
            return
        try:
            await self._retrying.look(self._owned)
            if (self._fresh or self._retrying.is_due) and not self._busy.locked():
                async with self._busy:
                    await self._settle()
        except Unavailable as away:
            _log.warning("takeover.waits", topic=self.topic, why=str(away))

    async def _settle(self) -> None:
        try:
            await self._before_a_batch()
        except BudgetSpent:
            self._stop("the parking budget is spent", ())
        except Unavailable:
            self._start_anew()
            raise

    async def go_on(self) -> None:
        """Reads on after a stop, from what is committed.

        Raises:
            Unavailable: the broker cannot tell where that is.
        """
        consumer = self.subscriber.consumer
        if self.stopped is None or consumer is None:
            return
        with suppress(IllegalStateError):
            consumer.pause(*consumer.assignment())
        await asyncio.sleep(_FIRST_PAUSE)  # what was polled before the pause is passed over first
        async with self._busy:
            try:
                for place in consumer.assignment():
                    committed = await consumer.committed(place)
                    consumer.seek(place, committed or (await consumer.beginning_offsets([place]))[place])
                    consumer.resume(place)
            except (KafkaError, OSError) as away:
                raise Unavailable(f"the broker: {type(away).__name__}") from None
            self.stopped = None
            self._start_anew()
            self._moved = time.monotonic()
            _log.warning("consumer.goes-on", topic=self.topic)

    async def measure(self) -> None:
        """Reads how far behind the owned partitions are, from the broker."""
        consumer = self.subscriber.consumer
        partitions = [TopicPartition(self.topic, partition) for partition in self._owned]
        if self._without is None:
            self._without, self._moved = True, time.monotonic()
        if consumer is None or not partitions:
            self._lag = 0
            metrics.LAG.labels(self.topic).set(0)
            return
        ends = await consumer.end_offsets(partitions)
        lag = 0
        for place, end in ends.items():
            committed = self._committed.get(place.partition)
            if committed is None:
                committed = (
                    await consumer.committed(place) or (await consumer.beginning_offsets([place]))[place]
                )
                self._committed.setdefault(place.partition, committed)
            lag += max(0, end - committed)
        if lag == 0:
            self._moved = time.monotonic()
        self._lag = lag
        metrics.LAG.labels(self.topic).set(lag)

    @property
    def lag(self) -> int:
        """Records not yet committed, as last measured."""
        return self._lag

    @property
    def owned(self) -> frozenset[int]:
        """The partitions owned now."""
        return self._owned

    def why_not_live(self) -> str | None:
        """Why this consumer is not live: stopped, lag without movement, or lost to its group; None when it is."""
        if self.stopped is not None:
            return self.stopped
        still = time.monotonic() - self._moved
        if still <= self._settings.stall_seconds:
            return None
        if self._without:
            return f"no part in the group for {still:.0f} s"
        return f"no movement for {still:.0f} s with lag" if self._lag else None


class _Drain(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._consumer.assigned(frozenset(place.partition for place in assigned))
