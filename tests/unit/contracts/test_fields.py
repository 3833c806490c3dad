"""Every field of every type: what it takes, and which code it is refused with (`contract.md` 3)."""

import dataclasses

import pytest

from aanwezig.contracts.facts import FACT_TYPES
from support.records import FULL, LEFT_OUT, faults, record

REQUIRED = {
    "mark-recorded": {"pupil", "school", "date", "slot", "minutes", "state"},
    "enrolment-recorded": {"pupil", "school", "school_type", "from"},
    "person-recorded": {"pupil", "birth_date"},
    "qualification-obtained": {"pupil", "date", "level"},
    "leave-granted": {"pupil", "school", "ground", "from", "until", "decided_by"},
    "exemption-granted": {"pupil", "ground", "from", "until"},
    "arrangement-set": {"pupil", "kind", "from"},
    "sick-reported": {"pupil", "school", "from"},
    "school-reported": {"pupil", "school", "kind", "date"},
    "care-signalled": {"pupil", "signal", "date"},
    "calendar-recorded": {"school", "from", "until", "weekdays"},
}
TEXT, NUMBER, LIST, OBJECT, FLAG = "text", 7, ["x"], {"x": 1}, True
WRONG = "wrong-type"
# Per kind of field: values that are no such thing, each with its code.
DATE = [
    (20240902, "not-a-date"), ("20240902", "not-a-date"), ("2024-9-2", "not-a-date"), ("2024-09-02T00:00:00", "not-a-date"),
    ("2024-09-02T00:00:00Z", "not-a-date"), ("02-09-2024", "not-a-date"), ("2024-02-30", "not-a-date"),
    ("2023-02-29", "not-a-date"), ("2024-13-01", "not-a-date"), ("2024-00-10", "not-a-date"), ("2024-W36-1", "not-a-date"),
    ("2024-09-02\n", "not-a-date"), (" 2024-09-02", "not-a-date"), ("\u0662\u0660\u0662\u0664-09-02", "not-a-date"), ("", "not-a-date"),
    (1725235200, "not-a-date"), (2024.5, "not-a-date"), (True, "not-a-date"), (LIST, "not-a-date"), (OBJECT, "not-a-date"),
    ("0000-01-01", "not-a-date"), ("0209-09-02", "year-too-early"),
]  # fmt: skip
YEAR = [*DATE, ("1999-12-31", "year-too-early")]
OLD_YEAR = [*DATE, ("1899-12-31", "year-too-early")]
SCHOOL = [
    ("25pl00", "school-form"), ("25PL", "school-form"), ("25PL000", "school-form"), ("25PL0A", "school-form"),
    ("25PL00\n", "school-form"), ("", "school-form"), ("25PL\u0660\u0660", "school-form"), ("16QW01", "school-not-yours"),
    (2500, WRONG), (LIST, WRONG), (OBJECT, WRONG), (FLAG, WRONG),
]  # fmt: skip
WORD = [("away", "unknown-word"), ("", "unknown-word"), (7, "unknown-word"), (True, "unknown-word"), (LIST, "unknown-word"),
        (OBJECT, "unknown-word")]  # fmt: skip
YES_OR_NO = [
    ("true", WRONG),
    ("yes", WRONG),
    (0, WRONG),
    (1, WRONG),
    (1.0, WRONG),
    (LIST, WRONG),
    (OBJECT, WRONG),
]
HOURS = [
    ("30", WRONG), (True, WRONG), (LIST, WRONG), (OBJECT, WRONG), (float("nan"), WRONG), (float("inf"), "*"),
    (10**400, "*"), (-0.5, "out-of-range"), (168.5, "out-of-range"),
]  # fmt: skip
NO_MINUTES = [
    ("50", WRONG),
    (50.0, WRONG),
    (50.5, WRONG),
    (True, WRONG),
    (LIST, WRONG),
    (OBJECT, WRONG),
    ("", WRONG),
]
TEXT_OF = [(7, WRONG), (True, WRONG), (LIST, WRONG), (OBJECT, WRONG)]
PUPIL = [
    (NUMBER, "pupil-form"), (TEXT, "pupil-form"), (LIST, "pupil-form"), (FLAG, "pupil-form"), ({}, "pupil-form"),
]  # fmt: skip

