"""Writes what is computed from the contract's code and committed beside it: schemas, examples, AsyncAPI, three pages.

`python -m aanwezig.contracts.generate` writes into this checkout; with `--check` it writes nothing, names the files that
differ and ends with 1.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from aanwezig.contracts.published_asyncapi import documents
from aanwezig.contracts.published_examples import examples
from aanwezig.contracts.published_pages import errors_page, refusals_page, topics_page
from aanwezig.contracts.published_refusals import refused_examples
from aanwezig.contracts.published_schemas import schemas

_HERE: Final = Path(__file__).resolve().parent
ROOT: Final = _HERE.parents[4]
"""The checkout this code lies in."""
_ROOM: Final = _HERE.relative_to(ROOT)
_ASYNCAPI: Final = Path("docs/asyncapi")


def generated() -> dict[Path, bytes]:
    """Every generated file by its path below the root of the checkout. Equal code gives equal bytes."""
    files = {
        Path("docs/topics.md"): topics_page().encode(),
        Path("docs/refusals.md"): refusals_page().encode(),
        Path("docs/schools/errors.md"): errors_page().encode(),
    }
    return files | _json_files()


@cache
def _json_files() -> dict[Path, bytes]:
    made = [("schemas", schemas()), ("examples", {**examples(), **refused_examples()})]
    files = {
        _ROOM / room / f"{name}.json": _text(value) for room, values in made for name, value in values.items()
    }
    return files | {_ASYNCAPI / f"{name}.json": _text(value) for name, value in documents().items()}


def drifted(root: Path) -> list[Path]:
    """The files below `root` that are not what the code says: other bytes, missing, or nobody's."""
    files = generated()
    wrong = {path for path, text in files.items() if _bytes(root / path) != text}
    return sorted(wrong | {path for path in _present(root) if path not in files})


def write(root: Path) -> list[Path]:
    """Brings the files below `root` in line with the code; gives those that it changed or removed."""
    files = generated()
    changed = drifted(root)
    for path in changed:
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[path])
        else:
            target.unlink()
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found files that differ."""
    parser = argparse.ArgumentParser(prog="python -m aanwezig.contracts.generate", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; name what differs and end with 1"
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the checkout (default: the one of this code)"
    )
    chosen = parser.parse_args(arguments)
    changed = drifted(chosen.root) if chosen.check else write(chosen.root)
    for path in changed:
        sys.stdout.write(f"{path}\n")
    return 1 if chosen.check and changed else 0


def _present(root: Path) -> list[Path]:
    rooms = (root / _ROOM / "schemas", root / _ROOM / "examples")
    found = [file for room in rooms for file in room.rglob("*") if file.is_file()]
    return [file.relative_to(root) for file in (*found, *(root / _ASYNCAPI).glob("*.json"))]


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    raise SystemExit(main())
