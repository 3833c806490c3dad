"""From the body of a request and what its headers say of it to rows; and what it says it is, it must be.

A body that is something else (an error page, a workbook, half a gzip) is refused as a whole, with the sentence a file gets.
Everything here is pure and may run beside the event loop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from aanwezig.intake.columns import column_of
from aanwezig.intake.formats import FORMATS, NotReadable
from aanwezig.intake.readings import Numbered
from aanwezig.intake.tables import read_table
from aanwezig.intake.unpacking import Bounds, Kind, is_gzip, kind_of, not_taken, unpacked

CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"
MEDIA_TYPES: Final = (*FORMATS, CSV)
"""What a body may say it is."""

_UTF_8: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
_ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "us-ascii": "utf-8-sig",
    # What calls itself Latin-1 is read as Windows-1252, as browsers do (WHATWG Encoding 4.2): it holds all of it but controls.
    "windows-1252": "windows-1252", "cp1252": "windows-1252",
    "iso-8859-1": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252",
}  # fmt: skip
_PACKINGS: Final = frozenset({"gzip", "x-gzip"})
_BYTES_OF_A_VALUE: Final = 64
_BETWEEN_VALUES: Final = (b",", b";", b"\t", b"{", b"[")
_NEVER: Final = frozenset(
    {Kind.EMPTY, Kind.GZIP, Kind.HTML, Kind.SPREADSHEET, Kind.PDF, Kind.ZIP, Kind.BINARY}
)


class NotOurs(Exception):
    """A media type, an encoding of characters or a packing that there is no reader for."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the headers say of a body: its media type, the encoding of its characters (None: not said), whether it is gzip."""

    media_type: str
    charset: str | None = None
    packed: bool = False


def label_of(headers: Mapping[str, str]) -> Label:
    """What the headers of a request say of its body.

    Raises:
        NotOurs: there is no reader for it.

    """
    name, *parameters = headers.get("content-type", "").lower().split(";")
    media_type = name.strip()
    said = next((one.partition("=")[2] for one in parameters if one.strip().startswith("charset=")), "")
    charset = said.strip(' "')
    packing = headers.get("content-encoding", "").lower().strip()
    if media_type not in MEDIA_TYPES or (packing not in _PACKINGS and packing not in {"", "identity"}):
        raise NotOurs
    if charset not in (_UTF_8 if media_type != CSV else _ENCODINGS.keys() | {""}):
        raise NotOurs
    return Label(media_type, _ENCODINGS.get(charset), packing in _PACKINGS)


def unpacked_body(body: bytes, label: Label, most: int) -> bytes:
    """The body itself, at most so many bytes. A gzip is unpacked also where no header tells that it is one.

    Raises:
        NotTaken: it is no whole gzip, or holds too much.

    """
    if not label.packed and not is_gzip(body):
        return body
    return b"".join(unpacked((body,), Bounds(bytes=most)))


def weight_of(body: bytes) -> int:
    """The bytes that a body and what is read from it may take in memory, roughly and not too few."""
    return len(body) + _BYTES_OF_A_VALUE * sum(map(body.count, _BETWEEN_VALUES))


def rows_of(body: bytes, label: Label, most: int, *, source: str) -> Sequence[Numbered]:
    """The rows of a body, each with its number: the n-th record, or in a table the row of a spreadsheet.

    `source`: who speaks in a row of a table that does not say.

    Raises:
        NotTaken: it is something else than it says, and what it is is told.
        NotReadable: it is something else than it says.
        TooManyRows: it has more than `most`.

    """
    kind = kind_of(body)
    if kind in _NEVER:
        raise not_taken(kind)
    if label.media_type == CSV:
        if kind is Kind.XML:
            raise not_taken(kind)
        if kind is Kind.EDFI_XML or body.lstrip()[:1] in {b"{", b"["}:
            raise NotReadable("no table")
        return list(read_table(body, most, source=source, encoding=label.charset))
    if label.media_type == NDJSON:
        _check_lines(body, kind)
    elif kind is Kind.XML:
        raise not_taken(kind)
    rows = FORMATS[label.media_type](body, most)
    return [Numbered(number, row) for number, row in enumerate(rows, start=1)]


def _check_lines(body: bytes, kind: Kind) -> None:
    """Lines of JSON are lines, whatever is wrong with some of them; but a whole that is clearly another is refused as one.

    Raises:
        NotTaken: it is XML.
        NotReadable: it is Ed-Fi XML, a table, or one JSON array over several lines.

    """
    if kind is Kind.XML and not any(line.lstrip().startswith(b"{") for line in body.split(b"\n")):
        raise not_taken(kind)
    if kind is Kind.EDFI_XML or (kind is Kind.CSV and _is_header(body)):
        raise NotReadable("no lines of JSON")
    if kind is Kind.JSON_BATCH and body.strip().count(b"\n"):
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        raise NotReadable("one array")


def _is_header(body: bytes) -> bool:
    """Whether the first line names columns of ours."""
    first = body.lstrip().split(b"\n", 1)[0][:1000].decode("latin-1").removeprefix("\xef\xbb\xbf")
    names = first.replace(";", ",").replace("\t", ",").replace('"', "").split(",")
    return sum(column_of(name) is not None for name in names) > 1
