"""Records that are refused, each with what is wrong with it: examples of `contract.md` 3, *Refused, never lost*.

What is expected is written here by hand and not asked of the validator: the tests ask whether the two agree.
"""

from typing import Any, Final

from aanwezig.contracts.identifiers import municipality_source, school_source

SCHOOL_SOURCE: Final = school_source("25PL", "voorbeeld")
_PUPIL: Final = {"number": "123456782"}
_MARK: Final[dict[str, Any]] = {
    "pupil": _PUPIL, "school": "25PL00", "date": "2024-09-02", "slot": "lesson-3", "minutes": 50, "state": "absent",
}  # fmt: skip
_PERSON: Final[dict[str, Any]] = {"pupil": _PUPIL, "birth_date": "2010-03-15"}
_CALENDAR: Final[dict[str, Any]] = {
    "school": "25PL00", "from": "2024-08-01", "until": "2025-07-31", "weekdays": [1, 2, 3, 4, 5],
}  # fmt: skip
_LEAVE: Final[dict[str, Any]] = {
    "pupil": _PUPIL, "school": "25PL00", "ground": "11g", "from": "2024-09-09", "until": "2024-09-10", "decided_by": "head",
}  # fmt: skip


def _record(name: str, data: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    said = {
        "specversion": "1.0",
        "id": "voorbeeld-fout",
        "source": SCHOOL_SOURCE,
        "type": f"nl.attendance.{name}.v1",
        "time": "2024-09-02T14:05:00Z",
        "data": data,
    }
    return {field: value for field, value in {**said, **envelope}.items() if value is not ...}


def _mark(changes: dict[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    data = {field: value for field, value in {**_MARK, **(changes or {})}.items() if value is not ...}
    return _record("mark-recorded", data, **envelope)


Case = tuple[dict[str, Any], tuple[tuple[str, str], ...]]

ENVELOPES: Final[dict[str, Case]] = {
    "nothing-of-an-envelope": (
        {}, tuple((field, "required") for field in ("specversion", "id", "source", "type", "time", "data")),
    ),
    "another-cloudevents": (_mark(specversion="0.3"), (("specversion", "unknown-word"),)),
    "no-id": (_mark(id=...), (("id", "required"),)),
    "long-id": (_mark(id="x" * 1001), (("id", "too-large"),)),
    "number-as-id": (_mark(id=17), (("id", "wrong-type"),)),
    "unknown-type": (_mark(type="nl.attendance.mark-deleted.v1"), (("type", "unknown-type"),)),
    "source-of-no-organisation": (_mark(source="https://school.example"), (("source", "source-form"),)),
    "time-without-zone": (_mark(time="2024-09-02T14:05:00"), (("time", "not-a-time"),)),
    "time-before-2000": (_mark(time="1999-09-02T14:05:00Z"), (("time", "year-too-early"),)),
    "sequence-in-words": (_mark(sequence="seven"), (("sequence", "wrong-type"),)),
    "data-as-list": ({**_mark(), "data": []}, (("data", "wrong-type"),)),
}  # fmt: skip

DATA: Final[dict[str, Case]] = {
    "unknown-field": (_mark({"naam": None}), (("naam", "unknown-field"),)),
    "missing-field": (_mark({"slot": ..., "state": None}), (("slot", "required"), ("state", "required"))),
    "minutes-as-text": (_mark({"minutes": "50"}), (("minutes", "wrong-type"),)),
    "lesson-of-thirty-hours": (_mark({"minutes": 1800}), (("minutes", "out-of-range"),)),
    "unknown-reason": (_mark({"reason": "weather"}), (("reason", "unknown-word"),)),
    "year-0209": (_mark({"date": "0209-09-02"}), (("date", "year-too-early"),)),
    "no-such-date": (_mark({"date": "2023-02-29"}), (("date", "not-a-date"),)),
    "date-to-come": (_mark({"date": "2024-09-04"}), (("date", "date-in-future"),)),
    "missed-above-minutes": (_mark({"missed": 51}), (("missed", "missed-above-minutes"),)),
    "school-in-lower-case": (_mark({"school": "25pl00"}), (("school", "school-form"),)),
    "school-of-another": (_mark({"school": "16QW01"}), (("school", "school-not-yours"),)),
    "no-pupil": (_mark({"pupil": ...}), (("pupil", "required"),)),
    "pupil-by-both": (_mark({"pupil": {**_PUPIL, "local": "17"}}), (("pupil", "pupil-form"),)),
    "pupil-with-a-name": (_mark({"pupil": {**_PUPIL, "name": "-"}}), (("pupil.name", "unknown-field"),)),
    "failing-eleven-test": (_mark({"pupil": {"number": "123456783"}}), (("pupil.number", "number-fails-test"),)),
    "blank-local-id": (_mark({"pupil": {"local": " "}}), (("pupil.local", "wrong-type"),)),
    "long-local-id": (_mark({"pupil": {"local": "x" * 201}}), (("pupil.local", "too-large"),)),
    "retracted-in-words": (_mark({"retracted": "yes"}), (("retracted", "wrong-type"),)),
    "retraction-without-its-key": (_mark({"retracted": True, "slot": ...}), (("slot", "required"),)),
    "three-faults": (
        _mark({"pupil": {"number": "12345678"}, "minutes": 0, "state": "away"}),
        (("pupil.number", "number-fails-test"), ("minutes", "out-of-range"), ("state", "unknown-word")),
    ),
    "until-before-from": (_record("leave-granted", {**_LEAVE, "until": "2024-09-08"}), (("until", "until-before-from"),)),
    "officers-leave-by-a-school": (
        _record("leave-granted", {**_LEAVE, "decided_by": "officer"}), (("type", "type-not-yours"),),
    ),
    "mark-by-a-municipality": (_mark(source=municipality_source("0637")), (("type", "type-not-yours"),)),
    "exemption-by-a-school": (
        _record("exemption-granted", {"pupil": _PUPIL, "ground": "5a", "from": "2024-08-01", "until": "2025-07-31"}),
        (("type", "type-not-yours"),),
    ),
    "residence-without-beginning": (
        _record("person-recorded", {**_PERSON, "resident_until": "2024-08-01"}, source=municipality_source("0637")),
        (("resident_from", "resident-from-missing"),),
    ),
    "born-in-1899": (_record("person-recorded", {**_PERSON, "birth_date": "1899-12-31"}), (("birth_date", "year-too-early"),)),
    "unknown-level": (
        _record("qualification-obtained", {"pupil": _PUPIL, "date": "2024-09-02", "level": "mbo-1"}),
        (("level", "unknown-word"),),
    ),
    "long-actions": (
        _record(
            "school-reported",
            {"pupil": _PUPIL, "school": "25PL00", "kind": "light", "date": "2024-09-02", "actions": "x" * 1001},
        ),
        (("actions", "too-large"),),
    ),
    "calendar-of-a-pupil": (_record("calendar-recorded", {**_CALENDAR, "pupil": _PUPIL}), (("pupil", "unknown-field"),)),
    "holiday-backwards": (
        _record("calendar-recorded", {**_CALENDAR, "holidays": [{"from": "2024-10-26", "until": "2024-10-25"}]}),
        (("holidays.0.until", "until-before-from"),),
    ),
    "holiday-with-more": (
        _record(
            "calendar-recorded",
            {**_CALENDAR, "holidays": [{"from": "2024-10-26", "until": "2024-11-03", "region": "midden"}]},
        ),
        (("holidays.0.region", "unknown-field"),),
    ),
    "eighth-weekday": (
        _record("calendar-recorded", {**_CALENDAR, "weekdays": [1, 8], "usual_slots": {"8": 7}}),
        (("weekdays.1", "out-of-range"), ("usual_slots", "unknown-word")),
    ),
}  # fmt: skip


def refused_examples() -> dict[str, Any]:
    """Every refused example by its path below `examples/`, without suffix: the record, and field and code of each fault."""
    return {
        f"refused/{name}": {
            "record": record,
            "refusals": [{"field": field, "code": code} for field, code in refusals],
        }
        for name, (record, refusals) in {**ENVELOPES, **DATA}.items()
    }
