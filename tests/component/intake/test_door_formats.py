"""The same rows by every format are the same events; and what is no format of ours is refused whole, with one sentence."""

import gzip
import io
import zipfile

import orjson
import pytest

from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.topics import FACTS
from support.intake_door import BATCH, CSV, NDJSON, lines, problem
from support.submitted import SCHOOL, a_mark_said, said

pytestmark = pytest.mark.engines
SINGLE = {"content-type": "application/cloudevents+json"}
PACKED = {"content-encoding": "gzip"}
SOURCE = school_source("25PL")
REPORT = {"school": SCHOOL, "kind": "light", "date": "2024-09-02", "actions": "gesprek, één keer"}
ROWS = [
    a_mark_said(id="1", source=SOURCE, slot="lesson-1"),
    a_mark_said(id="2", source=SOURCE, slot="lesson-2", minutes=900),
    said("school-reported", {"pupil": {"local": "café"}, **REPORT}, id="3", source=SOURCE),
    a_mark_said(id="4", source=SOURCE, school="25PL99"),
]
HEADER = "id;time;type;pupil.number;pupil.local;school;date;slot;minutes;state;kind;actions"
AT = "2024-09-02T14:00:00Z"
TABLE = "\r\n".join([
    HEADER,
    f"1;{AT};mark-recorded;123456782;;25PL00;2-9-2024;lesson-1;50;absent;;",
    f"2;{AT};mark-recorded;123456782;;25PL00;2-9-2024;lesson-2;900;absent;;",
    ";;;;;;;;;;;",
    f"3;{AT};school-reported;;café;25PL00;2-9-2024;;;;light;gesprek, één keer",
    f"4;{AT};mark-recorded;123456782;;25PL99;2-9-2024;lesson-1;50;absent;;",
    "",
])  # fmt: skip


def outcomes(receipts):
    """Receipts, where it is the same whether a row was accepted now or before."""
    return [{**one, "outcome": one["outcome"].replace("duplicate", "accepted")} for one in receipts]


async def test_the_same_rows_give_the_same_receipts_in_every_format(door, topics):
    first = await door.post("/v1/facts", content=lines(*ROWS), headers=NDJSON)
    receipts = first.json()["receipts"]
    assert [(one["id"], one["outcome"]) for one in receipts] == [
        ("1", "accepted"), ("2", "refused"), ("3", "accepted"), ("4", "refused"),
    ]  # fmt: skip
    excel = f"sep=;\r\n{TABLE}"
    commas = "\r\n".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line.split(";"))
        for line in TABLE.split("\r\n")
    )
    for content, headers in (
        (orjson.dumps(ROWS), BATCH),
        (gzip.compress(orjson.dumps(ROWS)), {**BATCH, **PACKED}),
        (gzip.compress(lines(*ROWS)), {**NDJSON, "content-encoding": "x-gzip"}),
        (TABLE.encode(), CSV),
        (TABLE.encode("windows-1252"), CSV),
        (TABLE.encode("utf-8-sig"), {"content-type": "text/csv; charset=utf-8"}),
        (TABLE.encode("windows-1252"), {"content-type": 'text/csv; charset="ISO-8859-1"'}),
        (excel.encode("windows-1252"), {"content-type": "text/csv;header=present;charset=windows-1252"}),
        (commas.encode("utf-16"), CSV),
        (gzip.compress(TABLE.encode()), {**CSV, **PACKED}),
        (gzip.compress(TABLE.encode()), CSV),
    ):
        again = await door.post("/v1/facts", content=content, headers=headers)
        assert again.status_code == 202, (headers, again.text)
        assert outcomes(again.json()["receipts"]) == outcomes(receipts), headers
        assert "accepted" not in {one["outcome"] for one in again.json()["receipts"]}
    for row, receipt in zip(ROWS, receipts, strict=True):
        alone = await door.post("/v1/facts", content=orjson.dumps(row), headers=SINGLE)
        assert outcomes(alone.json()["receipts"]) == outcomes([receipt])
    assert len(await topics.of(FACTS.name)) == 2


