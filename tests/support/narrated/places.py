"""Who speaks in the stories, and when there are lessons: schools with the real school holidays, municipalities, children."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aanwezig.contracts.identifiers import municipality_source, school_source

Event = dict[str, Any]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Year:
    """A school year of a holiday region. `lessons` are its first and last day; `free` single days off."""

    lessons: tuple[str, str]
    holidays: tuple[tuple[str, str], ...]
    free: tuple[str, ...]

    @property
    def begins(self) -> str:
        return f"{self.lessons[0][:4]}-08-01"

    @property
    def ends(self) -> str:
        return f"{self.lessons[1][:4]}-07-31"


# The national plan of school holidays. Free: Easter Monday, King's day, Ascension and the day after, Whit Monday.
NORTH_2021 = Year(
    ("2021-08-30", "2022-07-15"),
    (("2021-10-16", "2021-10-24"), ("2021-12-25", "2022-01-09"), ("2022-02-19", "2022-02-27"), ("2022-04-30", "2022-05-08")),
    ("2022-04-18", "2022-04-27", "2022-05-26", "2022-05-27", "2022-06-06"),
)  # fmt: skip
NORTH_2022 = Year(
    ("2022-08-29", "2023-07-21"),
    (("2022-10-15", "2022-10-23"), ("2022-12-24", "2023-01-08"), ("2023-02-25", "2023-03-05"), ("2023-04-29", "2023-05-07")),
    ("2023-04-10", "2023-04-27", "2023-05-18", "2023-05-19", "2023-05-29"),
)  # fmt: skip
NORTH_2023 = Year(
    ("2023-09-04", "2024-07-19"),
    (("2023-10-21", "2023-10-29"), ("2023-12-23", "2024-01-07"), ("2024-02-17", "2024-02-25"), ("2024-04-27", "2024-05-05")),
    ("2024-04-01", "2024-05-09", "2024-05-10", "2024-05-20"),
)  # fmt: skip
NORTH_2024 = Year(
    ("2024-09-02", "2025-07-11"),
    (("2024-10-26", "2024-11-03"), ("2024-12-21", "2025-01-05"), ("2025-02-15", "2025-02-23"), ("2025-04-26", "2025-05-04")),
    ("2025-04-21", "2025-05-29", "2025-05-30", "2025-06-09"),
)  # fmt: skip
MIDDLE_2024 = Year(
    ("2024-09-02", "2025-07-18"),
    (("2024-10-26", "2024-11-03"), ("2024-12-21", "2025-01-05"), ("2025-02-22", "2025-03-02"), ("2025-04-26", "2025-05-04")),
    ("2025-04-21", "2025-05-29", "2025-05-30", "2025-06-09"),
)  # fmt: skip
MIDDLE_2025 = Year(
    ("2025-09-01", "2026-07-17"),
    (("2025-10-18", "2025-10-26"), ("2025-12-20", "2026-01-04"), ("2026-02-14", "2026-02-22"), ("2026-04-25", "2026-05-03")),
    ("2026-04-06", "2026-05-14", "2026-05-15", "2026-05-25"),
)  # fmt: skip


def _numbers() -> Iterator[str]:
    """Numbers that pass the eleven-test of a BSN, from a range that is given to nobody."""
    for body in range(99990001, 99991000):
        rest = sum(int(digit) * weight for digit, weight in zip(str(body), range(9, 1, -1), strict=True)) % 11
        if rest < 10:
            yield f"{body}{rest}"


_NUMBERS = tuple(_numbers())


@dataclass(frozen=True)
class Child:
    """A child of a story: who it is in the story, its place in the list of numbers, its birth date."""

    name: str
    place: int
    born: str

    @property
    def ref(self) -> dict[str, str]:
        return {"number": _NUMBERS[self.place]}


def said(source: str, name: str, data: dict[str, Any], on: str, *, logged: str | None = None) -> Event:
    """A fact as submitted, logged in the afternoon of the day it is about unless told otherwise."""
    about = [str(value) for key, value in data.items() if key in {"date", "from", "slot", "kind", "signal"}]
    who = data.get("pupil", {}).get("number", data.get("school", ""))
    when = logged or on
    return {
        "specversion": "1.0",
        "id": "/".join([name, who, *about, when]),
        "source": source,
        "type": f"nl.attendance.{name}.v1",
        "datacontenttype": "application/json",
        "time": f"{when}T15:30:00Z",
        "data": data,
    }


def optional(**fields: Any) -> dict[str, Any]:
    """The fields that have a value; a name ending in `_` is a word of the language."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Town:
    """A municipality, by its CBS code."""

    code: str

    def registers(
        self, child: Child, since: str, *, until: str | None = None, because: str | None = None, logged: str | None = None
    ) -> tuple[Event, ...]:  # fmt: skip
        """That a child lives here, as the population register says."""
        more = optional(resident_until=until, left_because=because)
        data = {
            "pupil": child.ref, "birth_date": child.born, "municipality": self.code, "resident_from": since, **more,
        }  # fmt: skip
        return (said(municipality_source(self.code), "person-recorded", data, since, logged=logged),)


