"""The short way for ordinary marks says what the whole validator says, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts import submissions
from aanwezig.contracts.ordinary import ordinary_mark
from aanwezig.contracts.submissions import Submission
from support.submitted import MUNICIPALITY_SOURCE, a_mark_said

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 500), st.just(10**18), st.floats(allow_nan=False), st.text(max_size=12),
    st.sampled_from([
        "", " ", "2024-09-02", "2024-9-2", "0209-01-01", "1999-12-31", "2024-02-30", "2024-09-04", "2024-09-02T14:00:00Z",
        "2024-09-02t14:00:00.123456789+02:00", "2024-09-02T14:00:00", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z",
        "25PL00", "25PL00\n", "16QW01", "25pl00", "present", "late", "absent", "not-recorded", "lesson-16", "lesson-17",
        "morning", "illness", "verlof", "123456782", "123456781", "000000000", "100000016", "\ud800", "é", "1.0", "+5",
        "-12", "1e3", MUNICIPALITY_SOURCE, "urn:nld:oin:00000001002220647000", "urn:nld:oin:x", "x" * 1001,
        "nl.attendance.mark-recorded.v1", "nl.attendance.person-recorded.v1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-x-01",
    ]),
    st.just({}), st.just([]), st.just({"local": "p1"}), st.just({"number": "123456782"}),
    st.just({"number": "123456782", "local": "p1"}), st.just({"local": " "}), st.just({"local": "x" * 201}),
    st.just({"number": None, "local": "p1"}), st.just({"local": "p1", "name": "x"}), st.just({"local": "é"}),
)  # fmt: skip
ENVELOPE = (
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "data",
    "sequence",
    "traceparent",
    "datacontenttype",
    "more",
)
DATA = (
    "pupil", "school", "date", "slot", "minutes", "state", "authorised", "reason", "missed", "retracted", "extra",
)  # fmt: skip


def whole(said):
    """What the validator says without the short way."""
    unsayable = submissions._unsayable(said)
    return [unsayable] if unsayable is not None else submissions._examined(said)


@st.composite
def records(draw):
    """Ordinary marks with up to three fields replaced, added or left out."""
    said = a_mark_said(more={"pupil": draw(st.sampled_from([{"local": "p1"}, {"number": "123456782"}]))})
    for _ in range(draw(st.integers(0, 3))):
        fields, within = draw(st.sampled_from([(ENVELOPE, said), (DATA, said.get("data"))]))
        if not isinstance(within, dict):
            continue
        field = draw(st.sampled_from(fields))
        if draw(st.booleans()) and field in within:
            del within[field]
        else:
            within[field] = draw(ODD)
    return said


@given(records())
def test_it_says_what_the_whole_validator_says_or_nothing(said):
    short = ordinary_mark(said)
    if short is not None:
        assert short == whole(said)


@pytest.mark.parametrize(
    "said",
    [
        a_mark_said(),
        a_mark_said(more={"pupil": {"local": "p1"}}),
        a_mark_said(state="late", more={"missed": 10, "authorised": False, "reason": "overslept"}),
        a_mark_said(more={"authorised": None, "reason": None, "missed": None}),
        {**a_mark_said(), "sequence": "12", "datacontenttype": "application/json"},
        {
            **a_mark_said(),
            "sequence": 7,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        a_mark_said(source="urn:nld:oin:00000001002220647000"),
        a_mark_said(minutes=480, more={"missed": 480, "date": "2024-09-03"}),
    ],
)
def test_ordinary_marks_go_the_short_way(said):
    assert isinstance(ordinary_mark(said), Submission)
    assert ordinary_mark(said) == whole(said)


@pytest.mark.parametrize(
    "said",
    [
        a_mark_said(minutes=481),
        a_mark_said(minutes=0),
        a_mark_said(minutes=50, more={"missed": 51}),
        a_mark_said(more={"date": "2024-09-04"}),
        a_mark_said(more={"pupil": {"number": "123456781"}}),
        a_mark_said(school="16QW01"),
        a_mark_said(source=MUNICIPALITY_SOURCE),
        a_mark_said(more={"retracted": True}),
        {**a_mark_said(), "specversion": "1.1"},
    ],
)
def test_what_is_wrong_or_odd_is_left_to_the_whole_validator(said):
    assert ordinary_mark(said) is None
