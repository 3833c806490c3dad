"""What goes into the calls of the door and an example of each, for its description (`published_api`)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.published_examples import NUMBER, SCHOOL, SCHOOL_SOURCE, examples
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.published_calls import Body
from aanwezig.intake.settings import IntakeSettings

_SINGLE: Final = "application/cloudevents+json"
_SCHEMAS: Final = "#/components/schemas/"
_MOST_ROWS: Final[int] = IntakeSettings.model_fields["max_rows"].default
_ROW: Final = "9f3c0b2a5d7e41f6a8c9d0e1f2a3b4c5"
_PUPIL: Final = "4d083c5d7c267a348fb6815be54c29e1"
_OTHER: Final = "00000000000000000000000000000000"
_AT: Final = "2024-09-02T14:05:00Z"
_MARK: Final[Mapping[str, Any]] = {
    "specversion": "1.0",
    "id": "voorbeeld-1",
    "source": SCHOOL_SOURCE,
    "type": "nl.attendance.mark-recorded.v1",
    "time": _AT,
    "data": {
        "pupil": {"number": NUMBER},
        "school": SCHOOL,
        "date": "2024-09-02",
        "slot": "lesson-3",
        "minutes": 50,
        "state": "absent",
    },
}
_TABLE: Final = (
    "id;time;type;pupil.number;school;date;slot;minutes;state\r\n"
    f"voorbeeld-1;{_AT};mark-recorded;{NUMBER};{SCHOOL};2024-09-02;lesson-3;50;absent\r\n"
)
_WHY: Final = Refusal("minutes", Code.OUT_OF_RANGE, "<= 480")
_ERRORS: Final = [{"field": _WHY.field, "code": _WHY.code.value, "message": _WHY.message("nl")}]
_REFUSED: Final[Mapping[str, Any]] = {
    "id": _ROW,
    "row_id": "voorbeeld-1",
    "type": "nl.attendance.mark-recorded.v1",
    "at": _AT,
    "ends": "2024-11-01T14:05:00Z",
    "school": SCHOOL,
    "file": "week-36.csv",
    "row": 2,
    "state": "open",
    "opens": True,
    "errors": _ERRORS,
}
_ACCEPTED: Final[Mapping[str, Any]] = {"id": "voorbeeld-1", "outcome": "accepted", "errors": []}

ANSWERS: Final[Mapping[str, Any]] = {
    "submit": examples()["receipts"],
    "receipt": _ACCEPTED,
    "system": {
        "system": "voorbeeld",
        "oin": SCHOOL_SOURCE.split(":")[3],
        "source": SCHOOL_SOURCE,
        "schools": [SCHOOL],
        "map": {"255901001": SCHOOL},
        "rights": [],
        "limits": {
            "rows": 5000,
            "bytes": 10485760,
            "event_bytes": 65536,
            "body_seconds": 60.0,
            "rows_a_minute": 600000,
            "requests_abreast": 8,
        },
    },
    "receiptsOfFile": {
        "file": "week-36.csv",
        "at": _AT,
        "counts": {"rows": 2, "accepted": 1, "refused": 1},
        "receipts": [
            {
                "row": 2,
                "id": "voorbeeld-1",
                "outcome": "refused",
                "errors": _ERRORS,
                "quarantine": _ROW,
            },
            {"row": 3, "id": "voorbeeld-2", "outcome": "accepted", "errors": [], "quarantine": None},
        ],
        "next": None,
    },
    "refused": {"rows": [_REFUSED], "next": None},
    "refusedRow": {
        **_REFUSED,
        "reason": None,
        "said": {**_MARK, "data": {**_MARK["data"], "minutes": 500}},
    },
    "refusedCounts": {
        "rows": 1,
        "limit": 10000,
        "school_limit": 5000,
        "full": False,
        "full_schools": [],
        "counts": [{"school": SCHOOL, "code": _WHY.code.value, "rows": 1, "oldest": _AT}],
    },
    "correct": {"quarantine": _ROW, "state": "corrected", "receipt": _ACCEPTED},
    "discard": {"quarantine": _ROW, "state": "discarded"},
    "resubmit": {"receipts": [{**_ACCEPTED, "quarantine": _ROW}], "unknown": [_OTHER], "unopened": []},
    "identities": {
        "identities": [{"pseudonym": _PUPIL, "number": NUMBER}, {"pseudonym": _OTHER, "unknown": True}]
    },
}
"""An example of what each call answers, by the name of the call."""


def content(body: Body) -> dict[str, Any]:
    """The media types of a body, each with its schema and an example."""
    match body:
        case "facts":
            return _facts()
        case "correction":
            event = {"schema": {"$ref": f"{_SCHEMAS}event"}, "example": _MARK}
            return {_SINGLE: event, "application/json": event}
        case "resubmission":
            return _json("Resubmission", {"ids": [_ROW, _OTHER]})
        case "question":
            asked = {
                "pseudonyms": [_PUPIL, _OTHER],
                "domain": "chain",
                "activity": "https://voorbeeld.nl/register/leerplicht",
            }
            return _json("Question", asked)


def any_event(schemas: str) -> dict[str, Any]:
    """A submitted event: of each type its own schema. What does not fit is refused alone, with a receipt."""
    return {
        "description": "One event as a school or a municipality submits it.",
        "oneOf": [{"$ref": f"{schemas}{name}"} for name in FACT_TYPES],
    }


def _facts() -> dict[str, Any]:
    event = {"$ref": f"{_SCHEMAS}event"}
    line = orjson.dumps(_MARK).decode()
    return {
        _SINGLE: {"schema": event, "example": _MARK},
        "application/cloudevents-batch+json": {
            "schema": {"type": "array", "items": event, "maxItems": _MOST_ROWS},
            "example": [_MARK],
        },
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One event on each line."},
            "example": f"{line}\n",
        },
        "text/csv": {
            "schema": {
                "type": "string",
                "description": "A table whose columns are field names with dots; `id`, `time` and `type` are required. "
                "`charset` may be utf-8, windows-1252 or iso-8859-1; without it the door finds out.",
            },
            "example": _TABLE,
        },
    }


def _json(model: str, example: Any) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{model}"}, "example": example}}
