"""Schools that are silent: the classifier's second consumer adds up what the owners of facts say (ADR 7).

Records are looked at in the order of their partition. A day is closed here when every origin has said so; then the schools
are looked at of which it could be a silent one.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.crossing import Way
from aanwezig.classifier.evaluation import Cause
from aanwezig.classifier.governance import Register
from aanwezig.classifier.school import School, SchoolLaw
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.feeds import FeedDayClosed, FeedEnrolled, FeedMarked

_CHUNK: Final = 50
_log = logs.get(__name__)
_MODELS: Final[Mapping[str, type[FeedMarked | FeedEnrolled | FeedDayClosed]]] = {
    "feed-marked": FeedMarked,
    "feed-enrolled": FeedEnrolled,
    "feed-day-closed": FeedDayClosed,
}


class ClosedDays:
    """Which dates are closed at which offset of a partition: those of which every origin has spoken."""

    def __init__(self) -> None:
        self._spoken: dict[int, dict[int, date]] = {}
        self._closed: dict[int, list[tuple[int, date]]] = {}

    def note(self, partition: int, offset: int, said: FeedDayClosed) -> None:
        """Takes in one word of an origin; in the order of the partition."""
        spoken = self._spoken.setdefault(partition, {})
        spoken[said.origin] = max(said.date, spoken.get(said.origin, said.date))
        if len(spoken) < said.origins:
            return
        closed = self._closed.setdefault(partition, [])
        day = min(spoken.values())
        if not closed or (closed[-1][0] < offset and closed[-1][1] < day):
            closed.append((offset, day))

    def at(self, partition: int, offset: int) -> date | None:
        """The last date closed at or before an offset."""
        closed = self._closed.get(partition, [])
        place = bisect_right(closed, (offset, date.max))
        return closed[place - 1][1] if place else None

    def by(self, partition: int, offset: int) -> date | None:
        """The date that was closed by just this record; None: none was."""
        closed = self._closed.get(partition, [])
        place = bisect_right(closed, (offset, date.max))
        return closed[place - 1][1] if place and closed[place - 1][0] == offset else None


class Schools:
    """The handler of `school.feeds.v1`."""

    def __init__(
        self, store: Store, publisher: Publisher, tracing: Tracing, *,
        register: Register, calendars: CalendarDesk, way: Way, memory: int = 300_000,
    ) -> None:  # fmt: skip
        self.shelf = Shelf(store.collection("schools"), publisher)
        self._documents = store.collection("schools")
        self._spoken = store.collection("feed_days")
        self._tracing = tracing
        self._register = register
        self._calendars = calendars
        self._way = way
        self._most_shares = memory
        self._schools: dict[str, School] = {}
        self._days = ClosedDays()
        self._owned: frozenset[int] = frozenset()
        self._position: dict[int, int] = {}
        self._working = asyncio.Lock()
        self._stale = False

    async def start(self) -> None:
        """Makes the indexes."""
        await self.shelf.start()
        await self._documents.index([("part", 1), ("x.look", 1)])
        await self._documents.index([("x.grounds", 1)])
        await self._spoken.index([("part", 1), ("off", 1)])

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what is owed, and reads which days are closed."""
        async with self._working:
            self._schools.clear()
            self._owned = partitions
            self._position = {}
            self._days = ClosedDays()
            for row in await self._spoken.find({"part": {"$in": sorted(partitions)}}, sort=[("off", 1)]):
                self._days.note(row["part"], row["off"], FeedDayClosed.model_validate(row["said"]))
            await self.shelf.settle(partitions)
        self._calendars.look_again("schools")
        self._register.look_again("schools")

    def forget(self) -> None:
        """What is remembered of schools is not used again: it is dropped before the next use."""
        self._stale = True

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Adds up, and says what changes."""
        read = [(arrived, _read(arrived)) for arrived in batch]
        async with self._working:
            self._freshen()
            await self._spoken.insert_new([
                {"_id": f"{arrived.partition}:{said.origin}:{said.date.isoformat()}", "part": arrived.partition,
                 "off": arrived.offset, "said": said.said()}
                for arrived, said in read if isinstance(said, FeedDayClosed)
            ])  # fmt: skip
            await self._remember(
                {said.school: arrived.partition for arrived, said in read if not isinstance(said, FeedDayClosed)}
            )  # fmt: skip
            changed: dict[str, Kept] = {}
            for arrived, said in read:
                if isinstance(said, FeedDayClosed):
                    self._days.note(arrived.partition, arrived.offset, said)
                    if (day := self._days.by(arrived.partition, arrived.offset)) is not None:
                        await self.shelf.keep_and_say(changed.values())
                        changed.clear()
                        await self._close(day, arrived)
                elif self._take_in(arrived, said):
                    changed[said.school] = self._schools[said.school].kept
            await self.shelf.keep_and_say(changed.values())
            for arrived in batch:
                self._position[arrived.partition] = arrived.offset + 1
            if sum(len(school) for school in self._schools.values()) > self._most_shares:
                self._schools.clear()

    async def refresh(self, ours: frozenset[int]) -> None:
        """Looks at schools whose calendar, or whose governance, changed since they were last looked at.

        `ours`: the partitions the consumer owns now. What was taken over but not settled yet waits.
        """
        async with self._working:
            owned = self._owned & ours
            if not owned:
                return
            self._freshen()
            try:
                for name in self._calendars.take_changed("schools"):
                    query = {
                        "_id": name, "part": {"$in": sorted(owned)},
                        "x.calendar": {"$ne": self._calendars.calendars.of(name).fingerprint},
                    }  # fmt: skip
                    cause = Cause(self._calendars.cause_of(name), of_a_school=True)
                    if not await self._again(await self._found(query), cause, "calendar"):
                        self._calendars.look_at(name, "schools")
                if self._register.take_changed("schools"):
                    await self._refresh_governed(owned)
            except BaseException:
                self._calendars.look_again("schools")
                self._register.look_again("schools")
                self._stale = True
                raise

    async def _refresh_governed(self, owned: frozenset[int]) -> None:
        query = {**self._register.elsewhere(), "part": {"$in": sorted(owned)}}
        for row in await self._found(query):
            event = self._register.cause_for(row["x"]["grounds"])
            cause = None if event is None else Cause(event, of_a_school=False)
            if cause is None or not await self._again([row], cause, "register"):
                self._register.look_again("schools")

    async def _found(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await self._documents.find(query, fields=["part", "state.offset", "x.grounds"])

    async def _again(self, rows: Iterable[Mapping[str, Any]], cause: Cause, why: str) -> bool:
        """Looks at schools for a cause that is no record of theirs; False: of some we are not yet where another was."""
        reached: dict[str, tuple[int, int]] = {}
        for row in rows:
            looked_at = row["state"]["offset"]
            offset = self._position.get(row["part"], looked_at + 1) - 1
            if offset < looked_at:
                return False
            reached[row["_id"]] = (row["part"], offset)
        await self._look_at(reached, cause, why)
        return True

    async def _close(self, day: date, arrived: Arrived) -> None:
        """Looks at the schools of a partition of which this day could be a silent one."""
        query = {"part": arrived.partition, "x.look": {"$lte": day.isoformat(), "$type": "string"}}
        rows = await self._documents.find(query, fields=["state.offset"])
        reached = {
            row["_id"]: (arrived.partition, arrived.offset)
            for row in rows if row["state"]["offset"] < arrived.offset
        }  # fmt: skip
        await self._look_at(reached, Cause(arrived.event, of_a_school=False), "day")

    async def _look_at(self, reached: Mapping[str, tuple[int, int]], cause: Cause, why: str) -> None:
        names = sorted(reached)
        for place in range(0, len(names), _CHUNK):
            chunk = names[place : place + _CHUNK]
            await self._remember({name: reached[name][0] for name in chunk})
            for name in chunk:
                self._evaluate(self._schools[name], *reached[name], cause, why)
            await self.shelf.keep_and_say([self._schools[name].kept for name in chunk])

    def _take_in(self, arrived: Arrived, said: FeedMarked | FeedEnrolled) -> bool:
        """Whether a record changed a school's document."""
        school = self._schools[said.school]
        kept = school.kept
        if kept.partition == arrived.partition and arrived.offset <= kept.state["offset"]:
            return False  # on the shelf since before a crash
        new = school.marked(said) if isinstance(said, FeedMarked) else school.enrolled(said)
        if new:
            cause = Cause(arrived.event, of_a_school=False)
            self._evaluate(school, arrived.partition, arrived.offset, cause, "word")
        return new

    def _evaluate(self, school: School, partition: int, offset: int, cause: Cause, why: str) -> None:
        law = SchoolLaw(self._calendars.calendars, self._register, self._way)
        events = school.evaluate(self._days.at(partition, offset), law, cause)
        school.kept.partition = partition
        school.kept.state["offset"] = offset
        for event in events:
            self._tell(event, why)

    def _tell(self, event: Event, why: str) -> None:
        metrics.FINDINGS.labels(event.data["kind"], event.name).inc()
        with self._tracing.step(event.name, event.traceparent):
            _log.info("finding.said", what=event.name, kind=event.data["kind"], cause=why)

    async def _remember(self, partitions: Mapping[str, int]) -> None:
        missing = [name for name in partitions if name not in self._schools]
        documents = await self.shelf.load(missing)
        for name in missing:
            kept = documents.get(name) or Kept(name, partitions[name], state={"offset": -1})
            self._schools[name] = School(name, kept)

    def _freshen(self) -> None:
        if self._stale:
            self._schools.clear()
            self._stale = False


def _read(arrived: Arrived) -> FeedMarked | FeedEnrolled | FeedDayClosed:
    try:
        said = _MODELS[arrived.event.name].model_validate(arrived.event.data)
    except (KeyError, ValidationError):
        raise Unprocessable("not-of-a-feed") from None
    if not isinstance(said, FeedDayClosed) and arrived.key != said.school:
        raise Unprocessable("not-of-this-school")
    return said
