"""What the headers say of a body, and what becomes of one that is something else."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.refusals import Code
from aanwezig.intake.bodies import MEDIA_TYPES, Label, NotOurs, label_of, rows_of, unpacked_body, weight_of
from aanwezig.intake.formats import NotReadable, TooManyRows
from aanwezig.intake.readings import NotTaken
from support.submitted import SCHOOL_SOURCE

CSV, NDJSON = Label("text/csv"), Label("application/x-ndjson")


@pytest.mark.parametrize(
    ("content_type", "encoding", "label"),
    [
        ("text/csv", "", Label("text/csv")),
        ("Text/CSV ; Charset=UTF-8; header=present", "identity", Label("text/csv", "utf-8-sig")),
        ('text/csv; charset="iso-8859-1"', "GZIP", Label("text/csv", "windows-1252", packed=True)),
        ("application/x-ndjson; charset=utf-8", "x-gzip", Label("application/x-ndjson", "utf-8-sig", packed=True)),
    ],
)  # fmt: skip
def test_a_label_is_read_as_senders_write_it(content_type, encoding, label):
    assert label_of({"content-type": content_type, "content-encoding": encoding}) == label


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("", ""), ("text/html", ""), ("application/json", ""), ("application/x-ndjson; charset=windows-1252", ""),
        ("text/csv; charset=utf-16", ""), ("text/csv", "br"), ("text/csv", "gzip, gzip"), ("text/csvx", ""),
    ],
)  # fmt: skip
def test_what_there_is_no_reader_for_is_none_of_ours(content_type, encoding):
    with pytest.raises(NotOurs):
        label_of({"content-type": content_type, "content-encoding": encoding})


def test_a_body_is_unpacked_where_it_is_gzip_and_not_beyond_its_bound():
    packed = gzip.compress(b"x" * 1000)
    assert unpacked_body(packed, Label("text/csv", packed=True), 1000) == b"x" * 1000
    assert unpacked_body(packed, CSV, 1000) == b"x" * 1000
    assert unpacked_body(b"id;time", CSV, 1) == b"id;time"
    for body, most, code in (
        (packed, 999, Code.UNPACKS_TOO_LARGE), (packed[:-1], 1000, Code.BROKEN_GZIP), (b"id;time", 1000, Code.BROKEN_GZIP),
    ):  # fmt: skip
        with pytest.raises(NotTaken) as refused:
            unpacked_body(body, Label("text/csv", packed=True), most)
        assert refused.value.refusal.code is code


def test_tiny_values_weigh_more_than_their_bytes():
    assert weight_of(b"a" * 1000) == 1000
    assert weight_of(b"[" + b"[]," * 1000 + b"[]]") > 100_000


@given(
    st.binary(max_size=300),
    st.sampled_from(MEDIA_TYPES),
    st.sampled_from([b"", b"{", b"[", b"id;time;type\n", b"<"]),
)
def test_any_body_gives_rows_or_one_refusal(body, media_type, begin):
    try:
        rows = rows_of(begin + body, Label(media_type), 5, source=SCHOOL_SOURCE)
    except (NotTaken, NotReadable, TooManyRows):
        return
    assert len(rows) <= 5
    assert [one.number for one in rows] == sorted({one.number for one in rows})


def test_a_million_empty_rows_behind_a_table_are_no_rows_and_cost_nothing():
    body = b"id;time;type\n1;2;3\n" + b";;\r\n" * 1_000_000
    assert [one.number for one in rows_of(body, CSV, 1, source=SCHOOL_SOURCE)] == [2]
    with pytest.raises(TooManyRows):
        rows_of(body + b"4;5;6\n", CSV, 5, source=SCHOOL_SOURCE)


def test_a_header_without_end_is_no_header():
    with pytest.raises(NotTaken) as refused:
        rows_of(b"id;" * 1_000_000, CSV, 5, source=SCHOOL_SOURCE)
    assert refused.value.refusal.code in {Code.COLUMN_UNKNOWN, Code.COLUMN_TWICE}


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", Code.EMPTY_FILE), (b"<html>{}", Code.HTML_PAGE), (b"PK\x03\x04", Code.ZIP_ARCHIVE), (b"<a/>", Code.UNKNOWN_XML)],
)  # fmt: skip
def test_another_file_is_named_whatever_it_says_it_is(media_type, body, code):
    with pytest.raises(NotTaken) as refused:
        rows_of(body, Label(media_type), 5, source=SCHOOL_SOURCE)
    assert refused.value.refusal.code is code


def test_lines_are_lines_whatever_is_wrong_with_some():
    rows = rows_of(b"<br>\n[1]\n{}\nid,time,type\n", NDJSON, 5, source=SCHOOL_SOURCE)
    assert [one.number for one in rows] == [1, 2, 3, 4]
