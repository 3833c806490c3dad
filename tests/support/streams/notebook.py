"""Writes events down: who says what, about whom, and when it was logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

Event = dict[str, Any]
Pupil = dict[str, str]

SCHOOLS = ("25PL00", "25PL01", "17QA02")
MUNICIPALITIES = ("0637", "0150")
PUPILS: tuple[Pupil, ...] = (
    {"number": "100000016"},
    {"number": "999900031"},
    {"number": "100000041"},
    {"local": "leerling-7"},
)
SCHOOL_TYPES = ("vo", "po", "mbo", "vavo", "sbo", "so", "vso", "pro")
LESSON_MINUTES = (50, 45, 60, 70, 90)
ARRANGEMENTS = ("partial-timetable", "education-care", "day-activity", "substitute-programme")
SIGNALS = ("safety", "psychological", "family", "illness", "own-initiative-doubted")
REPORTS = ("light", "light", "light", "luxury", "statutory", "long-term", "lateness", "eighteen-plus")
REASONS = ("truancy", "overslept", "luxury", "unknown", "other")
NATURAL_KEY_FIELDS = ("pupil", "school", "date", "slot", "from", "resident_from", "ground", "kind", "signal")
LAGS = (0, 0, 0, 0, 1, 5, 6, 7, 8, 9, 12, 21, 40)
ZONES = (timezone.utc, timezone(timedelta(hours=1)), timezone(timedelta(hours=2)))  # noqa: UP017 - all three alike


def chance(draw: st.DrawFn, one_in: int) -> bool:
    """True once in so many."""
    return draw(st.integers(1, one_in)) == one_in


@dataclass
class Notebook:
    """Writes events; every one has its own id."""

    draw: st.DrawFn
    year: int
    events: list[Event] = field(default_factory=list)

    def offset(self, days: int) -> date:
        """A date so many days after 1 August."""
        return date(self.year, 8, 1) + timedelta(days=days)

    def some_date(self, low: int = 0, high: int = 340) -> date:
        """A date of the school year."""
        return self.offset(self.draw(st.integers(low, high)))

    def say(
        self, source: str, kind: str, data: dict[str, Any], on: date, *, lag: int = 0, hour: int = 15
    ) -> None:
        """An event logged so many days after the date it is about, at an hour UTC."""
        number = len(self.events) + 1
        moment = datetime.combine(on + timedelta(days=lag), time(hour, number % 60), ZONES[0])
        self.events.append(
            {
                "specversion": "1.0",
                "id": f"f-{number}",
                "source": source,
                "type": f"nl.attendance.{kind}.v1",
                "datacontenttype": "application/json",
                "time": written(moment.astimezone(ZONES[number % 3])),
                "data": data,
            }
        )


def written(moment: datetime) -> str:
    """RFC 3339."""
    return moment.isoformat().replace("+00:00", "Z")


def sender_of(school: str) -> str:
    """The OIN of a school, from its BRIN."""
    return f"urn:nld:oin:0000000700000000{school[:4]}"


def town_of(municipality: str) -> str:
    """The OIN of a municipality."""
    return f"urn:nld:oin:00000099{municipality:0>12}"


@dataclass(frozen=True)
class Place:
    """A pupil at a school, and who says so."""

    pupil: Pupil
    school: str
    source: str

    def about(self, **data: Any) -> dict[str, Any]:
        """Data that names both."""
        return {"pupil": self.pupil, "school": self.school, **data}


def weekdays(first: date, count: int, *, step: int = 1) -> list[date]:
    """So many Mondays to Fridays from a date on, every step-th."""
    found: list[date] = []
    on = first
    while len(found) < count * step:
        if on.isoweekday() <= 5:
            found.append(on)
        on += timedelta(days=1)
    return found[::step]


def mark(
    book: Notebook,
    place: Place,
    on: date,
    slot: str,
    *,
    minutes: int = 50,
    state: str = "absent",
    lag: int = 0,
    **more: Any,
) -> None:
    """A mark; what is None is left out."""
    told = {name: value for name, value in more.items() if value is not None}
    data = place.about(date=str(on), slot=slot, minutes=minutes, state=state, **told)
    book.say(place.source, "mark-recorded", data, on, lag=lag, hour=22 if lag % 2 else 15)
