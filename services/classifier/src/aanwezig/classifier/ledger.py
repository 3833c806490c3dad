"""The ledger: every word ever said, under an id derived from who said it, in the order it came (design.md, *Facts*).

Words are kept as they arrived, appended in bulk, never changed. `part` and `off` tell where a word stood on the topic when
it was first appended, so that after a crash the classifier sees just what it saw before.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.store import Document, Store
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.facts import MarkRecorded, Retraction, Word, natural_key, word_from
from aanwezig.contracts.identifiers import derived_id

_APPENDED_AT_ONCE: Final = 500
_END: Final = 1 << 62


class Said(NamedTuple):
    """A word about a pupil, and the record it came in."""

    pupil: str
    arrived: Arrived
    word: Word


def end_of(arrived: Arrived) -> int:
    """The offset before which words are seen with a record: all there are, for one that was parked and is tried again."""
    return arrived.offset if arrived.retried_at is None else _END


class Ledger:
    """The facts and closed days of one classifier database."""

    def __init__(self, store: Store) -> None:
        self._words = store.collection("words")
        self._days = store.collection("days")

    async def start(self) -> None:
        """Makes the indexes: by pupil and date, by pupil over the words that are no plain presence, and by place on the topic."""
        await self._words.index([("p", 1), ("d", 1)])
        await self._words.index([("p", 1), ("x", 1)], where={"x": True})
        await self._days.index([("part", 1), ("off", 1)])

    async def append(self, said: Sequence[Said]) -> None:
        """Appends words that are not there yet; a word told twice is one word.

        A part of them is put into the driver's form while the database takes in the one before.
        """
        documents: dict[str, Document] = {}
        for pupil, arrived, word in said:
            key = derived_id("word", word.source, word.id)
            if key in documents:
                continue
            fact = word.fact
            documents[key] = document = {
                "_id": key, "p": pupil, "part": arrived.partition, "off": arrived.offset, "v": arrived.value,
            }  # fmt: skip
            if isinstance(fact, MarkRecorded):
                document["d"] = fact.date.toordinal()
            elif isinstance(fact, Retraction) and fact.name == "mark-recorded":
                document["d"] = natural_key(word)[3].toordinal()
            if not (isinstance(fact, MarkRecorded) and fact.state == "present"):
                document["x"] = True
        whole = list(documents.values())
        await asyncio.gather(*(
            self._words.insert_new(whole[place : place + _APPENDED_AT_ONCE])
            for place in range(0, len(whole), _APPENDED_AT_ONCE)
        ))  # fmt: skip

    async def close(self, closed: Iterable[tuple[Arrived, date]]) -> None:
        """Appends closed days, each once per partition."""
        await self._days.insert_new([
            {"_id": f"{arrived.partition}:{day.isoformat()}", "part": arrived.partition, "off": arrived.offset,
             "date": day.isoformat()}
            for arrived, day in closed
        ])  # fmt: skip

    async def words_of(
        self, pupils: Iterable[str], *, before: Mapping[int, int], notable_only: bool = False
    ) -> dict[str, list[Word]]:
        """What was said of these pupils before an offset of their partition, pupils without a word included.

        `notable_only` leaves out marks that say `present`.
        """
        told: dict[str, list[Word]] = {pupil: [] for pupil in pupils}
        query: dict[str, object] = {"p": {"$in": list(told)}}
        if notable_only:
            query["x"] = True
        for row in await self._words.find(query, fields=["p", "part", "off", "v"]):
            if row["off"] < before.get(row["part"], _END):
                told[row["p"]].append(word_from(event_from(row["v"])))
        return told

    async def marks_of(self, pupils: Iterable[str], day: date, *, partition: int, before: int) -> list[Word]:
        """What was said about the slots of a date of these pupils before an offset of their partition."""
        return await self.marks_between(pupils, day, day, partition=partition, before=before)

    async def marks_between(
        self, pupils: Iterable[str], first: date, last: date, *, partition: int, before: int
    ) -> list[Word]:
        """What was said about the slots of these dates, both included, of these pupils before an offset of their partition."""
        dates = {"$gte": first.toordinal(), "$lte": last.toordinal()}
        query = {"p": {"$in": list(pupils)}, "d": dates, "part": partition, "off": {"$lt": before}}
        return [word_from(event_from(row["v"])) for row in await self._words.find(query, fields=["v"])]

    async def closed_days(self, partitions: Iterable[int]) -> dict[int, list[tuple[int, date]]]:
        """Per partition the closed dates with the offset at which they were closed, in order of offset."""
        days: dict[int, list[tuple[int, date]]] = {partition: [] for partition in partitions}
        for row in await self._days.find({"part": {"$in": list(days)}}, sort=[("part", 1), ("off", 1)]):
            days[row["part"]].append((row["off"], date.fromisoformat(row["date"])))
        return days
