"""Parked records that an operator asks for: by the owner, in order, each once; whatever is killed, and when."""

import asyncio
from uuid import uuid4

import pytest

from aanwezig.chassis import retrying
from aanwezig.chassis.errors import BudgetSpent, Unavailable, Unprocessable
from aanwezig.chassis.parking import Fault, Parking, Queue
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.retrying import Retrying
from aanwezig.chassis.store import Store
from support.bench import Remembering, an_event, until_owned
from support.crashing import Fuse, Killed
from support.parked import TOPIC, a_door, a_record, ids_of, outcomes

pytestmark = pytest.mark.engines
ALL = {0: 1_000}


class Speechless:
    """A publisher that remembers what it was told to say."""

    def __init__(self):
        self.said = []

    async def say(self, records, *, headers=()):
        self.said += [(one.key, dict(headers)["aanwezig-reason"]) for one in records]


@pytest.fixture
async def store(engines):
    made = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}")
    yield made
    await made.drop()
    await made.close()


async def a_parking(store, budget=2):
    made = Parking(store, Speechless(), service="test", topic="test.parked", budget=budget)
    await made.start()
    return made


class Desk:
    """One life of the service that owns the partition: parking, what is due, and an act that does each thing once."""

    def __init__(self, parking, effects, faults=()):
        self.effects, self.faults = effects, dict(faults)
        self.parking = parking
        self.retrying = Retrying(parking, TOPIC, self._act)

    async def _act(self, row, _at):
        if row["offset"] not in self.effects:
            if row["offset"] in self.faults:
                return Fault("unexpected", self.faults[row["offset"]])
            self.effects.append(row["offset"])
        return None

    async def live(self, committed=None):
        self.retrying.begin(await self.parking.assigned(TOPIC, {0}))
        await self.look(committed)

    async def look(self, committed=None):
        await self.retrying.look({0})
        await self.retrying.some({0}, ALL if committed is None else committed)


async def three_of_a_pupil(parking):
    await parking.park(a_record(1), "unexpected", "KeyError")
    await parking.park(a_record(2), "behind", "Behind")
    await parking.park(a_record(3), "behind", "Behind")
    await parking.park(a_record(4, key="other"), "unprocessable", "no-sense")


async def test_whoever_is_killed_at_any_step_does_the_rest_in_order_and_nothing_twice(store):
    blown, left = True, 0
    while blown:
        left += 1
        await store.collection("parked").delete({})
        parking = await a_parking(store)
        await three_of_a_pupil(parking)
        async with a_door(parking) as door:
            await door.discard(1)
        effects, fuse = [], Fuse(left)
        parking._collection = fuse.around(store.collection("parked"))
        try:
            await Desk(parking, effects).live()
        except Killed:
            await Desk(await a_parking(store), effects).live()
        blown = fuse.blown
        assert effects == [2, 3]
        assert await outcomes(store) == {1: "discarded", 2: "handled", 3: "handled", 4: None}
    assert left > 5


async def test_with_one_the_whole_queue_is_tried_and_the_key_is_free_again(store):
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        assert (await door.retry(3)).json() == {"asked": ids_of(3), "unknown": [], "not_retried": []}
    await desk.look()
    assert desk.effects == [1, 2, 3]
    assert not parking.blocks(a_record(9))
    assert parking.blocks(a_record(9, key="other"))
    rows = await store.collection("parked").find({"key": "k"})
    assert {row["value"] for row in rows} == {None}


async def test_what_fails_again_is_parked_under_its_id_with_its_new_reason_and_counts_once(store):
    parking = await a_parking(store, budget=2)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [], {2: "ZeroDivisionError"})
    async with a_door(parking) as door:
        await door.retry(1)
        await desk.look()
        assert desk.effects == [1]
        shown = (await door.get("/v1/parked")).json()["rows"]
    assert [(row["offset"], row["reason"], row["error"], row["state"]) for row in shown] == [
        (2, "unexpected", "ZeroDivisionError", "parked"), (3, "behind", "Behind", "parked"),
        (4, "unprocessable", "no-sense", "parked"),
    ]  # fmt: skip
    assert (await parking.faults(), await parking.count()) == (2, 3)
    assert parking.blocks(a_record(3))
    assert not parking.blocks(a_record(2))
    assert parking._publisher.said[-1] == ("k", b"unexpected")
    # Nobody asks for it any more: it is tried no second time.
    desk.faults = {}
    await desk.live()
    assert desk.effects == [1]


