"""What was told about each case, and what is still to be delivered: one document per case, by compare-and-set.

A notice and the events it owes are written together. On the topic it is said at once (`notice-sent`); for any other
channel it is pending until its outcome is noted together with the `notice-sent` or `notice-failed` it owes. An attempt is
claimed before it is made, for the length of a lease: who is killed between sending and noting leaves a notice that is
due again when the lease ends, under the same id.

Instants here are whole microseconds since 1970: the database keeps only milliseconds, and the order would be lost.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Collection
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import CaseSaid, RecipientRegistered
from aanwezig.contracts.topics import NOTICES
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome
from aanwezig.notifier.channels.timetable import wait_after
from aanwezig.notifier.whom import Notice, Told, notices

SOURCE: Final = f"{PLATFORM_SOURCE}-notifier"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TRIES: Final = 8
_log = logs.get(__name__)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event of a case with its data read, and the partition it came from."""

    event: Event
    case: CaseSaid
    partition: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt that is ours to make until its lease ends."""

    case: str
    notice: str
    recipient: str
    channel: str
    attempt: int
    event: Event


class Deliveries:
    """The notifier's memory. `pace` scales the retry timetable; `lease` is how long one attempt may be ours."""

    def __init__(
        self, shelf: Shelf, collection: Collection, *, now: Clock, lease: timedelta, pace: float = 1.0
    ) -> None:
        self.pending = asyncio.Event()
        self._shelf = shelf
        self._collection = collection
        self._now = now
        self._lease = lease
        self._pace = pace
        self._last = 0
        # Within this process handler and senders take turns; between processes compare-and-set decides.
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Makes the indexes: what is due at all, and what is due to each recipient, in order."""
        await self._shelf.start()
        await self._collection.index([("x.next", 1)], where={"x.open": True})
        await self._collection.index([("x.due.$**", 1)])

    async def settle(self, partitions: Iterable[int]) -> None:
        """Says what documents of these partitions still owe."""
        async with self._turn:
            await self._shelf.settle(partitions)
        self.pending.set()

    async def tell(self, batch: Sequence[CaseEvent], recipients: Iterable[RecipientRegistered]) -> None:
        """Keeps the notices these events cause and says those of the topic. An event told before causes nothing.

        Raises:
            Unavailable: not now; whatever was kept is not made twice.
        """
        registered = list(recipients)
        async with self._turn:
            kept = await self._shelf.load({one.case.case for one in batch})
            made: list[Notice] = []
            changed: dict[str, Kept] = {}
            for one in batch:
                document = kept.setdefault(
                    one.case.case, Kept(one.case.case, one.partition, state=_nothing())
                )
                if one.event.id not in document.state["causes"]:
                    made += self._add(document, one, registered)
                    changed[document.id] = document
            await self._shelf.keep_and_say(changed.values())
        _count(made)
        if any(notice.channel != "topic" for notice in made):
            self.pending.set()

    def _add(self, document: Kept, one: CaseEvent, recipients: Iterable[RecipientRegistered]) -> list[Notice]:
        document.partition = one.partition
        document.state["causes"].append(one.event.id)
        made = notices(one.event, one.case, _told(document), recipients)
        if any(notice.ends for notice in made):
            for row in document.state["notices"]:
                row["over"] = True
        for notice in made:
            row = _row(notice, one.event)
            if notice.channel == "topic":
                row |= {"status": "sent"}
                _owe(document, row, "notice-sent")
            else:
                row |= {"status": "pending", "attempts": 0, "next": self._tick()}
            document.state["notices"].append(row)
        document.index = _index(document)
        return made

    async def anything_due(self, partitions: Iterable[int]) -> bool:
        """Whether an attempt of any recipient is due in these partitions."""
        query = self._due_in(partitions) | {"x.next": {"$lte": self._microseconds()}}
        return bool(await self._collection.find(query, fields=["_id"], limit=1))

    async def due(self, recipient: str, partitions: Iterable[int], limit: int) -> list[str]:
        """The cases with an attempt due to this recipient, the longest due first."""
        field = f"x.due.{recipient}"
        query = {"part": {"$in": list(partitions)}, field: {"$lte": self._microseconds()}}
        found = await self._collection.find(query, fields=["_id"], sort=[(field, 1)], limit=limit)
        return [row["_id"] for row in found]

    async def strangers(self, known: Iterable[str], partitions: Iterable[int], limit: int) -> set[str]:
        """Recipients with something due who are not among the known: they left the register, or changed channel."""
        names = set(known)
        query = self._due_in(partitions) | {
            "x.next": {"$lte": self._microseconds()}, "x.to": {"$elemMatch": {"$nin": sorted(names)}},
        }  # fmt: skip
        found = await self._collection.find(query, fields=["x.to"], limit=limit)
        return {name for row in found for name in row["x"]["to"]} - names

    async def claim(self, case: str, recipient: str) -> Claim | None:
        """The attempt now due for this recipient in this case; None: there is none, or another was first."""
        async with self._turn:
            document = (await self._shelf.load([case])).get(case)
            row = None if document is None else _first_pending(document, recipient)
            if document is None or row is None or row["next"] > self._microseconds():
                return None
            row["attempts"] += 1
            row["next"] = self._microseconds(self._now() + self._lease)
            document.index = _index(document)
            try:
                await self._shelf.keep([document])
            except OwnershipLost:
                return None
        event = _event(row, "notice-sent")
        return Claim(case, row["id"], recipient, row["channel"], row["attempts"], event)

    async def note(self, claim: Claim, outcome: Outcome) -> None:
        """Writes how an attempt went, with the event that says so when it was the last.

        Raises:
            Unavailable: not now; the lease ends and the notice is sent again under its id.
        """
        for _ in range(_TRIES):
            async with self._turn:
                document = (await self._shelf.load([claim.case])).get(claim.case)
                row = None if document is None else _by_id(document, claim.notice)
                if document is None or row is None or row["status"] != "pending":
                    return
                self._conclude(document, row, claim, outcome)
                document.index = _index(document)
                try:
                    await self._shelf.keep_and_say([document])
                except OwnershipLost:
                    continue
            _tell_operators(row, outcome)
            return
        raise OwnershipLost("another writes this case all the time")

    def _conclude(self, document: Kept, row: dict[str, Any], claim: Claim, outcome: Outcome) -> None:
        if isinstance(outcome, Delivered):
            row |= {"status": "sent", "next": None, "reason": None}
            _owe(document, row, "notice-sent")
            return
        row["reason"] = outcome.reason
        wait = None if outcome.final else wait_after(row["attempts"], row["id"], self._pace)
        if wait is None:
            row |= {"status": "failed", "next": None}
            _owe(document, row, "notice-failed", outcome.reason)
        elif row["attempts"] == claim.attempt:
            row["next"] = self._microseconds(self._now() + wait)

    def _due_in(self, partitions: Iterable[int]) -> dict[str, Any]:
        return {"x.open": True, "part": {"$in": list(partitions)}}

    def _microseconds(self, moment: datetime | None = None) -> int:
        return ((self._now() if moment is None else moment) - _EPOCH) // _MICROSECOND

    def _tick(self) -> int:
        """Now, and later than any moment given before: notices of one batch keep their order."""
        self._last = max(self._last + 1, self._microseconds())
        return self._last


def _nothing() -> dict[str, Any]:
    return {"causes": [], "notices": []}


def _row(notice: Notice, cause: Event) -> dict[str, Any]:
    return {
        "id": notice.id, "recipient": notice.recipient, "role": notice.role,
        "organisation": notice.organisation, "channel": notice.channel, "urgency": notice.urgency,
        "data": notice.said().said(), "time": cause.time.isoformat(), "cause": cause.id,
        "traceparent": cause.traceparent, "status": None, "attempts": 0, "next": None, "reason": None,
        "over": notice.ends,
    }  # fmt: skip


def _told(document: Kept) -> list[Told]:
    """Who was told, or is about to be, and was not told that it is over; a notice that failed told nobody."""
    rows = [row for row in document.state["notices"] if row["status"] != "failed" and not row["over"]]
    told = {row["recipient"]: Told(row["recipient"], row["role"], row["organisation"]) for row in rows}
    return list(told.values())


def _event(row: dict[str, Any], name: str, reason: str | None = None) -> Event:
    """The event that says what became of a notice: the same one however often it is made."""
    return Event(
        id=derived_id(name, row["id"]), source=SOURCE, name=name, time=datetime.fromisoformat(row["time"]),
        data=row["data"] if reason is None else row["data"] | {"reason": reason}, causation=row["cause"],
        traceparent=row["traceparent"],
    )  # fmt: skip


def _owe(document: Kept, row: dict[str, Any], name: str, reason: str | None = None) -> None:
    said = _event(row, name, reason)
    document.owed.append(Outgoing.event(NOTICES.name, row["recipient"], said))


def _by_id(document: Kept, notice: str) -> dict[str, Any] | None:
    return next((row for row in document.state["notices"] if row["id"] == notice), None)


def _first_pending(document: Kept, recipient: str) -> dict[str, Any] | None:
    """Per case and recipient one at a time, so that no retraction overtakes what it retracts."""
    return next(
        (
            row
            for row in document.state["notices"]
            if row["recipient"] == recipient and row["status"] == "pending"
        ),
        None,
    )


def _index(document: Kept) -> dict[str, Any]:
    due: dict[str, int] = {}
    for row in document.state["notices"]:
        if row["status"] == "pending":
            due.setdefault(row["recipient"], row["next"])
    return {"open": bool(due), "next": min(due.values(), default=None), "due": due, "to": sorted(due)}


def _count(made: Sequence[Notice]) -> None:
    for notice in made:
        metrics.NOTICES.labels(notice.channel, "pending" if notice.channel != "topic" else "sent").inc()
        if notice.missing:
            metrics.NOTICES.labels(notice.channel, "unregistered").inc()
            _log.error("recipient.missing", role=notice.role, subject=notice.subject)


def _tell_operators(row: dict[str, Any], outcome: Outcome) -> None:
    if row["status"] != "pending":
        metrics.NOTICES.labels(row["channel"], row["status"]).inc()
    if isinstance(outcome, NotDelivered):
        event = "notice.failed" if row["status"] == "failed" else "notice.waits"
        level = _log.error if row["status"] == "failed" else _log.warning
        level(event, recipient=row["recipient"], attempt=row["attempts"], reason=outcome.reason)
