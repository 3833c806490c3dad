"""The facts schools and municipalities tell, version 1 (`contract.md` 3).

Plain slotted data classes: the door validates them once (`submissions`), the law reads them as they are. `pupil`
is a pseudonym of the school domain after intake; offline it is the pupil as named, with its sender where the
sender's own id was used. Dates are calendar dates in Amsterdam; `from_` and `until` are both included.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.fields import (
    Day,
    Flag,
    From,
    HoursAWeek,
    Municipality,
    OldDay,
    Pupil,
    School,
    UsualSlots,
)  # fmt: skip

_FORM: Final = ConfigDict(extra="forbid", populate_by_name=False)


LESSONS: Final = tuple(f"lesson-{number}" for number in range(1, 17))
SLOT_ORDER: Final[Mapping[str, int]] = {
    slot: position for position, slot in enumerate(("morning", *LESSONS, "afternoon"))
}
"""Where a slot stands within its date (`rules.md` 1)."""

Slot = Literal[
    "morning", "lesson-1", "lesson-2", "lesson-3", "lesson-4", "lesson-5", "lesson-6", "lesson-7", "lesson-8",
    "lesson-9", "lesson-10", "lesson-11", "lesson-12", "lesson-13", "lesson-14", "lesson-15", "lesson-16", "afternoon",
]  # fmt: skip
State = Literal["present", "absent", "late", "not-recorded"]
Reason = Literal[
    "illness", "medical", "appointment", "suspended", "religion", "weighty", "family-event", "truancy", "overslept",
    "luxury", "transport", "unknown", "lesson-cancelled", "other",
]  # fmt: skip
SchoolType = Literal["po", "sbo", "so", "vso", "pro", "vo", "mbo", "vavo"]
LeaveGround = Literal["11a", "11b", "11c", "11d", "11e", "11f", "11g"]
ExemptionGround = Literal["5a", "5b", "5c", "5a-travel", "15"]
ArrangementKind = Literal["partial-timetable", "education-care", "day-activity", "substitute-programme"]
ReportKind = Literal["statutory", "light", "luxury", "long-term", "lateness", "eighteen-plus"]
Signal = Literal["safety", "psychological", "family", "illness", "own-initiative-doubted"]
Level = Literal["havo", "vwo", "mbo-2", "mbo-3", "mbo-4"]


@dataclass(frozen=True, slots=True)
class MarkRecorded:
    """What a school recorded of one pupil in one slot. `minutes` and `missed` are minutes of that slot."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "date", "slot")

    pupil: Pupil
    school: School
    date: Day
    slot: Slot
    minutes: Annotated[int, Field(strict=True, ge=1, le=480)]
    state: State
    authorised: Flag | None = None
    reason: Reason | None = None
    missed: Annotated[int, Field(strict=True, ge=0, le=480)] | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentRecorded:
    """A pupil is enrolled at a school; `programme_hours` are hours a week."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "from_")

    pupil: Pupil
    school: School
    from_: From
    school_type: SchoolType
    until: Day | None = None
    programme_hours: HoursAWeek | None = None


@dataclass(frozen=True, slots=True)
class PersonRecorded:
    """When a pupil was born and, from a municipality, where it is resident and since when."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "resident_from")

    pupil: Pupil
    birth_date: OldDay
    municipality: Municipality | None = None
    resident_from: OldDay | None = None
    resident_until: OldDay | None = None
    left_because: Literal["moved", "abroad", "died"] | None = None


@dataclass(frozen=True, slots=True)
class QualificationObtained:
    """A diploma that counts as startkwalificatie."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "date")

    pupil: Pupil
    date: Day
    level: Level


@dataclass(frozen=True, slots=True)
class LeaveGranted:
    """Leave under article 11, by the head or, above the limit, the attendance officer."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "from_")

    pupil: Pupil
    school: School
    from_: From
    until: Day
    ground: LeaveGround
    decided_by: Literal["head", "officer"]


@dataclass(frozen=True, slots=True)
class ExemptionGranted:
    """An exemption from the duty to attend."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "ground", "from_")

    pupil: Pupil
    ground: ExemptionGround
    from_: From
    until: Day
    renewal: Flag = False


@dataclass(frozen=True, slots=True)
class ArrangementSet:
    """What was arranged instead of the full timetable; without a school it holds at every school."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "kind", "from_")

    pupil: Pupil
    kind: ArrangementKind
    from_: From
    school: School | None = None
    until: Day | None = None
    hours_a_week: HoursAWeek | None = None


@dataclass(frozen=True, slots=True)
class SickReported:
    """A spell of illness as reported; open until a later word tells its end."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "from_")

    pupil: Pupil
    school: School
    from_: From
    until: Day | None = None


@dataclass(frozen=True, slots=True)
class SchoolReported:
    """The school reports absence of its own accord or because it must."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "school", "kind", "date")

    pupil: Pupil
    school: School
    kind: ReportKind
    date: Day
    actions: Annotated[str, Field(strict=True, max_length=1000)] | None = None
    announced: Flag = False


