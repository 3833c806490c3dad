"""Ed-Fi interchanges as records: one per element below the root, with the few values that are asked for, and nothing else.

Names of pupils and all that is not in `KEPT` are never kept. Entities and a DOCTYPE are refused, so nothing is fetched and
nothing unfolds; the whole document is read before anything of it is used, so half a file is no file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.formats import TooManyRows
from aanwezig.intake.readings import NotTaken

SCHOOL_EVENT: Final = "StudentSchoolAttendanceEvent"
SECTION_EVENT: Final = "StudentSectionAttendanceEvent"
SESSION: Final = "Session"
CALENDAR: Final = "Calendar"
CALENDAR_DATE: Final = "CalendarDate"
STUDENT: Final = "Student"

KEPT: Final = frozenset(
    {
        "ArrivalTime", "AttendanceEventCategory", "BeginDate", "BirthDate", "CalendarCode", "CalendarEvent",
        "CalendarType", "Date", "DepartureTime", "EndDate", "EventDate", "EventDuration", "SchoolAttendanceDuration",
        "SchoolId", "SectionAttendanceDuration", "SectionIdentifier", "SessionName", "StudentUniqueId",
    }
)  # fmt: skip
"""The elements whose text is read, by their names without namespace."""

_TOLD: Final = frozenset({SCHOOL_EVENT, SECTION_EVENT, SESSION, CALENDAR, CALENDAR_DATE, STUDENT})
_ROOT: Final = "Interchange"
MOST_CHARACTERS: Final = 1000
"""Most characters of a value, and most values of a record."""

_CODE_VALUE: Final = "CodeValue"


@dataclass(frozen=True, slots=True)
class Record:
    """One element below the root: its name, its place in the document, counted from 1, and its values as they were met."""

    number: int
    kind: str
    values: tuple[tuple[int, str, str], ...]
    """How deep, the name, the text, for each kept element that has any."""
    is_too_long: bool = False

    def value(self, name: str) -> str | None:
        """The text of the outermost element of this name, the first of several; None: it has none."""
        found = [(depth, text) for depth, met, text in self.values if met == name]
        return min(found, key=lambda one: one[0])[1] if found else None

    def all(self, name: str) -> list[str]:
        """The texts of all elements of this name, in order."""
        return [text for _, met, text in self.values if met == name]


@dataclass(slots=True)
class Document:
    """What one file says: its records, and how many elements of other kinds it has."""

    records: list[Record] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)


def document(body: bytes, most: int) -> Document:
    """The records of an interchange.

    Raises:
        NotTaken: it is no well-formed XML, has a DOCTYPE, or is no Ed-Fi interchange.
        TooManyRows: it has more than `most` records.

    """
    reading = _Reading(most)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refused
    parser.EntityDeclHandler = _refused
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat names no parameters
    except (expat.ExpatError, ValueError, LookupError):
        # An unknown encoding is a LookupError, one that expat cannot read a ValueError.
        raise NotTaken(Refusal("", Code.BROKEN_XML)) from None
    return reading.document


def _refused(*_: Any) -> None:
    raise NotTaken(Refusal("", Code.XML_DOCTYPE))


class _Reading:
    """The state of one walk through a document. Memory grows with the records, and each of those is bounded."""

    def __init__(self, most: int) -> None:
        self.document = Document()
        self._most = most
        self._depth = 0
        self._number = 0
        self._kind = ""
        self._values: list[tuple[int, str, str]] = []
        self._open: tuple[int, str] | None = None
        self._parts: list[str] = []
        self._length = 0
        self._is_too_long = False

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        name = _local(name)
        if self._depth == 0 and not name.startswith(_ROOT):
            raise NotTaken(Refusal("", Code.UNKNOWN_XML))
        if self._depth == 1:
            self._number += 1
            self._kind, self._values, self._is_too_long = name, [], False
        elif self._depth > 1 and name in KEPT:
            self._open, self._parts, self._length = (self._depth, name), [], 0
        elif self._open is not None and name != _CODE_VALUE:
            # Only older descriptors have an element within, and it holds the value.
            self._open = None
        self._depth += 1

    def text(self, text: str) -> None:
        if self._open is None:
            return
        self._length += len(text)
        if self._length <= MOST_CHARACTERS:
            self._parts.append(text)
        elif text.strip():
            self._is_too_long = True

    def end(self, _name: str) -> None:
        self._depth -= 1
        if self._open is not None and self._open[0] == self._depth:
            depth, name = self._open
            text = "".join(self._parts).strip()
            if text and len(self._values) < MOST_CHARACTERS:
                self._values.append((depth, name, text))
            self._open = None
        if self._depth == 1:
            self._keep()

    def _keep(self) -> None:
        if self._kind not in _TOLD:
            known = self._kind in self.document.others or len(self.document.others) < MOST_CHARACTERS
            name = self._kind if known else "..."
            self.document.others[name] = self.document.others.get(name, 0) + 1
            return
        if len(self.document.records) >= self._most:
            raise TooManyRows
        self.document.records.append(Record(self._number, self._kind, tuple(self._values), self._is_too_long))


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def descriptor(text: str) -> str:
    """The code in a descriptor, `uri://ed-fi.org/AttendanceEventCategoryDescriptor#Tardy`, in lower case: `tardy`."""
    return " ".join(text.rpartition("#")[2].lower().split())


def counted(documents: Iterable[Document]) -> dict[str, int]:
    """How many elements of kinds that say no fact the documents have, by kind."""
    total: dict[str, int] = {}
    for one in documents:
        for kind, count in one.others.items():
            total[kind] = total.get(kind, 0) + count
    return total
