"""Reads a data file of the law into a frozen data class, strictly.

Every field must be there and no other may be: a misspelt key never becomes a default. Fields are read by their
type: text, whole numbers, booleans, dates, exact fractions (written as text), literals, tuples, nested classes,
and `X | None`, which is written as the word the field's metadata names (`none_as`).
"""

import dataclasses
import tomllib
import types
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_Shape = TypeVar("_Shape")


class UnreadableRule(ValueError):
    """A data file of the law is refused; the text names the file and the key."""


class NoSuchRule(LookupError):
    """No data file of this name is shipped."""


def names(folder: str) -> tuple[str, ...]:
    """The names of the shipped files of a folder (`packs`, `definitions`), without ending, in order."""
    files = (resources.files("aanwezig.law") / "data" / folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def shipped(folder: str, name: str, shape: type[_Shape]) -> _Shape:
    """The shipped file `name` of a folder, as `shape`.

    Raises:
        NoSuchRule: there is none of that name.
        UnreadableRule: the file is not of that shape.
    """
    if name not in names(folder):
        raise NoSuchRule(f"{name}: not among {', '.join(names(folder))}")
    file = resources.files("aanwezig.law") / "data" / folder / f"{name}.toml"
    return parsed(file.read_text(encoding="utf-8"), f"{folder}/{name}.toml", shape)


def parsed(text: str, file: str, shape: type[_Shape]) -> _Shape:
    """TOML text as `shape`; `file` is how a refusal names it.

    Raises:
        UnreadableRule: no TOML, or not of that shape.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UnreadableRule(f"{file}: {fault}") from fault
    read: _Shape = _table(table, shape, file, "")
    return read


def _table(value: Any, shape: type[Any], file: str, at: str) -> Any:
    if not isinstance(value, Mapping):
        raise UnreadableRule(f"{file}: {at}: not a table")
    types_of = get_type_hints(shape)
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(shape)}
    for key in value:
        if key not in fields:
            raise UnreadableRule(f"{file}: {_path(at, key)}: unknown")
    read: dict[str, Any] = {}
    for key, field in fields.items():
        if key not in value:
            raise UnreadableRule(f"{file}: {_path(at, key)}: missing")
        said = value[key]
        none_as = field.metadata.get("none_as")
        if none_as is not None and said == none_as:
            read[field.name] = None
        else:
            read[field.name] = _value(said, types_of[field.name], file, _path(at, key))
    return shape(**read)


def _value(value: Any, shape: Any, file: str, at: str) -> Any:
    origin = get_origin(shape)
    if origin in {Union, types.UnionType}:
        shape = next(option for option in get_args(shape) if option is not types.NoneType)
        return _value(value, shape, file, at)
    if origin is Literal:
        if value not in get_args(shape):
            raise UnreadableRule(f"{file}: {at}: not one of {', '.join(map(str, get_args(shape)))}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise UnreadableRule(f"{file}: {at}: not a list")
        return tuple(
            _value(item, get_args(shape)[0], file, f"{at}[{place}]") for place, item in enumerate(value)
        )
    if dataclasses.is_dataclass(shape) and isinstance(shape, type):
        return _table(value, shape, file, at)
    if shape is Fraction:
        return _fraction(value, file, at)
    if type(value) is not shape:
        raise UnreadableRule(f"{file}: {at}: not a {'text' if shape is str else shape.__name__}")
    return value


def _fraction(value: Any, file: str, at: str) -> Fraction:
    try:
        if isinstance(value, str):
            return Fraction(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise UnreadableRule(f"{file}: {at}: not an exact number in quotes")


def _path(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key
