"""A file is what its bytes say, whatever its name; what is none of our formats is refused as a whole, with what it looks like."""

import contextlib
import gzip
import io
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.unpacking import TAKEN, Bounds, Kind, kind_of, opened, unpacked

LINE = b'{"id": "1"}\n'
MIB = 1024 * 1024


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            # An entry without a date is of 1980: the same bytes whenever the tests are collected.
            archive.writestr(zipfile.ZipInfo(name), "x" * 100)
    return file.getvalue()


BOUNDS = Bounds()


def refused(body, bounds=BOUNDS):
    with pytest.raises(NotTaken) as caught:
        opened(body, bounds)
    return caught.value.refusal.code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (LINE, Kind.NDJSON),
        (b"\xef\xbb\xbf\r\n" + LINE, Kind.NDJSON),
        (b"broken\n" + LINE, Kind.NDJSON),
        (b'{"id": "\x01"}\n', Kind.NDJSON),
        (b"broken \x0b\n" + LINE * 40, Kind.NDJSON),
        (b"id;time;type\n" + b"1;2;3\n" * 40 + b"\x07", Kind.CSV),
        (b'[{"id": "1"}]', Kind.JSON_BATCH),
        (b"id;time;type\n", Kind.CSV),
        (b"sep=;\nid;time;type\n", Kind.CSV),
        ("id\ttime\ttype\n".encode("utf-16"), Kind.CSV),
        ("id,caf\xe9\n".encode("windows-1252"), Kind.CSV),
        (b"id;time;type\n1;2;3\n\x1a", Kind.CSV),
        (b'<?xml version="1.0"?>\n<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"/>', Kind.EDFI_XML),
        ('<?xml version="1.0" encoding="UTF-16"?><InterchangeStudent/>'.encode("utf-16"), Kind.EDFI_XML),
    ],
)
def test_what_there_is_a_reader_for_is_opened_packed_or_not(body, kind):
    assert kind_of(body) is kind
    assert kind in TAKEN
    assert (opened(body).kind, opened(body).body) == (kind, body)
    assert opened(gzip.compress(body)).body == body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", Code.EMPTY_FILE),
        (b"\xef\xbb\xbf \r\n", Code.EMPTY_FILE),
        (b"\xff\xfe", Code.EMPTY_FILE),
        (b"<!DOCTYPE html>\n<html><body>504</body></html>", Code.HTML_PAGE),
        (b"\n  <HTML><head>", Code.HTML_PAGE),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="y">', Code.HTML_PAGE),
        (b'<?xml version="1.0"?><note/>', Code.UNKNOWN_XML),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), Code.SPREADSHEET),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Code.SPREADSHEET),
        (zipped("marks.csv"), Code.ZIP_ARCHIVE),
        (b"%PDF-1.7\n", Code.PDF_DOCUMENT),
        (b"\x89PNG\r\n\x1a\n\0\0", Code.BINARY_FILE),
        (b"id;time;type\n\x00", Code.BINARY_FILE),
        (b"id;time;type\n\x01\x02\x03", Code.BINARY_FILE),
        (b"Beste collega\nhierbij", Code.UNKNOWN_FILE),
        (gzip.compress(gzip.compress(LINE, mtime=0), mtime=0), Code.BINARY_FILE),
        (gzip.compress(b"", mtime=0), Code.EMPTY_FILE),
        (gzip.compress(b"<html>", mtime=0), Code.HTML_PAGE),
    ],
)
def test_what_is_no_format_of_ours_is_named_and_refused_whole(body, code):
    assert refused(body) is code
    assert code in OF_A_WHOLE_FILE


def test_half_a_gzip_is_no_file_wherever_it_is_cut_off():
    whole = gzip.compress(LINE * 1000)
    assert {refused(whole[:end]) for end in range(2, len(whole))} == {Code.BROKEN_GZIP}


def test_a_damaged_gzip_and_one_with_something_behind_it_are_refused():
    whole = bytearray(gzip.compress(LINE * 1000))
    assert refused(bytes(whole) + b"more") is Code.BROKEN_GZIP
    whole[-5] ^= 1
    assert refused(bytes(whole)) is Code.BROKEN_GZIP


def test_members_follow_each_other_and_a_tape_may_end_in_zeros():
    assert opened(gzip.compress(LINE) + gzip.compress(LINE) + bytes(512)).body == LINE * 2


@pytest.mark.parametrize(("size", "fits"), [(2 * MIB, True), (2 * MIB + 1, False)])
def test_it_unpacks_to_so_many_bytes_and_no_further(size, fits):
    packed = gzip.compress(b"{" * size)
    bounds = Bounds(bytes=2 * MIB, ratio=2000)
    if fits:
        assert len(opened(packed, bounds).body) == size
    else:
        assert refused(packed, bounds) is Code.UNPACKS_TOO_LARGE


def test_a_bomb_is_let_go_long_before_it_is_unpacked():
    packed = gzip.compress(bytes(64 * MIB))
    assert refused(packed) is Code.UNPACKS_TOO_LARGE
    assert opened_up_to(packed) <= len(packed) * BOUNDS.ratio + MIB


def opened_up_to(packed):
    """How many bytes come out before it is let go."""
    given = 0
    with contextlib.suppress(NotTaken):
        for piece in unpacked([packed]):
            given += len(piece)
    return given


def test_a_million_empty_members_are_let_go_soon():
    began = time.monotonic()
    assert refused(gzip.compress(b"") * 100_000) is Code.BROKEN_GZIP
    assert time.monotonic() - began < 5


@given(st.lists(st.binary(max_size=2000)), st.integers(1, 700))
def test_pieces_of_any_size_give_what_was_packed(parts, size):
    packed = b"".join(gzip.compress(part) for part in [*parts, b"end"])
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(unpacked(chunks)) == b"".join(parts) + b"end"


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x1f\x8b\x08\0", b"PK\x03\x04", b"\xff\xfe", b"<", b"\xef\xbb\xbf"]),
)
def test_any_bytes_are_of_some_kind_or_refused(body, mark):
    assert isinstance(kind_of(mark + body), Kind)
    assert what_becomes_of(mark + body) in TAKEN | OF_A_WHOLE_FILE


def what_becomes_of(body):
    try:
        return opened(body).kind
    except NotTaken as refusal:
        return refusal.refusal.code
