"""Presence as it is measured live: what each partition of the facts adds to the months of schools (ADR 8).

An ordinary mark costs nothing here. When a day closes, the marks of that date are read once and added to the amounts of
their pupils. What was told of dates closed before is noted when it comes; the next closed day measures those months again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.shelf import Shelf
from aanwezig.chassis.store import Store
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.governance import Register
from aanwezig.classifier.ledger import Ledger, Said, end_of
from aanwezig.classifier.presence_turns import (
    UNKNOWN,
    AtSchool,
    Ground,
    Reached,
    Turn,
    Wanted,
    month_of,
    months_between,
    told_of,
    wanted_of,
)
from aanwezig.classifier.school_months import SchoolMonth, count_once, id_of
from aanwezig.classifier.stays import Late, Stays, late_of, stays_of
from aanwezig.classifier.turns import Closed
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded
from aanwezig.law.measures import months_of, year_of
from aanwezig.law.standing import Standing

_CHUNK: Final = 200
_SCHOOLS: Final = 50
_ALL: Final = 1 << 62


class Presence:
    """The measures of every partition owned."""

    def __init__(
        self, store: Store, publisher: Publisher, ledger: Ledger, register: Register, calendars: CalendarDesk
    ) -> None:
        self._publisher = publisher
        self._shelves: dict[int, Shelf] = {}
        self._months = store.collection("presence")
        self._reached = store.collection("presence_reached")
        self._late = store.collection("presence_late")
        self._pupils = store.collection("pupils")
        self._ledger = ledger
        self._register = register
        self._calendars = calendars

    async def start(self) -> None:
        """Makes the indexes."""
        await self._shelf_of(0).start()
        await self._months.index([("x.school", 1), ("part", 1), ("x.month", 1)])
        await self._late.index([("part", 1), ("off", 1)])

    async def settle(self, partitions: Iterable[int]) -> None:
        """Says what is owed of newly owned partitions."""
        for place in partitions:
            await self._shelf_of(place).settle([place])
        self._calendars.look_again("presence")
        self._register.look_again("presence")

    async def note(self, words: Sequence[Said], closed_at: Callable[[int, int], date | None]) -> None:
        """Notes the words about dates that were closed when they came, each thing once before the next day closes."""
        late: dict[str, dict[str, Any]] = {}
        for one in words:
            place, offset, fact = one.arrived.partition, one.arrived.offset, one.word.fact
            closed = closed_at(place, offset)
            if closed is None or (isinstance(fact, MarkRecorded) and fact.date > closed):
                continue  # as nearly every word
            about = late_of(one.word)
            if about is None or about.day > closed:
                continue
            row = [one.pupil, about.what, about.school, about.day.isoformat()]
            key = f"{place}:{closed.isoformat()}:" + ":".join(part or "" for part in row)
            late.setdefault(key, {"_id": key, "part": place, "off": offset, "late": row})
        await self._late.insert_new(list(late.values()))

    async def close(self, closings: Iterable[Closed]) -> None:
        """Measures the closed day, and what was noted before it, and says what is other than it was."""
        closed = {one.arrived.partition: one for one in closings}
        reached = await self._read(closed)
        turns = {
            place: Turn(
                place, reached[place], max(one.day, reached[place].day or date.min),
                one.arrived.offset, end_of(one.arrived), one.arrived.event, closes=True,
            )
            for place, one in closed.items() if reached[place].offset < one.arrived.offset
        }  # fmt: skip
        noted = {
            "$or": [{"part": place, "off": {"$lt": end_of(one.arrived)}} for place, one in closed.items()]
        }
        if turns:
            for row in await self._late.find(noted):
                pupil, what, school, day = row["late"]
                if row["part"] in turns:
                    turns[row["part"]].late[pupil].append(Late(what, school, date.fromisoformat(day)))
            await self._remember(turns)
            # All of them end before a failure of one is told: nothing goes on behind the back of the next attempt.
            ended = await asyncio.gather(*map(self._turn, turns.values()), return_exceptions=True)
            for failed in ended:
                if failed is not None:
                    raise failed
        await self._late.delete(noted)

    async def refresh(self, owned: Collection[int], position: Mapping[int, int]) -> None:
        """Measures schools again whose calendar, or whose municipality, is another for dates that are closed."""
        changed = self._calendars.take_changed("presence")
        if not changed and not self._register.take_changed("presence"):
            return
        self._register.take_changed("presence")
        try:
            for place, reached in sorted((await self._read(owned)).items()):
                await self._refresh(place, reached, position)
        except BaseException:
            self._calendars.look_again("presence")
            self._register.look_again("presence")
            raise

    async def _refresh(self, place: int, reached: Reached, position: Mapping[int, int]) -> None:
        stale = [school for school in reached.grounds if self._at(school, reached).again is not None]
        if reached.day is None or not stale:
            return
        cause = max(
            (self._cause_of(school, reached) for school in stale), key=lambda event: (event.time, event.id)
        )
        before = position.get(place, _ALL)
        turn = Turn(place, reached, reached.day, reached.offset + 1, before, cause, closes=False)
        await self._remember({place: turn})
        await self._turn(turn, stale)

    def _cause_of(self, school: str, reached: Reached) -> Event:
        """What changed a school: the register where it lies in another municipality now, otherwise its calendar."""
        before = reached.grounds[school][1]
        key = f"school/{school}"
        moved = self._register.cause_for([f"-{key}" if before is None else f"+{key}={before}"])
        return moved or self._calendars.cause_of(school)

    async def _read(self, places: Iterable[int]) -> dict[int, Reached]:
        reached = dict.fromkeys(places, Reached())
        for row in await self._reached.find({"_id": {"$in": list(reached)}}):
            reached[row["_id"]] = Reached(date.fromisoformat(row["date"]), row["off"], row["grounds"])
        return reached

    async def _turn(self, turn: Turn, only: Collection[str] | None = None) -> None:
        await self._keep(turn, await self._measured(turn, only))

    async def _keep(self, turn: Turn, measured: Mapping[str, Ground]) -> None:
        """Writes how far we are: after everything that follows from it. An earlier owner writes over nothing of ours."""
        if turn.closes:
            change = {"off": turn.offset, "date": turn.as_of.isoformat(), "grounds": measured}
            query = {"_id": turn.partition, "off": {"$lt": turn.offset}}
            await self._reached.update(query, {"$set": change}, upsert=True)
        else:
            query = {"_id": turn.partition, "off": turn.reached.offset}
            grounds = {**turn.reached.grounds, **measured}
            if not await self._reached.update(query, {"$set": {"grounds": grounds}}):
                raise OwnershipLost("another measured on")

    async def _measured(self, turn: Turn, only: Collection[str] | None) -> dict[str, Ground]:
        """Measures what has to be, of all schools or of these; gives what it rests on, by school."""
        # While no day closes there is time to wait until the pupils were looked at.
        schools = sorted(turn.at) if only is None else sorted({*only} - turn.behind)
        grounds: dict[str, Ground] = {}
        for start in range(0, len(schools), _SCHOOLS):
            chunk = [self._at(name, turn.reached) for name in schools[start : start + _SCHOOLS]]
            wanted = [
                want for school in chunk for pupil in sorted(turn.at.get(school.name, ()))
                for want in wanted_of(turn, pupil, school)
            ]  # fmt: skip
            if wanted and not await self._measure(turn, wanted):
                self._register.look_again("presence")
                continue
            grounds |= {
                one.name: UNKNOWN if one.name in turn.behind else one.ground(turn.as_of) for one in chunk
            }
        if turn.behind:
            self._register.look_again("presence")
        return grounds

    async def _remember(self, turns: Mapping[int, Turn]) -> None:
        """Reads where the pupils of these partitions belong."""
        fields = ["part", "state.shares", "state.stays", "x.calendars"]
        calendars = self._calendars.calendars
        for row in await self._pupils.find({"part": {"$in": list(turns)}}, fields=fields):
            pupil, state, turn = row["_id"], row["state"], turns[row["part"]]
            homes = state["stays"] if "stays" in state else await self._homes_of(pupil, turn)
            turn.pupils[pupil] = stays = Stays.read(state, homes)
            for school in stays.shares:
                turn.at[school].add(pupil)
            for school, fingerprint in row["x"].get("calendars", {}).items():
                if fingerprint != calendars.of(school).fingerprint:
                    turn.behind.add(school)

    def _shelf_of(self, place: int) -> Shelf:
        """Each partition has its own: they are measured beside each other."""
        if place not in self._shelves:
            self._shelves[place] = Shelf(self._months, self._publisher)
        return self._shelves[place]

    async def _homes_of(self, pupil: str, turn: Turn) -> Any:
        """Of a document that was written before homes stood in it."""
        words = await self._ledger.words_of([pupil], before={turn.partition: turn.before}, notable_only=True)
        return stays_of(Standing.of(words[pupil]))

    def _at(self, school: str, reached: Reached) -> AtSchool:
        found = AtSchool(
            school, self._calendars.calendars.of(school), self._register.governance.school_municipality(school), None
        )  # fmt: skip
        if reached.day is None:
            return found._replace(again=date.min)
        known = reached.grounds.get(school)
        return found if known in (None, found.ground(reached.day)) else found._replace(again=date.min)

    async def _measure(self, turn: Turn, wanted: Sequence[Wanted]) -> bool:
        """Measures these dates, settles where pupils are counted, keeps and says.

        False: before a crash a day was closed in part, and until it is closed again nothing else may be done.
        """
        months = await self._load(turn, wanted)
        if not turn.closes and any(month.done > turn.reached.offset for month in months.values()):
            return False
        marks = await self._marks(turn, wanted)
        done = {name for name, month in months.items() if turn.closes and month.done >= turn.offset}
        moved = {name: month.came_after(turn.reached.offset) for name, month in months.items()}
        held: dict[str, set[str]] = defaultdict(set)
        for month in months.values():
            held[month.school].add(month.month)
        for want in wanted:
            school = want.school.name
            told = told_of(want, turn, marks.get(want.pupil))
            for month_name in sorted({*told, *(held[school] if want.again else ())}):
                name = id_of(turn.partition, school, month_name)
                if name in done or not month_of(want.first) <= month_name <= month_of(want.last):
                    continue
                held[school].add(month_name)
                if name not in months:
                    months[name] = SchoolMonth.named(turn.partition, school, month_name, None)
                change = months[name].replace if want.again else months[name].add
                if change(want.pupil, told.get(month_name, {})):
                    moved.setdefault(name, set()).add(want.pupil)
        for name, month in months.items():
            if turn.closes:
                month.finish(turn.offset)
            if moved.get(name):
                month.moved(moved[name], turn.offset)
        await self._count(turn, months, moved)
        causation = turn.cause.id if turn.closes else None
        in_order = sorted(months.values(), key=lambda month: (month.school, month.month))
        await self._shelf_of(turn.partition).keep_and_say(
            [month.kept for month in in_order if month.says(turn.as_of, turn.cause, causation)]
        )
        return True

    async def _load(self, turn: Turn, wanted: Iterable[Wanted]) -> dict[str, SchoolMonth]:
        """The months of which anything is wanted, where they are there; of schools that are measured again all of them."""
        names: set[str] = set()
        whole: set[str] = set()
        for want in wanted:
            if want.again and want.first == date.min:
                whole.add(want.school.name)
            else:
                names |= {
                    id_of(turn.partition, want.school.name, month)
                    for month in months_between(want.first, want.last)
                }
        found = await self._shelf_of(turn.partition).load(sorted(names))
        if whole:
            query = {"part": turn.partition, "x.school": {"$in": sorted(whole)}}
            found |= {kept.id: kept for kept in await self._shelf_of(turn.partition).search(query)}
        return {
            name: SchoolMonth(kept, kept.index["school"], kept.index["month"]) for name, kept in found.items()
        }

    async def _marks(self, turn: Turn, wanted: Iterable[Wanted]) -> dict[str, Standing]:
        """What stands of the marks of pupils on the wanted dates, by the words before the turn."""
        dates: dict[tuple[date, date], set[str]] = defaultdict(set)
        for want in wanted:
            dates[want.first, want.last].add(want.pupil)
        standing: dict[str, Standing] = {}
        for (first, last), pupils in sorted(dates.items()):
            named = sorted(pupils)
            for start in range(0, len(named), _CHUNK):
                for word in await self._ledger.marks_between(
                    named[start : start + _CHUNK], first, last, partition=turn.partition, before=turn.before
                ):
                    standing.setdefault(getattr(word.fact, "pupil", ""), Standing()).apply(word)
        return standing

    async def _count(
        self, turn: Turn, months: dict[str, SchoolMonth], moved: Mapping[str, Collection[str]]
    ) -> None:
        """Settles in which cells pupils are counted whose cells with a mark became others: over the whole school year."""
        movers = {(pupil, year_of(months[name].month)) for name, pupils in moved.items() for pupil in pupils}
        names: dict[tuple[str, str], list[str]] = {
            (pupil, year): [
                id_of(turn.partition, school, month)
                for school in turn.pupils[pupil].shares for month in months_of(year)
            ]
            for pupil, year in movers if pupil in turn.pupils
        }  # fmt: skip
        missing = {name for wanted in names.values() for name in wanted} - months.keys()
        for kept in (await self._shelf_of(turn.partition).load(sorted(missing))).values():
            months[kept.id] = SchoolMonth(kept, kept.index["school"], kept.index["month"])
        for (pupil, _), wanted in sorted(names.items()):
            count_once(pupil, [months[name] for name in wanted if name in months])
