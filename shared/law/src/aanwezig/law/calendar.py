"""When a school has lessons, and time counted in lesson weeks (`rules.md` 1).

A calendar is kept as a few stretches of dates; lesson weeks as runs of weeks of one nature. Both are found by
bisection, so that a calendar until the year 9999 costs no more than one of a year.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final, Protocol

from aanwezig.contracts.facts import CalendarRecorded, Retraction, Word

_FIRST: Final = date.min.toordinal()
_LAST: Final = date.max.toordinal()
_WEEK: Final = 7
_MONDAY_TO_FRIDAY: Final = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Dates (as ordinals, both ends included) on which one calendar record holds."""

    first: int
    last: int
    weekdays: frozenset[int]
    free: tuple[tuple[int, int], ...]
    """Free dates as ranges, both ends included: in order, none touching another."""

    def has_lessons(self, day: int) -> bool:
        if not self.first <= day <= self.last or _weekday(day) not in self.weekdays:
            return False
        place = bisect_right(self.free, (day, _LAST)) - 1
        return place < 0 or self.free[place][1] < day

    def edges(self) -> Iterator[int]:
        """The dates before and after which weeks may differ."""
        yield self.first
        yield self.last
        for first, last in self.free:
            yield first
            yield last


@dataclass(frozen=True, slots=True)
class _WeekRun:
    """Successive lesson weeks, both ends included; `before` is how many lesson weeks precede them."""

    first: int
    last: int
    before: int


class SchoolCalendar:
    """The dates on which one school has lessons, from its standing calendar records.

    Without any record: Monday to Friday, for ever, and `assumed`. Where records overlap, the one with the latest
    `from` holds. Nothing is computed before it is asked for; answers about single dates are kept.
    """

    def __init__(self, records: Iterable[CalendarRecorded]) -> None:
        by_from = {record.from_: record for record in records}
        self.records: Final = tuple(by_from[day] for day in sorted(by_from))
        self.assumed: Final = not self.records
        self._lesson_days: dict[date, bool] = {}
        self._days_off: dict[date, int] = {}

    def is_lesson_day(self, day: date) -> bool:
        """Whether the school has lessons on this date."""
        known = self._lesson_days.get(day)
        if known is None:
            known = self._lesson_days[day] = self._has_lessons(day.toordinal())
        return known

    def in_lesson_week(self, day: date) -> bool:
        """Whether the week of this date, Monday to Sunday, has at least one lesson day."""
        return self._run_of(_week(day.toordinal())) is not None

    def position(self, day: date) -> int:
        """How many dates of lesson-week time there are up to and including this date.

        Only differences mean something: the count begins where the calendar begins.
        """
        ordinal = day.toordinal()
        return self._position(ordinal)

    def days_between(self, first: date, last: date) -> int:
        """The number of dates of lesson-week time from `first` to `last`, both included."""
        return self._position(last.toordinal()) - self._position(first.toordinal() - 1)

    def window(self, day: date, days: int) -> tuple[date, date] | None:
        """First and last of the last `days` dates of lesson-week time not after `day`.

        Where the calendar has fewer, from the first there is; None where it has none.
        """
        last = self._position(day.toordinal())
        if last == 0:
            return None
        return self._date_at(max(1, last - days + 1)), self._date_at(last)

    def next_lesson_day(self, day: date) -> date | None:
        """The first lesson day after this date."""
        ordinal = day.toordinal()
        start = _week(ordinal)
        runs = self._runs
        place = bisect_right(self._run_starts, start) - 1
        for run in runs[max(place, 0) : place + 2]:
            first_week = max(run.first, start)
            for week in range(first_week, min(run.last, first_week + 1) + 1):
                for candidate in range(max(_monday(week), ordinal + 1), _monday(week) + _WEEK):
                    if self._has_lessons(candidate):
                        return date.fromordinal(candidate)
        return None

    def has_lesson_day(self, first: date, last: date) -> bool:
        """Whether there is a lesson day from `first` to `last`, both included."""
        if first > last:
            return False
        if self.is_lesson_day(first):
            return True
        following = self.next_lesson_day(first)
        return following is not None and following <= last

    def runs(self, lesson_days: Iterable[date]) -> Iterator[list[date]]:
        """The maximal runs of successive lesson days among these, given in order."""
        run: list[date] = []
        for day in lesson_days:
            if run and self.next_lesson_day(run[-1]) != day:
                yield run
                run = []
            run.append(day)
        if run:
            yield run

    def days_off_after(self, day: date) -> int:
        """How many dates of lesson-week time lie between this date and the next lesson day, neither included."""
        known = self._days_off.get(day)
        if known is None:
            following = self.next_lesson_day(day)
            end = _LAST if following is None else following.toordinal() - 1
            known = self._days_off[day] = self._position(end) - self._position(day.toordinal())
        return known

    @cached_property
    def fingerprint(self) -> str:
        """Changes when what the records say about lessons changes; the same in every process."""
        if self.assumed:
            return "assumed"
        said = "\n".join(
            f"{stretch.first} {stretch.last} {sorted(stretch.weekdays)} {stretch.free}"
            for stretch in self._stretches
        )
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @cached_property
    def _stretches(self) -> tuple[_Stretch, ...]:
        if self.assumed:
            return (_Stretch(_FIRST, _LAST, _MONDAY_TO_FRIDAY, ()),)
        # Between two neighbouring edges the same records cover every date; of those the latest `from` holds.
        spans = [(record.from_.toordinal(), record.until.toordinal(), record) for record in self.records]
        edges = sorted({edge for first, last, _ in spans for edge in (first, last + 1)})
        stretches = []
        for first, after in pairwise(edges):
            holding = [record for start, end, record in spans if start <= first <= end]
            if holding:
                record = holding[-1]
                stretches.append(
                    _Stretch(first, after - 1, frozenset(record.weekdays), _free(record, first, after - 1))
                )
        return tuple(stretches)

    @cached_property
    def _stretch_starts(self) -> list[int]:
        return [stretch.first for stretch in self._stretches]

    @cached_property
    def _runs(self) -> tuple[_WeekRun, ...]:
        # Weeks between two neighbouring weeks with an edge are all alike: one of them tells their nature.
        special = {_week(edge) for stretch in self._stretches for edge in stretch.edges()}
        borders = sorted({border for week in special for border in (week, week + 1)})
        runs: list[_WeekRun] = []
        for first, after in pairwise(borders):
            monday = _monday(first)
            if not any(self._has_lessons(day) for day in range(monday, monday + _WEEK)):
                continue
            if runs and runs[-1].last == first - 1:
                runs[-1] = _WeekRun(runs[-1].first, after - 1, runs[-1].before)
            else:
                before = runs[-1].before + runs[-1].last - runs[-1].first + 1 if runs else 0
                runs.append(_WeekRun(first, after - 1, before))
        return tuple(runs)

    @cached_property
    def _run_starts(self) -> list[int]:
        return [run.first for run in self._runs]

    def _has_lessons(self, day: int) -> bool:
        place = bisect_right(self._stretch_starts, day) - 1
        return place >= 0 and self._stretches[place].has_lessons(day)

    def _run_of(self, week: int) -> _WeekRun | None:
        place = bisect_right(self._run_starts, week) - 1
        if place < 0 or self._runs[place].last < week:
            return None
        return self._runs[place]

    def _position(self, day: int) -> int:
        week = _week(day)
        place = bisect_right(self._run_starts, week) - 1
        if place < 0:
            return 0
        run = self._runs[place]
        if week > run.last:
            return (run.before + run.last - run.first + 1) * _WEEK
        return (run.before + week - run.first) * _WEEK + _weekday(day)

    def _date_at(self, position: int) -> date:
        weeks, days = divmod(position - 1, _WEEK)
        place = bisect_right(self._runs, weeks, key=lambda run: run.before) - 1
        run = self._runs[place]
        return date.fromordinal(max(_FIRST, _monday(run.first + weeks - run.before) + days))


