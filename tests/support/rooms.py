"""The case-router of all three domains over stores and a broker in memory, and the way of facts to it.

What one of them says is handed on to whoever listens, as the registry of topics has it; everything said stays to be read.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import partial

from aanwezig.case_router.domains import CHAIN, HEALTH
from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.handlers import DecisionsHandler, FindingsHandler, Shelves
from aanwezig.case_router.justice import CrossingsHandler
from aanwezig.case_router.saying import Voice
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Shelf
from aanwezig.classifier.crossing import ToChain, ToHealth, Ways
from aanwezig.classifier.days import day_closed, day_closed_by
from aanwezig.classifier.evaluation import Cause, Law, evaluate, happened_on
from aanwezig.classifier.memory import Pupil
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.facts import Word
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.topics import (
    CASES_HALT,
    CROSSINGS,
    DECISIONS,
    FINDINGS,
    HEALTH_DECISIONS,
    HEALTH_FINDINGS,
)
from aanwezig.law.attention import UNKNOWN_PUPIL
from aanwezig.law.calendar import Calendars
from aanwezig.law.standing import Standing
from support.classifying import event_of
from support.law import NL_2024
from support.memory import Faults, MemoryCollection, MemoryPublisher
from support.people import a_partner, an_officer, people

CHAIN_KEY, HEALTH_KEY, JUSTICE_KEY = (bytes.fromhex(pair * 32) for pair in ("17", "18", "19"))
WAYS = Ways(ToChain(CHAIN_KEY), ToHealth(HEALTH_KEY))
DOCTOR = "doctor"
HALT = "halt-oost"
PEOPLE = (a_partner(HALT, "halt"), a_partner("parket-oost", "officer-of-justice"))


class Rooms:
    """Three instances, each with its own stores. `said` is every record that anybody said, in order."""

    def __init__(self, calendars: Calendars | None = None, *, places: Iterable[str] = ("0637",)) -> None:
        self.publisher = MemoryPublisher()
        calendars = calendars or Calendars()
        officers = [an_officer(f"officer-{place}", place) for place in places]
        doctors = [an_officer(f"{DOCTOR}-{place}", place, role="youth-health-care") for place in places]
        self.stores = {
            name: [MemoryCollection(Faults()) for _ in range(3)] for name in ("chain", "health", "justice")
        }
        self._handlers = {CROSSINGS.name: CrossingsHandler(Shelf(self.stores["justice"][0], self.publisher))}
        for domain, key, persons in (
            (CHAIN, JUSTICE_KEY, [*officers, *PEOPLE]), (HEALTH, None, doctors),
        ):  # fmt: skip
            stores = self.stores[domain.domain]
            shelves = Shelves(*(Shelf(one, self.publisher) for one in stores), stores[0])
            voice = Voice(key, domain)
            known = people(*persons, domain=domain.domain)
            self._handlers[domain.findings.name] = FindingsHandler(shelves, calendars, voice)
            self._handlers[domain.commands.name] = DecisionsHandler(shelves, calendars, voice, known)
        self._handed_on = 0

    @property
    def said(self) -> list[Outgoing]:
        return self.publisher.said

    def on(self, topic: str) -> list[Event]:
        """The events of a topic, each record once."""
        records = dict.fromkeys((one.key, one.value) for one in self.said if one.topic == topic)
        return [event_from(value) for _, value in records]

    async def hear(self, topic: str, key: str | None, event: Event) -> None:
        """Somebody outside says an event; all that follows is handed on until nothing new is said."""
        await self.publisher.say([Outgoing.event(topic, key, event)])
        await self.go_on()

    async def go_on(self) -> None:
        """Hands on what was said and not yet heard."""
        while self._handed_on < len(self.said):
            one = self.said[self._handed_on]
            self._handed_on += 1
            handler = self._handlers.get(one.topic)
            if handler is not None:
                event = event_from(one.value)
                arrived = Arrived(one.topic, 0, self._handed_on, one.key, one.value, event)
                await handler.on_batch([arrived])

    def dossiers(self, domain: str = "chain") -> list[Dossier]:
        """The dossiers of a domain with cases."""
        return [Dossier.from_state(one["state"]) for one in self.stores[domain][0].documents.values()]

    def case_of(self, pupil: str, domain: str = "chain") -> Case:
        """The newest case of a pupil (its pseudonym there)."""
        (dossier,) = (one for one in self.dossiers(domain) if one.pupil == pupil)
        return dossier.cases[-1]

    async def command(self, name: str, data: dict, on: date, topic: str = DECISIONS.name) -> None:
        """A command, said at ten in the morning."""
        at = datetime.combine(on, time(10), UTC)
        event = Event(
            derived_id("test-command", name, str(data), str(on)), f"{PLATFORM_SOURCE}-test", name, at, data,
            traceparent=f"00-{derived_id('trace', name, str(data))}-b7ad6b7169203331-01",
        )  # fmt: skip
        await self.hear(topic, data["case"], event)

    async def doctor(self, name: str, data: dict, on: date) -> None:
        """A command of youth health care."""
        await self.command(name, data, on, HEALTH_DECISIONS.name)

    def known_to_halt(self) -> list[str]:
        """The cases Halt was told of, by the ids it knows."""
        return list(dict.fromkeys(event.data["case"] for event in self.on(CASES_HALT.name)))


class Children:
    """The classifier's way: facts of pupils, and what is found of them, said to the rooms day by day."""

    def __init__(self, rooms: Rooms, calendars: Calendars) -> None:
        self._rooms = rooms
        self._law = Law(calendars, NL_2024, lambda *_: [])
        self._pupils: dict[str, Pupil] = {}
        self._causes: dict[str, Event] = {}

    def take(self, pupil: str, word: Word) -> None:
        """A fact about a pupil (a pseudonym of the school); what follows of it is said when its day closes."""
        known = self._pupils.setdefault(pupil, Pupil(UNKNOWN_PUPIL, standing=Standing.of([])))
        known.standing.apply(word)
        known.latest = max(
            (day for day in (happened_on(word), known.latest) if day is not None), default=None
        )
        trace = f"00-{derived_id('trace', word.id)}-b7ad6b7169203331-01"
        self._causes[pupil] = replace(event_of(word), traceparent=trace)

    async def close(self, day: date) -> None:
        """Says what was found up to and including a day, and that it is closed."""
        closing = day_closed(day)
        for pupil, known in self._pupils.items():
            word = self._causes.pop(pupil, None)
            evaluate(
                pupil, known, partition=0, offset=0, closed=day, law=self._law,
                cause=Cause(word or closing, of_a_school=word is not None), ways=WAYS,
            )  # fmt: skip
            if known.kept is not None:
                owed, known.kept.owed = known.kept.owed, []
                await self._rooms.publisher.say(owed)
        told = partial(day_closed_by, closing, day, 0, 1)
        await self._rooms.hear(FINDINGS.name, None, told())
        await self._rooms.hear(HEALTH_FINDINGS.name, None, WAYS.health.day(told()))
