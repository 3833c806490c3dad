"""What is taken back reaches whoever was told, by whatever way, and never comes before what it takes back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.store import Store
from aanwezig.notifier.channels.doors import Delivered, NotDelivered
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.recollection import Recollection
from support.notifying import (
    MORNING,
    Said,
    a_case,
    a_home_sitter,
    a_receiver,
    a_recipient,
    agree,
    an_event,
    fail,
)
from support.notifying_desk import OWNED, Clock, Desk, by_webhook, subscribed

pytestmark = pytest.mark.engines
QUICK = 1e-5
ESCALATED = Filter(("nl.attendance.case-escalated.v1",))


@pytest.fixture
async def store(engines):
    store = Store(engines.mongo_uri, f"test-retractions-{uuid4().hex[:8]}")
    yield store
    await store.drop()
    await store.close()


@pytest.fixture
async def desk(store):
    desk = Desk(store, Said(), now=Clock(MORNING))
    await desk.deliveries.start()
    await desk.subscriptions.start()
    return desk


async def attempt(desk, lane, outcome):
    """One attempt on a lane of the one case there is."""
    claim = await desk.deliveries.claim(a_case().case, lane)
    assert claim is not None
    await desk.deliveries.note(claim, outcome, await desk.directory.now())
    return claim


def words(rows):
    return [(row["word"], row["channel"], row["status"]) for row in rows]


async def test_what_failed_after_attempts_may_have_arrived_and_is_taken_back(store):
    desk = Desk(store, Said(), pace=QUICK)
    await desk.deliveries.start()
    async with a_receiver("table", fail) as receiver, desk.sends():
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await desk.said.until(lambda said: said.records)
        receiver.answer = agree
        await desk.hears(an_event("case-withdrawn", a_case()))
        await desk.said.until(lambda said: len(said.records) == 2)
        assert [event.name for event in desk.said.events] == ["notice-failed", "notice-sent"]
        assert receiver.taken[-1].event["word"] == "withdrawn"


async def test_what_nobody_was_told_and_is_over_is_not_told_to_who_asks_later(desk):
    await desk.hears(a_home_sitter(), an_event("case-withdrawn", a_case()))
    async with a_receiver("table") as receiver:
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        told = Recollection(desk.deliveries, desk.directory)
        assert await told.again(desk.recipients.get("table"), mine.way(), since=MORNING) == 0


async def test_asked_for_again_it_has_the_content_and_the_id_it_had(desk):
    async with a_receiver("table") as receiver:
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        await desk.hears(a_home_sitter())
        first = await attempt(desk, mine.id, Delivered())
        told = Recollection(desk.deliveries, desk.directory)
        claimed = await told.notice(first.notice, "table")
        registered = desk.recipients.get("table")
        assert await told.again(registered, mine.way(), since=MORNING) == 1
        # Who asks twice is served once.
        assert await told.again(registered, mine.way(), since=MORNING) == 0
        second = await attempt(desk, mine.id, NotDelivered("answered-410", final=True))
        assert second.parcel == first.parcel
        assert await told.notice(first.notice, "table") == claimed
        assert len({event.id for event in desk.said.events}) == len(desk.said.events) == 2


async def test_after_a_change_of_channel_nothing_overtakes_what_it_takes_back(desk):
    async with a_receiver("table") as receiver:
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await attempt(desk, "table", NotDelivered("unreachable"))
        await desk.register(a_recipient("table", "home-sitter-table"))
        await desk.hears(an_event("case-withdrawn", a_case()))
    assert words(await desk.rows()) == [
        ("new-home-sitter", "webhook", "failed"), ("new-home-sitter", "topic", "sent"), ("withdrawn", "topic", "sent"),
    ]  # fmt: skip
    assert [event.data["subject"] for event in desk.said.events if event.name == "notice-sent"] == [
        "new-home-sitter", "withdrawn",
    ]  # fmt: skip


async def test_what_a_deleted_subscription_asked_for_does_not_go_to_one_that_did_not(desk):
    async with a_receiver("table") as receiver, a_receiver("other") as other:
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        made, _, token = await desk.subscriptions.make(
            "table", other.url, Filter(("nl.attendance.agenda-made.v1",)), None, None
        )
        await desk.subscriptions.confirm(made.id, token, None)
        await desk.hears(a_home_sitter())
        await desk.subscriptions.delete(mine.id, "table")
        await attempt(desk, mine.id, NotDelivered("channel-changed", final=True))
    assert words(await desk.rows()) == [("new-home-sitter", "webhook", "failed")]
    assert [event.data["reason"] for event in desk.said.events] == ["channel-changed"]


async def test_what_became_due_in_quiet_hours_waits_for_their_end(store):
    clock = Clock(MORNING - timedelta(hours=2))  # 06:00 in Amsterdam
    desk = Desk(store, Said(), now=clock)
    await desk.deliveries.start()
    quiet = {"from": "18:00", "until": "08:00"}
    async with a_receiver("director") as receiver:

        def director(**more):
            return a_recipient(
                "director",
                "chain-director",
                channel="webhook",
                address=receiver.url,
                secret=receiver.secret,
                **more,
            )

        # The hours are told after it was made.
        await desk.register(director())
        await desk.hears(an_event("case-stagnated", a_case(timer="meeting")))
        await desk.register(director(quiet=quiet), a_recipient("table", "home-sitter-table"))
        async with desk.sends():
            while await desk.deliveries.anything_due(OWNED):
                await desk.hears(a_home_sitter("another"))
            assert receiver.taken == []
            clock.moment = MORNING + timedelta(minutes=1)
            desk.deliveries.pending.set()
            await receiver.until(1)
    (row,) = [row for row in await desk.rows() if row["word"] == "stagnated"]
    assert row["attempts"] == 1


async def test_two_notices_of_one_case_that_are_not_urgent_wait_for_one_digest(desk):
    await desk.register(
        a_recipient("director", "chain-director", channel="mail", address="regie@example.nl", digest="daily")
    )
    for nth in (1, 2):
        await desk.hears(an_event("case-stagnated", a_case(timer="meeting"), nth=nth))
    assert {row["slot"] for row in await desk.rows()} == {"2024-10-15"}
