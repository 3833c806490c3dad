"""What was told about each case or finding, and what is still to be delivered: one document each, by compare-and-set.

A notice and the events it owes are written together. On the topic it is said at once (`notice-sent`); for any other
channel it is pending until its outcome is noted together with the `notice-sent` or `notice-failed` it owes. An attempt is
claimed before it is made, for the length of a lease: who is killed between sending and noting leaves a notice that is
due again when the lease ends, under the same id.

A *lane* is what has to keep its order: the channel of a recipient, or one subscription. Instants here are whole
microseconds since 1970: the database keeps only milliseconds, and the order would be lost.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Collection
from aanwezig.contracts.messages import RecipientRegistered, Urgency
from aanwezig.contracts.topics import Topic
from aanwezig.notifier import rows
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome, Parcel, Way
from aanwezig.notifier.channels.timetable import wait_after
from aanwezig.notifier.hours import first_moment, out_of_quiet, slot_of
from aanwezig.notifier.rows import Row
from aanwezig.notifier.table import Domain, rows_for
from aanwezig.notifier.ways import KnownWays
from aanwezig.notifier.whom import Cause, Notice, notices

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TRIES: Final = 8
CHANNEL_CHANGED: Final = "channel-changed"
_log = logs.get(__name__)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt that is ours to make until its lease ends: the notice, its lane, and by which channel it goes."""

    about: str
    lane: str
    recipient: str
    channel: str
    via: str
    attempt: int
    slot: str | None
    urgency: Urgency
    parcel: Parcel

    @property
    def notice(self) -> str:
        """The notice's id."""
        return self.parcel.notice


