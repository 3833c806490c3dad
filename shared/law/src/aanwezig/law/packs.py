"""Rule packs: the numbers of the law as data, and which pack governs whom (`rules.md`, opening).

A pack is one file of `data/packs`; every number of `rules.md` is a field there and none is a constant in code.
"""

import operator as arithmetic
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, Protocol

from aanwezig.contracts.facts import ArrangementKind, Level, SchoolType
from aanwezig.contracts.findings import Obligation
from aanwezig.law import data_files

Operator = Literal[">=", ">", "<"]

_COMPARE: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    ">=": arithmetic.ge,
    ">": arithmetic.gt,
    "<": arithmetic.lt,
}


@dataclass(frozen=True, slots=True)
class UpperAge:
    """On dates from `from_` on, until the day before this birthday."""

    from_: date
    age: int


@dataclass(frozen=True, slots=True)
class ObligationRules:
    """The ages of `rules.md` 1, *Obligation*, in years."""

    starts_after_birthday: int
    ends_after_school_year_of_birthday: int
    qualification_until_birthday: int
    qualifications: tuple[Level, ...]
    eighteen_plus_until_birthday: tuple[UpperAge, ...]


@dataclass(frozen=True, slots=True)
class HourRules:
    """How a counted mark becomes hours (`rules.md` 2); `longest_lesson_hour` in minutes."""

    clock_hour_school_types: tuple[SchoolType, ...]
    longest_lesson_hour: int
    late_adds: bool


@dataclass(frozen=True, slots=True)
class CrossingRule:
    """When a sum of hours is reached: within `window_days` dates of lesson-week time."""

    operator: Operator
    threshold: Fraction
    unit: Literal["hours"]
    window_days: int
    same_school_year: bool
    starts_anew: bool


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """Whom a rule is about, and the article behind it."""

    article: str
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class LatenessRule:
    """The ladder: at how many times late in a school year a finding arises."""

    article: str
    operator: Operator
    unit: Literal["times"]
    rungs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LightRule:
    """Below which sum of hours a report by the school is light."""

    article: str
    operator: Operator
    threshold: Fraction
    unit: Literal["hours"]
    window_days: int


@dataclass(frozen=True, slots=True)
class HomeSitterRule:
    """Which named definition holds, and for whom."""

    definition: str
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A named definition of a home-sitter (`rules.md` 3; `domain.md` 1.4): one file of `data/definitions`.

    `absence` says which absences make an absent day: `any`, authorised or not, or only `counted` ones.
    """

    name: str
    article: str
    operator: Operator
    threshold: Fraction
    unit: Literal["days"]
    absence: Literal["any", "counted"]
    ended_by: tuple[ArrangementKind, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule pack. `municipality` None: any; `valid_until` None: open."""

    id: str
    version: str
    municipality: str | None = field(metadata={"none_as": "any"})
    valid_from: date
    valid_until: date | None = field(metadata={"none_as": "open"})
    obligation: ObligationRules
    hours: HourRules
    crossing: CrossingRule
    statutory: AppliesTo
    eighteen_plus: AppliesTo
    lateness: LatenessRule
    light: LightRule
    home_sitter: HomeSitterRule


class Governance(Protocol):
    """Which pack governs a finding."""

    @property
    def packs(self) -> Iterable[Pack]:
        """Every pack that may govern any finding, each once."""

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:
        """The pack of a finding with this municipality of residence (None: unknown) and school on a date."""

    def school_municipality(self, school: str | None) -> str | None:
        """Where a school is; None: unknown."""


@dataclass(frozen=True, slots=True)
class OnePack:
    """One pack rules everything, as offline; schools are not known."""

    pack: Pack

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The one pack."""
        return (self.pack,)

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:  # noqa: ARG002 - one for all
        """The one pack."""
        return self.pack

    def school_municipality(self, school: str | None) -> str | None:  # noqa: ARG002 - no register of schools
        """Never known."""
        return None


class ByMunicipality:
    """The pack of the municipality of residence on the date; residence unknown: of the school's.

    `chosen` is per municipality its packs, each with the date from which it holds; before the first, and elsewhere,
    `default` holds.
    """

    def __init__(
        self,
        default: Pack,
        chosen: Mapping[str, Sequence[tuple[date, Pack]]],
        schools: Mapping[str, str | None],
    ) -> None:
        self._default: Final = default
        self._chosen: Final = {code: sorted(packs, key=lambda row: row[0]) for code, packs in chosen.items()}
        self._schools: Final = schools

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The default and every chosen pack, each once."""
        named = [self._default, *(pack for rows in self._chosen.values() for _, pack in rows)]
        return tuple({(pack.id, pack.version): pack for pack in named}.values())

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:
        """The pack chosen by the municipality, of residence or else the school's, that holds on the date."""
        code = municipality if municipality is not None else self.school_municipality(school)
        holding = [pack for start, pack in self._chosen.get(code or "", ()) if start <= at]
        return holding[-1] if holding else self._default

    def school_municipality(self, school: str | None) -> str | None:
        """Where the register says the school is."""
        return None if school is None else self._schools.get(school)


@lru_cache(maxsize=64)
def load(name: str) -> Pack:
    """The shipped pack of this name.

    Raises:
        data_files.NoSuchRule: there is none.
        data_files.UnreadableRule: its file lacks a key or has an unknown one; the text names file and key.
    """
    return data_files.shipped("packs", name, Pack)


@lru_cache(maxsize=64)
def definition(name: str) -> Definition:
    """The shipped definition of a home-sitter, named with or without `thuiszitter@`.

    Raises:
        data_files.NoSuchRule: there is none.
        data_files.UnreadableRule: its file lacks a key or has an unknown one; the text names file and key.
    """
    return data_files.shipped("definitions", name.removeprefix("thuiszitter@"), Definition)


def holds(value: Fraction, operator: Operator, threshold: Fraction) -> bool:
    """Whether `value` `operator` `threshold` is true."""
    return _COMPARE[operator](value, threshold)


def concerns(obligations: tuple[Obligation, ...], obligation: Obligation) -> bool:
    """Whether a rule for these obligations is about a pupil with this one; unknown counts as leerplichtig."""
    return ("leerplichtig" if obligation == "unknown" else obligation) in obligations
