"""Agendas and digests: made once when their day is closed, kept as they were then, and told (ADR 11).

Each case has a row in the store, with its states by the day that was open when they were heard: so a document is of its
date, whatever was heard since. A document's content is frozen by the first who keeps it; its id follows from kind,
recipient and date. Keep, then say: a document is untold until `told` is called, and is given again until then.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from aanwezig.chassis import logs
from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Collection
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import CaseSaid, DayClosed, RecipientRegistered
from aanwezig.contracts.topics import CASES, registered_partitions
from aanwezig.notifier import meetings
from aanwezig.notifier.agenda import DIRECTOR, TABLE, Agenda, CaseRow, agenda, heard
from aanwezig.notifier.closed_days import ClosedDays, complete
from aanwezig.notifier.digest import Digest, digest

Kind = Literal["agenda", "digest"]
KIND_OF: Final[Mapping[str, Kind]] = {TABLE: "agenda", DIRECTOR: "digest"}
"""By role, the document that is made for it."""
_DAY: Final = timedelta(days=1)
_MADE: Final = "made"
_FOREVER: Final = "9999-12-31"
_LISTED: Final = 200
_log = logs.get(__name__)
Heard = tuple[Event, CaseSaid | DayClosed, int]
"""An event of the cases' topic, its data, and the partition it came by."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document. `on`: the day of the meeting, or the Friday the week ends on; `as_of`: the last date in it."""

    id: str
    kind: Kind
    recipient: str
    municipality: str | None
    on: date
    as_of: date
    content: Agenda | Digest

    def partition(self, partitions: int) -> int:
        """Which of the partitions of the cases has the owner that delivers its notice: the same whoever makes it."""
        return int(self.id[:8], 16) % partitions


