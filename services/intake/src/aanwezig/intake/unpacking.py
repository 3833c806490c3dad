"""What a file really is, by its bytes and not by its name, and gzip unpacked within bounds.

Files come with wrong names: a workbook called `.csv`, an error page saved as data, a download that was cut off. What is
none of our formats is refused as a whole, with a sentence that says what it looks like (`Code`, *of a whole file*).
"""

import codecs
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.readings import NotTaken

_GZIP: Final = b"\x1f\x8b"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SHEET_MARKS: Final = (b"xl/", b"application/vnd.oasis.opendocument.spreadsheet")
_ANY_GZIP_MEMBER: Final = 16 + zlib.MAX_WBITS
_SLICE: Final = 64 * 1024
_PIECE: Final = 256 * 1024
_MOST_MEMBERS: Final = 10_000
_LOOKED_AT: Final = 64 * 1024
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS: Final = frozenset(map(chr, range(32))) - set("\t\n\r\f\x1a") | {"\x7f"}


class Kind(StrEnum):
    """What the bytes of a file look like."""

    EMPTY = "empty"
    GZIP = "gzip"
    NDJSON = "ndjson"
    JSON_BATCH = "json-batch"
    CSV = "csv"
    EDFI_XML = "edfi-xml"
    XML = "xml"
    HTML = "html"
    SPREADSHEET = "spreadsheet"
    PDF = "pdf"
    ZIP = "zip"
    BINARY = "binary"
    TEXT = "text"


TAKEN: Final = frozenset({Kind.NDJSON, Kind.JSON_BATCH, Kind.CSV, Kind.EDFI_XML})
"""The kinds there is a reader for."""

