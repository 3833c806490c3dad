"""Streaks of absent days (`rules.md` 3, *Streak*): what home-sitters and long-term absence are measured in.

Length is counted in dates of lesson-week time. A silent day (no mark) neither breaks a streak nor lengthens it:
silence is no evidence.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aanwezig.law.calendar import SchoolCalendar

Span = tuple[date, date | None]
"""First and last date, both included; None: open."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Successive absent days, in order, and the length of the streak at each of them."""

    days: tuple[date, ...]
    lengths: tuple[int, ...]

    @property
    def length(self) -> int:
        """The length so far: to the last absent day."""
        return self.lengths[-1]

    def reached(self, limit: int) -> date | None:
        """The first absent day at which the length is enough."""
        place = bisect_left(self.lengths, limit)
        return self.days[place] if place < len(self.days) else None

    def lengthened(self, day: date, calendar: SchoolCalendar) -> "Streak":
        """The streak with its next absent day."""
        # What lies between two absent days of one streak is days off after the first, silent days, and days off
        # after those: only the first lengthen it.
        length = self.length + calendar.days_off_after(self.days[-1]) + 1
        return Streak((*self.days, day), (*self.lengths, length))


def streaks(
    absent: Sequence[date],
    *,
    recorded: Sequence[date],
    calendar: SchoolCalendar,
    ended: Iterable[Span] = (),
) -> Iterator[Streak]:
    """The streaks of the absent days, in order.

    Args:
        absent: the absent days, in order: lesson days, all among `recorded`.
        recorded: the dates with a mark, in order; those that are lesson days and not absent days break a streak.
        calendar: of the school.
        ended: ranges of dates, both ends included (None: open), whose lesson days break a streak, marks or not.
    """
    ends = list(ended)
    streak: Streak | None = None
    for day in absent:
        before, streak = streak, taken_up(streak, day, recorded=recorded, calendar=calendar, ended=ends)
        if before is not None and streak is not None and streak.days[0] != before.days[0]:
            yield before
    if streak is not None:
        yield streak


def taken_up(
    before: Streak | None,
    day: date,
    *,
    recorded: Sequence[date],
    calendar: SchoolCalendar,
    ended: Sequence[Span],
) -> Streak | None:
    """The streak after its next absent day: longer, or another one if it was broken before. Arguments as of `streaks`."""
    if any(first <= day and (last is None or day <= last) for first, last in ended):
        return before  # the next absent day finds a recorded day between that is none
    if before is None or _broken(before.days[-1], day, recorded, calendar, ended):
        return Streak((day,), (1,))
    return before.lengthened(day, calendar)


def longest_possible(absent: Iterable[date], calendar: SchoolCalendar) -> int:
    """A bound no streak of these days exceeds: as long as they are together."""
    return sum(1 + calendar.days_off_after(day) for day in absent)


def _broken(
    before: date,
    day: date,
    recorded: Sequence[date],
    calendar: SchoolCalendar,
    ends: Iterable[Span],
) -> bool:
    """Whether a lesson day strictly between two neighbouring absent days breaks the streak."""
    place = bisect_right(recorded, before)
    while place < len(recorded) and recorded[place] < day:
        if calendar.is_lesson_day(recorded[place]):
            return True
        place += 1
    for first, last in ends:
        start = max(first, date.fromordinal(before.toordinal() + 1))
        end = date.fromordinal(day.toordinal() - 1)
        if calendar.has_lesson_day(start, end if last is None else min(last, end)):
            return True
    return False
