"""Closed days: which date is closed in a partition of the findings, and what its closing does to a case."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from aanwezig.case_router import handovers, terms
from aanwezig.case_router.dossier import AT_HOME, Case, Dossier
from aanwezig.case_router.draft import Cause, Draft, Turn, by_rule
from aanwezig.case_router.journal import Details
from aanwezig.contracts.messages import DayClosed
from aanwezig.contracts.topics import FACTS
from aanwezig.law.calendar import Calendars


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """The highest date each origin (a partition of the facts) has closed in one partition of the findings."""

    origins: int = FACTS.partitions
    dates: dict[int, date] = field(default_factory=dict)

    @property
    def closed(self) -> date | None:
        """The date up to which every origin has spoken; None while one has not."""
        return min(self.dates.values()) if len(self.dates) >= self.origins else None

    def with_word(self, said: DayClosed) -> "ClosedDays":
        """After one origin closed a date; an earlier date than its highest changes nothing."""
        origin = said.origin or 0
        highest = max(said.date, self.dates.get(origin, said.date))
        return ClosedDays(said.origins or self.origins, {**self.dates, origin: highest})

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        dates = {str(origin): day.isoformat() for origin, day in sorted(self.dates.items())}
        return {"origins": self.origins, "dates": dates}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ClosedDays":
        """What was kept under these values."""
        dates = {int(origin): date.fromisoformat(day) for origin, day in state["dates"].items()}
        return cls(state["origins"], dates)


def day_closed(dossier: Dossier, closed: date, cause: Cause, calendars: Calendars) -> Turn:
    """What the closing of a date does: a term that passed makes its case stagnant, the director hears of a child at home.

    Each is told once per cause: a term that was told of is told of again only when it begins anew.
    """
    draft = Draft(dossier, cause, calendars)
    case = dossier.open_case
    if case is not None:
        case = _director(draft, _stagnates(draft, case, closed), closed)
        adult = draft.dossier.surely_adult(case)
        if adult is not None and adult <= closed:
            handovers.to_doorstroompunt(draft, case, "adult-by-age")
    return draft.done()


def _stagnates(draft: Draft, case: Case, closed: date) -> Case:
    calendar = draft.calendar(case)
    looked = tuple(terms.looked_at_again(term, closed, calendar) for term in case.terms)
    if looked != case.terms:
        case = draft.note(replace(case, terms=looked), "terms-reckoned", by_rule("calendar"))
    passed = sorted(
        (term.due, term.timer) for term in looked if term.due is not None and terms.has_passed(term, closed)
    )
    for due, timer in passed:
        told = tuple(replace(term, told=True) if term.timer == timer else term for term in case.terms)
        case = draft.say(
            replace(case, terms=told),
            "case-stagnated",
            by_rule(f"term-{timer}"),
            Details(timer=timer, due=due),
        )
    return case


def _director(draft: Draft, case: Case, closed: date) -> Case:
    looks = draft.dossier.director_looks(case)
    if looks is None or looks > closed:
        return case
    first = next(known for known in draft.dossier.routed_in(case) if known.kind in AT_HOME)
    return draft.say(
        replace(case, told=(*case.told, "director")),
        "case-escalated", by_rule("home-91-days"), Details(to="chain-director", about=first.id),
    )  # fmt: skip
