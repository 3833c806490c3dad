"""Answers to records of the Kafka door: kept before they are said, so that a record is never answered in two ways.

An answer is the events that tell what became of one record, as bytes, found by the record's place. Whoever meets the record
again (its position was not committed) finds the answer and says the same bytes. Ids in receipts are their senders' own
words: an answer is sealed.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from aanwezig.chassis.lanes import Submitted
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Collection
from aanwezig.contracts.envelope import MAX_EVENT_BYTES, Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.receipts import ProblemSaid, RecordPlace
from aanwezig.contracts.topics import KEPT_DAYS
from aanwezig.intake.problems import Problem
from aanwezig.intake.receipts import Receipt
from aanwezig.intake.records import Asked

DAYS: Final = KEPT_DAYS + 1
"""How long an answer is kept: longer than the record it belongs to stands on its topic."""
_ROOM: Final = MAX_EVENT_BYTES - 2048
_MOST_FIELD: Final = 200


def place_of(record: Submitted) -> str:
    """Where a record stands, in one word: topic, partition and offset."""
    return f"{record.topic}:{record.partition}:{record.offset}"


def answer_of(
    record: Submitted, system: str, outcome: Sequence[Receipt] | Problem, asked: Asked, *,
    now: datetime, traceparent: str | None = None,
) -> list[bytes]:  # fmt: skip
    """The events that answer a record, each below 64 KiB: its receipts in the order of its rows, or one problem."""
    problem = None
    parts: list[list[dict[str, Any]]] = [[]]
    if isinstance(outcome, Problem):
        problem = ProblemSaid(code=outcome.code, detail=outcome.sentence(asked.language))
    else:
        parts = _parted([_fitting(receipt, asked.language) for receipt in outcome])
    where = RecordPlace(topic=record.topic, partition=record.partition, offset=record.offset).said()
    return [
        Event(
            id=derived_id("receipts", record.topic, str(record.partition), str(record.offset), str(part)),
            source=f"{PLATFORM_SOURCE}-intake",
            name="receipts-given",
            time=now,
            data={
                "system": system, "record": where, "part": part, "parts": len(parts), "receipts": receipts,
                **({"problem": problem.said()} if problem is not None else {}),
            },
            traceparent=asked.traceparent or traceparent,
        ).as_bytes()
        for part, receipts in enumerate(parts, start=1)
    ]  # fmt: skip


class Answers:
    """The answers of all systems, kept for `days`."""

    def __init__(self, collection: Collection, seal: Seal, *, days: int = DAYS) -> None:
        self._collection = collection
        self._seal = seal
        self._kept_for = timedelta(days=days)

    async def start(self) -> None:
        """Makes the index that ends them."""
        await self._collection.index([("ends", 1)], expire=0)

    async def standing(self, places: Iterable[str]) -> dict[str, list[bytes]]:
        """The answers that were kept for these places, except those under a key that is no longer there."""
        found = await self._collection.find({"_id": {"$in": list(places)}})
        opened = {one["_id"]: self._opened(one["sealed"], one["_id"]) for one in found}
        return {place: events for place, events in opened.items() if events is not None}

    async def keep(self, answers: Mapping[str, Sequence[bytes]], now: datetime) -> dict[str, list[bytes]]:
        """Keeps answers by place, and gives those that stand: where another was kept before, that one.

        One that nobody can open any more is replaced: a lost key must not hold its topic for ever.

        Raises:
            Unavailable: not now: say none of them.
        """
        lost = await self._collection.insert_new([
            {"_id": place, "sealed": self._sealed(events, place), "ends": now + self._kept_for}
            for place, events in answers.items()
        ])  # fmt: skip
        kept = {place: list(events) for place, events in answers.items()}
        if not lost:
            return kept
        standing = await self.standing(lost)
        await self._collection.update_each(
            ({"_id": place}, {"$set": {"sealed": self._sealed(answers[place], place)}})
            for place in lost - standing.keys()
        )
        return kept | standing

    def _sealed(self, events: Sequence[bytes], place: str) -> bytes:
        # Sentences repeat: packed, the receipts of thousands of rows fit one document.
        return self._seal.seal(zlib.compress(b"\n".join(events), 1), place)

    def _opened(self, sealed: bytes, place: str) -> list[bytes] | None:
        packed = self._seal.try_open(sealed, place)
        return None if packed is None else zlib.decompress(packed).split(b"\n")


def _parted(receipts: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = [[]]
    room = _ROOM
    for receipt in receipts:
        size = len(orjson.dumps(receipt)) + 1
        if size > room and parts[-1]:
            parts.append([])
            room = _ROOM
        parts[-1].append(receipt)
        room -= size
    return parts


def _fitting(receipt: Receipt, language: str) -> dict[str, Any]:
    """A receipt as the contract writes it. Of one that fits no event the names of fields are cut, and the last errors left out."""
    said = receipt.said(language)
    if len(orjson.dumps(said)) < _ROOM:
        return said
    for error in said["errors"]:
        long = error["field"]
        if len(long) > _MOST_FIELD:
            error["field"] = long[:_MOST_FIELD] + "..."
            error["message"] = error["message"].replace(long, error["field"])
    while len(orjson.dumps(said)) >= _ROOM:
        said["errors"].pop()
    return said
