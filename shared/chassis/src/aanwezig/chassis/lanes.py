"""Many topics by one pattern, read side by side: a lane per partition, so that no sender's topic slows another's.

For records of strangers. They are handed over as they came, are never parked for what their sender did, and each lane is
committed by itself after its effects: at least once, in order per partition. A lane that has something in hand is paused
until that is committed, so it holds one batch at most; a lane that must wait (`Taken.wait`, something is away) waits alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.ending import ended
from aanwezig.chassis.errors import BudgetSpent, Unavailable
from aanwezig.chassis.polling import records_of, whole
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.unreadable import Unreadable, read_past

_ATTEMPTS: Final = 3
_ABREAST: Final = 4
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 3.0
_DRAIN_SECONDS: Final = 5.0
_ASTRAY_SECONDS: Final = 5.0
_log = logs.get(__name__)


class Submitted(NamedTuple):
    """A stranger's record as it stands on its topic. Its key is not read: nobody here may know or repeat it.

    `at` is when it was written, in milliseconds since 1970, as its sender or the broker says. One that is not `readable`
    could not be decoded at all: nothing is known of it but its place.
    """

    topic: str
    partition: int
    offset: int
    at: int
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """How many records from the start were taken, and after how many seconds the rest may come again (None: at once)."""

    records: int
    wait: float | None = None


class LaneHandler(Protocol):
    """What a service does with the records of one lane. Each call may be repeated with the same records."""

    async def on_records(self, records: Sequence[Submitted]) -> Taken:
        """Keeps and says what some records from the start cause; as many as fit one stroke. All are of one lane.

        Raises:
            Unavailable: not now: the same records will come again.
        """

    async def on_hopeless(self, record: Submitted, error: str) -> None:
        """Puts a record aside that failed three times by a mistake of ours; `error` is the name of an error class.

        Raises:
            Unavailable: not now: it is tried again.
            BudgetSpent: too many were put aside: this lane is read no further, and the service says so.
        """


@dataclass(eq=False)
class _Lane:
    """One partition that is ours. `next` is the offset that follows what it was handed; `set_back` where it was set back.

    `careful`: up to this offset records are taken one by one, to find the one at fault.
    """

    place: TopicPartition
    waiting: deque[Submitted] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    next: int | None = None
    set_back: int | None = None
    committed: int | None = None
    moved: float = field(default_factory=time.monotonic)
    lag: int = 0
    held: bool = False
    stopped: bool = False
    careful: int = -1
    attempts: int = 0
    error: str | None = None
    pause: float = _FIRST_PAUSE

    async def rest(self, seconds: float) -> None:
        """Waits so long, or until the lane is taken from us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.leaving.wait()


