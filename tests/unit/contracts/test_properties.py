"""For anything at all: the validator answers, what it takes in can be said and read again, and equal meaning hashes equally."""

from copy import deepcopy

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.facts import word_from
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import MAX_REFUSALS, Submission, examine, examine_object
from aanwezig.contracts.writing import data_of
from support.records import FULL, LEFT_OUT, SCHOOL, faults, record, taken

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(
        ["2024-09-02", "9999-12-31", "25PL00", "123456782", "2024-09-02T14:00:00Z", "1.0", SCHOOL, "lesson-1", "absent"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
TYPES = st.sampled_from(sorted(FULL))


def answers(examined):
    """A submission that can be said and read again, or reasons that can be told."""
    if isinstance(examined, Submission):
        assert len(examined.content_hash) == 64
        word = examined.word("p")
        event = Event(word.id, word.source, word.name, word.time, data_of(word.fact), word.sequence)
        assert word_from(event_from(event.as_bytes())) == word
        return True
    assert 0 < len(examined) <= MAX_REFUSALS
    for one in examined:
        assert isinstance(one, Refusal)
        assert isinstance(one.code, Code)
        assert orjson.dumps([one.field, one.code.value, one.message("nl"), one.message("en")])
    return False


@given(st.binary(max_size=2_000))
@settings(deadline=None)
def test_any_bytes_are_answered(raw):
    assert answers(examine(raw)) is False


@given(ANYTHING)
@settings(deadline=None)
def test_any_json_is_answered(said):
    assert answers(examine_object(said)) is False


@given(TYPES, st.data())
@settings(deadline=None, max_examples=400)
def test_a_record_with_anything_in_any_place_is_answered(name, data):
    said = record(name)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(
            st.sampled_from([said, said["data"] if isinstance(said.get("data"), dict) else said])
        )
        place[data.draw(st.sampled_from([*place, "retracted", "sequence", "traceparent", "x"]))] = data.draw(
            ANYTHING
        )
    assert answers(examine_object(said)) in {True, False}


@given(TYPES, st.data())
@settings(deadline=None)
def test_the_two_entrances_answer_alike(name, data):
    said = record(name)
    said["data"][data.draw(st.sampled_from([*said["data"], "x"]))] = data.draw(ANYTHING.filter(_survives))
    assert examine(orjson.dumps(said)) == examine_object(said)


def _survives(value):
    try:
        return orjson.loads(orjson.dumps(value)) == value
    except (TypeError, ValueError):
        return False


NOTHING_SAID = [
    ("mark-recorded", "authorised", None), ("mark-recorded", "reason", None), ("mark-recorded", "missed", None),
    ("enrolment-recorded", "until", None), ("enrolment-recorded", "programme_hours", None),
    ("exemption-granted", "renewal", False), ("exemption-granted", "renewal", None), ("arrangement-set", "school", None),
    ("sick-reported", "until", None), ("school-reported", "announced", False), ("school-reported", "actions", None),
    ("care-signalled", "help_in_place", False), ("care-signalled", "school", None), ("calendar-recorded", "holidays", []),
    ("calendar-recorded", "holidays", None), ("calendar-recorded", "extra_free", []), ("calendar-recorded", "usual_slots", None),
    ("mark-recorded", "retracted", False), ("mark-recorded", "retracted", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "value"), NOTHING_SAID)
def test_null_and_a_default_mean_the_same_as_nothing(name, field, value):
    said, unsaid = (taken(record(name, {field: one})).content_hash for one in (value, LEFT_OUT))
    assert said == unsaid


ANOTHER = {
    "pupil": {"number": "111222333"}, "school": "25PL01", "date": "2024-08-30", "slot": "lesson-4", "minutes": 45,
    "state": "late", "authorised": True, "reason": "other", "missed": 39, "school_type": "mbo", "programme_hours": 20,
    "birth_date": "2010-03-16", "municipality": "1916", "resident_from": "2012-05-02", "resident_until": "2024-08-30",
    "left_because": "abroad", "level": "vwo", "ground": "5b", "decided_by": "head", "renewal": False,
    "kind": "education-care", "hours_a_week": 13, "actions": "", "announced": False, "signal": "safety",
    "help_in_place": False, "weekdays": [1, 2, 3, 4], "holidays": [], "extra_free": [], "usual_slots": {"1": 8},
}  # fmt: skip
SPECIAL = {
    ("leave-granted", "ground"): "11f", ("school-reported", "kind"): "luxury", ("calendar-recorded", "from"): "2024-08-02",
    ("calendar-recorded", "until"): "2025-07-30",
}  # fmt: skip
CHANGES = [
    (
        name,
        field,
        SPECIAL.get((name, field), ANOTHER.get(field, "2024-09-03" if field == "from" else "2025-06-30")),
    )
    for name, fields in FULL.items()
    for field in fields
    if field != "decided_by"  # the only other word there is makes it another sender's
]


@pytest.mark.parametrize(("name", "field", "value"), CHANGES)
def test_another_value_in_any_field_is_another_content(name, field, value):
    assert value != FULL[name][field]
    changed = record(name, {field: value})
    assert taken(changed).content_hash != taken(record(name)).content_hash


@pytest.mark.parametrize(
    "changes",
    [{"time": "2024-09-02T14:00:01Z"}, {"sequence": 1}, {"sequence": 0}, {"time": "2024-09-02T14:00:00.1Z"}],
    ids=str,
)
def test_another_time_or_sequence_is_another_content(changes):
    assert taken(record(**changes)).content_hash != taken(record()).content_hash


def test_a_retraction_is_another_content_than_what_it_takes_back():
    assert taken(record(changes={"retracted": True})).content_hash != taken(record()).content_hash


def test_a_number_and_a_local_id_of_the_same_digits_are_two_contents():
    number, local = (taken(record(changes={"pupil": {by: "123456782"}})) for by in ("number", "local"))
    assert number.content_hash != local.content_hash


@pytest.mark.parametrize(
    ("changes", "envelope"),
    [
        ({}, {"time": "2024-09-02T16:00:00+02:00"}), ({}, {"id": "row-2"}), ({}, {"traceparent": "x"}), ({}, {"x": 1}),
        ({"pupil": {"number": "123456782", "local": None}}, {}),
    ],
)  # fmt: skip
def test_what_changes_no_meaning_changes_no_content(changes, envelope):
    assert taken(record(changes=changes, **envelope)).content_hash == taken(record()).content_hash


def test_the_same_instant_sequence_and_number_written_otherwise_are_one_content():
    assert taken(record(sequence="007")).content_hash == taken(record(sequence=7)).content_hash
    hours = [taken(record("enrolment-recorded", {"programme_hours": one})).content_hash for one in (26, 26.0)]
    assert hours[0] == hours[1]


def test_examining_changes_nothing_in_what_was_given():
    said = record(changes={"reason": None, "pupil": {"local": "x", "number": None}})
    before = deepcopy(said)
    assert faults(said) == []
    assert said == before
