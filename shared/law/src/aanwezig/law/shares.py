"""A pupil's share in what its school is expected to tell: when it is enrolled there, on whatever date one looks (ADR 7).

A share holds what the enrolment on any closed date follows from, and no more: the enrolments told, and, where these leave
room, the first marked lesson day of each school year, since marks imply an enrolment where none is seen (`rules.md` 1). So
it does not depend on the date up to which the pupil was looked at, and hardly any mark moves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aanwezig.contracts.facts import EnrolmentRecorded
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.schoolyear import last_day, starting_year
from aanwezig.law.seen import Span
from aanwezig.law.standing import Standing


@dataclass(frozen=True, slots=True)
class Share:
    """Of one pupil at one school: the enrolments told, and the first marked lesson days before all of them, each in order."""

    enrolments: tuple[Span, ...] = ()
    firsts: tuple[date, ...] = ()

    def moves_with(self, day: date) -> bool:
        """Whether a mark on this lesson day makes it another share."""
        if self.enrolments and self.enrolments[0][0] <= day:
            return False
        return not any(first <= day and starting_year(first) == starting_year(day) for first in self.firsts)

    def rests_on(self, day: date) -> bool:
        """Whether it may be another share without the marks of this date."""
        return day in self.firsts

    def spans(self, closed: date) -> list[Span]:
        """When the pupil is enrolled, by what is seen on a closed date."""
        told = [span for span in self.enrolments if span[0] <= closed]
        if told:
            return told
        firsts = [day for day in self.firsts if day <= closed]
        return [(firsts[0], last_day(firsts[-1]))] if firsts else []

    def next_after(self, closed: date) -> date | None:
        """The next date on which more of it is seen; None: never."""
        days = (*(first for first, _ in self.enrolments), *self.firsts)
        return min((day for day in days if day > closed), default=None)


def shares_of(standing: Standing, calendars: CalendarsOf) -> Mapping[str, Share]:
    """A pupil's share in each school it has an enrolment or a mark at, whatever the dates."""
    told: dict[str, list[Span]] = {}
    for fact in standing.facts(EnrolmentRecorded):
        told.setdefault(fact.school, []).append((fact.from_, fact.until))
    return {
        school: _share(sorted(told.get(school, ()), key=lambda span: span[0]), standing, school, calendars.of(school))
        for school in sorted({*told, *standing.marks()})
    }  # fmt: skip


def _share(enrolments: list[Span], standing: Standing, school: str, calendar: SchoolCalendar) -> Share:
    marks = standing.marks().get(school)
    firsts: list[date] = []
    year = None
    for day in marks.days() if marks is not None else ():
        if enrolments and enrolments[0][0] <= day:
            break
        if starting_year(day) != year and calendar.is_lesson_day(day):
            firsts.append(day)
            year = starting_year(day)
    return Share(tuple(enrolments), tuple(firsts))
