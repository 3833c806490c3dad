"""What a record says as a whole: about whom, by whom, whether it contradicts itself, and what it takes back."""

from datetime import date

import pytest

from aanwezig.contracts.facts import FACT_TYPES, Retraction
from support.records import FULL, LEFT_OUT, MUNICIPALITY, NUMBER, SCHOOL, UNKNOWN, faults, record, taken

GOOD_PUPILS = [
    ({"number": NUMBER}, "number:123456782"),
    ({"number": "111222333"}, "number:111222333"),
    ({"number": "100000004"}, "number:100000004"),
    ({"number": NUMBER, "local": None}, "number:123456782"),
    ({"local": "17"}, "local:000000070000000025PL:17"),
    ({"local": "17", "number": None}, "local:000000070000000025PL:17"),
    ({"local": " 17 "}, "local:000000070000000025PL: 17 "),
    ({"local": "a\nb"}, "local:000000070000000025PL:a\nb"),
    ({"local": "x" * 200}, f"local:000000070000000025PL:{'x' * 200}"),
]
BAD_PUPILS = [
    ({"number": NUMBER, "local": "17"}, [("pupil", "pupil-form")]),
    ({}, [("pupil", "pupil-form")]),
    ({"number": None}, [("pupil", "pupil-form")]),
    ({"number": None, "local": None}, [("pupil", "pupil-form")]),
    ({"number": "123456783"}, [("pupil.number", "number-fails-test")]),
    ({"number": "12345678"}, [("pupil.number", "number-fails-test")]),
    ({"number": "1234567820"}, [("pupil.number", "number-fails-test")]),
    ({"number": "12345678a"}, [("pupil.number", "number-fails-test")]),
    (
        {"number": "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0662"},
        [("pupil.number", "number-fails-test")],
    ),
    ({"number": "123456782\n"}, [("pupil.number", "number-fails-test")]),
    ({"number": " 23456782"}, [("pupil.number", "number-fails-test")]),
    ({"number": "000000000"}, [("pupil.number", "number-fails-test")]),
    ({"number": ""}, [("pupil.number", "number-fails-test")]),
    ({"number": 123456782}, [("pupil.number", "wrong-type")]),
    ({"number": ["123456782"]}, [("pupil.number", "wrong-type")]),
    ({"local": ""}, [("pupil.local", "wrong-type")]),
    ({"local": " \t\n"}, [("pupil.local", "wrong-type")]),
    ({"local": 17}, [("pupil.local", "wrong-type")]),
    ({"local": {"x": 1}}, [("pupil.local", "wrong-type")]),
    ({"local": "x" * 201}, [("pupil.local", "too-large")]),
    ({"number": NUMBER, "name": None}, [("pupil.name", "unknown-field")]),
    ({"name": "x"}, [("pupil.name", "unknown-field"), ("pupil", "pupil-form")]),
]


@pytest.mark.parametrize(("pupil", "text"), GOOD_PUPILS, ids=str)
def test_a_pupil_is_named_by_number_or_by_the_senders_own_id(pupil, text):
    submission = taken(record(changes={"pupil": pupil}))
    assert submission.pupil.text == text
    assert submission.pupil.as_given() == {key: value for key, value in pupil.items() if value is not None}


@pytest.mark.parametrize(("pupil", "expected"), BAD_PUPILS, ids=str)
def test_a_pupil_named_otherwise_is_refused(pupil, expected):
    assert faults(record(changes={"pupil": pupil})) == expected


def test_a_local_id_belongs_to_the_organisation_and_not_to_its_system():
    here, also_here = (
        taken(record(changes={"pupil": {"local": "17"}}, source=f"urn:nld:oin:000000070000000025PL{system}"))
        for system in ("", ":systeem:other")
    )
    there = taken(
        record(
            changes={"pupil": {"local": "17"}, "school": "16QW00"}, source="urn:nld:oin:000000070000000016QW"
        )
    )
    assert here.pupil == also_here.pupil
    assert here.pupil.text != there.pupil.text


