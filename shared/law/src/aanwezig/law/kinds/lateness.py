"""`lateness`: one finding for each rung of the ladder of times late in a school year (`rules.md` 3)."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.schoolyear import starting_year


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every rung reached, in order; the ordinal is the rung. No obligation is asked."""
    rule = inquiry.pack.lateness
    for _, in_year in groupby(inquiry.tally.late, key=lambda mark: starting_year(mark.date)):
        marks = list(in_year)
        for ordinal, rung in enumerate(rule.rungs, start=1):
            if rung > len(marks):
                break
            reached = marks[:rung]
            at = reached[-1].date
            yield inquiry.finding(
                "lateness",
                at=at,
                article=rule.article,
                measured=Measured(Fraction(rung), rule.unit, rule.operator, Fraction(rung)),
                window=(reached[0].date, at),
                marks=reached,
                ordinal=ordinal,
            )
