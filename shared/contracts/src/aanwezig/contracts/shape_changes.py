"""How one JSON Schema differs from another, change by change: what `verdicts` weighs.

It knows the words our schemas use. What it does not understand and finds different, it calls another form: that breaks on
both sides, so that nothing passes because it was not looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from aanwezig.contracts.verdicts import Change

Json = Mapping[str, Any]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")
_WHOLE: Final = ("not", "patternProperties", "dependentRequired", "contains", "prefixItems")
_ONE_OF: Final = ("anyOf", "oneOf")
_ANY: Final = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
_NULL: Final = "null"


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """One change: where (`data.counted[].fact`; empty: the value itself), what, and the particulars in words."""

    path: str
    change: Change
    detail: str = ""

    def sentence(self) -> str:
        """As it stands in a report."""
        told = f": {self.detail}" if self.detail else ""
        return f"{self.path or 'the value'} {self.change}{told}"


@dataclass(frozen=True, slots=True)
class _Shape:
    """A schema made plain: no references, no `allOf`; `forms` are its alternatives, without null."""

    types: frozenset[str]
    values: frozenset[str] | None
    said: Json
    forms: tuple[Json, ...]


class ShapeComparison:
    """Compares shapes of two documents, in which references are looked up."""

    def __init__(self, old_document: Json, new_document: Json) -> None:
        self._old = old_document
        self._new = new_document
        self._inside: set[tuple[str, str]] = set()

    def changes(self, old: Json, new: Json, path: str = "") -> Iterator[ShapeChange]:
        """The changes from `old` to `new`, a shape of each document."""
        pair = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if pair in self._inside:
            return
        if all(pair):
            self._inside.add(pair)
        try:
            yield from self._compared(_plain(old, self._old), _plain(new, self._new), path)
        finally:
            self._inside.discard(pair)

    def _compared(self, old: _Shape, new: _Shape, path: str) -> Iterator[ShapeChange]:
        if old.forms or new.forms:
            yield from _nulls(old, new, path)
            yield from self._forms(old.forms or (old.said,), new.forms or (new.said,), path)
            return
        if not (old.types & new.types) - {_NULL} and old.types != new.types:
            yield ShapeChange(path, Change.RETYPED, f"{_words(old.types)} has become {_words(new.types)}")
            return
        yield from _types(old, new, path)
        yield from _values(old, new, path)
        yield from _limits(old.said, new.said, path)
        yield from self._fields(old.said, new.said, path)
        yield from self._rest(old.said, new.said, path)
        yield from self._branches(old.said, new.said, path)

    def _forms(self, old: tuple[Json, ...], new: tuple[Json, ...], path: str) -> Iterator[ShapeChange]:
        """Each form beside the one of the others that it differs least from; what is left over is gone, or new."""
        rest_old, rest_new = list(old), list(new)
        for form in old:
            if form in rest_new:
                rest_old.remove(form)
                rest_new.remove(form)
                # Equal references may lead to different shapes.
                yield from self.changes(form, form, path)
        costs = []
        for at_old, one in enumerate(rest_old):
            for at_new, other in enumerate(rest_new):
                found = list(self.changes(one, other, path))
                if not any(change.path == path and change.change is Change.RETYPED for change in found):
                    costs.append((len(found), at_old, at_new))
        paired: dict[int, int] = {}
        for _cost, at_old, at_new in sorted(costs):
            if at_old not in paired and at_new not in paired.values():
                paired[at_old] = at_new
                yield from self.changes(rest_old[at_old], rest_new[at_new], path)
        for at, form in enumerate(rest_old):
            if at not in paired:
                yield ShapeChange(path, Change.FORM_GONE, _form_words(form))
        for at, form in enumerate(rest_new):
            if at not in paired.values():
                yield ShapeChange(path, Change.FORM_NEW, _form_words(form))

    def _fields(self, old: Json, new: Json, path: str) -> Iterator[ShapeChange]:
        before, after = old.get("properties", {}), new.get("properties", {})
        had, has = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted({*before, *after, *had, *has}):
            at = f"{path}.{name}" if path else name
            if name in before and name not in after:
                yield ShapeChange(at, Change.FIELD_GONE)
                continue
            if name in after and name not in before:
                yield ShapeChange(at, Change.NEW_REQUIRED if name in has else Change.NEW_OPTIONAL)
                continue
            if (name in had) != (name in has):
                yield ShapeChange(at, Change.MADE_REQUIRED if name in has else Change.MADE_OPTIONAL)
            if name in before:
                yield from self.changes(before[name], after[name], at)
        yield from self._others(old, new, path)

    def _others(self, old: Json, new: Json, path: str) -> Iterator[ShapeChange]:
        """Fields that are not named: whether there may be any, and their shape."""
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if before is not False and after is False:
            yield ShapeChange(path, Change.CLOSED)
        elif before is False and after is not False:
            yield ShapeChange(path, Change.OPENED)
        elif before != after or isinstance(before, Mapping):
            yield from self.changes(_schema(before), _schema(after), f"{path}{{*}}")

    def _rest(self, old: Json, new: Json, path: str) -> Iterator[ShapeChange]:
        if "items" in old or "items" in new:
            yield from self.changes(
                _schema(old.get("items", True)), _schema(new.get("items", True)), f"{path}[]"
            )
        if "propertyNames" in old or "propertyNames" in new:
            yield from self.changes(
                old.get("propertyNames", {}), new.get("propertyNames", {}), f"{path}{{name}}"
            )
        for word in _WHOLE:
            if old.get(word) != new.get(word):
                yield ShapeChange(path, Change.FORM_OTHER, f"in `{word}`")

    def _branches(self, old: Json, new: Json, path: str) -> Iterator[ShapeChange]:
        """Conditions: equal ones are compared branch by branch."""
        if "if" not in old and "if" not in new:
            return
        if "if" not in old or "if" not in new:
            change = Change.LIMIT_TIGHTER if "if" in new else Change.LIMIT_LOOSER
            yield ShapeChange(path, change, "a condition")
            return
        if old["if"] != new["if"]:
            yield ShapeChange(path, Change.FORM_OTHER, "another condition")
            return
        for word in ("then", "else"):
            yield from self.changes(old.get(word, {}), new.get(word, {}), path)


def _plain(schema: Json, document: Json) -> _Shape:
    said = _merged(schema, document)
    forms: list[Json] = []
    nullable = False
    for word in _ONE_OF:
        for form in said.get(word, ()):
            if _merged(form, document).get("type") == _NULL:
                nullable = True
            else:
                forms.append(form)
    said = {key: value for key, value in said.items() if key not in _ONE_OF}
    if len(forms) == 1:
        inner = _plain({**said, "allOf": [forms[0]]}, document)
        types = inner.types | {_NULL} if nullable else inner.types
        return _Shape(types, inner.values, inner.said, inner.forms)
    types = _types_of(said)
    values = _values_of(said)
    if forms:
        types = frozenset({_NULL}) if nullable else frozenset()
        if said:
            forms = [{**said, "allOf": [*said.get("allOf", ()), form]} for form in forms]
    return _Shape(types, values, said, tuple(forms))


def _merged(schema: Json, document: Json) -> dict[str, Any]:
    """Without `$ref` and `allOf`: everything they say, in one."""
    said = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
    inner = list(schema.get("allOf", ()))
    if "$ref" in schema:
        inner.insert(0, _at(schema["$ref"], document))
    for one in inner:
        for key, value in _merged(one, document).items():
            if key == "properties":
                said[key] = {**value, **said.get(key, {})}
            elif key == "required":
                said[key] = sorted({*value, *said.get(key, ())})
            else:
                said.setdefault(key, value)
    return said


def _at(reference: str, document: Json) -> Json:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    shape: Json = found
    return shape


def _schema(value: Any) -> Json:
    """A schema that stands as a truth value, as an object: what is never allowed has no type."""
    if isinstance(value, bool):
        return {} if value else {"type": []}
    shape: Json = value
    return shape


def _types_of(said: Json) -> frozenset[str]:
    named = said.get("type")
    if named is None:
        values = [said["const"]] if "const" in said else said.get("enum")
        found = _ANY if values is None else frozenset(_type_of(value) for value in values)
        if "properties" in said:
            found = frozenset({"object"})
    else:
        found = frozenset([named] if isinstance(named, str) else named)
    return found | {"integer"} if "number" in found else found


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), _NULL)


def _values_of(said: Json) -> frozenset[str] | None:
    """The values by their JSON text, null aside: that is a type."""
    values = [said["const"]] if "const" in said else said.get("enum")
    if values is None:
        return None
    return frozenset(orjson.dumps(value).decode() for value in values if value is not None)


def _nulls(old: _Shape, new: _Shape, path: str) -> Iterator[ShapeChange]:
    before, after = _NULL in old.types, _NULL in new.types
    if before != after:
        yield ShapeChange(path, Change.TYPE_WIDER if after else Change.TYPE_NARROWER, "null")


def _types(old: _Shape, new: _Shape, path: str) -> Iterator[ShapeChange]:
    if gone := old.types - new.types:
        yield ShapeChange(path, Change.TYPE_NARROWER, f"no longer {_words(gone)}")
    if more := new.types - old.types:
        yield ShapeChange(path, Change.TYPE_WIDER, f"also {_words(more)}")


def _values(old: _Shape, new: _Shape, path: str) -> Iterator[ShapeChange]:
    if old.values is None and new.values is None:
        return
    if old.values is None or new.values is None:
        yield ShapeChange(path, Change.VALUES_LISTED if old.values is None else Change.VALUES_FREE)
        return
    gone, more = old.values - new.values, new.values - old.values
    if old.values and not old.values & new.values:
        yield ShapeChange(
            path, Change.VALUES_OTHER, f"{', '.join(sorted(gone))} has become {', '.join(sorted(more))}"
        )
        return
    if gone:
        yield ShapeChange(path, Change.VALUE_GONE, f"no longer {', '.join(sorted(gone))}")
    if more:
        yield ShapeChange(path, Change.VALUE_NEW, ", ".join(sorted(more)))


def _limits(old: Json, new: Json, path: str) -> Iterator[ShapeChange]:
    for word in (*_LOWER, *_UPPER):
        before, after = old.get(word), new.get(word)
        if before == after:
            continue
        if before is None or after is None:
            tighter = before is None
        else:
            tighter = after > before if word in _LOWER else after < before
        change = Change.LIMIT_TIGHTER if tighter else Change.LIMIT_LOOSER
        yield ShapeChange(path, change, f"`{word}` {_told(before)} has become {_told(after)}")
    for word in _EXACT:
        before, after = old.get(word), new.get(word)
        if before == after:
            continue
        if before is None or after is None:
            change = Change.LIMIT_TIGHTER if before is None else Change.LIMIT_LOOSER
        else:
            change = Change.FORM_OTHER
        yield ShapeChange(path, change, f"`{word}` {_told(before)} has become {_told(after)}")


def _told(value: Any) -> str:
    return "none" if value is None else str(value)


def _words(types: frozenset[str]) -> str:
    known = types - {"integer"} if "number" in types else types
    return "any type" if types == _ANY else " or ".join(sorted(known)) or "nothing"


def _form_words(form: Json) -> str:
    named = form.get("$ref") or form.get("type")
    if named is not None:
        return str(named).rpartition("/")[2]
    return f"with {', '.join(sorted(form.get('required', form)))}"
