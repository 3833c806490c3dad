"""The routing table (`rules.md` 4): ordered rows as data; the first that matches answers, and the answer names its row.

Nothing here knows a case, a clock or a store: a finding is asked about as an `Asked` value, and that is all there is to
know. Sums are fractions, never floats.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from aanwezig.contracts.messages import ReportRow, SignalRow, Subject, Track

VERSION: Final = "1"
"""The version of this table; an actor of kind `rule` is `<row>@<version>`."""

Mode = Literal["routed", "proposed"]
WEIGHT: Final[dict[Track, int]] = {"prevention": 0, "care-meeting": 1, "halt": 2, "police-report": 3}
HELP_FIRST: Final = frozenset({"safety", "adult", "home", "care-first"})
"""The rows whose answer for any finding is the answer for the case: help comes before force."""

_TWELVE: Final = 12
_EIGHTEEN: Final = 18
_HALT_LEAST_HOURS: Final = Fraction(9)
_HALT_LEAST_TIMES: Final = Fraction(12)
_HALT_MOST: Final = Fraction(60)
_ANNOUNCED_DAYS: Final = timedelta(days=28)
_LATE_OFTEN: Final = 4
"""The rung of the lateness ladder (12 times) from which lateness is no beginning any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the table may know of one finding.

    `hours` and `times` are those of the school year at the finding's school; `days` what a luxury finding measured; `run`
    its first and last date. `earlier_luxury`: an earlier luxury finding of the pupil stands. `refused`: help or enrolment
    was refused in this or an earlier case; `forced`: in this case or one of this or the previous school year, Halt ended
    negatively or was refused, or help was; `halt_before`: the pupil was referred to Halt for absence before.
    """

    kind: str
    ordinal: int
    at: date
    age: int | None
    obligation: str | None
    hours: Fraction = Fraction(0)
    times: Fraction = Fraction(0)
    days: Fraction = Fraction(0)
    run: tuple[date, date] | None = None
    signals: tuple[SignalRow, ...] = ()
    reports: tuple[ReportRow, ...] = ()
    earlier_luxury: bool = False
    refused: bool = False
    forced: bool = False
    halt_before: bool = False

    def signalled(self, *signals: str) -> bool:
        """Whether one of these signals stands, with or without help in place."""
        return any(row.signal in signals for row in self.signals)

    def without_help(self, *signals: str) -> bool:
        """Whether one of these signals stands without help in place."""
        return any(row.signal in signals and not row.help_in_place for row in self.signals)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of Halt (`rules.md` 4, `domain.md` 2.2): its name and whether it holds."""

    name: str
    holds: Callable[[Asked], bool]
    article: str


HALT_CONDITIONS: Final[tuple[Condition, ...]] = (
    Condition("age-known", lambda asked: asked.age is not None, "rules 4, Halt: age unknown"),
    Condition(
        "twelve-or-over", lambda asked: asked.age is None or asked.age >= _TWELVE, "Halt 12-18; LPW 2(3), 26(2)"
    ),
    Condition("under-eighteen", lambda asked: asked.age is None or asked.age < _EIGHTEEN, "Halt 12-18"),
    Condition(
        "enough-absence",
        lambda asked: asked.hours >= _HALT_LEAST_HOURS or asked.times >= _HALT_LEAST_TIMES,
        "Halt: at least 9 hours or 12 times late",
    ),
    Condition("at-most-60-hours", lambda asked: asked.hours <= _HALT_MOST, "Halt: at most 60 hours"),
    Condition("at-most-60-times", lambda asked: asked.times <= _HALT_MOST, "Halt: at most 60 times late"),
    Condition(
        "own-initiative", lambda asked: not asked.signalled("own-initiative-doubted"), "Halt: on own initiative"
    ),
    Condition(
        "no-psychological-need", lambda asked: not asked.without_help("psychological"),
        "Halt: no psychological problem without help in place",
    ),
    Condition("first-halt", lambda asked: not asked.halt_before, "Halt: never referred for absence before"),
)  # fmt: skip
_SIXTY: Final = frozenset({"at-most-60-hours", "at-most-60-times"})


def why_not_halt(asked: Asked) -> tuple[str, ...]:
    """The names of the Halt conditions that fail; none: all hold."""
    return tuple(condition.name for condition in HALT_CONDITIONS if not condition.holds(asked))


def not_halt(asked: Asked, given: "Answer") -> tuple[str, ...]:
    """Why an absence that was repeated is not answered with Halt: the conditions that fail, else the row that came first.

    Empty where Halt is the answer, and where nothing was repeated, so that nobody asks.
    """
    if given.track == "halt" or not _repeated(asked):
        return ()
    return why_not_halt(asked) or (f"row:{given.rule}",)


def _repeated(asked: Asked) -> bool:
    return _is_often_late(asked) or (asked.kind == "statutory" and asked.ordinal >= 2)


def _is_often_late(asked: Asked) -> bool:
    return asked.kind == "lateness" and asked.ordinal >= _LATE_OFTEN


def _has_safety_signal(asked: Asked) -> bool:
    return asked.signalled("safety")


def _is_sickness(asked: Asked) -> bool:
    return asked.kind == "sickness"


