"""The notifier's memory and its delivery loop, on a real database and real receivers."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.shelf import Shelf
from aanwezig.chassis.store import Store
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import NotDelivered
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.deliveries import Deliveries
from aanwezig.notifier.handlers import CaseHandler
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.sending import Sending
from support.notifying import (
    MORNING,
    SEAL_KEY,
    Said,
    a_case,
    a_home_sitter,
    a_receiver,
    a_recipient,
    agree,
    an_event,
    fail,
    hang,
    registration,
)  # fmt: skip

pytestmark = pytest.mark.engines
OWNED = frozenset({0})
QUICK = 1e-5


class Desk:
    """A notifier without a broker in front of it."""

    def __init__(self, store, said, *, pace=1.0, lease=30.0, timeout=5.0, now=None):
        self.collection = store.collection("deliveries")
        self.now = now or (lambda: datetime.now(UTC))
        self.said = said
        self.recipients = Recipients()
        self.deliveries = Deliveries(
            Shelf(self.collection, said),
            self.collection,
            now=self.now,
            lease=timedelta(seconds=lease),
            pace=pace,
        )
        self.handler = CaseHandler(self.deliveries, self.recipients)
        door = WebhookDoor(
            seal_key=SEAL_KEY, addresses=Addresses(allow_private=True), timeout_seconds=timeout
        )
        self.sending = Sending(
            self.deliveries, self.recipients, {"webhook": door}, lambda: OWNED, now=self.now,
            pause=timedelta(seconds=0.02),
        )  # fmt: skip

    async def register(self, *recipients):
        for one in recipients:
            await self.recipients.on_register(f"recipient/{one.recipient}", registration(one))

    async def hears(self, *events):
        await self.handler.on_batch(
            [
                Arrived("chain.cases.v1", 0, n, event.data["case"], None, event)
                for n, event in enumerate(events)
            ]
        )

    @asynccontextmanager
    async def sends(self):
        task = asyncio.create_task(self.sending.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def rows(self):
        return [row for one in await self.collection.find({}) for row in one["state"]["notices"]]


@pytest.fixture
async def store(engines):
    store = Store(engines.mongo_uri, f"test-notifier-{uuid4().hex[:8]}")
    yield store
    await store.drop()
    await store.close()


@pytest.fixture
async def desk(store):
    desk = Desk(store, Said())
    await desk.deliveries.start()
    return desk


def by_webhook(name, receiver, role="home-sitter-table"):
    return a_recipient(name, role, channel="webhook", address=receiver.url, secret=receiver.secret)


def outcomes(said):
    return [(event.name, event.data["notice"]) for event in said.events]


async def test_a_notice_on_the_topic_is_said_once_however_often_its_cause_arrives(desk):
    await desk.register(a_recipient("table", "home-sitter-table"))
    event = a_home_sitter()
    await desk.hears(event, event)
    await desk.hears(event)
    (record,) = desk.said.records
    (said,) = desk.said.events
    assert (record.topic, record.key, said.name) == ("chain.notices.v1", "table", "notice-sent")
    assert (said.time, said.causation, said.traceparent) == (MORNING, event.id, event.traceparent)
    assert said.data["about"] == event.data["case"]
    # Who registers later does not hear of it by a redelivery.
    await desk.register(a_recipient("second-table", "home-sitter-table"))
    await desk.hears(event)
    assert len(desk.said.records) == 1


async def test_a_role_without_anybody_stands_on_the_topic_under_the_role(desk):
    await desk.hears(an_event("case-stagnated", a_case(timer="meeting")))
    (record,) = desk.said.records
    assert record.key == "chain-director"
    assert desk.said.events[0].data["recipient"] == {"role": "chain-director", "organisation": "unregistered"}


async def test_a_retraction_reaches_exactly_those_who_were_told_and_only_once(desk):
    await desk.register(a_recipient("table", "home-sitter-table"), a_recipient("director", "chain-director"))
    case = a_case(to="home-sitter-table")
    await desk.hears(an_event("case-escalated", case), an_event("case-withdrawn", case))
    await desk.hears(an_event("case-withdrawn", a_case("two")), an_event("case-withdrawn", case, nth=2))
    heard = [
        (record.key, event.data["subject"])
        for record, event in zip(desk.said.records, desk.said.events, strict=True)
    ]
    assert heard == [("table", "new-home-sitter"), ("table", "withdrawn")]


async def test_what_is_not_a_case_is_never_and_what_concerns_nobody_leaves_no_document(desk):
    with pytest.raises(Unprocessable, match="not-a-case"):
        await desk.hears(an_event("case-opened", a_case()), replaced(a_home_sitter(), pupil=None))
    await desk.hears(an_event("case-opened", a_case()))
    assert await desk.collection.count({}) == 0


def replaced(event, **data):
    event.data.update(data)
    return event


async def test_a_webhook_is_delivered_once_and_then_said_on_the_topic(desk):
    async with a_receiver("table") as receiver, desk.sends():
        await desk.register(by_webhook("table", receiver))
        event = a_home_sitter()
        await desk.hears(event)
        await desk.said.until(lambda said: said.records)
        await desk.hears(event)
        (taken,) = receiver.taken
        (said,) = desk.said.events
        assert taken.body == said.as_bytes()
        assert taken.webhook_id == said.data["notice"]
        assert said.data["channel"] == "webhook"
    assert [row["status"] for row in await desk.rows()] == ["sent"]


async def test_one_that_hangs_and_one_that_fails_delay_neither_the_third_nor_the_consumer(store):
    desk = Desk(store, Said(), timeout=60.0, lease=180.0)
    await desk.deliveries.start()
    async with AsyncExitStack() as stack:
        hanging = await stack.enter_async_context(a_receiver("hanging", hang))
        failing = await stack.enter_async_context(a_receiver("failing", fail))
        third = await stack.enter_async_context(a_receiver("third"))
        await desk.register(
            by_webhook("a-hanging", hanging), by_webhook("b-failing", failing), by_webhook("c-third", third)
        )
        await stack.enter_async_context(desk.sends())
        events = [a_home_sitter(str(number)) for number in range(20)]
        async with asyncio.timeout(50):
            for event in events:
                await desk.hears(event)
            await third.until(20)
        assert [taken.event["data"]["about"] for taken in third.taken] == [
            event.data["case"] for event in events
        ]
        assert len(hanging.taken) == 1
        await desk.said.until(lambda said: len(said.records) == 20)
        assert {record.key for record in desk.said.records} == {"c-third"}


async def test_attempts_follow_the_timetable_and_end_as_failed_once(store):
    desk = Desk(store, Said(), pace=QUICK)
    await desk.deliveries.start()
    async with a_receiver("table", fail) as receiver, desk.sends():
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await desk.said.until(lambda said: said.records)
        (said,) = desk.said.events
        assert (said.name, said.data["reason"], said.time) == ("notice-failed", "answered-500", MORNING)
        assert receiver.ids == [said.data["notice"]] * 9
    # Who was never reached is not told that it is over.
    await desk.hears(an_event("case-withdrawn", a_case(track="care-meeting")))
    assert len(desk.said.records) == 1


async def test_between_attempts_it_waits_as_the_timetable_says(store):
    clock = [MORNING]
    desk = Desk(store, Said(), now=lambda: clock[0])
    await desk.deliveries.start()
    async with a_receiver("table") as receiver:
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter(), an_event("case-withdrawn", a_case()))
        case = a_case().case
        claim = await desk.deliveries.claim(case, "table")
        assert await desk.deliveries.claim(case, "table") is None
        await desk.deliveries.note(claim, NotDelivered("answered-500"))
        for seconds, due in [(22, False), (28, True)]:
            clock[0] = MORNING + timedelta(seconds=seconds)
            assert await desk.deliveries.anything_due(OWNED) is due
            assert await desk.deliveries.due("table", OWNED, 9) == ([case] if due else [])
            assert await desk.deliveries.due("other", OWNED, 9) == []
            assert await desk.deliveries.anything_due(frozenset({1})) is False


async def test_gone_is_failed_at_once(desk):
    async def gone(_receiver, _taken):
        return 410

    async with a_receiver("table", gone) as receiver, desk.sends():
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await desk.said.until(lambda said: said.records)
        assert (desk.said.events[0].name, len(receiver.taken)) == ("notice-failed", 1)


async def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_id(store):
    said = Said()
    first, second = Desk(store, said, lease=0.4), Desk(store, said, lease=0.4)
    await first.deliveries.start()
    holding = asyncio.Event()

    async def hold_the_first(receiver, taken):
        if len(receiver.taken) == 1:
            holding.set()
            await receiver.ended.wait()
        return await agree(receiver, taken)

    async with a_receiver("table", hold_the_first) as receiver:
        for desk in (first, second):
            await desk.register(by_webhook("table", receiver))
        async with first.sends():
            await first.hears(a_home_sitter())
            await holding.wait()
        assert said.records == []
        async with second.sends():
            await said.until(lambda said: said.records)
        assert len(receiver.ids) == 2
        assert len(set(receiver.ids)) == 1
        assert receiver.taken[0].body == receiver.taken[1].body
        assert outcomes(said) == [("notice-sent", receiver.ids[0])]


async def test_two_instances_do_not_both_send(store):
    said = Said()
    desks = [Desk(store, said), Desk(store, said)]
    await desks[0].deliveries.start()
    async with a_receiver("table") as receiver, desks[0].sends(), desks[1].sends():
        for desk in desks:
            await desk.register(by_webhook("table", receiver))
        await desks[0].hears(*(a_home_sitter(str(number)) for number in range(30)))
        await said.until(lambda said: len(set(outcomes(said))) == 30)
        assert sorted(receiver.ids) == sorted(set(receiver.ids))
        assert len(receiver.ids) == 30


async def test_of_one_case_no_retraction_overtakes_what_it_retracts(desk):
    refusals = [500, 500]

    async def at_first_refuse(_receiver, _taken):
        return refusals.pop() if refusals else 204

    desk.deliveries._pace = QUICK
    async with a_receiver("table", at_first_refuse) as receiver, desk.sends():
        await desk.register(by_webhook("table", receiver))
        case = a_case(to="home-sitter-table")
        await desk.hears(an_event("case-escalated", case), an_event("case-withdrawn", case))
        await desk.said.until(lambda said: len(said.records) == 2)
        subjects = [taken.event["data"]["subject"] for taken in receiver.taken]
        assert subjects == ["new-home-sitter"] * 3 + ["withdrawn"]


async def test_who_leaves_the_register_with_something_pending_is_not_silence(desk):
    async with a_receiver("table", fail) as receiver:
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await desk.recipients.on_register("recipient/table", None)
        async with desk.sends():
            await desk.said.until(lambda said: said.records)
        (said,) = desk.said.events
        assert (said.name, said.data["reason"]) == ("notice-failed", "no-longer-registered")
        assert receiver.taken == []


class Away(Said):
    """A topic that is away the first time."""

    async def say(self, records, *, headers=()):
        if not self.records:
            self.records.append(None)
            raise Unavailable("the broker")
        await super().say(records, headers=headers)


async def test_what_was_kept_and_not_said_is_said_by_the_next_owner_and_not_made_twice(store):
    first = Desk(store, Away())
    await first.deliveries.start()
    event = a_home_sitter()
    with pytest.raises(Unavailable):
        await first.hears(event)
    second = Desk(store, Said())
    await second.handler.on_assigned(OWNED)
    await second.hears(event)
    assert [record.key for record in second.said.records] == ["home-sitter-table"]
