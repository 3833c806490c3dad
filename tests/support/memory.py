"""A store and a broker small enough to hold in one hand, which fail when they are told to."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Collection


class Faults:
    """Counts acts; the acts whose numbers are named fail, before or after they were done."""

    def __init__(self, before: Iterable[int] = (), after: Iterable[int] = ()) -> None:
        self._before, self._after = set(before), set(after)
        self._acts = 0

    def begin(self) -> int:
        """The number of the act that begins; raises where it must not be done."""
        self._acts += 1
        if self._acts in self._before:
            raise Unavailable("told to fail before")
        return self._acts

    def end(self, act: int) -> None:
        """Raises where the act is done and nobody may know."""
        if act in self._after:
            raise Unavailable("told to fail after")


class MemoryCollection(Collection):
    """Documents in a dictionary, with the queries the shelf and the case-router ask."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.documents: dict[Any, dict[str, Any]] = {}
        self.faults = faults or Faults()

    async def find(
        self, query: Mapping[str, Any], *, sort: Any = None, limit: int = 0, **_more: Any
    ) -> list[dict[str, Any]]:
        found = [copy.deepcopy(one) for one in self.documents.values() if _matches(one, query)]
        for field, way in reversed(sort or []):
            found.sort(key=lambda one: _value(one, field), reverse=way < 0)
        return found[:limit] if limit else found

    async def insert_new(self, documents: Sequence[dict[str, Any]]) -> set[Any]:
        act = self.faults.begin()
        there = {one["_id"] for one in documents if one["_id"] in self.documents}
        self.documents.update(
            {one["_id"]: copy.deepcopy(one) for one in documents if one["_id"] not in there}
        )
        self.faults.end(act)
        return there

    async def replace_if(self, documents: Sequence[dict[str, Any]], *, seen: Mapping[Any, int]) -> set[Any]:
        if not documents:
            return set()
        act = self.faults.begin()
        lost = set()
        for one in documents:
            stored = self.documents.get(one["_id"])
            if (stored["rev"] if stored else 0) != seen[one["_id"]]:
                lost.add(one["_id"])
            else:
                self.documents[one["_id"]] = copy.deepcopy(one)
        self.faults.end(act)
        return lost

    async def update_each(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        for query, change in changes:
            for one in self.documents.values():
                if _matches(one, query):
                    one.update(change["$set"])

    async def index(self, *_keys: Any, **_options: Any) -> None:
        """Nothing: a dictionary needs none."""


class MemoryPublisher(Publisher):
    """Keeps what was said."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.said: list[Outgoing] = []
        self._faults = faults or Faults()

    async def say(self, records: Iterable[Outgoing], **_more: Any) -> None:
        waiting = list(records)
        if waiting:
            act = self._faults.begin()
            self.said.extend(waiting)
            self._faults.end(act)


def _matches(document: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    return all(_holds(_value(document, path), wanted) for path, wanted in query.items())


def _value(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document.get(part)
    return document


def _holds(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted) or (isinstance(value, list) and wanted in value)
    ((operator, operand),) = wanted.items()
    if operator == "$in":
        return any(one in operand for one in (value if isinstance(value, list) else [value]))
    if operator == "$gt":
        return bool(value > operand)
    assert operator == "$lte"
    return value is not None and bool(value <= operand)
