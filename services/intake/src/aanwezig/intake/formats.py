"""Formats: from the bytes of a request, a file or a message to rows, in order. One row at fault spoils no other.

Each reader is one entry of `FORMATS`; what a row means is asked elsewhere, so every format meets the same validator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.refusals import Code, Refusal

_MOST_ID: Final = 1000
_MOST_LEVELS: Final = 32
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class NotReadable(Exception):
    """The whole is not what it says it is: nothing of it was taken."""


class NotOne(NotReadable):
    """A list where one event is said to be."""


class TooManyRows(Exception):
    """More rows than one request may hold: nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read: its JSON value, or why it has none (`unread`). `raw`: its bytes, where they stood alone."""

    said: Any
    raw: bytes | None = None
    unread: Refusal | None = None

    @property
    def id(self) -> str | None:
        """The id the sender gave it, where there is one that can be an id."""
        given = self.said.get("id") if isinstance(self.said, dict) else None
        return given if isinstance(given, str) and 0 < len(given) <= _MOST_ID else None

    @property
    def as_bytes(self) -> bytes:
        """The row as bytes: equal rows are equal bytes, whichever format brought them. For what is kept.

        Of a row nested deeper than the encoder goes, and that no line of its own holds, only the upper levels are told.
        """
        if self.unread is not None and self.raw is not None:
            return self.raw
        try:
            return orjson.dumps(self.said, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            return self.raw if self.raw is not None else orjson.dumps(_pruned(self.said, _MOST_LEVELS))


Reader = Callable[[bytes, int], list[Row]]


def _single(body: bytes, _most: int) -> list[Row]:
    said = _decoded(body)
    if isinstance(said, list):
        raise NotOne("one event is a JSON object")
    if len(body) > MAX_EVENT_BYTES:
        return [Row(said, unread=_TOO_LARGE)]
    return [Row(said)]


def _batch(body: bytes, most: int) -> list[Row]:
    said = _decoded(body)
    if not isinstance(said, list):
        raise NotReadable("a batch is a JSON array")
    if len(said) > most:
        raise TooManyRows
    if len(body) <= MAX_EVENT_BYTES:
        return [Row(item) for item in said]
    return [Row(item, unread=_TOO_LARGE if _is_large(item) else None) for item in said]


def _lines(body: bytes, most: int) -> list[Row]:
    lines = [line for line in body.removeprefix(_BYTE_ORDER_MARK).split(b"\n") if line.strip()]
    if len(lines) > most:
        raise TooManyRows
    return [_line(line.strip()) for line in lines]


FORMATS: Final[Mapping[str, Reader]] = {
    "application/cloudevents+json": _single,
    "application/cloudevents-batch+json": _batch,
    "application/x-ndjson": _lines,
}
"""Readers by media type: bytes and the most rows there may be, to rows."""

_TOO_LARGE: Final = Refusal("", Code.TOO_LARGE, f"{MAX_EVENT_BYTES // 1024} KiB")


def _line(line: bytes) -> Row:
    if len(line) > MAX_EVENT_BYTES:
        return Row(None, line, _TOO_LARGE)
    try:
        return Row(orjson.loads(line), line)
    except orjson.JSONDecodeError:
        return Row(None, line, Refusal("", Code.NOT_JSON))


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotReadable("not valid JSON") from None


def _is_large(item: Any) -> bool:
    try:
        return len(orjson.dumps(item)) > MAX_EVENT_BYTES
    except orjson.JSONEncodeError:
        return False


def _pruned(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(item, levels - 1) for key, item in value.items()} if levels else {}
    if isinstance(value, list):
        return [_pruned(item, levels - 1) for item in value] if levels else []
    return value
