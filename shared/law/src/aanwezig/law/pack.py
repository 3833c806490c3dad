"""One rule pack: what it says. Every number of `rules.md` is a field here and none is a constant in code.

A pack is one file of `data/packs`; a field here is a key there, and a row of `docs/packs.md`.
"""

import math
import operator as arithmetic
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from aanwezig.contracts.facts import ArrangementKind, Level, Reason, SchoolType
from aanwezig.contracts.findings import Obligation

Operator = Literal[">=", ">", "<"]
Reaches = Literal[">=", ">"]
Absence = Literal["any", "counted"]

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
    """Which marks count, and how a counted one becomes hours (`rules.md` 2); `longest_lesson_hour` in minutes.

    `counted_slots` None: marks at any slot count; else those at others do not, for the reason `other-slot`.
    """

    clock_hour_school_types: tuple[SchoolType, ...]
    longest_lesson_hour: int
    late_adds: bool
    undetermined_counts: bool
    counted_slots: tuple[str, ...] | None = field(metadata={"none_as": "any"})


@dataclass(frozen=True, slots=True)
class CrossingRule:
    """When a sum is reached: within `window_days` dates of lesson-week time (None: in the school year).

    Unit `hours` sums hours, unit `times` counts marks. `further` are thresholds above the first, for a sum that does
    not start anew when it crosses one.
    """

    operator: Operator
    threshold: Fraction
    further: tuple[Fraction, ...]
    unit: Literal["hours", "times"]
    window_days: int | None = field(metadata={"none_as": "school-year"})
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
    """Below which sum a report by the school is light; unit and window as in `CrossingRule`."""

    article: str
    operator: Operator
    threshold: Fraction
    unit: Literal["hours", "times"]
    window_days: int | None = field(metadata={"none_as": "school-year"})


@dataclass(frozen=True, slots=True)
class HomeSitterRule:
    """Which named definition holds, and for whom."""

    definition: str
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class StreakRule:
    """Which streak of absent days is long enough (`rules.md` 3, *Streak*).

    `absence` says which absences make an absent day: `any`, authorised or not, or only `counted` ones; `ended_by`
    which arrangements end a streak.
    """

    operator: Reaches
    threshold: Fraction
    unit: Literal["days"]
    absence: Absence
    ended_by: tuple[ArrangementKind, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A named definition of a home-sitter (`rules.md` 3; `domain.md` 1.4): one file of `data/definitions`.

    By a streak of its own, or one `beside` each finding of these kinds.
    """

    name: str
    article: str
    beside: tuple[Literal["long-term", "absolute"], ...]
    streak: StreakRule | None = field(metadata={"none_as": "none"})


@dataclass(frozen=True, slots=True)
class LongTermRule:
    """How long a streak of only-unauthorised days is long-term, and for whom."""

    article: str
    obligations: tuple[Obligation, ...]
    streak: StreakRule


@dataclass(frozen=True, slots=True)
class LuxuryRule:
    """The reason that makes a day one of luxury, and how many of them are a finding."""

    article: str
    reason: Reason
    operator: Reaches
    threshold: Fraction
    unit: Literal["days"]


@dataclass(frozen=True, slots=True)
class AbsoluteRule:
    """How many dates enrolled nowhere; dates before `observed_from` are not looked at."""

    article: str
    obligations: tuple[Obligation, ...]
    operator: Reaches
    threshold: Fraction
    unit: Literal["days"]
    observed_from: date


@dataclass(frozen=True, slots=True)
class SicknessFrequentRule:
    """How many sick reports within `window_days` dates of lesson-week time."""

    article: str
    operator: Reaches
    threshold: Fraction
    unit: Literal["times"]
    window_days: int
    starts_anew: bool


@dataclass(frozen=True, slots=True)
class DaysRule:
    """How many days of something are enough."""

    article: str
    operator: Reaches
    threshold: Fraction
    unit: Literal["days"]


@dataclass(frozen=True, slots=True)
class ReturnedRule:
    """The article behind a return; it has no number."""

    article: str
    unit: Literal["days"]


@dataclass(frozen=True, slots=True)
class SmallCells:
    """From how many recorded lesson days of a pupil, and from how many pupils with a mark, a rate may be told.

    `suppress` False: small cells are told too (`rules.md` 5).
    """

    pupil_days: int
    group_pupils: int
    suppress: bool


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule pack: one version of it. `municipality` None: any; `valid_until` None: open.

    `base` names the file whose values hold where this one says nothing, None: all are here. `kinds` are the kinds of
    findings it knows; `sources` says per field or table where its values come from; `not_carried` says in words what
    those sources ask and the pack does not do.
    """

    id: str
    version: str
    base: str | None = field(metadata={"none_as": "none"})
    municipality: str | None = field(metadata={"none_as": "any"})
    valid_from: date
    valid_until: date | None = field(metadata={"none_as": "open"})
    kinds: tuple[str, ...]
    not_carried: tuple[str, ...]
    sources: Mapping[str, str] = field(hash=False)
    obligation: ObligationRules
    hours: HourRules
    crossing: CrossingRule
    statutory: AppliesTo
    eighteen_plus: AppliesTo
    lateness: LatenessRule
    light: LightRule
    luxury: LuxuryRule
    long_term: LongTermRule
    home_sitter: HomeSitterRule
    absolute: AbsoluteRule
    sickness_frequent: SicknessFrequentRule
    sickness_long: DaysRule
    late_report: DaysRule
    silent_feed: DaysRule
    returned: ReturnedRule
    presence_restored: DaysRule
    presence: SmallCells


def holds(value: Fraction, operator: Operator, threshold: Fraction) -> bool:
    """Whether `value` `operator` `threshold` is true."""
    return _COMPARE[operator](value, threshold)


def least(operator: Reaches, threshold: Fraction) -> int:
    """The smallest whole number that reaches a threshold."""
    return math.floor(threshold) + 1 if operator == ">" else math.ceil(threshold)


def concerns(obligations: tuple[Obligation, ...], obligation: Obligation) -> bool:
    """Whether a rule for these obligations is about a pupil with this one; unknown counts as leerplichtig."""
    return ("leerplichtig" if obligation == "unknown" else obligation) in obligations
