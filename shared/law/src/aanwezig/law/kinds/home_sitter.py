"""`home-sitter`: a streak at home, by a named definition (`rules.md` 3; `domain.md` 1.4)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from aanwezig.contracts.findings import Finding
from aanwezig.law.absence import long_absences
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import Definition, concerns


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Every streak that reached the definition's own limit while the pupil was under obligation, in order."""
    rule = inquiry.definition
    if rule.streak is None:
        return
    for streak in long_absences(inquiry, rule.streak, "home-sitter"):
        if concerns(inquiry.pack.home_sitter.obligations, inquiry.obligation(streak.at)):
            make = partial(
                inquiry.finding,
                "home-sitter",
                at=streak.at,
                article=rule.article,
                measured=streak.measured,
                window=streak.window,
                marks=streak.marks,
                definition=rule.name,
            )
            yield inquiry.settled.made(("home-sitter", streak.window[0]), streak, streak.window[1], make)


def beside(definition: Definition, findings: Iterable[Finding]) -> Iterator[Finding]:
    """One for each of these findings that the definition counts, with the same school, date, value and marks."""
    for finding in findings:
        if finding.kind in definition.beside:
            yield replace(
                finding,
                kind="home-sitter",
                definition=definition.name,
                rule=replace(finding.rule, id="home-sitter", article=definition.article),
            )
