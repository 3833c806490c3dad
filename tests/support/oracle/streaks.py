"""At home for weeks on end: `long-term`, `home-sitter` by its definitions, `absolute`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from support.oracle.draft import Draft, at_desk, counting
from support.oracle.facts import Fact
from support.oracle.pupil import UNDER_OBLIGATION, Desk, Pupil
from support.oracle.school import dates

ABSOLUTE_DAYS = 28
OBSERVED_FROM = date(2022, 8, 1)
EVERY_ARRANGEMENT = frozenset({"partial-timetable", "education-care", "day-activity", "substitute-programme"})


@dataclass(frozen=True)
class Definition:
    """What a streak is by one kind or one named definition."""

    only_unauthorised: bool
    operator: str
    days: int
    ended_by: frozenset[str]

    def reached(self, length: int) -> bool:
        """Whether a length is at the limit."""
        return length > self.days if self.operator == ">" else length >= self.days


LONG_TERM = Definition(only_unauthorised=True, operator=">", days=28, ended_by=frozenset())
HOME_SITTER = {
    "thuiszitter@zoetermeer-2024": Definition(
        only_unauthorised=False,
        operator=">=",
        days=28,
        ended_by=frozenset({"partial-timetable", "education-care"}),
    ),
    "thuiszitter@deventer-2022": Definition(
        only_unauthorised=True, operator=">", days=28, ended_by=EVERY_ARRANGEMENT
    ),
}
OCW = "thuiszitter@ocw-2016"


def _absent_day(desk: Desk, on: date, marks: list[Fact], definition: Definition) -> bool:
    if not all(mark.data["state"] == "absent" for mark in marks):
        return False
    if desk.pupil.exempt(on) or not desk.enrolled(on):
        return False
    return not definition.only_unauthorised or all(mark in desk.counted for mark in marks)


def _length(desk: Desk, first: date, last: date) -> int:
    length = 0
    after_silence = False
    for on in desk.school.lesson_week_time(first, last):
        # reading: the days off that follow a silent day reach to the next lesson day, cut weeks or not
        if desk.school.lesson_day(on):
            after_silence = not desk.marks_on(on)
        if not after_silence:
            length += 1
    return length


def _streaks(desk: Desk, definition: Definition) -> list[list[date]]:
    if not desk.marks:
        return []
    streaks: list[list[date]] = [[]]
    for on in dates(desk.marks[0].dated, desk.marks[-1].dated):
        if not desk.school.lesson_day(on):
            continue
        marks = desk.marks_on(on)
        ended = any(
            fact.covers(on) and fact.data["kind"] in definition.ended_by for fact in desk.arrangements
        )
        # reading: a day covered by an arrangement breaks even if absent, and begins no streak of its own
        if ended or (marks and not _absent_day(desk, on, marks, definition)):
            streaks.append([])
        elif marks:
            streaks[-1].append(on)
    return [streak for streak in streaks if streak]


def _streak_findings(desk: Desk, kind: str, definition: Definition) -> list[Draft]:
    found = []
    for streak in _streaks(desk, definition):
        at = next((on for on in streak if definition.reached(_length(desk, streak[0], on))), None)
        if at is None or desk.pupil.obligation(at) not in UNDER_OBLIGATION:
            continue
        length = _length(desk, streak[0], streak[-1])
        draft = at_desk(desk, kind, at, (length, "days", definition.operator, definition.days))
        found.append(counting(draft, [mark for mark in desk.marks if mark.dated in streak]))
    return found


def long_term(desk: Desk) -> list[Draft]:
    """Each streak of only unauthorised days above the limit."""
    return _streak_findings(desk, "long-term", LONG_TERM)


def home_sitter(desk: Desk, name: str) -> list[Draft]:
    """By a definition of its own; that of the ministry stands beside other findings instead."""
    if name == OCW:
        return []
    found = _streak_findings(desk, "home-sitter", HOME_SITTER[name])
    for draft in found:
        draft.definition = name
    return found


def beside(others: list[Draft]) -> list[Draft]:
    """`thuiszitter@ocw-2016`: one beside each `long-term` and each `absolute`."""
    return [replace(draft, kind="home-sitter", rule="", definition=OCW) for draft in others]


def absolute(pupil: Pupil, desks: list[Desk], as_of: date) -> list[Draft]:
    """Runs of dates on which a pupil under obligation lives here and is enrolled nowhere."""
    if pupil.born is None or not pupil.residences():
        return []
    first = max(
        OBSERVED_FROM, min(date.fromisoformat(fact.data["resident_from"]) for fact in pupil.residences())
    )
    runs: list[list[date]] = [[]]
    for on in dates(first, as_of):
        unschooled = (
            pupil.resident(on)
            and pupil.obligation(on) in UNDER_OBLIGATION
            and not any(desk.enrolled(on) for desk in desks)
            and not pupil.exempt(on)
        )
        if unschooled:
            runs[-1].append(on)
        elif runs[-1]:
            runs.append([])
    return [
        Draft(
            kind="absolute",
            at=run[0] + timedelta(days=ABSOLUTE_DAYS),
            value=Fraction(ABSOLUTE_DAYS),
            unit="days",
            operator=">=",
            threshold=Fraction(ABSOLUTE_DAYS),
            pupil=pupil,
            school=None,
            began=run[0],
        )
        for run in runs
        if len(run) >= ABSOLUTE_DAYS
    ]