def _is_adult_at_first(asked: Asked) -> bool:
    return _is_adult(asked) and asked.ordinal == 1


def _is_adult(asked: Asked) -> bool:
    return asked.obligation == "eighteen-plus"


def _is_at_home(asked: Asked) -> bool:
    return asked.kind in {"home-sitter", "long-term"}


def _is_not_enrolled_and_refused(asked: Asked) -> bool:
    return asked.kind == "absolute" and asked.refused and asked.age is not None


def _is_not_enrolled(asked: Asked) -> bool:
    return asked.kind == "absolute"


def _is_first_luxury_day(asked: Asked) -> bool:
    return (
        asked.kind == "luxury" and asked.days <= 1 and not asked.earlier_luxury and not _was_announced(asked)
    )


def _was_announced(asked: Asked) -> bool:
    first, last = asked.run or (asked.at, asked.at)
    return any(
        row.kind == "luxury" and row.announced and first <= row.date <= last + _ANNOUNCED_DAYS
        for row in asked.reports
    )


def _is_luxury(asked: Asked) -> bool:
    return asked.kind == "luxury" and asked.age is not None


def _needs_care_first(asked: Asked) -> bool:
    return asked.without_help("psychological", "family", "illness")


def _is_young(asked: Asked) -> bool:
    return asked.age is not None and asked.age < _TWELVE


def _asks_force(asked: Asked) -> bool:
    return asked.age is not None and asked.forced and (asked.kind == "statutory" or _is_often_late(asked))


def _is_beginning(asked: Asked) -> bool:
    return (
        asked.kind == "light"
        or (asked.kind == "statutory" and asked.ordinal == 1)
        or (asked.kind == "lateness" and asked.ordinal < _LATE_OFTEN)
    )


def _is_for_halt(asked: Asked) -> bool:
    return _repeated(asked) and not why_not_halt(asked)


def _is_above_halt(asked: Asked) -> bool:
    failing = why_not_halt(asked)
    return _repeated(asked) and bool(failing) and _SIXTY.issuperset(failing)


def _is_anything_else(_asked: Asked) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. Successive rows may share an id where one printed row has two answers."""

    id: str
    when: Callable[[Asked], bool]
    track: Track
    mode: Mode
    subject: Subject = "pupil"
    note: str | None = None


TABLE: Final[tuple[Row, ...]] = (
    Row("safety", _has_safety_signal, "care-meeting", "routed"),
    # Sickness never reaches the chain topic; the row stands in its printed place for the health instance.
    Row("health", _is_sickness, "care-meeting", "routed"),
    Row("adult", _is_adult_at_first, "prevention", "routed"),
    Row("adult", _is_adult, "care-meeting", "routed"),
    Row("home", _is_at_home, "care-meeting", "routed"),
    # Without a known age nobody is proposed for a police report: these fall through to `else` (rules 4, Halt conditions).
    Row("not-enrolled-refused", _is_not_enrolled_and_refused, "police-report", "proposed", "parents"),
    Row("not-enrolled", _is_not_enrolled, "prevention", "routed", "parents"),
    Row("luxury-first-day", _is_first_luxury_day, "prevention", "routed", "parents"),
    Row("luxury", _is_luxury, "police-report", "proposed", "parents"),
    Row("care-first", _needs_care_first, "care-meeting", "routed"),
    Row("young", _is_young, "care-meeting", "routed", "parents"),
    Row("force", _asks_force, "police-report", "proposed"),
    Row("first", _is_beginning, "prevention", "routed"),
    Row("halt", _is_for_halt, "halt", "proposed"),
    Row(
        "halt-over", _is_above_halt, "police-report", "proposed",
        note="officer of justice decides with you",
    ),
    Row("else", _is_anything_else, "care-meeting", "routed"),
)  # fmt: skip
_PLACE: Final = {row.id: place for place, row in reversed(list(enumerate(TABLE)))}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the table says: a track for a subject, at once or as a proposal, by which row, about which finding."""

    rule: str
    track: Track
    mode: Mode
    subject: Subject
    note: str | None = None
    about: str = ""

    @property
    def key(self) -> str:
        """The row and the finding: what an officer has weighed once is not laid before him again."""
        return f"{self.rule}:{self.about}"


def answer(asked: Asked, about: str = "") -> Answer:
    """The answer of the first row that matches. `about` is the id of the finding asked about."""
    row = next(row for row in TABLE if row.when(asked))
    return Answer(row.id, row.track, row.mode, row.subject, row.note, about)


def combined(answers: Iterable[Answer]) -> Answer | None:
    """The answer for the case from the answers for its findings, given oldest first; None for none.

    One of `HELP_FIRST` wins, the upper row first; otherwise the heaviest track, at equal weight the upper row. Where one
    row answers for several findings, the heaviest and then the newest speaks.
    """
    given = list(answers)
    if not given:
        return None
    places = [(-_PLACE[one.rule], WEIGHT[one.track], number) for number, one in enumerate(given)]
    helping = [place for place in places if given[place[2]].rule in HELP_FIRST]
    if helping:
        return given[max(helping)[2]]
    return given[max((weight, row, number) for row, weight, number in places)[2]]