async def test_what_fails_again_past_the_budget_is_told(store):
    parking = await a_parking(store, budget=0)
    with pytest.raises(BudgetSpent):
        await parking.park(a_record(1), "unexpected", "KeyError")
    async with a_door(parking) as door:
        await door.retry(1)
    assert await parking.within_budget()
    with pytest.raises(BudgetSpent):
        await Desk(parking, [], {1: "KeyError"}).look()
    assert await outcomes(store) == {1: None}


async def test_what_is_discarded_is_kept_with_who_and_why_and_frees_what_stands_behind_it(store):
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        await door.discard(1, 4, reason=" a test of ours ")
        await desk.look()
        shown = (await door.get(f"/v1/parked/{TOPIC}:0:1")).json()
    assert desk.effects == [2, 3]
    assert (shown["state"], shown["by"], shown["why"], shown["said"]) == (
        "discarded", "an operator", "a test of ours", {"n": 1},
    )  # fmt: skip
    assert shown["ends"] > shown["closed"]
    assert await parking.count() == 0


async def test_one_behind_another_can_be_discarded_and_nothing_else_moves(store):
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        await door.discard(2)
    await desk.look()
    assert desk.effects == []
    assert await outcomes(store) == {1: None, 2: "discarded", 3: None, 4: None}


async def test_what_is_not_committed_waits_until_it_is(store):
    """It comes again by itself; one may be parked before an earlier one of its key was handled."""
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        await door.retry(1)
    await desk.look({0: 1})
    assert desk.effects == []
    await desk.look({0: 2})
    assert desk.effects == [1]
    assert parking.blocks(a_record(3))
    assert not parking.blocks(a_record(2))
    await desk.look({0: 4})
    assert desk.effects == [1, 2, 3]


async def test_partitions_of_others_are_left_to_them(store):
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        await door.retry(1)
    await desk.retrying.look({1})
    assert not desk.retrying.is_due
    await desk.retrying.look({0})
    await desk.retrying.some({1}, {0: 1_000, 1: 1_000})
    assert (desk.effects, desk.retrying.is_due) == ([], False)


async def test_a_long_queue_is_done_in_parts(store, monkeypatch):
    monkeypatch.setattr(retrying, "_AT_ONCE", 2)
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    desk = Desk(parking, [])
    async with a_door(parking) as door:
        await door.retry(1)
    await desk.look()
    assert (desk.effects, desk.retrying.is_due, parking.blocks(a_record(9))) == ([1, 2], True, True)
    await desk.look()
    assert (desk.effects, desk.retrying.is_due, parking.blocks(a_record(9))) == ([1, 2, 3], False, False)


async def test_if_the_topic_is_read_again_the_handled_is_parked_anew_and_the_discarded_passed_over(store):
    parking = await a_parking(store)
    await three_of_a_pupil(parking)
    async with a_door(parking) as door:
        await door.discard(1)
        await door.retry(4)
    await Desk(parking, []).live()
    said = len(parking._publisher.said)
    await parking.park(a_record(1), "unexpected", "KeyError")
    assert (await outcomes(store))[1] == "discarded"
    assert not parking.blocks(a_record(9))
    await parking.park(a_record(4, key="other"), "unexpected", "KeyError")
    assert (await outcomes(store))[4] is None
    assert parking.blocks(a_record(9, key="other"))
    assert len(parking._publisher.said) == said + 1


async def until(consumer, condition):
    """Does what the service does beside the batches, until this holds."""
    async with asyncio.timeout(30):
        while not await condition():
            await consumer.measure()
            await consumer.settle_when_idle()
            if consumer.stopped is not None and await consumer._parking.within_budget():
                await consumer.go_on()
            await asyncio.sleep(0.05)