_WHY_NOT: Final[Mapping[Kind, Code]] = {
    Kind.EMPTY: Code.EMPTY_FILE,
    Kind.GZIP: Code.BINARY_FILE,  # a gzip in a gzip
    Kind.XML: Code.UNKNOWN_XML,
    Kind.HTML: Code.HTML_PAGE,
    Kind.SPREADSHEET: Code.SPREADSHEET,
    Kind.PDF: Code.PDF_DOCUMENT,
    Kind.ZIP: Code.ZIP_ARCHIVE,
    Kind.BINARY: Code.BINARY_FILE,
    Kind.TEXT: Code.UNKNOWN_FILE,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a file may unpack: to how many bytes at most, and to how many times its own size (beyond one MiB)."""

    bytes: int = 256 * 1024 * 1024
    ratio: int = 200


_PAGES: Final = ("<!doctype html", "<head", "<body", "<div", "<script", "<meta")
_RATIO_FROM: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it is to be read: what it is, one of `TAKEN`, and its bytes, unpacked."""

    kind: Kind
    body: bytes


def opened(body: bytes, bounds: Bounds = Bounds()) -> Opened:
    """A file of any kind, unpacked where it is gzip, whatever its name.

    Raises:
        NotTaken: it is empty, no format of ours, a broken gzip, or one that unpacks beyond the bounds.

    """
    if is_gzip(body):
        body = b"".join(unpacked((body,), bounds))
    kind = kind_of(body)
    if kind not in TAKEN:
        raise not_taken(kind)
    return Opened(kind, body)


def is_gzip(body: bytes) -> bool:
    """Whether these bytes begin as a gzip does."""
    return body.startswith(_GZIP)


def not_taken(kind: Kind) -> NotTaken:
    """Why a file of this kind, none of `TAKEN`, is refused."""
    return NotTaken(Refusal("", _WHY_NOT[kind]))


def unpacked(chunks: Iterable[bytes], bounds: Bounds = Bounds()) -> Iterator[bytes]:
    """The bytes in a gzip of one or more members, in pieces of bounded size, as the packed ones come in.

    A caller that must take all or nothing waits for the end: that a gzip is cut off shows there only.

    Raises:
        NotTaken: it is cut off, damaged, has something else behind it, or unpacks beyond the bounds.

    """
    gzip = _Gzip()
    came = gave = 0
    for chunk in chunks:
        for start in range(0, len(chunk), _SLICE):
            packed = chunk[start : start + _SLICE]
            came += len(packed)
            for piece in gzip.pieces(packed):
                gave += len(piece)
                if gave > bounds.bytes or gave > max(_RATIO_FROM, came * bounds.ratio):
                    raise NotTaken(Refusal("", Code.UNPACKS_TOO_LARGE, _limit(bounds)))
                yield piece
    if not gzip.is_whole:
        raise NotTaken(Refusal("", Code.BROKEN_GZIP))


class _Gzip:
    """The members of a gzip, one behind the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_ANY_GZIP_MEMBER)
        self._members = 1

    @property
    def is_whole(self) -> bool:
        """Whether the last member came to its end."""
        return self._member.eof

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """What these packed bytes hold, each piece of bounded size."""
        while packed:
            if self._member.eof:
                # Behind a member stands another one, or the zeros that a tape is filled with (gzip's manual).
                packed = packed.lstrip(b"\0")
                if not packed:
                    return
                self._member = zlib.decompressobj(_ANY_GZIP_MEMBER)
                self._members += 1
            try:
                piece = self._member.decompress(packed, _PIECE)
            except zlib.error:
                raise NotTaken(Refusal("", Code.BROKEN_GZIP)) from None
            if self._members > _MOST_MEMBERS:
                raise NotTaken(Refusal("", Code.BROKEN_GZIP))
            packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece


def kind_of(head: bytes) -> Kind:
    """What the first bytes of a file, or all of them, look like. It never raises; some kilobytes are enough.

    A workbook is told from another ZIP by names that may stand behind the first kilobytes: more bytes tell more.
    """
    kind = _by_its_mark(head)
    if kind is not None:
        return kind
    if head.startswith(_UTF_16):
        text = head[: 2 * _LOOKED_AT].decode("utf-16", "ignore").strip()
    else:
        text = head.removeprefix(codecs.BOM_UTF8).lstrip()[:_LOOKED_AT].decode("latin-1")
    if not text:
        return Kind.EMPTY
    is_text = text.startswith(("{", "[")) or _is_text(text)
    return _by_its_words(text) if is_text else Kind.BINARY


def _is_text(text: str) -> bool:
    """Whether it is written text; a stray control character spoils its own record and not a file of records."""
    if "\0" in text:
        return False
    return not _CONTROLS.intersection(text) or sum(map(text.count, _CONTROLS)) * 100 <= len(text)


def _by_its_mark(head: bytes) -> Kind | None:
    if not head:
        return Kind.EMPTY
    if head.startswith(_GZIP):
        return Kind.GZIP
    if head.startswith(_OLE):
        return Kind.SPREADSHEET
    if head.startswith(_ZIPS):
        return Kind.SPREADSHEET if any(mark in head for mark in _SHEET_MARKS) else Kind.ZIP
    return Kind.PDF if head.lstrip().startswith(b"%PDF-") else None


def _by_its_words(text: str) -> Kind:
    if text.startswith("<"):
        lower = text.lower()
        if "<html" in lower or lower.startswith(_PAGES):
            return Kind.HTML
        return Kind.EDFI_XML if "interchange" in lower or "ed-fi.org" in lower else Kind.XML
    if text.startswith("["):
        return Kind.JSON_BATCH
    lines = text.splitlines()
    if any(line.lstrip().startswith("{") for line in lines):
        return Kind.NDJSON
    return Kind.CSV if any(separator in lines[0] for separator in ",;\t") or _is_hint(lines[0]) else Kind.TEXT


def _is_hint(line: str) -> bool:
    return line.strip('"').lower().startswith("sep=")


def _limit(bounds: Bounds) -> str:
    return f"{bounds.bytes // (1024 * 1024)} MiB, {bounds.ratio} x"
