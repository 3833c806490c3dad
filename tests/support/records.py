"""Every type of fact as a sender may submit it, with all its fields, and what the validator answers."""

from copy import deepcopy
from enum import Enum

from aanwezig.contracts.identifiers import municipality_source, school_source
from aanwezig.contracts.submissions import Submission, examine_object

SCHOOL = school_source("25PL", "test")
MUNICIPALITY = municipality_source("0637")
UNKNOWN = "urn:nld:oin:00000001812345678000"
NUMBER = "123456782"
PUPIL = {"number": NUMBER}

FULL = {
    "mark-recorded": {
        "pupil": PUPIL, "school": "25PL00", "date": "2024-09-02", "slot": "lesson-3", "minutes": 50, "state": "absent",
        "authorised": False, "reason": "truancy", "missed": 40,
    },
    "enrolment-recorded": {
        "pupil": PUPIL, "school": "25PL00", "school_type": "vo", "from": "2024-08-01", "until": "2025-07-31",
        "programme_hours": 26.5,
    },
    "person-recorded": {
        "pupil": PUPIL, "birth_date": "2010-03-15", "municipality": "0637", "resident_from": "2012-05-01",
        "resident_until": "2024-08-31", "left_because": "moved",
    },
    "qualification-obtained": {"pupil": PUPIL, "date": "2024-09-02", "level": "havo"},
    "leave-granted": {
        "pupil": PUPIL, "school": "25PL00", "ground": "11g", "from": "2024-09-09", "until": "2024-09-10",
        "decided_by": "head",
    },
    "exemption-granted": {
        "pupil": PUPIL, "ground": "5a", "from": "2024-08-01", "until": "2025-07-31", "renewal": True,
    },
    "arrangement-set": {
        "pupil": PUPIL, "school": "25PL00", "kind": "partial-timetable", "from": "2024-09-02", "until": "2024-10-25",
        "hours_a_week": 12.5,
    },
    "sick-reported": {"pupil": PUPIL, "school": "25PL00", "from": "2024-09-02", "until": "2024-09-04"},
    "school-reported": {
        "pupil": PUPIL, "school": "25PL00", "kind": "light", "date": "2024-09-02", "actions": "gesprek", "announced": True,
    },
    "care-signalled": {
        "pupil": PUPIL, "school": "25PL00", "signal": "family", "date": "2024-09-02", "help_in_place": True,
    },
    "calendar-recorded": {
        "school": "25PL00", "from": "2024-08-01", "until": "2025-07-31", "weekdays": [1, 2, 3, 4, 5],
        "holidays": [{"from": "2024-10-26", "until": "2024-11-03", "name": "herfst"}], "extra_free": ["2024-12-05"],
        "usual_slots": {"1": 7},
    },
}  # fmt: skip
SAID_BY = dict.fromkeys(FULL, SCHOOL) | {"person-recorded": MUNICIPALITY, "exemption-granted": MUNICIPALITY}


class _Sign(Enum):
    """Unlike a bare object it is written the same in every process: the ids of tests are made of it."""

    LEFT_OUT = "left out"


LEFT_OUT = _Sign.LEFT_OUT


def record(name="mark-recorded", changes=None, *, only=None, **envelope):
    """A submitted record of a type with all fields (or `only` these), changed; `LEFT_OUT` removes a field."""
    data = deepcopy(FULL[name]) if only is None else dict(only)
    data |= changes or {}
    said = {
        "specversion": "1.0",
        "id": "row-1",
        "source": SAID_BY[name],
        "type": f"nl.attendance.{name}.v1",
        "time": "2024-09-02T14:00:00Z",
        "data": _without(data),
        **envelope,
    }
    return _without(said)


def _without(fields):
    return {field: value for field, value in fields.items() if value is not LEFT_OUT}


def faults(said):
    """Field and code of each refusal; empty for a record that is taken in."""
    examined = examine_object(said)
    if isinstance(examined, Submission):
        return []
    assert examined, "refused without a reason"
    return [(one.field, one.code.value) for one in examined]


def taken(said):
    """The submission of a record that must be good."""
    examined = examine_object(said)
    assert isinstance(examined, Submission), examined
    return examined
