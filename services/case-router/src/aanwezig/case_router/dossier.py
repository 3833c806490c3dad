"""The dossier: everything the chain knows of one pupil, in one document (`design.md`, *keep, then say, then commit*).

All cases of a pupil lie in it, so there are never two open at once. Values only: a change makes a new dossier.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from aanwezig.case_router import journal
from aanwezig.case_router.journal import Entry
from aanwezig.case_router.route import Asked
from aanwezig.case_router.terms import HOME_DAYS, Term
from aanwezig.contracts import journals
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import (
    Blocked,
    Blocker,
    FindingSaid,
    NoDue,
    Proposal,
    ReportRow,
    SignalRow,
    Status,
    Subject,
    Track,
)

ABOUT_A_SCHOOL: Final = frozenset({"late-report", "silent-feed"})
"""Kinds that never touch a pupil's case."""
HEALTH: Final = frozenset({"sickness"})
"""Kinds that belong to health alone; they do not reach the chain's topic."""
JOIN_ONLY: Final = frozenset({"returned", "presence-restored"})
"""Kinds that join the open case, open none and are never routed."""
AT_HOME: Final = frozenset({"home-sitter", "long-term"})
_RETURNED: Final = "returned"
DOORSTROOMPUNT: Final = "doorstroompunt"
"""Among what was told of a case: it was handed to the Doorstroompunt."""
_OPEN: Final = frozenset({"registered", "in-progress"})
_ADULT: Final = 18
_OF_THE_JOURNAL: Final = frozenset({"revision", "journal"})
NOT_BLOCKED: Final[Blocker] = "nothing"
_NO_TERM: Final[dict[Track, NoDue]] = {"prevention": "first-contact-made", "halt": "halt-ended"}
"""Why nothing is due on a track whose term was met; the care meeting's begins anew, a police report has none."""


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as last said: what routing reads of it. `stands` is False once withdrawn."""

    id: str
    revision: int
    stands: bool
    kind: str
    ordinal: int
    school_year: str
    at: date
    school: str | None
    municipality: str | None
    obligation: str | None
    age: int | None
    days: str
    run: tuple[date, date] | None
    hours: str
    times: str
    signals: tuple[SignalRow, ...]
    reports: tuple[ReportRow, ...]

    @property
    def is_routed(self) -> bool:
        """Whether the table is asked for it: it stands, and somebody is obliged to be at school."""
        return self.stands and self.kind not in JOIN_ONLY and self.obligation != "none"

    @property
    def first_day(self) -> date:
        """The first date of what was counted; of a child enrolled nowhere nothing is: its length before `at` (`rules.md` 3)."""
        return self.at - timedelta(int(Fraction(self.days))) if self.run is None else self.run[0]

    @property
    def order(self) -> tuple[date, str, int, str]:
        """Findings from old to new (`rules.md` 3)."""
        return (self.at, self.kind, self.ordinal, self.id)

    @classmethod
    def of(cls, said: FindingSaid, *, stands: bool) -> "Known":
        """What routing keeps of a finding."""
        context = said.context
        return cls(
            id=said.finding, revision=said.revision, stands=stands, kind=said.kind, ordinal=said.ordinal,
            school_year=said.school_year, at=said.at, school=said.school, municipality=said.municipality,
            obligation=said.obligation, age=said.age, days=said.measured.exact,
            run=None if said.window is None else (said.window.from_, said.window.until),
            hours="0" if context is None else context.hours_this_year,
            times="0" if context is None else context.times_late_this_year,
            signals=() if context is None else tuple(context.signals),
            reports=() if context is None else tuple(context.reports),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `track` is where it is routed or decided, `proposed` what waits for an officer.

    `findings` are all that ever joined; `weighed` the answers an officer decided upon; `told` the causes of which a desk
    was told; `opened` the day it opened; `school_year` that of its first finding. `blocked` is what blocks it, since when;
    once something did, `nothing` says that it does no more: so the journals from before this field add up as they did.
    """

    id: str
    number: int
    opened: date
    school_year: str
    school: str | None
    municipality: str | None
    revision: int = 0
    status: Status = "registered"
    track: Track | None = None
    subject: Subject = "pupil"
    proposed: Proposal | None = None
    findings: tuple[str, ...] = ()
    outcome: str | None = None
    weighed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    blocked: Blocked | None = None
    journal: tuple[Entry, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something may still be done in it."""
        return self.status in _OPEN

    @property
    def due(self) -> date | None:
        """The first date on which something must have happened; None where nothing waits or time is paused."""
        return min((term.due for term in self.terms if term.due is not None), default=None)

    @property
    def no_due(self) -> NoDue | None:
        """Why nothing is due in an open case; None where something is, and in a case that ended."""
        if not self.is_open or self.due is not None:
            return None
        if self.terms:
            return "calendar-ends"
        if self.track is None:
            return "not-routed"
        return _NO_TERM.get(self.track, "no-term-on-this-track")

    @property
    def blocks(self) -> Blocked | None:
        """What blocks the case now, and since when."""
        return None if self.blocked is None or self.blocked.by == NOT_BLOCKED else self.blocked

    def with_blocker(self, by: Blocker | None, on: date) -> "Case":
        """The case after somebody said on `on` what blocks it (None: nothing was said). The same again keeps its first date."""
        before = NOT_BLOCKED if self.blocked is None else self.blocked.by
        if by is None or by == before:
            return self
        return replace(self, blocked=Blocked(by=by, since=on))

    def fields(self) -> dict[str, Any]:
        """The case without its revision and journal, as it is stored."""
        plain = _case_form().dump_python(replace(self, journal=()), mode="json", by_alias=True)
        left_out = _OF_THE_JOURNAL | ({"blocked"} if self.blocked is None else set())
        return {name: value for name, value in plain.items() if name not in left_out}

    def fields_beyond(self, before: "Case") -> dict[str, Any]:
        """Those of its fields that another state of the case had otherwise."""
        earlier = before.fields()
        return {name: value for name, value in self.fields().items() if earlier.get(name) != value}

    @classmethod
    def of_journal(cls, entries: Sequence[Entry]) -> "Case":
        """The case these lines add up to.

        Raises:
            ValueError: they add up to no case.
        """
        state = journals.folded(entry.as_line() for entry in entries)
        return replace(_case_form().validate_python(state), journal=tuple(entries))


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a command: the revision of its case after it, a hash of what was asked, and why it was refused."""

    case: str
    revision: int
    asked: str
    reason: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One pupil (chain pseudonym): findings by id, cases from old to new, and what became of commands, by their keys."""

    pupil: str
    findings: Mapping[str, Known] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    handled: Mapping[str, Handled] = field(default_factory=dict)

    @property
    def open_case(self) -> Case | None:
        """The one open case; None where there is none."""
        return next((case for case in self.cases if case.is_open), None)

    def case(self, case_id: str) -> Case | None:
        """The case with this id."""
        return next((case for case in self.cases if case.id == case_id), None)

    def case_of(self, finding: str) -> Case | None:
        """The case a finding belongs to, the newest of several; a withdrawn case has let go of its findings."""
        return next(
            (
                case
                for case in reversed(self.cases)
                if finding in case.findings and case.status != "withdrawn"
            ),
            None,
        )

    def standing_in(self, case: Case) -> list[Known]:
        """The findings of a case that stand, from old to new."""
        known = (self.findings[finding] for finding in case.findings)
        return sorted((one for one in known if one.stands), key=lambda one: one.order)

    def routed_in(self, case: Case) -> list[Known]:
        """Those of them the table is asked for."""
        return [known for known in self.standing_in(case) if known.is_routed]

    def home_since(self, case: Case) -> date | None:
        """The first date of a child of this case that is at home; None where none is, or it returned after the finding."""
        standing = self.standing_in(case)
        routed = self.routed_in(case)
        back = [(known.school, known.at) for known in standing if known.kind == _RETURNED]
        at_home = (
            known.first_day
            for known in routed
            if known.kind in AT_HOME
            and not any(school == known.school and on > known.at for school, on in back)
        )
        return min(at_home, default=None)

    def is_of_an_adult(self, case: Case) -> bool:
        """Whether a case is of somebody of eighteen or older, as far as its findings tell, or handed to the Doorstroompunt."""
        return DOORSTROOMPUNT in case.told or any(
            self.findings[one].obligation == "eighteen-plus" for one in case.findings
        )

    def with_case(self, changed: Case) -> "Dossier":
        """The dossier with a case new or changed."""
        kept = [changed if case.id == changed.id else case for case in self.cases]
        return replace(self, cases=tuple(kept if self.case(changed.id) else [*kept, changed]))

    def with_handled(self, key: str, became: Handled) -> "Dossier":
        """The dossier with what became of a command."""
        return replace(self, handled={**self.handled, key: became})

    def with_finding(self, known: Known) -> "Dossier":
        """The dossier with the newest word of a finding."""
        return replace(self, findings={**self.findings, known.id: known})

    def next_case(self, first: Known, opened: date) -> Case:
        """A case for its first finding, not opened yet."""
        number = len(self.cases) + 1
        return Case(
            id=derived_id("case", self.pupil, str(number)), number=number, opened=opened,
            school_year=first.school_year, school=first.school, municipality=first.municipality,
        )  # fmt: skip

    def asked(self, case: Case, known: Known) -> Asked:
        """What the table may know of one finding of a case."""
        years = (known.school_year, _year_before(known.school_year))
        return Asked(
            kind=known.kind, ordinal=known.ordinal, at=known.at, age=known.age, obligation=known.obligation,
            hours=Fraction(known.hours), times=Fraction(known.times), days=Fraction(known.days), run=known.run,
            signals=known.signals, reports=known.reports,
            earlier_luxury=any(
                one.stands and one.kind == "luxury" and one.order < known.order for one in self.findings.values()
            ),
            refused=any(journal.refused(one.journal) for one in self.cases),
            forced=any(
                journal.forced(one.journal)
                for one in self.cases
                if one.id == case.id or one.school_year in years
            ),
            halt_before=any(journal.referred_to_halt(one.journal) for one in self.cases),
        )  # fmt: skip

    def asked_for_decision(self, case: Case) -> Asked | None:
        """What a decision is weighed by: the newest finding the table is asked for, with the most hours and times of its year.

        None where no such finding stands.
        """
        routed = self.routed_in(case)
        if not routed:
            return None
        asked = self.asked(case, routed[-1])
        same_year = [known for known in routed if known.school_year == routed[-1].school_year]
        return replace(
            asked,
            hours=max(Fraction(known.hours) for known in same_year),
            times=max(Fraction(known.times) for known in same_year),
        )

    def director_looks(self, case: Case) -> date | None:
        """When the chain director hears of a child at home for long; None: not at home, or told."""
        if "director" in case.told or not any(known.kind in AT_HOME for known in self.routed_in(case)):
            return None
        return case.opened + HOME_DAYS

    def surely_adult(self, case: Case) -> date | None:
        """The first date on which the pupil is eighteen for certain, by its age at findings; None: no age, or handed over."""
        ages = [known for known in self.routed_in(case) if known.age is not None and known.age < _ADULT]
        if DOORSTROOMPUNT in case.told or not ages:
            return None
        return min(_years_after(known.at, _ADULT - (known.age or 0)) for known in ages)

    def _dates(self) -> Iterator[date]:
        case = self.open_case
        if case is not None:
            yield from (term.looked_at for term in case.terms if not term.told)
            director = self.director_looks(case)
            if director is not None:
                yield director
            adult = self.surely_adult(case)
            if adult is not None:
                yield adult

    @property
    def index(self) -> dict[str, Any]:
        """What the dossier is found by: its cases, the first date whose closing asks for a look, and where its cases are.

        `open` is the municipality of the open case, `places` those of all; empty text for one that is unknown.
        """
        looks = min(self._dates(), default=None)
        case = self.open_case
        return {
            "cases": [case.id for case in self.cases],
            "due": None if looks is None else looks.isoformat(),
            "open": None if case is None else case.municipality or "",
            "places": sorted({case.municipality or "" for case in self.cases}),
        }

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        state: dict[str, Any] = _form().dump_python(self, mode="json", by_alias=True)
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Dossier":
        """The dossier kept under these values."""
        return _form().validate_python(state)


@cache
def _form() -> TypeAdapter[Dossier]:
    return TypeAdapter(Dossier)


@cache
def _case_form() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February: the birthday is 1 March (rules.md 1)
        return date(day.year + years, 3, 1)


def _year_before(school_year: str) -> str:
    first = int(school_year[:4])
    return f"{first - 1}-{first}"
