"""Ids that were used: each is reserved before its event is said and done after, so no crash loses or doubles a row.

`new` is reserved as pending, said, marked done. The same content again: done is a duplicate; pending (a crash, or another
request in this moment) is said again, with the same bytes, which doubles nothing. Other content under the id is refused:
what was received first stands (`rules.md` 1, *natural key*).

That holds for a pending id too, although its event was never acknowledged: nobody can tell whether Kafka has it. Were the
other content said under the same id, an id could have two contents on the topic, and the ledger would go on with the first
while the receipt speaks of the second. So the other is refused as *not confirmed*, which says the two ways out: the first
message unchanged (it is then accepted), or an id of its own for this one. Both end with each row having its effect once.
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
    UNCONFIRMED = "unconfirmed"


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
    saying = {claim.key for claim in claims if kept[claim.key].content == claim.content}
    said: set[str] = set()
    decided = []
    for claim in claims:
        standing = kept[claim.key]
        if standing.content != claim.content:
            confirmed = standing.done or claim.key in saying
            decided.append(Verdict.REUSED if confirmed else Verdict.UNCONFIRMED)
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

    async def reserve(self, claims: Sequence[Claim], standing: Mapping[str, Reserved]) -> dict[str, Reserved]:
        """Reserves what is new as pending; gives what stands under each key, the first claim's where it is new.

        `standing` is what `standing` gave for these claims a moment ago.

        Raises:
            Unavailable: not now; what was reserved is pending, and a retry goes on from there.
        """
        first: dict[str, Claim] = {}
        for claim in claims:
            first.setdefault(claim.key, claim)
        kept = {key: standing[key] for key in first if key in standing}
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
            kept |= await self._found(lost)
        return kept

    async def standing(self, claims: Iterable[Claim]) -> dict[str, Reserved]:
        """What stands under the keys of these claims, of those that were reserved before."""
        return await self._found({claim.key for claim in claims})

    async def _found(self, keys: Iterable[str]) -> dict[str, Reserved]:
        fields = ["content", "trace", "done"]
        found = await self._collection.find({"_id": {"$in": list(keys)}}, fields=fields)
        return {one["_id"]: Reserved(one["content"], one["trace"], one["done"]) for one in found}

    async def done(self, keys: Iterable[str]) -> None:
        """Marks reservations whose events are acknowledged."""
        ids = list(keys)
        if ids:
            await self._collection.update({"_id": {"$in": ids}}, {"$set": {"done": True}})

    async def decided(self, receipts: Iterable[str]) -> dict[str, bool]:
        """Of these keyed hashes of system and id: those with a reservation, and whether a row was accepted under it."""
        found = await self._collection.find({"receipt": {"$in": list(receipts)}}, fields=["receipt", "done"])
        decided: dict[str, bool] = {}
        for one in found:
            decided[one["receipt"]] = decided.get(one["receipt"], False) or one["done"]
        return decided
