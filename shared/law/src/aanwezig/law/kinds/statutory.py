"""`statutory` and `eighteen-plus`: sixteen hours in four lesson weeks, and again each time they are reached.

One walk and one sum; the obligation on the date of a crossing decides which of the two it is, or that it says
nothing (`rules.md` 3; LPW art. 21a, WEB art. 8.1.8a).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import CrossingRule, concerns, holds
from aanwezig.law.schoolyear import starting_year


@dataclass(frozen=True, slots=True)
class Crossing:
    """The sum reached a threshold: the marks summed, in order; the last is the one that crossed."""

    marks: tuple[Mark, ...]
    value: Fraction
    threshold: Fraction

    @property
    def at(self) -> date:
        """The date of the mark that crossed."""
        return self.marks[-1].date


@dataclass(frozen=True, slots=True)
class _Walk:
    """The crossings so far, and the sum as it stands: its marks with their places in lesson-week time, their hours or times.

    `passed` is how many thresholds the sum has passed.
    """

    crossings: tuple[Crossing, ...] = ()
    summed: tuple[tuple[Mark, int], ...] = ()
    value: Fraction = Fraction(0)
    passed: int = 0


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every crossing that concerns the pupil, in order."""
    for place, crossing in enumerate(crossings(inquiry)):
        make = partial(_finding, inquiry, crossing)
        finding = inquiry.settled.made(("crossing", place), crossing, crossing.at, make)
        if finding is not None:
            yield finding


def crossings(inquiry: Inquiry) -> tuple[Crossing, ...]:
    """Each time the sum reaches a threshold, in order."""
    return inquiry.walked("crossings", partial(_step, inquiry), _Walk()).crossings


def _finding(inquiry: Inquiry, crossing: Crossing) -> Finding | None:
    """By the obligation on the date of a crossing; None: it says nothing."""
    rule, at = inquiry.pack.crossing, crossing.at
    obligation = inquiry.obligation(at)
    for kind, applies in (
        ("statutory", inquiry.pack.statutory),
        ("eighteen-plus", inquiry.pack.eighteen_plus),
    ):
        if not concerns(applies.obligations, obligation):
            continue
        window = inquiry.window(at, rule.window_days)
        return inquiry.finding(
            kind,
            at=at,
            article=applies.article,
            measured=Measured(crossing.value, rule.unit, rule.operator, crossing.threshold),
            window=window,
            marks=crossing.marks,
            with_hours=rule.unit == "hours",
            not_counted=inquiry.tally.not_counted_within(*window) if window else (),
        )
    return None


def _step(inquiry: Inquiry, before: _Walk, day: date, marks: tuple[Mark, ...]) -> _Walk:
    """The walk one day further."""
    counted = [mark for mark in marks if mark.reason is None]
    if not counted:
        return before
    rule = inquiry.pack.crossing
    thresholds = (rule.threshold, *rule.further)
    crossed = list(before.crossings)
    summed, value, passed = deque(before.summed), before.value, before.passed
    position = inquiry.calendar.position(day)
    for mark in counted:
        while summed and _over(summed[0], mark, position, rule):
            value -= summed.popleft()[0].amount(rule.unit)
        passed = passed if summed else 0
        summed.append((mark, position))
        value += mark.amount(rule.unit)
        while passed < len(thresholds) and holds(value, rule.operator, thresholds[passed]):
            crossed.append(Crossing(tuple(one for one, _ in summed), value, thresholds[passed]))
            passed += 1
            if rule.starts_anew:
                summed.clear()
                value = Fraction(0)
                passed = 0
    return _Walk(tuple(crossed), tuple(summed), value, passed)


def _over(oldest: tuple[Mark, int], mark: Mark, position: int, rule: CrossingRule) -> bool:
    """Whether the oldest mark of a sum has left it when this one comes."""
    past, place = oldest
    return (rule.window_days is not None and place <= position - rule.window_days) or (
        rule.same_school_year and starting_year(past.date) != starting_year(mark.date)
    )
