"""Terms in lesson days of the school of the case's first finding (`rules.md` 4, *Time*); none: Monday to Friday.

A term ends on its due date: the n-th lesson day after the day it began, so holidays pause it. It has passed when that
date is closed and no step it waits for was taken.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from aanwezig.contracts.messages import Step, Timer, Track
from aanwezig.law.calendar import SchoolCalendar

HOME_DAYS: Final = timedelta(days=91)
"""Calendar days after which the chain director hears of a case of a child at home."""
_ANOTHER_AGE: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a timer runs, the steps that meet it, the track it belongs to, and the timer that follows it."""

    lesson_days: int
    met_by: frozenset[Step]
    track: Track | None
    then: Timer | None = None


LIMITS: Final[dict[Timer, Limit]] = {
    "first-contact": Limit(
        5,
        frozenset({
            "letter-sent", "first-contact", "talk-held", "home-visit", "warning-given", "help-accepted",
            "help-refused", "enrolment-refused",
        }),
        "prevention",
    ),
    "meeting": Limit(15, frozenset({"meeting-held", "plan-agreed"}), "care-meeting", "evaluation"),
    "evaluation": Limit(30, frozenset({"plan-evaluated", "meeting-held"}), "care-meeting", "evaluation"),
    # No step meets it: a decision does, or the proposal goes.
    "decision": Limit(10, frozenset(), None),
    "halt-result": Limit(60, frozenset({"halt-completed", "halt-failed", "halt-refused"}), "halt"),
}  # fmt: skip
FIRST_OF: Final[dict[Track, Timer]] = {
    "prevention": "first-contact",
    "care-meeting": "meeting",
    "halt": "halt-result",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One timer that runs. `due` is None while the calendar has too few lesson days to tell: the term is paused.

    `told`: it has passed and the chain was told; a new instance is a new cause.
    """

    timer: Timer
    began: date
    due: date | None
    told: bool = False

    @property
    def looked_at(self) -> date:
        """The date on whose closing this term wants to be looked at."""
        return self.began if self.due is None else self.due


def begun(timer: Timer, day: date, calendar: SchoolCalendar) -> Term:
    """A timer that begins on this day; its first lesson day is the next one."""
    return Term(timer, day, due_on(day, LIMITS[timer].lesson_days, calendar))


def due_on(day: date, lesson_days: int, calendar: SchoolCalendar) -> date | None:
    """The n-th lesson day after `day`; None where the calendar ends before it."""
    for _ in range(lesson_days):
        following = calendar.next_lesson_day(day)
        if following is None:
            return None
        day = following
    return day


def on_track(terms: tuple[Term, ...], track: Track, day: date, calendar: SchoolCalendar) -> tuple[Term, ...]:
    """The terms after the case came onto this track: those of another track end, the track's first begins."""
    kept = tuple(term for term in terms if LIMITS[term.timer].track is None)
    return (*kept, begun(FIRST_OF[track], day, calendar)) if track in FIRST_OF else kept


def on_proposal(terms: tuple[Term, ...], day: date | None, calendar: SchoolCalendar) -> tuple[Term, ...]:
    """The terms after a proposal was made on `day`, or (None) after it was decided or dropped."""
    kept = tuple(term for term in terms if term.timer != "decision")
    return kept if day is None else (*kept, begun("decision", day, calendar))


def on_step(terms: tuple[Term, ...], step: Step, day: date, calendar: SchoolCalendar) -> tuple[Term, ...]:
    """The terms after a step was taken on `day`: those it meets end, and what follows them begins."""
    after: list[Term] = []
    for term in terms:
        limit = LIMITS[term.timer]
        if step not in limit.met_by:
            after.append(term)
        elif limit.then is not None:
            after.append(begun(limit.then, day, calendar))
    return tuple(after)


def looked_at_again(term: Term, closed: date, calendar: SchoolCalendar) -> Term:
    """A term that seems to have passed, by the calendar as it is now: holidays may have been told since it began."""
    if term.told or (term.due is not None and term.due > closed):
        return term
    return replace(term, due=due_on(term.began, LIMITS[term.timer].lesson_days, calendar))


def has_passed(term: Term, closed: date) -> bool:
    """Whether a term has passed by the closing of this date and nobody was told yet."""
    return not term.told and term.due is not None and term.due <= closed


def day_of_finding(at: date, closed: date | None) -> date:
    """The day on which a finding takes effect: its own, but never one that is closed (`contract.md` 2)."""
    return at if closed is None else max(at, closed + timedelta(days=1))


def day_of_command(said_on: date, closed: date | None) -> date:
    """The day on which an officer's command takes effect: the date it was said.

    Where the clock is commanded, days close in another age than the one an officer lives in; then it is the open day.
    """
    if closed is None or abs(said_on - closed) <= _ANOTHER_AGE:
        return said_on
    return closed + timedelta(days=1)
