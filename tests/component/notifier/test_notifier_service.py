"""The notifier as it runs: its own process, between a real Kafka, a real MongoDB and a receiver on a real socket."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from aanwezig.chassis.consuming import Consumer
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Store
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.topics import (
    CASES,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CHAIN_REGISTER,
    HEALTH_CASES,
    NOTICES,
    PARKED,
    PRESENCE,
    SIGNALS,
)
from aanwezig.local.ports import free_port
from aanwezig.notifier.app import build, other_doors
from aanwezig.notifier.settings import NotifierSettings
from aanwezig.notifier.whom import UNREGISTERED
from support.notifying import (
    SEAL_KEY,
    a_case,
    a_home_sitter,
    a_receiver,
    a_recipient,
    agree,
    an_event,
    hang,
    registration,
)  # fmt: skip

pytestmark = pytest.mark.engines


class World:
    """The engines with the notifier's topics, and a mark by which this test knows its own cases."""

    def __init__(self, engines, publisher, prefix):
        self.engines = engines
        self.publisher = publisher
        self.prefix = prefix
        self.mark = uuid4().hex[:8]

    def case(self, number):
        return f"{self.mark}-{number}"

    async def register(self, *recipients):
        await self.publisher.say(
            Outgoing.event(CHAIN_REGISTER.name, f"recipient/{one.recipient}", registration(one))
            for one in recipients
        )

    async def remove(self, *recipients):
        await self.publisher.say(
            Outgoing(CHAIN_REGISTER.name, f"recipient/{one.recipient}", None) for one in recipients
        )

    async def says(self, *events):
        await self.publisher.say(Outgoing.event(CASES.name, event.data["case"], event) for event in events)

    def env(self, port):
        return {
            "AANWEZIG_KAFKA": self.engines.kafka_bootstrap, "AANWEZIG_MONGO": self.engines.mongo_uri,
            "AANWEZIG_DATABASE_PREFIX": self.prefix, "AANWEZIG_PORT": str(port),
            "AANWEZIG_SEAL_KEY": SEAL_KEY.hex(), "AANWEZIG_WEBHOOK_ALLOW_PRIVATE": "true",
            "AANWEZIG_WEBHOOK_PACE": "0.001", "AANWEZIG_WEBHOOK_TIMEOUT_SECONDS": "1",
            "AANWEZIG_SESSION_TIMEOUT_MS": "6000",
        }  # fmt: skip

    @asynccontextmanager
    async def notifier(self):
        """A notifier that is ready; killed at the end if it still runs."""
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "aanwezig.notifier", env=os.environ | self.env(port),
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(40), httpx.AsyncClient(trust_env=False) as client:
                while not await _ready(client, f"http://127.0.0.1:{port}/ready"):
                    assert process.returncode is None
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def notices(self, cases, organisations, count):
        """The notices about these cases to these organisations, read from the start until there are `count` and nothing more stands there."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.engines.kafka_bootstrap, enable_auto_commit=False)
        await consumer.start()
        found = []
        try:
            place = TopicPartition(NOTICES.name, 0)
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            async with asyncio.timeout(40):
                while True:
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        events = [event_from(record.value) for record in records]
                        found += [
                            event
                            for event in events
                            if event.data["about"] in cases
                            and event.data["recipient"]["organisation"] in organisations
                        ]
                    end = (await consumer.end_offsets([place]))[place]
                    if len(found) >= count and await consumer.position(place) >= end:
                        return found
        finally:
            await consumer.stop()


async def _ready(client, url):
    try:
        return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        await asyncio.sleep(0.05)  # nobody listens yet: there is nothing to await
        return False


@pytest.fixture
async def world(engines):
    bootstrap = engines.kafka_bootstrap.split(",")
    await ensure_topics(bootstrap, [CASES, CHAIN_REGISTER, NOTICES, PARKED["notifier"]])
    publisher = Publisher(bootstrap, "test-notifier")
    await publisher.start()
    prefix = f"test-{uuid4().hex[:8]}"
    yield World(engines, publisher, prefix)
    await publisher.stop()
    store = Store(engines.mongo_uri, f"{prefix}-notifier")
    await store.drop()
    await store.close()


async def test_who_is_added_changed_or_removed_hears_so_within_seconds_and_without_a_restart(world):
    table = a_recipient(f"{world.mark}-table", "home-sitter-table", municipality="0002")
    renamed = table.model_copy(update={"organisation": f"the new name of {world.mark}"})
    theirs = {UNREGISTERED, table.organisation, renamed.organisation}
    heard = []
    async with world.notifier():
        for change, recipient, by in (
            (world.register, table, table.organisation),
            (world.register, renamed, renamed.organisation),
            (world.remove, table, UNREGISTERED),
        ):
            await change(recipient)
            # The register is another topic than the cases: we go on telling new ones until the change has its effect.
            async with asyncio.timeout(10):
                while heard[-1:] != [by]:
                    case = a_home_sitter(world.case(len(heard)), municipality="0002")
                    await world.says(case)
                    [notice] = await world.notices({case.data["case"]}, theirs, 1)
                    heard.append(notice.data["recipient"]["organisation"])
    assert list(dict.fromkeys(heard[:-1])) in (
        [table.organisation, renamed.organisation],
        [UNREGISTERED, table.organisation, renamed.organisation],
    )


async def test_killed_while_a_receiver_holds_a_notice_it_tells_it_again_under_its_id_and_says_it_once(world):
    holding = asyncio.Event()

    async def hold_the_first(receiver, taken):
        if len(receiver.taken) == 1:
            holding.set()
            await receiver.ended.wait()
        return await agree(receiver, taken)

    municipality = "0001"
    async with a_receiver("table", hold_the_first) as receiver, a_receiver("hanging", hang) as hanging:
        recipients = [
            a_recipient(
                f"{world.mark}-{name}", "home-sitter-table", municipality=municipality, channel="webhook",
                address=where.url, secret=where.secret,
            )
            for name, where in [("table", receiver), ("hanging", hanging)]
        ]  # fmt: skip
        recipients.append(a_recipient(f"{world.mark}-director", "chain-director", municipality=municipality))
        await world.register(*recipients)
        sitters = [
            a_home_sitter(world.case(number), municipality=municipality) for number in ("one", "two", "three")
        ]
        stuck = an_event(
            "case-stagnated", a_case(world.case("one"), municipality=municipality, timer="meeting")
        )
        async with world.notifier() as first:
            await world.says(*sitters, stuck)
            await holding.wait()
            first.kill()
            await first.wait()
        # The same events again: what a producer that lost its acknowledgement does.
        await world.says(*sitters, stuck)
        async with world.notifier():
            await receiver.until(4)
            cases = {event.data["case"] for event in sitters}
            ours = {recipients[0].organisation, recipients[2].organisation}
            said = await world.notices(cases, ours, 4)
            await world.remove(*recipients)
    told = {taken.webhook_id for taken in receiver.taken}
    assert len(told) == 3
    assert len(receiver.taken) == 4
    assert len({taken.body for taken in receiver.taken}) == 3
    by_webhook = {event.data["notice"] for event in said if event.data["channel"] == "webhook"}
    assert by_webhook == told
    assert len({event.id for event in said}) == len(said) == 4
    (directors,) = [event for event in said if event.data["channel"] == "topic"]
    assert directors.data["subject"] == "stagnated"
    assert directors.traceparent == stuck.traceparent


HEARS = {
    "school": {SIGNALS.name: Consumer, PRESENCE.name: Consumer},
    "chain": {CASES.name: Consumer},
    "health": {HEALTH_CASES.name: Consumer},
    "justice": {CASES_HALT.name: Consumer, CASES_POLICE_REPORT.name: Consumer},
}


@pytest.mark.parametrize("domain", HEARS)
async def test_each_instance_hears_its_own_domain_and_acknowledges_by_hand(world, domain):
    settings = NotifierSettings(
        kafka=world.engines.kafka_bootstrap, mongo=world.engines.mongo_uri, port=free_port(), seal_key=SEAL_KEY.hex(),
        domain=domain, database_prefix=world.prefix,
    )  # fmt: skip
    service = build(settings)
    assert {one.topic: type(one) for one in service.consumers} == HEARS[domain]
    assert [table.topic for table in service.tables] == [CHAIN_REGISTER.name]
    assert {subscriber.ack_policy.name for subscriber in service.broker.subscribers} == {"MANUAL"}
    assert service.name == ("notifier" if domain == "chain" else f"notifier-{domain}")
    paths = {route.path for route in service.routes}
    assert {"/v1/subscriptions", "/v1/notices/{notice}"} <= paths
    assert ("/v1/agenda" in paths) == (domain == "chain")
    await service.store.close()


def test_an_instance_with_a_mail_server_has_a_door_for_mail_and_one_without_has_none():
    needed = {"kafka": "127.0.0.1:1", "mongo": "mongodb://127.0.0.1:1", "port": 1, "seal_key": SEAL_KEY.hex()}
    assert set(other_doors(NotifierSettings(**needed))) == {"zgw"}
    assert set(other_doors(NotifierSettings(**needed, smtp_host="mail.example"))) == {"zgw", "mail"}
    with pytest.raises(ValueError, match="without TLS"):
        other_doors(
            NotifierSettings(
                **needed, smtp_host="mail.example", smtp_tls="none", smtp_user="u", smtp_password="p"
            )
        )