class Deliveries:
    """The notifier's memory. `pace` scales the retry timetable; `leases` are how long one attempt may be ours, by channel."""

    def __init__(
        self, domain: Domain, said_on: Topic, shelf: Shelf, collection: Collection, *, now: Clock,
        leases: Mapping[str, timedelta], pace: float = 1.0,
    ) -> None:  # fmt: skip
        self.pending = asyncio.Event()
        self._domain = domain
        self._topic = said_on.name
        self._shelf = shelf
        self._collection = collection
        self._now = now
        self._leases = leases
        self._pace = pace
        self._last = 0
        # Within this process handler and senders take turns; between processes compare-and-set decides.
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Makes the indexes: what is due at all and to each lane, what a lane was told and a role heard, in order."""
        await self._shelf.start()
        await self._collection.index([("x.next", 1)], where={"x.open": True})
        await self._collection.index([("x.due.$**", 1)])
        await self._collection.index([("x.told", 1), ("x.at", 1)])
        await self._collection.index([("x.roles", 1), ("x.at", 1)])
        await self._collection.index([("x.who", 1), ("x.at", 1)])
        await self._collection.index([("x.notices", 1)])

    async def settle(self, partitions: Iterable[int]) -> None:
        """Says what documents of these partitions still owe."""
        async with self._turn:
            await self._shelf.settle(partitions)
        self.pending.set()

    async def tell(self, batch: Sequence[Cause], ways: KnownWays) -> None:
        """Keeps the notices these causes make and says those of the topic. A cause told before makes nothing.

        Raises:
            Unavailable: not now; whatever was kept is not made twice.
        """
        async with self._turn:
            kept = await self._shelf.load({one.document for one in batch})
            made: list[Notice] = []
            changed: dict[str, Kept] = {}
            for one in batch:
                document = kept.setdefault(
                    one.document, Kept(one.document, one.partition, state=rows.nothing())
                )
                if one.event.id not in document.state["causes"]:
                    made += self._add(document, one, ways)
                    changed[document.id] = document
            _alarm(made)
            await self._shelf.keep_and_say(changed.values())
        _count(made)
        if any(notice.channel != "topic" for notice in made):
            self.pending.set()

    def _add(self, document: Kept, one: Cause, ways: KnownWays) -> list[Notice]:
        document.partition = one.partition
        document.state["causes"].append(one.event.id)
        for row in [row for row in document.state["notices"] if row["status"] == "pending"]:
            # Before anything new: what it takes back must not come first by another way.
            if ways.way(row["recipient"], row["channel"], row["via"]) is None:
                self._readdress(document, row, ways)
        made = notices(self._domain, one, rows.told(document), ways)
        for ending in rows_for(self._domain, one.event.name, one.said):
            if ending.ends:
                # Also what nobody heard: it is not to be asked for any more.
                rows.end(document, ending.of, ending.of_role)
        for notice in made:
            row = rows.row_of(notice, one)
            row["time_us"] = self._microseconds(one.event.time)
            document.state["notices"].append(row)
            if notice.missing is not None:
                row |= {"status": "failed", "reason": notice.missing}
                rows.owe(document, self._topic, row, "notice-failed", notice.missing)
            elif notice.channel == "topic":
                row |= {"status": "sent"}
                rows.owe(document, self._topic, row, "notice-sent")
            else:
                way = ways.way(notice.recipient, notice.channel, notice.via)
                row |= {"status": "pending", "next": self._first(notice.urgency, way)}
                row["slot"] = self._slot(notice.urgency, way)
                if notice.urgency != "normal":
                    rows.hurry(document, row)
        document.index = rows.index(document)
        return made

    async def anything_due(self, partitions: Iterable[int], *, but: Iterable[str] = ()) -> bool:
        """Whether an attempt is due in these partitions, in a document that not only these lanes wait in."""
        query = self._due_in(partitions) | {"x.next": {"$lte": self._microseconds()}}
        if held := sorted(but):
            query["x.to"] = {"$elemMatch": {"$nin": held}}
        return bool(await self._collection.find(query, fields=["_id"], limit=1))

    async def due(self, lane: str, partitions: Iterable[int], limit: int) -> list[str]:
        """The documents with an attempt due on this lane, the longest due first."""
        field = f"x.due.{lane}"
        query = {"part": {"$in": list(partitions)}, field: {"$lte": self._microseconds()}}
        found = await self._collection.find(query, fields=["_id"], sort=[(field, 1)], limit=limit)
        return [row["_id"] for row in found]

    async def strangers(self, known: Iterable[str], partitions: Iterable[int], limit: int) -> set[str]:
        """Lanes with something due that are not among the known: they left the register, or changed channel."""
        names = set(known)
        query = self._due_in(partitions) | {
            "x.next": {"$lte": self._microseconds()}, "x.to": {"$elemMatch": {"$nin": sorted(names)}},
        }  # fmt: skip
        found = await self._collection.find(query, fields=["x.to"], limit=limit)
        return {name for row in found for name in row["x"]["to"]} - names

    async def claim(self, about: str, lane: str, *, but_digests: bool = False) -> Claim | None:
        """The attempt now due on this lane in this document; None: there is none, or another was first.

        `but_digests`: what goes with a digest is left to `claim_digest`. Who is not reached by mail any more has none.
        """
        claimed = await self._claim(
            about, lane,
            lambda waiting: [row for row in waiting[:1] if row["slot"] is None or not but_digests],
        )  # fmt: skip
        return claimed[0] if claimed else None

    async def claim_digest(self, about: str, lane: str) -> list[Claim]:
        """All attempts now due on this lane in this document that go with a digest, and with nothing before them."""
        return await self._claim(
            about, lane, lambda waiting: list(takewhile(lambda row: row["slot"] is not None, waiting))
        )

    async def _claim(self, about: str, lane: str, choose: Callable[[list[Row]], list[Row]]) -> list[Claim]:
        async with self._turn:
            document = (await self._shelf.load([about])).get(about)
            if document is None:
                return []
            now = self._microseconds()
            due = [row for row in choose(rows.pending(document, lane)) if row["next"] <= now]
            for row in due:
                row["attempts"] += 1
                row["next"] = self._microseconds(self._now() + self._leases[row["channel"]])
            document.index = rows.index(document)
            try:
                await self._shelf.keep([document] if due else [])
            except OwnershipLost:
                return []
        return [
            Claim(
                about,
                lane,
                row["recipient"],
                row["channel"],
                row["via"],
                row["attempts"],
                row["slot"],
                row["urgency"],
                Parcel(row["id"], rows.event_of(row)),
            )
            for row in due
        ]

    @property
    def now(self) -> datetime:
        """The moment by which attempts are scheduled."""
        return self._now()

    async def put_off(self, claim: Claim, until: datetime) -> None:
        """Gives an attempt back that was not made: it is due then.

        Raises:
            Unavailable: not now; the lease ends and it is due again.
        """
        async with self._turn:
            document = (await self._shelf.load([claim.about])).get(claim.about)
            row = None if document is None else rows.by_id(document, claim.notice)
            if document is None or row is None or row["attempts"] != claim.attempt:
                return
            row["attempts"] -= 1
            row["next"] = self._microseconds(until)
            document.index = rows.index(document)
            with suppress(OwnershipLost):
                await self._shelf.keep([document])

    async def note(
        self, claim: Claim, outcome: Outcome, ways: KnownWays, *, together: str | None = None
    ) -> bool:
        """Writes how an attempt went, with the event that says so when it was the last; whether it failed for good.

        `together` is the id of the digest it went with: what goes together is tried again together. One whose channel is another now goes by the ways there are: nothing is lost by a change in the register.

        Raises:
            Unavailable: not now; the lease ends and the notice is sent again under its id.
        """
        for _ in range(_TRIES):
            async with self._turn:
                document = (await self._shelf.load([claim.about])).get(claim.about)
                row = None if document is None else rows.by_id(document, claim.notice)
                if document is None or row is None or row["status"] != "pending":
                    return False
                self._conclude(document, row, claim, outcome, ways, together or row["id"])
                document.index = rows.index(document)
                try:
                    await self._shelf.keep_and_say([document])
                except OwnershipLost:
                    continue
            _tell_operators(row, outcome)
            return bool(row["status"] == "failed")
        raise OwnershipLost("another writes this document all the time")

    def _conclude(
        self, document: Kept, row: Row, claim: Claim, outcome: Outcome, ways: KnownWays, together: str
    ) -> None:
        rows.tried(
            row, self._microseconds(), "delivered" if isinstance(outcome, Delivered) else outcome.reason
        )
        if isinstance(outcome, Delivered):
            row |= {"status": "sent", "next": None, "reason": None}
            rows.owe(document, self._topic, row, "notice-sent")
            return
        row["reason"] = outcome.reason
        if outcome.reason == CHANNEL_CHANGED:
            self._readdress(document, row, ways)
            return
        wait = None if outcome.final else wait_after(row["attempts"], together, self._pace)
        if wait is None:
            row |= {"status": "failed", "next": None}
            rows.owe(document, self._topic, row, "notice-failed", outcome.reason)
        elif row["attempts"] == claim.attempt:
            row["next"] = self._next(row, self._now() + max(wait, outcome.after), ways)

    def _next(self, row: Row, moment: datetime, ways: KnownWays) -> int:
        """The next attempt, out of the recipient's quiet hours."""
        way = ways.way(row["recipient"], row["channel"], row["via"])
        return self._microseconds(moment if way is None else out_of_quiet(moment, row["urgency"], way.hours))

    def _readdress(self, document: Kept, row: Row, ways: KnownWays) -> None:
        """The same notice by the ways its recipient has now; without any it failed."""
        now = ways.of(row["recipient"])
        row |= {
            "status": "failed",
            "next": None,
            "reason": CHANNEL_CHANGED if now else "no-longer-registered",
        }
        rows.owe(document, self._topic, row, "notice-failed", row["reason"])
        row["moved"] = bool(now)
        place = document.state["notices"].index(row) + 1
        for way in now:
            if way.channel in row["channels"] and self._asks_for(row, way, ways):
                self._add_way(document, row, way, row["organisation"], place=place)

    def _asks_for(self, row: Row, way: Way, ways: KnownWays) -> bool:
        """Whether a way takes this notice: what takes something back goes wherever its recipient is reached."""
        return not row["is_filtered"] or ways.wants(way, row["happened"], row["track"], row["municipality"])

    def _add_way(
        self, document: Kept, row: Row, way: Way, organisation: str, *, place: int | None = None
    ) -> bool:
        """The notice of a row once more, by another way; whether it was not there yet."""
        another = rows.by_another_way(row, way, organisation)
        if rows.by_id(document, another["id"]) is not None:
            return False
        made = document.state["notices"]
        made.insert(len(made) if place is None else place, another)
        if way.channel == "topic":
            another |= {"status": "sent"}
            rows.owe(document, self._topic, another, "notice-sent")
        else:
            another |= {"status": "pending", "next": self._first(row["urgency"], way)}
            another["slot"] = self._slot(row["urgency"], way)
        return True

    async def again(
        self,
        way: Way,
        to: RecipientRegistered,
        wanted: Callable[[Row], bool],
        *,
        since: datetime,
        notice: str | None = None,
    ) -> int:
        """Delivers once more, under the same ids, what went by this way to its recipient since then; gives how many.

        `wanted` says of a row that went by another way, or for which nobody was registered, whether it is this
        recipient's too: it is delivered by this way as well.
        """
        moment = self._microseconds(since)
        lane = rows.lane_of(way.recipient, way.via)
        theirs = {"$or": [{"x.told": lane}, {"x.who": way.recipient}, {"x.roles": to.role}]}
        query = {"x.notices": notice} if notice is not None else {**theirs, "x.at": {"$gte": moment}}
        count = 0
        for found in await self._collection.find(query, fields=["_id"]):
            count += await self._again_in(found["_id"], way, to.organisation, wanted, moment, notice)
        self.pending.set()
        return count

    async def _again_in(
        self,
        about: str,
        way: Way,
        organisation: str,
        wanted: Callable[[Row], bool],
        since: int,
        notice: str | None,
    ) -> int:
        lane = rows.lane_of(way.recipient, way.via)
        for _ in range(_TRIES):
            async with self._turn:
                document = (await self._shelf.load([about])).get(about)
                if document is None:
                    return 0
                count = 0
                for row in list(document.state["notices"]):
                    if row["time_us"] < since or (notice is not None and row["id"] != notice):
                        continue
                    if row["lane"] == lane and row["channel"] != "topic":
                        # What waits already is not begun anew: who asks twice is served once.
                        count += rows.begin_again(row, self._tick())
                    elif row["lane"] != lane and notice is None and not row["over"] and wanted(row):
                        count += self._add_way(document, row, way, organisation)
                if not count:
                    return 0
                document.index = rows.index(document)
                try:
                    await self._shelf.keep_and_say([document])
                except OwnershipLost:
                    continue
                return count
        raise OwnershipLost("another writes this document all the time")

    async def rows_of(self, query: dict[str, Any], keep: Callable[[Row], bool]) -> list[Row]:
        """The rows that `keep` holds for, of the documents that match (`x.roles`, `x.told`, `x.at`), by time."""
        found = await self._collection.find(query, fields=["state.notices"])
        chosen = [row for one in found for row in one["state"]["notices"] if keep(row)]
        return sorted(chosen, key=lambda row: (row["time_us"], row["id"]))

    async def row(self, notice: str) -> Row | None:
        """One notice by its id."""
        found = await self.rows_of({"x.notices": notice}, lambda row: bool(row["id"] == notice))
        return found[0] if found else None

    def _due_in(self, partitions: Iterable[int]) -> dict[str, Any]:
        return {"x.open": True, "part": {"$in": list(partitions)}}

    def _microseconds(self, moment: datetime | None = None) -> int:
        return microseconds_of(self._now() if moment is None else moment)

    def _first(self, urgency: Urgency, way: Way | None) -> int:
        """When a new notice may go: at once, or out of its recipient's quiet hours and with its digest."""
        tick = self._tick()
        if way is None:
            return tick
        now = self._now()
        return max(tick, self._microseconds(first_moment(now, urgency, way.hours)))

    def _slot(self, urgency: Urgency, way: Way | None) -> str | None:
        """The date of the digest by mail it goes with; other channels deliver each notice by itself."""
        slot = slot_of(self._now(), urgency, way.hours) if way is not None and way.channel == "mail" else None
        return None if slot is None else slot.isoformat()

    def _tick(self) -> int:
        """Now, and later than any moment given before: notices of one batch keep their order."""
        self._last = max(self._last + 1, self._microseconds())
        return self._last


def microseconds_of(moment: datetime) -> int:
    """An aware instant in whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(microseconds: int) -> datetime:
    """The instant that is written as so many microseconds."""
    return _EPOCH + microseconds * _MICROSECOND


def _count(made: Sequence[Notice]) -> None:
    for notice in made:
        outcome = "sent" if notice.channel == "topic" else "pending"
        metrics.NOTICES.labels(notice.channel, notice.missing or outcome).inc()


def _alarm(made: Sequence[Notice]) -> None:
    """Before anything is kept: an alarm may come twice, and is never lost."""
    for notice in made:
        if notice.missing:
            _log.error(
                "recipient.missing",
                role=notice.role,
                why=notice.missing,
                subject=notice.word,
                notice=notice.id,
            )


def _tell_operators(row: Row, outcome: Outcome) -> None:
    if row["status"] != "pending":
        metrics.NOTICES.labels(row["channel"], row["status"]).inc()
    if isinstance(outcome, NotDelivered):
        event = "notice.failed" if row["status"] == "failed" else "notice.waits"
        tell = _log.error if row["status"] == "failed" else _log.info
        tell(
            event,
            notice=row["id"],
            recipient=row["recipient"],
            reason=row["reason"],
            attempts=row["attempts"],
        )