class Documents:
    """Rows, closed days and documents of one database; `collection` opens one by its name."""

    def __init__(
        self,
        collection: Callable[[str], Collection],
        publisher: Publisher,
        recipients: Iterable[RecipientRegistered],
        partitions_of: Callable[[str], Awaitable[int]] = registered_partitions,
    ) -> None:
        self._partitions_of = partitions_of
        self._row_documents = collection("agenda-rows")
        self._rows = Shelf(self._row_documents, publisher)
        self._days = Shelf(collection("case-days"), publisher)
        self._documents = collection("documents")
        self._recipients = recipients

    async def partitions(self) -> int:
        """How many partitions the cases have, at the broker.

        Raises:
            Unavailable: not now.
        """
        return await self._partitions_of(CASES.name)

    async def start(self) -> None:
        """Makes the indexes: rows by when they left the list and what stagnated, documents by recipient and untold."""
        for field in ("x.until", "x.stalled", "x.stands", "x.left"):
            await self._row_documents.index([(field, 1)])
        await self._documents.index([("recipient", 1), ("on", -1)])
        await self._documents.index([("told", 1)], where={"told": False})

    async def hear(self, batch: Sequence[Heard]) -> list[Document]:
        """Keeps what these events tell, in their order; where a day was closed, gives what is to be told now.

        Raises:
            Unavailable: not now; the same again is harmless.
        """
        days = await self._load_days({partition for *_, partition in batch})
        made_until = _made_until(days)
        closed = {number: _closed(days[_id(number)]) for *_, number in batch}
        cases = {said.case for _, said, _ in batch if isinstance(said, CaseSaid)}
        rows = await self._rows.load(sorted(cases))
        changed: dict[str, Kept] = {}
        for event, said, number in batch:
            if isinstance(said, DayClosed):
                closed[number] = closed[number].with_word(said)
                continue
            kept = rows.setdefault(said.case, Kept(said.case, number))
            # The day on which it took effect, however far other partitions are.
            on = said.day or closed[number].open_day or amsterdam_date(event.time)
            if _fold(kept, event.name, said, on, made_until):
                changed[kept.id] = kept
        await self._rows.keep(changed.values())
        await self._keep_days(days, closed)
        return await self.make() if any(isinstance(said, DayClosed) for _, said, _ in batch) else []

    async def make(self) -> list[Document]:
        """Makes what the closed days ask for, and gives all that was not told yet: also the first act of a new owner.

        Raises:
            Unavailable: not now.
        """
        count = await self.partitions()
        days = await self._load_days(set(range(count)))
        until = complete({number: _closed(days[_id(number)]) for number in range(count)}, count)
        before = _made_until(days)
        if until is not None and (before is None or until > before):
            made = [
                document
                for recipient in self._recipients
                if (document := await self._due(recipient, before or until - _DAY, until)) is not None
            ]
            await self._documents.insert_new([_written(one) for one in made])
            days[_MADE].state = {"until": until.isoformat()}
            # Another may have made them at the same moment: the same, for the same date.
            with suppress(OwnershipLost):
                await self._days.keep([days[_MADE]])
            if made:
                _log.info("documents.made", count=len(made), date=until.isoformat())
        return [_read(one) for one in await self._documents.find({"told": False}, sort=[("_id", 1)])]

    async def told(self, documents: Iterable[Document]) -> None:
        """These were told: they are given no more.

        Raises:
            Unavailable: not now; they are told again, under the same id.
        """
        await self._documents.update_each(({"_id": one.id}, {"$set": {"told": True}}) for one in documents)

    async def current(self, recipient: RecipientRegistered, today: date) -> Agenda | Digest:
        """The agenda or the digest as it stands now, with all that was heard; `today` where no day was closed ever.

        Raises:
            KeyError: nothing is made for this role.
            Unavailable: not now.
        """
        count = await self.partitions()
        days = await self._load_days(set(range(count)))
        as_of = complete({number: _closed(days[_id(number)]) for number in range(count)}, count) or today
        before = await self._before(recipient, None)
        if KIND_OF[recipient.role] == "agenda":
            since = None if before is None else before.as_of
            return agenda(await self._of_table(since), as_of, since, recipient.municipality)
        begins = meetings.week_of(as_of)[0] if before is None else before.as_of + _DAY
        rows = await self._of_director(begins)
        return digest(rows, begins, max(as_of, _newest(rows, as_of)), recipient.municipality)

    async def get(self, document: str) -> Document | None:
        """The document with this id; None: there is none.

        Raises:
            Unavailable: not now.
        """
        found = await self._documents.find({"_id": document})
        return _read(found[0]) if found else None

    async def listed(self, recipient: str) -> list[Document]:
        """The newest documents of a recipient, at most 200.

        Raises:
            Unavailable: not now.
        """
        found = await self._documents.find({"recipient": recipient}, sort=[("on", -1)], limit=_LISTED)
        return [_read(one) for one in found]

    async def _due(self, recipient: RecipientRegistered, before: date, until: date) -> Document | None:
        """The document that falls due for a recipient by the closing of the dates after `before`; of several the latest."""
        kind = KIND_OF.get(recipient.role)
        if kind == "agenda":
            return await self._agenda(recipient, meetings.meeting_after(recipient.meets, before, until))
        return (
            await self._digest(recipient, meetings.friday_after(before, until)) if kind == "digest" else None
        )

    async def _agenda(self, recipient: RecipientRegistered, meeting: date | None) -> Document | None:
        if meeting is None:
            return None
        as_of = meeting - _DAY
        last = await self._before(recipient, meeting)
        since = None if last is None else last.as_of
        content = agenda(await self._of_table(since, as_of), as_of, since, recipient.municipality)
        return _document("agenda", recipient, meeting, as_of, content)

    async def _digest(self, recipient: RecipientRegistered, friday: date | None) -> Document | None:
        if friday is None:
            return None
        last = await self._before(recipient, friday)
        begins = meetings.week_of(friday)[0] if last is None else last.as_of + _DAY
        content = digest(await self._of_director(begins, friday), begins, friday, recipient.municipality)
        return _document("digest", recipient, friday, friday, content)

    async def _before(self, recipient: RecipientRegistered, on: date | None) -> Document | None:
        """The newest document of a recipient, before this day."""
        kind = KIND_OF[recipient.role]
        found = await self._documents.find(
            {"recipient": recipient.recipient, "kind": kind}, sort=[("on", -1)], limit=_LISTED
        )
        earlier = [one for one in found if on is None or one["on"] < on.isoformat()]
        return _read(earlier[0]) if earlier else None

    async def _of_table(self, since: date | None, as_of: date | None = None) -> list[CaseRow]:
        """The rows that were on the list since this date, as they were at the end of `as_of` (None: as they are)."""
        after = "" if since is None else since.isoformat()
        return await self._found([{"x.until": {"$gt": after}}, {"x.left": {"$gt": after}}], as_of)

    async def _of_director(self, begins: date, as_of: date | None = None) -> list[CaseRow]:
        after = (begins - _DAY).isoformat()
        return await self._found([{"x.stalled": {"$gt": after}}, {"x.stands": True}], as_of)

    async def _found(self, queries: Iterable[Mapping[str, Any]], as_of: date | None) -> list[CaseRow]:
        states: dict[str, Any] = {}
        for query in queries:
            for one in await self._row_documents.find(query, fields=["state"]):
                states[one["_id"]] = one["state"]["days"]
        rows = (_as_of(days, as_of) for _, days in sorted(states.items()))
        return [row for row in rows if row is not None]

    async def _load_days(self, numbers: set[int]) -> dict[str, Kept]:
        wanted = {_id(number): number for number in sorted(numbers)} | {_MADE: 0}
        kept = await self._days.load(wanted)
        return {name: kept.get(name) or Kept(name, number) for name, number in wanted.items()}

    async def _keep_days(self, days: Mapping[str, Kept], closed: Mapping[int, ClosedDays]) -> None:
        changed = []
        for number, one in closed.items():
            state = one.as_state()
            if one.dates and days[_id(number)].state != state:
                days[_id(number)].state = state
                changed.append(days[_id(number)])
        await self._days.keep(changed)


