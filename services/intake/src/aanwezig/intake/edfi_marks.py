"""What an Ed-Fi attendance event says about the parts of a day.

Ed-Fi's default categories and what they mean here (others are refused, with this list):

| category | state | authorised | about |
|---|---|---|---|
| In Attendance | present | - | the day |
| Excused Absence | absent | true | the day, or as long as it says |
| Unexcused Absence | absent | false | the day, or as long as it says |
| Partial | absent | not judged | as long as it says |
| Early departure | absent | not judged | as long as it says, from the departure |
| Tardy | late | not judged | the part in which the lesson began; of the other part nothing is said |

A day is a morning and an afternoon of `minutes` each: Ed-Fi attendance knows no bell times. How long: the duration in
minutes, else, for an absence of the school, `EventDuration` as a part of the day (1: the whole); where both fail, an excused
or unexcused absence of the school is of the whole day. When: `ArrivalTime` less the minutes, or `DepartureTime`; before noon is the morning. An absence
of less than a day, and anything of a section, that does not tell when is not guessed at. A school's own Tardy without a time
is of the morning: the pupil came late to school. Reasons are free text in Ed-Fi, and are not taken over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.edfi_xml import SECTION_EVENT, Record, descriptor

Part = Literal["morning", "afternoon"]
PARTS: Final[tuple[Part, Part]] = ("morning", "afternoon")
DAY_PART_MINUTES: Final = 180
"""Minutes of a day part where nothing tells them: half of a school day of six hours."""

_NOON: Final = 12 * 60
_TIME: Final = re.compile(
    r"([01][0-9]|2[0-3]):([0-5][0-9])(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_MINUTES: Final = re.compile(r"[0-9]{1,4}")
_DAYS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}")
_WHOLE_NUMBER: Final = "geheel getal / whole number"


@dataclass(frozen=True, slots=True)
class Category:
    """A category: the state it is, whether it is authorised (None: not judged), and whether it can be of a whole day."""

    state: str
    authorised: bool | None = None
    of_a_day: bool = False


CATEGORIES: Final = {
    "In Attendance": Category("present", of_a_day=True),
    "Excused Absence": Category("absent", authorised=True, of_a_day=True),
    "Unexcused Absence": Category("absent", authorised=False, of_a_day=True),
    "Partial": Category("absent"),
    "Early departure": Category("absent"),
    "Tardy": Category("late"),
}
_BY_CODE: Final = {name.lower(): category for name, category in CATEGORIES.items()}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one part of a day. `missed` is None where the state alone tells it."""

    state: str
    authorised: bool | None = None
    missed: int | None = None

    def as_data(self) -> dict[str, Any]:
        """The fields of `mark-recorded` it fills."""
        said = {"state": self.state, "authorised": self.authorised, "missed": self.missed}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A mark of a section that does not tell when or how long it was: the school's own word may, else it is refused."""

    mark: Mark
    otherwise: Refusal


Marks = dict[Part, Mark]


@dataclass(frozen=True, slots=True)
class _Moment:
    """A time of day in minutes: of arriving, or of leaving."""

    at: int
    is_arrival: bool

    def part(self, missed: int) -> Part:
        """The part of the day in which so many missed minutes began."""
        return "morning" if self.at - (missed if self.is_arrival else 0) < _NOON else "afternoon"


def marks_of(event: Record, minutes: int) -> Marks | Unplaced | Refusal:
    """What an event says of the parts of its day, each of so many minutes; or why that cannot be told."""
    given = event.value("AttendanceEventCategory")
    category = _BY_CODE.get(descriptor(given or ""))
    if category is None:
        code = Code.REQUIRED if given is None else Code.UNKNOWN_WORD
        return Refusal("AttendanceEventCategory", code, ", ".join(CATEGORIES))
    when = _moment(event)
    missed = _missed(event, category, minutes)
    if isinstance(when, Refusal):
        return when
    if isinstance(missed, Refusal):
        return missed
    if event.kind == SECTION_EVENT:
        return _of_a_section(category, when, missed, minutes)
    if category.state == "late":
        return {when.part(missed or 0) if when else "morning": Mark("late", missed=missed)}
    if category.state == "present" or (missed is not None and missed >= 2 * minutes):
        return dict.fromkeys(PARTS, Mark(category.state, category.authorised))
    if missed is None:
        return Refusal("SchoolAttendanceDuration", Code.REQUIRED)
    return _partly(category, when, missed, minutes)


