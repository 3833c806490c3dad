"""From files to rows, with intake's own readers: NDJSON, a JSON array or object, CSV, Ed-Fi. None of them is sent here.

A row that its reader cannot make a record of (a CSV row with too few cells, an Ed-Fi event of a school that is not mapped)
never reaches the door: it carries its refusal instead.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from aanwezig.cli.given import WHOLE_BYTES, Given
from aanwezig.cli.offline import rows_of
from aanwezig.cli.sending import Form, Row
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.edfi import Interchanges, Setting, read_edfi
from aanwezig.intake.formats import TooManyRows
from aanwezig.intake.readings import NotTaken, Numbered
from aanwezig.intake.table_excerpt import as_written
from aanwezig.intake.tables import read_table
from aanwezig.intake.unpacking import Kind

MOST_ROWS: Final = 1_000_000
"""Most rows of a file that is read as a whole."""
_LONGEST_OBJECT: Final = 16 * MAX_EVENT_BYTES
_TOO_MANY: Final = f"hoogstens {MOST_ROWS} rijen in een bestand / at most {MOST_ROWS} rows in a file"
_TOGETHER: Final = WHOLE_BYTES // (1024 * 1024)
_TOO_LARGE_TOGETHER: Final = (
    f"hoogstens {_TOGETHER} MiB Ed-Fi samen / at most {_TOGETHER} MiB of Ed-Fi together"
)


@dataclass(frozen=True, slots=True)
class System:
    """Who sends, as the door knows it: its `source`, its schools, and which foreign id is which of them."""

    name: str
    source: str
    schools: tuple[str, ...] = ()
    mapped: Mapping[str, str] = field(default_factory=dict)


def rows(given: Given, kind: Kind, system: Callable[[], System], recorded_at: str | None) -> Iterator[Row]:
    """The rows of one file that is no Ed-Fi. `recorded_at`: the `time` of rows that have none; `system` is asked at need.

    Raises:
        NotTaken: the file is refused as a whole; that shows before the first row is given.
        OSError: it cannot be read.

    """
    if kind is Kind.CSV:
        body = given.body()
        try:
            table = read_table(body, MOST_ROWS, source=system().source, recorded_at=recorded_at)
        except TooManyRows:
            raise NotTaken(Refusal("", Code.TOO_LARGE, _TOO_MANY)) from None
        return _of_a_table(given, body, table)
    if kind is Kind.JSON_BATCH:
        return _values(given, array_of(given.body()), recorded_at)
    alone = one_object(given)
    if alone is not None:
        return _values(given, [alone], recorded_at)
    return _lines(given, recorded_at)


@dataclass(frozen=True, slots=True)
class EdFi:
    """Ed-Fi files read together: the rows and what was passed over of each file that could be read, and why the others not."""

    rows: Mapping[Given, list[Row]]
    passed_over: Mapping[Given, Mapping[str, int]]
    refused: Mapping[Given, Refusal]
    failed: Mapping[Given, OSError]
    unmapped: tuple[str, ...]


def edfi(files: Sequence[Given], system: System, recorded_at: datetime) -> EdFi:
    """The rows of Ed-Fi files that belong together (`intake.edfi`). A file at fault is left out, and the others are read."""
    setting = Setting(system.source, recorded_at, system.mapped)
    bodies: dict[Given, bytes] = {}
    refused: dict[Given, Refusal] = {}
    failed: dict[Given, OSError] = {}
    for one in files:
        try:
            bodies[one] = one.body()
        except NotTaken as not_taken:
            refused[one] = not_taken.refusal
        except OSError as wrong:
            failed[one] = wrong
    if sum(map(len, bodies.values())) > WHOLE_BYTES:
        refused |= dict.fromkeys(bodies, Refusal("", Code.TOO_LARGE, _TOO_LARGE_TOGETHER))
        bodies = {}
    told = _told(bodies.values(), setting)
    if isinstance(told, Refusal):
        # One of them is at fault: each is asked alone, and the others are one word of the school all the same.
        alone = {one: _told([body], setting) for one, body in bodies.items()}
        refused |= {one: said for one, said in alone.items() if isinstance(said, Refusal)}
        bodies = {one: body for one, body in bodies.items() if one not in refused}
        told = _told(bodies.values(), setting)
        if isinstance(told, Refusal):
            refused |= dict.fromkeys(bodies, told)
            bodies, told = {}, Interchanges((), ())
    made = dict(zip(bodies, told.files, strict=True))
    return EdFi(
        rows={one: in_layers([_made(one, row) for row in said.rows]) for one, said in made.items()},
        passed_over={one: said.passed_over for one, said in made.items()},
        refused=refused,
        failed=failed,
        unmapped=told.unmapped,
    )


def in_layers(made: Iterable[Row]) -> list[Row]:
    """The first row of each record, then the second of each: so that rows of one request count up one by one."""
    layers: list[list[Row]] = []
    met: dict[int, int] = {}
    for row in made:
        layer = met.get(row.number, 0)
        met[row.number] = layer + 1
        if layer == len(layers):
            layers.append([])
        layers[layer].append(row)
    return [row for layer in layers for row in layer]


def _told(bodies: Iterable[bytes], setting: Setting) -> Interchanges | Refusal:
    try:
        return read_edfi(list(bodies), setting, MOST_ROWS)
    except NotTaken as not_taken:
        return not_taken.refusal
    except TooManyRows:
        return Refusal("", Code.TOO_LARGE, _TOO_MANY)


def _made(given: Given, one: Numbered) -> Row:
    """A row that a reader made. One that is too large is left to the door: it says so itself."""
    row = one.row
    local = row.unread is not None and (row.said is None or row.unread.code is not Code.TOO_LARGE)
    raw = row.as_bytes if row.said is None else orjson.dumps(row.said)
    return Row(given, one.number, raw, Form.VALUES, row.unread if local else None, row.id)


def _of_a_table(given: Given, body: bytes, table: Iterable[Numbered]) -> Iterator[Row]:
    """Rows as events; one with too few or too many cells as it is written, for the door to keep."""
    header, written = as_written(body)
    for one in table:
        if one.row.unread is None or one.row.unread.code is not Code.CELLS:
            yield _made(given, one)
            continue
        raw = next(text for number, text in written if number == one.number)
        yield Row(given, one.number, raw.encode(), Form.TABLE, one.row.unread, header=header.encode())


def _lines(given: Given, recorded_at: str | None) -> Iterator[Row]:
    with given.stream() as file:
        for number, raw in rows_of(file):
            yield Row(given, number, raw if recorded_at is None else with_time(raw, recorded_at))


def _values(given: Given, said: Iterable[Any], recorded_at: str | None) -> Iterator[Row]:
    for number, value in enumerate(said, start=1):
        raw = dumped(value)
        timed = raw if recorded_at is None else with_time(raw, recorded_at)
        yield Row(given, number, timed, Form.VALUES)


def array_of(body: bytes) -> list[Any]:
    """The values in a JSON array.

    Raises:
        NotTaken: it is none, or has too many.

    """
    try:
        said = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, list):
        raise NotTaken(Refusal("", Code.NOT_JSON))
    if len(said) > MOST_ROWS:
        raise NotTaken(Refusal("", Code.TOO_LARGE, _TOO_MANY))
    return said


def one_object(given: Given) -> dict[str, Any] | None:
    """The one event of a file that is written over several lines, as a person or an editor writes JSON; else None."""
    head = given.peek(_LONGEST_OBJECT + 1).removeprefix(b"\xef\xbb\xbf")
    first = head.lstrip().partition(b"\n")[0]
    if len(head) > _LONGEST_OBJECT or first.rstrip().endswith(b"}"):
        return None
    try:
        said = orjson.loads(head)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def dumped(value: Any) -> bytes:
    """A JSON value as bytes, however deep."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value).encode()  # nested deeper than the quick encoder goes


def with_time(raw: bytes, time: str) -> bytes:
    """The row with this `time` where it has none; a row that is no JSON object is left for the door to judge."""
    try:
        said = orjson.loads(raw)
        if not isinstance(said, dict) or said.get("time") is not None:
            return raw
        return orjson.dumps({**said, "time": time})
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return raw
