"""Ed-Fi interchanges (XML) as rows: attendance of schools and sections, sessions, students (`contract.md` 5).

What is said: of each event one `mark-recorded` per part of the day it is about (`edfi_marks`), of each session a
`calendar-recorded` (`edfi_calendar`), of each student a `person-recorded` with the birth date and nothing else. A pupil is
`{"local": <student id>}`. Files that are read together are one word of the school: a section's event says what the school's
own event says of that part of the day, where there is one; so it never counts twice, and its receipt is `duplicate`.

Ids are hashes of the natural key in Ed-Fi's own terms and of the time: the same file with the same `recorded_at` is the same
events again, with a later one it corrects what it said before. School ids become ours through `schools`; an id that is ours
already stands. What a record lacks is left out, and the one validator says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.envelope import type_of
from aanwezig.contracts.identifiers import derived_id, is_school
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.edfi_calendar import SchoolDays
from aanwezig.intake.edfi_marks import (
    DAY_PART_MINUTES,
    PARTS,
    Mark,
    Marks,
    Part,
    Unplaced,
    marks_of,
    together,
)
from aanwezig.intake.edfi_xml import (
    MOST_CHARACTERS,
    SCHOOL_EVENT,
    SECTION_EVENT,
    SESSION,
    STUDENT,
    Document,
    Record,
    counted,
    document,
)
from aanwezig.intake.formats import Row, TooManyRows
from aanwezig.intake.readings import Numbered

_EVENTS: Final = frozenset({SCHOOL_EVENT, SECTION_EVENT})
_MOST_UNMAPPED: Final = 1000
_LONGEST_SCHOOL: Final = 60
_TOO_LONG: Final = (
    f"hoogstens {MOST_CHARACTERS} tekens in een veld / at most {MOST_CHARACTERS} characters in a field"
)

Day = tuple[str, str, str]
"""Whom, where and when an event is about, in Ed-Fi's terms: student, school, date."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file does not say: who speaks, when it was recorded (aware), which foreign id is which school of ours.

    `minutes`: the length of a day part.
    """

    source: str
    recorded_at: datetime
    schools: Mapping[str, str] = field(default_factory=dict)
    minutes: int = DAY_PART_MINUTES


@dataclass(frozen=True, slots=True)
class Interchange:
    """One file as read: its rows, in the order of its records, and how many elements of which kind say no fact."""

    rows: tuple[Numbered, ...]
    passed_over: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Interchanges:
    """Files read together. `unmapped`: each foreign school id without a school of ours, once, in order of appearance."""

    files: tuple[Interchange, ...]
    unmapped: tuple[str, ...]


def read_edfi(bodies: Sequence[bytes], setting: Setting, most: int) -> Interchanges:
    """The rows of Ed-Fi files that belong together; nothing of any of them is given where one is refused.

    Raises:
        NotTaken: a file is no well-formed Ed-Fi interchange.
        TooManyRows: a file has more than `most` rows.

    """
    documents = [document(body, most) for body in bodies]
    reading = _Reading(documents, setting)
    files = []
    for one in documents:
        rows: list[Numbered] = []
        for record in one.records:
            rows.extend(Numbered(record.number, row) for row in reading.rows(record))
            if len(rows) > most:
                raise TooManyRows
        files.append(Interchange(tuple(rows), reading.passed_over(one)))
    return Interchanges(tuple(files), tuple(reading.unmapped))


class _Reading:
    """What the documents say together: known before the first row is made."""

    def __init__(self, documents: Sequence[Document], setting: Setting) -> None:
        self._setting = setting
        self._time = utc_text(setting.recorded_at)
        self._days = SchoolDays(record for one in documents for record in one.records)
        self._school: dict[tuple[Day, Part], Mark] = {}
        self._sections: dict[tuple[Day, Part], dict[str, Mark]] = {}
        self._added: dict[tuple[Day, Part], Mark | None] = {}
        self._told: dict[str, Mapping[str, Any]] = {}
        self.unmapped: dict[str, None] = {}
        for one in documents:
            for record in one.records:
                if record.kind in _EVENTS and not record.is_too_long:
                    self._hear(record)

    def passed_over(self, one: Document) -> Mapping[str, int]:
        """How many elements of a document say no fact, by kind."""
        silent = counted([one])
        for record in one.records:
            if not (record.kind in {*_EVENTS, SESSION, STUDENT} or self._days.is_free(record)):
                silent[record.kind] = silent.get(record.kind, 0) + 1
        return silent

    def rows(self, record: Record) -> Iterator[Row]:
        """The rows of one record; none of a kind that says no fact of its own."""
        if record.is_too_long and record.kind in {*_EVENTS, SESSION, STUDENT}:
            yield Row(
                self._said(record, "", {}, self._own_id(record)),
                unread=Refusal("", Code.TOO_LARGE, _TOO_LONG),
            )
        elif record.kind in _EVENTS:
            yield from self._marks(record)
        elif record.kind == SESSION:
            yield self._calendar(record)
        elif record.kind == STUDENT:
            student, born = record.value("StudentUniqueId"), record.value("BirthDate")
            data = {} if born is None else {"birth_date": born}
            row_id = self._own_id(record) if student is None else self._id("person-recorded", student)
            yield self._once(self._said(record, "person-recorded", data, row_id))

    def _calendar(self, session: Record) -> Row:
        said, school, begin = self._days.said(session), session.value("SchoolId"), session.value("BeginDate")
        if school is None or begin is None:
            row_id = self._own_id(session)
        else:
            row_id = self._id("calendar-recorded", school, begin)
        if isinstance(said, Refusal):
            return Row(self._said(session, "calendar-recorded", {}, row_id), unread=said)
        return self._placed(session, "calendar-recorded", said, row_id)

    def _hear(self, event: Record) -> None:
        """Keeps what an event says of its day, so that the others of that day can be read beside it."""
        day, marks = _day(event), marks_of(event, self._setting.minutes)
        if day is None or not isinstance(marks, dict):
            return
        for part, mark in marks.items():
            if event.kind == SCHOOL_EVENT:
                self._school.setdefault((day, part), mark)
            else:
                of_sections = self._sections.setdefault((day, part), {})
                of_sections.setdefault(event.value("SectionIdentifier") or "", mark)

    def _marks(self, event: Record) -> Iterator[Row]:
        day, marks = _day(event), marks_of(event, self._setting.minutes)
        if event.kind == SECTION_EVENT and day is not None:
            marks = self._beside_the_school(day, marks)
        if isinstance(marks, Unplaced):
            marks = marks.otherwise
        if isinstance(marks, Refusal):
            yield Row(self._said(event, "mark-recorded", _date(event), self._own_id(event)), unread=marks)
            return
        for part, mark in marks.items():
            data = {**_date(event), "slot": part, "minutes": self._setting.minutes, **mark.as_data()}
            row_id = self._own_id(event, part) if day is None else self._id("mark-recorded", *day, part)
            yield self._placed(event, "mark-recorded", data, row_id)

    def _beside_the_school(self, day: Day, marks: Marks | Unplaced | Refusal) -> Marks | Unplaced | Refusal:
        """A section's word as it stands beside the school's own, which goes before it, and those of other sections."""
        if isinstance(marks, Refusal):
            return marks
        if isinstance(marks, Unplaced):
            own = {part: self._school[day, part] for part in PARTS if (day, part) in self._school}
            alike = [part for part in own if own[part].state == marks.mark.state] or list(own)
            return {alike[0]: own[alike[0]]} if alike else marks
        beside: Marks = {}
        for part, mark in marks.items():
            beside[part] = self._school.get((day, part)) or self._of_sections(day, part) or mark
        return beside

    def _of_sections(self, day: Day, part: Part) -> Mark | None:
        if (day, part) not in self._added:
            marks = list(self._sections[day, part].values())
            self._added[day, part] = together(marks, self._setting.minutes)
        return self._added[day, part]

    def _placed(self, record: Record, name: str, data: dict[str, Any], row_id: str) -> Row:
        """A row about a school of ours; refused where its foreign id is not mapped."""
        foreign = record.value("SchoolId")
        school = None if foreign is None else self._setting.schools.get(foreign)
        if foreign is not None and school is None and is_school(foreign):
            school = foreign
        if foreign is not None and school is None:
            if (
                len(self.unmapped) < _MOST_UNMAPPED
                and len(foreign) <= _LONGEST_SCHOOL
                and foreign.isprintable()
            ):
                self.unmapped[foreign] = None
            return Row(
                self._said(record, name, data, row_id), unread=Refusal("school", Code.SCHOOL_NOT_MAPPED)
            )
        if school is not None:
            data = {"school": school, **data}
        return self._once(self._said(record, name, data, row_id))

    def _once(self, said: dict[str, Any]) -> Row:
        """The row, unless an earlier one with its natural key says something else: nobody can tell which of them is meant."""
        if self._told.setdefault(said["id"], said["data"]) == said["data"]:
            return Row(said)
        return Row(said, unread=Refusal("", Code.TOLD_TWICE))

    def _said(self, record: Record, name: str, data: dict[str, Any], row_id: str) -> dict[str, Any]:
        student = record.value("StudentUniqueId")
        if student is not None:
            data = {"pupil": {"local": student}, **data}
        return {
            "specversion": "1.0",
            "id": row_id,
            "source": self._setting.source,
            "type": type_of(name) if name else record.kind,
            "time": self._time,
            "data": data,
        }

    def _id(self, *key: str) -> str:
        return derived_id("ed-fi", *key, self._time)

    def _own_id(self, record: Record, *more: str) -> str:
        """An id of all that the record says, where it lacks part of its key."""
        return self._id(record.kind, *(f"{name}={text}" for _, name, text in record.values), *more)


def _day(event: Record) -> Day | None:
    """The day an event is about; None: it does not say all of it, and stands beside no other event."""
    student, school, date = (event.value(name) for name in ("StudentUniqueId", "SchoolId", "EventDate"))
    return None if student is None or school is None or date is None else (student, school, date)


def _date(event: Record) -> dict[str, Any]:
    date = event.value("EventDate")
    return {} if date is None else {"date": date}
