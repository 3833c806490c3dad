"""CSV (`contract.md` 5): a table whose columns are field names with dots, as school systems and Dutch Excel write it.

UTF-8 with or without a byte order mark, UTF-16 with one, Windows-1252; separated by semicolon, comma or tab, told by the
header itself or by Excel's `sep=;` before it. Rows and columns without anything in them are passed over; an empty cell is
a field left out. How cells are read: `columns`. A row is numbered as a spreadsheet numbers it: the header is row 1 (the
line `sep=;` is no row).

A header that is not understood, and quotes that do not match, refuse the whole: nobody can tell any more where a row ends
or what a cell means. A row with too few or too many cells is refused alone.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

import orjson

from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.columns import ENVELOPE, column_of, converter_of, short_type, type_said
from aanwezig.intake.formats import NotReadable, Row, TooManyRows
from aanwezig.intake.readings import NotTaken, Numbered

_SEPARATORS: Final = ";,\t"
_REQUIRED: Final = ("id", "time", "type")
_LONGEST_NAME: Final = 60
_MOST_COLUMNS: Final = 1000
_LONGEST_HEADER: Final = 64 * 1024
_BLANK: Final = ";,\t| \r\n\f\x1a"
_BLANKS_A_ROW: Final = 20
_FIRST_WORD: Final = re.compile(f"[^{re.escape(_BLANK)}]")
_LINE_END: Final = re.compile(r"[\r\n]")
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HINT: Final = re.compile(r'"?sep=([;,\t|]?)"?[;,\t ]*(?:\r\n|\r|\n|$)', re.IGNORECASE)

Column = tuple[str, ...]
Lines = tuple[str, str]
"""The text of a table and its separator."""


class _Reader(Protocol):
    """What `csv.reader` gives: rows, and how many lines they took."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


def read_table(
    body: bytes, most: int, *, source: str, recorded_at: str | None = None, encoding: str | None = None
) -> Iterator[Numbered]:
    """The rows of a CSV file, in order. `source`: who speaks where a row does not say; `recorded_at`: the same of `time`.

    `encoding`: how its characters are written, where its sender said so; None: it is found out.

    The whole is checked before this gives anything back, so nothing is taken in half; rows are made one at a time.

    Raises:
        NotTaken: the file as a whole is refused.
        NotReadable: its characters are not written as its sender said.
        TooManyRows: it has more than `most` rows.

    """
    text, separator = _table(_text(body, encoding))
    columns = _columns(_header(text, separator), needs_time=recorded_at is None)
    _check(text, separator, len(columns), most)
    given = {"specversion": "1.0", "source": source}
    if recorded_at is not None:
        given["time"] = recorded_at
    return _rows(text, separator, columns, given)


def text_of(body: bytes) -> tuple[str, str, str]:
    """What a table is made of: Excel's hint where it begins with one, the text behind it, and its separator.

    Raises:
        NotTaken: it is no text, or there is nothing in it.

    """
    whole = _text(body, None)
    text, separator = _table(whole)
    return whole[: len(whole) - len(text)], text, separator


def _text(body: bytes, encoding: str | None) -> str:
    """The text of a body. A byte order mark says more than a sender's word."""
    if encoding is not None and not body.startswith(_MARKS):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            raise NotReadable(encoding) from None
    else:
        text = _found_out(body)
    if "\0" in text:
        raise NotTaken(Refusal("", Code.BINARY_FILE))
    # A sheet whose empty rows were once filled in is written with all of them, up to a million.
    end = len(text.rstrip(_BLANK))
    line_end = _LINE_END.search(text, end)
    return text if line_end is None else text[: line_end.end()]


def _found_out(body: bytes) -> str:
    try:
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return body.decode("utf-16")
        return _in_eight_bits(body)
    except UnicodeDecodeError:
        raise NotTaken(Refusal("", Code.NOT_TEXT)) from None


def _in_eight_bits(body: bytes) -> str:
    """UTF-8, else Windows-1252: text of the one with any letter beyond ASCII is practically never valid as the other."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if body.startswith(codecs.BOM_UTF8):
            raise
        return body.decode("windows-1252")


def _table(text: str) -> Lines:
    """The table without Excel's hint, and its separator: the one that the hint names, or that finds most known columns."""
    hint = _HINT.match(text)
    if hint is not None:
        return text[hint.end() :], hint[1] or "\t"
    if not text.strip():
        raise NotTaken(Refusal("", Code.EMPTY_FILE))
    known = {
        one: sum(column_of(name) is not None for name in _header(text, one)[:_MOST_COLUMNS])
        for one in _SEPARATORS
    }
    return text, max(_SEPARATORS, key=lambda one: known[one])


