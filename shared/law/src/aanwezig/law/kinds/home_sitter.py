"""`home-sitter`: a streak at home, by a named definition (`rules.md` 3; `domain.md` 1.4)."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import groupby

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import concerns, holds
from aanwezig.law.streaks import longest_possible, streaks


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every streak that reached the limit while the pupil was under obligation, in order."""
    rule = inquiry.definition

    def enough(length: int) -> bool:
        return holds(Fraction(length), rule.operator, rule.threshold)

    absent = _absent_days(inquiry)
    if not enough(longest_possible(absent, inquiry.calendar)):
        return
    ended = [
        (arranged.from_, arranged.until)
        for arranged in inquiry.seen.arrangements(inquiry.school)
        if arranged.kind in rule.ended_by
    ]
    recorded = inquiry.seen.marks(inquiry.school).days()
    for streak in streaks(tuple(absent), recorded=recorded, calendar=inquiry.calendar, ended=ended):
        at = streak.reached(enough)
        if at is None or not concerns(inquiry.pack.home_sitter.obligations, inquiry.obligation(at)):
            continue
        marks = [mark for day in streak.days for mark in absent[day]]
        yield inquiry.finding(
            "home-sitter",
            at=at,
            article=rule.article,
            measured=Measured(Fraction(streak.length), rule.unit, rule.operator, rule.threshold),
            window=(streak.days[0], streak.days[-1]),
            marks=marks,
            definition=rule.name,
        )


def _absent_days(inquiry: Inquiry) -> dict[date, list[Mark]]:
    """The absent days by the definition, in order, with their marks."""
    marks = inquiry.seen.marks(inquiry.school)
    days = {}
    for day, same in groupby(inquiry.tally.marks, key=lambda mark: mark.date):
        of_day = list(same)
        if marks.attended(day) or not inquiry.calendar.is_lesson_day(day):
            continue
        if inquiry.definition.absence == "counted":
            qualifies = all(mark.reason is None for mark in of_day)
        else:
            # Whatever the reason: enrolment and exemption are of the day, and asked of it.
            qualifies = inquiry.seen.enrolled(
                inquiry.school, day, inquiry.calendar
            ) and not inquiry.seen.exempt(day)
        if qualifies:
            days[day] = of_day
    return days
