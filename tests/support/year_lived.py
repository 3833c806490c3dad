"""The classifier lives a year over a real store: its two handlers, with what the first says of schools handed to the second."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.contracts.facts import Word
from support.classifying import EVERYWHERE, RecordingPublisher, WatchedStore, a_classifier, event_of
from support.feeding import FeedsTopic, some_schools
from support.years import Beside, RegisterRecord, Year

_APPENDED = ("words", "days", "feed_days")


class Life:
    """One classifier, from its first record on. Calendars and the register are heard by both handlers at once."""

    def __init__(self, store: WatchedStore, settings: dict[str, Any]) -> None:
        self.publisher = RecordingPublisher()
        self._store, self._settings = store, settings
        self._beside, self._desk, self._feeds = Beside(), CalendarDesk(), FeedsTopic()
        self._unheard: list[Arrived] = []

    async def begin(self) -> "Life":
        """A new process: nothing in memory, everything owned."""
        self._classifier = await a_classifier(
            self._store, self.publisher, self._desk, self._beside.register, **self._settings
        )
        self._schools = await some_schools(self._store, self.publisher, self._desk, self._beside.register)
        await self.look()
        return self

    async def hear(self, changes: Iterable[Word | RegisterRecord]) -> None:
        """Takes in what changes beside the facts."""
        changes = list(changes)
        await self._beside.hear(changes)
        for one in changes:
            if isinstance(one, Word):
                await self._desk.on_change("", event_of(one))

    async def look(self) -> None:
        """Looks at whom the changes concern, until nobody is left."""
        for _ in range(2):
            await self._classifier.refresh(EVERYWHERE)
            await self._schools.refresh(EVERYWHERE)

    async def take(self, batch: Sequence[Arrived]) -> None:
        """A batch of the facts topic."""
        await self._classifier.on_batch(sorted(batch, key=lambda one: one.partition))

    async def pass_on(self, most: int | None = None) -> None:
        """Hands on what was said of schools, no more than `most` records of it."""
        self._unheard += self._feeds.of(self.publisher.said)
        most = len(self._unheard) if most is None else most
        now, self._unheard = self._unheard[:most], self._unheard[most:]
        if now:
            await self._schools.on_batch(sorted(now, key=lambda one: one.partition))

    def forget(self) -> None:
        """What is remembered is not used again."""
        self._classifier.forget()
        self._schools.forget()

    async def live(self, year: Year, sizes: Sequence[int], chosen: Random) -> list[Outgoing]:
        """Lives a year in batches of these sizes, over and over; gives all that was said.

        Now and then it forgets, or begins as a new process; what is said of schools is heard sooner or later.
        """
        turn = 0
        for epoch in year.epochs:
            await self.hear(epoch.beside)
            await self.look()
            place = 0
            while place < len(epoch.records):
                size = sizes[turn % len(sizes)]
                await self.take(epoch.records[place : place + size])
                place, turn = place + size, turn + 1
                if chosen.random() < 0.7:
                    await self.pass_on(chosen.choice((None, 1, 5, 40)))
                if chosen.random() < 0.05:
                    self.forget()
                elif chosen.random() < 0.03:
                    await self.begin()
        await self.pass_on()
        await self.look()
        return self.publisher.said

    async def live_in(self, year: Year, stretches: Iterable[tuple[int, int]]) -> list[int]:
        """Lives a year in these stretches; gives how much was said after each of them."""
        said, place, ahead = [], 0, iter(stretches)
        for epoch in year.epochs:
            await self.hear(epoch.beside)
            await self.look()
            end = place + len(epoch.records)
            while place < end:
                first, place = next(ahead)
                await self.take(year.records[first:place])
                said.append(len(self.publisher.said))
        return said

    async def saved(self) -> dict[str, Any]:
        """All that is kept and known now."""
        names = await self._store._database.list_collection_names()
        kept = {name: await self._store.collection(name).find({}) for name in names}
        return {
            "kept": kept,
            "said": len(self.publisher.said),
            "rest": deepcopy((self._feeds, self._unheard)),
        }

    async def back_to(self, saved: dict[str, Any]) -> None:
        """A new process on what was kept then. Calendars and the register are those of now."""
        for name in await self._store._database.list_collection_names():
            documents, collection = saved["kept"].get(name, []), self._store.collection(name)._raw
            if name in _APPENDED:
                await collection.delete_many({"_id": {"$nin": [one["_id"] for one in documents]}})
                continue
            await collection.delete_many({})
            if documents:
                await collection.insert_many(documents, ordered=False)
        del self.publisher.said[saved["said"] :]
        self._feeds, self._unheard = deepcopy(saved["rest"])
        await self._classifier.on_assigned(EVERYWHERE)
        await self._schools.on_assigned(EVERYWHERE)
        await self.look()