async def test_the_owner_tries_again_in_order_before_anything_newer_and_reads_on(bench):
    handler, mended = Remembering(), []
    handler.trouble = lambda one: (
        Unprocessable("no-sense") if one.event.data["n"] == 1 and not mended else None
    )
    await bench.say(an_event(0), an_event(1), an_event(2), key="ill")
    async with bench.consumer(handler) as consumer:
        await handler.until(0)
        await bench.until_committed(3)
        mended.append(True)
        async with a_door(consumer._parking, topics={bench.topic}) as door:
            asked = await door.post("/v1/parked/retry", json={"key": "ill", "by": "me"})
        assert len(asked.json()["asked"]) == 2
        handler.batches.clear()

        async def all_closed():
            return await consumer._parking.count() == 0

        await until(consumer, all_closed)
        await bench.say(an_event(3), key="ill")
        await handler.until(3)
    assert handler.numbers == [1, 2, 3]


async def test_what_was_asked_while_nobody_ran_is_done_by_the_next_owner(bench):
    handler, mended = Remembering(), []
    handler.trouble = lambda one: (
        Unprocessable("no-sense") if one.event.data["n"] == 0 and not mended else None
    )
    await bench.say(an_event(0), an_event(1), key="ill")
    async with bench.consumer(handler) as consumer:
        await bench.until_committed(2)
        parking = consumer._parking
    async with a_door(parking, topics={bench.topic}) as door:
        await door.post("/v1/parked/discard", json={"ids": [f"{bench.topic}:0:0"], "reason": "x", "by": "me"})
    again = Remembering()
    async with bench.consumer(again) as consumer:
        await until_owned(consumer)
        await until(consumer, lambda: _closed(consumer))
    assert again.numbers == [1]


async def _closed(consumer):
    return await consumer._parking.count() == 0


async def test_who_stopped_at_the_budget_reads_on_when_enough_was_asked_for(bench):
    handler, mended = Remembering(), []
    handler.trouble = lambda one: (
        Unprocessable("no-sense") if one.event.data["n"] == 0 and not mended else None
    )
    await bench.say(an_event(0), key="ill")
    await bench.say(an_event(1), key="well")
    async with bench.consumer(handler, parking_budget=0) as consumer:
        async with asyncio.timeout(30):
            while consumer.stopped is None:
                await asyncio.sleep(0.02)
        await consumer.settle_when_idle()
        assert (consumer.stopped is None, handler.numbers) == (False, [])
        mended.append(True)
        async with a_door(consumer._parking, topics={bench.topic}) as door:
            await door.post("/v1/parked/retry", json={"key": "ill", "by": "me"})
        await until(consumer, lambda: _closed(consumer))
        await handler.until(0, 1)
        await bench.until_committed(2)
        assert consumer.why_not_live() is None
        await bench.say(an_event(2), key="ill")
        await handler.until(2)


async def test_what_is_away_meanwhile_is_waited_for(bench):
    handler, mended, away = Remembering(), [], [2]

    def trouble(one):
        if one.event.data["n"] == 0 and not mended:
            return Unprocessable("no-sense")
        if mended and away[0]:
            away[0] -= 1
            return Unavailable("x")
        return None

    handler.trouble = trouble
    await bench.publisher.say([Outgoing.event(bench.topic, None, an_event(0), 0)])
    async with bench.consumer(handler) as consumer:
        await bench.until_committed(1)
        mended.append(True)
        async with a_door(consumer._parking, topics={bench.topic}) as door:
            await door.post("/v1/parked/retry", json={"ids": [f"{bench.topic}:0:0"], "by": "me"})
        await until(consumer, lambda: _closed(consumer))
    assert (handler.numbers, away) == ([0], [0])


def test_a_record_without_a_key_is_a_queue_of_its_own():
    row = {"topic": "t", "partition": 0, "key": None, "offset": 3}
    assert Queue.of(row) != Queue.of(row | {"offset": 4})
    assert Queue.of(row | {"key": "k"}) == Queue.of(row | {"key": "k", "offset": 4})
