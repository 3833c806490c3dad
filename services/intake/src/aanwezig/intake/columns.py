"""The columns a table may have and how a cell becomes a value: computed from the fact models (`contract.md` 3 and 5).

A cell is changed only where a spreadsheet is known to have changed it first; everything else goes on as text, and the
one validator says what is wrong with it. What is accepted beside the contract's own form:

* dates `D-M-YYYY` and `DD-MM-YYYY` beside `YYYY-MM-DD`;
* a decimal comma beside a point;
* `WAAR`, `ONWAAR`, `ja`, `nee`, `yes`, `no` beside `true` and `false`, in any case;
* a number of nine digits that lost its leading zero, and a CBS code that lost its own;
* lists as `1 2 3`, `1;2;3` or `1,2,3` in one cell; `="012"`, as exports write text that must stay text.
"""

import dataclasses
import re
import types
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Union, get_args, get_origin

from aanwezig.contracts.envelope import type_of
from aanwezig.contracts.facts import FACT_TYPES

Converter = Callable[[str], Any]
"""From the text of a cell, not empty, to a JSON value; what it cannot read it gives back as it is."""

ENVELOPE: Final = (
    "id", "source", "type", "time", "sequence", "specversion", "datacontenttype", "traceparent",
)  # fmt: skip
_PLACE: Final = "#"
_DUTCH_DAY: Final = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?")
_DIGITS_ALONE: Final = re.compile(r"\^\[0-9\]\{([0-9]+)\}\$")
_BETWEEN: Final = re.compile(r"[\s;,]+")
_WORDS: Final[Mapping[str, bool]] = {
    "true": True, "waar": True, "ja": True, "yes": True, "false": False, "onwaar": False, "nee": False, "no": False,
}  # fmt: skip
_NUMBER_DIGITS: Final = 9


def converter_of(name: str, column: tuple[str, ...]) -> Converter:
    """How a cell of this column is read in a row of this type of fact (short name); as text where it has no such field."""
    return _OF_TYPE.get(name, {}).get(_anywhere(column), str)


def column_of(written: str) -> tuple[str, ...] | None:
    """The column a header names, as the parts of its path below the record; None: there is no such column.

    Names are read without regard to case; fields of `data` may be written with or without `data.` before them.
    """
    name = written.strip().lower()
    if name in ENVELOPE:
        return (name,)
    parts = tuple(name.removeprefix("data.").split("."))
    return ("data", *parts) if _anywhere(("data", *parts)) in _KNOWN else None


def type_said(text: str) -> str:
    """The CloudEvents type a cell means: short names of facts are made whole, other text is left."""
    return type_of(text) if text in FACT_TYPES else text


def short_type(text: str) -> str:
    """The short name of a type, whichever way it was written."""
    return text.removeprefix(type_of("").removesuffix(".v1")).removesuffix(".v1")


def _anywhere(column: tuple[str, ...]) -> tuple[str, ...]:
    """The column with every place in a list or a mapping left open."""
    return tuple(_PLACE if part.isascii() and part.isdigit() and len(part) <= 2 else part for part in column)


def _day(text: str) -> str:
    found = _DUTCH_DAY.fullmatch(text)
    if found is None:
        return text
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return text


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text


def _decimal(text: str) -> float | str:
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else text


def _flag(text: str) -> bool | str:
    return _WORDS.get(text.lower(), text)


def _padded(digits: int) -> Converter:
    def read(text: str) -> str:
        return f"0{text}" if len(text) == digits - 1 and text.isascii() and text.isdigit() else text

    return read


def _listed(read: Converter) -> Converter:
    def read_all(text: str) -> list[Any]:
        return [read(part) for part in _BETWEEN.split(text) if part]

    return read_all


_OF_KIND: Final[Mapping[Any, Converter]] = {date: _day, int: _whole, float: _decimal, bool: _flag}


def _bare(kind: Any) -> Any:
    """The type inside what is annotated or optional."""
    while get_origin(kind) in {Annotated, Union, types.UnionType}:
        inner = get_args(kind)
        kind = (
            inner[0] if get_origin(kind) is Annotated else next(one for one in inner if one is not type(None))
        )
    return kind


def _pattern(kind: Any) -> str | None:
    if get_origin(kind) in {Union, types.UnionType}:
        return next((found for one in get_args(kind) if (found := _pattern(one))), None)
    for note in getattr(kind, "__metadata__", ()):
        for part in getattr(note, "metadata", ()):
            pattern: str | None = getattr(part, "pattern", None)
            if pattern is not None:
                return pattern
    return None


def _scalar(kind: Any) -> Converter:
    digits = _DIGITS_ALONE.fullmatch(_pattern(kind) or "")
    if digits is not None:
        return _padded(int(digits[1]))
    return _OF_KIND.get(_bare(kind), str)


def _columns_of(model: type[Any], below: tuple[str, ...]) -> dict[tuple[str, ...], Converter]:
    columns: dict[tuple[str, ...], Converter] = {}
    for field in dataclasses.fields(model):
        path = (*below, field.name.rstrip("_"))
        kind = _bare(field.type)
        inner = get_args(kind)
        if path == ("data", "pupil"):
            columns[(*path, "number")] = _padded(_NUMBER_DIGITS)
            columns[(*path, "local")] = str
        elif get_origin(kind) is tuple and dataclasses.is_dataclass(inner[0]):
            columns |= _columns_of(inner[0], (*path, _PLACE))  # type: ignore[arg-type]
        elif get_origin(kind) is tuple:
            columns[path] = _listed(_scalar(inner[0]))
        elif get_origin(kind) is dict:
            columns[(*path, _PLACE)] = _scalar(inner[1])
        else:
            columns[path] = _scalar(field.type)
    return columns


_OF_TYPE: Final[Mapping[str, Mapping[tuple[str, ...], Converter]]] = {
    name: {**_columns_of(model, ("data",)), ("data", "retracted"): _flag}
    for name, model in FACT_TYPES.items()
}
_KNOWN: Final = frozenset(column for columns in _OF_TYPE.values() for column in columns)
