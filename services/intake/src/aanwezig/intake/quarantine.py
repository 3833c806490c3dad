"""Refused rows, kept so that nothing is lost: encrypted, limited per sender, ended by setting (`contract.md` 3).

In clear stand the codes, the names of our own fields, and the school where it is a registered one; what the sender wrote,
names of unknown fields included, is sealed. The same bad row sent again is one.
"""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from aanwezig.chassis.store import Collection
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.sealing import Seal

_ENVELOPE_FIELDS: Final = {"specversion", "id", "source", "type", "time", "sequence", "data", "retracted"}
_OUR_FIELDS: Final = _ENVELOPE_FIELDS | {
    field.name.rstrip("_") for kind in FACT_TYPES.values() for field in dataclasses.fields(kind)
}
_ROOM_OF_ONE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused row: its bytes, why, the keyed hash of system and id (None: it has no id), and its registered school."""

    raw: bytes
    errors: tuple[Refusal, ...]
    receipt: str | None
    school: str | None


class Quarantine:
    """The refused rows of all senders. `limit` holds per system; a row larger than 64 KiB takes the room of several.

    Several instances together may keep a few more than the limit: each asks before it adds.
    """

    def __init__(self, collection: Collection, seal: Seal, *, key: bytes, limit: int, days: int) -> None:
        self._collection = collection
        self._seal = seal
        self._key = key
        self._limit = limit
        self._kept_for = timedelta(days=days)
        self._adding: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self) -> None:
        """Makes the indexes."""
        await self._collection.index([("system", 1), ("open", 1), ("room", 1)])
        await self._collection.index([("receipt", 1)])
        await self._collection.index([("ends", 1)], expire=0)

    async def keep(self, system: str, rows: Sequence[Refused], now: datetime) -> list[bool]:
        """Keeps what there is room for; tells for each row whether it is kept, now or since it came before.

        Raises:
            Unavailable: not now: give no receipt.
        """
        if not rows:
            return []
        ids = [keyed_hash(self._key, "quarantine", system, row.raw.hex()) for row in rows]
        async with self._adding[system]:
            found = await self._collection.find({"_id": {"$in": ids}, "open": True}, fields=["open"])
            kept = {one["_id"] for one in found}
            room = self._limit - await self._taken(system) if len(kept) < len(set(ids)) else 0
            adding: dict[str, dict[str, Any]] = {}
            for id_, row in zip(ids, rows, strict=True):
                needs = 1 + (len(row.raw) - 1) // _ROOM_OF_ONE
                if id_ not in kept and needs <= room:
                    adding[id_] = self._document(id_, system, row, needs, now)
                    kept.add(id_)
                    room -= needs
            closed = await self._collection.insert_new(list(adding.values()))
            await self._collection.update_each(
                ({"_id": id_}, {"$set": {key: adding[id_][key] for key in adding[id_] if key != "_id"}})
                for id_ in closed
            )
        return [id_ in kept for id_ in ids]

    async def settle(self, receipts: Iterable[str]) -> None:
        """Closes the refused rows whose ids (keyed hashes) were accepted since: they were corrected."""
        ids = list(receipts)
        if ids:
            query = {"receipt": {"$in": ids}, "open": True, "codes": {"$ne": Code.ID_REUSED.value}}
            await self._collection.update(query, {"$set": {"open": False}})

    async def why(self, receipt: str) -> tuple[Refusal, ...] | None:
        """Why the newest refused row with this keyed hash was refused; None: there is none."""
        found = await self._collection.find_one({"receipt": receipt}, sort=[("at", -1)])
        if found is None:
            return None
        errors = orjson.loads(self._seal.open(found["why"], found["_id"]))
        return tuple(Refusal(field, Code(code), detail) for field, code, detail in errors)

    async def raw(self, receipt: str) -> bytes | None:
        """The newest refused row with this keyed hash, as it came; None: there is none."""
        found = await self._collection.find_one({"receipt": receipt}, sort=[("at", -1)])
        return None if found is None else self._seal.open(found["sealed"], found["_id"])

    async def _taken(self, system: str) -> int:
        count = await self._collection.count({"system": system, "open": True})
        large = {"system": system, "open": True, "room": {"$gt": 1}}
        rooms: list[int] = [one["room"] for one in await self._collection.find(large, fields=["room"])]
        return count + sum(rooms) - len(rooms)

    def _document(self, id_: str, system: str, row: Refused, room: int, now: datetime) -> dict[str, Any]:
        why = orjson.dumps([(error.field, error.code.value, error.detail) for error in row.errors])
        names = {error.field.split(".")[0] for error in row.errors}
        return {
            "_id": id_, "system": system, "receipt": row.receipt, "school": row.school, "room": room, "open": True,
            "codes": sorted({error.code.value for error in row.errors}), "fields": sorted(names & _OUR_FIELDS),
            "sealed": self._seal.seal(row.raw, id_), "why": self._seal.seal(why, id_),
            "at": now, "ends": now + self._kept_for,
        }  # fmt: skip