@dataclass(frozen=True)
class School:
    """A school: BRIN and two digits, its type, and the years of which it tells the calendar (none: it tells none)."""

    id: str
    type: str
    years: tuple[Year, ...] = ()

    def says(self, name: str, data: dict[str, Any], on: str, *, logged: str | None = None) -> Event:
        """A fact of this school's own system."""
        return said(school_source(self.id[:4]), name, data, on, logged=logged)

    def enrols(
        self, child: Child, since: str, until: str | None = None, *, logged: str | None = None
    ) -> tuple[Event, ...]:
        """An enrolment, and the birth date, which the school knows from then on."""
        data = {"pupil": child.ref, "school": self.id, "school_type": self.type, "from": since}
        born = {"pupil": child.ref, "birth_date": child.born}
        return (
            self.says("enrolment-recorded", data | optional(until=until), since, logged=logged),
            self.says("person-recorded", born, since, logged=logged),
        )

    def marks(
        self, child: Child, days: Iterable[str], state: str, *, slots: tuple[str, ...] = ("morning",), minutes: int = 240,
        authorised: bool | None = None, reason: str | None = None, missed: int | None = None, logged: str | None = None,
    ) -> tuple[Event, ...]:  # fmt: skip
        """A mark for each slot of each day. A morning of 240 minutes counts for four hours, a lesson of 50 for one."""
        more = optional(authorised=authorised, reason=reason, missed=missed)
        return tuple(
            self.says(
                "mark-recorded",
                {"pupil": child.ref, "school": self.id, "date": day, "slot": slot, "minutes": minutes, "state": state, **more},
                day,
                logged=logged,
            )
            for day in days
            for slot in slots
        )  # fmt: skip

    def present(self, child: Child, days: Iterable[str]) -> tuple[Event, ...]:
        return self.marks(child, days, "present")

    def truant(self, child: Child, days: Iterable[str], **how: Any) -> tuple[Event, ...]:
        """Absent without permission."""
        return self.marks(child, days, "absent", **{"authorised": False, **how})

    def excused(self, child: Child, days: Iterable[str], **how: Any) -> tuple[Event, ...]:
        """Absent with permission."""
        return self.marks(child, days, "absent", **{"authorised": True, **how})

    def sick(self, child: Child, since: str, until: str | None = None) -> tuple[Event, ...]:
        data = {"pupil": child.ref, "school": self.id, "from": since} | optional(until=until)
        return (self.says("sick-reported", data, since),)

    def arranges(
        self, child: Child, kind: str, since: str, until: str | None = None, *, hours: int | None = None
    ) -> tuple[Event, ...]:
        data = {"pupil": child.ref, "school": self.id, "kind": kind, "from": since}
        return (self.says("arrangement-set", data | optional(until=until, hours_a_week=hours), since),)

    def signals(self, child: Child, signal: str, on: str, *, helped: bool = False) -> tuple[Event, ...]:
        data = {"pupil": child.ref, "school": self.id, "signal": signal, "date": on, "help_in_place": helped}
        return (self.says("care-signalled", data, on),)

    def reports(self, child: Child, kind: str, on: str, *, logged: str | None = None) -> tuple[Event, ...]:
        data = {"pupil": child.ref, "school": self.id, "kind": kind, "date": on}
        return (self.says("school-reported", data, on, logged=logged),)

    def awards(self, child: Child, level: str, on: str) -> tuple[Event, ...]:
        return (self.says("qualification-obtained", {"pupil": child.ref, "date": on, "level": level}, on),)

    def days(self, first: str, last: str) -> Iterator[str]:
        """The lesson days from the first to the last, both included."""
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            if any(_has_lessons(year, day) for year in self.years):
                yield day.isoformat()
            day += ONE_DAY

    def around(self, until: date) -> tuple[Event, ...]:
        """The calendars, and a classmate who is there every lesson day: a school that speaks is not silent."""
        if not self.years:
            return ()
        first = self.years[0].begins
        mate = {"pupil": {"local": "classmate"}, "school": self.id}
        days = self.days(first, until.isoformat())
        return (
            *(self.says("calendar-recorded", self._calendar(year), year.begins) for year in self.years),
            self.says("enrolment-recorded", {**mate, "school_type": self.type, "from": first}, first),
            *(
                self.says("mark-recorded", {**mate, "date": day, "slot": "morning", "minutes": 240, "state": "present"}, day)
                for day in days
            ),
        )  # fmt: skip

    def _calendar(self, year: Year) -> dict[str, Any]:
        first, last = map(date.fromisoformat, year.lessons)
        summers = ((year.begins, (first - ONE_DAY).isoformat()), ((last + ONE_DAY).isoformat(), year.ends))
        holidays = [{"from": begin, "until": end} for begin, end in (*summers, *year.holidays)]
        return {
            "school": self.id, "from": year.begins, "until": year.ends, "weekdays": [1, 2, 3, 4, 5],
            "holidays": holidays, "extra_free": list(year.free),
        }  # fmt: skip


def _has_lessons(year: Year, day: date) -> bool:
    text = day.isoformat()
    return (
        day.isoweekday() <= 5
        and year.lessons[0] <= text <= year.lessons[1]
        and text not in year.free
        and not any(first <= text <= last for first, last in year.holidays)
    )
