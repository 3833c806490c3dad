"""`statutory` and `eighteen-plus`: sixteen hours in four lesson weeks, and again each time they are reached.

One walk and one sum; the obligation on the date of a crossing decides which of the two it is, or that it says
nothing (`rules.md` 3; LPW art. 21a, WEB art. 8.1.8a).
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import concerns, holds
from aanwezig.law.schoolyear import starting_year


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every crossing that concerns the pupil, in order."""
    rule = inquiry.pack.crossing
    for summed, value in _crossings(inquiry):
        at = summed[-1].date
        obligation = inquiry.obligation(at)
        for kind, applies in (
            ("statutory", inquiry.pack.statutory),
            ("eighteen-plus", inquiry.pack.eighteen_plus),
        ):
            if not concerns(applies.obligations, obligation):
                continue
            window = inquiry.calendar.window(at, rule.window_days)
            yield inquiry.finding(
                kind,
                at=at,
                article=applies.article,
                measured=Measured(value, rule.unit, rule.operator, rule.threshold),
                window=window,
                marks=summed,
                with_hours=True,
                not_counted=inquiry.tally.not_counted_within(*window) if window else (),
            )
            break


def _crossings(inquiry: Inquiry) -> Iterator[tuple[list[Mark], Fraction]]:
    """Each time the sum reaches the threshold: the marks summed, and their hours."""
    rule = inquiry.pack.crossing
    summed: deque[tuple[Mark, int]] = deque()
    value = Fraction(0)
    for mark in inquiry.tally.counted:
        position = inquiry.calendar.position(mark.date)
        while summed and (
            summed[0][1] <= position - rule.window_days
            or (rule.same_school_year and starting_year(summed[0][0].date) != starting_year(mark.date))
        ):
            value -= summed.popleft()[0].hours
        summed.append((mark, position))
        value += mark.hours
        if holds(value, rule.operator, rule.threshold):
            yield [counted for counted, _ in summed], value
            if rule.starts_anew:
                summed.clear()
                value = Fraction(0)
