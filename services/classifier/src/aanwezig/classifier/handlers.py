"""Facts in, findings said: the classifier's one consumer (design.md, *Findings*).

A batch is appended to the ledger first. Then its words are looked at in the order of their partition; closed days keep their
place among them. What a word may not change is not looked at (`law.attention`).
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.crossing import Ways
from aanwezig.classifier.days import DAY_CLOSED, FEED_DAY_CLOSED, day_closed_by
from aanwezig.classifier.evaluation import Cause, Law, evaluate, happened_on
from aanwezig.classifier.governance import Register
from aanwezig.classifier.ledger import Ledger, Said, end_of
from aanwezig.classifier.memory import Memory, Pupil
from aanwezig.classifier.presence import Presence
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.classifier.signals import from_rows
from aanwezig.classifier.turns import Closed, in_turns, sorted_out
from aanwezig.classifier.witnesses import Witnesses, moves_share, unsaid_in
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import Word
from aanwezig.contracts.topics import FACTS, FEEDS, FINDINGS, HEALTH_FINDINGS, Topic
from aanwezig.law.attention import UNKNOWN_PUPIL, Attention, attentive, may_change, noted
from aanwezig.law.remembered import Remembered
from aanwezig.law.standing import Standing

_CHUNK = 200
_AT_ONCE = 1_000
_ALL = 1 << 62
_Thing = TypeVar("_Thing")
_log = logs.get(__name__)


class Classifier:
    """The handler of `school.facts.v1`."""

    def __init__(
        self, store: Store, publisher: Publisher, tracing: Tracing, settings: ClassifierSettings, *,
        register: Register, calendars: CalendarDesk, ways: Ways,
    ) -> None:  # fmt: skip
        self.ledger = Ledger(store)
        self.shelf = Shelf(store.collection("pupils"), publisher)
        self._witnesses = Witnesses(store, publisher, self.ledger)
        self._presence = Presence(store, publisher, self.ledger, register, calendars)
        self._pupils = store.collection("pupils")
        self._publisher = publisher
        self._tracing = tracing
        self._register = register
        self._calendars = calendars
        self._ways = ways
        self._memory = Memory(words=settings.memory_words, pupils=settings.memory_pupils)
        self._days: dict[int, list[tuple[int, date]]] = {}
        self._owned: frozenset[int] = frozenset()
        self._position: dict[int, int] = {}
        self._working = asyncio.Lock()
        self._stale = False

    async def start(self) -> None:
        """Makes the indexes."""
        await self.ledger.start()
        await self.shelf.start()
        await self._witnesses.start()
        await self._presence.start()
        await self._pupils.index([("part", 1), ("x.wake", 1)])
        await self._pupils.index([("x.schools", 1)])
        await self._pupils.index([("x.grounds", 1)])

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what is owed, and reads which days are closed."""
        async with self._working:
            self._drop()
            self._owned = partitions
            self._position = {}
            self._days = await self.ledger.closed_days(partitions)
            await self.shelf.settle(partitions)
            await self._witnesses.settle(partitions)
            await self._presence.settle(partitions)
        self._calendars.look_again()
        self._register.look_again()

    def forget(self) -> None:
        """What is remembered of pupils is not used again: it is dropped before the next use."""
        self._stale = True

    def _freshen(self) -> None:
        if self._stale:
            self._drop()
            self._stale = False

    def _drop(self) -> None:
        self._memory.clear()
        self._witnesses.clear()

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Keeps the words, says what they change, closes days."""
        async with self._working:
            said, closed = sorted_out([self._placed(one) for one in batch])
            self._freshen()
            await self.ledger.append(said)
            await self.ledger.close(closed)
            for words, days in in_turns(said, closed):
                await self._look_at(words)
                await self._witnesses.look_at(words, lambda pupil: self._pupil(pupil).unsaid)
                await self._presence.note(words, self._closed_at)
                self._memory.trim()
                await self._close(days)
            for one in batch:
                self._position[one.partition] = self._placed(one).offset + 1

    def _placed(self, one: Arrived) -> Arrived:
        """A record that was parked and is tried again stands where we are by now: it undoes nothing that came since."""
        if one.retried_at is None:
            return one
        return one._replace(offset=max(self._position.get(one.partition, 0), one.retried_at) - 1)

    async def _remember(self, pseudonyms: Iterable[str], *, before: dict[int, int]) -> None:
        """Brings pupils to memory with the attention they need, not yet with all that was said of them."""
        missing = [pseudonym for pseudonym in pseudonyms if self._memory.get(pseudonym) is None]
        if not missing:
            return
        documents = await self.shelf.load(missing)
        told = await self.ledger.words_of(missing, before=before, notable_only=True)
        for pseudonym, words in told.items():
            pupil = Pupil(UNKNOWN_PUPIL, documents.get(pseudonym))
            self._attend(pupil, Standing.of(words), _latest(words))
            pupil.unsaid.update(slot for word in words if (slot := unsaid_in(word)) is not None)
            self._memory.put(pseudonym, pupil)

    def _attend(self, pupil: Pupil, standing: Standing, latest: date | None) -> None:
        """The attention a pupil needs, without evaluating it: rather too much than too little.

        When it wakes stands in its document: who has none has nothing to wake for.
        """
        kept = pupil.kept
        if kept is not None:
            pupil.shares = {
                school: from_rows(*row[1:]) for school, row in kept.state.get("shares", {}).items()
            }
        said = [row[3] for row in kept.state["said"].values() if row[2]] if kept is not None else []
        attention = attentive(
            standing, (), calendars=self._calendars.calendars, governance=self._register.governance,
            as_of=latest or date.min,
            said=[(one["kind"], one["school"], date.fromisoformat(one["at"])) for one in said],
        )  # fmt: skip
        wake = None if kept is None else kept.index["wake"]
        wakes = None if wake is None else date.fromisoformat(wake)
        pupil.attention = replace(attention, findings=bool(said), wakes=wakes)

    async def _look_at(self, words: Sequence[Said]) -> None:
        """Evaluates each word that may change something, in order, and keeps and says what changed."""
        before: dict[int, int] = {}
        for one in words:
            before.setdefault(one.arrived.partition, end_of(one.arrived))
        await self._remember({one.pupil for one in words}, before=before)
        asking: set[str] = set()
        looks: list[tuple[Said, Pupil, date | None]] = []
        # What a word asks rests on the quiet words before it, those of the same batch included.
        by_then: dict[str, Attention] = {}
        for one in words:
            pupil, happened = self._pupil(one.pupil), happened_on(one.word)
            looks.append((one, pupil, happened))
            if one.pupil not in asking:
                attention = by_then.get(one.pupil, pupil.attention)
                if self._asks(pupil, attention, one, happened):
                    asking.add(one.pupil)
                by_then[one.pupil] = noted(attention, one.word)
        await self._recall(asking, before=before)
        changed: dict[str, Kept] = {}
        for one, pupil, happened in looks:
            # Of a pupil of whom no word asks, none has to be asked again.
            asks = one.pupil in asking and self._asks(pupil, pupil.attention, one, happened)
            self._take_in(one, pupil, happened)
            if not asks:
                pupil.attention = noted(pupil.attention, one.word)
            elif _said_before(pupil.kept, one.arrived):
                # What it changed is on the shelf since before a crash: only the memory has to follow.
                self._attend(pupil, _known(pupil.standing), pupil.latest)
            elif self._evaluate(
                one.pupil, pupil, one.arrived, Cause(one.arrived.event, of_a_school=True), "word"
            ):
                changed[one.pupil] = _known(pupil.kept)
        await self.shelf.keep_and_say(changed.values())

    def _take_in(self, one: Said, pupil: Pupil, happened: date | None) -> None:
        if happened is not None and (pupil.latest is None or happened > pupil.latest):
            pupil.latest = happened
        if (slot := unsaid_in(one.word)) is not None:
            pupil.unsaid.add(slot)
        if pupil.standing is not None:
            pupil.standing.apply(one.word)
            self._memory.holds(one.pupil, pupil.words + 1)

    async def _recall(self, pseudonyms: Iterable[str], *, before: dict[int, int]) -> None:
        """Reads from the ledger all that was said of these pupils, unless it is in memory."""
        missing = [pseudonym for pseudonym in pseudonyms if self._pupil(pseudonym).standing is None]
        for place in range(0, len(missing), _CHUNK):
            told = await self.ledger.words_of(missing[place : place + _CHUNK], before=before)
            for pseudonym, words in told.items():
                pupil = self._pupil(pseudonym)
                pupil.standing = Standing.of(words)
                pupil.standing.remembered = Remembered()
                pupil.latest = max(filter(None, (_latest(words), pupil.latest)), default=None)
                self._memory.holds(pseudonym, len(words))

    def _evaluate(self, pseudonym: str, pupil: Pupil, arrived: Arrived, cause: Cause, why: str) -> bool:
        """Whether the pupil's document has to be kept."""
        metrics.EVALUATIONS.labels(why).inc()
        document = pupil.kept.state if pupil.kept is not None else None
        events = evaluate(
            pseudonym, pupil, partition=arrived.partition, offset=arrived.offset,
            closed=self._closed_at(arrived.partition, arrived.offset),
            law=Law(self._calendars.calendars, self._register.governance, self._register.grounds_of),
            cause=cause, ways=self._ways,
        )  # fmt: skip
        for event in events:
            metrics.FINDINGS.labels(event.data["kind"], event.name).inc()
            with self._tracing.step(event.name, event.traceparent):
                _log.info("finding.said", what=event.name, kind=event.data["kind"], cause=why)
        return pupil.kept is not None and pupil.kept.state is not document

    def _closed_at(self, partition: int, offset: int) -> date | None:
        """The last date closed at or before an offset of a partition."""
        closed = self._days.get(partition, [])
        place = bisect_right(closed, (offset, date.max))
        return closed[place - 1][1] if place else None

    def _note_closed(self, partition: int, offset: int, day: date) -> None:
        """Remembers a closed date; one that is closed again (a crash, a second writer) closes nothing more."""
        closed = self._days.setdefault(partition, [])
        if not closed or (closed[-1][0] < offset and closed[-1][1] < day):
            closed.append((offset, day))

    async def _close(self, days: Sequence[Closed]) -> None:
        """Says what a closed day changes, then that it is closed (`contract.md` 2)."""
        by_date: dict[date, list[Closed]] = defaultdict(list)
        for one in days:
            by_date[one.day].append(one)
        for day, closings in sorted(by_date.items()):
            for one in closings:
                self._note_closed(one.arrived.partition, one.arrived.offset, day)
            await self._wake(day, {one.arrived.partition: one.arrived for one in closings})
            await self._presence.close(closings)
            origins = await self._publisher.partitions_of(FACTS.name)
            for topic, told in self._hear_of_days():
                count = await self._publisher.partitions_of(topic.name)
                await self._publisher.say(
                    Outgoing.event(topic.name, None, told(one, origins), partition)
                    for one in closings
                    for partition in range(count)
                )
            metrics.CLOSED_DAY.set((day - date(1970, 1, 1)).days)

    def _hear_of_days(self) -> Iterator[tuple[Topic, Callable[[Closed, int], Event]]]:
        """Who is told, in every partition, that everything of a day was said, and the word (`contract.md` 2; ADR 7, ADR 9)."""

        def told(one: Closed, origins: int, name: str = DAY_CLOSED) -> Event:
            return day_closed_by(one.arrived.event, one.day, one.arrived.partition, origins, name)

        yield FINDINGS, told
        yield FEEDS, partial(told, name=FEED_DAY_CLOSED)
        yield HEALTH_FINDINGS, lambda one, origins: self._ways.health.day(told(one, origins))

    async def _wake(self, day: date, closings: dict[int, Arrived]) -> None:
        """Evaluates pupils of whom a fact becomes seen on this day."""
        query = {"part": {"$in": list(closings)}, "x.wake": {"$lte": day.isoformat(), "$type": "string"}}
        rows = await self._pupils.find(query, fields=["part"])
        before = {partition: end_of(arrived) for partition, arrived in closings.items()}
        await self._again({row["_id"]: closings[row["part"]] for row in rows}, before, "day")

    async def refresh(self, ours: frozenset[int]) -> None:
        """Evaluates pupils whose school's calendar, or whose governance, changed since they were last looked at.

        `ours`: the partitions the consumer owns now. What was taken over but not settled yet waits.
        """
        async with self._working:
            owned = self._owned & ours
            if not owned:
                return
            self._freshen()
            try:
                for school in self._calendars.take_changed():
                    await self._refresh_school(school, owned)
                if self._register.take_changed():
                    await self._refresh_governed(owned)
                await self._presence.refresh(owned, self._position)
            except BaseException:
                self._calendars.look_again()
                self._register.look_again()
                self._stale = True
                raise

    async def _refresh_school(self, school: str, owned: frozenset[int]) -> None:
        query = {
            "x.schools": school,
            f"x.calendars.{school}": {"$ne": self._calendars.calendars.of(school).fingerprint},
            "part": {"$in": sorted(owned)},
        }
        cause = self._calendars.cause_of(school)
        rows = await self._pupils.find(query, fields=["part", "state.offset"])
        waking = {row["_id"]: record for row in rows if (record := self._reached(row, cause)) is not None}
        if len(waking) < len(rows):
            self._calendars.look_at(school)
        await self._again(waking, self._before(owned), "calendar")

    async def _refresh_governed(self, owned: frozenset[int]) -> None:
        """A part of them at a time: the facts do not wait for a whole city."""
        query = {**self._register.elsewhere(), "part": {"$in": sorted(owned)}}
        rows = await self._pupils.find(query, fields=["part", "state.offset", "x.grounds"], limit=_AT_ONCE)
        waking: dict[str, Arrived] = {}
        for row in rows:
            cause = self._register.cause_for(row["x"]["grounds"])
            if cause is not None and (record := self._reached(row, cause)) is not None:
                waking[row["_id"]] = record
        if rows:
            self._register.look_again()
        await self._again(waking, self._before(owned), "register")

    def _reached(self, row: Mapping[str, Any], cause: Event) -> Arrived | None:
        """Where we stand in the partition of a document, as a record with this cause.

        None: before a crash, or by another since, the pupil was looked at further on. We wait until we are there.
        """
        looked_at = row["state"]["offset"]
        reached = self._position.get(row["part"], looked_at + 1) - 1
        if reached < looked_at:
            return None
        return Arrived(FACTS.name, row["part"], reached, row["_id"], None, cause)

    def _before(self, owned: Iterable[int]) -> dict[int, int]:
        return {partition: self._position.get(partition, _ALL) for partition in owned}

    async def _again(self, waking: Mapping[str, Arrived], before: dict[int, int], why: str) -> None:
        """Evaluates pupils for a cause that is no word of their own: the event each of them is paired with."""
        pairs = list(waking.items())
        for place in range(0, len(pairs), _CHUNK):
            chunk = dict(pairs[place : place + _CHUNK])
            await self._remember(chunk, before=before)
            await self._recall(chunk, before=before)
            changed: list[Kept] = []
            for pseudonym, arrived in chunk.items():
                pupil = self._pupil(pseudonym)
                cause = Cause(arrived.event, of_a_school=why == "calendar")
                if self._evaluate(pseudonym, pupil, arrived, cause, why):
                    changed.append(_known(pupil.kept))
            await self.shelf.keep_and_say(changed)
            self._memory.trim()

    def _asks(self, pupil: Pupil, attention: Attention, one: Said, happened: date | None) -> bool:
        """Whether a word has to be looked at: it may change something, or it is about a day on which others become seen."""
        wakes = attention.wakes
        return (
            (wakes is not None and happened is not None and happened >= wakes)
            or one.arrived.retried_at is not None
            or may_change(attention, one.word)
            or moves_share(pupil.shares, one.word, self._calendars.calendars)
        )

    def _pupil(self, pseudonym: str) -> Pupil:
        pupil = self._memory.get(pseudonym)
        if pupil is None:
            raise KeyError("a pupil of this batch is not in memory")
        return pupil


def _said_before(kept: Kept | None, arrived: Arrived) -> bool:
    """Whether a document was written with a word already. Offsets of two partitions tell nothing of each other."""
    if arrived.retried_at is not None:
        return False
    return kept is not None and kept.partition == arrived.partition and arrived.offset <= kept.state["offset"]


def _known(thing: _Thing | None) -> _Thing:
    if thing is None:
        raise KeyError("an evaluated pupil is not whole in memory")
    return thing


def _latest(words: Iterable[Word]) -> date | None:
    return max((day for word in words if (day := happened_on(word)) is not None), default=None)
