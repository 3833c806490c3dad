"""`returned`: back at school after weeks at home (`rules.md` 3)."""

from collections.abc import Iterator, Sequence
from typing import Final

from aanwezig.contracts.facts import MarkRecorded
from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry

AFTER: Final = frozenset({"home-sitter", "long-term"})
"""The kinds a pupil returns from."""


def found(inquiry: Inquiry, findings: Sequence[Finding]) -> Iterator[Finding]:
    """For each of these findings of a streak the first attended mark after it, if there is one; enrolled or not."""
    rule = inquiry.pack.returned
    for finding in findings:
        if finding.kind not in AFTER:
            continue
        word = inquiry.seen.first_attended(inquiry.school, finding.at, inquiry.calendar)
        if word is None or not isinstance(word.fact, MarkRecorded):
            continue
        at = word.fact.date
        yield inquiry.finding(
            "returned",
            at=at,
            article=rule.article,
            measured=Measured(finding.measured.value, rule.unit, None, None),
            window=(at, at),
            words=[word],
            about=finding.identity,
        )
