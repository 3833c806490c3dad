"""Who a pseudonym is: kept encrypted from the first fact on, before anything is said about the pupil (`contract.md` 3).

With the key of the chain domain each also keeps its pseudonym there, by which an officer asks: cases speak of no other
(ADR 6). Those written without that key get it at the next start with it, or at the first question that misses one.
"""

from collections import OrderedDict
from collections.abc import Collection as Several
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import orjson

from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Collection
from aanwezig.contracts.identifiers import crossed
from aanwezig.contracts.submissions import PupilRef

AskedDomain = Literal["school", "chain"]
_FILLED_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A pupil that is known: its pseudonym in the school domain, and how its sender named it."""

    pseudonym: str
    pupil: PupilRef


class Identities:
    """Pseudonym and sealed reference (a number, or a sender's own id with its OIN). Nothing is ever overwritten.

    Those known to be kept are remembered in memory, the least recently seen forgotten beyond `remembered`.
    """

    def __init__(
        self, collection: Collection, seal: Seal, *, remembered: int, chain_key: bytes | None = None
    ) -> None:
        self._collection = collection
        self._seal = seal
        self._most = remembered
        self._chain_key = chain_key
        self._known: OrderedDict[str, None] = OrderedDict()

    @property
    def knows_chain(self) -> bool:
        """Whether pseudonyms of the chain domain can be asked about here."""
        return self._chain_key is not None

    async def start(self) -> None:
        """Makes the index, and gives each identity that has none its pseudonym of the chain domain."""
        if self._chain_key is not None:
            await self._collection.index([("chain", 1)])
            await self._filled(self._chain_key)

    async def keep(self, pupils: Mapping[str, PupilRef], now: datetime) -> None:
        """Keeps the pupils, by pseudonym, that are not kept yet.

        Raises:
            Unavailable: not now: say nothing about them.
        """
        unseen = [pseudonym for pseudonym in pupils if pseudonym not in self._known]
        if unseen:
            found = await self._collection.find({"_id": {"$in": unseen}}, fields=["_id"])
            there = {one["_id"] for one in found}
            await self._collection.insert_new([
                {
                    "_id": pseudonym, "sealed": self._seal.seal(written(pupils[pseudonym]), pseudonym),
                    "since": now, **self._in_chain(pseudonym),
                }
                for pseudonym in unseen
                if pseudonym not in there
            ])  # fmt: skip
        for pseudonym in pupils:
            self._known[pseudonym] = None
            self._known.move_to_end(pseudonym)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    async def of(self, pseudonyms: Several[str], domain: AskedDomain = "school") -> dict[str, Identity]:
        """Who these pseudonyms of a domain are, those that are known. The caller answers for lines in the processing log.

        Raises:
            ValueError: pseudonyms of the chain were asked about without its key.
            Unavailable: not now.
        """
        if domain == "school":
            return await self._read("_id", pseudonyms)
        if self._chain_key is None:
            raise ValueError("without the key of the chain domain nobody can tell")
        found = await self._read("chain", pseudonyms)
        if len(found) < len(set(pseudonyms)) and await self._filled(self._chain_key):
            found = await self._read("chain", pseudonyms)
        return found

    async def _read(self, field: str, pseudonyms: Several[str]) -> dict[str, Identity]:
        found = await self._collection.find({field: {"$in": list(pseudonyms)}})
        return {
            one[field]: Identity(one["_id"], _read(self._seal.open(one["sealed"], one["_id"])))
            for one in found
        }

    async def _filled(self, key: bytes) -> bool:
        """Gives those without a pseudonym of the chain theirs; whether there were any."""
        missing = {"chain": None}
        filled = False
        while found := await self._collection.find(missing, fields=["_id"], limit=_FILLED_AT_ONCE):
            await self._collection.update_each(
                ({"_id": one["_id"]}, {"$set": {"chain": crossed(one["_id"], "chain", key)}}) for one in found
            )
            filled = True
        return filled

    def _in_chain(self, pseudonym: str) -> dict[str, str]:
        return {} if self._chain_key is None else {"chain": crossed(pseudonym, "chain", self._chain_key)}


def written(pupil: PupilRef) -> bytes:
    """A pupil's reference as it is sealed: JSON with the number, or with the local id and its OIN."""
    if pupil.number is not None:
        return orjson.dumps({"number": pupil.number})
    return orjson.dumps({"local": pupil.local, "oin": pupil.oin})


def _read(plain: bytes) -> PupilRef:
    return PupilRef(**orjson.loads(plain))