def _id(partition: int) -> str:
    return f"cases-{partition}"


def _closed(kept: Kept) -> ClosedDays:
    return ClosedDays.from_state(kept.state) if kept.state else ClosedDays()


def _made_until(days: Mapping[str, Kept]) -> date | None:
    state = days[_MADE].state
    return date.fromisoformat(state["until"]) if state else None


def _fold(kept: Kept, name: str, said: CaseSaid, on: date, made_until: date | None) -> bool:
    """Adds an event to the states of a case; whether that changed anything. States no document can ask for are let go."""
    days: list[list[Any]] = list(kept.state.get("days", []))
    before = CaseRow.from_state(days[-1][1]) if days else None
    row = heard(before, name, said, on)
    if before is not None and row.revision == before.revision:
        return False
    if days and days[-1][0] >= on.isoformat():
        days[-1] = [days[-1][0], row.as_state()]
    else:
        days.append([on.isoformat(), row.as_state()])
    if made_until is not None:
        old = [number for number, (day, _) in enumerate(days) if day <= made_until.isoformat()]
        days = days[old[-1] :] if old else days
    kept.state = {"days": days}
    kept.index = _index([CaseRow.from_state(state) for _, state in days])
    return True


def _index(rows: Sequence[CaseRow]) -> dict[str, Any]:
    """What a row is found by, over all its states: last on the list, moved from it, last stagnated, and what stands.

    Dates as text; empty: never.
    """
    until = [_FOREVER for row in rows if row.is_listed]
    until += [row.went.isoformat() for row in rows if row.went is not None]
    stalled = [stall.on.isoformat() for row in rows for stall in row.stalls]
    told = [row.director.isoformat() for row in rows if row.director is not None]
    left = [move.on.isoformat() for row in rows if row.came is not None for move in row.moves]
    stands = any(
        any(row.stands(one) for one in row.stalls) or (row.director is not None and row.is_listed)
        for row in rows
    )
    return {
        "until": max(until, default=""), "stalled": max([*stalled, *told], default=""), "stands": stands,
        "left": max(left, default=""),
    }  # fmt: skip


def _as_of(days: Sequence[Sequence[Any]], as_of: date | None) -> CaseRow | None:
    """The state of a case at the end of a date (None: the newest); None: it was not there yet."""
    states = [state for day, state in days if as_of is None or day <= as_of.isoformat()]
    return CaseRow.from_state(states[-1]) if states else None


def _newest(rows: Iterable[CaseRow], as_of: date) -> date:
    """The newest day on which something for the director was heard: today's is in what is current."""
    days = (day for row in rows for day in (row.director, *(stall.on for stall in row.stalls)))
    return max((day for day in days if day is not None), default=as_of)


def _document(
    kind: Kind, recipient: RecipientRegistered, on: date, as_of: date, content: Agenda | Digest
) -> Document:
    name = derived_id("document", kind, recipient.recipient, on.isoformat())
    return Document(name, kind, recipient.recipient, recipient.municipality, on, as_of, content)


def _written(document: Document) -> dict[str, Any]:
    return {
        "_id": document.id, "kind": document.kind, "recipient": document.recipient, "municipality": document.municipality,
        "on": document.on.isoformat(), "as_of": document.as_of.isoformat(), "content": document.content.as_state(),
        "told": False,
    }  # fmt: skip


def _read(found: Mapping[str, Any]) -> Document:
    content = found["content"]
    return Document(
        found["_id"], found["kind"], found["recipient"], found["municipality"], date.fromisoformat(found["on"]),
        date.fromisoformat(found["as_of"]),
        Agenda.from_state(content) if found["kind"] == "agenda" else Digest.from_state(content),
    )  # fmt: skip
