"""Absent days, and the streaks of them that are long enough (`rules.md` 3, *Streak*): for `long-term` and `home-sitter`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

from aanwezig.contracts.findings import Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import StreakRule, least
from aanwezig.law.streaks import Span, Streak, taken_up


@dataclass(frozen=True, slots=True)
class LongAbsence:
    """A streak that is long enough: when it became so, how long it is by now, and every mark of its absent days."""

    at: date
    measured: Measured
    window: tuple[date, date]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Walk:
    """The long absences that are over, and the streak that may not be, with its marks."""

    over: tuple[LongAbsence, ...] = ()
    streak: Streak | None = None
    marks: tuple[Mark, ...] = ()


def long_absences(inquiry: Inquiry, rule: StreakRule, kind: str) -> Iterator[LongAbsence]:
    """The streaks that reached the limit of the rule of a kind, in order, whatever the obligation."""
    ended = [
        (arranged.from_, arranged.until)
        for arranged in inquiry.seen.arrangements(inquiry.school)
        if arranged.kind in rule.ended_by
    ]
    walked = inquiry.walked(kind, partial(_step, inquiry, rule, ended), _Walk())
    yield from walked.over
    yield from _long(rule, walked)


def _step(
    inquiry: Inquiry, rule: StreakRule, ended: list[Span], before: _Walk, day: date, marks: tuple[Mark, ...]
) -> _Walk:
    """The walk one day further."""
    if not _is_absent(inquiry, rule, day, marks):
        return before
    recorded = inquiry.seen.marks(inquiry.school).days()
    streak = taken_up(before.streak, day, recorded=recorded, calendar=inquiry.calendar, ended=ended)
    if streak is before.streak:
        return before
    if before.streak is None or (streak is not None and streak.days[0] == before.streak.days[0]):
        return _Walk(before.over, streak, (*before.marks, *marks))
    return _Walk((*before.over, *_long(rule, before)), streak, marks)


def _long(rule: StreakRule, walk: _Walk) -> Iterator[LongAbsence]:
    """The last streak, if it is long enough."""
    streak = walk.streak
    at = None if streak is None else streak.reached(least(rule.operator, rule.threshold))
    if streak is not None and at is not None:
        measured = Measured(Fraction(streak.length), rule.unit, rule.operator, rule.threshold)
        yield LongAbsence(at, measured, (streak.days[0], streak.days[-1]), walk.marks)


def _is_absent(inquiry: Inquiry, rule: StreakRule, day: date, marks: tuple[Mark, ...]) -> bool:
    """Whether a day with these absent and late marks is an absent day by the rule."""
    if inquiry.seen.marks(inquiry.school).attended(day) or not inquiry.calendar.is_lesson_day(day):
        return False
    if rule.absence == "counted":
        return all(mark.reason is None for mark in marks)
    # Whatever the reason: enrolment and exemption are of the day, and asked of it.
    return inquiry.seen.enrolled(inquiry.school, day, inquiry.calendar) and not inquiry.seen.exempt(day)
