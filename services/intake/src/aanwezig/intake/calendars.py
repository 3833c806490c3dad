"""Calendars on their compacted topic: what stands must be the last word under its key, whatever arrives late.

The standing word per key is kept by compare-and-set first. After every say the store is asked again, and where another
word stands than the one said last, that one is said after it. So the last record of a key is always the standing word.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Collection, Document
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.facts import Fact, Retraction, Word, word_from
from aanwezig.contracts.topics import CALENDARS

_ATTEMPTS: Final = 10


def calendar_key(fact: Fact | Retraction) -> str:
    """The key of a calendar's record: `<school>/<from>`."""
    school, from_ = fact.key if isinstance(fact, Retraction) else (getattr(fact, field) for field in fact.KEY)
    return f"{school}/{from_.isoformat()}"


class Calendars:
    """The standing word of every calendar."""

    def __init__(self, collection: Collection, publisher: Publisher) -> None:
        self._collection = collection
        self._publisher = publisher

    async def start(self) -> None:
        """Says what stands once more: an instance that was killed after saying a late word could not."""
        await self._settle(
            dict.fromkeys([one["_id"] for one in await self._collection.find({}, fields=["_id"])])
        )

    async def keep(self, records: Sequence[Outgoing]) -> None:
        """Keeps of each key the word that stands. `records` are those to say, in order.

        Raises:
            Unavailable: not now: say none of them.
        """
        newest: dict[str, tuple[Word, bytes]] = {}
        for record in records:
            key, value = _said(record)
            word = _word(value)
            if key not in newest or word.rank > newest[key][0].rank:
                newest[key] = (word, value)
        for _ in range(_ATTEMPTS):
            if not newest:
                return
            standing = await self._standing(newest)
            changed: list[Document] = [
                {"_id": key, "rev": standing[key]["rev"] + 1 if key in standing else 1, "value": value}
                for key, (word, value) in newest.items()
                if key not in standing or word.rank > _word(standing[key]["value"]).rank
            ]
            seen = {one["_id"]: one["rev"] - 1 for one in changed}
            lost = await self._collection.replace_if(changed, seen=seen)
            newest = {key: one for key, one in newest.items() if key in lost}
        raise OwnershipLost("a calendar changes too often")

    async def settle(self, records: Sequence[Outgoing]) -> None:
        """After these were said: where another word stands, says that one, until what stands was said last.

        Raises:
            Unavailable: not now: the rows stay pending, and their retry settles.
        """
        await self._settle(dict(_said(record) for record in records))

    async def _settle(self, last: Mapping[str, bytes | None]) -> None:
        said = dict(last)
        while said:
            standing = await self._standing(said)
            said = {key: one["value"] for key, one in standing.items() if one["value"] != said[key]}
            await self._publisher.say(Outgoing(CALENDARS.name, key, value) for key, value in said.items())

    async def _standing(self, keys: Mapping[str, object]) -> dict[str, Document]:
        return {one["_id"]: one for one in await self._collection.find({"_id": {"$in": list(keys)}})}


def _said(record: Outgoing) -> tuple[str, bytes]:
    if record.key is None or record.value is None:
        raise ValueError("a calendar's record has a key and a value")
    return record.key, record.value


def _word(value: bytes) -> Word:
    return word_from(event_from(value))
