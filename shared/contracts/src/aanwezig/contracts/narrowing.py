"""Schemas and examples as one topic shows them: only what may be said there is left (`allowed`).

Whoever reads the description of a topic then sees no field that cannot come, and knows no name of one.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

Json = dict[str, Any]
May = Callable[[str], bool]
"""Whether something may stand at a path (`counted[].fact`), or below it."""

_ALTERNATIVES: Final = ("anyOf", "oneOf", "allOf")
_BRANCHES: Final = ("if", "then", "else")
_CLOSED: Final = (("additionalProperties", False), ("default", None), ("default", False))


def everything(_path: str) -> bool:
    """Where there is no list, every field may be said."""
    return True


def only(paths: Collection[str]) -> May:
    """These paths, and the objects and lists they lie in."""

    def may(path: str) -> bool:
        return any(one == path or one.startswith((f"{path}.", f"{path}[]")) for one in paths)

    return may


def inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A JSON Schema without references to `#/$defs/`: each stands where it was referred to. None may lead to itself."""
    if isinstance(schema, list):
        return [inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {key: inlined(value, definitions) for key, value in schema.items() if key not in {"$ref", "$defs"}}
    if "$ref" not in schema:
        return rest
    named = inlined(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    return {**named, **rest}


def narrowed_schema(schema: Json, may: May, path: str = "") -> Json:
    """An inlined schema of the value at a path, without the fields that may not be said."""
    said = dict(schema)
    if "properties" in said:
        said["properties"] = {
            name: narrowed_schema(inner, may, _below(path, name))
            for name, inner in said["properties"].items()
            if may(_below(path, name))
        }
    if "required" in said:
        said["required"] = [name for name in said["required"] if may(_below(path, name))]
    if isinstance(said.get("items"), dict):
        said["items"] = narrowed_schema(said["items"], may, f"{path}[]")
    for word in _ALTERNATIVES:
        if word in said:
            said[word] = [narrowed_schema(one, may, path) for one in said[word]]
    for word in _BRANCHES:
        if word in said:
            said[word] = narrowed_schema(said[word], may, path)
    return said


def opened(schema: Any) -> Any:
    """A schema of what we say, for whoever reads it: fields may be added, and what is left out has no default."""
    if isinstance(schema, list):
        return [opened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: opened(one) for name, one in value.items()} if key == "properties" else opened(value)
        for key, value in schema.items()
        if (key, value) not in _CLOSED
    }


def narrowed_value(value: Any, may: May, path: str = "") -> Any:
    """A JSON value at a path, without the fields that may not be said."""
    if isinstance(value, Mapping):
        return {
            name: narrowed_value(inner, may, _below(path, name))
            for name, inner in value.items()
            if may(_below(path, name))
        }
    if isinstance(value, list):
        return [narrowed_value(inner, may, f"{path}[]") for inner in value]
    return value


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
