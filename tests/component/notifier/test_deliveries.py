"""The notifier's memory and its delivery loop, on a real database and real receivers."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.store import Store
from aanwezig.notifier.channels.doors import NotDelivered
from aanwezig.notifier.channels.mail import MailDoor
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.recollection import Recollection
from support.mailbox import a_mailbox
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
    hang,
)  # fmt: skip
from support.notifying_desk import OWNED, Clock, Desk, by_webhook, subscribed

pytestmark = pytest.mark.engines
QUICK = 1e-5


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
    assert record.key == "nobody:chain-director"
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
    with pytest.raises(Unprocessable, match="not-the-contract"):
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
        assert taken.webhook_id == said.data["notice"]
        assert (taken.event["id"], taken.event["dataref"]) == (
            said.id, f"http://notifier.example/v1/notices/{taken.webhook_id}",
        )  # fmt: skip
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
        assert [taken.event["causationid"] for taken in third.taken] == [event.id for event in events]
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
        await desk.deliveries.note(claim, NotDelivered("answered-500"), await desk.directory.now())
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
        words = [taken.event["word"] for taken in receiver.taken]
        assert words == ["new-home-sitter"] * 3 + ["withdrawn"]


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
    assert [record.key for record in second.said.records] == ["nobody:home-sitter-table"]


async def test_an_hour_of_failures_of_one_and_silence_of_another_delay_a_third_by_nothing(store):
    """Simulated: the clock stands still while everybody works, and is then set on by minutes."""
    clock = Clock(MORNING)
    desk = Desk(store, Said(), now=clock, timeout=60.0, lease=180.0)
    await desk.deliveries.start()
    hour = MORNING + timedelta(hours=1)

    async def an_hour_of_500(_receiver, _taken):
        return 500 if clock.moment < hour else 204

    async with AsyncExitStack() as stack:
        hanging = await stack.enter_async_context(a_receiver("hanging", hang))
        failing = await stack.enter_async_context(a_receiver("failing", an_hour_of_500))
        third = await stack.enter_async_context(a_receiver("third"))
        await desk.register(
            by_webhook("a-hanging", hanging), by_webhook("b-failing", failing), by_webhook("c-third", third)
        )
        await stack.enter_async_context(desk.sends())
        events = []
        for minute in range(0, 75, 3):
            clock.moment = MORNING + timedelta(minutes=minute)
            events.append(a_home_sitter(str(minute)))
            await desk.hears(events[-1])
            await third.until(len(events))
        clock.moment = hour + timedelta(hours=5)
        await desk.said.until(
            lambda said: sum(record.key == "b-failing" for record in said.records) == len(events)
        )
    assert [taken.event["causationid"] for taken in third.taken] == [event.id for event in events]
    assert len(hanging.taken) == 1
    assert len(failing.taken) > len(events)
    assert len(set(failing.ids)) == len(events)
    assert {record.key for record in desk.said.records} == {"b-failing", "c-third"}


async def test_who_changes_channel_hears_what_was_pending_by_the_new_one(desk):
    async with a_receiver("table", fail) as receiver:
        await desk.register(by_webhook("table", receiver))
        await desk.hears(a_home_sitter())
        await desk.register(a_recipient("table", "home-sitter-table"))
        async with desk.sends():
            await desk.said.until(lambda said: len(said.records) == 2)
    said = {(event.name, event.data["channel"], event.data.get("reason")) for event in desk.said.events}
    assert said == {("notice-failed", "webhook", "channel-changed"), ("notice-sent", "topic", None)}
    await desk.hears(an_event("case-withdrawn", a_case()))
    assert [event.data["subject"] for event in desk.said.events[2:]] == ["withdrawn"]


async def test_a_subscription_that_failed_for_good_is_parked_and_what_waits_behind_it_is_not_lost(store):
    desk = Desk(store, Said(), pace=QUICK)
    await desk.deliveries.start()
    await desk.subscriptions.start()
    async with a_receiver("table", fail) as receiver, desk.sends():
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        await desk.hears(a_home_sitter("one"))
        await desk.said.until(lambda said: said.records)
        assert receiver.ids == [desk.said.events[0].data["notice"]] * 9
        while (await desk.subscriptions.get(mine.id)).status != "parked":
            await desk.subscriptions.changed.wait()
        await desk.hears(a_home_sitter("two"))
        assert len(receiver.taken) == 9
        assert [row["status"] for row in await desk.rows()] == ["failed", "pending"]
        receiver.answer = agree
        await desk.subscriptions.change(mine.id, lambda one: replace(one, reason=None))
        await desk.said.until(lambda said: len(said.records) == 2)
        assert [event.name for event in desk.said.events] == ["notice-failed", "notice-sent"]
        # The first, asked for again, goes under the id it had.
        told = Recollection(desk.deliveries, desk.directory)
        registered = desk.recipients.get("table")
        way = (await desk.subscriptions.get(mine.id)).way()
        assert await told.again(registered, way, notice=receiver.ids[0]) == 1
        await desk.said.until(lambda said: len(said.records) == 3)
        assert receiver.ids[-1] == receiver.ids[0]
        assert len({event.id for event in desk.said.events}) == 3
        history = await told.history("table", mine.id, MORNING, MORNING, 10)
        # Both are of one instant: which of them stands first is chance.
        assert {one.id: (one.status, len(one.attempts)) for one in history} == {
            receiver.ids[0]: ("sent", 10), receiver.ids[9]: ("sent", 1),
        }  # fmt: skip


async def test_of_a_paused_subscription_the_notices_wait(desk):
    await desk.subscriptions.start()
    async with a_receiver("table") as receiver:
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        await desk.subscriptions.change(mine.id, lambda one: replace(one, paused=True))
        await desk.hears(a_home_sitter())
        assert (await desk.directory.now()).lanes() == {}
        # What waits on purpose keeps nobody at work.
        assert await desk.deliveries.anything_due(OWNED)
        assert not await desk.deliveries.anything_due(OWNED, but=[mine.id])
        async with desk.sends():
            await desk.register(a_recipient("other", "chain-director"))
            await desk.hears(an_event("case-stagnated", a_case("two", timer="meeting")))
            await desk.said.until(lambda said: said.records)
            assert receiver.taken == []
            await desk.subscriptions.change(mine.id, lambda one: replace(one, paused=False))
            desk.deliveries.pending.set()
            await receiver.until(1)


async def test_what_nobody_was_registered_for_goes_to_who_asks_for_it_later(desk):
    await desk.subscriptions.start()
    event = a_home_sitter()
    await desk.hears(event)
    assert [(one.name, one.data["reason"]) for one in desk.said.events] == [
        ("notice-failed", "nobody-registered")
    ]
    told = Recollection(desk.deliveries, desk.directory)
    async with a_receiver("table") as receiver, desk.sends():
        await desk.register(a_recipient("table", "home-sitter-table", channel="webhook"))
        mine = await subscribed(desk, "table", receiver)
        wanted = await told.preview(desk.recipients.get("table"), mine.filter, MORNING, MORNING)
        assert (wanted.count, wanted.per_type) == (1, {"nl.attendance.case-escalated.v1": 1})
        other = Filter(("nl.attendance.case-withdrawn.v1",))
        assert (await told.preview(desk.recipients.get("table"), other, MORNING, MORNING)).count == 0
        assert await told.again(desk.recipients.get("table"), mine.way(), since=MORNING) == 1
        await receiver.until(1)
        assert (
            await told.again(desk.recipients.get("table"), mine.way(), since=MORNING + timedelta(days=1)) == 0
        )
        claimed = await told.notice(receiver.ids[0], "table")
        assert (claimed.id, claimed.data["about"]) == (receiver.taken[0].event["id"], event.data["case"])
        assert await told.notice(receiver.ids[0], "somebody-else") is None


async def test_what_is_not_urgent_goes_with_the_digest_by_mail_as_one_mail_and_what_is_urgent_at_once(store):
    clock = Clock(MORNING)  # 08:00 in Amsterdam: the daily digest has gone
    desk = Desk(store, Said(), now=clock)
    await desk.deliveries.start()
    await desk.digests.start()
    async with a_mailbox() as mailbox:
        desk.doors["mail"] = MailDoor(
            host=mailbox.host, port=mailbox.port, tls="none", sender="Aanwezig <aanwezig@example.nl>",
            link="https://console.example/", timeout_seconds=10, at_once=2,
        )  # fmt: skip
        await desk.register(
            a_recipient(
                "director", "chain-director", channel="mail", address="regie@example.nl", digest="daily"
            ),
            a_recipient(
                "table", "home-sitter-table", channel="mail", address="tafel@example.nl", digest="daily"
            ),
        )
        async with desk.sends():
            for number in ("one", "two"):
                await desk.hears(an_event("case-stagnated", a_case(number, timer="meeting")))
            await desk.hears(a_home_sitter("three"))
            await desk.said.until(lambda said: len(said.records) == 1)
            assert [one.to for one in mailbox.taken] == [["tafel@example.nl"]]
            clock.moment = MORNING + timedelta(hours=23, minutes=31)
            desk.deliveries.pending.set()
            await desk.said.until(lambda said: len(said.records) == 3)
        assert [one.to for one in mailbox.taken] == [["tafel@example.nl"], ["regie@example.nl"]]
        assert {row["status"] for row in await desk.rows()} == {"sent"}


async def test_who_has_no_mail_any_more_hears_what_waited_for_its_digest_by_the_new_way(store):
    clock = Clock(MORNING)
    desk = Desk(store, Said(), now=clock)
    await desk.deliveries.start()
    await desk.register(
        a_recipient("director", "chain-director", channel="mail", address="regie@example.nl", digest="daily")
    )
    await desk.hears(an_event("case-stagnated", a_case(timer="meeting")))
    await desk.register(a_recipient("director", "chain-director"))
    clock.moment = MORNING + timedelta(days=1)
    async with desk.sends():
        await desk.said.until(lambda said: len(said.records) == 2)
    said = {(event.name, event.data["channel"]) for event in desk.said.events}
    assert said == {("notice-failed", "mail"), ("notice-sent", "topic")}
