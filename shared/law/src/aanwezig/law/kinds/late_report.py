"""`late-report`: the school told of statutory absence only long after it arose (`rules.md` 3; LPW art. 21a).

It is about the school. A mark told late once stays told late, whatever was said of it since.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial

from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import holds

_FRIDAY = 5


def found(inquiry: Inquiry, findings: Sequence[Finding]) -> Iterator[Finding]:
    """One for each of these `statutory` findings that was known too late, on the date it was, which may lie ahead."""
    rule = inquiry.pack.late_report
    for finding in findings:
        if finding.kind != "statutory":
            continue
        make = partial(_delay, inquiry, finding)
        name = ("known", finding.rule.pack, finding.rule.version, finding.at, finding.ordinal)
        delay = inquiry.settled.made(name, finding.counted, finding.at, make)
        if delay is None:
            continue
        known, value = delay
        if holds(value, rule.operator, rule.threshold):
            yield inquiry.finding(
                "late-report",
                at=known,
                article=rule.article,
                measured=Measured(value, rule.unit, rule.operator, rule.threshold),
                window=None,
                about=finding.identity,
            )


def _delay(inquiry: Inquiry, finding: Finding) -> tuple[date, Fraction] | None:
    """When a finding was known, and how many working days that was after it; None: nobody said when."""
    known = _known_on(inquiry, finding)
    return None if known is None else (known, Fraction(_working_days(inquiry, finding.at, known)))


def _known_on(inquiry: Inquiry, finding: Finding) -> date | None:
    """The latest, over the counted marks, of the date on which each was first said to be an unauthorised absence."""
    first = inquiry.seen.marks(inquiry.school).first_unauthorised
    told = (first(row.date, row.slot) for row in finding.counted if row.slot is not None)
    return max((moment.astimezone(AMSTERDAM).date() for moment in told if moment is not None), default=None)


def _working_days(inquiry: Inquiry, after: date, last: date) -> int:
    """The Mondays to Fridays with lessons after a date, up to and including the last."""
    number = 0
    day = inquiry.calendar.next_lesson_day(after)
    while day is not None and day <= last:
        number += day.isoweekday() <= _FRIDAY
        day = inquiry.calendar.next_lesson_day(day)
    return number
