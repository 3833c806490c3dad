"""Absent days, and the streaks of them that are long enough (`rules.md` 3, *Streak*): for `long-term` and `home-sitter`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from aanwezig.contracts.findings import Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import StreakRule, holds
from aanwezig.law.streaks import longest_possible, streaks


@dataclass(frozen=True, slots=True)
class LongAbsence:
    """A streak that is long enough: when it became so, how long it is by now, and every mark of its absent days."""

    at: date
    measured: Measured
    window: tuple[date, date]
    marks: list[Mark]


def long_absences(inquiry: Inquiry, rule: StreakRule) -> Iterator[LongAbsence]:
    """The streaks that reached the limit of a rule, in order, whatever the obligation."""

    def enough(length: int) -> bool:
        return holds(Fraction(length), rule.operator, rule.threshold)

    absent = _absent_days(inquiry, rule) if inquiry.tally.marks else {}
    if not absent or not enough(longest_possible(absent, inquiry.calendar)):
        return
    ended = [
        (arranged.from_, arranged.until)
        for arranged in inquiry.seen.arrangements(inquiry.school)
        if arranged.kind in rule.ended_by
    ]
    recorded = inquiry.seen.marks(inquiry.school).days()
    for streak in streaks(tuple(absent), recorded=recorded, calendar=inquiry.calendar, ended=ended):
        at = streak.reached(enough)
        if at is not None:
            yield LongAbsence(
                at,
                Measured(Fraction(streak.length), rule.unit, rule.operator, rule.threshold),
                (streak.days[0], streak.days[-1]),
                [mark for day in streak.days for mark in absent[day]],
            )


def _absent_days(inquiry: Inquiry, rule: StreakRule) -> dict[date, list[Mark]]:
    """The absent days by the rule, in order, with their marks."""
    marks = inquiry.seen.marks(inquiry.school)
    days = {}
    for day, same in groupby(inquiry.tally.marks, key=lambda mark: mark.date):
        of_day = list(same)
        if marks.attended(day) or not inquiry.calendar.is_lesson_day(day):
            continue
        if rule.absence == "counted":
            qualifies = all(mark.reason is None for mark in of_day)
        else:
            # Whatever the reason: enrolment and exemption are of the day, and asked of it.
            qualifies = inquiry.seen.enrolled(
                inquiry.school, day, inquiry.calendar
            ) and not inquiry.seen.exempt(day)
        if qualifies:
            days[day] = of_day
    return days
