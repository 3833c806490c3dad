"""What became of a door: one OpenAPI document against another. What is asked is taken, what is answered is said."""

from collections.abc import Iterator
from typing import Any, Final

from aanwezig.contracts.narrowing import Json
from aanwezig.contracts.shape_changes import ShapeComparison
from aanwezig.contracts.verdicts import VERDICTS, Difference, Side, Verdict

_METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")


def door_differences(service: str, old: Json | None, new: Json | None) -> Iterator[Difference]:
    """Every difference between two descriptions of a service's door; None: there is no door."""
    if old is None or new is None:
        verdict, said = (
            (Verdict.ADDS, "the door is new") if old is None else (Verdict.BREAKS, "the door is gone")
        )
        yield Difference(verdict, service, said, f"callers of {service}")
        return
    yield from _Door(service, old, new).differences()


class _Door:
    """Two descriptions of one door."""

    def __init__(self, service: str, old: Json, new: Json) -> None:
        self._service = service
        self._whom = f"callers of {service}"
        self._old = old
        self._new = new
        self._shapes = ShapeComparison(old, new)

    def differences(self) -> Iterator[Difference]:
        """Calls that are gone or new, and what became of the others."""
        before, after = _calls(self._old), _calls(self._new)
        for call in sorted({*before, *after}):
            if call not in after:
                yield self._one(Verdict.BREAKS, call, "the call is gone")
            elif call not in before:
                yield self._one(Verdict.ADDS, call, "the call is new")
            else:
                yield from self._call(call, before[call], after[call])

    def _one(self, verdict: Verdict, call: str, what: str) -> Difference:
        return Difference(verdict, f"{self._service} {call}", what, self._whom)

    def _call(self, call: str, old: Json, new: Json) -> Iterator[Difference]:
        if self._ways_in(self._old, old) != self._ways_in(self._new, new):
            yield self._one(Verdict.BREAKS, call, "who may call it is asked in another way")
        yield from self._parameters(call, old, new)
        yield from self._body(call, old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(call, old.get("responses", {}), new.get("responses", {}))

    @staticmethod
    def _ways_in(document: Json, call: Json) -> list[Any]:
        """Each way a caller may show who it is, with the schemes behind the names."""
        schemes = document.get("components", {}).get("securitySchemes", {})
        asked: list[Json] = call["security"] if "security" in call else document.get("security", [])
        return [{name: schemes.get(name) for name in way} for way in asked]

    def _parameters(self, call: str, old: Json, new: Json) -> Iterator[Difference]:
        before, after = _named(self._old, old), _named(self._new, new)
        for name in sorted({*before, *after}):
            if name not in after:
                yield self._one(Verdict.BREAKS, call, f"the parameter {name} is gone")
                continue
            needed = after[name].get("required", False)
            if name not in before:
                verdict = Verdict.BREAKS if needed else Verdict.ADDS
                kind = "required" if needed else "optional"
                yield self._one(verdict, call, f"the parameter {name} is new and {kind}")
                continue
            if needed and not before[name].get("required", False):
                yield self._one(Verdict.BREAKS, call, f"the parameter {name} is required now")
            shapes = before[name].get("schema", {}), after[name].get("schema", {})
            yield from self._shape(call, f"the parameter {name}, ", Side.TAKEN, *shapes)

    def _body(self, call: str, old: Json | None, new: Json | None) -> Iterator[Difference]:
        if old is None or new is None:
            if old is not None:
                yield self._one(Verdict.BREAKS, call, "it takes no body any more")
            elif new is not None:
                verdict = Verdict.BREAKS if new.get("required", False) else Verdict.ADDS
                yield self._one(verdict, call, "it takes a body now")
            return
        if new.get("required", False) and not old.get("required", False):
            yield self._one(Verdict.BREAKS, call, "the body is required now")
        yield from self._contents(call, "the body, ", Side.TAKEN, old, new)

    def _answers(self, call: str, old: Json, new: Json) -> Iterator[Difference]:
        for status in sorted({*old, *new}):
            if status not in new:
                yield self._one(Verdict.BREAKS, call, f"the answer {status} is gone")
            elif status not in old:
                yield self._one(Verdict.ADDS, call, f"the answer {status} is new")
            else:
                before, after = _found(self._old, old[status]), _found(self._new, new[status])
                yield from self._headers(call, status, before.get("headers", {}), after.get("headers", {}))
                yield from self._contents(call, f"the answer {status}, ", Side.SAID, before, after)

    def _headers(self, call: str, status: str, old: Json, new: Json) -> Iterator[Difference]:
        for name, header in sorted(old.items()):
            said = f"the answer {status}, header {name}"
            if name not in new:
                yield self._one(Verdict.BREAKS, call, f"{said} is gone")
                continue
            if header.get("required", False) and not new[name].get("required", False):
                yield self._one(Verdict.BREAKS, call, f"{said} may be left out now")
            shapes = header.get("schema", {}), new[name].get("schema", {})
            yield from self._shape(call, f"{said}, ", Side.SAID, *shapes)

    def _contents(self, call: str, told: str, side: Side, old: Json, new: Json) -> Iterator[Difference]:
        before, after = old.get("content", {}), new.get("content", {})
        for kind in sorted({*before, *after}):
            if kind not in after:
                yield self._one(Verdict.BREAKS, call, f"{told}{kind} is gone")
            elif kind not in before:
                yield self._one(Verdict.ADDS, call, f"{told}{kind} is new")
            else:
                shapes = before[kind].get("schema", {}), after[kind].get("schema", {})
                yield from self._shape(call, told, side, *shapes)

    def _shape(self, call: str, told: str, side: Side, old: Json, new: Json) -> Iterator[Difference]:
        for change in self._shapes.changes(old, new):
            yield self._one(VERDICTS[change.change][side], call, f"{told}{change.sentence()}")


def _calls(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": {"parameters": [], **call, "of_path": ways.get("parameters", [])}
        for path, ways in document.get("paths", {}).items()
        for method, call in ways.items()
        if method in _METHODS
    }


def _named(document: Json, call: Json) -> dict[str, Json]:
    """The parameters by what they are called: the names of headers know no capitals."""
    found = [_found(document, one) for one in (*call["of_path"], *call["parameters"])]
    return {
        f"{one['name'].lower() if one['in'] == 'header' else one['name']} ({one['in']})": one for one in found
    }


def _found(document: Json, one: Json) -> Json:
    """A part of a document, or what it refers to."""
    if "$ref" not in one:
        return one
    there: Any = document
    for part in one["$ref"].removeprefix("#/").split("/"):
        there = there[part.replace("~1", "/").replace("~0", "~")]
    found: Json = there
    return found