class Lanes:
    """All topics that match a pattern, in one group. `name` stands for them all in metrics and health."""

    def __init__(
        self, broker: KafkaBroker, name: str, pattern: str, group: str, handler: LaneHandler, settings: ServiceSettings,
    ) -> None:  # fmt: skip
        self.topic = name
        self.stopped: str | None = None
        self._handler = handler
        self._settings = settings
        self._abreast = asyncio.Semaphore(_ABREAST)
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._tasks: dict[TopicPartition, asyncio.Task[None]] = {}
        self._without = True
        self._moved = time.monotonic()
        self.subscriber = broker.subscriber(
            pattern=pattern, batch=True, group_id=group, group_instance_id=f"{group}-{settings.instance}",
            ack_policy=AckPolicy.MANUAL, auto_offset_reset="earliest", max_records=settings.batch_records,
            batch_timeout_ms=50, fetch_max_wait_ms=100, session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=max(200, settings.session_timeout_ms // 5), max_poll_interval_ms=300_000,
            listener=_Drain(self), parser=whole, decoder=records_of, no_reply=True,
        )  # fmt: skip
        self.subscriber(self._on_records)

    @property
    def owned(self) -> frozenset[TopicPartition]:
        """The partitions owned now."""
        return frozenset(self._lanes)

    @property
    def lag(self) -> int:
        """Records not yet committed, as last measured."""
        return sum(lane.lag for lane in self._lanes.values())

    async def _on_records(self, polled: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Hands each record to its lane and returns: no lane waits for another, and none is polled while it has some."""
        came: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        for record in polled:
            came.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        for place, records in came.items():
            lane = self._lanes.get(place)
            if lane is None or lane.stopped or not await self._follows(lane, records[0].offset):
                continue
            if self._lanes.get(place) is not lane:
                continue  # it was taken from us meanwhile
            lane.waiting.extend(_submitted(one) for one in records if one.offset >= (lane.next or 0))
            lane.next = records[-1].offset + 1
            self._pause([place])
            lane.wake.set()

    async def _follows(self, lane: _Lane, offset: int) -> bool:
        """Whether a batch follows what is done. Else the lane is set back, once: then there is nothing between.

        A poll that crossed a rebalance, or that failed halfway, may have skipped records.
        """
        consumer = self.subscriber.consumer
        if consumer is None:
            return False
        if lane.next is None:
            try:
                lane.next = await consumer.committed(lane.place) or 0
            except (KafkaError, OSError):
                return False  # `measure` sets it back
        if offset <= lane.next or lane.set_back == lane.next:
            return True
        lane.set_back = lane.next
        self._seek(lane, lane.next)
        return False

    async def _set_back(self) -> None:
        """Sets every lane with nothing in hand back to what follows what it was handed."""
        consumer = self.subscriber.consumer
        for lane in list(self._lanes.values()):
            if consumer is None or lane.waiting or lane.stopped:
                continue
            with suppress(IllegalStateError, KafkaError, OSError):
                if lane.next is None:
                    lane.next = await consumer.committed(lane.place) or 0
                consumer.seek(lane.place, lane.next)

    async def _run(self, lane: _Lane) -> None:
        while not lane.leaving.is_set():
            await lane.wake.wait()
            while lane.waiting and not lane.leaving.is_set() and not lane.stopped:
                await self._some(lane)
            lane.wake.clear()
            if not lane.leaving.is_set() and not lane.stopped:
                self._resume(lane)

    async def _some(self, lane: _Lane) -> None:
        """Hands over what waits in a lane, and commits what was taken of it."""
        one_by_one = lane.waiting[0].offset <= lane.careful
        batch = [lane.waiting[0]] if one_by_one else list(lane.waiting)
        started = time.monotonic()
        try:
            async with self._abreast, asyncio.timeout(self._settings.patience_seconds):
                taken = await self._taken(lane, batch)
        except BudgetSpent:
            self._stop(lane, "the parking budget is spent")
        except (Unavailable, TimeoutError) as away:
            metrics.WAITS.labels(self.topic).inc()
            _log.warning(
                "lane.waits", topic=lane.place.topic, seconds=lane.pause, why=str(away) or "no answer in time"
            )
            await lane.rest(lane.pause)
            lane.pause = min(lane.pause * 2, _LONGEST_PAUSE)
        except Exception as fault:
            _log.error("lane.broke", topic=lane.place.topic, records=len(batch), error=type(fault).__name__)
            await lane.rest(_LONGEST_PAUSE)
        else:
            metrics.BATCH_SECONDS.labels(self.topic).observe(time.monotonic() - started)
            if taken.records:
                await self._done(lane, batch[: taken.records])
            if taken.wait is not None:
                await self._hold(lane, taken.wait)

    async def _taken(self, lane: _Lane, batch: Sequence[Submitted]) -> Taken:
        """Hands a batch over. After an error nobody expected: one by one, each three times, then that one is put aside."""
        if lane.error is None or lane.attempts < _ATTEMPTS:
            try:
                taken = await self._handler.on_records(batch)
            except (Unavailable, BudgetSpent, TimeoutError):
                raise
            except Exception as fault:
                lane.error = type(fault).__name__
                _log.error("lane.failed", topic=lane.place.topic, records=len(batch), error=lane.error)
                if len(batch) > 1:
                    lane.careful = batch[-1].offset
                    return Taken(0)
                lane.attempts += 1
                return Taken(0, _FIRST_PAUSE * 2**lane.attempts)
            metrics.RECORDS.labels(self.topic, "handled").inc(taken.records)
            return taken
        await self._handler.on_hopeless(batch[0], lane.error)
        metrics.RECORDS.labels(self.topic, "parked").inc()
        return Taken(1)

    async def _done(self, lane: _Lane, taken: Sequence[Submitted]) -> None:
        for _ in taken:
            lane.waiting.popleft()
        lane.error, lane.attempts, lane.pause = None, 0, _FIRST_PAUSE
        await self._commit(lane, taken[-1].offset + 1)

    async def _commit(self, lane: _Lane, offset: int) -> None:
        pause = _FIRST_PAUSE
        while (consumer := self.subscriber.consumer) is not None:
            try:
                await consumer.commit({lane.place: offset})
            except (CommitFailedError, IllegalStateError):
                return  # it is taken from us: its next owner repeats what is not committed
            except (KafkaError, OSError) as away:
                _log.warning("commit.failed", topic=lane.place.topic, error=type(away).__name__)
                await lane.rest(pause)
                if lane.leaving.is_set():
                    return
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                lane.committed, lane.moved = offset, time.monotonic()
                return

    async def _hold(self, lane: _Lane, seconds: float) -> None:
        lane.held = True
        await lane.rest(seconds)
        lane.held, lane.moved = False, time.monotonic()

    def _stop(self, lane: _Lane, why: str) -> None:
        """Stops one lane, and says so for the whole: the others go on, until they too meet a mistake of ours."""
        self.stopped, lane.stopped = why, True
        _log.critical("consumer.stopped", topic=lane.place.topic, why=why)

    def _pause(self, places: Iterable[TopicPartition]) -> None:
        consumer = self.subscriber.consumer
        for place in list(places):
            with suppress(IllegalStateError):
                if consumer is not None:
                    consumer.pause(place)

    def _resume(self, lane: _Lane) -> None:
        consumer = self.subscriber.consumer
        with suppress(IllegalStateError):
            if consumer is not None:
                consumer.resume(lane.place)

    def _seek(self, lane: _Lane, offset: int) -> None:
        consumer = self.subscriber.consumer
        _log.warning("lane.set-back", topic=lane.place.topic, partition=lane.place.partition)
        with suppress(IllegalStateError):
            if consumer is not None:
                consumer.seek(lane.place, offset)

    async def revoked(self) -> None:
        """Lets every lane end what it has in hand, for some seconds; what is not committed is its next owner's."""
        lanes, tasks = self._lanes, list(self._tasks.values())
        self._lanes, self._tasks = {}, {}
        self._without, self._moved = True, time.monotonic()
        for lane in lanes.values():
            lane.leaving.set()
            lane.wake.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
            await ended(late, seconds=1)

    async def assigned(self, places: Iterable[TopicPartition]) -> None:
        """These partitions are ours: a lane for each."""
        self._lanes = {place: _Lane(place) for place in places}
        self._tasks = {place: asyncio.create_task(self._run(lane)) for place, lane in self._lanes.items()}
        self._without, self._moved = False, time.monotonic()
        if self.subscriber.consumer is not None:
            read_past(self.subscriber.consumer, self._set_back)
        metrics.REBALANCES.labels(self.topic).inc()
        _log.info("partitions.assigned", topic=self.topic, partitions=len(self._lanes))

    async def settle_when_idle(self) -> None:
        """Nothing: a lane owes nothing but what it has not committed."""

    async def go_on(self) -> None:
        """Lets the lanes that stopped try again what they have in hand."""
        self.stopped = None
        for lane in self._lanes.values():
            if lane.stopped:
                lane.stopped, lane.moved = False, time.monotonic()
                lane.wake.set()
                _log.warning("consumer.goes-on", topic=lane.place.topic)

    async def measure(self) -> None:
        """Reads how far behind each lane is, from the broker."""
        consumer = self.subscriber.consumer
        lanes = dict(self._lanes)
        if consumer is not None and lanes:
            ends = await consumer.end_offsets(list(lanes))
            for place, lane in lanes.items():
                if lane.committed is None:
                    known = await consumer.committed(place)
                    lane.committed = known or (await consumer.beginning_offsets([place]))[place]
                lane.lag = max(0, ends[place] - lane.committed)
                if lane.lag == 0:
                    lane.moved = time.monotonic()
                elif self._is_astray(lane):
                    self._seek(lane, lane.committed)
                    lane.next = None
        metrics.LAG.labels(self.topic).set(self.lag)
        metrics.HELD.labels(self.topic).set(sum(lane.held for lane in lanes.values()))

    def _is_astray(self, lane: _Lane) -> bool:
        """Whether a lane has lag and nothing in hand for longer than a fetch takes: what was fetched for it got lost."""
        idle = not lane.wake.is_set() and not lane.waiting and not lane.stopped
        return idle and time.monotonic() - lane.moved > _ASTRAY_SECONDS

    def why_not_live(self) -> str | None:
        """Why this consumer is not live: stopped, a lane with lag that does not move, or lost to its group."""
        if self.stopped is not None:
            return self.stopped
        most, now = self._settings.stall_seconds, time.monotonic()
        still = [now - lane.moved for lane in self._lanes.values() if lane.lag and not lane.held]
        if still and max(still) > most:
            return f"no movement for {max(still):.0f} s with lag"
        consumer = self.subscriber.consumer
        wanted = consumer is not None and bool(consumer.subscription())
        if self._without and wanted and now - self._moved > most:
            return f"no part in the group for {now - self._moved:.0f} s"
        return None


class _Drain(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        await self._lanes.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._lanes.assigned(assigned)


def _submitted(record: ConsumerRecord[Any, Any]) -> Submitted:
    headers = tuple((str(name), value) for name, value in record.headers or ())
    return Submitted(
        record.topic, record.partition, record.offset, record.timestamp, headers, record.value,
        not isinstance(record, Unreadable),
    )  # fmt: skip