def zipped(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x" * 100)
    return file.getvalue()


PAGE = b"<!DOCTYPE html>\n<html><script>\n{ a }\n</script></html>"
ROW = lines(ROWS[0])
HALF = gzip.compress(ROW * 100)[:-20]
UTF_8 = {"content-type": "text/csv; charset=utf-8"}

WHOLE = [
    *((content, headers, code) for headers in (CSV, NDJSON, BATCH, SINGLE) for content, code in (
        (PAGE, Code.HTML_PAGE), (zipped("xl/workbook.xml"), Code.SPREADSHEET), (zipped("a.csv"), Code.ZIP_ARCHIVE),
        (b"%PDF-1.7", Code.PDF_DOCUMENT), (b"\x89PNG\r\n\x1a\n\0", Code.BINARY_FILE), (b"<?xml version='1.0'?><a/>", Code.UNKNOWN_XML),
        (HALF, Code.BROKEN_GZIP), (b" \r\n", Code.EMPTY_FILE), (gzip.compress(gzip.compress(ROW)), Code.BINARY_FILE),
    )),
    (HALF, {**NDJSON, **PACKED}, Code.BROKEN_GZIP),
    (ROW, {**NDJSON, **PACKED}, Code.BROKEN_GZIP),
    (gzip.compress(PAGE), {**CSV, **PACKED}, Code.HTML_PAGE),
    (b"id;name\n1;2\n", CSV, Code.COLUMN_UNKNOWN),
    (b"id;time\n1;2\n", CSV, Code.COLUMN_MISSING),
    (TABLE.replace("1;", '"1;', 1).encode(), CSV, Code.BROKEN_QUOTES),
    (TABLE.encode().replace("é".encode(), b"\x81"), {"content-type": "text/csv"}, Code.NOT_TEXT),
]  # fmt: skip


async def test_what_is_no_format_of_ours_is_refused_whole_with_the_sentence_of_a_file(door, topics):
    for content, headers, code in WHOLE:
        refused = await door.post("/v1/facts", content=content, headers=headers)
        assert (refused.status_code, problem(refused)) == (400, code), (content[:40], headers)
        assert refused.json()["detail"].split(".")[-2].strip()
    english = await door.post("/v1/facts", content=PAGE, headers={**CSV, "accept-language": "en"})
    assert english.json()["detail"] == Refusal("", Code.HTML_PAGE).message("en")
    bomb = await door.post(
        "/v1/facts", content=gzip.compress(b" " * 50_000_000), headers={**NDJSON, **PACKED}
    )
    assert (bomb.status_code, problem(bomb)) == (413, Code.UNPACKS_TOO_LARGE)
    many = await door.post("/v1/facts", content=f"{HEADER}\n".encode() + b"1;2\n" * 6, headers=CSV)
    assert (many.status_code, problem(many)) == (413, "too-many-rows")
    assert await door.service.store.collection("quarantine").count({}) == 0
    assert await topics.of(FACTS.name) == []


MISLABELLED = [
    (TABLE.encode("windows-1252"), UTF_8, 400, "not-readable"),
    (TABLE.encode(), NDJSON, 400, "not-readable"),
    (orjson.dumps(ROWS, option=orjson.OPT_INDENT_2), NDJSON, 400, "not-readable"),
    (ROW, CSV, 400, "not-readable"),
    (b"<Interchange/>", NDJSON, 400, "not-readable"),
    (TABLE.encode(), {"content-type": "text/csv; charset=koi8-r"}, 415, "unknown-format"),
    (ROW, {"content-type": "application/x-ndjson; charset=windows-1252"}, 415, "unknown-format"),
    (ROW, {**NDJSON, "content-encoding": "br"}, 415, "unknown-format"),
    (ROW, {"content-type": "application/xml"}, 415, "unknown-format"),
]


async def test_a_body_is_what_its_label_says_and_a_line_at_fault_is_a_row_at_fault(door):
    for content, headers, status, code in MISLABELLED:
        refused = await door.post("/v1/facts", content=content, headers=headers)
        assert (refused.status_code, problem(refused)) == (status, code), (content[:40], headers)
    warning = b"<br />\n<b>Warning</b>: Undefined index: slot"
    body = lines(warning, *ROWS[:1], b'{"id": "\x01"}')
    receipts = (await door.post("/v1/facts", content=body, headers=NDJSON)).json()["receipts"]
    assert [one["outcome"] for one in receipts] == ["refused", "refused", "accepted", "refused"]


async def test_where_rows_stand_in_their_file_is_kept(door):
    await door.post("/v1/facts?file=marks-3.csv", content=TABLE.encode(), headers=CSV)
    await door.post(
        "/v1/facts", params={"file": "dag é.csv", "row": 100}, content=TABLE.encode(), headers=CSV
    )
    for file, rows in (("marks-3.csv", [2, 3, 5, 6]), ("dag é.csv", [100, 101, 103, 104])):
        found = (await door.get("/v1/receipts", params={"file": file})).json()["receipts"]
        assert [one["row"] for one in found] == rows
    for wrong in (
        "file=",
        "file=a%00b",
        f"file={'a' * 201}",
        "file=a&file=b",
        "row=0",
        "row=-1",
        "row=x",
        "row=1234567890",
    ):
        refused = await door.post(f"/v1/facts?{wrong}", content=ROW, headers=NDJSON)
        assert (refused.status_code, problem(refused)) == (400, "wrong-parameter"), wrong


async def test_a_system_hears_what_is_registered_of_it_and_how_much_it_may_send(door, register):
    told = (await door.get("/v1/system")).json()
    assert told == {
        "system": register.system, "oin": SOURCE.split(":")[3], "source": SOURCE, "schools": [SCHOOL], "map": {},
        "rights": [],
        "limits": {
            "rows": 5, "bytes": 200_000, "event_bytes": 65_536, "body_seconds": 60.0, "rows_a_minute": 600_000,
            "requests_abreast": 8,
        },
    }  # fmt: skip
    assert (await door.get("/v1/system", headers={"authorization": ""})).status_code == 401
