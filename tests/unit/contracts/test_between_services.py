"""What one service reads of another: the envelope, ids, and who is meant by a source."""

import dataclasses
import hmac
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.envelope import Event, NotTheContract, event_from, name_of, type_of
from aanwezig.contracts.facts import FACT_TYPES, Retraction, natural_key, word_from
from aanwezig.contracts.identifiers import (
    SenderKind,
    crossed,
    derived_id,
    is_personal_number,
    is_school,
    keyed_hash,
    municipality_source,
    school_source,
    sender_of,
)
from aanwezig.contracts.writing import data_of
from support.records import FULL, record, taken

EVENT = Event(
    "1", "urn:x", "finding-raised", datetime(2024, 9, 2, 14, tzinfo=UTC), {"a": 1}, 7, "0", "00-a-b-01"
)
SAID = EVENT.as_json()


def test_an_event_is_read_as_it_was_said():
    assert event_from(EVENT.as_bytes()) == EVENT


def test_equal_events_are_equal_bytes_in_any_order_and_zone():
    moved = dataclasses.replace(EVENT, time=EVENT.time.astimezone(timezone(timedelta(hours=2))))
    assert moved.as_bytes() == EVENT.as_bytes()


BAD = [
    None, b"", b"not json", b"null", b"7", b"[]", b'"x"', b"{}", b"[" * 100_000,
    *(orjson.dumps({key: value for key, value in SAID.items() if key != gone}) for gone in ("id", "source", "type", "time", "data")),
    *(orjson.dumps({**SAID, **changes}) for changes in (
        {"id": ""}, {"id": 7}, {"source": None}, {"type": "finding-raised"}, {"type": 7}, {"time": "yesterday"},
        {"time": "2024-09-02T14:00:00"}, {"time": 7}, {"time": "0001-01-01T00:00:00+14:00"},
        {"time": "9999-12-31T23:59:59-14:00"}, {"data": []}, {"data": None}, {"data": "x"}, {"sequence": "x"},
        {"sequence": [7]}, {"sequence": "9" * 5_000}, {"causationid": 7}, {"traceparent": {}}, {"traceparent": ""},
    )),
]  # fmt: skip


@pytest.mark.parametrize("value", BAD, ids=lambda value: repr(value)[:40])
def test_a_record_that_is_no_event_of_ours_is_told_apart(value):
    with pytest.raises(NotTheContract):
        event_from(value)


def test_what_is_told_of_a_bad_record_holds_nothing_of_it():
    with pytest.raises(NotTheContract) as wrong:
        event_from(orjson.dumps({**SAID, "time": "123456782"}))
    assert "123456782" not in str(wrong.value)


def test_a_name_and_its_type_are_one():
    assert name_of(type_of("day-closed")) == "day-closed"
    with pytest.raises(NotTheContract):
        name_of("nl.attendance.day-closed.v2")


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("retracted", [False, True])
def test_a_word_is_read_from_its_event_as_it_was_said(name, retracted):
    word = taken(record(name, {"retracted": retracted}, sequence=3)).word("pseudonym")
    event = Event(word.id, word.source, word.name, word.time, data_of(word.fact), word.sequence)
    again = word_from(event_from(event.as_bytes()))
    assert again == word
    assert natural_key(again) == natural_key(word)
    assert isinstance(again.fact, Retraction) == retracted


@pytest.mark.parametrize("data", [{}, {"pupil": 7}, {"pupil": "p", "naam": "x"}, {"retracted": True}])
@pytest.mark.parametrize("name", FACT_TYPES)
def test_a_fact_that_is_not_its_types_is_not_read(name, data):
    with pytest.raises(ValueError, match="validation error"):
        word_from(dataclasses.replace(EVENT, name=name, data=data))


def test_a_fact_of_no_type_is_not_read():
    with pytest.raises(KeyError):
        word_from(dataclasses.replace(EVENT, name="mark-deleted"))


def eleven(digits):
    """The eleven-test as the definition writes it, for numbers made here."""
    return (
        sum(int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
        % 11
    )


@pytest.mark.parametrize("first", ["1234567", "1000000", "1012345", "9999999", "0000001", "1112223"])
def test_a_number_is_personal_when_the_eleven_test_says_so(first):
    for rest in range(100):
        number = f"{first}{rest:02d}"
        expected = eleven(number) == 0 or (first.startswith("10") and eleven(number) == 5)
        assert is_personal_number(number) == expected, number


@pytest.mark.parametrize(
    "text", ["000000000", "", "12345678", "1234567820", "12345678 ", "12345678a", "-23456782"]
)
def test_what_is_no_nine_digits_is_no_personal_number(text):
    assert not is_personal_number(text)


SENDERS = [
    (school_source("25PL"), SenderKind.SCHOOL, "25PL", None, None),
    (school_source("25PL", "magister"), SenderKind.SCHOOL, "25PL", None, "magister"),
    (municipality_source("0637"), SenderKind.MUNICIPALITY, None, "0637", None),
    (municipality_source("637", "brp"), SenderKind.MUNICIPALITY, None, "0637", "brp"),
    ("urn:nld:oin:00000001812345678000", SenderKind.UNKNOWN, None, None, None),
    ("urn:nld:oin:00000099123400000637", SenderKind.UNKNOWN, None, None, None),
]


@pytest.mark.parametrize(("source", "kind", "brin", "municipality", "system"), SENDERS)
def test_a_source_tells_who_speaks(source, kind, brin, municipality, system):
    sender = sender_of(source)
    assert (sender.kind, sender.brin, sender.municipality, sender.system) == (
        kind,
        brin,
        municipality,
        system,
    )
    assert len(sender.oin) == 20


@pytest.mark.parametrize("text", ["25PL00", "00AA99", "123456"])
def test_a_school_is_a_brin_and_two_digits(text):
    assert is_school(text)


@pytest.mark.parametrize("text", ["", "25PL", "25pl00", "25PL0", "25PL000", "25PL00\n", "25PLAA", "25P-00"])
def test_anything_else_is_no_school(text):
    assert not is_school(text)


def test_an_id_depends_on_its_parts_alone_and_on_where_they_end():
    assert derived_id("a", "b") == derived_id("a", "b")
    assert len({derived_id("a", "b"), derived_id("ab"), derived_id("b", "a"), derived_id("a", "b", "")}) == 4
    assert len(derived_id("a")) == 32


def test_a_pseudonym_of_one_domain_tells_nothing_of_another_without_the_key():
    here, there = crossed("p", "chain", b"1" * 32), crossed("p", "chain", b"2" * 32)
    assert len({here, there, crossed("p", "justice", b"1" * 32), keyed_hash(b"1" * 32, "p")}) == 4
    assert here == crossed("p", "chain", b"1" * 32)


@given(st.binary(max_size=200), st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_a_keyed_hash_is_hmac_under_the_key(key, parts):
    """Pseudonyms and reservations of years depend on it: RFC 2104, whatever the length of the key."""
    wanted = hmac.digest(key, "\x1f".join(parts).encode(), "sha256").hex()[:32]
    assert keyed_hash(key, *parts) == wanted
    assert keyed_hash(key, *parts) == wanted
