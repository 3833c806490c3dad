"""The law: from the facts of one pupil that stand to the findings that stand (`rules.md` 3). Pure.

A kind is one file of `kinds` and one line here. Kinds about a finding of another kind come after the ordinals are given:
they name what they are about. What is said of a whole school, `silent-feed`, is not asked per pupil.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from aanwezig.contracts.findings import Finding
from aanwezig.law import packs
from aanwezig.law.calendar import CalendarsOf
from aanwezig.law.inquiry import Inquiry, PupilInquiry
from aanwezig.law.kinds import (
    absolute,
    home_sitter,
    late_report,
    lateness,
    light,
    long_term,
    luxury,
    presence_restored,
    returned,
    sickness,
    statutory,
)
from aanwezig.law.ordinals import canonical, newest, numbered
from aanwezig.law.packs import Governance, Pack
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing

KINDS: Final[tuple[Callable[[Inquiry], Iterator[Finding]], ...]] = (
    statutory.found,
    lateness.found,
    light.found,
    luxury.found,
    long_term.found,
    home_sitter.found,
    sickness.found,
)
"""The kinds asked per pupil and school."""

FOLLOWING: Final[tuple[Callable[[Inquiry, Sequence[Finding]], Iterator[Finding]], ...]] = (
    late_report.found,
    returned.found,
    presence_restored.found,
)
"""The kinds asked per pupil and school about what was found there."""


def classify(
    standing: Standing,
    *,
    calendars: CalendarsOf,
    governance: Governance,
    as_of: date,
    definition: str | None = None,
) -> tuple[Finding, ...]:
    """All findings about one pupil that stand as of a date.

    Ordered by school (none first), kind, school year, ordinal, definition. `definition` names the definition of a
    home-sitter that holds instead of the pack's, with or without `thuiszitter@`.

    Raises:
        data_files.NoSuchRule: there is no such definition.
    """
    seen = Seen(standing, as_of)
    schools = seen.schools()
    found: list[Finding] = []
    inquiries = list(_inquiries(seen, calendars, governance, definition))
    places = [[_at(asked, school) for school in schools] for asked in inquiries]
    for asked, everywhere in zip(inquiries, places, strict=True):
        of_pack = list(_governed(asked, absolute.found(asked)))
        for here in everywhere:
            for kind in KINDS:
                of_pack += _governed(here, kind(here))
        found += of_pack
        beside = home_sitter.beside(asked.definition, of_pack)
        found += (finding for finding in beside if _known(asked.pack, finding))
    first = list(numbered(found))
    if any(finding.school is not None for finding in first):
        first += _following(first, [here for everywhere in places for here in everywhere])
    return tuple(sorted(first, key=canonical))


def next_change(
    standing: Standing,
    as_of: date,
    found: Iterable[Finding],
    *,
    calendars: CalendarsOf,
    governance: Governance,
) -> date | None:
    """The earliest date after `as_of` on which more may stand although nothing more is told; None: there is none.

    A fact not yet seen becomes seen, or a finding arises by time alone. `found` are the findings that stand.
    """
    seen = Seen(standing, as_of)
    by_school = _by_school(found)
    dates = [standing.next_after(as_of)]
    for asked in _inquiries(seen, calendars, governance, None):
        dates += (finding.at for finding in absolute.found(asked))
        for school in seen.schools():
            here = _at(asked, school)
            dates += (finding.at for finding in sickness.found(here))
            dates += (finding.at for finding in late_report.found(here, by_school.get(school, ())))
    return min((day for day in dates if day is not None and day > as_of), default=None)


def _following(first: Sequence[Finding], places: Iterable[Inquiry]) -> Iterator[Finding]:
    """What follows on findings that have their ordinals: at most one of a kind about each, the earliest."""
    by_school = _by_school(first)
    found: list[Finding] = []
    for here in places:
        there = by_school.get(here.school, ())
        for kind in FOLLOWING:
            found += _governed(here, kind(here, there))
    earliest = {(finding.kind, finding.about): finding for finding in sorted(found, key=newest, reverse=True)}
    return numbered(earliest.values(), {finding.identity: finding for finding in first})


def _inquiries(
    seen: Seen, calendars: CalendarsOf, governance: Governance, definition: str | None
) -> Iterator[PupilInquiry]:
    """A pack walks over all facts; of what it finds only what it governs is kept."""
    for pack in governance.packs:
        named = packs.definition(definition or pack.home_sitter.definition)
        yield PupilInquiry(seen, pack, named, governance, calendars)


def _at(asked: PupilInquiry, school: str) -> Inquiry:
    calendar = asked.calendars.of(school)
    return Inquiry(
        asked.seen, asked.pack, asked.definition, asked.governance, asked.calendars, school, calendar
    )


def _governed(asked: PupilInquiry, found: Iterable[Finding]) -> Iterator[Finding]:
    """Those that stand as of the date, of kinds the pack knows, on dates it governs."""
    for finding in found:
        if finding.at <= asked.seen.as_of and _known(asked.pack, finding) and asked.governs(finding.at):
            yield finding


def _known(pack: Pack, finding: Finding) -> bool:
    return finding.kind in pack.kinds


def _by_school(found: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    by_school: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.school is not None:
            by_school[finding.school].append(finding)
    return by_school
