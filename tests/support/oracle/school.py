"""When a school has lessons."""

from __future__ import annotations

from datetime import date, timedelta

from support.oracle.facts import Fact

ONE_DAY = timedelta(days=1)
MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5]


def dates(first: date, last: date) -> list[date]:
    """Every date from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def school_year_of(on: date) -> int:
    """The calendar year in which the school year of a date began."""
    return on.year if on.month >= 8 else on.year - 1


def school_year_name(on: date) -> str:
    """As "2024-2025"."""
    return f"{school_year_of(on)}-{school_year_of(on) + 1}"


def first_of_school_year(on: date) -> date:
    """1 August."""
    return date(school_year_of(on), 8, 1)


def last_of_school_year(on: date) -> date:
    """31 July."""
    return date(school_year_of(on) + 1, 7, 31)


class School:
    """One school's calendar."""

    def __init__(self, calendars: list[Fact]) -> None:
        self.calendars = calendars
        self.assumed = not calendars
        self._lesson_days: dict[date, bool] = {}
        self._lesson_weeks: dict[date, bool] = {}

    def lesson_day(self, on: date) -> bool:
        """Whether the school has lessons on a date."""
        if on not in self._lesson_days:
            self._lesson_days[on] = self._has_lessons(on)
        return self._lesson_days[on]

    def _has_lessons(self, on: date) -> bool:
        if self.assumed:
            return on.isoweekday() in MONDAY_TO_FRIDAY
        covering = [calendar for calendar in self.calendars if calendar.covers(on)]
        if not covering:
            return False
        calendar = max(covering, key=lambda fact: fact.dated).data
        in_holiday = any(
            date.fromisoformat(holiday["from"]) <= on <= date.fromisoformat(holiday["until"])
            for holiday in calendar.get("holidays", [])
        )
        extra_free = on.isoformat() in calendar.get("extra_free", [])
        return on.isoweekday() in calendar["weekdays"] and not in_holiday and not extra_free

    def in_lesson_week(self, on: date) -> bool:
        """Whether the Monday-to-Sunday week of a date has a lesson day."""
        monday = on - timedelta(days=on.isoweekday() - 1)
        if monday not in self._lesson_weeks:
            week = dates(monday, monday + timedelta(days=6))
            self._lesson_weeks[monday] = any(self.lesson_day(other) for other in week)
        return self._lesson_weeks[monday]

    def lesson_week_time(self, first: date, last: date) -> list[date]:
        """The dates between two dates that lie in lesson weeks."""
        return [on for on in dates(first, last) if self.in_lesson_week(on)]

    def days_ending_on(self, count: int, last: date) -> list[date]:
        """The last so many dates of lesson-week time not after a date; fewer where the calendar begins."""
        found: list[date] = []
        on = last
        while len(found) < count and (self.assumed or on >= self._beginning()):
            if self.in_lesson_week(on):
                found.append(on)
            on -= ONE_DAY
        return found[::-1]

    def _beginning(self) -> date:
        return min(calendar.dated for calendar in self.calendars) - timedelta(days=7)
