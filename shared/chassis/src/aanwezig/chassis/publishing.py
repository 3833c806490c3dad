"""Saying: events to topics, acknowledged by every replica before anything is told to have happened."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.access import Access
from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import CONTENT_TYPE, Event

_log = logs.get(__name__)
_HEADERS: Final = [("content-type", CONTENT_TYPE.encode())]
_REQUEST_SECONDS: Final = 10.0
_SAY_SECONDS: Final = 15.0
_LET_GO_SECONDS: Final = 2.0


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

    def __init__(self, reach: Access | Sequence[str], client: str) -> None:
        self._access = Access.of(reach)
        self._client = client
        self._producer: AIOKafkaProducer | None = None
        self._stopped = False
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Connects.

        Raises:
            Unavailable: no broker answers.
        """
        self._stopped = False
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
        futures: list[asyncio.Future[Any]] = []
        try:
            # An idempotent producer never gives a record up by itself: without an end of ours it would wait for the
            # broker as long as that is away.
            async with asyncio.timeout(_SAY_SECONDS):
                for record in waiting:
                    key = None if record.key is None else record.key.encode()
                    futures.append(
                        await producer.send(
                            record.topic, record.value, key=key, partition=record.partition, headers=said
                        )
                    )
                outcomes = await asyncio.gather(*futures, return_exceptions=True)
        except (KafkaError, OSError, TimeoutError) as away:
            await self._discard(producer)
            raise Unavailable(f"the broker: {type(away).__name__}") from None
        finally:
            for future in futures:
                future.cancel()  # nobody listens to what comes of it any more
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            await self._discard(producer)
            raise Unavailable(f"the broker: {type(failures[0]).__name__}")
        for record in waiting:
            metrics.SAID.labels(record.topic).inc()

    async def ping(self) -> None:
        """Asks the broker whether it is there.

        Raises:
            Unavailable: it does not answer.
        """
        producer = await self._ready()
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                answered = await producer.client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as away:
            raise Unavailable(f"the broker: {type(away).__name__}") from None
        if not answered:
            raise Unavailable("the broker: no answer")

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
        """Sends what is buffered and disconnects. What could not be sent in two seconds is let go.

        Whoever says something after this hears `Unavailable`: nothing is opened again that nobody would close.
        """
        self._stopped = True
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(_LET_GO_SECONDS):
                    await producer.flush()
            await _let_go(producer)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._making:
            if self._stopped:
                raise Unavailable("the publisher is closed")
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._access.for_aiokafka(), client_id=self._client, acks="all", enable_idempotence=True,
                    linger_ms=2, request_timeout_ms=int(_REQUEST_SECONDS * 1000), max_batch_size=256 * 1024,
                    max_request_size=2_000_000, retry_backoff_ms=250,
                )  # fmt: skip
                try:
                    await producer.start()
                except BaseException as away:
                    # Whoever asked may have stopped waiting: what was begun is let go all the same.
                    await _let_go(producer)
                    if isinstance(away, KafkaError | OSError):
                        raise Unavailable(f"the broker: {type(away).__name__}") from None
                    raise
                if self._stopped:
                    await _let_go(producer)
                    raise Unavailable("the publisher is closed")
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """Lets a producer go that failed, unless another who met the same failure did so already."""
        if self._producer is producer:
            self._producer = None
            _log.warning("publisher.renewed")
            await _let_go(producer)


async def _let_go(producer: AIOKafkaProducer) -> None:
    """Ends a producer whether the broker answers or not. Whoever still waits for a record of it hears that it failed."""
    producer._closed = True  # noqa: SLF001 - its own `stop` waits for the broker without end
    producer._message_accumulator.fail_all(KafkaConnectionError())  # noqa: SLF001
    sender = producer._sender.sender_task  # noqa: SLF001
    if sender is not None:
        sender.cancel()
    try:
        async with asyncio.timeout(_LET_GO_SECONDS):
            await producer.client.close()
            if sender is not None:
                await asyncio.wait({sender})
    except (KafkaError, OSError, TimeoutError):
        _log.warning("publisher.discarded")
