"""Who a pseudonym is: kept encrypted from the first fact on, before anything is said about the pupil (`contract.md` 3)."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson

from aanwezig.chassis.store import Collection
from aanwezig.contracts.submissions import PupilRef
from aanwezig.intake.sealing import Seal


class Identities:
    """Pseudonym and sealed reference (a number, or a sender's own id with its OIN). Nothing is ever overwritten.

    Those known to be kept are remembered in memory, the least recently seen forgotten beyond `remembered`.
    """

    def __init__(self, collection: Collection, seal: Seal, *, remembered: int) -> None:
        self._collection = collection
        self._seal = seal
        self._most = remembered
        self._known: OrderedDict[str, None] = OrderedDict()

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
                {"_id": pseudonym, "sealed": self._seal.seal(_written(pupils[pseudonym]), pseudonym), "since": now}
                for pseudonym in unseen
                if pseudonym not in there
            ])  # fmt: skip
        for pseudonym in pupils:
            self._known[pseudonym] = None
            self._known.move_to_end(pseudonym)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    async def of(self, pseudonyms: Iterable[str]) -> dict[str, PupilRef]:
        """Who these pseudonyms are, those that are known. The caller answers for a line in the processing log."""
        found = await self._collection.find({"_id": {"$in": list(pseudonyms)}})
        return {one["_id"]: _read(self._seal.open(one["sealed"], one["_id"])) for one in found}


def _written(pupil: PupilRef) -> bytes:
    if pupil.number is not None:
        return orjson.dumps({"number": pupil.number})
    return orjson.dumps({"local": pupil.local, "oin": pupil.oin})


def _read(plain: bytes) -> PupilRef:
    return PupilRef(**orjson.loads(plain))
