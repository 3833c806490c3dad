"""The committed schemas and examples, and a JSON Schema validator that means what the specification says."""

import re
from pathlib import Path

import orjson
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from aanwezig.contracts.generate import ROOT

ROOM = ROOT / "shared/contracts/src/aanwezig/contracts"


def named(folder: str) -> dict[str, Path]:
    """Files below a folder of the room by their path without suffix."""
    room = ROOM / folder
    return {str(file.relative_to(room).with_suffix("")): file for file in sorted(room.rglob("*.json"))}


def read(file: Path):
    return orjson.loads(file.read_bytes())


def _pattern(_validator, pattern, instance, _schema):
    # ECMA 262, which JSON Schema names: `$` is the end of the text. Python's also matches before a last line break.
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError("does not match the pattern")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})


def faults(schema, instance) -> list[str]:
    """What is wrong with an instance by a schema; empty: valid."""
    validator = _Validator(schema, format_checker=FormatChecker(["date"]))
    return [error.message for error in validator.iter_errors(instance)]