def _reader(text: str, separator: str) -> _Reader:
    # Cells are as large as they are: a row that is too large for a record is refused as a row, with its number.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _header(text: str, separator: str) -> list[str]:
    """The cells of the first row that has any, without the empty ones at its end. No header is longer than 64 KiB."""
    word = _FIRST_WORD.search(text)
    begin = (
        0 if word is None else max(text.rfind("\n", 0, word.start()), text.rfind("\r", 0, word.start())) + 1
    )
    head = text[begin : begin + _LONGEST_HEADER]
    try:
        header = next((cells for cells in _reader(head, separator) if _says(cells)), [])
    except csv.Error:
        raise NotTaken(Refusal("", Code.BROKEN_QUOTES, "1")) from None
    while header and not header[-1].strip():
        header.pop()
    return header


def _columns(header: Sequence[str], *, needs_time: bool) -> list[Column]:
    columns = [column_of(name) for name in header[:_MOST_COLUMNS]]
    if not any(columns):
        raise NotTaken(Refusal("", Code.HEADER_MISSING, ", ".join(_REQUIRED)))
    if len(header) > _MOST_COLUMNS:
        raise NotTaken(Refusal(_shown("", _MOST_COLUMNS), Code.COLUMN_UNKNOWN))
    seen: set[Column] = set()
    for place, column in enumerate(columns):
        if column is None:
            raise NotTaken(Refusal(_shown(header[place], place), Code.COLUMN_UNKNOWN))
        if column in seen:
            raise NotTaken(Refusal(_shown(header[place], place), Code.COLUMN_TWICE))
        seen.add(column)
    for name in _REQUIRED:
        if (name,) not in seen and (name != "time" or needs_time):
            raise NotTaken(Refusal(name, Code.COLUMN_MISSING))
    return [column for column in columns if column is not None]


def _shown(name: str, place: int) -> str:
    """A column's name where it can be one, else its place: what stands in a header by mistake may be personal."""
    name = name.strip()
    plain = name.replace(".", "").replace("_", "").replace("-", "").replace(" ", "")
    if 0 < len(name) <= _LONGEST_NAME and plain.isalpha():
        return name
    return f"{place + 1}"


def _check(text: str, separator: str, width: int, most: int) -> None:
    count = number = 0
    begun = ended = 0
    reader = _reader(text, separator)
    try:
        for cells in reader:
            number += 1
            begun, ended = ended, reader.line_num
            if not _says(cells):
                if number - count > _BLANKS_A_ROW * most + _MOST_COLUMNS:
                    raise TooManyRows
                continue
            count += 1
            if count > most + 1:
                raise TooManyRows
            if ended - begun > 1 and not _fits(cells, width) and _holds_a_break(cells):
                # A quote that was never closed has eaten the rows up to the next one.
                raise NotTaken(Refusal("", Code.BROKEN_QUOTES, f"{number}"))
    except csv.Error:
        raise NotTaken(Refusal("", Code.BROKEN_QUOTES, f"{number + 1}")) from None


def _says(cells: Sequence[str]) -> bool:
    return bool("".join(cells).strip())


def _holds_a_break(cells: Sequence[str]) -> bool:
    return any("\n" in cell or "\r" in cell for cell in cells)


def _fits(cells: Sequence[str], width: int) -> bool:
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def _rows(text: str, separator: str, columns: Sequence[Column], given: dict[str, str]) -> Iterator[Numbered]:
    met_header = False
    for number, cells in enumerate(_reader(text, separator), start=1):
        if not _says(cells):
            continue
        if not met_header:
            met_header = True
            continue
        if _fits(cells, len(columns)):
            yield Numbered(number, _row(cells, columns, given))
        else:
            raw = separator.join(cells).encode()
            yield Numbered(number, Row(None, raw, Refusal("", Code.CELLS, f"{len(columns)}")))


def _row(cells: Sequence[str], columns: Sequence[Column], given: dict[str, str]) -> Row:
    filled = {
        column: text
        for column, cell in zip(columns, cells, strict=False)
        if (text := _unquoted(cell.strip()))
    }
    name = short_type(filled.get(("type",), ""))
    said: dict[str, Any] = dict(given)
    data: dict[str, Any] = {}
    for column, text in filled.items():
        if column[0] in ENVELOPE:
            said[column[0]] = type_said(text) if column[0] == "type" else text
        else:
            _put(data, column[1:], converter_of(name, column)(text))
    said["data"] = _lists(data)
    if len(orjson.dumps(said)) > MAX_EVENT_BYTES:
        return Row(said, unread=Refusal("", Code.TOO_LARGE, f"{MAX_EVENT_BYTES // 1024} KiB"))
    return Row(said)


def _unquoted(text: str) -> str:
    """`="012"`, as exports write what a spreadsheet must not take for a number, is 012."""
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') and len(text) > 2 else text


def _put(data: dict[str, Any], path: Column, value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value


def _lists(data: dict[str, Any]) -> dict[str, Any]:
    """With lists for what was written as `holidays.0.from`; a mapping by weekday has values of its own and stays one."""
    return {
        name: [value[place] for place in sorted(value, key=int)] if _is_list(value) else value
        for name, value in data.items()
    }


def _is_list(value: Any) -> bool:
    return isinstance(value, dict) and all(
        key.isdigit() and isinstance(one, dict) for key, one in value.items()
    )