BAD = {
    ("pupil",): PUPIL,
    ("school",): SCHOOL,
    ("date", "from", "until"): YEAR,
    ("birth_date", "resident_from", "resident_until"): OLD_YEAR,
    ("slot", "state", "reason", "school_type", "level", "ground", "decided_by", "kind", "signal", "left_because"): WORD,
    ("authorised", "renewal", "announced", "help_in_place", "retracted"): YES_OR_NO,
    ("programme_hours", "hours_a_week"): HOURS,
    ("minutes",): [*NO_MINUTES, (0, "out-of-range"), (-1, "out-of-range"), (481, "out-of-range"), (10**400, "*")],
    ("missed",): [*NO_MINUTES, (-1, "out-of-range"), (51, "missed-above-minutes"), (481, "out-of-range")],
    ("municipality",): [*TEXT_OF, ("637", WRONG), ("06370", WRONG), ("063A", WRONG), ("0637\n", WRONG), ("\u0660\u0666\u0663\u0667", WRONG)],
    ("actions",): [*TEXT_OF, ("x" * 1001, "too-large")],
    ("weekdays", "extra_free", "holidays"): [(TEXT, WRONG), (NUMBER, WRONG), (FLAG, WRONG), (OBJECT, WRONG)],
    ("usual_slots",): [(TEXT, WRONG), (NUMBER, WRONG), (LIST, WRONG), ({"0": 7}, "unknown-word"), ({"01": 7}, "unknown-word")],
}  # fmt: skip
BAD_OF = {field: values for fields, values in BAD.items() for field in fields}
FIELDS = [(name, field) for name, fields in FULL.items() for field in fields]


def table():
    for name, field in [*FIELDS, *((name, "retracted") for name in FULL)]:
        for value, code in BAD_OF[field]:
            yield pytest.param(name, field, value, code, id=f"{name}-{field}-{str(value)[:20]}")


def test_the_tables_name_every_field_of_every_type():
    assert set(FULL) == set(REQUIRED) == set(FACT_TYPES)
    for name, kind in FACT_TYPES.items():
        assert {field.name.rstrip("_") for field in dataclasses.fields(kind)} == set(FULL[name])


@pytest.mark.parametrize("name", FULL)
def test_a_record_with_every_field_is_taken_in(name):
    assert faults(record(name)) == []


@pytest.mark.parametrize("name", FULL)
def test_a_record_with_only_the_required_fields_is_taken_in(name):
    assert faults(record(name, only={field: FULL[name][field] for field in REQUIRED[name]})) == []


@pytest.mark.parametrize(("name", "field"), FIELDS)
@pytest.mark.parametrize("value", [LEFT_OUT, None], ids=["missing", "null"])
def test_a_field_left_out_or_null_is_refused_only_where_it_is_required(name, field, value):
    changes = {field: value}
    if (name, field) == ("person-recorded", "resident_from"):
        changes["resident_until"] = None
    expected = [(field, "required")] if field in REQUIRED[name] else []
    assert faults(record(name, changes)) == expected


@pytest.mark.parametrize(("name", "field", "value", "code"), list(table()))
def test_a_value_that_is_no_such_thing_is_refused_at_its_field(name, field, value, code):
    found = faults(record(name, {field: value}))
    assert [place.split(".")[0] for place, _ in found] == [field]
    assert code in {"*", found[0][1]}


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("value", ["x", None, {}, []], ids=str)
@pytest.mark.parametrize("field", ["naam", "from_", "Pupil", "", "a.b", "x{0}"])
def test_a_field_nobody_knows_is_refused_even_when_it_is_null(name, field, value):
    assert faults(record(name, {field: value})) == [(field, "unknown-field")]


def test_a_calendar_is_about_no_pupil():
    assert faults(record("calendar-recorded", {"pupil": {"number": "123456782"}})) == [
        ("pupil", "unknown-field")
    ]


