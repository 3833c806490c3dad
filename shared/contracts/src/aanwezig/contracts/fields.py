"""The forms of single fields, shared by the facts: how they are read, and their JSON Schema (`contract.md` 3)."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from aanwezig.contracts.identifiers import is_school


def _day(earliest_year: int) -> BeforeValidator:
    def read(value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str) or len(value) != 10 or value[4] != "-" or value[7] != "-":
            raise PydanticCustomError("not-a-date", "not a date")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("not-a-date", "not a date") from None
        if day.year < earliest_year:
            raise PydanticCustomError("year-too-early", "{year}", {"year": str(earliest_year)})
        return day

    return BeforeValidator(read)


def _school(value: str) -> str:
    if not is_school(value):
        raise PydanticCustomError("school-form", "not a school")
    return value


def _weekday_slots(value: dict[str, int]) -> dict[str, int]:
    if any(day not in {"1", "2", "3", "4", "5", "6", "7"} for day in value):
        raise PydanticCustomError("literal_error", "1, 2, 3, 4, 5, 6, 7", {"expected": "1, 2, 3, 4, 5, 6, 7"})
    return value


def _day_schema(years: str) -> WithJsonSchema:
    pattern = f"^(?:{years})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
    return WithJsonSchema({"type": "string", "format": "date", "pattern": pattern})


Day = Annotated[date, _day(2000), _day_schema("[2-9][0-9]{3}")]
OldDay = Annotated[date, _day(1900), _day_schema("19[0-9]{2}|[2-9][0-9]{3}")]
From = Annotated[date, _day(2000), _day_schema("[2-9][0-9]{3}"), Field(alias="from")]
School = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_school),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Z]{4}[0-9]{2}$"}),
]
Pupil = Annotated[str, Field(strict=True, min_length=1)]
Municipality = Annotated[str, Field(strict=True, pattern="^[0-9]{4}$")]
Flag = Annotated[bool, Field(strict=True)]
HoursAWeek = Annotated[float, Field(strict=True, ge=0, le=168, allow_inf_nan=False)]
UsualSlots = Annotated[
    dict[Annotated[str, Field(strict=True)], Annotated[int, Field(strict=True, ge=0, le=18)]],
    AfterValidator(_weekday_slots),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"enum": ["1", "2", "3", "4", "5", "6", "7"]},
            "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 18},
        }
    ),
]
