"""One question: what does one pack find of one pupil, at one school or at none? What every kind is given, and how it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Literal, TypeVar

from aanwezig.contracts.facts import Word
from aanwezig.contracts.findings import (
    OF_A_SCHOOL,
    Context,
    Contradiction,
    Counted,
    Finding,
    Identity,
    Measured,
    NotCounted,
    Obligation,
    Rule,
)
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.counting import Mark, Tally, row_of
from aanwezig.law.packs import Definition, Governance, Pack
from aanwezig.law.remembered import Settled
from aanwezig.law.schoolyear import first_day, school_year
from aanwezig.law.seen import Seen

_State = TypeVar("_State")

UNNUMBERED = 0
"""The ordinal of a finding before all packs have answered (`rules.md`, opening)."""


@dataclass(frozen=True)
class PupilInquiry:
    """What is asked about, and by which rules: a pupil as a whole, at no school."""

    seen: Seen
    pack: Pack
    definition: Definition
    governance: Governance
    calendars: CalendarsOf

    def obligation(self, day: date) -> Obligation:
        """The pupil's obligation on a date."""
        return self.seen.obligation(day, self.pack.obligation)

    def governs(self, at: date) -> bool:
        """Whether the pack governs what is found here of a date."""
        governing = self.governance.pack_for(self.seen.municipality(at), self._at_school, at)
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
        words: Sequence[Word] = (),
        with_hours: bool = False,
        not_counted: tuple[NotCounted, ...] = (),
        rule: str | None = None,
        ordinal: int = UNNUMBERED,
        definition: str | None = None,
        about: Identity | None = None,
    ) -> Finding:
        """A finding of this kind on a date, with who and where filled in. `marks` or `words` are what it counts."""
        municipality = self.seen.municipality(at)
        if municipality is None:
            municipality = self.governance.school_municipality(self._at_school)
        counted: tuple[Counted, ...] = (
            *(mark.counted(with_hours=with_hours) for mark in marks),
            *(row_of(word) for word in words),
        )
        return Finding(
            pupil=self.seen.pupil,
            school=self._at_school,
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
            calendar=self._calendar_word,
            about=about,
            definition=definition,
            school_type=self._school_type(at),
            age=self.seen.age(at),
            known_at=max((*(mark.time for mark in marks), *(word.time for word in words)), default=None),
            context=self._context(at),
            contradictions=self._contradictions(kind, at, window),
        )

    @property
    def _at_school(self) -> str | None:
        return None

    @property
    def _calendar_word(self) -> Literal["assumed"] | None:
        return None

    def _school_type(self, at: date) -> str | None:  # noqa: ARG002 - none where there is no school
        return None

    def _this_year(self, at: date) -> tuple[Fraction, int]:  # noqa: ARG002 - none where there is no school
        return Fraction(0), 0

    def _contradictions(
        self, kind: str, at: date, window: tuple[date, date] | None
    ) -> tuple[Contradiction, ...]:
        """On the dates from the first of the window (none: `at`) to the last of the window or `at`, the later one."""
        if kind in OF_A_SCHOOL:
            return ()  # it is not about the pupil, and facts of others are not the school's to read
        first, last = window or (at, at)
        return self.seen.contradictions.on(self._at_school, min(first, at), max(last, at))

    def _context(self, at: date) -> Context:
        start = first_day(at)
        hours, times = self._this_year(at)
        return Context(
            hours_this_year=hours,
            times_late_this_year=times,
            signals=self.seen.signals_since(start),
            reports=self.seen.reports_since(self._at_school, start),
        )


@dataclass(frozen=True)
class Inquiry(PupilInquiry):
    """What is asked about, and by which rules: a pupil at one school."""

    school: str
    calendar: SchoolCalendar

    @cached_property
    def tally(self) -> Tally:
        """The absent and late marks, weighed."""
        return Tally(self.seen, self.school, self.calendar, self.pack.hours, self.settled)

    @cached_property
    def settled(self) -> Settled:
        """What earlier inquiries by this pack came to here, if these facts are to be remembered."""
        asking = (self.pack.id, self.pack.version, self.definition.name)
        home = self.governance.school_municipality(self.school)
        return self.seen.settled(self.school, asking, home, self.calendar, self.pack, self.definition)

    def walked(
        self, walk: str, step: Callable[[_State, date, tuple[Mark, ...]], _State], start: _State
    ) -> _State:
        """What a step comes to over the days with an absent or late mark and their marks, one after another, from a start.

        A step changes no state but gives a new one, looks at no later day, and does the same under the same name.
        """
        state, place = self.settled.reached(walk, (start, 0))
        for day, same in groupby(self.tally.marks[place:], key=attrgetter("date")):
            marks = tuple(same)
            state, place = step(state, day, marks), place + len(marks)
            self.settled.leave(walk, day, (state, place))
        return state

    def window(self, at: date, days: int | None) -> tuple[date, date] | None:
        """The last `days` dates of lesson-week time not after a date (None: the school year up to it)."""
        if days is None:
            return first_day(at), at
        return self.calendar.window(at, days)

    @property
    def _at_school(self) -> str | None:
        return self.school

    @property
    def _calendar_word(self) -> Literal["assumed"] | None:
        return "assumed" if self.calendar.assumed else None

    def _school_type(self, at: date) -> str | None:
        return self.seen.school_type(self.school, at)

    def _this_year(self, at: date) -> tuple[Fraction, int]:
        return self.tally.hours_this_year(at), self.tally.times_late_this_year(at)