MUNICIPALITY_ALONE, SCHOOL_ALONE = {"exemption-granted"}, {
    "mark-recorded", "enrolment-recorded", "qualification-obtained", "arrangement-set", "sick-reported",
    "school-reported", "care-signalled", "calendar-recorded",
}  # fmt: skip
NO_RESIDENCE = dict.fromkeys(("resident_from", "resident_until", "left_because"), LEFT_OUT)
BIRTH = {**NO_RESIDENCE, "municipality": LEFT_OUT}
WHO = [
    *((name, {}, SCHOOL, name in SCHOOL_ALONE) for name in sorted(MUNICIPALITY_ALONE | SCHOOL_ALONE)),
    *(
        (name, {}, MUNICIPALITY, name in MUNICIPALITY_ALONE)
        for name in sorted(MUNICIPALITY_ALONE | SCHOOL_ALONE)
    ),
    ("leave-granted", {"decided_by": "head"}, SCHOOL, True),
    ("leave-granted", {"decided_by": "officer"}, SCHOOL, False),
    ("leave-granted", {"decided_by": "head"}, MUNICIPALITY, False),
    ("leave-granted", {"decided_by": "officer"}, MUNICIPALITY, True),
    ("leave-granted", {"decided_by": "officer", "school": "16QW00"}, MUNICIPALITY, True),
    ("person-recorded", BIRTH, SCHOOL, True),
    ("person-recorded", BIRTH, MUNICIPALITY, True),
    ("person-recorded", {}, SCHOOL, False),
    ("person-recorded", {}, MUNICIPALITY, True),
    ("person-recorded", {**BIRTH, "resident_from": "2012-05-01"}, SCHOOL, False),
    ("person-recorded", {**BIRTH, "left_because": "died"}, SCHOOL, False),
    *((name, {}, UNKNOWN, True) for name in FULL),
]


@pytest.mark.parametrize(("name", "changes", "source", "may"), WHO, ids=str)
@pytest.mark.parametrize("retracted", [False, True])
def test_who_may_say_what(name, changes, source, may, retracted):
    found = faults(record(name, {**changes, "retracted": retracted}, source=source))
    if retracted and name == "leave-granted":
        assert found == []  # who decided is no part of its key: both may take back what they said
    elif retracted and name == "person-recorded":
        assert found == (
            [] if may or "resident_from" not in _left(name, changes) else [("type", "type-not-yours")]
        )
    else:
        assert found == ([] if may else [("type", "type-not-yours")])


def _left(name, changes):
    return {field for field, value in {**FULL[name], **changes}.items() if value is not LEFT_OUT}


@pytest.mark.parametrize("name", [name for name in FULL if "school" in FULL[name]])
def test_a_school_speaks_for_its_own_brin_alone(name):
    assert faults(record(name, {"school": "25PL99"})) == []
    assert faults(record(name, {"school": "25PM00"})) == [("school", "school-not-yours")]


PERIODS = [
    (name, first, last)
    for name in FULL
    for first, last in (("from", "until"), ("resident_from", "resident_until"))
    if {first, last} <= set(FULL[name])
]


@pytest.mark.parametrize(("name", "first", "last"), PERIODS)
def test_an_end_may_be_the_beginning_and_not_the_day_before(name, first, last):
    assert faults(record(name, {first: "2024-09-02", last: "2024-09-02"})) == []
    assert faults(record(name, {first: "2024-09-02", last: "2024-09-01"})) == [(last, "until-before-from")]


@pytest.mark.parametrize("beginning", [LEFT_OUT, None])
def test_the_end_of_a_residence_asks_its_beginning(beginning):
    assert faults(record("person-recorded", {"resident_from": beginning})) == [
        ("resident_from", "resident-from-missing")
    ]


@pytest.mark.parametrize(
    ("minutes", "missed", "expected"),
    [(50, 50, []), (50, 0, []), (50, 51, [("missed", "missed-above-minutes")]), (480, 480, [])],
)
def test_no_more_can_be_missed_than_there_was(minutes, missed, expected):
    assert faults(record(changes={"minutes": minutes, "missed": missed})) == expected


