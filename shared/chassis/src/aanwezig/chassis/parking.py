"""Dead letters between our own services: kept whole, named by a reason class, limited by a budget.

A parked record parks the later ones of its key, and nobody else's. The record is in the store first (so that it blocks its
key after a restart) and then on `<service>.parked.v1`, for operators.
"""

from collections.abc import Collection as Set
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import BudgetSpent
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Store

ReasonClass = Literal["not-the-contract", "unprocessable", "unexpected", "behind"]
_FAULTS: Final = ("not-the-contract", "unprocessable", "unexpected")
_log = logs.get(__name__)


class Parkable(Protocol):
    """What parking reads of a record."""

    @property
    def topic(self) -> str:
        """Where it came from."""

    @property
    def partition(self) -> int:
        """The partition it stood in."""

    @property
    def offset(self) -> int:
        """Its place there."""

    @property
    def key(self) -> str | None:
        """Its key as text; None: it blocks nobody."""

    @property
    def value(self) -> bytes | None:
        """Its bytes as they came."""


class Parking:
    """The dead letters of one service."""

    def __init__(self, store: Store, publisher: Publisher, *, service: str, topic: str, budget: int) -> None:
        self._collection = store.collection("parked")
        self._publisher = publisher
        self._service = service
        self._topic = topic
        self._budget = budget
        self._blocked: dict[tuple[str, int], dict[str, int]] = {}

    async def start(self) -> None:
        """Makes the index parking needs."""
        await self._collection.index([("topic", 1), ("partition", 1), ("open", 1)])

    async def assigned(self, topic: str, partitions: Set[int]) -> None:
        """Remembers which keys of these partitions are blocked."""
        for partition in partitions:
            query = {"topic": topic, "partition": partition, "open": True}
            rows = await self._collection.find(query, fields=["key", "offset"], sort=[("offset", -1)])
            self._blocked[topic, partition] = {
                row["key"]: row["offset"] for row in rows if row["key"] is not None
            }

    def blocks(self, record: Parkable) -> bool:
        """Whether an earlier record of the same key is parked."""
        if record.key is None:
            return False
        first = self._blocked.get((record.topic, record.partition), {}).get(record.key)
        return first is not None and first < record.offset

    async def park(self, record: Parkable, reason: ReasonClass, error: str) -> None:
        """Parks a record. `error` is the name of an error class, never its text.

        Raises:
            BudgetSpent: more records are parked than the budget allows; this one is parked as well.
            Unavailable: it could not be parked: commit nothing.
        """
        await self._collection.insert_new([{
            "_id": f"{record.topic}:{record.partition}:{record.offset}",
            "topic": record.topic, "partition": record.partition, "offset": record.offset, "key": record.key,
            "value": record.value, "reason": reason, "error": error, "at": datetime.now(UTC), "open": True,
        }])  # fmt: skip
        headers = [
            ("aanwezig-reason", reason.encode()), ("aanwezig-error", error.encode()),
            ("aanwezig-origin", f"{record.topic}:{record.partition}:{record.offset}".encode()),
            ("aanwezig-service", self._service.encode()),
        ]  # fmt: skip
        # A record without key and value cannot be said as it came; the store has it whole.
        value = b"" if record.key is None and record.value is None else record.value
        await self._publisher.say([Outgoing(self._topic, record.key, value)], headers=headers)
        if record.key is not None:
            self._blocked.setdefault((record.topic, record.partition), {}).setdefault(
                record.key, record.offset
            )
        metrics.PARKED.labels(record.topic, reason).inc()
        _log.error(
            "record.parked",
            topic=record.topic, partition=record.partition, offset=record.offset, reason=reason, error=error,
        )  # fmt: skip
        if reason != "behind" and await self.faults() > self._budget:
            raise BudgetSpent

    async def faults(self) -> int:
        """How many records are parked for a fault of their own (those parked behind another do not count)."""
        return await self._collection.count({"open": True, "reason": {"$in": list(_FAULTS)}})

    async def count(self) -> int:
        """How many records are parked in all."""
        return await self._collection.count({"open": True})
