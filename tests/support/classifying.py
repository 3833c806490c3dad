"""Driving the classifier without its consumer: words as they arrive, what it says, and a store that fails when told to."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from uuid import uuid4

from pydantic import SecretStr

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.store import Collection, Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.crossing import ToChain, ToHealth, Ways
from aanwezig.classifier.days import day_closed
from aanwezig.classifier.governance import Register
from aanwezig.classifier.handlers import Classifier
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.facts import Word
from aanwezig.contracts.topics import FACTS, FINDING_EVENTS
from aanwezig.contracts.writing import data_of
from support.facts import day
from support.memory import Faults, MemoryPublisher

CHAIN_KEY = bytes.fromhex("17" * 32)
PARTITIONS = 3
EVERYWHERE = frozenset(range(PARTITIONS))
HEALTH_KEY = bytes.fromhex("18" * 32)
CROSSING = ToChain(CHAIN_KEY)
TO_HEALTH = ToHealth(HEALTH_KEY)
WAYS = Ways(CROSSING, TO_HEALTH)


def event_of(said: Word) -> Event:
    """The event on the facts topic (or that of calendars) that says a word."""
    return Event(said.id, said.source, said.name, said.time, data_of(said.fact), said.sequence)


class Topic:
    """The facts topic: gives each record its place. Pupils are spread over three partitions in order of appearance."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = defaultdict(int)
        self._partitions: dict[str, int] = {}

    def words(self, *said: Word | list[Word]) -> list[Arrived]:
        """Words as they arrive (lists are taken apart)."""
        flat = [one for item in said for one in (item if isinstance(item, list) else [item])]
        return [self._record(event_of(one), one.fact.pupil) for one in flat]

    def closes(self, on: date | str) -> list[Arrived]:
        """A day, closed in every partition."""
        return [self._record(day_closed(day(on)), None, number) for number in range(PARTITIONS)]

    def _record(self, event: Event, pupil: str | None, partition: int | None = None) -> Arrived:
        place = self._partitions.setdefault(pupil, len(self._partitions) % PARTITIONS) if pupil else partition
        self._ends[place] += 1
        return Arrived(FACTS.name, place, self._ends[place] - 1, pupil, event.as_bytes(), event)


class RecordingPublisher(MemoryPublisher):
    """Keeps what was said, on topics of three partitions."""

    async def partitions_of(self, _topic: str) -> int:
        return PARTITIONS

    def findings(self) -> dict[str, list[Event]]:
        """The findings said under each key in the domain of their kind, in order; not what a school hears beside it."""
        said: dict[str, list[Event]] = defaultdict(list)
        for one in self.said:
            event = event_from(one.value)
            if event.name not in FINDING_EVENTS or one.key is None:
                continue
            if one.topic == WAYS.of(event.data["kind"])[0].topic.name:
                said[one.key].append(event)
        return dict(said)

    def of_findings(self) -> list[Outgoing]:
        """The records that say findings, in order."""
        return [one for one in self.said if event_from(one.value).name in FINDING_EVENTS]

    def told(self) -> list[tuple[str, str, str, int]]:
        """What happened to which kind, when it arose, and the revision; closed days are left out."""
        return [
            (
                event.name.removeprefix("finding-"),
                event.data["kind"],
                event.data["at"],
                event.data["revision"],
            )
            for events in self.findings().values()
            for event in events
        ]


def contents(said: Iterable[Outgoing]) -> dict[str, bytes]:
    """The bytes under each event id; refuses one id with two contents, and days told before the findings of the day."""
    known: dict[str, bytes] = {}
    for one in said:
        assert one.value is not None
        assert known.setdefault(json.loads(one.value)["id"], one.value) == one.value, (
            "an id with two contents"
        )
    return known


def standing(said: Iterable[Outgoing]) -> dict[str, dict]:
    """The data of the findings that stand after all that was said, by id, without their revision."""
    newest: dict[str, Event] = {}
    for one in said:
        event = event_from(one.value)
        if event.name not in FINDING_EVENTS:
            continue
        known = newest.get(event.data["finding"])
        if known is None or known.data["revision"] < event.data["revision"]:
            newest[event.data["finding"]] = event
    return {
        finding: {name: value for name, value in event.data.items() if name != "revision"}
        for finding, event in newest.items()
        if event.name != "finding-withdrawn"
    }


class _FailingCollection(Collection):
    """Fails at the acts it is told to, and remembers which documents were written."""

    def __init__(self, real: Collection, faults: Faults, written: list[str]) -> None:
        super().__init__(real._raw)
        self._faults, self._written = faults, written

    async def insert_new(self, documents: Sequence[dict]) -> set:
        if not documents:
            return set()
        act = self._faults.begin()
        there = await super().insert_new(documents)
        self._faults.end(act)
        return there

    async def replace_if(self, documents: Sequence[dict], **how) -> set:
        if not documents:
            return set()
        act = self._faults.begin()
        self._written.extend(one["_id"] for one in documents)
        lost = await super().replace_if(documents, **how)
        self._faults.end(act)
        return lost


class WatchedStore(Store):
    """A real store that fails when told to; `written` names every document of a pupil that was written."""

    def __init__(self, uri: str, database: str) -> None:
        super().__init__(uri, database)
        self.faults = Faults()
        self.written: list[str] = []

    def collection(self, name: str) -> Collection:
        written = self.written if name == "pupils" else []
        return _FailingCollection(super().collection(name), self.faults, written)


@asynccontextmanager
async def a_store(engines) -> AsyncIterator[WatchedStore]:
    """An empty database for the length of a block."""
    store = WatchedStore(engines.mongo_uri, f"classifier-{uuid4().hex[:12]}")
    try:
        yield store
    finally:
        store.faults = Faults()
        await store.drop()
        await store.close()


async def calendars_of(*said: Word) -> CalendarDesk:
    """A desk that heard these words."""
    desk = CalendarDesk()
    for one in said:
        await desk.on_change("", event_of(one))
    return desk


async def a_classifier(
    store: Store,
    publisher: MemoryPublisher,
    calendars: CalendarDesk | None = None,
    register: Register | None = None,
    **settings,
) -> Classifier:
    """A classifier that has started and owns every partition; it remembers nothing."""
    how = ClassifierSettings(
        kafka="127.0.0.1:9", mongo=SecretStr("nowhere"), port=9, chain_key=SecretStr(CHAIN_KEY.hex()),
        health_key=SecretStr(HEALTH_KEY.hex()), operator_key=SecretStr("an operator"), **settings,
    )  # fmt: skip
    classifier = Classifier(
        store, publisher, Tracing("classifier", "0", None), how,
        register=register or Register(how.default_pack), calendars=calendars or CalendarDesk(), ways=WAYS,
    )  # fmt: skip
    await classifier.start()
    await classifier.on_assigned(EVERYWHERE)
    return classifier
