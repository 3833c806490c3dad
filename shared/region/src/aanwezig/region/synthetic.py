"""A region put together: its places, its people, their year, what was told of it, and what is true of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from aanwezig.region.affairs import Affairs
from aanwezig.region.characters import CHARACTERS
from aanwezig.region.living import population
from aanwezig.region.marks import Telling
from aanwezig.region.officer import OfficerAct, script
from aanwezig.region.people import ORDINARY, Pupil
from aanwezig.region.places import Municipality, School, System, municipalities, schools, systems
from aanwezig.region.telling import ACCEPTED, DUPLICATE, Book
from aanwezig.region.truth import Truth, standing_findings


@dataclass(frozen=True, slots=True)
class Submission:
    """What one system submits on one date, in that order.

    `events` are CloudEvents as JSON objects; `expected` stands beside them, one word each: `accepted`, `duplicate`
    or the code of the refusal (`aanwezig.contracts.refusals.Code`).
    """

    system: str
    events: list[dict[str, Any]]
    expected: list[str]


@dataclass(frozen=True, slots=True)
class Day:
    """One date and what each system submits on it; systems that have nothing to say are left out."""

    date: date
    submissions: list[Submission]


class Region:
    """A region and its school year. Reading it changes nothing; two readings give the same."""

    def __init__(self, seed: int, pupils: list[Pupil], book: Book) -> None:
        self.seed = seed
        self.systems: tuple[System, ...] = systems()
        self.schools: tuple[School, ...] = schools()
        self.municipalities: tuple[Municipality, ...] = municipalities()
        self.pupils: tuple[Pupil, ...] = tuple(pupils)
        self.officer_script: tuple[OfficerAct, ...] = script(pupils)
        self._book = book

    def days(self) -> Iterator[Day]:
        """Every date from 2024-08-01 through 2025-07-31, in order."""
        seen: set[str] = set()
        for day, said in self._book.days.items():
            submissions: list[Submission] = []
            for system, sayings in said.items():
                expected: list[str] = []
                for saying in sayings:
                    again = saying.id in seen
                    seen.add(saying.id)
                    expected.append(saying.refused or (DUPLICATE if again else ACCEPTED))
                if sayings:
                    submissions.append(Submission(system, [saying.event() for saying in sayings], expected))
            yield Day(day, submissions)

    def accepted_events(self) -> Iterator[dict[str, Any]]:
        """The events that must be accepted, in the order in which they are submitted, each once."""
        for day in self.days():
            for submission in day.submissions:
                for event, expected in zip(submission.events, submission.expected, strict=True):
                    if expected == ACCEPTED:
                        yield event

    def write_ndjson(self, path: Path) -> int:
        """Write the accepted events as NDJSON; gives back how many."""
        rows = 0
        with path.open("wb") as file:
            for event in self.accepted_events():
                file.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
                rows += 1
        return rows

    def truth(self) -> Truth:
        """What must come of the year, counted from the region's own records."""
        return Truth(
            accepted=self._book.accepted,
            duplicates=self._book.duplicates,
            refused=dict(self._book.refused),
            findings=standing_findings(list(self.pupils), self.schools),
            cases_expected={part.name: part.rules for part in CHARACTERS},
            characters={
                pupil.character: pupil.ref.text for pupil in self.pupils if pupil.character != ORDINARY
            },
        )


def build(seed: int, pupils: int = 300) -> Region:
    """A region of so many pupils; the same seed and number give the same bytes.

    Raises:
        ValueError: fewer pupils than there are parts to play (`characters.FEWEST_PUPILS`).

    """
    rng = random.Random(seed)
    places, senders = schools(), systems()
    people = population(rng, pupils, places, senders)
    book = Book(rng, senders)
    affairs = Affairs(rng, book, places, senders)
    affairs.calendars()
    for pupil in people:
        affairs.of(pupil)
        for school in list(pupil.marks):
            Telling(rng, book, affairs.system_of[school], pupil, school).all()
    affairs.bad(people)
    book.shuffle()
    return Region(seed, people, book)
