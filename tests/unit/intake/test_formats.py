import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.refusals import Code
from aanwezig.intake.formats import FORMATS, NotOne, NotReadable, TooManyRows
from support.submitted import a_mark_said

SINGLE = FORMATS["application/cloudevents+json"]
BATCH = FORMATS["application/cloudevents-batch+json"]
NDJSON = FORMATS["application/x-ndjson"]


def test_a_bad_line_is_one_row_and_the_others_go_on():
    lines = [
        orjson.dumps(a_mark_said(id="1")),
        b"<html>",
        b'{"id": "3"',
        b"\xff\xfe",
        orjson.dumps(a_mark_said(id="5")),
    ]
    rows = NDJSON(b"\n".join(lines), 10)
    assert [row.id for row in rows] == ["1", None, None, None, "5"]
    assert [row.unread.code if row.unread else None for row in rows] == [
        None, Code.NOT_JSON, Code.NOT_JSON, Code.NOT_JSON, None,
    ]  # fmt: skip
    assert rows[1].as_bytes == b"<html>"


def test_blank_lines_a_byte_order_mark_and_carriage_returns_are_no_rows():
    body = b'\xef\xbb\xbf\r\n{"id":"1"}\r\n\r\n   \n{"id":"2"}\n'
    assert [(row.id, row.unread) for row in NDJSON(body, 2)] == [("1", None), ("2", None)]


def test_nothing_is_no_rows():
    assert NDJSON(b"", 1) == []
    assert BATCH(b"[]", 1) == []


@pytest.mark.parametrize("count", [3, 4])
def test_more_rows_than_allowed_are_refused_whole_on_both_sides_of_the_limit(count):
    line, item = b'{"id":"x"}\n', b"{}"
    for read, body in ((NDJSON, line * count), (BATCH, b"[" + b",".join([item] * count) + b"]")):
        if count > 3:
            with pytest.raises(TooManyRows):
                read(body, 3)
        else:
            assert len(read(body, 3)) == 3


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"id": ', b"\xff"])
def test_a_single_or_batch_that_is_no_json_is_refused_whole(body):
    for read in (SINGLE, BATCH):
        with pytest.raises(NotReadable):
            read(body, 10)


def test_a_list_where_one_event_is_said_to_be_is_refused_whole():
    for body in (b"[]", orjson.dumps([a_mark_said()]), orjson.dumps([a_mark_said()] * 200)):
        with pytest.raises(NotOne):
            SINGLE(body, 10)


def test_a_batch_that_is_no_array_is_refused_whole():
    with pytest.raises(NotReadable):
        BATCH(b"{}", 10)


def sized(total):
    """A row of exactly so many bytes as compact JSON."""
    empty = len(orjson.dumps({"id": "1", "x": ""}))
    return {"id": "1", "x": "a" * (total - empty)}


@pytest.mark.parametrize(("size", "code"), [(65_536, None), (65_537, Code.TOO_LARGE)])
def test_a_row_is_at_most_64_kib_in_every_format(size, code):
    large = orjson.dumps(sized(size))
    rows = [
        *SINGLE(large, 10),
        BATCH(b"[" + large + b',{"id":"2"}]', 10)[0],
        NDJSON(large + b'\n{"id":"2"}', 10)[0],
    ]
    assert [row.unread.code if row.unread else None for row in rows] == [code] * 3


def test_the_same_row_is_the_same_bytes_whichever_format_brought_it():
    row = a_mark_said()
    turned = dict(reversed(row.items()))
    assert (
        SINGLE(orjson.dumps(row), 1)[0].as_bytes
        == BATCH(orjson.dumps([turned]), 1)[0].as_bytes
        == NDJSON(orjson.dumps(row, option=orjson.OPT_INDENT_2).replace(b"\n", b" "), 1)[0].as_bytes
    )


def test_a_row_nested_deeper_than_the_encoder_goes_is_still_kept():
    body = b"[" + b'{"a":' * 500 + b"1" + b"}" * 500 + b"]"
    assert BATCH(body, 1)[0].as_bytes.startswith(b'{"a":{"a":')


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_one_of_two_refusals(body):
    for read in FORMATS.values():
        try:
            rows = read(body, 5)
        except (NotReadable, TooManyRows):
            continue
        assert all(isinstance(row.as_bytes, bytes) for row in rows)
