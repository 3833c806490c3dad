"""Findings: what the law says about the facts, with their why (`contract.md` 4, `rules.md` 3).

Sums are exact fractions; decimal strings are for reading. A finding is a value: equal facts give equal findings.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, Literal

from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.identifiers import derived_id

KINDS: Final = (
    "statutory", "eighteen-plus", "lateness", "luxury", "light", "long-term", "home-sitter", "absolute", "sickness",
    "late-report", "silent-feed", "returned", "presence-restored",
)  # fmt: skip
OF_HEALTH: Final = frozenset({"sickness"})
"""Kinds that are said in the health domain alone (`contract.md` 2)."""
OF_A_SCHOOL: Final = frozenset({"late-report", "silent-feed"})
"""Kinds that are about a school and are said to it, in the school domain (`contract.md` 2)."""
NOT_OF_THE_CHAIN: Final = OF_HEALTH | OF_A_SCHOOL
"""Kinds the chain never hears of."""
Obligation = Literal["leerplichtig", "kwalificatieplichtig", "eighteen-plus", "none", "unknown"]
Unit = Literal["hours", "times", "days"]
Contradicted = Literal["birth-date", "school-type", "enrolment"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a finding the same finding over time. `definition` only for `home-sitter`."""

    pupil: str | None
    school: str | None
    kind: str
    definition: str | None
    school_year: str
    ordinal: int

    @property
    def id(self) -> str:
        """The finding's id, derived from its identity alone."""
        parts = (self.pupil, self.school, self.kind, self.definition, self.school_year, str(self.ordinal))
        return derived_id("finding", *(part or "" for part in parts))


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule that made a finding: its id, the pack and its version, the article of law behind it."""

    id: str
    pack: str
    version: str
    article: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured against what; of `returned` operator and threshold are None."""

    value: Fraction
    unit: Unit
    operator: Literal[">=", ">", "<"] | None
    threshold: Fraction | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A fact that counts; `hours` for `statutory`, `eighteen-plus` and `light`, else None."""

    fact: str
    date: date
    slot: str | None
    hours: Fraction | None


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A mark that does not count, with the first reason that holds (`rules.md` 2)."""

    fact: str
    date: date
    slot: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two facts that say different things about one pupil: the finding goes by the one that `stands`, `against` the other.

    `birth-date`: another birth date. `school-type`: another type of the same school on the same dates. `enrolment`: the
    pupil is enrolled at this school and at another on the same dates; it counts as enrolled at both.
    """

    about: Contradicted
    stands: str
    against: str


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """The latest word of one care signal in the school year of the finding and after."""

    signal: str
    date: date
    help_in_place: bool


@dataclass(frozen=True, slots=True)
class ReportSeen:
    """A report by the school in the school year of the finding and after."""

    kind: str
    date: date
    announced: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What the router may know beside the finding, and no more (`contract.md` 4)."""

    hours_this_year: Fraction
    times_late_this_year: int
    signals: tuple[SignalSeen, ...]
    reports: tuple[ReportSeen, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding with everything that explains it.

    `calendar` is `assumed` where the school has none of its own, else None. `window` is first and last date, both
    included. `about` names the finding this one is about. `known_at` is the latest time of the facts counted.
    `contradictions` are those on the dates the finding is about, each fact that does not stand once.
    """

    pupil: str | None
    school: str | None
    municipality: str | None
    kind: str
    ordinal: int
    school_year: str
    at: date
    obligation: Obligation | None
    rule: Rule
    window: tuple[date, date] | None
    measured: Measured
    counted: tuple[Counted, ...] = ()
    not_counted: tuple[NotCounted, ...] = ()
    calendar: Literal["assumed"] | None = None
    about: Identity | None = None
    definition: str | None = None
    school_type: str | None = None
    age: int | None = None
    known_at: datetime | None = None
    context: Context | None = None
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def identity(self) -> Identity:
        """What makes it the same finding over time."""
        return Identity(self.pupil, self.school, self.kind, self.definition, self.school_year, self.ordinal)

    @property
    def id(self) -> str:
        """The id derived from its identity."""
        return self.identity.id

    def numbered(self, ordinal: int) -> "Finding":
        """The same finding with its place in the school year."""
        return replace(self, ordinal=ordinal)


def decimal_text(value: Fraction) -> str:
    """Two digits, rounded half up: for reading, never for sums (`rules.md` 2)."""
    cents = (abs(value) * 200 + 1) // 2
    sign = "-" if value < 0 and cents else ""
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def finding_data(finding: Finding, *, revision: int, pupil: Any) -> dict[str, Any]:
    """The data object of a finding event, full form: JSON values in the order of `contract.md` 4.

    `pupil` is written as given: the pseudonym live, the pupil as submitted offline.
    """
    said: dict[str, Any] = {
        "finding": finding.id,
        "revision": revision,
        "pupil": pupil,
        "school": finding.school,
        "municipality": finding.municipality,
        "kind": finding.kind,
        "ordinal": finding.ordinal,
        "school_year": finding.school_year,
        "at": finding.at.isoformat(),
        "obligation": finding.obligation,
    }
    if finding.calendar is not None:
        said["calendar"] = finding.calendar
    rule, measured = finding.rule, finding.measured
    said |= {
        "rule": {"id": rule.id, "pack": rule.pack, "version": rule.version, "article": rule.article},
        "window": _window(finding.window),
        "measured": {
            "value": decimal_text(measured.value),
            "exact": str(measured.value),
            "unit": measured.unit,
            "operator": measured.operator,
            "threshold": None if measured.threshold is None else decimal_text(measured.threshold),
        },
        "counted": [_counted(row) for row in finding.counted],
        "not_counted": [
            {"fact": row.fact, "date": row.date.isoformat(), "slot": row.slot, "reason": row.reason}
            for row in finding.not_counted
        ],
    }
    if finding.contradictions:
        said["contradictions"] = [
            {"about": row.about, "stands": row.stands, "against": row.against}
            for row in finding.contradictions
        ]
    if finding.about is not None:
        said["about"] = finding.about.id
    if finding.definition is not None:
        said["definition"] = finding.definition
    said |= {
        "school_type": finding.school_type,
        "age": finding.age,
        "known_at": None if finding.known_at is None else utc_text(finding.known_at),
        "context": None if finding.context is None else _context(finding.context),
    }
    return said


def _window(window: tuple[date, date] | None) -> dict[str, str] | None:
    return None if window is None else {"from": window[0].isoformat(), "until": window[1].isoformat()}


def _counted(row: Counted) -> dict[str, Any]:
    return {
        "fact": row.fact,
        "date": row.date.isoformat(),
        "slot": row.slot,
        "hours": None if row.hours is None else decimal_text(row.hours),
        "exact": None if row.hours is None else str(row.hours),
    }


def _context(context: Context) -> dict[str, Any]:
    return {
        "hours_this_year": decimal_text(context.hours_this_year),
        "times_late_this_year": decimal_text(Fraction(context.times_late_this_year)),
        "signals": [
            {"signal": row.signal, "date": row.date.isoformat(), "help_in_place": row.help_in_place}
            for row in context.signals
        ],
        "reports": [
            {"kind": row.kind, "date": row.date.isoformat(), "announced": row.announced}
            for row in context.reports
        ],
    }
