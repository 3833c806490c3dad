"""CSV as school systems and Dutch Excel write it becomes the same records as NDJSON, or is refused where it says something else."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.refusals import Code
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.contracts.writing import data_of
from aanwezig.intake.columns import column_of, converter_of
from aanwezig.intake.formats import NotReadable, TooManyRows
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.tables import read_table
from support.submitted import NUMBER, SCHOOL_SOURCE, a_mark_said

HEADER = "id;time;type;pupil.number;school;date;slot;minutes;state;authorised;missed"
ROW = f"row-1;2024-09-02T14:00:00Z;mark-recorded;{NUMBER};25PL00;2024-09-02;lesson-1;50;absent;;"


def read(text, *, encoding="utf-8", most=100, **more):
    body = text if isinstance(text, bytes) else text.encode(encoding)
    return list(read_table(body, most, source=SCHOOL_SOURCE, **more))


def said(text, **more):
    return [one.row.said for one in read(text, **more)]


def table(row, header=HEADER):
    return f"{header}\r\n{row}\r\n"


def refused(text, **more):
    with pytest.raises(NotTaken) as caught:
        read(text, **more)
    return caught.value.refusal


def fact(name, columns):
    """What the validator makes of one row of this type, written as a table."""
    cells = {"id": "1", "time": "2024-09-02T14:00:00Z", "type": name, **columns}
    text = "\t".join(cells) + "\n" + "\t".join(cells.values())
    (record,) = said(text)
    examined = examine_object(record)
    assert isinstance(examined, Submission), examined
    return data_of(examined.fact), examined


def test_a_row_is_the_record_that_ndjson_brings():
    assert said(table(ROW)) == [a_mark_said()]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("hint", [False, True])
def test_every_encoding_and_separator_tells_the_same(encoding, separator, hint):
    header = "id;time;type;pupil.local;school;kind;date;actions"
    row = "1;2024-09-02T14:00:00Z;school-reported;café;25PL00;light;2-9-2024;gesprek, één keer"
    lines = [f'"{cell}"' if separator in cell else cell for cell in row.split(";")]
    text = f"{separator.join(header.split(';'))}\r\n{separator.join(lines)}\r\n"
    if hint:
        text = f"sep={separator}\r\n{text}"
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    (record,) = said(f"{mark}{text}", encoding=encoding)
    assert record["data"]["pupil"] == {"local": "café"}
    assert record["data"]["actions"] == "gesprek, één keer"
    assert isinstance(examine_object(record), Submission)


def test_rows_are_numbered_as_a_spreadsheet_does_and_blank_ones_are_none():
    rows = read(f"sep=;\r\n{HEADER};;\r\n{ROW};;\r\n;;;;;;;;;;;;\r\n\r\n{ROW}\r\n")
    assert [one.number for one in rows] == [2, 5]
    assert [one.row.unread for one in rows] == [None, None]


@pytest.mark.parametrize(("cells", "more"), [("row-2;x", 11), (f"{ROW};7", 11)])
def test_a_row_with_other_cells_than_the_header_is_refused_alone(cells, more):
    rows = read(f"{HEADER}\n{cells}\n{ROW}")
    assert [one.row.unread and (one.row.unread.code, one.row.unread.detail) for one in rows] == [
        (Code.CELLS, f"{more}"), None,
    ]  # fmt: skip
    assert rows[0].row.as_bytes == cells.encode()
    assert rows[0].number == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2-9-2024", "2024-09-02"), ("02-09-2024", "2024-09-02"), ("2024-09-02", "2024-09-02"), ("31-2-2024", "31-2-2024"),
     ("9/2/2024", "9/2/2024"), ("0-0-0000", "0-0-0000")],
)  # fmt: skip
def test_dutch_dates_are_dates_and_others_are_left_for_the_validator(written, meant):
    (record,) = said(table(ROW.replace(";2024-09-02;", f";{written};")))
    assert record["data"]["date"] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("WAAR", True),
        ("ONWAAR", False),
        ("TRUE", True),
        ("false", False),
        ("ja", True),
        ("Nee", False),
        ("1", "1"),
    ],
)
def test_words_for_yes_and_no(written, meant):
    (record,) = said(table(ROW.replace("absent;;", f"absent;{written};")))
    assert record["data"]["authorised"] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("23456782", "023456782"), ("123456782", "123456782"), ("3456782", "3456782"), ('="023456782"', "023456782"),
     ("2345678x", "2345678x")],
)  # fmt: skip
def test_a_number_gets_its_lost_zero_back(written, meant):
    (record,) = said(table(ROW.replace(NUMBER, written)))
    assert record["data"]["pupil"]["number"] == meant


def test_an_empty_cell_is_a_field_left_out():
    (record,) = said(table(ROW.replace(";25PL00;", ";;")))
    assert "school" not in record["data"]
    assert [(one.field, one.code) for one in examine_object(record)] == [("school", Code.REQUIRED)]


def test_short_and_whole_names_of_a_type_and_of_a_field_are_one():
    whole = table(
        ROW.replace("mark-recorded", "nl.attendance.mark-recorded.v1"),
        HEADER.replace("minutes", "data.minutes"),
    )
    assert said(whole) == said(table(ROW))
    assert said(table(ROW, HEADER.upper())) == said(table(ROW))


def test_what_is_no_number_stays_text_and_the_validator_says_so():
    (record,) = said(table(ROW.replace(";50;", ";vijftig;")))
    assert [(one.field, one.code) for one in examine_object(record)] == [("minutes", Code.WRONG_TYPE)]


def test_a_source_of_its_own_and_a_time_from_the_command():
    other = "urn:nld:oin:000000070000000016QW"
    text = f"id;type;source\n1;mark-recorded;{other}\n2;mark-recorded;\n"
    records = said(text, recorded_at="2024-09-02T14:00:00Z")
    assert [one["source"] for one in records] == [other, SCHOOL_SOURCE]
    assert {one["time"] for one in records} == {"2024-09-02T14:00:00Z"}


@pytest.mark.parametrize("listed", ["1 2 3 4 5", "1;2;3;4;5", "1, 2, 3, 4, 5"])
def test_a_calendar_fits_in_a_row(listed):
    data, _ = fact(
        "calendar-recorded",
        {
            "school": "25PL00", "from": "1-8-2024", "until": "31-7-2025", "weekdays": listed, "extra_free": "2-9-2024 2024-09-03",
            "holidays.1.from": "21-12-2024", "holidays.1.until": "5-1-2025", "holidays.0.from": "26-10-2024",
            "holidays.0.until": "3-11-2024", "holidays.0.name": "herfst", "usual_slots.1": "7", "usual_slots.5": "6",
        },
    )  # fmt: skip
    assert data["weekdays"] == [1, 2, 3, 4, 5]
    assert data["extra_free"] == ["2024-09-02", "2024-09-03"]
    assert [one["from"] for one in data["holidays"]] == ["2024-10-26", "2024-12-21"]
    assert data["usual_slots"] == {"1": 7, "5": 6}


def test_a_decimal_comma_and_a_municipality_without_its_zero():
    pupil = {"pupil.local": "0017"}
    enrolment = {"school": "25PL00", "school_type": "vo", "from": "1-8-2024", "programme_hours": "27,5"}
    data, examined = fact("enrolment-recorded", {**pupil, **enrolment})
    assert data["programme_hours"] == 27.5
    assert examined.pupil.local == "0017"
    (record,) = said("id,time,type,municipality\n1,x,person-recorded,637")
    assert record["data"]["municipality"] == "0637"


def test_every_field_of_every_fact_has_a_column():
    for name, model in FACT_TYPES.items():
        for field in dataclasses.fields(model):
            path = {
                "pupil": "pupil.local",
                "holidays": "holidays.0.from",
                "usual_slots": "usual_slots.1",
            }.get(field.name, field.name.rstrip("_"))
            assert column_of(path) is not None, (name, field.name)
    assert converter_of("mark-recorded", ("data", "minutes"))("50") == 50
    assert converter_of("leave-granted", ("data", "minutes"))("50") == "50"


@pytest.mark.parametrize(
    ("header", "field", "code"),
    [
        ("id;time;type;naam", "naam", Code.COLUMN_UNKNOWN),
        ("id;time;type;123456782", "4", Code.COLUMN_UNKNOWN),
        ("id;;time;type", "2", Code.COLUMN_UNKNOWN),
        ("id;time;type;minutes;data.minutes", "data.minutes", Code.COLUMN_TWICE),
        ("id;time;ID;type", "ID", Code.COLUMN_TWICE),
        ("id;type;date", "time", Code.COLUMN_MISSING),
        ("id;time;date", "type", Code.COLUMN_MISSING),
        ("time;type;date", "id", Code.COLUMN_MISSING),
        (ROW, "", Code.HEADER_MISSING),
        ("\r\n\r\n", "", Code.EMPTY_FILE),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_whole(header, field, code):
    refusal = refused(f"{header}\n" if code is Code.EMPTY_FILE else f"{header}\n{ROW}\n")
    assert (refusal.field, refusal.code) == (field, code)
    assert NUMBER not in refusal.message("nl") + refusal.message("en")


@pytest.mark.parametrize(
    "rows",
    [
        f'{ROW}\n"never closed;2\n{ROW}\n',
        f'{ROW}\n"a"b;2\n',
        f'{ROW}\n"eaten\n{ROW}\n"more;x\n',
        f'{ROW}\n"eaten\n{ROW}\nmore";x\n{ROW}\n',
    ],
)
def test_quotes_that_do_not_match_refuse_the_whole_before_a_row_is_given(rows):
    assert refused(f"{HEADER}\n{rows}").code is Code.BROKEN_QUOTES


def test_what_is_no_text_refuses_the_whole():
    assert refused(b"id;time;type\n\x81\xff").code is Code.NOT_TEXT
    assert refused(b"\xff\xfei\x00d").code is Code.NOT_TEXT
    assert refused(b"\xff\xfe\x00\xd8\x00").code is Code.NOT_TEXT
    assert refused(b"id;time;type\n\0").code is Code.BINARY_FILE
    assert issubclass(NotTaken, NotReadable)


@pytest.mark.parametrize("count", [3, 4])
def test_more_rows_than_allowed_on_both_sides_of_the_limit(count):
    text = f"{HEADER}\n" + f"{ROW}\n" * count
    if count > 3:
        with pytest.raises(TooManyRows):
            read(text, most=3)
    else:
        assert len(read(text, most=3)) == 3


def test_a_row_above_64_kib_is_refused_alone_however_long_its_cell():
    header = "id;time;type;actions"
    rows = read(f"{header}\n1;x;school-reported;{'a' * 200_000}\n2;x;school-reported;b\n")
    assert [one.row.unread and one.row.unread.code for one in rows] == [Code.TOO_LARGE, None]
    assert [one.row.id for one in rows] == ["1", "2"]


def check_outcome(body):
    """Every row has an outcome, or the whole is refused for a reason; anything else fails the test."""
    try:
        rows = list(read_table(body, 50, source=SCHOOL_SOURCE))
    except (NotTaken, TooManyRows):
        return
    assert len(rows) <= 50
    assert [one.number for one in rows] == sorted({one.number for one in rows})
    for one in rows:
        assert one.row.unread is not None or examine_object(one.row.said) != []
        assert isinstance(one.row.as_bytes, bytes)


@given(st.binary(max_size=500))
def test_no_bytes_make_it_raise(body):
    check_outcome(body)
    check_outcome(f"{HEADER}\n".encode() + body)


@given(st.lists(st.lists(st.text(max_size=20), max_size=14), max_size=8), st.sampled_from([";", ",", "\t"]))
def test_no_cells_make_it_raise(rows, separator):
    lines = [HEADER.replace(";", separator), *(separator.join(cells) for cells in rows)]
    check_outcome("\n".join(lines).encode("utf-8", "replace"))


@given(st.dictionaries(st.sampled_from([n for n in HEADER.split(";") if n != "type"]), st.text(max_size=30)))
def test_no_words_in_a_mark_make_it_raise(cells):
    chosen = {"id": "1", "time": "x", **cells, "type": "mark-recorded"}
    quoted = ['"' + text.replace('"', '""') + '"' for text in chosen.values()]
    check_outcome((";".join(chosen) + "\n" + ";".join(quoted)).encode("utf-8", "replace"))