def together(marks: Sequence[Mark], minutes: int) -> Mark | None:
    """What several sections say of one part of a day, as one mark: late or away somewhere is more than present elsewhere.

    Minutes add up, at most to the whole part. None: they contradict each other.
    """
    telling = [mark for mark in marks if mark.state != "present"] or marks[:1]
    first = telling[0]
    if any((mark.state, mark.authorised) != (first.state, first.authorised) for mark in telling):
        return None
    if len(telling) == 1:
        return first
    known = [mark.missed for mark in telling if mark.missed is not None]
    if first.state == "late":
        return replace(first, missed=min(sum(known), minutes) if known else None)
    is_whole = len(known) < len(telling) or sum(known) >= minutes
    return replace(first, missed=None if is_whole else sum(known))


def _of_a_section(
    category: Category, when: _Moment | None, missed: int | None, minutes: int
) -> Marks | Unplaced:
    mark = Mark(category.state, category.authorised, None if category.state == "present" else missed)
    if category.state == "absent":
        if missed is None:
            return Unplaced(mark, Refusal("SectionAttendanceDuration", Code.REQUIRED))
        mark = _absent(category, missed, minutes)
    if when is None:
        return Unplaced(mark, Refusal("ArrivalTime", Code.DAY_PART_UNKNOWN))
    return {when.part(missed or 0): mark}


def _partly(category: Category, when: _Moment | None, missed: int, minutes: int) -> Marks | Refusal:
    if when is None:
        return Refusal("ArrivalTime", Code.DAY_PART_UNKNOWN)
    part = when.part(missed)
    if part == "morning" and missed > minutes:
        return {
            "morning": _absent(category, minutes, minutes),
            "afternoon": _absent(category, missed - minutes, minutes),
        }
    return {part: _absent(category, missed, minutes)}


def _absent(category: Category, missed: int, minutes: int) -> Mark:
    """Away for so long; all of a part needs no number, and more than all of it is for the validator to refuse."""
    return Mark(category.state, category.authorised, None if missed == minutes else missed)


def _missed(event: Record, category: Category, minutes: int) -> int | Refusal | None:
    """The minutes missed: as told, or of the whole day for an absence of the school that tells nothing; None: not told."""
    is_section = event.kind == SECTION_EVENT
    name = "SectionAttendanceDuration" if is_section else "SchoolAttendanceDuration"
    told, days = event.value(name), event.value("EventDuration")
    if told is not None:
        return int(told) if _MINUTES.fullmatch(told) else Refusal(name, Code.WRONG_TYPE, _WHOLE_NUMBER)
    if is_section or category.state != "absent":
        return None
    if days is None:
        return 2 * minutes if category.of_a_day else None
    if not _DAYS.fullmatch(days):
        return Refusal("EventDuration", Code.WRONG_TYPE, "getal / number")
    if not 0 < Decimal(days) <= 1:
        return Refusal(
            "EventDuration", Code.OUT_OF_RANGE, "meer dan 0 en hoogstens 1 / more than 0 and at most 1"
        )
    return int((Decimal(days) * 2 * minutes).quantize(Decimal(1), ROUND_HALF_UP))


def _moment(event: Record) -> _Moment | Refusal | None:
    for name in ("ArrivalTime", "DepartureTime"):
        text = event.value(name)
        if text is not None:
            found = _TIME.fullmatch(text)
            if found is None:
                return Refusal(name, Code.WRONG_TYPE, "uu:mm:ss / hh:mm:ss")
            return _Moment(60 * int(found[1]) + int(found[2]), is_arrival=name == "ArrivalTime")
    return None
