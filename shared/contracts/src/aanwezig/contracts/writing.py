"""How a fact is written: in the JSON values of the contract, as it stands on the facts topic (`contract.md` 3)."""

import dataclasses
from datetime import date
from functools import cache
from typing import Any, Final

from aanwezig.contracts.facts import FACT_TYPES, Fact, Retraction


def data_of(fact: Fact | Retraction) -> dict[str, Any]:
    """The fact as the contract writes it, in JSON values: no nulls, no defaults; a retraction only its key."""
    if isinstance(fact, Retraction):
        fields: tuple[str, ...] = FACT_TYPES[fact.name].KEY
        pairs = zip(fields, fact.key, strict=True)
        said = {field.rstrip("_"): _json(value) for field, value in pairs if value is not None}
        return {**said, "retracted": True}
    return _json_fields(fact)


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_json_fields(item) if dataclasses.is_dataclass(item) else _json(item) for item in value]
    return value


_PLAIN: Final = frozenset({str, int, float, bool})


def _json_fields(thing: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for attribute, name, default in _said_fields(type(thing)):  # type: ignore[arg-type]
        value = getattr(thing, attribute)
        if value is not None and (default is dataclasses.MISSING or value != default):
            said[name] = value if type(value) in _PLAIN else _json(value)
    return said


@cache
def _said_fields(kind: type[Any]) -> tuple[tuple[str, str, Any], ...]:
    return tuple((field.name, field.name.rstrip("_"), field.default) for field in dataclasses.fields(kind))
