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
from aanwezig.law.packs import CrossingRule, concerns, holds
from aanwezig.law.schoolyear import starting_year


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every crossing that concerns the pupil, in order."""
    rule = inquiry.pack.crossing
    for summed, value, threshold in crossings(inquiry):
        at = summed[-1].date
        obligation = inquiry.obligation(at)
        for kind, applies in (
            ("statutory", inquiry.pack.statutory),
            ("eighteen-plus", inquiry.pack.eighteen_plus),
        ):
            if not concerns(applies.obligations, obligation):
                continue
            window = inquiry.window(at, rule.window_days)
            yield inquiry.finding(
                kind,
                at=at,
                article=applies.article,
                measured=Measured(value, rule.unit, rule.operator, threshold),
                window=window,
                marks=summed,
                with_hours=rule.unit == "hours",
                not_counted=inquiry.tally.not_counted_within(*window) if window else (),
            )
            break


def crossings(inquiry: Inquiry) -> Iterator[tuple[list[Mark], Fraction, Fraction]]:
    """Each time the sum reaches a threshold: the marks summed, their sum, and the threshold."""
    rule = inquiry.pack.crossing
    thresholds = (rule.threshold, *rule.further)
    summed: deque[tuple[Mark, int]] = deque()
    value = Fraction(0)
    passed = 0
    for mark in inquiry.tally.counted:
        position = inquiry.calendar.position(mark.date)
        while summed and _over(summed[0], mark, position, rule):
            value -= summed.popleft()[0].amount(rule.unit)
        passed = passed if summed else 0
        summed.append((mark, position))
        value += mark.amount(rule.unit)
        while passed < len(thresholds) and holds(value, rule.operator, thresholds[passed]):
            yield [counted for counted, _ in summed], value, thresholds[passed]
            passed += 1
            if rule.starts_anew:
                summed.clear()
                value = Fraction(0)
                passed = 0


def _over(oldest: tuple[Mark, int], mark: Mark, position: int, rule: CrossingRule) -> bool:
    """Whether the oldest mark of a sum has left it when this one comes."""
    past, place = oldest
    return (rule.window_days is not None and place <= position - rule.window_days) or (
        rule.same_school_year and starting_year(past.date) != starting_year(mark.date)
    )
