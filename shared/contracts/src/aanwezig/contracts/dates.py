"""Dates as the law means them: calendar dates in Europe/Amsterdam (`rules.md` 1)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def amsterdam_date(moment: datetime) -> date:
    """The calendar date in Amsterdam at an instant (an aware datetime)."""
    return moment.astimezone(AMSTERDAM).date()


def utc_text(moment: datetime) -> str:
    """An instant as RFC 3339 text in UTC, `2024-09-02T07:05:00Z`; fractions only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
