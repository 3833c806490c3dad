"""`luxury`: days off for pleasure, without leave (`rules.md` 3; OM: Richtlijn strafvordering schoolverzuim)."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import partial

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import holds


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every run of successive lesson days of luxury, in order, by its first day. No obligation is asked."""
    rule = inquiry.pack.luxury
    days = _days(inquiry)
    for run in inquiry.calendar.runs(days):
        value = Fraction(len(run))
        if not holds(value, rule.operator, rule.threshold):
            continue
        make = partial(
            inquiry.finding,
            "luxury",
            at=run[0],
            article=rule.article,
            measured=Measured(value, rule.unit, rule.operator, rule.threshold),
            window=(run[0], run[-1]),
            marks=[mark for day in run for mark in days[day]],
        )
        yield inquiry.settled.made(("luxury", run[0]), run, run[-1], make)


def _days(inquiry: Inquiry) -> dict[date, list[Mark]]:
    """The lesson days whose marks all count, at least one of them with the reason, in order, with their marks."""
    reason = inquiry.pack.luxury.reason
    recorded = inquiry.seen.marks(inquiry.school).recorded
    days = {}
    for day in dict.fromkeys(mark.date for mark in inquiry.tally.counted if mark.said == reason):
        marks = inquiry.tally.counted_within(day, day)
        if len(marks) == recorded(day):
            days[day] = marks
    return days