class CalendarsOf(Protocol):
    """Where the calendars of schools are found."""

    def of(self, school: str) -> SchoolCalendar:
        """The calendar of a school, the assumed one where it told none."""


ASSUMED: Final = SchoolCalendar(())
"""Monday to Friday: the calendar of a school that told none."""


class Calendars(Mapping[str, SchoolCalendar]):
    """The calendars of schools. A view: what stands behind it may grow."""

    def __init__(self, by_school: Mapping[str, SchoolCalendar] | None = None) -> None:
        self._by_school: Final = {} if by_school is None else by_school

    def of(self, school: str) -> SchoolCalendar:
        """The calendar of a school; of one that told none, the assumed one."""
        return self._by_school.get(school, ASSUMED)

    def __getitem__(self, school: str) -> SchoolCalendar:
        return self._by_school[school]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_school)

    def __len__(self) -> int:
        return len(self._by_school)


class CalendarBook:
    """The calendar records that stand, of all schools: newest word per school and `from`, in any order."""

    def __init__(self) -> None:
        self._newest: dict[str, dict[date, Word]] = {}
        self._by_school: dict[str, SchoolCalendar] = {}
        self.calendars: Final = Calendars(self._by_school)

    def apply(self, word: Word) -> bool:
        """Takes in one word about a calendar; True if what stands changed.

        Raises:
            TypeError: the word is not about a calendar.
        """
        fact = word.fact
        if isinstance(fact, CalendarRecorded):
            school, start = fact.school, fact.from_
        elif isinstance(fact, Retraction) and fact.name == "calendar-recorded":
            school, start = fact.key
        else:
            raise TypeError(f"not about a calendar: {word.name}")
        words = self._newest.setdefault(school, {})
        old = words.get(start)
        if old is not None and old.rank >= word.rank:
            return False
        words[start] = word
        standing = [said.fact for said in words.values() if isinstance(said.fact, CalendarRecorded)]
        before = self._by_school.get(school)
        after = SchoolCalendar(standing)
        if (before.records if before else ()) == after.records:
            return False
        if after.assumed:
            del self._by_school[school]
        else:
            self._by_school[school] = after
        return True


def _week(day: int) -> int:
    # The first date there is, 1 January of the year 1, is a Monday.
    return (day - 1) // _WEEK


def _monday(week: int) -> int:
    return week * _WEEK + 1


def _weekday(day: int) -> int:
    return (day - 1) % _WEEK + 1


def _free(record: CalendarRecorded, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The record's free dates within a range, merged where they overlap or touch."""
    ranges = [(holiday.from_.toordinal(), holiday.until.toordinal()) for holiday in record.holidays]
    ranges += [(day.toordinal(), day.toordinal()) for day in record.extra_free]
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(start, first), min(end, last)) for start, end in ranges):
        if start > end:
            continue
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
