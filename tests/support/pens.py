"""A store in memory with what a clock and a lease ask of it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.store import Collection, Store


class PenCollection(Collection):
    """Documents by id, changed by `$set` and `$max`; a lease is taken where it is free."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def find(self, query: Mapping[str, Any], **_how: Any) -> list[dict[str, Any]]:
        found = self.documents.get(query["_id"])
        return [] if found is None else [found]

    async def update(
        self, query: Mapping[str, Any], change: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        document = self.documents.get(query["_id"])
        if document is None and not upsert:
            return 0
        if document is not None and not any(_free(document, way) for way in query.get("$or", [{}])):
            raise OwnershipLost("held by another")
        document = self.documents.setdefault(query["_id"], {})
        document.update(change.get("$set", {}))
        for field, value in change.get("$max", {}).items():
            document[field] = max(value, document.get(field, value))
        return 1

    async def delete(self, query: Mapping[str, Any]) -> int:
        held = self.documents.get(query["_id"])
        if held is None or held["holder"] != query["holder"]:
            return 0
        del self.documents[query["_id"]]
        return 1


class PenStore(Store):
    """Collections in memory."""

    def __init__(self) -> None:
        self.collections: dict[str, PenCollection] = defaultdict(PenCollection)

    def collection(self, name: str) -> PenCollection:
        return self.collections[name]


def _free(document: Mapping[str, Any], way: Mapping[str, Any]) -> bool:
    return all(
        document[field] < wanted["$lt"] if isinstance(wanted, dict) else document[field] == wanted
        for field, wanted in way.items()
    )