@dataclass(frozen=True, slots=True)
class CareSignalled:
    """A worry that changes which help comes first."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("pupil", "signal", "date")

    pupil: Pupil
    signal: Signal
    date: Day
    school: School | None = None
    help_in_place: Flag = False


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days without lessons, both ends free."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM

    from_: From
    until: Day
    name: Annotated[str, Field(strict=True, max_length=200)] | None = None


@dataclass(frozen=True, slots=True)
class CalendarRecorded:
    """The dates on which a school has lessons; `weekdays` are ISO (1 = Monday), `usual_slots` slots per weekday."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORM
    KEY: ClassVar[tuple[str, ...]] = ("school", "from_")

    school: School
    from_: From
    until: Day
    weekdays: tuple[Annotated[int, Field(strict=True, ge=1, le=7)], ...]
    holidays: tuple[Holiday, ...] = ()
    extra_free: tuple[Day, ...] = ()
    usual_slots: UsualSlots | None = None


PupilFact = (
    MarkRecorded | EnrolmentRecorded | PersonRecorded | QualificationObtained | LeaveGranted | ExemptionGranted
    | ArrangementSet | SickReported | SchoolReported | CareSignalled
)  # fmt: skip
Fact = PupilFact | CalendarRecorded

FACT_TYPES: Final[Mapping[str, type[Any]]] = {
    "mark-recorded": MarkRecorded,
    "enrolment-recorded": EnrolmentRecorded,
    "person-recorded": PersonRecorded,
    "qualification-obtained": QualificationObtained,
    "leave-granted": LeaveGranted,
    "exemption-granted": ExemptionGranted,
    "arrangement-set": ArrangementSet,
    "sick-reported": SickReported,
    "school-reported": SchoolReported,
    "care-signalled": CareSignalled,
    "calendar-recorded": CalendarRecorded,
}
"""Every kind of fact by its short name."""

NAME_OF: Final[Mapping[type[Any], str]] = {kind: name for name, kind in FACT_TYPES.items()}
ADAPTERS: Final[Mapping[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(kind) for name, kind in FACT_TYPES.items()
}


@dataclass(frozen=True, slots=True)
class Retraction:
    """A word that takes back what was said under a natural key. `key` holds the key's values in the type's order."""

    name: str
    key: tuple[Any, ...]

    @property
    def pupil(self) -> str | None:
        """The pupil, where the type is about one."""
        return self._of("pupil")

    @property
    def school(self) -> str | None:
        """The school in the key, if there is one."""
        return self._of("school")

    def _of(self, field: str) -> str | None:
        fields: tuple[str, ...] = FACT_TYPES[self.name].KEY
        value: str | None = self.key[fields.index(field)] if field in fields else None
        return value


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that was said: a fact or a retraction, by whom (`source`), under which id, and recorded when (UTC)."""

    id: str
    source: str
    time: datetime
    sequence: int | None
    fact: Fact | Retraction

    @property
    def name(self) -> str:
        """The short name of the fact's type."""
        return self.fact.name if isinstance(self.fact, Retraction) else NAME_OF[type(self.fact)]

    @property
    def rank(self) -> tuple[datetime, bool, int, str, str]:
        """Of two words with one natural key the greater rank stands (`rules.md` 1, *natural key*)."""
        return (self.time, self.sequence is not None, self.sequence or 0, self.id, self.source)


def natural_key(word: Word) -> tuple[Any, ...]:
    """What a word is about: the name of its type and the values of its key fields."""
    fact = word.fact
    if isinstance(fact, Retraction):
        return (fact.name, *fact.key)
    return (NAME_OF[type(fact)], *(getattr(fact, field) for field in fact.KEY))


def about_of(key: tuple[Any, ...]) -> date | None:
    """The date a fact with this natural key is about (`rules.md` 1, *as of*); None: it is always seen."""
    name = key[0]
    if name in {"person-recorded", "calendar-recorded"}:
        return None
    fields: tuple[str, ...] = FACT_TYPES[name].KEY
    field = "date" if "date" in fields else "from_"
    about: date = key[1 + fields.index(field)]
    return about


def word_from(event: Event) -> Word:
    """The word in an event on the facts topic.

    Raises:
        pydantic.ValidationError: the data is not this type's.
        KeyError: no such type of fact.

    """
    data = dict(event.data)
    fact: Fact | Retraction
    if data.pop("retracted", False):
        fact = retraction_from(event.name, data)
    else:
        fact = ADAPTERS[event.name].validate_python(data)
    return Word(event.id, event.source, event.time.astimezone(UTC), event.sequence, fact)


def retraction_from(name: str, data: Mapping[str, Any]) -> Retraction:
    """The retraction of what stands under the key in `data` (JSON values); other fields are ignored.

    Raises:
        pydantic.ValidationError: a field of the natural key is missing or has the wrong form.
        KeyError: no such type of fact.

    """
    fields: tuple[str, ...] = FACT_TYPES[name].KEY
    known = KEY_ADAPTERS[name].validate_python(
        {field.rstrip("_"): data[field.rstrip("_")] for field in fields if field.rstrip("_") in data}
    )
    return Retraction(name, tuple(getattr(known, field) for field in fields))


def _key_adapter(kind: type[Any]) -> TypeAdapter[Any]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    required = [(name, fields[name].type) for name in kind.KEY if fields[name].default is dataclasses.MISSING]
    optional = [
        (name, fields[name].type, dataclasses.field(default=None))
        for name in kind.KEY
        if fields[name].default is not dataclasses.MISSING
    ]
    key = dataclasses.make_dataclass(f"{kind.__name__}Key", [*required, *optional], frozen=True)
    key.__pydantic_config__ = _FORM  # type: ignore[attr-defined]
    return TypeAdapter(key)


KEY_ADAPTERS: Final[Mapping[str, TypeAdapter[Any]]] = {
    name: _key_adapter(kind) for name, kind in FACT_TYPES.items()
}
