"""The store does the same through either driver (ADR 3)."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from aanwezig.chassis.errors import OwnershipLost, Unavailable
from aanwezig.chassis.leases import Lease
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Store

pytestmark = pytest.mark.engines


@pytest.fixture(params=["motor", "pymongo"])
async def store(request, engines):
    store = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}", request.param)
    yield store
    await store.drop()
    await store.close()


@pytest.fixture
def things(store):
    return store.collection("things")


async def test_only_new_documents_are_inserted_and_the_known_are_named(things):
    assert await things.insert_new([{"_id": "a", "n": 1}, {"_id": "b", "n": 1}]) == set()
    assert await things.insert_new([{"_id": "b", "n": 2}, {"_id": "c", "n": 2}, {"_id": "a", "n": 2}]) == {
        "a",
        "b",
    }
    assert {row["_id"]: row["n"] for row in await things.find({})} == {"a": 1, "b": 1, "c": 2}


async def test_a_document_is_written_only_by_who_saw_its_last_revision(things):
    assert await things.replace_if([{"_id": "a", "rev": 1, "by": "first"}], seen={"a": 0}) == set()
    assert await things.replace_if([{"_id": "a", "rev": 1, "by": "second"}], seen={"a": 0}) == {"a"}
    assert await things.replace_if([{"_id": "a", "rev": 2, "by": "third"}], seen={"a": 1}) == set()
    lost = await things.replace_if(
        [{"_id": "a", "rev": 3, "by": "late"}, {"_id": "b", "rev": 1, "by": "new"}], seen={"a": 7, "b": 0}
    )
    assert lost == {"a"}
    assert {row["_id"]: row["by"] for row in await things.find({})} == {"a": "third", "b": "new"}


async def test_find_sorts_limits_and_projects(things):
    await things.insert_new([{"_id": n, "x": -n, "y": 0} for n in range(5)])
    assert await things.find({}, fields=["x"], sort=[("x", 1)], limit=2) == [
        {"_id": 4, "x": -4},
        {"_id": 3, "x": -3},
    ]
    assert await things.find_one({"_id": 9}) is None
    assert await things.count({"x": {"$lt": -1}}) == 3


async def test_updates_tell_how_many_they_met(things):
    await things.insert_new([{"_id": n, "x": 0} for n in range(3)])
    assert await things.update({"x": 0}, {"$set": {"x": 1}}) == 3
    assert await things.update({"_id": "new"}, {"$set": {"x": 2}}, upsert=True) == 1
    await things.update_each([({"_id": 0}, {"$set": {"x": 9}}), ({"_id": 1}, {"$set": {"x": 8}})])
    assert {row["_id"]: row["x"] for row in await things.find({})} == {0: 9, 1: 8, 2: 1, "new": 2}
    assert await things.delete({"x": {"$gt": 7}}) == 2


async def test_a_unique_index_refuses_and_a_partial_one_looks_away(things):
    await things.index([("key", 1)], unique=True, where={"open": True})
    assert (
        await things.insert_new([{"_id": 1, "key": "k", "open": True}, {"_id": 2, "key": "k", "open": False}])
        == set()
    )
    assert await things.insert_new([{"_id": 3, "key": "k", "open": True}]) == {3}


async def test_instants_come_back_with_their_zone(things):
    moment = datetime(2024, 9, 2, 7, 5, tzinfo=UTC)
    await things.insert_new([{"_id": 1, "at": moment}])
    assert (await things.find_one({"_id": 1}))["at"] == moment


async def test_a_database_that_is_away_is_unavailable_and_nothing_else():
    away = Store("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300", "test")
    with pytest.raises(Unavailable):
        await away.ping()
    await away.close()


class Spoken:
    """Remembers what was said; refuses to say while `broken`."""

    def __init__(self):
        self.said = []
        self.broken = False

    async def say(self, records, **_):
        if self.broken:
            raise Unavailable("the broker")
        self.said += [record.value for record in records]


async def test_what_is_owed_is_written_with_the_state_and_said_once_it_can_be(store):
    spoken = Spoken()
    shelf = Shelf(store.collection("kept"), spoken)
    kept = Kept("a", 3, state={"n": 1}, owed=[Outgoing("t", "a", b"one"), Outgoing("t", "a", b"two")])
    spoken.broken = True
    with pytest.raises(Unavailable):
        await shelf.keep_and_say([kept])
    assert spoken.said == []
    spoken.broken = False
    assert await shelf.settle([1, 2]) == 0
    assert await shelf.settle([3]) == 1
    assert spoken.said == [b"one", b"two"]
    assert await shelf.settle([3]) == 0
    loaded = (await shelf.load(["a"]))["a"]
    assert (loaded.state, loaded.revision, loaded.owed) == ({"n": 1}, 1, [])


async def test_what_is_owed_is_said_before_the_document_is_used_again(store):
    spoken = Spoken()
    shelf = Shelf(store.collection("kept"), spoken)
    await shelf.keep([Kept("a", 0, owed=[Outgoing("t", "a", b"one")])])
    assert spoken.said == []
    await shelf.load(["a", "unknown"])
    assert spoken.said == [b"one"]


async def test_of_two_writers_one_loses_and_nothing_of_it_is_written(store):
    shelf = Shelf(store.collection("kept"), Spoken())
    await shelf.keep([Kept("a", 0, state={"n": 1})])
    mine = (await shelf.load(["a"]))["a"]
    theirs = (await shelf.load(["a"]))["a"]
    theirs.state = {"n": 2}
    await shelf.keep([theirs])
    mine.state = {"n": 3}
    with pytest.raises(OwnershipLost):
        await shelf.keep([mine])
    assert (await shelf.load(["a"]))["a"].state == {"n": 2}


async def test_a_lease_has_one_holder_until_it_ends(store):
    leases = store.collection("leases")
    first, second = Lease(leases, "pen", "first", 0.3), Lease(leases, "pen", "second", 30)
    assert await first.hold()
    assert not await second.hold()
    assert await first.hold()
    async with asyncio.timeout(5):
        while not await second.hold():
            await asyncio.sleep(0.05)
    assert not await first.hold()
    await second.release()
    assert await first.hold()
