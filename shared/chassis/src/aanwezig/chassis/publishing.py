"""Saying: events to topics, acknowledged by every replica before anything is told to have happened."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import CONTENT_TYPE, Event

_log = logs.get(__name__)
_HEADERS: Final = [("content-type", CONTENT_TYPE.encode())]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to say: where, under which key, and its bytes (None: a tombstone of a compacted topic).

    `partition` only where a record must reach a certain partition (`day-closed`); else the key decides.
    """

    topic: str
    key: str | None
    value: bytes | None
    partition: int | None = None

    @classmethod
    def event(cls, topic: str, key: str | None, event: Event, partition: int | None = None) -> "Outgoing":
        """The record that says this event."""
        return cls(topic, key, event.as_bytes(), partition)

    def as_document(self) -> dict[str, Any]:
        """Its form in a store's outbox."""
        return {"t": self.topic, "k": self.key, "v": self.value, "p": self.partition}

    @classmethod
    def from_document(cls, kept: dict[str, Any]) -> "Outgoing":
        """The record kept in an outbox."""
        return cls(kept["t"], kept["k"], kept["v"], kept["p"])


class Publisher:
    """An idempotent producer that is made anew after a failure it cannot go on from."""

    def __init__(self, bootstrap: Sequence[str], client: str) -> None:
        self._bootstrap = list(bootstrap)
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Connects.

        Raises:
            Unavailable: no broker answers.
        """
        await self._ready()

    async def say(self, records: Iterable[Outgoing], *, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Says all records, in order per key, and waits until each is acknowledged.

        Raises:
            Unavailable: at least one was not acknowledged; some may have been. Say them again: ids do not change.
        """
        waiting = list(records)
        if not waiting:
            return
        producer = await self._ready()
        said = [*_HEADERS, *headers]
        try:
            futures = [
                await producer.send(
                    record.topic,
                    record.value,
                    key=None if record.key is None else record.key.encode(),
                    partition=record.partition,
                    headers=said,
                )
                for record in waiting
            ]
            outcomes = await asyncio.gather(*futures, return_exceptions=True)
        except (KafkaError, OSError) as away:
            await self._discard()
            raise Unavailable(f"the broker: {type(away).__name__}") from None
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            await self._discard()
            raise Unavailable(f"the broker: {type(failures[0]).__name__}")
        for record in waiting:
            metrics.SAID.labels(record.topic).inc()

    async def partitions_of(self, topic: str) -> int:
        """How many partitions a topic has.

        Raises:
            Unavailable: no broker answers, or there is no such topic.
        """
        producer = await self._ready()
        try:
            return len(await producer.partitions_for(topic))
        except (KafkaError, OSError) as away:
            raise Unavailable(f"the broker: {type(away).__name__}") from None

    async def stop(self) -> None:
        """Sends what is buffered and disconnects."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def _ready(self) -> AIOKafkaProducer:
        async with self._making:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, client_id=self._client, acks="all", enable_idempotence=True,
                    linger_ms=2, request_timeout_ms=10_000, max_batch_size=256 * 1024, max_request_size=2_000_000,
                )  # fmt: skip
                try:
                    await producer.start()
                except (KafkaError, OSError) as away:
                    await producer.stop()
                    raise Unavailable(f"the broker: {type(away).__name__}") from None
                self._producer = producer
            return self._producer

    async def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            _log.warning("publisher.renewed")
            try:
                await asyncio.wait_for(producer.stop(), 5)
            except (KafkaError, OSError, TimeoutError):
                _log.warning("publisher.discarded")
