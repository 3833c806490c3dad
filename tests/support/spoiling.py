"""Bodies as they go wrong on their way: cut off, doubled, flipped, written anew by another program, or something else."""

import gzip
import io
import zipfile

import orjson
from hypothesis import strategies as st

from support.submitted import NUMBER, a_mark_said

CSV = "text/csv"
NDJSON = "application/x-ndjson"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
COLUMNS = ("id", "time", "type", "source", "pupil.number", "school", "date", "slot", "minutes", "state")


def marks(count, name="row"):
    """So many marks, each with an id and a place in the timetable of its own."""
    days = range(2, 2 + -(-count // 16))
    places = ((day, lesson) for day in days for lesson in range(1, 17))
    return [
        a_mark_said(id=f"{name}-{number}", slot=f"lesson-{lesson}", more={"date": f"2024-09-{day:02}"})
        for number, (day, lesson) in zip(range(count), places, strict=False)
    ]


def _cells(row):
    data = row["data"]
    said = (row["id"], row["time"], row["type"], row["source"], data["pupil"]["number"])
    return (*said, data["school"], data["date"], data["slot"], str(data["minutes"]), data["state"])


def written(rows, media_type, *, separator=";", line_end="\r\n"):
    """Marks in one of the door's formats."""
    if media_type == NDJSON:
        return b"".join(orjson.dumps(row) + line_end.encode() for row in rows)
    if media_type == CSV:
        lines = [separator.join(COLUMNS), *(separator.join(_cells(row)) for row in rows)]
        return "".join(line + line_end for line in lines).encode()
    return orjson.dumps(rows if media_type == BATCH else rows[0])


def _workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


INTERCHANGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<InterchangeStudentAttendance xmlns="http://ed-fi.org/5.0.0">
<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>2024-09-02</EventDate>
<AttendanceEventCategory>uri://ed-fi.org/AttendanceEventCategoryDescriptor#Tardy</AttendanceEventCategory>
</AttendanceEvent><StudentReference><StudentIdentity><StudentUniqueId>604821</StudentUniqueId></StudentIdentity>
</StudentReference><SchoolReference><SchoolIdentity><SchoolId>255901001</SchoolId></SchoolIdentity></SchoolReference>
</StudentSchoolAttendanceEvent></InterchangeStudentAttendance>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lol [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><Interchange>&d;</Interchange>"""
OTHERS = (
    b"", b"\n", b"\0", b"null", b"[]", b"{}", b'""', b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    b"<html>", b"%PDF-1.7", _workbook(), BOMB, INTERCHANGE, b"\x1f\x8b", gzip.compress(gzip.compress(b"{}")),
    gzip.compress(b" " * 3_000_000), gzip.compress(b"[" * 200_000), b"[" * 50_000, b'{"a":' * 50_000, b'"' * 5_000,
    ";".join(f"column-{place}" for place in range(10_000)).encode(), b";" * 20_000, b"\xef\xbb\xbf", b"\xff\xfe",
    b"id;time;type\r\n" + b'"' + b"a\r\n" * 3_000,
)  # fmt: skip
"""What a body may be instead."""
PIECES = (
    b"\0", b"\r", b"\n", b"\r\n", b"\n\n\n", b'"', b'""', b"'", b";", b",", b"\t", b"\\", b"\xef\xbb\xbf", b"\xff", b"\x80",
    b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b"[" * 2_000, b'{"a":' * 1_100,
    b"9" * 5_000, b"1e999", b"-0", b"NaN", b"1.5", b"null", b"true", b'"id":"twice",', b'"data":{},',
    b";id;minutes", b"<html>", b"&a;", b"<!-- ", b"]]>", b"\x1a", b'="1"', b"sep=,\r\n", "café €".encode(),
    "café".encode("cp1252"), NUMBER.encode(), b"a" * 70_000, b";" * 3_000,
)  # fmt: skip
"""What may get into a body."""


def _at(body, place):
    return int(place * len(body))


SPOILS = {
    "cut off": lambda body, place, _: body[: _at(body, place)],
    "begun late": lambda body, place, _: body[_at(body, place) :],
    "doubled": lambda body, _place, _: body + body,
    "a part twice": lambda body, place, _: body[: _at(body, place)] + body[_at(body, place / 2) :],
    "a part lost": lambda body, place, _: body[: _at(body, place / 2)] + body[_at(body, place) :],
    "a bit flipped": lambda body, place, piece: flipped(body, _at(body, place), len(piece) % 8),
    "something in it": lambda body, place, piece: body[: _at(body, place)] + piece + body[_at(body, place) :],
    "something over it": lambda body, place, piece: (
        body[: _at(body, place)] + piece + body[_at(body, place) + len(piece) :]
    ),
    "something before it": lambda body, _place, piece: piece + body,
    "other line ends": lambda body, _place, _: body.replace(b"\r\n", b"\r"),
    "mixed line ends": lambda body, place, _: (
        body[: _at(body, place)].replace(b"\r\n", b"\n") + body[_at(body, place) :]
    ),
    "quoted": lambda body, _place, _: b'"' + body.replace(b'"', b'""') + b'"',
    "in UTF-16": lambda body, _place, _: body.decode("latin-1").encode("utf-16"),
    "in UTF-16 without a mark": lambda body, _place, _: body.decode("latin-1").encode("utf-16-le"),
    "in EBCDIC": lambda body, _place, _: body.decode("latin-1").encode("cp037", "replace"),
    "packed": lambda body, _place, _: gzip.compress(body),
    "packed twice": lambda body, _place, _: gzip.compress(gzip.compress(body)),
    "half packed": lambda body, place, _: gzip.compress(body)[: 2 + _at(gzip.compress(body), place)],
    "as text in JSON": lambda body, _place, _: orjson.dumps(body.decode("latin-1")),
    "in a list in a list": lambda body, _place, _: b"[[" + body + b"]]",
}
"""How a body is spoiled: by its bytes, a place from 0 to 1, and a piece of something."""


def flipped(body, place, bit):
    """The body with one bit another, if it has any."""
    return body[:place] + bytes(byte ^ 1 << bit for byte in body[place : place + 1]) + body[place + 1 :]


@st.composite
def spoiled(draw, bodies):
    """One of these bodies after a few accidents."""
    body = draw(bodies)
    for _ in range(draw(st.integers(0, 3))):
        spoil = SPOILS[draw(st.sampled_from(sorted(SPOILS)))]
        place = draw(st.floats(0, 1))
        body = spoil(body, place, draw(st.sampled_from(PIECES)))
    return body


def any_body(media_type, rows):
    """A body of this type with these rows, or something else, spoiled or as it is; its separators and line ends vary."""
    good = st.builds(
        lambda separator, line_end: written(rows, media_type, separator=separator, line_end=line_end),
        st.sampled_from(";,\t"), st.sampled_from(["\r\n", "\n"]),
    )  # fmt: skip
    return spoiled(st.one_of(good, good, good, st.sampled_from(OTHERS), st.binary(max_size=200)))
