"""Receipts, and how they are kept: one document a request, sealed, found by file and by the ids of refused rows.

What was accepted is known by its reservation for ever, so of a request without a file only refusals are kept here. A
receipt is kept before it is given: what a sender holds in hand can be asked for again. A crash between the two keeps one
that nobody heard; the same rows sent again keep the next, and the newest word about a row is the one that is told.

In clear stand counts, numbers of rows and keyed hashes; ids, names of fields and codes are sealed.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import uuid4

import orjson

from aanwezig.chassis import logs
from aanwezig.chassis.sealing import Seal, SealedAway
from aanwezig.chassis.store import Collection, Document
from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.origins import Origin

Outcome = Literal["accepted", "duplicate", "refused"]
_MOST_BYTES: Final = 4 * 1024 * 1024
_LEVEL: Final = 1
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row; `id` as the sender gave it, None where it gave none."""

    id: str | None
    outcome: Outcome
    errors: tuple[Refusal, ...] = ()

    def said(self, language: str) -> dict[str, Any]:
        """The receipt as the contract writes it, with sentences in `nl` or `en`."""
        return {
            "id": self.id,
            "outcome": self.outcome,
            "errors": [
                {"field": error.field, "code": error.code.value, "message": error.message(language)}
                for error in self.errors
            ],
        }


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt with the number of its row in its file.

    Of a refused row also: the keyed hash of system and id (None: it has no id), and its id in the quarantine (None: there
    was no room for it).
    """

    row: int
    receipt: Receipt
    key: str | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What is known in clear of a kept document: the rows of its file it tells of, how many, and when they were told."""

    id: str
    first: int
    last: int
    at: datetime
    rows: int
    refused: int


class Receipts:
    """The kept receipts of all systems, each for some days, and of each system the newest `limit` documents.

    That is looked at after each twentieth of them, in every instance apart: some more may stand for a while.
    """

    def __init__(self, collection: Collection, seal: Seal, *, key: bytes, days: int, limit: int) -> None:
        self._collection = collection
        self._seal = seal
        self._key = key
        self._kept_for = timedelta(days=days)
        self._limit = limit
        self._left: dict[str, int] = {}

    async def start(self) -> None:
        """Makes the indexes."""
        await self._collection.index([("refused", 1), ("at", -1)], where={"refused": {"$exists": True}})
        await self._collection.index([("file", 1), ("at", -1)], where={"file": {"$exists": True}})
        await self._collection.index([("system", 1), ("at", 1)])
        await self._collection.index([("ends", 1)], expire=0)

    async def keep(self, system: str, origin: Origin, told: Sequence[Told], now: datetime) -> None:
        """Keeps the receipts of a request that is answered after this.

        Raises:
            Unavailable: not now: give no receipt. The same rows may be sent again.
        """
        if origin.file is None:
            told = [one for one in told if one.receipt.outcome == "refused"]
        if not told:
            return
        file = None if origin.file is None else self._file(system, origin.file)
        documents = [self._document(system, file, part, now) for part in _parted(told)]
        await self._collection.insert_new(documents)
        left = self._left.get(system, 0) - len(documents)
        if left < 0:
            await self._let_go_of_the_oldest(system)
            left = self._limit // 20
        self._left[system] = left

    async def _let_go_of_the_oldest(self, system: str) -> None:
        too_many = await self._collection.count({"system": system}) - self._limit
        if too_many > 0:
            query = {"system": system}
            oldest = await self._collection.find(query, fields=["_id"], sort=[("at", 1)], limit=too_many)
            await self._collection.delete({"_id": {"$in": [one["_id"] for one in oldest]}})
            _log.warning("receipts.let-go", system=system, documents=too_many)

    async def refused(self, key: str) -> Receipt | None:
        """The newest receipt that refuses the id with this keyed hash (of system and id); None: there is none.

        Raises:
            SealedAway: it was sealed under another key.
        """
        found = await self._collection.find_one({"refused": key}, sort=[("at", -1)])
        if found is None:
            return None
        return next((one.receipt for one in reversed(self._told(found)) if one.key == key), None)

    async def parts(self, system: str, file: str, *, most: int) -> list[Part]:
        """What was kept of the newest requests, `most` of them, with rows of this file of this system; newest first."""
        fields = ["first", "last", "at", "rows", "counts"]
        query = {"file": self._file(system, file)}
        found = await self._collection.find(query, fields=fields, sort=[("at", -1)], limit=most)
        return [
            Part(
                one["_id"], one["first"], one["last"], one["at"], one["rows"], one["counts"].get("refused", 0)
            )
            for one in found
        ]

    async def told(self, part: str) -> list[Told]:
        """The receipts of one kept document, in the order of the request; none where it has ended since.

        Raises:
            SealedAway: it was sealed under another key.
        """
        found = await self._collection.find_one({"_id": part})
        return [] if found is None else self._told(found)

    def _file(self, system: str, name: str) -> str:
        return keyed_hash(self._key, "file", system, name)

    def _document(
        self, system: str, file: str | None, part: tuple[Sequence[Told], bytes], now: datetime
    ) -> Document:
        told, plain = part
        id_ = uuid4().hex
        counts: dict[str, int] = {}
        for one in told:
            counts[one.receipt.outcome] = counts.get(one.receipt.outcome, 0) + 1
        document = {
            "_id": id_, "system": system, "first": min(one.row for one in told), "last": max(one.row for one in told),
            "rows": len(told), "counts": counts, "sealed": self._seal.seal(zlib.compress(plain, _LEVEL), id_),
            "at": now, "ends": now + self._kept_for,
        }  # fmt: skip
        if file is not None:
            document["file"] = file
        refused = sorted({one.key for one in told if one.key is not None})
        if refused:
            document["refused"] = refused
        return document

    def _told(self, document: Document) -> list[Told]:
        plain = self._seal.try_open(document["sealed"], document["_id"])
        if plain is None:
            raise SealedAway
        return [_read(*one) for one in orjson.loads(zlib.decompress(plain))]


def _parted(told: Sequence[Told]) -> list[tuple[Sequence[Told], bytes]]:
    """The receipts as JSON, in as many parts as keep a document well below what the database takes."""
    parts: list[tuple[Sequence[Told], bytes]] = []
    begun, size = 0, 0
    written = [orjson.dumps(_written(one)) for one in told]
    for place, one in enumerate(written):
        if size + len(one) > _MOST_BYTES and place > begun:
            parts.append((told[begun:place], _listed(written[begun:place])))
            begun, size = place, 0
        size += len(one) + 1
    parts.append((told[begun:], _listed(written[begun:])))
    return parts


def _listed(written: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(written) + b"]"


def _written(told: Told) -> list[Any]:
    receipt = told.receipt
    if receipt.outcome != "refused":
        return [told.row, receipt.id, receipt.outcome]
    errors = [(error.field, error.code.value, error.detail) for error in receipt.errors]
    return [told.row, receipt.id, receipt.outcome, errors, told.key, told.entry]


def _read(
    row: int, id_: str | None, outcome: Outcome, errors: Sequence[tuple[str, str, str]] = (),
    key: str | None = None, entry: str | None = None,
) -> Told:  # fmt: skip
    refusals = tuple(Refusal(field, Code(code), detail) for field, code, detail in errors)
    return Told(row, Receipt(id_, outcome, refusals), key, entry)
