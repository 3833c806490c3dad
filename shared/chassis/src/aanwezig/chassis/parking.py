"""Dead letters between our own services: kept whole, named by a reason class, limited by a budget.

A parked record parks the later ones of its key, and nobody else's. The record is in the store first (so that it blocks its
key after a restart) and then on `<service>.parked.v1`, for operators. What an operator asks (`operating.py`) stands in the
store as well, under `asked`; the owner of the record's partition does it (`retrying.py`).
"""

from collections.abc import Collection as Set
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, Protocol

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import BudgetSpent
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Collection, Document, Store

ReasonClass = Literal["not-the-contract", "unprocessable", "unexpected", "behind"]
Asked = Literal["retry", "discard"]
BEHIND: Final = "behind"
_FAULTS: Final = ("not-the-contract", "unprocessable", "unexpected")
_DAYS: Final = 30
_log = logs.get(__name__)


class Fault(NamedTuple):
    """Why a record is parked: the class of the reason, and the name of an error (never its text)."""

    reason: ReasonClass
    error: str


class Queue(NamedTuple):
    """Parked records that wait for each other: those of one key in a partition. One without a key waits alone."""

    topic: str
    partition: int
    key: str | None
    offset: int | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Queue":
        """The queue a parked record stands in."""
        alone = row["offset"] if row["key"] is None else None
        return cls(row["topic"], row["partition"], row["key"], alone)

    @property
    def open(self) -> dict[str, Any]:
        """Finds what is parked in it."""
        found = {"topic": self.topic, "partition": self.partition, "key": self.key, "open": True}
        return found if self.offset is None else found | {"offset": self.offset}


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

    def __init__(
        self, store: Store, publisher: Publisher, *, service: str, topic: str, budget: int, days: int = _DAYS
    ) -> None:  # fmt: skip
        self.budget = budget
        self._collection = store.collection("parked")
        self._kept_for = timedelta(days=days)
        self._publisher = publisher
        self._service = service
        self._topic = topic
        self._blocked: dict[tuple[str, int], dict[str, int]] = {}

    @property
    def collection(self) -> Collection:
        """Where parked records are, open and closed."""
        return self._collection

    async def start(self) -> None:
        """Makes the indexes parking needs."""
        await self._collection.index([("topic", 1), ("partition", 1), ("open", 1)])
        await self._collection.index([("ends", 1)], expire=0)

    async def assigned(self, topic: str, partitions: Set[int]) -> set[Queue]:
        """Remembers which keys of these partitions are blocked; gives the queues whose first record waits for nothing.

        What such a record stood behind was handled or discarded, and whoever did that was gone before it came to this one.
        """
        freed: set[Queue] = set()
        for partition in partitions:
            query = {"topic": topic, "partition": partition, "open": True}
            fields = ["topic", "partition", "key", "offset", "reason"]
            rows = await self._collection.find(query, fields=fields, sort=[("offset", -1)])
            first = {Queue.of(row): row for row in rows}
            self._blocked[topic, partition] = {
                queue.key: row["offset"] for queue, row in first.items() if queue.key is not None
            }
            freed |= {queue for queue, row in first.items() if row["reason"] == BEHIND}
        return freed

    def blocks(self, record: Parkable) -> bool:
        """Whether an earlier record of the same key is parked."""
        if record.key is None:
            return False
        first = self._blocked.get((record.topic, record.partition), {}).get(record.key)
        return first is not None and first < record.offset

    async def park(self, record: Parkable, reason: ReasonClass, error: str) -> None:
        """Parks a record. `error` is the name of an error class, never its text. One that was discarded stays discarded.

        Raises:
            BudgetSpent: more records are parked than the budget allows; this one is parked as well.
            Unavailable: it could not be parked: commit nothing.
        """
        id_ = f"{record.topic}:{record.partition}:{record.offset}"
        row: Document = {
            "_id": id_, "topic": record.topic, "partition": record.partition, "offset": record.offset,
            "key": record.key, "value": record.value, "reason": reason, "error": error, "at": datetime.now(UTC),
            "open": True, "asked": None,
        }  # fmt: skip
        if await self._collection.insert_new([row]) and not await self._parked_again(row):
            return
        headers = [
            ("aanwezig-reason", reason.encode()), ("aanwezig-error", error.encode()),
            ("aanwezig-origin", id_.encode()),
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
        if reason != BEHIND and not await self.within_budget():
            raise BudgetSpent

    async def _parked_again(self, row: Document) -> bool:
        """Parks a record anew that is in the store; False: somebody discarded it, so it is passed over."""
        is_it = {"_id": row["_id"]}
        still_open = is_it | {"open": True, "asked.what": {"$ne": "discard"}}
        anew = {name: row[name] for name in ("reason", "error", "at", "asked")}
        if await self._collection.update(still_open, {"$set": anew}):
            return True
        # It was handled, and its topic is read again from before it: the position of the group was lost.
        handled = is_it | {"open": False, "outcome": "handled"}
        whole = {name: value for name, value in row.items() if name != "_id"}
        return bool(await self._collection.update(handled, {"$set": whole | {"outcome": None, "ends": None}}))

    async def park_again(self, row: Document, fault: Fault) -> None:
        """Parks a record that was tried again and failed, under its old id; nobody asks for its queue any more.

        Raises:
            BudgetSpent, Unavailable: as `park`.
        """
        await self._collection.update(Queue.of(row).open | {"asked.what": "retry"}, {"$set": {"asked": None}})
        await self.park(_Standing.of(row), *fault)

    async def asked(self, topic: str, partitions: Set[int]) -> dict[Queue, bool]:
        """The queues an operator asked something for, and whether that was to try them again."""
        query = {
            "topic": topic, "partition": {"$in": list(partitions)}, "open": True,
            "asked.what": {"$in": ["retry", "discard"]},
        }  # fmt: skip
        fields = ["topic", "partition", "key", "offset", "asked"]
        found: dict[Queue, bool] = {}
        for row in await self._collection.find(query, fields=fields):
            queue = Queue.of(row)
            found[queue] = found.get(queue, False) or row["asked"]["what"] == "retry"
        return found

    async def waiting(self, queue: Queue, most: int) -> list[Document]:
        """The first records of a queue, whole, in their order."""
        return await self._collection.find(queue.open, sort=[("offset", 1)], limit=most)

    async def discard_asked(self, queue: Queue, before: int) -> None:
        """Closes what an operator discarded in a queue, up to an offset."""
        query = queue.open | {"asked.what": "discard", "$and": [{"offset": {"$lt": before}}]}
        for row in await self._collection.find(query, fields=["topic", "partition", "offset", "asked"]):
            await self.discard(row, row["asked"])

    async def discard(self, row: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        """Closes a record that nobody is going to handle; it is kept whole, with who said so and why."""
        await self._close(row, {"outcome": "discarded", "asked": asked})
        _log.warning("record.discarded", topic=row["topic"], partition=row["partition"], offset=row["offset"])

    async def handled(self, row: Document) -> None:
        """Closes a record that was tried again and is handled; what it says is not kept any longer."""
        await self._close(row, {"outcome": "handled", "value": None})
        _log.info("record.retried", topic=row["topic"], partition=row["partition"], offset=row["offset"])

    async def _close(self, row: Mapping[str, Any], how: Mapping[str, Any]) -> None:
        now = datetime.now(UTC)
        closed = {"open": False, "closed": now, "ends": now + self._kept_for, **how}
        await self._collection.update({"_id": row["_id"], "open": True}, {"$set": closed})

    async def look_again(self, queues: Iterable[Queue]) -> None:
        """Remembers anew whether these keys are blocked."""
        for queue in queues:
            if queue.key is None:
                continue
            first = await self.waiting(queue, 1)
            blocked = self._blocked.setdefault((queue.topic, queue.partition), {})
            blocked.pop(queue.key, None)
            if first:
                blocked[queue.key] = first[0]["offset"]

    async def within_budget(self) -> bool:
        """Whether a service may read on."""
        return await self.faults() <= self.budget

    async def faults(self) -> int:
        """How many are parked for a fault of their own, and nobody asked for them (those behind another do not count)."""
        return await self._collection.count({"open": True, "reason": {"$in": list(_FAULTS)}, "asked": None})

    async def count(self) -> int:
        """How many records are parked in all."""
        return await self._collection.count({"open": True})


class _Standing(NamedTuple):
    """A parked record as parking reads one."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Standing":
        return cls(row["topic"], row["partition"], row["offset"], row["key"], row["value"])
