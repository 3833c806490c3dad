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
from support.gate import Gate

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


async def test_what_could_not_be_said_is_said_by_the_next_act_whatever_that_looks_for(store):
    spoken = Spoken()
    shelf = Shelf(store.collection("kept"), spoken)
    spoken.broken = True
    with pytest.raises(Unavailable):
        await shelf.keep_and_say([Kept("a", 3, owed=[Outgoing("t", "a", b"one")])])
    spoken.broken = False
    assert await shelf.search({"x.wake": "never"}) == []
    assert spoken.said == [b"one"]
    assert await shelf.settle([3]) == 0


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


async def test_of_many_writes_only_the_losing_ones_are_named_whatever_their_kind(things):
    assert (
        await things.replace_if([{"_id": n, "rev": 1} for n in "abc"], seen=dict.fromkeys("abc", 0)) == set()
    )
    assert await things.replace_if([{"_id": "b", "rev": 2}], seen={"b": 1}) == set()
    lost = await things.replace_if(
        [{"_id": "a", "rev": 2}, {"_id": "b", "rev": 2}, {"_id": "c", "rev": 1}, {"_id": "d", "rev": 1}],
        seen={"a": 1, "b": 1, "c": 0, "d": 0},
    )
    assert lost == {"b", "c"}
    assert {row["_id"]: row["rev"] for row in await things.find({})} == {"a": 2, "b": 2, "c": 1, "d": 1}


async def test_nothing_to_write_is_nothing(things):
    assert await things.insert_new([]) == set()
    assert await things.replace_if([], seen={}) == set()
    await things.update_each([])


async def refused_for_now(act):
    with pytest.raises(Unavailable):
        async with asyncio.timeout(15):
            await act()


async def test_a_database_that_goes_away_in_the_middle_is_unavailable_and_nothing_else(engines):
    gate = Gate(engines.mongo_uri.split("/")[2])
    await gate.open()
    uri = engines.mongo_uri.replace(engines.mongo_uri.split("/")[2], f"127.0.0.1:{gate.port}")
    stores = [Store(uri, f"test-{uuid4().hex[:8]}", driver) for driver in ("motor", "pymongo")]
    for store in stores:
        await store.collection("things").insert_new([{"_id": 1, "rev": 1}])
    await gate.close()

    async def is_away(store):
        things = store.collection("things")
        # The first meets the connection that was cut off; the rest, which all wait as long, find nobody.
        await refused_for_now(lambda: things.find({}))
        await asyncio.gather(
            refused_for_now(lambda: things.insert_new([{"_id": 2}])),
            refused_for_now(lambda: things.replace_if([{"_id": 1, "rev": 2}], seen={1: 1})),
            refused_for_now(store.ping),
            refused_for_now(lambda: things.update({}, {"$set": {"x": 1}}, upsert=True)),
        )

    await asyncio.gather(*(is_away(store) for store in stores))
    await gate.open()
    for store in stores:
        assert await store.collection("things").find({}, fields=["rev"]) == [{"_id": 1, "rev": 1}]
        await store.drop()
        await store.close()
    await gate.close()


async def test_a_document_that_is_refused_is_no_weather(things):
    await things.index([("key", 1)], unique=True)
    await things.insert_new([{"_id": 1, "key": "k"}])
    with pytest.raises(Exception) as refused:
        await things.update({"_id": 1}, {"$nonsense": 1})
    assert not isinstance(refused.value, Unavailable)


async def test_what_is_refused_for_another_reason_than_being_known_is_not_taken_for_known(things):
    with pytest.raises(Exception, match="_id") as refused:
        await things.insert_new([{"_id": 1}, {"_id": [2]}])
    assert not isinstance(refused.value, Unavailable)
    assert await things.count({}) == 1


async def test_two_upserts_in_the_same_moment_are_an_ownership_lost(things):
    await things.insert_new([{"_id": "a", "by": "other"}])
    with pytest.raises(OwnershipLost):
        await things.update({"_id": "a", "by": "me"}, {"$set": {"by": "me"}}, upsert=True)
    assert (await things.find_one({"_id": "a"}))["by"] == "other"


async def test_what_is_said_is_struck_out_only_of_the_revision_it_was_read_from(store):
    spoken = Spoken()
    shelf = Shelf(store.collection("kept"), spoken)
    await shelf.keep([Kept("a", 0, owed=[Outgoing("t", "a", b"one")])])
    (row,) = await store.collection("kept").find({})
    stale = Kept("a", 0, revision=row["rev"], owed=[Outgoing("t", "a", b"one")])
    newer = (await shelf.load(["a"]))["a"]
    newer.owed = [Outgoing("t", "a", b"two")]
    await shelf.keep([newer])
    await shelf.say([stale])
    (row,) = await store.collection("kept").find({})
    assert (row["owes"], [owed["v"] for owed in row["owed"]]) == (True, [b"two"])


async def test_what_is_kept_is_found_by_index_and_partition_and_carries_its_state(store):
    shelf = Shelf(store.collection("kept"), Spoken())
    await shelf.start()
    await shelf.keep_and_say([
        Kept("a", 1, state={"n": 1}, index={"colour": "red"}, owed=[Outgoing("t", "a", b"x")]),
        Kept("b", 2, state={"n": 2}, index={"colour": "red"}),
    ])  # fmt: skip
    found = await shelf.search({"x.colour": "red", "part": 2})
    assert [(one.id, one.partition, one.state, one.revision) for one in found] == [("b", 2, {"n": 2}, 1)]
    assert len(await shelf.search({"x.colour": "red"}, limit=1)) == 1
    assert await shelf.load([]) == {}
    assert await shelf.settle([1, 2]) == 0


async def test_who_lost_may_read_again_and_the_winners_of_the_same_call_are_written(store):
    shelf = Shelf(store.collection("kept"), Spoken())
    await shelf.keep([Kept("a", 0), Kept("b", 0)])
    mine = await shelf.load(["a", "b"])
    theirs = (await shelf.load(["a"]))["a"]
    await shelf.keep([theirs])
    mine["a"].state = mine["b"].state = {"by": "me"}
    with pytest.raises(OwnershipLost):
        await shelf.keep(mine.values())
    assert (mine["a"].revision, mine["b"].revision) == (1, 2)
    after = await shelf.load(["a", "b"])
    assert (after["a"].state, after["b"].state) == ({}, {"by": "me"})


async def test_a_lease_is_given_back_by_its_holder_alone(store):
    leases = store.collection("leases")
    first, second = Lease(leases, "pen", "first", 30), Lease(leases, "pen", "second", 30)
    assert await first.hold()
    await second.release()
    assert not await second.hold()
    assert await Lease(leases, "another pen", "second", 30).hold()
