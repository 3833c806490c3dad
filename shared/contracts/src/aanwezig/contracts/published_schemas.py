"""The JSON Schemas (2020-12) of everything that is said, computed from the models that read it.

A schema knows what one value shows by itself; what two values show together (`missed` above `minutes`) or a number's
eleven-test is the validator's (`submissions`).
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from aanwezig.contracts.envelope import type_of
from aanwezig.contracts.facts import ADAPTERS, FACT_TYPES, KEY_ADAPTERS
from aanwezig.contracts.identifiers import SOURCE_PATTERN
from aanwezig.contracts.messages import Message
from aanwezig.contracts.receipts import ReceiptSaid, ReceiptsSaid
from aanwezig.contracts.said import MESSAGES
from aanwezig.contracts.submissions import MAX_ID, MAX_LOCAL, MOMENT_PATTERN, SEQUENCE_PATTERN
from aanwezig.contracts.topics import REGISTRY, SUBMISSIONS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_SUBMITTED_PUPIL: Final[Schema] = {
    "description": "The pupil by personal number (BSN or onderwijsnummer), or by the sender's own id; never by both.",
    "oneOf": [
        {
            "type": "object",
            "properties": {"number": {"type": "string", "pattern": "^[0-9]{9}$"}, "local": {"type": "null"}},
            "required": ["number"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "local": {"type": "string", "pattern": r"\S", "maxLength": MAX_LOCAL},
                "number": {"type": "null"},
            },
            "required": ["local"],
            "additionalProperties": False,
        },
    ],
}
_UNTIL_NEEDS_FROM: Final[Schema] = {
    "if": {"properties": {"resident_until": {"type": "string"}}, "required": ["resident_until"]},
    "then": {"properties": {"resident_from": {"type": "string"}}, "required": ["resident_from"]},
}


def schemas() -> dict[str, Schema]:
    """Every schema by its path below `schemas/`, without suffix; `topics` is the registry itself."""
    found: dict[str, Schema] = {}
    for name in FACT_TYPES:
        found[name] = _event(name, _about(FACT_TYPES[name]), _fact(name))
        found[f"submitted/{name}"] = _submission(name)
    for name, model in MESSAGES.items():
        found[name] = _event(name, _about(model), _data(model))
    found["receipts"] = _answer("receipts", ReceiptsSaid)
    found["receipt"] = _answer("receipt", ReceiptSaid)
    found["topics"] = {"topics": [_topic(topic.name) for topic in REGISTRY]}
    return found


def _topic(name: str) -> dict[str, Any]:
    topic = next(one for one in REGISTRY if one.name == name)
    room = "submitted/" if topic is SUBMISSIONS else ""
    return {
        "name": topic.name,
        "about": topic.about,
        "domain": topic.domain.value,
        "owner": topic.owner,
        "key": topic.key,
        "speakers": list(topic.speakers),
        "listeners": list(topic.listeners),
        "partitions": topic.partitions,
        "settings": topic.settings,
        "events": {event: f"{room}{event}.json" for event in topic.events},
    }


def _event(name: str, about: str, data: Schema) -> Schema:
    definitions = data.pop("$defs", {})
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:{type_of(name)}",
        "title": type_of(name),
        "description": about,
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "description": "Unique per source."},
            "source": {"type": "string", "pattern": f"^{SOURCE_PATTERN}$"},
            "type": {"const": type_of(name)},
            "time": {"type": "string", "format": "date-time", "description": "When it was logged."},
            "datacontenttype": {"const": "application/json"},
            "sequence": {"type": "string", "pattern": "^-?[0-9]{1,18}$"},
            "causationid": {"type": "string", "minLength": 1},
            "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
            "data": data,
        },
        "required": ["specversion", "id", "source", "type", "time", "data"],
    }
    return {**schema, "$defs": definitions} if definitions else schema


def _submission(name: str) -> Schema:
    fact = _plain(ADAPTERS[name].json_schema())
    key = _plain(KEY_ADAPTERS[name].json_schema())
    definitions = fact.pop("$defs", {})
    for shape in (fact, key):
        shape.pop("description", None)
        if "pupil" in shape["properties"]:
            shape["properties"]["pupil"] = {"$ref": "#/$defs/pupil"}
            definitions["pupil"] = _SUBMITTED_PUPIL
        _allow_nulls(shape)
    for shape in definitions.values():
        if "properties" in shape:
            _allow_nulls(shape)
    fact["properties"]["retracted"] = {"type": ["boolean", "null"], "default": False}
    key["additionalProperties"] = True
    if name == "person-recorded":
        fact = {**fact, **_UNTIL_NEEDS_FROM}
    retracted = {"properties": {"retracted": {"const": True}}, "required": ["retracted"]}
    data = {"type": "object", "if": retracted, "then": key, "else": fact}
    schema = _event(name, f"As a school or a municipality submits it. {_about(FACT_TYPES[name])}", data)
    schema["$id"] += ":submitted"
    # At the door null is absence, a sequence may be a number, and extensions we do not know are not looked at.
    schema["properties"] |= {
        "id": {"type": "string", "minLength": 1, "maxLength": MAX_ID},
        "time": {"type": "string", "format": "date-time", "pattern": f"^{MOMENT_PATTERN}$"},
        "sequence": {
            "anyOf": [
                {"type": "string", "pattern": f"^{SEQUENCE_PATTERN}$"},
                {"type": "integer", "exclusiveMinimum": -(10**18), "exclusiveMaximum": 10**18},
                {"type": "null"},
            ]
        },
    }
    for free in ("datacontenttype", "causationid", "traceparent"):
        del schema["properties"][free]
    return {**schema, "$defs": definitions} if definitions else schema


def _allow_nulls(shape: Schema) -> None:
    """Null in an optional field is the same as leaving it out."""
    required = shape.get("required", [])
    for field, one in shape["properties"].items():
        if field not in required and {"type": "null"} not in one.get("anyOf", []):
            default = {"default": one.pop("default")} if "default" in one else {}
            shape["properties"][field] = {"anyOf": [one, {"type": "null"}], **default}
        if field == "usual_slots":
            slots = one["anyOf"][0]
            slots["additionalProperties"] = {"anyOf": [slots["additionalProperties"], {"type": "null"}]}


def _fact(name: str) -> Schema:
    """A fact as it is after intake: the fact, or its key and the word that it is retracted."""
    fact = _plain(ADAPTERS[name].json_schema())
    key = _plain(KEY_ADAPTERS[name].json_schema())
    key["properties"]["retracted"] = {"const": True}
    key["required"] = [*key.get("required", []), "retracted"]
    definitions = fact.pop("$defs", {})
    for shape in (fact, key):
        shape.pop("description", None)
    data: Schema = {"oneOf": [fact, key]}
    return {**data, "$defs": definitions} if definitions else data


def _data(model: type[Message]) -> Schema:
    data = _plain(TypeAdapter(model).json_schema())
    data.pop("description", None)
    return data


def _answer(name: str, model: type[Message]) -> Schema:
    return {
        "$schema": DIALECT,
        "$id": f"urn:nl.attendance.{name}.v1",
        "title": name,
        **_plain(model.model_json_schema()),
    }


def _about(kind: type[Any]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _plain(schema: Mapping[str, Any]) -> Schema:
    """Without the titles pydantic makes of field names."""
    return {
        key: _plain_value(value, named=key in {"properties", "$defs"})
        for key, value in schema.items()
        if key != "title"
    }


def _plain_value(value: Any, *, named: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _plain_value(one) for key, one in value.items()} if named else _plain(value)
    if isinstance(value, list):
        return [_plain_value(one) for one in value]
    return value
