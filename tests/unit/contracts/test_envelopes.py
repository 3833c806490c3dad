"""The envelope a sender writes: each attribute, and the bytes it comes in (`contract.md` 1)."""

from datetime import UTC, datetime

import orjson
import pytest

from aanwezig.contracts.submissions import Submission, examine, examine_object
from support.records import LEFT_OUT, SCHOOL, faults, record, taken

TIMES = [
    ("2024-09-02T14:00:00Z", datetime(2024, 9, 2, 14, tzinfo=UTC)),
    ("2024-09-02t14:00:00z", datetime(2024, 9, 2, 14, tzinfo=UTC)),
    ("2024-09-02T16:00:00+02:00", datetime(2024, 9, 2, 14, tzinfo=UTC)),
    ("2024-09-02T14:00:00-00:00", datetime(2024, 9, 2, 14, tzinfo=UTC)),
    ("2024-09-02T14:00:00.5Z", datetime(2024, 9, 2, 14, 0, 0, 500_000, tzinfo=UTC)),
    ("2024-09-02T14:00:00.123456789Z", datetime(2024, 9, 2, 14, 0, 0, 123_456, tzinfo=UTC)),
    ("9999-12-31T22:59:59Z", datetime(9999, 12, 31, 22, 59, 59, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "moment"), TIMES)
def test_a_moment_with_its_zone_is_read_as_an_instant(text, moment):
    assert taken(record(time=text)).time == moment


@pytest.mark.parametrize(
    "text",
    [
        "2024-09-02T14:00:00", "2024-09-02T14:00Z", "2024-09-02 14:00:00Z", "2024-09-02", "20240902T140000Z", "now",
        "2024-09-02T24:00:00Z", "2024-09-02T23:59:60Z", "2024-09-02T14:60:00Z", "2024-02-30T14:00:00Z",
        "2024-09-02T14:00:00.1234567890Z", "2024-09-02T14:00:00.Z", "2024-09-02T14:00:00,5Z", "2024-09-02T14:00:00+2:00",
        "2024-09-02T14:00:00+0200", "2024-09-02T14:00:00+24:00", "2024-09-02T14:00:00 Z", "2024-09-02T14:00:00Z\n",
        " 2024-09-02T14:00:00Z", "\u0662\u0660\u0662\u0664-09-02T14:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2024-09-02T14:00:00Z[Europe/Amsterdam]",
    ],
)  # fmt: skip
def test_what_is_no_moment_with_a_zone_is_refused(text):
    assert faults(record(time=text)) == [("time", "not-a-time")]


@pytest.mark.parametrize(
    "text", ["1999-12-31T23:59:59Z", "2000-01-01T00:30:00+01:00", "0209-09-02T14:00:00Z"]
)
def test_a_moment_before_2000_is_refused(text):
    assert faults(record(time=text)) == [("time", "year-too-early")]


def test_the_first_moment_of_2000_is_not_before_2000():
    assert faults(record("calendar-recorded", time="2000-01-01T00:00:00Z")) == []


SEQUENCES = [
    ("7", 7), (7, 7), ("-1", -1), ("+1", 1), ("007", 7), (None, None), (LEFT_OUT, None), ("9" * 18, 10**18 - 1),
    (10**18 - 1, 10**18 - 1), (0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("value", "number"), SEQUENCES, ids=str)
def test_a_sequence_is_a_whole_number_as_text_or_as_number(value, number):
    assert taken(record(sequence=value)).sequence == number


@pytest.mark.parametrize(
    "value",
    [7.0, 7.5, True, False, "", " 7", "7 ", "7\n", "7.0", "1e3", "seven", "\u0667", "9" * 19, 10**18, -(10**18), 10**5000,
     float("nan"), [], [7], {}],
    ids=lambda value: str(value)[:12] if not isinstance(value, int) else "int",
)  # fmt: skip
def test_a_sequence_that_is_no_whole_number_is_refused(value):
    assert faults(record(sequence=value)) == [("sequence", "wrong-type")]


@pytest.mark.parametrize(
    "value", ["x", "x" * 1000, "a b", "a\nb", "\x00\x1f", "ünï\U0001f600", "../..", " "], ids=repr
)
def test_a_sender_may_put_anything_into_an_id(value):
    assert taken(record(id=value)).id == value


REFUSED = [
    ("id", "x" * 1001, "too-large"), ("id", "", "required"), ("id", None, "required"), ("id", LEFT_OUT, "required"),
    ("id", 7, "wrong-type"), ("id", ["x"], "wrong-type"), ("id", {"x": 1}, "wrong-type"), ("id", True, "wrong-type"),
    ("specversion", LEFT_OUT, "required"), ("specversion", "0.3", "unknown-word"), ("specversion", 1.0, "wrong-type"),
    ("specversion", "1.0\n", "unknown-word"), ("specversion", "1", "unknown-word"),
    ("type", LEFT_OUT, "required"), ("type", "", "required"), ("type", 7, "wrong-type"),
    ("type", "mark-recorded", "unknown-type"), ("type", "nl.attendance.mark-recorded.v2", "unknown-type"),
    ("type", "nl.attendance.mark-recorded.v1\n", "unknown-type"), ("type", "nl.attendance.day-closed.v1", "unknown-type"),
    ("type", "nl.attendance..v1", "unknown-type"), ("type", "nl.attendance.v1", "unknown-type"),
    ("type", "NL.attendance.mark-recorded.v1", "unknown-type"),
    ("source", LEFT_OUT, "required"), ("source", None, "required"), ("source", ["x"], "wrong-type"),
    ("source", "https://school.example", "source-form"), ("source", f"{SCHOOL}\n", "source-form"),
    ("source", "urn:nld:oin:000000070000000025pl", "source-form"), ("source", "urn:nld:oin:25PL", "source-form"),
    ("source", "urn:nld:oin:000000070000000025PL:systeem:", "source-form"),
    ("source", "urn:nld:oin:000000070000000025PL:systeem:a b", "source-form"),
    ("source", "urn:nld:oin:000000070000000025PL:other:a", "source-form"),
    ("time", LEFT_OUT, "required"), ("time", 1725285600, "wrong-type"), ("time", {}, "wrong-type"),
    ("data", LEFT_OUT, "required"), ("data", None, "required"), ("data", [], "wrong-type"), ("data", "{}", "wrong-type"),
    ("data", 7, "wrong-type"), ("data", False, "wrong-type"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "code"), REFUSED, ids=str)
def test_an_attribute_of_the_wrong_form_is_refused_by_its_name(field, value, code):
    assert faults(record(**{field: value})) == [(field, code)]


def test_every_fault_of_an_envelope_is_told_at_once():
    refused = faults(record(specversion="2", id="", source="x", time="x", sequence="x"))
    assert {field for field, _ in refused} == {"specversion", "id", "source", "time", "sequence"}


def test_extensions_nobody_asked_for_are_not_looked_at():
    assert (
        faults(record(dataref="x", subject=7, extra=[None], causationid=7, datacontenttype="text/plain"))
        == []
    )


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("said", "carried"),
    [
        (TRACE, TRACE), (TRACE.upper(), None), (f"{TRACE}\n", None), (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", None), ("x", None), (7, None), (None, None),
        ("00-00000000000000000000000123456782-00f067aa0ba902b7-01", None),
    ],
)  # fmt: skip
def test_a_traceparent_is_carried_when_it_is_one_and_never_a_reason_to_refuse(said, carried):
    assert taken(record(traceparent=said)).traceparent == carried


def padded(size):
    good = record()
    short = len(orjson.dumps({**good, "pad": ""}))
    raw = orjson.dumps({**good, "pad": "x" * (size - short)})
    assert len(raw) == size
    return raw


def test_a_record_of_64_kib_is_taken_in():
    assert isinstance(examine(padded(64 * 1024)), Submission)


def test_a_record_of_a_byte_more_is_refused():
    assert [(one.field, one.code.value) for one in examine(padded(64 * 1024 + 1))] == [("", "too-large")]


NOT_JSON = [
    b"", b" ", b"{", b"not json", b"{'id': 1}", b'{"id":NaN}', b'{"id":Infinity}', b"\xff\xfe", b'{"id":"\xff"}',
    b'\xef\xbb\xbf{"id":"x"}', b'{"id":"\\ud800"}', b'{"id":1}{"id":2}', b'{"id":1,}', b"[" * 65_000,
    b'{"data":' * 7_000 + b"1" + b"}" * 7_000, b'{"id":"a\nb"}',
]  # fmt: skip


@pytest.mark.parametrize("raw", NOT_JSON, ids=lambda raw: repr(raw[:20]))
def test_what_is_no_json_is_refused_as_such(raw):
    assert [(one.field, one.code.value) for one in examine(raw)] == [("", "not-json")]


@pytest.mark.parametrize("raw", [b"null", b"7", b"1.5", b'"x"', b"true", b"[]", b"[{}]"])
def test_json_that_is_no_object_is_refused(raw):
    assert [(one.field, one.code.value) for one in examine(raw)] == [("", "wrong-type")]


def test_of_a_key_said_twice_the_last_word_counts():
    raw = orjson.dumps(record()).replace(b'"minutes":50', b'"minutes":"x","minutes":45')
    assert examine(raw).fact.minutes == 45


@pytest.mark.parametrize(("digits", "fault"), [(30, ("minutes", "wrong-type")), (5_000, ("", "not-json"))])
def test_a_huge_number_is_refused(digits, fault):
    raw = orjson.dumps(record()).replace(b'"minutes":50', b'"minutes":' + b"9" * digits)
    assert [(one.field, one.code.value) for one in examine(raw)] == [fault]


def nested(kind, depth):
    inner = []
    for _ in range(depth):
        inner = {"a": inner} if kind is dict else [inner]
    return inner


@pytest.mark.parametrize("depth", [260, 1_000, 100_000])
@pytest.mark.parametrize("kind", [dict, list])
@pytest.mark.parametrize("place", ["data", "extension", "field"])
def test_brackets_within_brackets_without_end_are_refused_and_stop_nothing(depth, kind, place):
    deep = nested(kind, depth)
    said = {
        "data": lambda: record(data={"a": deep}),
        "extension": lambda: record(extra=deep),
        "field": lambda: record(changes={"slot": deep}),
    }[place]()
    assert [(one.field, one.code.value) for one in examine_object(said)] == [("data", "wrong-type")]


@pytest.mark.parametrize(
    "said",
    [
        {"id": "\ud800"}, {"source": f"{SCHOOL}\ud800"}, {"\ud800": 1}, {"extra": ["\udfff"]},
        {"data": {"pupil": {"local": "\ud800"}}}, {"data": {"\ud800": 1}},
    ],
)  # fmt: skip
def test_half_a_character_is_no_json_however_it_was_decoded(said):
    assert faults(record(**said)) == [("", "not-json")]
