"""A collection in memory with the operations that notes about pupils are made of: `$addToSet`, `$max`, first insert."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aanwezig.chassis.store import Collection


class NotesCollection(Collection):
    """Documents by id. `before_write` runs once before the next write: what another instance does in that moment."""

    def __init__(self) -> None:
        self.documents: dict[Any, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.before_write = None

    async def find(self, query: Mapping[str, Any], **_how: Any) -> list[dict[str, Any]]:
        self.calls.append("find")
        wanted = query["_id"]["$in"]
        found = [self.documents[one] for one in wanted if one in self.documents]
        if "word.stands" in query:
            found = [one for one in found if one["word"]["stands"] is query["word.stands"]]
        return copy.deepcopy(found)

    async def insert_new(self, documents: Sequence[dict[str, Any]]) -> set[Any]:
        await self._moment(documents)
        there = {one["_id"] for one in documents if one["_id"] in self.documents}
        for one in documents:
            self.documents.setdefault(one["_id"], copy.deepcopy(one))
        return there

    async def update_each(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        waiting = list(changes)
        await self._moment(waiting)
        for query, change in waiting:
            one = self.documents[query["_id"]]
            if "senders" not in query or one["senders"] == query["senders"]:
                _changed(one, change)

    async def _moment(self, writes: Sequence[Any]) -> None:
        if not writes:
            return
        self.calls.append("write")
        happens, self.before_write = self.before_write, None
        if happens is not None:
            await happens()


def _changed(one: dict[str, Any], change: Mapping[str, Any]) -> None:
    for name, more in change.get("$addToSet", {}).items():
        one[name] += [item for item in more["$each"] if item not in one[name]]
    for path, word in change.get("$max", {}).items():
        name, _, key = path.partition(".")
        place, at = (one[name], key) if key else (one, name)
        # The database compares documents field by field, in their order.
        if at not in place or list(word.values()) > list(place[at].values()):
            place[at] = word
