"""The region's own plain records: who is who, where they stay, and what is finally true of every slot.

These records are the ground of `truth`; what the systems say about them (`telling`) is made from them, never the
other way round.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from aanwezig.contracts.identifiers import is_personal_number
from aanwezig.contracts.submissions import PupilRef

ORDINARY: Final = "ordinary"


class Standing(NamedTuple):
    """What is finally true of one slot: `present`, `absent` or `late`; `minutes` and `missed` in minutes."""

    state: str
    minutes: int
    authorised: bool | None = None
    reason: str | None = None
    missed: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """An enrolment: at which school, of which type, from when until when (None: open). `told`: the school says it."""

    school: str
    type: str
    first: date
    last: date | None = None
    told: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """Something that holds for a pupil over dates, both included; `what` is its ground or kind.

    `kind` is `leave`, `exemption`, `arrangement` or `sick`; `by` who decided a leave (`head`, `officer`).
    """

    kind: str
    what: str
    first: date
    last: date | None
    school: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A care signal or a school report on a date; `yes` is `help_in_place` or `announced`."""

    kind: str
    what: str
    day: date
    school: str
    yes: bool = False


@dataclass(slots=True)
class Pupil:
    """One invented pupil. `character` is `ordinary` or the name of its part in the year.

    `marks[school][date][slot]` is the final truth. `misheard` holds what a school first said of a slot and corrected
    so many dates later; `misspelt_birth` a birth date that a school first got wrong; `moved` a second municipality
    and since when.
    """

    ref: PupilRef
    character: str
    birth: date | None
    municipality: str | None
    stays: list[Stay]
    marks: dict[str, dict[date, dict[str, Standing]]] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    qualified: date | None = None
    misspelt_birth: date | None = None
    moved: tuple[str, date] | None = None
    misheard: dict[tuple[date, str], tuple[Standing, int]] = field(default_factory=dict)

    def put(self, school: str, day: date, slot: str, standing: Standing) -> None:
        """Make this the truth of a slot."""
        self.marks.setdefault(school, {}).setdefault(day, {})[slot] = standing

    def drop(self, school: str, day: date, slot: str) -> None:
        """Nothing is true of this slot any more; a date without any mark is silent."""
        marks = self.marks[school]
        marks.get(day, {}).pop(slot, None)
        if not marks.get(day, True):
            del marks[day]

    def holds(self, kind: str, school: str, day: date) -> list[Period]:
        """The periods of a kind that cover a date, at this school or at every school."""
        return [
            period
            for period in self.periods
            if period.kind == kind
            and period.school in {None, school}
            and period.first <= day <= (period.last or date.max)
        ]


class Numbers:
    """Invented personal numbers that pass the eleven-test, from ranges nobody would take for real ones."""

    def __init__(self, rng: random.Random) -> None:
        offset = rng.randrange(0, 40_000, 100)
        self._ordinary = _passing(999_900_000 + offset)
        self._education = _passing(100_000_100 + offset)

    def citizen(self) -> PupilRef:
        """The next invented citizen number (`9999.....`)."""
        return PupilRef(number=next(self._ordinary))

    def education(self) -> PupilRef:
        """The next invented education number (`1000.....`)."""
        return PupilRef(number=next(self._education))


def failing(number: str) -> str:
    """A number near this one that fails the eleven-test."""
    return next(text for text in _texts(int(number) + 1) if not is_personal_number(text))


def _passing(start: int) -> Iterator[str]:
    return (text for text in _texts(start) if is_personal_number(text))


def _texts(start: int) -> Iterator[str]:
    return (str(number) for number in range(start, start + 60_000))
