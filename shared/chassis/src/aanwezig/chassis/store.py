"""The one door to MongoDB. Only this module knows which driver opens it (ADR 3).

Documents are plain dictionaries with `_id`; dates are ISO text, instants aware datetimes. A call that the database
cannot answer now raises `Unavailable`. Writes are acknowledged by the majority, so they survive `kill -9`.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.write_concern import WriteConcern

from aanwezig.chassis.errors import OwnershipLost, Unavailable

Document = dict[str, Any]
Driver = Literal["motor", "pymongo"]
Keys = Sequence[tuple[str, int]]

_AWAY: Final = (
    AutoReconnect, ConnectionFailure, ExecutionTimeout, NetworkTimeout, ServerSelectionTimeoutError, WTimeoutError,
)  # fmt: skip
_DUPLICATE: Final = 11000
_SHUTTING_DOWN: Final = {91, 189, 10107, 11600, 11602, 13435, 13436}


class Collection:
    """One collection, with the few operations our guarantees are made of."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def find(
        self,
        query: Mapping[str, Any],
        *,
        fields: Iterable[str] | None = None,
        sort: Keys | None = None,
        limit: int = 0,
    ) -> list[Document]:
        """All documents that match, only these fields, in this order, at most `limit` (0: all)."""
        projection = None if fields is None else dict.fromkeys(fields, 1)
        async with _translated():
            cursor = self._raw.find(query, projection, sort=sort, limit=limit)
            found: list[Document] = await cursor.to_list(None)
            return found

    async def find_one(self, query: Mapping[str, Any], *, sort: Keys | None = None) -> Document | None:
        """The first document that matches."""
        found = await self.find(query, sort=sort, limit=1)
        return found[0] if found else None

    async def insert_new(self, documents: Sequence[Document]) -> set[Any]:
        """Inserts those whose `_id` is not there yet; gives the ids that were. Nothing is ever overwritten."""
        if not documents:
            return set()
        async with _translated():
            try:
                await self._raw.insert_many(documents, ordered=False)
            except BulkWriteError as partly:
                return {documents[error["index"]]["_id"] for error in _only_duplicates(partly)}
        return set()

    async def replace_if(self, documents: Sequence[Document], *, seen: Mapping[Any, int]) -> set[Any]:
        """Compare-and-set: writes each whose stored `rev` is still `seen[_id]` (0: not there yet).

        Each document carries its new `rev`, one above the seen. Gives the ids of those that were not written, and of
        those that another has written over since. What is stored has a field `write` that names this call.
        """
        if not documents:
            return set()
        # The winner and the loser of a race count to the same revision: only the name of the call tells them apart.
        write = uuid4().hex
        writes: list[Any] = [
            ReplaceOne({"_id": doc["_id"], "rev": seen[doc["_id"]]}, {**doc, "write": write})
            if seen[doc["_id"]]
            else InsertOne({**doc, "write": write})
            for doc in documents
        ]
        lost: set[Any] = set()
        replaced = sum(1 for doc in documents if seen[doc["_id"]])
        async with _translated():
            try:
                result = await self._raw.bulk_write(writes, ordered=False)
                matched = result.matched_count
            except BulkWriteError as partly:
                lost |= {documents[error["index"]]["_id"] for error in _only_duplicates(partly)}
                matched = partly.details["nMatched"]
        if matched < replaced:
            wanted = {doc["_id"] for doc in documents if seen[doc["_id"]]}
            ours = await self.find({"_id": {"$in": list(wanted)}, "write": write}, fields=["_id"])
            lost |= wanted - {doc["_id"] for doc in ours}
        return lost

    async def update(
        self, query: Mapping[str, Any], change: Mapping[str, Any], *, upsert: bool = False
    ) -> int:
        """Changes every document that matches; gives how many matched or were made.

        Raises:
            OwnershipLost: an upsert met a document another one made in the same moment.
        """
        async with _translated():
            try:
                if upsert:
                    result = await self._raw.update_one(query, change, upsert=True)
                    return int(result.matched_count) + (1 if result.upserted_id is not None else 0)
                result = await self._raw.update_many(query, change)
            except DuplicateKeyError:
                raise OwnershipLost("made by another in the same moment") from None
            return int(result.matched_count)

    async def update_each(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """One change for one document each, in any order."""
        writes = [UpdateOne(query, change) for query, change in changes]
        if writes:
            async with _translated():
                await self._raw.bulk_write(writes, ordered=False)

    async def delete(self, query: Mapping[str, Any]) -> int:
        """Deletes every document that matches; gives how many."""
        async with _translated():
            return int((await self._raw.delete_many(query)).deleted_count)

    async def count(self, query: Mapping[str, Any]) -> int:
        """How many documents match."""
        async with _translated():
            return int(await self._raw.count_documents(query))

    async def index(
        self,
        keys: Keys,
        *,
        unique: bool = False,
        where: Mapping[str, Any] | None = None,
        expire: int | None = None,
    ) -> None:
        """An index over these fields; only over documents `where` holds; documents end `expire` seconds after the field."""
        options: dict[str, Any] = {"unique": unique} if unique else {}
        if where is not None:
            options["partialFilterExpression"] = where
        if expire is not None:
            options["expireAfterSeconds"] = expire
        async with _translated():
            await self._raw.create_index(list(keys), **options)


class Store:
    """One database of one service."""

    def __init__(self, uri: str, database: str, driver: Driver = "pymongo") -> None:
        options: dict[str, Any] = {
            "tz_aware": True, "serverSelectionTimeoutMS": 2_000, "connectTimeoutMS": 2_000,
            "socketTimeoutMS": 20_000, "retryWrites": True, "appname": database,
        }  # fmt: skip
        self._client: Any = (
            AsyncIOMotorClient(uri, **options) if driver == "motor" else AsyncMongoClient(uri, **options)
        )
        self._database = self._client.get_database(
            database, write_concern=WriteConcern("majority", wtimeout=15_000)
        )

    def collection(self, name: str) -> Collection:
        """A collection of this database."""
        return Collection(self._database.get_collection(name))

    async def ping(self) -> None:
        """Asks the server whether it is there.

        Raises:
            Unavailable: it is not.
        """
        async with _translated():
            await self._database.command("ping")

    async def drop(self) -> None:
        """Removes the whole database."""
        async with _translated():
            await self._client.drop_database(self._database.name)

    async def close(self) -> None:
        """Closes every connection."""
        closing: Callable[[], Coroutine[Any, Any, None] | None] = self._client.close
        waiting = closing()
        if waiting is not None:
            await waiting


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except _AWAY as away:
        raise Unavailable(f"the database: {type(away).__name__}") from None
    except OperationFailure as failed:
        if failed.code in _SHUTTING_DOWN or failed.has_error_label("RetryableWriteError"):
            raise Unavailable(f"the database: code {failed.code}") from None
        raise


def _only_duplicates(partly: BulkWriteError) -> list[Mapping[str, Any]]:
    details: Mapping[str, Any] = partly.details
    errors: list[Mapping[str, Any]] = details.get("writeErrors", [])
    if details.get("writeConcernErrors"):
        raise Unavailable("the database: not acknowledged by the majority")
    if any(error["code"] != _DUPLICATE for error in errors):
        raise partly
    return errors
