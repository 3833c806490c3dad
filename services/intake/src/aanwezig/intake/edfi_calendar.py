"""Ed-Fi sessions as the calendar of a school.

A session is one `calendar-recorded` from its begin to its end, Monday to Friday: Ed-Fi tells no weekdays. Sessions of one
school that begin on one day are one calendar, until the latest end. Days on which a school-wide calendar says there is no
instruction are extra free; calendars of single pupils say nothing about the school. Between sessions there are no lessons.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.edfi_xml import CALENDAR, CALENDAR_DATE, SESSION, Record, descriptor

WEEKDAYS: Final = (1, 2, 3, 4, 5)
_FREE: Final = frozenset(
    {"holiday", "non-instructional day", "teacher only day", "emergency day", "weather day", "strike"}
)
_LESSONS: Final = frozenset({"instructional day", "make-up day"})
_SCHOOL_WIDE: Final = "school"
_MOST_FREE: Final = 400


class SchoolDays:
    """What all documents that are read together say about the days of schools, by the schools' foreign ids."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._until: dict[tuple[str, str], str] = {}
        free: dict[str, set[str]] = {}
        records = [one for one in records if one.kind in {SESSION, CALENDAR, CALENDAR_DATE}]
        self._apart = {
            _calendar(one)
            for one in records
            if one.kind == CALENDAR and descriptor(one.value("CalendarType") or _SCHOOL_WIDE) != _SCHOOL_WIDE
        }
        for one in records:
            if one.kind == SESSION:
                key = _beginning(one)
                self._until[key] = max(self._until.get(key, ""), one.value("EndDate") or "")
            elif self.is_free(one):
                free.setdefault(one.value("SchoolId") or "", set()).add(one.value("Date") or "")
        self._free = {school: sorted(days) for school, days in free.items()}

    def is_free(self, record: Record) -> bool:
        """Whether a calendar date takes a day out of a school's calendar."""
        events = {descriptor(event) for event in record.all("CalendarEvent")}
        return (
            record.kind == CALENDAR_DATE
            and _calendar(record) not in self._apart
            and bool(events & _FREE)
            and not events & _LESSONS
            and _is_date(record.value("Date") or "")
        )

    def said(self, session: Record) -> dict[str, Any] | Refusal:
        """The fields of `calendar-recorded` that a session fills; those it does not tell are left out."""
        school, begin = _beginning(session)
        until = self._until[school, begin]
        days = self._free.get(school, [])
        first, behind = bisect_left(days, begin), bisect_right(days, until)
        if behind - first > _MOST_FREE:
            return Refusal("extra_free", Code.TOO_LARGE, f"{_MOST_FREE} dagen / {_MOST_FREE} days")
        free = days[first:behind]
        said: dict[str, Any] = {"from": begin, "until": until, "weekdays": list(WEEKDAYS), "extra_free": free}
        return {name: value for name, value in said.items() if value}


def _beginning(session: Record) -> tuple[str, str]:
    return session.value("SchoolId") or "", session.value("BeginDate") or ""


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _calendar(record: Record) -> tuple[str | None, str | None]:
    return record.value("SchoolId"), record.value("CalendarCode")
