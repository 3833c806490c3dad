"""The place of findings in their school year, and the order in which they are told (`rules.md` 3)."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

from aanwezig.contracts.findings import Finding, Identity
from aanwezig.law.counting import order
from aanwezig.law.inquiry import UNNUMBERED

_NONE: Final[Mapping[Identity, Finding]] = MappingProxyType({})


def numbered(found: Iterable[Finding], named: Mapping[Identity, Finding] = _NONE) -> Iterator[Finding]:
    """The findings with their ordinals. `named` holds every finding that one of them is about."""
    placed = sorted(((_place(finding, named), finding) for finding in found), key=itemgetter(0))
    for _, same in groupby(placed, key=lambda row: _series(row[1])):
        taken: set[int] = set()
        for place, (_, finding) in enumerate(same, start=1):
            # A rung is its own ordinal. Where packs with other ladders met in one year, the first keeps it.
            ordinal = place if finding.ordinal == UNNUMBERED else finding.ordinal
            if ordinal not in taken:
                taken.add(ordinal)
                yield finding if finding.ordinal == ordinal else finding.numbered(ordinal)


def canonical(finding: Finding) -> tuple[Any, ...]:
    """Sorts by school (none first), kind, school year, ordinal, definition."""
    return (
        finding.school or "",
        finding.kind,
        finding.school_year,
        finding.ordinal,
        finding.definition or "",
    )


def newest(finding: Finding) -> tuple[Any, ...]:
    """Sorts by `at`, kind, ordinal: the newest of several is the last."""
    return (finding.at, finding.kind, finding.ordinal)


def _series(finding: Finding) -> tuple[str, ...]:
    return (finding.school or "", finding.kind, finding.school_year, finding.definition or "")


def _place(finding: Finding, named: Mapping[Identity, Finding]) -> tuple[Any, ...]:
    """By series, then as `rules.md` 3 numbers: `at`, rule, the finding named, then where it begins."""
    about = () if finding.about is None else newest(named[finding.about])
    first = order(finding.counted[0]) if finding.counted else (finding.at, -1)
    return (*_series(finding), finding.at, finding.rule.id, about, *first)