CALENDAR = [
    ("both ends of a holiday", {"holidays": [{"from": "2024-10-26", "until": "2024-10-26"}]}, []),
    ("no name", {"holidays": [{"from": "2024-10-26", "until": "2024-10-27", "name": None}]}, []),
    ("no holidays", {"holidays": []}, []),
    ("no weekdays", {"weekdays": []}, []),
    ("a slot count left out", {"usual_slots": {"1": None, "2": 0, "3": 18}}, []),
    ("unknown field in a holiday", {"holidays": [{"from": "2024-10-26", "until": "2024-10-27", "x": None}]},
     [("holidays.0.x", "unknown-field")]),
    ("python's name of a field", {"holidays": [{"from_": "2024-10-26", "from": "2024-10-26", "until": "2024-10-27"}]},
     [("holidays.0.from_", "unknown-field")]),
    ("a holiday without end", {"holidays": [{"from": "2024-10-26", "until": None}]}, [("holidays.0.until", "required")]),
    ("the second holiday wrong", {"holidays": [{"from": "2024-10-26", "until": "2024-10-27"}, 7]},
     [("holidays.1", "wrong-type")]),
    ("a null holiday", {"holidays": [None]}, [("holidays.0", "wrong-type")]),
    ("a holiday that ends before it begins", {"holidays": [{"from": "2024-10-26", "until": "2024-10-25"}]},
     [("holidays.0.until", "until-before-from")]),
    ("a long name", {"holidays": [{"from": "2024-10-26", "until": "2024-10-27", "name": "x" * 201}]},
     [("holidays.0.name", "too-large")]),
    ("weekday eight", {"weekdays": [1, 8]}, [("weekdays.1", "out-of-range")]),
    ("weekday zero", {"weekdays": [0]}, [("weekdays.0", "out-of-range")]),
    ("weekday as text", {"weekdays": ["1"]}, [("weekdays.0", "wrong-type")]),
    ("weekday true", {"weekdays": [True]}, [("weekdays.0", "wrong-type")]),
    ("weekday as float", {"weekdays": [1.0]}, [("weekdays.0", "wrong-type")]),
    ("free on no date", {"extra_free": ["2024-12-05", "2024-02-30"]}, [("extra_free.1", "not-a-date")]),
    ("nineteen slots", {"usual_slots": {"1": 19}}, [("usual_slots.1", "out-of-range")]),
    ("slots as text", {"usual_slots": {"1": "7"}}, [("usual_slots.1", "wrong-type")]),
    ("null slots of no weekday", {"usual_slots": {"9": None}}, [("usual_slots.9", "wrong-type")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CALENDAR], ids=[case[0] for case in CALENDAR]
)
def test_what_lies_within_a_calendar(changes, expected):
    assert faults(record("calendar-recorded", changes)) == expected


LIMITS = [
    ("mark-recorded", {"minutes": 1, "missed": 1}), ("mark-recorded", {"minutes": 480, "missed": 480}),
    ("mark-recorded", {"missed": 0}), ("mark-recorded", {"minutes": 50, "missed": 50}),
    ("mark-recorded", {"date": "2000-01-01"}), ("mark-recorded", {"date": "2024-02-29"}),
    ("mark-recorded", {"slot": "lesson-16"}), ("mark-recorded", {"slot": "morning"}),
    ("mark-recorded", {"state": "not-recorded", "authorised": None}),
    ("enrolment-recorded", {"programme_hours": 0}), ("enrolment-recorded", {"programme_hours": 168}),
    ("enrolment-recorded", {"until": "9999-12-31"}), ("enrolment-recorded", {"until": "2024-08-01"}),
    ("person-recorded", {"birth_date": "1900-01-01"}), ("person-recorded", {"resident_from": "1900-01-01"}),
    ("school-reported", {"actions": "x" * 1000}), ("school-reported", {"actions": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes"), LIMITS, ids=str)
def test_the_last_value_within_a_limit_is_taken_in(name, changes):
    assert faults(record(name, changes)) == []


def test_no_more_faults_are_told_than_a_receipt_can_hold():
    assert len(faults(record(changes={f"field-{number}": 1 for number in range(5_000)}))) == 100
