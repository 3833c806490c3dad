"""What a story is made of: beats that are told, steps people took, and what is concluded as of a date."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from aanwezig.contracts.messages import Status, Step, Subject, Track
from support.narrated.places import Child, School

Event = dict[str, Any]
About = tuple[str, int]
"""A finding of the same child in the same story: kind and ordinal."""


@dataclass(frozen=True)
class Beat:
    """One line of the story: `when` as the source tells it (`?`: not told), the facts, and what was assumed for them."""

    when: str
    told: str
    facts: tuple[Event, ...] = ()
    assumed: str | None = None


def beat(when: str, told: str, *facts: Iterable[Event], assumed: str | None = None) -> Beat:
    """A beat from groups of facts."""
    return Beat(when, told, tuple(fact for group in facts for fact in group), assumed)


@dataclass(frozen=True)
class Took:
    """A step somebody took. `who` is a role, never a name."""

    on: str
    who: str
    step: Step
    child: Child
    told: str
    assumed: bool = True


@dataclass(frozen=True)
class Decided:
    """What an officer decided, or tried to: `refused` is then the reason of the refusal."""

    on: str
    child: Child
    track: Track
    subject: Subject = "pupil"
    motive: str | None = None
    consent: tuple[bool, bool] | None = None
    refused: str | None = None
    assumed: bool = True


@dataclass(frozen=True)
class Ended:
    """How an officer said a case ended: the code of an outcome that the reports count, and why that one."""

    on: str
    child: Child
    outcome: str
    told: str
    assumed: bool = True


@dataclass(frozen=True)
class Left:
    """How a case of a child stands when its story is told: its status, and the outcome it has (None: none)."""

    child: Child
    status: Status
    outcome: str | None = None


@dataclass(frozen=True)
class Found:
    """A finding that stands. `value` as printed; `about` the finding it names."""

    child: Child | None
    kind: str
    at: str
    value: str
    ordinal: int = 1
    about: About | None = None
    rule: str | None = None
    school: School | None = None


@dataclass(frozen=True)
class Several:
    """Findings of one kind with ordinals from 1 without a gap: how many, the first and the last (date, value)."""

    child: Child
    kind: str
    how_many: int
    first: tuple[str, str]
    last: tuple[str, str]


@dataclass(frozen=True)
class Answered:
    """What the routing table says of a child's case, and by which row of single findings (`by`)."""

    child: Child
    row: str
    track: Track
    subject: Subject = "pupil"
    by: dict[About, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AsOf:
    """All that is concluded as of a date under a definition of a home-sitter: these findings and no others.

    `known`: only what was logged up to and including this date is taken in; None: everything.
    """

    on: str
    findings: tuple[Found | Several, ...] = ()
    definition: str = "zoetermeer-2024"
    known: str | None = None
    answers: tuple[Answered, ...] = ()

    @property
    def day(self) -> date:
        return date.fromisoformat(self.on)


@dataclass(frozen=True)
class Scenario:
    """One story. `never_kinds` and `never_tracks`: what must not be concluded or proposed in it, each with the reason.

    `unseen`: what the platform cannot conclude from facts, in words. `left`: how its cases stand in the end, of each child
    from old to new; told of the stories that are lived on real engines.
    """

    case: str
    title: str
    source: str
    schools: tuple[School, ...]
    children: tuple[Child, ...]
    told: tuple[Beat, ...]
    concluded: tuple[AsOf, ...]
    done: tuple[Took | Decided | Ended, ...] = ()
    left: tuple[Left, ...] = ()
    assumed: tuple[str, ...] = ()
    never_kinds: dict[str, str] = field(default_factory=dict)
    never_tracks: dict[Track, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()

    @property
    def last_day(self) -> date:
        return max(one.day for one in self.concluded)

    @cached_property
    def events(self) -> list[Event]:
        """
        Every fact of the story in the order it was logged, and what the schools say beside it.

        That is their calendars, and a classmate who is there every day.
        """
        around = [fact for school in self.schools for fact in school.around(self.last_day)]
        spoken = [fact for one in self.told for fact in one.facts]
        return sorted([*around, *spoken], key=lambda fact: str(fact["time"]))
