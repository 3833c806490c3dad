"""What a mark counts for: which marks count, for how many hours, and why the others do not (`rules.md` 2).

Hours are exact fractions.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import Final, Literal

from aanwezig.contracts.facts import SLOT_ORDER, MarkRecorded, SickReported, Word
from aanwezig.contracts.findings import Counted, NotCounted
from aanwezig.law.calendar import SchoolCalendar
from aanwezig.law.packs import HourRules
from aanwezig.law.remembered import Settled
from aanwezig.law.schoolyear import first_day
from aanwezig.law.seen import Seen

_date = attrgetter("date")

_MINUTES_IN_HOUR: Final = 60
"""An hour has sixty minutes: no rule of a pack."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A seen absent or late mark, weighed: `reason` None and `hours` where it counts, else why it does not.

    `late` tells whether the lateness ladder counts it.
    """

    fact: str
    time: datetime
    date: date
    slot: str
    absent: bool
    reason: str | None
    hours: Fraction
    late: bool
    said: str | None
    """The code the school gave."""

    def counted(self, *, with_hours: bool) -> Counted:
        """The row of a finding that counts this mark."""
        return Counted(self.fact, self.date, self.slot, self.hours if with_hours else None)

    def amount(self, unit: Literal["hours", "times"]) -> Fraction:
        """What this mark adds to a sum in this unit: its hours, or once."""
        return self.hours if unit == "hours" else Fraction(1)

    def not_counted(self) -> NotCounted:
        """The row of a finding that does not count this mark, with the first reason that holds."""
        return NotCounted(self.fact, self.date, self.slot, self.reason or "")


class Tally:
    """The absent and late marks of one pupil at one school, weighed by one pack's rules on hours."""

    def __init__(
        self,
        seen: Seen,
        school: str,
        calendar: SchoolCalendar,
        rules: HourRules,
        settled: Settled | None = None,
    ) -> None:
        self._settled: Final = Settled() if settled is None else settled
        known: tuple[Mark, ...] = self._settled.marks
        new = seen.notable(school)[len(known) :]
        self.marks: Final = [*known, *(_weighed(word, seen, calendar, rules) for word in new)]
        """In order of date and slot."""
        self._settled.marks = tuple(self.marks[: bisect_left(self.marks, self._settled.until, key=_date)])
        self._calendar: Final = calendar

    @cached_property
    def counted(self) -> list[Mark]:
        """The marks that count, in order."""
        return [mark for mark in self.marks if mark.reason is None]

    @cached_property
    def counted_days(self) -> frozenset[date]:
        """The dates with a mark that counts."""
        return frozenset(mark.date for mark in self.counted)

    @cached_property
    def late(self) -> list[Mark]:
        """The marks the lateness ladder counts, in order."""
        return [mark for mark in self.marks if mark.late]

    @cached_property
    def _running(self) -> list[Fraction]:
        """The hours of the first none, one, two, ... marks together; one that is not counted has none."""
        hours = list(self._settled.hours)
        for mark in self.marks[len(hours) - 1 :]:
            hours.append(hours[-1] + mark.hours if mark.hours else hours[-1])
        self._settled.hours = tuple(hours[: len(self._settled.marks) + 1])
        return hours

    def counted_within(self, first: date, last: date) -> list[Mark]:
        """The counted marks of these dates, both included."""
        return _within(self.counted, first, last)

    def not_counted_within(self, first: date, last: date) -> tuple[NotCounted, ...]:
        """The other marks on those of these dates that lie in lesson weeks."""
        weighed = _within(self.marks, first, last)
        return tuple(
            mark.not_counted()
            for mark in weighed
            if mark.reason is not None and self._calendar.in_lesson_week(mark.date)
        )

    def hours_this_year(self, at: date) -> Fraction:
        """The counted hours in the school year of a date, up to and including it."""
        start = bisect_left(self.marks, first_day(at), key=_date)
        end = bisect_right(self.marks, at, key=_date)
        return self._running[end] - self._running[start]

    def times_late_this_year(self, at: date) -> int:
        """How often late in the school year of a date, up to and including it."""
        return len(_within(self.late, first_day(at), at))


def row_of(word: Word) -> Counted:
    """The row of a finding that counts this mark or sick report, without hours."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        return Counted(word.id, fact.date, fact.slot, None)
    if isinstance(fact, SickReported):
        return Counted(word.id, fact.from_, None, None)
    raise TypeError(f"nothing to count: {word.name}")


def order(mark: Mark | Counted | NotCounted) -> tuple[date, int]:
    """By date, then by slot; what has no slot first."""
    return mark.date, -1 if mark.slot is None else SLOT_ORDER[mark.slot]


def _within(marks: list[Mark], first: date, last: date) -> list[Mark]:
    start = bisect_left(marks, first, key=_date)
    end = bisect_right(marks, last, key=_date)
    return marks[start:end]


def _weighed(word: Word, seen: Seen, calendar: SchoolCalendar, rules: HourRules) -> Mark:
    mark = word.fact
    if not isinstance(mark, MarkRecorded):
        raise TypeError(f"not a mark: {word.name}")
    absent = mark.state == "absent"
    elsewhere = _not_here(mark, seen, calendar)
    reason = _not_meant(mark, rules) or elsewhere or _not_summed(mark, rules)
    return Mark(
        fact=word.id,
        time=word.time,
        date=mark.date,
        slot=mark.slot,
        absent=absent,
        reason=reason,
        hours=Fraction(0) if reason else _hours(mark, seen.school_type(mark.school, mark.date), rules),
        late=not absent and mark.authorised is not True and elsewhere is None,
        said=mark.reason,
    )


def _not_meant(mark: MarkRecorded, rules: HourRules) -> str | None:
    """Why the mark itself is no unauthorised absence, in the order of `rules.md` 2."""
    if mark.state == "late":
        # An excused late arrival adds nothing, whatever the pack says of late ones.
        return None if rules.late_adds and mark.authorised is not True else "late"
    if mark.authorised is True:
        return "authorised"
    return "undetermined" if mark.authorised is None and not rules.undetermined_counts else None


def _not_here(mark: MarkRecorded, seen: Seen, calendar: SchoolCalendar) -> str | None:
    """Why a mark of this pupil, school and date is not looked at, in the order of `rules.md` 2."""
    if not calendar.is_lesson_day(mark.date):
        return "no-lesson-day"
    if not seen.enrolled(mark.school, mark.date, calendar):
        return "not-enrolled"
    if seen.on_leave(mark.school, mark.date):
        return "on-leave"
    return "exempt" if seen.exempt(mark.date) else None


def _not_summed(mark: MarkRecorded, rules: HourRules) -> str | None:
    """Why a pack that counts parts of the day does not count a lesson, or the other way round."""
    if rules.counted_slots is None or mark.slot in rules.counted_slots:
        return None
    return "other-slot"


def _hours(mark: MarkRecorded, school_type: str | None, rules: HourRules) -> Fraction:
    # Of a late mark that adds its missed minutes nothing is known where none are told.
    unsaid = mark.minutes if mark.state == "absent" else 0
    missed = unsaid if mark.missed is None else mark.missed
    lesson = mark.slot.startswith("lesson-")
    if (
        school_type not in rules.clock_hour_school_types
        and lesson
        and mark.minutes <= rules.longest_lesson_hour
    ):
        return Fraction(missed, mark.minutes)
    return Fraction(missed, _MINUTES_IN_HOUR)
