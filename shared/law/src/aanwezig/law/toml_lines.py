"""On which line of a TOML file a value stands. `tomllib` reads the values and tells no lines of good ones.

No second parser: the statements of a file are found by asking `tomllib` line by line whether what was gathered is
whole. A value that goes on in the next line is not, so a statement begins after the last whole one. Tables, dotted and
quoted keys, arrays of tables and values over many lines are all read by `tomllib` itself.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Path = tuple[str | int, ...]
"""Where a value stands: keys, and places in lists: `("obligation", "eighteen_plus_until_birthday", 0, "from")`."""


_ENDS: Final = re.compile(r"\]|\"\"\"|'''")
_LONG_LIST: Final = 200
"""Lines of a list beyond which its items are not looked for one by one."""


def lines_of(text: str) -> dict[Path, int]:
    """Per value, table and list item its line, counted from 1. `text` is valid TOML; the file itself is line 1."""
    index: dict[Path, int] = {(): 1}
    tables: dict[Path, int] = {}
    prefix: Path = ()
    for first, statement in _statements(text):
        said = tomllib.loads("\n".join(statement))
        if not said:
            continue  # a comment or nothing
        if statement[0].lstrip().startswith("["):
            prefix = _table(said, double=statement[0].lstrip().startswith("[["), counted=tables)
            index.setdefault(prefix, first)
            continue
        path, value = _leaf(said)
        for length in range(1, len(path) + 1):
            index.setdefault(prefix + path[:length], first)
        _place(index, prefix + path, value, first)
        if isinstance(value, list):
            for place, line in _items(statement, len(value)):
                index[(*prefix, *path, place)] = first + line
                _place(index, (*prefix, *path, place), value[place], first + line)
    return index


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each statement with the line on which it begins."""
    gathered: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        gathered.append(line.removesuffix("\r"))
        if len(gathered) > 1 and not _ENDS.search(line):
            continue  # nothing on this line can end a value of several lines
        try:
            tomllib.loads("\n".join(gathered))
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(gathered) + 1, gathered
        gathered = []


def _table(said: Mapping[str, Any], *, double: bool, counted: dict[Path, int]) -> Path:
    """The path a header opens; `counted` is how many tables each array of tables has so far."""
    path: Path = ()
    node: Any = said
    while node:
        key, node = next(iter(node.items()))
        path = (*path, key)
        if isinstance(node, list):
            node = node[0]
        if not node and double:
            counted[path] = counted.get(path, 0) + 1
        if path in counted:
            path = (*path, counted[path] - 1)
    return path


def _leaf(said: Mapping[str, Any]) -> tuple[Path, Any]:
    """The dotted key of a statement and its value; an inline table of one key is passed through as if dotted."""
    path: Path = ()
    node: Any = said
    while isinstance(node, dict) and len(node) == 1:
        key, node = next(iter(node.items()))
        path = (*path, key)
    return path, node


def _place(index: dict[Path, int], path: Path, value: Any, line: int) -> None:
    """Notes the line of a value and of all that is in it."""
    index[path] = line
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        _place(index, (*path, key), item, line)


def _items(statement: Sequence[str], length: int) -> Iterator[tuple[int, int]]:
    """Of a list written over several lines, each item's place and its line within the statement."""
    known = 0
    if len(statement) > _LONG_LIST:
        return  # each is told at the line on which the list begins: to look at every line would take minutes
    for line in range(len(statement) - 1):
        try:
            _, so_far = _leaf(tomllib.loads("\n".join([*statement[: line + 1], "]"])))
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(so_far, list):
            for place in range(known, min(len(so_far), length)):
                yield place, line
            known = max(known, len(so_far))
    for place in range(known, length):
        yield place, len(statement) - 1
