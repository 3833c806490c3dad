"""The classifier whole, without a broker: facts in, what the owners of facts say of schools handed on, signals out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.store import Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.governance import Register
from aanwezig.classifier.schools import Schools
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.facts import Word
from aanwezig.contracts.topics import FEEDS, SIGNALS
from support.classifying import (
    EVERYWHERE,
    PARTITIONS,
    WAYS,
    RecordingPublisher,
    Topic,
    a_classifier,
    calendars_of,
    event_of,
)
from support.facts import SCHOOL, day


class FeedsTopic:
    """The feeds topic: gives each record its place. A school's partition follows from its name."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = defaultdict(int)
        self._taken = 0

    def of(self, said: Sequence[Outgoing]) -> list[Arrived]:
        """What was said on it since the last look, as it arrives."""
        fresh, self._taken = said[self._taken :], len(said)
        return [self._record(one) for one in fresh if one.topic == FEEDS.name]

    def _record(self, one: Outgoing) -> Arrived:
        place = one.partition if one.partition is not None else sum((one.key or "").encode()) % PARTITIONS
        self._ends[place] += 1
        return Arrived(FEEDS.name, place, self._ends[place] - 1, one.key, one.value, event_from(one.value))


async def some_schools(
    store: Store, publisher: RecordingPublisher, calendars: CalendarDesk, register: Register | None = None
) -> Schools:
    """The second handler, started and owning every partition; it remembers nothing."""
    schools = Schools(
        store, publisher, Tracing("classifier", "0", None),
        register=register or Register("nl-2024"), calendars=calendars, way=WAYS.school,
    )  # fmt: skip
    await schools.start()
    await schools.on_assigned(EVERYWHERE)
    return schools


class Live:
    """Both handlers on one store, with a topic between them."""

    def __init__(self, publisher, calendars, register, classifier, schools):
        self.publisher, self.calendars, self.register = publisher, calendars, register
        self.classifier, self.schools = classifier, schools
        self.topic, self.feeds = Topic(), FeedsTopic()

    @classmethod
    async def on(cls, store, *calendars, register=None):
        """Started on a store, with these calendars known."""
        publisher, desk = RecordingPublisher(), await calendars_of(*calendars)
        register = register or Register("nl-2024")
        return cls(
            publisher, desk, register,
            await a_classifier(store, publisher, desk, register), await some_schools(store, publisher, desk, register),
        )  # fmt: skip

    async def hear(self, *said, closes=()):
        """Words, then closed days, with all they cause."""
        records = self.topic.words(each_its_own(said))
        for on in closes:
            records += self.topic.closes(on)
        if records:
            await self.classifier.on_batch(records)
        await self.pass_on()

    async def pass_on(self):
        """Hands on what was said of schools."""
        if arrived := self.feeds.of(self.publisher.said):
            await self.schools.on_batch(arrived)

    async def beside(self, *changes):
        """Calendar words and records of the register, looked at as soon as they are heard."""
        for one in changes:
            if isinstance(one, Word):
                await self.calendars.on_change("", event_of(one))
            else:
                await self.register.on_change(*one)
            await self.classifier.refresh(EVERYWHERE)
            await self.schools.refresh(EVERYWHERE)

    def silent(self, school=SCHOOL):
        """The silent runs of a school that stand: first day and number of lesson days."""
        return silent(self.publisher.said).get(school, [])

    def told(self, school=SCHOOL):
        """In order, what was said of silent runs of a school: what happened, first day, number of days, revision."""
        events = [event_from(one.value) for one in self.publisher.said if one.topic == SIGNALS.name]
        return [
            (event.name.removeprefix("finding-"), event.data["at"], event.data["measured"]["exact"], event.data["revision"])
            for event in events
            if event.data.get("kind") == "silent-feed" and event.data["school"] == school
        ]  # fmt: skip


def each_its_own(said):
    """Words under ids of their own: those of the builders do not name the pupil."""
    flat = [one for item in said for one in (item if isinstance(item, list) else [item])]
    return [replace(one, id=f"{one.fact.pupil}/{one.id}") for one in flat]


def days(first, last):
    """Every date from the first to the last, both included."""
    return [day(first) + timedelta(days=number) for number in range((day(last) - day(first)).days + 1)]


def silent(said: Iterable[Outgoing]) -> dict[str, list[tuple[str, str]]]:
    """Per school the silent runs that stand after all that was said: first day and number of lesson days."""
    newest = {}
    for one in said:
        event = event_from(one.value)
        if one.topic != SIGNALS.name or event.data.get("kind") != "silent-feed":
            continue
        known = newest.get(event.data["finding"])
        if known is None or known.data["revision"] < event.data["revision"]:
            newest[event.data["finding"]] = event
    runs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in newest.values():
        if event.name != "finding-withdrawn":
            runs[event.data["school"]].append((event.data["at"], event.data["measured"]["exact"]))
    return {school: sorted(found) for school, found in runs.items()}
