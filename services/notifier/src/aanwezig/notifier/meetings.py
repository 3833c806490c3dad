"""When a table meets and when a week ends: what falls due as days close. Pure."""

from datetime import date, timedelta
from typing import Final

from aanwezig.contracts.messages import Meetings

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_FRIDAY: Final = 5
WEEKLY: Final = Meetings(first=date(2001, 1, 1), every_weeks=1)
"""A table that did not say when it meets: each Monday."""


def meeting_after(meets: Meetings | None, before: date, until: date) -> date | None:
    """The latest meeting whose day before is closed by `until`, and was not by `before`; None: there is none."""
    chosen = meets or WEEKLY
    every = chosen.every_weeks * _WEEK
    latest = until + _DAY
    if latest < chosen.first:
        return None
    meeting = chosen.first + (latest - chosen.first) // every * every
    return meeting if meeting > before + _DAY else None


def friday_after(before: date, until: date) -> date | None:
    """The latest Friday after `before`, up to and including `until`; None: there is none."""
    friday = week_of(until)[1]
    friday = friday if friday <= until else friday - _WEEK
    return friday if friday > before else None


def week_of(day: date) -> tuple[date, date]:
    """The week a date lies in: its Saturday and its Friday."""
    friday = day + timedelta(days=(_FRIDAY - day.isoweekday()) % 7)
    return friday - _WEEK + _DAY, friday
