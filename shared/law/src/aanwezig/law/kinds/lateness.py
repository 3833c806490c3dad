"""`lateness`: one finding for each rung of the ladder of times late in a school year (`rules.md` 3)."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import groupby

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.counting import Mark
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.schoolyear import starting_year


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every rung reached, in order; the ordinal is the rung. No obligation is asked."""
    for year, in_year in groupby(inquiry.tally.late, key=lambda mark: starting_year(mark.date)):
        marks = list(in_year)
        for ordinal, rung in enumerate(inquiry.pack.lateness.rungs, start=1):
            if rung > len(marks):
                break
            reached = marks[:rung]
            make = partial(_finding, inquiry, reached, ordinal)
            yield inquiry.settled.made(("lateness", year, ordinal), reached, reached[-1].date, make)


def _finding(inquiry: Inquiry, reached: list[Mark], ordinal: int) -> Finding:
    rule, at = inquiry.pack.lateness, reached[-1].date
    rung = Fraction(len(reached))
    return inquiry.finding(
        "lateness",
        at=at,
        article=rule.article,
        measured=Measured(rung, rule.unit, rule.operator, rung),
        window=(reached[0].date, at),
        marks=reached,
        ordinal=ordinal,
    )
