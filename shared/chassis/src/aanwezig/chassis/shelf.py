"""The shelf: *keep, then say, then commit* (design.md, *What always holds* 1; ADR 2).

A document holds a state and the events it owes, written together in one compare-and-set. After that the events are said
and the debt is struck out. Whoever takes a partition over says first what is still owed. Saying twice is harmless: an id
never has two contents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Collection


@dataclass(slots=True)
class Kept:
    """A document as read from the shelf, or a new one (`revision` 0).

    `partition` is that of the topic whose owner writes it; `state` holds plain values; `owed` the events not said yet.
    `index` holds values to find the document by; they are derived from the state.
    """

    id: str
    partition: int
    revision: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    index: dict[str, Any] = field(default_factory=dict)
    owed: list[Outgoing] = field(default_factory=list)


class Shelf:
    """Documents of one collection that are changed by compare-and-set and owe events."""

    def __init__(self, collection: Collection, publisher: Publisher) -> None:
        self._collection = collection
        self._publisher = publisher
        self._indebted: set[int] = set()

    async def start(self) -> None:
        """Makes the indexes the shelf needs."""
        await self._collection.index([("part", 1)], where={"owes": True})

    async def load(self, ids: Iterable[str]) -> dict[str, Kept]:
        """The documents with these ids that exist. What one of them still owes is said first."""
        wanted = list(ids)
        if not wanted:
            return {}
        return {kept.id: kept for kept in await self.search({"_id": {"$in": wanted}})}

    async def search(self, query: Mapping[str, Any], *, limit: int = 0) -> list[Kept]:
        """The documents that match (fields of `index` under `x.`, the partition under `part`), debts said first."""
        await self.settle_debts()
        found = [_read(document) for document in await self._collection.find(query, limit=limit)]
        await self.say(found)
        return found

    async def keep(self, changed: Iterable[Kept]) -> None:
        """Writes each document with what it owes, each in one compare-and-set.

        Raises:
            OwnershipLost: another writer was first; nothing of the losing documents was written. Read them again.
        """
        documents = list(changed)
        seen = {kept.id: kept.revision for kept in documents}
        lost = await self._collection.replace_if([_written(kept) for kept in documents], seen=seen)
        for kept in documents:
            if kept.id not in lost:
                kept.revision += 1
        if lost:
            raise OwnershipLost(f"{len(lost)} of {len(documents)} documents")

    async def say(self, documents: Iterable[Kept]) -> None:
        """Says what these documents owe, in order, and strikes it out."""
        owing = [kept for kept in documents if kept.owed]
        if not owing:
            return
        await self._publisher.say(record for kept in owing for record in kept.owed)
        for kept in owing:
            kept.owed = []
        await self._collection.update_each(
            ({"_id": kept.id, "rev": kept.revision}, {"$set": {"owed": [], "owes": False}}) for kept in owing
        )

    async def keep_and_say(self, changed: Iterable[Kept]) -> None:
        """Writes the documents, then says what they owe: two of the three steps; the third is the caller's commit."""
        documents = list(changed)
        await self.settle_debts()
        partitions = {kept.partition for kept in documents if kept.owed}
        try:
            await self.keep(documents)
            await self.say(documents)
        except BaseException:
            # Whatever was written of it owes its events, and no query may find it again.
            self._indebted |= partitions
            raise

    async def settle_debts(self) -> None:
        """Says what an earlier call kept and could not say: a document may have moved out of every query since."""
        if self._indebted:
            owing = frozenset(self._indebted)
            await self.settle(owing)
            self._indebted -= owing

    async def settle(self, partitions: Iterable[int]) -> int:
        """Says whatever documents of these partitions still owe: the first act of a new owner. Gives how many owed."""
        query = {"part": {"$in": list(partitions)}, "owes": True}
        owing = [_read(document) for document in await self._collection.find(query)]
        await self.say(owing)
        return len(owing)


def _written(kept: Kept) -> dict[str, Any]:
    return {
        "_id": kept.id,
        "rev": kept.revision + 1,
        "part": kept.partition,
        "state": kept.state,
        "x": kept.index,
        "owed": [record.as_document() for record in kept.owed],
        "owes": bool(kept.owed),
    }


def _read(document: Mapping[str, Any]) -> Kept:
    return Kept(
        id=document["_id"],
        partition=document["part"],
        revision=document["rev"],
        state=document["state"],
        index=document["x"],
        owed=[Outgoing.from_document(record) for record in document["owed"]],
    )
