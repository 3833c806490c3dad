"""The invented places: three schools of three types, two municipalities, their systems and their calendars.

The holidays are those of a Dutch school year; all names and codes are invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from aanwezig.contracts.identifiers import municipality_source, school_source, sender_of

YEAR: Final = "2024-2025"
FIRST: Final = date(2024, 8, 1)
LAST: Final = date(2025, 7, 31)
WEEKDAY_NAMES: Final = ("1", "2", "3", "4", "5", "6", "7")

_HOLIDAYS: Final = (
    (date(2024, 8, 1), date(2024, 9, 1), "zomervakantie"),
    (date(2024, 10, 26), date(2024, 11, 3), "herfstvakantie"),
    (date(2024, 12, 21), date(2025, 1, 5), "kerstvakantie"),
    (date(2025, 2, 15), date(2025, 2, 23), "voorjaarsvakantie"),
    (date(2025, 4, 18), date(2025, 4, 21), "Pasen"),
    (date(2025, 4, 26), date(2025, 5, 5), "meivakantie"),
    (date(2025, 5, 29), date(2025, 5, 30), "Hemelvaart"),
    (date(2025, 6, 9), date(2025, 6, 9), "tweede pinksterdag"),
    (date(2025, 7, 12), date(2025, 7, 31), "zomervakantie"),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One slot of a timetable; `minutes` is its length."""

    slot: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a school has lessons between two dates, both included."""

    first: date
    last: date
    weekdays: tuple[int, ...]
    holidays: tuple[tuple[date, date, str], ...]
    extra_free: tuple[date, ...]

    def has_lessons(self, day: date) -> bool:
        """Whether this calendar has lessons on a date that it covers."""
        if day.isoweekday() not in self.weekdays or day in self.extra_free:
            return False
        return not any(begin <= day <= end for begin, end, _ in self.holidays)


@dataclass(frozen=True, slots=True)
class School:
    """A school: its id (BRIN and two digits), its type, where it lies, its timetable by ISO weekday, its calendars.

    `declared_free` is a date that the school declared free only afterwards: the first telling of its calendar, and
    the marks of that date, do not know it yet.
    """

    id: str
    name: str
    type: str
    municipality: str
    contact: str
    timetable: Mapping[int, tuple[Lesson, ...]] = field(hash=False)
    calendars: tuple[Calendar, ...] = ()
    declared_free: date | None = None

    def has_lessons(self, day: date) -> bool:
        """Whether a date is a lesson day: by the calendar that covers it and begins last."""
        covering = [calendar for calendar in self.calendars if calendar.first <= day <= calendar.last]
        return bool(covering) and max(covering, key=lambda calendar: calendar.first).has_lessons(day)

    def lesson_days(self) -> list[date]:
        """All lesson days of the year, in order."""
        return [day for day in year() if self.has_lessons(day)]

    def marked_days(self) -> list[date]:
        """The dates of which the school says marks: its lesson days, and the one it declared free afterwards."""
        return [day for day in year() if self.has_lessons(day) or day == self.declared_free]


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality by CBS code; `packs` are rule packs with the ISO date from which each holds."""

    code: str
    name: str
    packs: tuple[tuple[str, str], ...] = (("nl-2024", "2022-08-01"),)


@dataclass(frozen=True, slots=True)
class System:
    """A system that submits: `source` of its events, the schools it speaks for (none: a municipality's own)."""

    name: str
    oin: str
    source: str
    schools: tuple[str, ...]
    municipality: str


def year() -> list[date]:
    """Every date from 2024-08-01 through 2025-07-31."""
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def municipalities() -> tuple[Municipality, ...]:
    """The two municipalities."""
    return (Municipality("9901", "Waterhoeve"), Municipality("9902", "Zandrijk"))


def schools() -> tuple[School, ...]:
    """A primary school, a secondary school and a college, in that order."""
    return (_primary(), _secondary(), _college())


def systems() -> tuple[System, ...]:
    """One system for each school and one for each municipality."""
    told = [
        _system(f"{school.type}-{school.id.lower()}", school.id, school.municipality) for school in schools()
    ]
    towns = [_system(f"gemeente-{town.code}", None, town.code) for town in municipalities()]
    return (*told, *towns)


def calendar_data(school: School, calendar: Calendar, *, first_telling: bool) -> dict[str, Any]:
    """The `calendar-recorded` data of one calendar; the first telling does not know the day declared free later."""
    free = [day for day in calendar.extra_free if not (first_telling and day == school.declared_free)]
    return {
        "school": school.id,
        "from": calendar.first.isoformat(),
        "until": calendar.last.isoformat(),
        "weekdays": list(calendar.weekdays),
        "holidays": [
            {"from": begin.isoformat(), "until": end.isoformat(), "name": name}
            for begin, end, name in calendar.holidays
        ],
        "extra_free": [day.isoformat() for day in free],
        "usual_slots": {str(weekday): len(lessons) for weekday, lessons in school.timetable.items()},
    }


def _primary() -> School:
    morning = Lesson("morning", 210)
    timetable = {
        1: (morning, Lesson("afternoon", 105)),
        2: (morning, Lesson("afternoon", 120)),
        3: (morning,),
        4: (morning, Lesson("afternoon", 100)),
        5: (morning,),
    }
    free = (date(2024, 10, 7), date(2025, 2, 12), date(2025, 6, 10))
    school = School("99AA00", "Basisschool De Wilgentak", "po", "9901", "post@wilgentak.example", timetable)
    return replace(school, calendars=(_whole_year((1, 2, 3, 4, 5), free),))


def _secondary() -> School:
    lessons = tuple(Lesson(f"lesson-{number}", 50) for number in range(1, 6))
    timetable = {1: lessons[:4], 2: lessons, 3: lessons[:4], 4: lessons, 5: lessons[:4]}
    declared = date(2025, 1, 15)
    free = (date(2024, 11, 20), declared, date(2025, 3, 19))
    school = School("99BB01", "Veldlyceum", "vo", "9901", "verzuim@veldlyceum.example", timetable)
    return replace(school, calendars=(_whole_year((1, 2, 3, 4, 5), free),), declared_free=declared)


def _college() -> School:
    long, short = Lesson("lesson-1", 90), Lesson("lesson-2", 60)
    timetable = {1: (long, short), 2: (long,), 4: (long, short)}
    first, last = _whole_year((1, 2, 4), (date(2024, 12, 5),)), _whole_year((1, 2, 4), (date(2025, 5, 8),))
    halves = (replace(first, last=date(2025, 1, 31)), replace(last, first=date(2025, 2, 1)))
    school = School("99CC00", "ROC Zandrijk", "mbo", "9902", "verzuim@roczandrijk.example", timetable)
    return replace(school, calendars=halves)


def _whole_year(weekdays: tuple[int, ...], extra_free: tuple[date, ...]) -> Calendar:
    return Calendar(FIRST, LAST, weekdays, _HOLIDAYS, extra_free)


def _system(name: str, school: str | None, municipality: str) -> System:
    source = school_source(school[:4], name) if school else municipality_source(municipality, name)
    sender = sender_of(source)
    if sender is None:
        raise ValueError(f"no source: {source}")
    return System(name, sender.oin, source, (school,) if school else (), municipality)
