"""Refused rows, kept so that nothing is lost: encrypted, limited per sender and per school, ended by setting (`contract.md` 3).

In clear stand the codes, the names of our own fields, the number of the row in its file, and the school where it is a
registered one; what the sender wrote, names of files and of unknown fields included, is sealed. The same bad row sent again
is one, and stays what became of it: open, corrected or discarded. The number and file told are those of its last coming.

A system has room for `limit` rows, and each of its schools for `school_limit` of them: one careless school leaves room for the
others of its system, and no system touches another's. What finds no room is refused all the same, and told so in its receipt.
"""

import asyncio
import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Collection, Document
from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.entries import About, Entry, State, about_of, entry_of, state_of
from aanwezig.intake.formats import Row
from aanwezig.intake.pieces import each, one_by_one

_ENVELOPE_FIELDS: Final = {"specversion", "id", "source", "type", "time", "sequence", "data", "retracted"}
_OUR_FIELDS: Final = _ENVELOPE_FIELDS | {
    field.name.rstrip("_") for kind in FACT_TYPES.values() for field in dataclasses.fields(kind)
}
_ROOM_OF_ONE: Final = 64 * 1024
_ANEW: Final = timedelta(days=1)
_OF_AN_ID: Final = [Code.ID_REUSED.value, Code.ID_UNCONFIRMED.value]
"""Codes of rows that are not corrected by what stands under their id: that is the very other message."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused row, why, the keyed hash of system and id (None: it has no id), its registered school, and its place."""

    row: Row
    errors: tuple[Refusal, ...]
    receipt: str | None
    school: str | None
    file: str | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open rows are asked for; None: whatever it is. `after`: the place of the last one seen."""

    school: str | None = None
    code: str | None = None
    file: str | None = None
    after: str | None = None


class Quarantine:
    """The refused rows of all systems. A row larger than 64 KiB takes the room of several.

    Several instances together may keep a few more than the limit: each asks before it adds. Within an instance the requests
    of one system wait for each other here, and for no other system's.
    """

    def __init__(
        self, collection: Collection, seal: Seal, *, key: bytes, limit: int, school_limit: int, days: int
    ) -> None:
        self._collection = collection
        self._seal = seal
        self._key = key
        self.limit = limit
        self.school_limit = school_limit
        self._kept_for = timedelta(days=days)
        self._adding: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self) -> None:
        """Makes the indexes."""
        await self._collection.index([("system", 1), ("open", 1), ("room", 1)])
        await self._collection.index([("system", 1), ("open", 1), ("school", 1), ("place", 1)])
        await self._collection.index([("system", 1), ("open", 1), ("place", 1)])
        await self._collection.index([("receipt", 1)])
        await self._collection.index([("ends", 1)], expire=0)

    async def keep(self, system: str, rows: Sequence[Refused], now: datetime) -> list[str | None]:
        """Keeps what there is room for; gives for each row the id it is kept under, now or since it came before.

        Raises:
            Unavailable: not now: give no receipt.
        """
        if not rows:
            return []
        ids = await each(
            lambda row: keyed_hash(self._key, "quarantine", system, row.row.as_bytes.hex()), rows
        )
        async with self._adding[system]:
            fields = ["at", "codes", "file", "row", "ends"]
            found = await self._collection.find({"_id": {"$in": ids}}, fields=fields)
            known = {one["_id"]: one for one in found}
            new = {id_: row for id_, row in zip(ids, rows, strict=True) if id_ not in known}
            adding = await self._fitting(system, new, now) if new else {}
            await self._collection.insert_new(list(adding.values()))
            await self._collection.update_each(
                ({"_id": id_}, {"$set": changes})
                for id_, row in zip(ids, rows, strict=True)
                if id_ in known and (changes := self._news(known.pop(id_), system, row, now))
            )
        kept = adding.keys() | {one["_id"] for one in found}
        return [id_ if id_ in kept else None for id_ in ids]

    async def settle(self, system: str, receipts: Iterable[str], now: datetime) -> None:
        """Closes the open rows whose ids (keyed hashes) were accepted since: they were corrected."""
        ids = list(receipts)
        open_ = {"system": system, "open": True}
        # Most systems have nothing open: one look is cheaper than as many as there are ids.
        if ids and await self._collection.find(open_, fields=["_id"], limit=1):
            query = {**open_, "receipt": {"$in": ids}, "codes": {"$nin": _OF_AN_ID}}
            await self._collection.update(query, {"$set": _closed("corrected", now)})

    async def why(self, receipt: str) -> tuple[Refusal, ...] | None:
        """Why the newest refused row with this keyed hash was refused; None: there is none."""
        found = await self._collection.find_one({"receipt": receipt}, sort=[("at", -1)])
        return None if found is None else entry_of(found, self._seal).errors

    async def entries(self, system: str, wanted: Wanted, most: int) -> list[Entry]:
        """The open rows of a system, at most so many, the oldest first; those of one coming in the order of their file."""
        query: dict[str, Any] = {"system": system, "open": True}
        if wanted.school is not None:
            query["school"] = wanted.school
        if wanted.code is not None:
            query["codes"] = wanted.code
        if wanted.file is not None:
            query["file"] = self._file(system, wanted.file)
        if wanted.after is not None:
            query["place"] = {"$gt": wanted.after}
        found = await self._collection.find(query, fields=_SHOWN, sort=[("place", 1)], limit=most)
        return [entry_of(one, self._seal) for one in found]

    async def entry(self, system: str, id_: str) -> tuple[Entry, bytes | None] | None:
        """One row of a system, open or closed, and its bytes as they came (None: sealed under another key); None: none."""
        found = await self._collection.find_one({"_id": id_, "system": system})
        if found is None:
            return None
        return entry_of(found, self._seal), self._seal.try_open(found["sealed"], id_)

    async def bytes_of(self, system: str, ids: Iterable[str]) -> int:
        """The bytes that the open rows of a system among these take together, rounded up to the room they have."""
        query = {"_id": {"$in": list(ids)}, "system": system, "open": True}
        found = await self._collection.find(query, fields=["room"])
        return sum(int(one["room"]) for one in found) * _ROOM_OF_ONE

    async def rows(self, system: str, ids: Iterable[str]) -> dict[str, Row | None]:
        """The open rows of a system among these, as they came, by id; None: sealed under another key."""
        query = {"_id": {"$in": list(ids)}, "system": system, "open": True}
        return {one["_id"]: self._row(one) for one in await self._collection.find(query)}

    async def states(self, ids: Iterable[str]) -> dict[str, State]:
        """What became of these rows, of those that are still here."""
        found = await self._collection.find({"_id": {"$in": list(ids)}}, fields=["open", "closed"])
        return {one["_id"]: state_of(one) for one in found}

    async def close(self, system: str, ids: Iterable[str], now: datetime) -> None:
        """Closes open rows of a system that were corrected: what they should have told was accepted."""
        query = {"_id": {"$in": list(ids)}, "system": system, "open": True}
        await self._collection.update(query, {"$set": _closed("corrected", now)})

    async def discard(self, system: str, id_: str, reason: str, now: datetime) -> bool:
        """Closes an open row of a system for a reason, which is kept sealed; tells whether there was one."""
        query = {"_id": id_, "system": system, "open": True}
        change = _closed("discarded", now, self._seal.seal(reason.encode(), id_))
        return await self._collection.update(query, {"$set": change}) > 0

    async def judged_anew(self, system: str, found: Mapping[str, tuple[Refusal, ...]]) -> None:
        """Tells of open rows, by id, what is wrong with them now: the register or the limits changed since."""
        ids = list(found)
        standing = await self._collection.find({"_id": {"$in": ids}, "system": system, "open": True})
        changes = []
        for one in standing:
            about = about_of(one, self._seal)
            if about is None or about.errors == found[one["_id"]]:
                continue
            told = dataclasses.replace(about, errors=found[one["_id"]])
            changes.append(
                ({"_id": one["_id"]}, {"$set": self._why(one["_id"], told.errors, told.written())})
            )
        await self._collection.update_each(changes)

    async def counts(self, system: str) -> dict[str, Any]:
        """How many open rows a system has and may have, and how many of each school and code, the oldest of which when.

        A row with two codes counts under both.
        """
        found = await self._collection.find(
            {"system": system, "open": True}, fields=["school", "codes", "at", "room"]
        )
        rows: Counter[tuple[str | None, str]] = Counter()
        oldest: dict[tuple[str | None, str], datetime] = {}
        schools: Counter[str | None] = Counter()
        for one in found:
            schools[one["school"]] += one["room"]
            for code in one["codes"]:
                rows[one["school"], code] += 1
                oldest[one["school"], code] = min(one["at"], oldest.get((one["school"], code), one["at"]))
        taken = sum(schools.values())
        return {
            "rows": len(found), "limit": self.limit, "school_limit": self.school_limit, "full": taken >= self.limit,
            "full_schools": sorted(school for school, room in schools.items() if school and room >= self.school_limit),
            "counts": [
                {"school": school, "code": code, "rows": rows[school, code], "oldest": utc_text(oldest[school, code])}
                for school, code in sorted(rows, key=lambda one: (one[0] or "", one[1]))
            ],
        }  # fmt: skip

    def _file(self, system: str, name: str) -> str:
        return keyed_hash(self._key, "file", system, name)

    async def _fitting(self, system: str, rows: Mapping[str, Refused], now: datetime) -> dict[str, Document]:
        """The documents of those rows there is room for, by id, in order."""
        open_ = {"system": system, "open": True}
        large = await self._collection.find({**open_, "room": {"$gt": 1}}, fields=["room", "school"])
        left = self.limit - await self._collection.count(open_) - sum(one["room"] - 1 for one in large)
        of_school: dict[str | None, int] = {}
        for school in {row.school for row in rows.values()}:
            taken = await self._collection.count({**open_, "school": school})
            more = sum(one["room"] - 1 for one in large if one["school"] == school)
            of_school[school] = self.school_limit - taken - more
        adding = {}
        async for id_, row in one_by_one(list(rows.items())):
            raw = row.row.as_bytes
            needs = 1 + (len(raw) - 1) // _ROOM_OF_ONE
            if needs <= min(left, of_school[row.school]):
                adding[id_] = self._document(id_, system, row, raw, needs, now)
                left -= needs
                of_school[row.school] -= needs
        return adding

    def _document(
        self, id_: str, system: str, row: Refused, raw: bytes, room: int, now: datetime
    ) -> Document:
        return {
            "_id": id_, "system": system, "receipt": row.receipt, "school": row.school, "room": room, "open": True,
            "sealed": self._seal.seal(raw, id_), "at": now, "ends": now + self._kept_for,
            **self._why(id_, row.errors, _about(row)), **self._place(id_, system, row, now),
        }  # fmt: skip

    def _why(self, id_: str, errors: Sequence[Refusal], about: bytes) -> dict[str, Any]:
        names = {error.field.split(".")[0] for error in errors}
        return {
            "codes": sorted({error.code.value for error in errors}), "fields": sorted(names & _OUR_FIELDS),
            "why": self._seal.seal(about, id_),
        }  # fmt: skip

    def _place(self, id_: str, system: str, row: Refused, at: datetime) -> dict[str, Any]:
        milliseconds = int(at.timestamp() * 1000)
        return {
            "file": None if row.file is None else self._file(system, row.file), "row": row.number,
            "place": f"{milliseconds:015d}.{row.number:09d}.{id_}",
        }  # fmt: skip

    def _news(self, known: Document, system: str, row: Refused, now: datetime) -> dict[str, Any]:
        """What a row that came before tells anew: nothing where it came the same way, so that a nightly file costs no writes."""
        changes: dict[str, Any] = {}
        id_ = known["_id"]
        place = self._place(id_, system, row, known["at"])
        moved = (known["file"], known["row"]) != (place["file"], place["row"])
        if moved or known["codes"] != sorted({error.code.value for error in row.errors}):
            changes |= place | self._why(id_, row.errors, _about(row))
        if known["ends"] < now + self._kept_for - _ANEW:
            changes["ends"] = now + self._kept_for
        return changes

    def _row(self, document: Document) -> Row | None:
        raw, about = self._seal.try_open(document["sealed"], document["_id"]), about_of(document, self._seal)
        if raw is None or about is None:
            return None
        try:
            said = orjson.loads(raw)
        except orjson.JSONDecodeError:
            said = None
        return Row(said, raw, about.unread)


_SHOWN: Final = (
    "receipt",
    "school",
    "codes",
    "fields",
    "row",
    "place",
    "why",
    "open",
    "closed",
    "at",
    "ends",
)


def _closed(state: State, now: datetime, reason: bytes | None = None) -> dict[str, Any]:
    return {"open": False, "closed": {"state": state, "at": now, "reason": reason}}


def _about(row: Refused) -> bytes:
    return About.of(row.row, row.file, row.errors).written()
