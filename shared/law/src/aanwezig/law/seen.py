"""The facts of one pupil as of a date, asked by day: who it is, where it is enrolled, what it is excused from.

Facts about later dates are not seen (`rules.md` 1, *as of*); when a fact was recorded plays no part.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Final

from aanwezig.contracts.facts import (
    ArrangementSet,
    CareSignalled,
    EnrolmentRecorded,
    ExemptionGranted,
    LeaveGranted,
    PersonRecorded,
    QualificationObtained,
    SchoolReported,
    SickReported,
    Word,
)
from aanwezig.contracts.findings import Obligation, ReportSeen, SignalSeen
from aanwezig.law import obligation
from aanwezig.law.calendar import SchoolCalendar
from aanwezig.law.contradictions import Contradictions
from aanwezig.law.packs import ObligationRules
from aanwezig.law.remembered import Settled
from aanwezig.law.schoolyear import last_day
from aanwezig.law.standing import SchoolMarks, Standing

Span = tuple[date, date | None]
"""First and last date, both included; None: open."""

_NO_MARKS: Final = SchoolMarks()


class Seen:
    """What is seen of one pupil as of a date. A view of `standing`, good until that changes."""

    def __init__(self, standing: Standing, as_of: date) -> None:
        self._standing: Final = standing
        self.as_of: Final = as_of
        self._implied: Final[dict[str, tuple[date, date] | None]] = {}

    @property
    def pupil(self) -> str | None:
        """The pupil as the facts name it."""
        return self._standing.pupil

    def settled(self, school: str, asking: tuple[str, ...], *stands_on: object) -> Settled:
        """What those who ask by this name came to over the settled days at a school, as far as it still stands.

        Args:
            school: the school.
            asking: who asks; of each something else is remembered.
            stands_on: what it rests on beside the facts of the pupil.
        """
        remembered = self._standing.remembered
        if remembered is None:
            return Settled()
        marks = self.marks(school)
        facts = (marks.rewritten, self._standing.others_seen(self.as_of))
        return remembered.settled((school, *asking), min(marks.latest, self.as_of), (*facts, *stands_on))

    def schools(self) -> Iterable[str]:
        """The schools at which anything can be found: with a mark, a report or a sick report, in order."""
        return sorted(self._standing.schools())

    def schools_named(self) -> set[str]:
        """The schools at which the pupil may be enrolled: with a mark or a seen enrolment."""
        return {*self._standing.marks(), *self._enrolments}

    def marks(self, school: str) -> SchoolMarks:
        """All marks at a school, later dates included: whoever asks for days stops at `as_of`."""
        return self._standing.marks().get(school, _NO_MARKS)

    def notable(self, school: str) -> list[Word]:
        """The seen marks at a school that say `absent` or `late`, in order of date and slot. Not to be changed."""
        marks = self.marks(school)
        words = marks.notable()
        if marks.latest <= self.as_of:
            return words
        return words[: bisect_right(words, self.as_of, key=lambda word: word.fact.date)]  # type: ignore[union-attr]

    def first_attended(self, school: str, after: date, calendar: SchoolCalendar) -> Word | None:
        """The first seen mark after a date, on a lesson day, that says `present` or `late`."""
        marks = self.marks(school)
        days = marks.days()
        for day in days[bisect_right(days, after) : bisect_right(days, self.as_of)]:
            if marks.attended(day) and calendar.is_lesson_day(day):
                return marks.first_attended(day)
        return None

    def days(self, school: str) -> list[date]:
        """The dates with a seen mark at a school, in order."""
        days = self.marks(school).days()
        return days[: bisect_right(days, self.as_of)]

    def recorded(self, school: str, after: date, calendar: SchoolCalendar) -> Iterator[date]:
        """The lesson days with a seen mark after a date, in order."""
        days = self.marks(school).days()
        seen = days[bisect_right(days, after) : bisect_right(days, self.as_of)]
        return (day for day in seen if calendar.is_lesson_day(day))

    @cached_property
    def born(self) -> date | None:
        """The birth date told by the newest word; None: unknown."""
        newest = max(self._standing.words(PersonRecorded), key=lambda word: word.rank, default=None)
        return newest.fact.birth_date if newest and isinstance(newest.fact, PersonRecorded) else None

    @cached_property
    def contradictions(self) -> Contradictions:
        """What the seen facts say against each other."""
        enrolments = self._standing.words(EnrolmentRecorded)
        seen = (word for word in enrolments if word.fact.from_ <= self.as_of)  # type: ignore[union-attr]
        return Contradictions(self._standing.words(PersonRecorded), seen)

    @cached_property
    def _residences(self) -> list[tuple[date, date | None, str | None]]:
        persons = self._standing.facts(PersonRecorded)
        return sorted(
            ((told.resident_from, told.resident_until, told.municipality) for told in persons if told.resident_from),
            key=lambda row: row[0],
        )  # fmt: skip

    def residences(self) -> list[Span]:
        """When the pupil was told to be resident, in order of the first date; none: unknown."""
        return [(first, last) for first, last, _ in self._residences]

    def municipality(self, day: date) -> str | None:
        """The municipality of the latest `resident_from` not after this date."""
        place = bisect_right(self._residences, day, key=lambda row: row[0])
        return self._residences[place - 1][2] if place else None

    @cached_property
    def _qualifications(self) -> list[tuple[date, str]]:
        told = self._standing.facts(QualificationObtained)
        return sorted((fact.date, fact.level) for fact in told if fact.date <= self.as_of)

    def qualified(self, rules: ObligationRules) -> date | None:
        """The date of the first startkwalificatie."""
        return next((got for got, level in self._qualifications if level in rules.qualifications), None)

    def obligation(self, day: date, rules: ObligationRules) -> Obligation:
        """The pupil's obligation on a date."""
        return obligation.obligation_on(day, born=self.born, qualified=self.qualified(rules), rules=rules)

    def age(self, day: date) -> int | None:
        """Completed years on a date; None where the birth date is unknown."""
        return None if self.born is None else obligation.age_on(day, self.born)

    @cached_property
    def _enrolments(self) -> dict[str, list[EnrolmentRecorded]]:
        told = (fact for fact in self._standing.facts(EnrolmentRecorded) if fact.from_ <= self.as_of)
        by_school: dict[str, list[EnrolmentRecorded]] = {}
        for fact in sorted(told, key=lambda fact: fact.from_, reverse=True):
            by_school.setdefault(fact.school, []).append(fact)
        return by_school

    def enrolled_at(self) -> frozenset[str]:
        """The schools with a seen enrolment, whatever its dates."""
        return frozenset(self._enrolments)

    def enrolments(self, school: str, calendar: SchoolCalendar) -> list[Span]:
        """When the pupil is enrolled at a school: as told, or, without a seen enrolment there, by its marks."""
        told = self._enrolments.get(school)
        if told is not None:
            return [(fact.from_, fact.until) for fact in told]
        implied = self.implied_enrolment(school, calendar)
        return [] if implied is None else [implied]

    def school_type(self, school: str, day: date) -> str | None:
        """Of the enrolment covering the date, the one with the latest `from`; None where there is none."""
        covering = (fact for fact in self._enrolments.get(school, ()) if _covers(fact.from_, fact.until, day))
        enrolment = next(covering, None)
        return None if enrolment is None else enrolment.school_type

    def enrolled(self, school: str, day: date, calendar: SchoolCalendar) -> bool:
        """Whether the pupil is enrolled at a school on a date; without a seen enrolment there, by its marks."""
        told = self._enrolments.get(school)
        if told is not None:
            return any(_covers(fact.from_, fact.until, day) for fact in told)
        implied = self.implied_enrolment(school, calendar)
        return implied is not None and _covers(*implied, day)

    def implied_enrolment(self, school: str, calendar: SchoolCalendar) -> tuple[date, date] | None:
        """From the first mark on a lesson day until 31 July of the school year of the last one.

        None where there is no such mark, or a seen enrolment at this school.
        """
        if school in self._implied:
            return self._implied[school]
        enrolled = None if school in self._enrolments else self._from_marks(school, calendar)
        self._implied[school] = enrolled
        return enrolled

    def _from_marks(self, school: str, calendar: SchoolCalendar) -> tuple[date, date] | None:
        days = self.marks(school).days()
        seen = range(bisect_right(days, self.as_of))
        first = next((days[place] for place in seen if calendar.is_lesson_day(days[place])), None)
        if first is None:
            return None
        last = next(days[place] for place in reversed(seen) if calendar.is_lesson_day(days[place]))
        return first, last_day(last)

    @cached_property
    def _leaves(self) -> list[LeaveGranted]:
        return [fact for fact in self._standing.facts(LeaveGranted) if fact.from_ <= self.as_of]

    def on_leave(self, school: str, day: date) -> bool:
        """Whether leave at this school covers the date."""
        return any(fact.school == school and _covers(fact.from_, fact.until, day) for fact in self._leaves)

    @cached_property
    def _exemptions(self) -> list[ExemptionGranted]:
        return [fact for fact in self._standing.facts(ExemptionGranted) if fact.from_ <= self.as_of]

    def exemptions(self) -> list[Span]:
        """The dates covered by an exemption."""
        return [(fact.from_, fact.until) for fact in self._exemptions]

    def exempt(self, day: date) -> bool:
        """Whether an exemption covers the date."""
        return any(_covers(fact.from_, fact.until, day) for fact in self._exemptions)

    @cached_property
    def _arrangements(self) -> list[ArrangementSet]:
        return [fact for fact in self._standing.facts(ArrangementSet) if fact.from_ <= self.as_of]

    def arrangements(self, school: str) -> Iterable[ArrangementSet]:
        """What was arranged at this school or everywhere."""
        return [fact for fact in self._arrangements if fact.school in {None, school}]

    @cached_property
    def _sick_reports(self) -> list[tuple[Word, SickReported]]:
        told = ((word, word.fact) for word in self._standing.words(SickReported))
        seen = (
            (word, fact) for word, fact in told if isinstance(fact, SickReported) and fact.from_ <= self.as_of
        )
        return sorted(seen, key=lambda row: row[1].from_)

    def sick_reports(self, school: str) -> list[tuple[Word, SickReported]]:
        """The spells of illness reported by a school, in order of their first date."""
        return [row for row in self._sick_reports if row[1].school == school]

    @cached_property
    def _reports(self) -> list[SchoolReported]:
        return [fact for fact in self._standing.facts(SchoolReported) if fact.date <= self.as_of]

    def reports(self, school: str | None) -> Iterable[SchoolReported]:
        """Reports by this school, or (None) by all."""
        return [fact for fact in self._reports if school in {None, fact.school}]

    def reports_since(self, school: str | None, start: date) -> tuple[ReportSeen, ...]:
        """Reports by this school, or (None) by all, from a date on."""
        seen = (fact for fact in self.reports(school) if fact.date >= start)
        told = sorted(seen, key=lambda fact: (fact.date, fact.kind, fact.school))
        return tuple(ReportSeen(fact.kind, fact.date, fact.announced) for fact in told)

    @cached_property
    def _signals(self) -> list[CareSignalled]:
        told = (fact for fact in self._standing.facts(CareSignalled) if fact.date <= self.as_of)
        return sorted(told, key=lambda fact: (fact.date, fact.signal))

    def signals_since(self, start: date) -> tuple[SignalSeen, ...]:
        """Per signal the latest from a date on, wherever it was given."""
        latest = {fact.signal: fact for fact in self._signals if fact.date >= start}
        told = sorted(latest.values(), key=lambda fact: (fact.date, fact.signal))
        return tuple(SignalSeen(fact.signal, fact.date, fact.help_in_place) for fact in told)


def _covers(first: date, last: date | None, day: date) -> bool:
    return first <= day and (last is None or day <= last)
