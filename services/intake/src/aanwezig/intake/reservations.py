"""Ids that were used: each is reserved before its event is said and done after, so no crash loses or doubles a row.

`new` is reserved as pending, said, marked done. The same content again: done is a duplicate; pending (a crash, or another
request in this moment) is said again, with the same bytes, which doubles nothing. Other content under the id is refused:
what was received first stands (`rules.md` 1, *natural key*).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aanwezig.chassis.store import Collection


class Verdict(StrEnum):
    """What a claimed id means for its row."""

    SAY = "say"
    DUPLICATE = "duplicate"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Claim:
    """A row's claim to its id. All three are keyed hashes: of source and id, of the content, of system and id.

    `traceparent` is what its event will carry.
    """

    key: str
    content: str
    receipt: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation as it is kept. Its `traceparent` is said each time, so that a row said twice is the same bytes."""

    content: str
    traceparent: str
    done: bool


def verdicts(claims: Sequence[Claim], kept: Mapping[str, Reserved]) -> list[Verdict]:
    """What each claim means, in their order, given the reservation that stands under each key."""
    said: set[str] = set()
    decided = []
    for claim in claims:
        standing = kept[claim.key]
        if standing.content != claim.content:
            decided.append(Verdict.REUSED)
        elif standing.done or claim.key in said:
            decided.append(Verdict.DUPLICATE)
        else:
            said.add(claim.key)
            decided.append(Verdict.SAY)
    return decided


class Reservations:
    """The reservations of all senders, kept as long as the ledger keeps the words: an id means one thing for ever."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def start(self) -> None:
        """Makes the indexes."""
        await self._collection.index([("receipt", 1)])

    async def reserve(self, claims: Sequence[Claim]) -> dict[str, Reserved]:
        """Reserves what is new as pending; gives what stands under each key, the first claim's where it is new.

        Raises:
            Unavailable: not now; what was reserved is pending, and a retry goes on from there.
        """
        first: dict[str, Claim] = {}
        for claim in claims:
            first.setdefault(claim.key, claim)
        kept = await self._standing(first)
        new = {key: claim for key, claim in first.items() if key not in kept}
        lost = await self._collection.insert_new([
            {
                "_id": key, "content": claim.content, "receipt": claim.receipt, "trace": claim.traceparent,
                "done": False,
            }
            for key, claim in new.items()
        ])  # fmt: skip
        for key in new.keys() - lost:
            kept[key] = Reserved(new[key].content, new[key].traceparent, done=False)
        if lost:
            kept |= await self._standing(lost)
        return kept

    async def _standing(self, keys: Iterable[str]) -> dict[str, Reserved]:
        fields = ["content", "trace", "done"]
        found = await self._collection.find({"_id": {"$in": list(keys)}}, fields=fields)
        return {one["_id"]: Reserved(one["content"], one["trace"], one["done"]) for one in found}

    async def done(self, keys: Iterable[str]) -> None:
        """Marks reservations whose events are acknowledged."""
        ids = list(keys)
        if ids:
            await self._collection.update({"_id": {"$in": ids}}, {"$set": {"done": True}})

    async def accepted(self, receipt: str) -> bool:
        """Whether a row with this keyed hash of system and id was accepted."""
        return await self._collection.find_one({"receipt": receipt, "done": True}) is not None
