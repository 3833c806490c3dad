"""One question: what does one pack find of one pupil at one school? What every kind is given, and how it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from aanwezig.contracts.findings import (
    Context,
    Counted,
    Finding,
    Identity,
    Measured,
    NotCounted,
    Obligation,
    Rule,
)
from aanwezig.law.calendar import SchoolCalendar
from aanwezig.law.counting import Mark, Tally
from aanwezig.law.packs import Definition, Governance, Pack
from aanwezig.law.schoolyear import first_day, school_year
from aanwezig.law.seen import Seen

UNNUMBERED = 0
"""The ordinal of a finding before all packs have answered (`rules.md`, opening)."""


@dataclass(frozen=True)
class Inquiry:
    """What is asked about, and by which rules."""

    seen: Seen
    school: str
    calendar: SchoolCalendar
    pack: Pack
    definition: Definition
    governance: Governance

    @cached_property
    def tally(self) -> Tally:
        """The absent and late marks, weighed."""
        return Tally(self.seen, self.school, self.calendar, self.pack.hours)

    def obligation(self, day: date) -> Obligation:
        """The pupil's obligation on a date."""
        return self.seen.obligation(day, self.pack.obligation)

    def governs(self, at: date) -> bool:
        """Whether the pack governs findings of this pupil and school on a date."""
        governing = self.governance.pack_for(self.seen.municipality(at), self.school, at)
        return (governing.id, governing.version) == (self.pack.id, self.pack.version)

    def finding(
        self,
        kind: str,
        *,
        at: date,
        article: str,
        measured: Measured,
        window: tuple[date, date] | None,
        marks: Sequence[Mark] = (),
        with_hours: bool = False,
        not_counted: tuple[NotCounted, ...] = (),
        rule: str | None = None,
        ordinal: int = UNNUMBERED,
        definition: str | None = None,
        about: Identity | None = None,
    ) -> Finding:
        """A finding of this kind on a date, with who and where filled in. `marks` are what it counts."""
        municipality = self.seen.municipality(at)
        if municipality is None:
            municipality = self.governance.school_municipality(self.school)
        counted: tuple[Counted, ...] = tuple(mark.counted(with_hours=with_hours) for mark in marks)
        return Finding(
            pupil=self.seen.pupil,
            school=self.school,
            municipality=municipality,
            kind=kind,
            ordinal=ordinal,
            school_year=school_year(at),
            at=at,
            obligation=self.obligation(at),
            rule=Rule(rule or kind, self.pack.id, self.pack.version, article),
            window=window,
            measured=measured,
            counted=counted,
            not_counted=not_counted,
            calendar="assumed" if self.calendar.assumed else None,
            about=about,
            definition=definition,
            school_type=self.seen.school_type(self.school, at),
            age=self.seen.age(at),
            known_at=max((mark.time for mark in marks), default=None),
            context=self._context(at),
        )

    def _context(self, at: date) -> Context:
        start = first_day(at)
        return Context(
            hours_this_year=self.tally.hours_this_year(at),
            times_late_this_year=self.tally.times_late_this_year(at),
            signals=self.seen.signals_since(start),
            reports=self.seen.reports_since(self.school, start),
        )
