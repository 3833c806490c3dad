"""Streaks of absent days (`rules.md` 3, *Streak*): what home-sitters and long-term absence are measured in.

Length is counted in dates of lesson-week time. A silent day (no mark) neither breaks a streak nor lengthens it:
silence is no evidence.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aanwezig.law.calendar import SchoolCalendar


@dataclass(frozen=True, slots=True)
class Streak:
    """Successive absent days, in order, and the length of the streak at each of them."""

    days: tuple[date, ...]
    lengths: tuple[int, ...]

    @property
    def length(self) -> int:
        """The length so far: to the last absent day."""
        return self.lengths[-1]

    def reached(self, holds: Callable[[int], bool]) -> date | None:
        """The first absent day at which the length is enough."""
        return next((day for day, length in zip(self.days, self.lengths, strict=True) if holds(length)), None)


def streaks(
    absent: Sequence[date],
    *,
    recorded: Sequence[date],
    calendar: SchoolCalendar,
    ended: Iterable[tuple[date, date | None]] = (),
) -> Iterator[Streak]:
    """The streaks of the absent days, in order.

    Args:
        absent: the absent days, in order: lesson days, all among `recorded`.
        recorded: the dates with a mark, in order; those that are lesson days and not absent days break a streak.
        calendar: of the school.
        ended: ranges of dates, both ends included (None: open), whose lesson days break a streak, marks or not.
    """
    ends = list(ended)
    days: list[date] = []
    lengths: list[int] = []
    for day in absent:
        if any(first <= day and (last is None or day <= last) for first, last in ends):
            continue  # the next absent day finds a recorded day between that is none
        if days and _broken(days[-1], day, recorded, calendar, ends):
            yield Streak(tuple(days), tuple(lengths))
            days, lengths = [], []
        # What lies between two absent days of one streak is days off after the first, silent days, and days off
        # after those: only the first lengthen it.
        lengths.append(lengths[-1] + calendar.days_off_after(days[-1]) + 1 if days else 1)
        days.append(day)
    if days:
        yield Streak(tuple(days), tuple(lengths))


def longest_possible(absent: Iterable[date], calendar: SchoolCalendar) -> int:
    """A bound no streak of these days exceeds: as long as they are together."""
    return sum(1 + calendar.days_off_after(day) for day in absent)


def _broken(
    before: date,
    day: date,
    recorded: Sequence[date],
    calendar: SchoolCalendar,
    ends: Iterable[tuple[date, date | None]],
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