ABOUT = [
    ("mark-recorded", "date"), ("school-reported", "date"), ("care-signalled", "date"), ("sick-reported", "from"),
]  # fmt: skip
DAYS = [
    ("2024-09-01T12:00:00Z", "2024-09-02", True),
    ("2024-08-31T12:00:00Z", "2024-09-02", False),
    # 22:30 in Greenwich is the next day in Amsterdam in summer, 23:30 in winter.
    ("2024-08-31T22:30:00Z", "2024-09-02", True),
    ("2024-08-31T21:59:59Z", "2024-09-02", False),
    ("2024-11-30T22:30:00Z", "2024-12-02", False),
    ("2024-11-30T23:30:00Z", "2024-12-02", True),
    ("2024-08-31T23:30:00-02:00", "2024-09-02", True),
    ("9998-12-31T12:00:00Z", "9999-12-31", False),
    ("9999-12-31T12:00:00Z", "9999-12-31", True),
]


@pytest.mark.parametrize(("name", "field"), ABOUT)
@pytest.mark.parametrize(("time", "day", "may"), DAYS)
@pytest.mark.parametrize("retracted", [False, True])
def test_a_day_is_told_one_day_ahead_in_amsterdam_and_not_two(name, field, time, day, may, retracted):
    changes = (
        {field: day, "retracted": retracted, "until": None}
        if name == "sick-reported"
        else {field: day, "retracted": retracted}
    )
    assert faults(record(name, changes, time=time)) == ([] if may else [(field, "date-in-future")])


@pytest.mark.parametrize("name", sorted(set(FULL) - {name for name, _ in ABOUT}))
def test_what_is_decided_beforehand_may_lie_ahead(name):
    assert faults(record(name, time="2010-03-15T12:00:00Z")) == []


KEYS = {
    "mark-recorded": ("pupil", "school", "date", "slot"),
    "enrolment-recorded": ("pupil", "school", "from"),
    "person-recorded": ("pupil", "resident_from"),
    "qualification-obtained": ("pupil", "date"),
    "leave-granted": ("pupil", "school", "from"),
    "exemption-granted": ("pupil", "ground", "from"),
    "arrangement-set": ("pupil", "school", "kind", "from"),
    "sick-reported": ("pupil", "school", "from"),
    "school-reported": ("pupil", "school", "kind", "date"),
    "care-signalled": ("pupil", "signal", "date"),
    "calendar-recorded": ("school", "from"),
}
OPTIONAL_KEYS = {("person-recorded", "resident_from"), ("arrangement-set", "school")}


@pytest.mark.parametrize("name", KEYS)
def test_a_retraction_needs_its_key_and_nothing_else(name):
    data = {field: FULL[name][field] for field in KEYS[name]}
    submission = taken(record(name, {"retracted": True}, only=data))
    assert isinstance(submission.fact, Retraction)
    said = ["the-pupil" if field == "pupil" else _as_read(data[field]) for field in KEYS[name]]
    assert submission.word("the-pupil").fact == Retraction(name, tuple(said))


def _as_read(text):
    return date.fromisoformat(text) if text[:2] == "20" and "-" in text else text


@pytest.mark.parametrize("name", KEYS)
def test_whatever_else_a_retraction_says_is_ignored(name):
    rubbish = {field: {"x": [1]} for field in FULL[name] if field not in KEYS[name]} | {
        "naam": "x",
        "until": "never",
    }
    assert faults(record(name, {**rubbish, "retracted": True})) == []


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, key in KEYS.items() for field in key])
def test_a_retraction_without_a_field_of_its_key_is_refused(name, field):
    expected = [] if (name, field) in OPTIONAL_KEYS else [(field, "required")]
    assert faults(record(name, {"retracted": True, field: LEFT_OUT})) == expected


@pytest.mark.parametrize("said", [False, None, LEFT_OUT])
def test_what_is_not_retracted_is_a_fact(said):
    assert not isinstance(taken(record(changes={"retracted": said})).fact, Retraction)


def test_the_keys_here_are_those_of_the_types():
    assert {name: tuple(field.rstrip("_") for field in kind.KEY) for name, kind in FACT_TYPES.items()} == KEYS
