"""`long-term`: a streak of only-unauthorised days, longer than four weeks (`rules.md` 3; DUO: langdurig relatief verzuim)."""

from collections.abc import Iterator
from functools import partial

from aanwezig.contracts.findings import Finding
from aanwezig.law.absence import long_absences
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import concerns


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every streak that reached the limit while the pupil was under obligation, in order."""
    rule = inquiry.pack.long_term
    for streak in long_absences(inquiry, rule.streak, "long-term"):
        if concerns(rule.obligations, inquiry.obligation(streak.at)):
            make = partial(
                inquiry.finding,
                "long-term",
                at=streak.at,
                article=rule.article,
                measured=streak.measured,
                window=streak.window,
                marks=streak.marks,
            )
            yield inquiry.settled.made(("long-term", streak.window[0]), streak, streak.window[1], make)
