"""Reads a data file of the law into a frozen data class, strictly.

Every field must be there and no other may be: a misspelt key never becomes a default. Fields are read by their
type: text, whole numbers, booleans, dates, exact fractions (written as text), literals, tuples, mappings of text to
text, nested classes, and `X | None`, which is written as the word the field's metadata names (`none_as`). All faults
of a file are told, each with its line.
"""

import dataclasses
import re
import tomllib
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from aanwezig.law.toml_lines import Path as Place
from aanwezig.law.toml_lines import lines_of

_Shape = TypeVar("_Shape")
LARGEST: Final = 32_768
"""Bytes. A pack is a page of text; what is larger was put there by mistake."""
_EXACT: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}|/[0-9]{1,6})?")
_AT_LINE: Final = re.compile(r" \(at line ([0-9]+), column [0-9]+\)")
_SAID: Final[Mapping[Any, str]] = {
    str: "text", int: "a whole number", bool: "true or false", date: "a date (YYYY-MM-DD, without quotes)",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a file, and on which line (from 1)."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        """As a compiler says it: `packs/nl-2024.toml:12: hours.late_adds: ...`."""
        return f"{self.file}:{self.line}: {self.what}"


class UnreadableRule(ValueError):
    """A data file of the law is refused; the text names file, line and reason of each fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Final = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


class NoSuchRule(LookupError):
    """No data file of this name is shipped."""


@dataclass(frozen=True)
class Document:
    """A TOML file that was read: its name as a fault says it, its text, and what is in it."""

    file: str
    text: str
    table: Mapping[str, Any]

    @cached_property
    def _lines(self) -> Mapping[Place, int]:
        return lines_of(self.text)

    def line(self, path: Place) -> int:
        """The line of a value, or of the nearest table around it that is in the file."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def says(self, path: Place) -> bool:
        """Whether there is a value at this path of keys."""
        node: Any = self.table
        for key in path:
            if not isinstance(node, Mapping) or key not in node:
                return False
            node = node[key]
        return True

    def fault(self, path: Place, what: str) -> Fault:
        """What is wrong with the value at this path."""
        return Fault(self.file, self.line(path), f"{dotted(path)}: {what}" if path else what)


def names(folder: str) -> tuple[str, ...]:
    """The names of the shipped files of a folder (`packs`, `definitions`), without ending, in order."""
    files = (resources.files("aanwezig.law") / "data" / folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of somebody's own folder that are meant to be data of the law, in order of their names.

    Raises:
        OSError: the folder is gone or may not be read. (Not a glob: that would say there is nothing in it.)
    """
    meant = (path for path in sorted(folder.iterdir()) if path.suffix == ".toml" and path.name[0] != ".")
    return {str(path): _beginning(path) for path in meant if path.is_file()}


def _beginning(path: Path) -> bytes:
    """A file, as far as it can be a pack: a larger one is refused by its size, whatever follows."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def shipped(folder: str, name: str) -> Document:
    """The shipped file `name` of a folder.

    Raises:
        NoSuchRule: there is none of that name.
        UnreadableRule: it is no TOML.
    """
    if name not in names(folder):
        raise NoSuchRule(f"{name}: not among {', '.join(names(folder))}")
    file = resources.files("aanwezig.law") / "data" / folder / f"{name}.toml"
    return document(file.read_bytes(), f"{folder}/{name}.toml")


def document(raw: bytes, file: str) -> Document:
    """The bytes of a TOML file, read; `file` is how a fault names it.

    Raises:
        UnreadableRule: too large, empty, not UTF-8 or no TOML.
    """
    if len(raw) > LARGEST:
        raise UnreadableRule([Fault(file, 1, f"larger than {LARGEST:,} bytes: no rule pack")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise UnreadableRule([Fault(file, line, "not UTF-8: save the file as UTF-8")]) from fault
    if not text.strip():
        raise UnreadableRule([Fault(file, 1, "empty")])
    try:
        return Document(file, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        said = _AT_LINE.search(str(fault))
        line = int(said.group(1)) if said else text.rstrip().count("\n") + 1
        reason = _AT_LINE.sub("", str(fault))
        raise UnreadableRule([Fault(file, line, f"no TOML: {reason}")]) from fault
    except (RecursionError, ValueError) as fault:
        # Brackets within brackets without end, or a number of thousands of digits: tomllib names no line for these.
        raise UnreadableRule([Fault(file, 1, "no TOML: nested too deeply or a number too long")]) from fault


def parsed(said: Document, shape: type[_Shape]) -> _Shape:
    """A document as `shape`.

    Raises:
        UnreadableRule: not of that shape.
    """
    return shaped(said.table, shape, said.fault)


def shaped(table: Mapping[str, Any], shape: type[_Shape], fault_at: Callable[[Place, str], Fault]) -> _Shape:
    """A table as `shape`; `fault_at` says in which file and line a path stands.

    Raises:
        UnreadableRule: not of that shape.
    """
    reader = _Reader(fault_at)
    read: _Shape = reader.table(table, shape, ())
    if reader.faults:
        raise UnreadableRule(reader.faults)
    return read


def dotted(path: Place) -> str:
    """A path as it is written: `obligation.eighteen_plus_until_birthday[0].from`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class _Reader:
    """Reads by type and gathers all faults; what it gives is whole only if there are none."""

    def __init__(self, fault_at: Callable[[Place, str], Fault]) -> None:
        self._fault_at = fault_at
        self.faults: list[Fault] = []

    def table(self, value: Any, shape: type[Any], at: Place) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(at, "not a table")
        types_of = get_type_hints(shape)
        fields = {field.name.rstrip("_"): field for field in dataclasses.fields(shape)}
        for key in value:
            if key not in fields:
                self._refuse((*at, key), "unknown")
        read: dict[str, Any] = {}
        for key, field in fields.items():
            if key not in value:
                self._refuse((*at, key), "missing")
                continue
            said = value[key]
            none_as = field.metadata.get("none_as")
            if none_as is not None and said == none_as:
                read[field.name] = None
            else:
                read[field.name] = self.value(said, types_of[field.name], (*at, key), none_as)
        return None if self.faults else shape(**read)

    def value(self, value: Any, shape: Any, at: Place, none_as: str | None = None) -> Any:
        origin = get_origin(shape)
        if origin in {Union, types.UnionType}:
            shape = next(option for option in get_args(shape) if option is not types.NoneType)
            return self.value(value, shape, at, none_as)
        if origin is tuple:
            if not isinstance(value, list):
                return self._refuse(at, "not a list" + _or(none_as))
            inner = get_args(shape)[0]
            return tuple(self.value(item, inner, (*at, place)) for place, item in enumerate(value))
        if origin is Mapping:
            return self._texts(value, at)
        if dataclasses.is_dataclass(shape) and isinstance(shape, type):
            return self.table(value, shape, at)
        return self._single(value, shape, at, none_as)

    def _single(self, value: Any, shape: Any, at: Place, none_as: str | None) -> Any:
        if get_origin(shape) is Literal:
            if value in get_args(shape):
                return value
            return self._refuse(at, f"not one of {', '.join(map(str, get_args(shape)))}")
        if shape is Fraction:
            return self._fraction(value, at)
        return value if type(value) is shape else self._refuse(at, f"not {_SAID[shape]}" + _or(none_as))

    def _texts(self, value: Any, at: Place) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(at, "not a table")
        for key, text in value.items():
            if not isinstance(text, str) or not text.strip():
                self._refuse((*at, key), "not text (a name with dots stands in quotes)")
        return dict(value)

    def _fraction(self, value: Any, at: Place) -> Any:
        if isinstance(value, str) and _EXACT.fullmatch(value) and not re.search(r"/0+$", value):
            return Fraction(value)
        return self._refuse(at, 'not an exact number in quotes, such as "16", "7.5" or "1/3"')

    def _refuse(self, at: Place, what: str) -> None:
        self.faults.append(self._fault_at(at, what))


def _or(none_as: str | None) -> str:
    return "" if none_as is None else f' and not "{none_as}"'
