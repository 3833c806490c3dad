"""`presence-restored`: two school weeks of attendance after a finding (`rules.md` 3)."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Final

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import least

AFTER: Final = frozenset({"statutory", "eighteen-plus", "long-term", "home-sitter"})
"""The kinds after which presence is restored."""


def found(inquiry: Inquiry, findings: Sequence[Finding]) -> Iterator[Finding]:
    """For each finding that was the newest then, the first day that completes so many good days after it."""
    rule = inquiry.pack.presence_restored
    enough = least(rule.operator, rule.threshold)
    for finding, until in newest_in_turn(findings):
        make = partial(_restored, inquiry, finding.at, until, enough)
        at = inquiry.settled.made(("restored", finding.at), until, until or date.max, make)
        if at is not None:
            yield inquiry.finding(
                "presence-restored",
                at=at,
                article=rule.article,
                measured=Measured(Fraction(enough), rule.unit, rule.operator, rule.threshold),
                window=None,
                about=finding.identity,
            )


def newest_in_turn(findings: Sequence[Finding]) -> Iterator[tuple[Finding, date | None]]:
    """The findings in order, each the newest from the day after its `at` to this date (None: since), if there is one."""
    ordered = sorted(
        (one for one in findings if one.kind in AFTER), key=lambda one: (one.at, one.kind, one.ordinal)
    )
    for finding, following in pairwise(ordered):
        yield finding, following.at
    if ordered:
        yield ordered[-1], None


def _restored(inquiry: Inquiry, after: date, until: date | None, enough: int) -> date | None:
    """The day that completes a row of so many good ones among the recorded days after a date."""
    marks = inquiry.seen.marks(inquiry.school)
    bad = inquiry.tally.counted_days
    walk = ("presence-restored", after, until)
    row, since = inquiry.settled.reached(walk, (0, after))
    for day in inquiry.seen.recorded(inquiry.school, since, inquiry.calendar):
        if until is not None and day > until:
            break
        row = row + 1 if marks.attended(day) and day not in bad else 0
        if row == enough:
            return day
        inquiry.settled.leave(walk, day, (row, day))
    return None
