"""Parts of a file are as the file had them: rows of a table, records of an Ed-Fi interchange."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.refusals import Code
from aanwezig.intake.edfi_excerpt import excerpt
from aanwezig.intake.edfi_xml import document
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.table_excerpt import as_written
from aanwezig.intake.tables import read_table

HEADER = "id;time;type\r\n"
RECORDS = ('<A x="1"/>', "<B><A>1</A><!-- b --></B>", "<C/>", "<Student><BirthDate>é</BirthDate></Student>")
DOCUMENT = f'\n<!-- by us -->\n<Interchange a="1">\n {RECORDS[0]} <!-- x -->{RECORDS[1]}<?p?>{RECORDS[2]}\n{RECORDS[3]} </Interchange>\n'


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("numbers", [{1}, {2}, {3, 4}, set(), {1, 2, 3, 4, 9}])
def test_records_stand_in_their_own_interchange_byte_for_byte(numbers, encoding):
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = (declared + DOCUMENT).encode(encoding)
    kept = "".join(record for number, record in enumerate(RECORDS, start=1) if number in numbers)
    told = excerpt(body, numbers)
    assert told.decode(encoding) == f'{declared}\n<!-- by us -->\n<Interchange a="1">{kept}</Interchange>\n'
    students = [one.values for one in document(told, 100).records]
    assert students == ([((2, "BirthDate", "é"),)] if 4 in numbers else [])


def test_a_broken_interchange_has_no_excerpt():
    with pytest.raises(NotTaken) as caught:
        excerpt(b"<Interchange><A>", {1})
    assert caught.value.refusal.code is Code.BROKEN_XML


@pytest.mark.parametrize(
    ("text", "head", "rows"),
    [
        (HEADER + "1;a;b\r\n2;c;d", HEADER, [(2, "1;a;b\r\n"), (3, "2;c;d\r\n")]),
        ("sep=;\r\n" + HEADER + "1;a;b\r\n", "sep=;\r\n" + HEADER, [(2, "1;a;b\r\n")]),
        (HEADER + '1;"a\r\n;""b""";c\r\n;;\r\n\r\n2;"x;y"\r\n', HEADER,
         [(2, '1;"a\r\n;""b""";c\r\n'), (5, '2;"x;y"\r\n')]),
        ("id,time,type\n1,a,b\n", "id,time,type\n", [(2, "1,a,b\n")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_rows_of_a_table_are_as_they_are_written(text, head, rows, encoding):
    told, written = as_written(text.encode(encoding))
    assert (told, list(written)) == (head, rows)


@given(st.lists(st.lists(st.text('ab;"\n \r,é', max_size=5), min_size=3, max_size=3), max_size=5))
def test_written_rows_have_the_numbers_of_rows_that_are_read_and_the_same_cells(cells):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([["id", "time", "type"], *cells])
    body = out.getvalue().encode()
    try:
        read = {one.number for one in read_table(body, 100, source="x")}
    except NotTaken:
        return
    _, written = as_written(body)
    rows = dict(written)
    assert rows.keys() == read
    for number, text in rows.items():
        [told] = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        assert told == cells[number - 2]
