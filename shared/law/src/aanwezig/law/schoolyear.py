"""The school year runs from 1 August to 31 July, by date (`rules.md` 1)."""

from datetime import date

_FIRST_MONTH = 8


def starting_year(day: date) -> int:
    """The calendar year in which the school year of this date begins."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def school_year(day: date) -> str:
    """The name of the school year of a date: `2024-2025`."""
    start = starting_year(day)
    return f"{start}-{start + 1}"


def first_day(day: date) -> date:
    """1 August of the school year of a date (the first date there is, before the year 1 has an August)."""
    return date(max(starting_year(day), date.min.year), _FIRST_MONTH, 1) if day.year > 1 else date.min


def last_day(day: date) -> date:
    """31 July of the school year of a date (the last date there is, where the calendar ends before it)."""
    end = starting_year(day) + 1
    return date(end, _FIRST_MONTH - 1, 31) if end <= date.max.year else date.max
