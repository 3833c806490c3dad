"""The law: from the facts of one pupil that stand to the findings that stand (`rules.md` 3). Pure.

A kind is one file of `kinds` and one line of `KINDS`. Kinds about a finding of another kind (`returned`,
`presence-restored`, `late-report`) come after the ordinals are given: they name what they are about.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final, Protocol

from aanwezig.contracts.findings import Finding
from aanwezig.law import packs
from aanwezig.law.calendar import SchoolCalendar
from aanwezig.law.counting import order
from aanwezig.law.inquiry import UNNUMBERED, Inquiry
from aanwezig.law.kinds import home_sitter, lateness, light, statutory
from aanwezig.law.packs import Governance
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing

KINDS: Final[tuple[Callable[[Inquiry], Iterator[Finding]], ...]] = (
    statutory.found,
    lateness.found,
    light.found,
    home_sitter.found,
)
"""The kinds asked per pupil and school."""


class CalendarsOf(Protocol):
    """Where the calendars of schools are found."""

    def of(self, school: str) -> SchoolCalendar:
        """The calendar of a school, the assumed one where it told none."""


def classify(
    standing: Standing,
    *,
    calendars: CalendarsOf,
    governance: Governance,
    as_of: date,
    definition: str | None = None,
) -> tuple[Finding, ...]:
    """All findings about one pupil that stand as of a date.

    Ordered by school, kind, school year, ordinal, definition. `definition` names the definition of a home-sitter that
    holds instead of the pack's, with or without `thuiszitter@`.

    Raises:
        data_files.NoSuchRule: there is no such definition.
    """
    seen = Seen(standing, as_of)
    found: list[Finding] = []
    for pack in governance.packs:
        named = packs.definition(definition or pack.home_sitter.definition)
        for school in seen.schools():
            inquiry = Inquiry(seen, school, calendars.of(school), pack, named, governance)
            for kind in KINDS:
                # A pack walks over all facts; of what it finds only what it governs is kept.
                found += (finding for finding in kind(inquiry) if inquiry.governs(finding.at))
    return tuple(sorted(_numbered(found), key=_canonical))


def next_change(standing: Standing, as_of: date) -> date | None:
    """The earliest date after `as_of` on which a fact not yet seen becomes seen; None: there is none."""
    return standing.next_after(as_of)


def _numbered(found: list[Finding]) -> Iterator[Finding]:
    """The findings with their place in the school year."""
    for _, same in groupby(sorted(found, key=_in_order), key=_series):
        taken: set[int] = set()
        for place, finding in enumerate(same, start=1):
            # A rung is its own ordinal. Where packs with other ladders met in one year, the first keeps it.
            ordinal = place if finding.ordinal == UNNUMBERED else finding.ordinal
            if ordinal not in taken:
                taken.add(ordinal)
                yield finding if finding.ordinal == ordinal else finding.numbered(ordinal)


def _canonical(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.school or "",
        finding.kind,
        finding.school_year,
        finding.ordinal,
        finding.definition or "",
    )


def _series(finding: Finding) -> tuple[str, ...]:
    return (finding.school or "", finding.kind, finding.school_year, finding.definition or "")


def _in_order(finding: Finding) -> tuple[Any, ...]:
    """By series, then as `rules.md` 3 numbers: `at`, rule, the finding named, then where it begins."""
    about = finding.about
    named = () if about is None else (about.school_year, about.kind, about.ordinal)
    first = order(finding.counted[0]) if finding.counted else (finding.at, -1)
    return (*_series(finding), finding.at, finding.rule.id, named, *first)
