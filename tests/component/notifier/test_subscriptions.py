import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.store import Store
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.problems import MOST
from aanwezig.notifier.subscriptions import Subscriptions
from support.notifying import SEAL_KEY
from support.subscribers_door import ESCALATED, STAGNATED, SubscribersDoor, a_partner

pytestmark = pytest.mark.engines
FILTER = Filter((ESCALATED,))


@pytest.fixture
async def store(engines):
    """A database of its own."""
    made = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}")
    yield made
    await made.drop()
    await made.close()


async def test_two_instances_together_give_no_recipient_too_many_nor_one_twice(store):
    two = [
        Subscriptions(store.collection("subscriptions"), seal_key=SEAL_KEY, now=lambda: datetime.now(UTC))
        for _ in "ab"
    ]
    for one in two:
        await one.start()
    same = [one.make("swv", "https://a.example/", FILTER, None, None) for one in two]
    outcomes = await asyncio.gather(*same, return_exceptions=True)
    assert sorted(getattr(one, "code", "made") for one in outcomes) == ["made", "same-subscription"]
    many = [two[n % 2].make("swv", f"https://a.example/{n}", FILTER, None, None) for n in range(MOST + 2)]
    outcomes = await asyncio.gather(*many, return_exceptions=True)
    codes = [getattr(one, "code", "made") for one in outcomes]
    assert (codes.count("made"), codes.count("too-many-subscriptions")) == (MOST - 1, 3)
    found = await two[0].of("swv")
    assert len({one.id for one in found}) == MOST
    assert await two[0].listening() == []


async def test_what_is_kept_is_read_back_as_it_was_and_two_changes_at_once_both_hold(store):
    now = datetime(2024, 10, 14, 6, 0, 0, 123456, tzinfo=UTC)
    subscriptions = Subscriptions(store.collection("subscriptions"), seal_key=SEAL_KEY, now=lambda: now)
    await subscriptions.start()
    made, _, token = await subscriptions.make("swv", "https://a.example/", FILTER, "daily", None)
    assert await subscriptions.get(made.id) == made
    await asyncio.gather(
        subscriptions.confirm(made.id, token, 60),
        subscriptions.rotate(made.id, "swv"),
        subscriptions.park(made.id, "x"),
    )
    (stands,) = await subscriptions.listening()
    assert (stands.status, stands.per_minute, len(stands.secrets)) == ("parked", 60, 2)
    assert stands.secrets[1].until == now + timedelta(days=1)
    assert stands.created == now


async def test_the_door_keeps_what_it_says_in_the_database(store):
    collection = store.collection("subscriptions")
    async with a_partner() as partner, SubscribersDoor(collection=collection) as door:
        made = await door.subscribes(partner.url)
        again = await door.asks("POST", said={"address": partner.url, "filter": {"types": [ESCALATED]}})
        assert (again.status_code, again.json()["subscription"]) == (409, made["id"])
        await door.asks("PATCH", f"/{made['id']}", {"filter": {"types": [STAGNATED]}})
        await door.asks("POST", f"/{made['id']}/pause")
        another = SubscribersDoor(collection=collection)
        shown = (await another.asks("GET", f"/{made['id']}")).json()
        assert (shown["status"], shown["filter"]["types"]) == ("paused", [STAGNATED])
        assert (await another.asks("DELETE", f"/{made['id']}")).status_code == 204
        assert (await door.asks("GET", f"/{made['id']}")).status_code == 404
