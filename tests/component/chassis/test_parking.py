"""Dead letters: kept whole, once, within a budget; and what blocks whom."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from aanwezig.chassis.errors import BudgetSpent, Unavailable
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.store import Store

pytestmark = pytest.mark.engines


@dataclass
class Record:
    offset: int
    key: str | None = "k"
    value: bytes | None = b"{}"
    topic: str = "a.topic"
    partition: int = 0


class Spoken:
    """Remembers what was said; refuses while `broken`."""

    def __init__(self):
        self.said = []
        self.broken = False

    async def say(self, records, *, headers=()):
        if self.broken:
            raise Unavailable("the broker")
        self.said += [(record.topic, record.key, record.value, dict(headers)) for record in records]


@pytest.fixture
async def store(engines):
    made = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}")
    yield made
    await made.drop()
    await made.close()


@pytest.fixture
async def parking(store):
    made = Parking(store, Spoken(), service="test", topic="test.parked", budget=2)
    await made.start()
    return made


async def test_a_dead_letter_is_the_record_as_it_came_with_why_and_from_where(parking):
    await parking.park(Record(7, value=b"\xff{"), "unprocessable", "no-sense")
    assert parking._publisher.said == [(
        "test.parked", "k", b"\xff{",
        {
            "aanwezig-reason": b"unprocessable", "aanwezig-error": b"no-sense", "aanwezig-origin": b"a.topic:0:7",
            "aanwezig-service": b"test",
        },
    )]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "said"), [(None, None, b""), (None, b"x", b"x"), ("k", None, None), ("k", b"", b"")]
)
async def test_a_record_without_key_or_value_is_parked_like_any_other(parking, store, key, value, said):
    await parking.park(Record(1, key=key, value=value), "not-the-contract", "NotTheContract")
    assert [row[1:3] for row in parking._publisher.said] == [(key, said)]
    (row,) = await store.collection("parked").find({})
    assert (row["key"], row["value"]) == (key, value)
    assert parking.blocks(Record(2, key=key)) is (key is not None)


async def test_it_blocks_its_own_key_in_its_own_partition_and_topic(parking):
    await parking.park(Record(1), "unprocessable", "x")
    assert parking.blocks(Record(2))
    assert not parking.blocks(Record(2, key="other"))
    assert not parking.blocks(Record(2, partition=1))
    assert not parking.blocks(Record(2, topic="another.topic"))


async def test_who_takes_a_partition_over_knows_what_is_blocked_there(parking, store):
    await parking.park(Record(1), "unprocessable", "x")
    await parking.park(Record(1, key="else", partition=1), "unprocessable", "x")
    await parking.park(Record(2, key=None), "behind", "Behind")
    other = Parking(store, Spoken(), service="test", topic="test.parked", budget=2)
    assert not other.blocks(Record(3))
    await other.assigned("a.topic", {0})
    assert other.blocks(Record(3))
    assert not other.blocks(Record(3, key="else", partition=1))


async def test_what_was_retried_blocks_nobody_any_more(parking, store):
    await parking.park(Record(1), "unprocessable", "x")
    await store.collection("parked").update({}, {"$set": {"open": False}})
    assert (await parking.count(), await parking.faults()) == (0, 0)
    await parking.assigned("a.topic", {0})
    assert not parking.blocks(Record(2))


async def test_the_same_record_again_counts_once(parking):
    for _ in range(5):
        await parking.park(Record(1), "unexpected", "KeyError")
    assert (await parking.count(), await parking.faults()) == (1, 1)


async def test_past_the_budget_it_is_told_and_what_stands_behind_another_does_not_count(parking):
    await parking.park(Record(1), "unprocessable", "x")
    for offset in range(2, 9):
        await parking.park(Record(offset), "behind", "Behind")
    await parking.park(Record(20, key="b"), "not-the-contract", "x")
    with pytest.raises(BudgetSpent):
        await parking.park(Record(21, key="c"), "unexpected", "x")
    # The last one is parked all the same, and one behind another never spends the budget.
    await parking.park(Record(22, key="c"), "behind", "Behind")
    assert (await parking.faults(), await parking.count()) == (3, 11)


async def test_if_it_cannot_be_said_it_is_not_parked_for_good(parking):
    parking._publisher.broken = True
    with pytest.raises(Unavailable):
        await parking.park(Record(1), "unprocessable", "x")
    assert not parking.blocks(Record(2))
    parking._publisher.broken = False
    await parking.park(Record(1), "unprocessable", "x")
    assert len(parking._publisher.said) == 1
    assert await parking.count() == 1
