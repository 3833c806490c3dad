"""`light`: the school reports absence below the threshold (`rules.md` 3)."""

from collections.abc import Iterator
from fractions import Fraction

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import holds


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every report of light absence that is light, in order of date. It need not be on a lesson day."""
    rule = inquiry.pack.light
    reports = (report for report in inquiry.seen.reports(inquiry.school) if report.kind == "light")
    for at in sorted(report.date for report in reports):
        window = inquiry.window(at, rule.window_days)
        marks = inquiry.tally.counted_within(*window) if window else []
        value = sum((mark.amount(rule.unit) for mark in marks), Fraction(0))
        if not holds(value, rule.operator, rule.threshold):
            continue
        yield inquiry.finding(
            "light",
            at=at,
            article=rule.article,
            measured=Measured(value, rule.unit, rule.operator, rule.threshold),
            window=window,
            marks=marks,
            with_hours=rule.unit == "hours",
            not_counted=inquiry.tally.not_counted_within(*window) if window else (),
        )
