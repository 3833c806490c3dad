"""The instances of chain, health and justice on a real Kafka and a real MongoDB: over the borders, back, and over a crash."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date
from secrets import token_hex

import pytest

from aanwezig.case_router.app import build
from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.identifiers import crossed, derived_id
from aanwezig.contracts.topics import (
    CASES,
    CASES_HALT,
    CHAIN_REGISTER,
    CROSSINGS,
    DECISIONS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_FINDINGS,
    TOPICS,
)
from aanwezig.local.ports import free_port
from support.chain_events import a_decision, a_finding, a_step, command_event, finding_event
from support.people import a_partner, an_officer, key_of
from support.reading import Readings

pytestmark = pytest.mark.engines

KEY = "1f" * 32
ON = date(2031, 10, 7)
PAIR = (date(2031, 10, 1), date(2031, 10, 6))
HALT = "halt-three-domains"


class World:
    """A pupil of the chain who is ill as well, and the instances that work for one prefix of databases."""

    def __init__(self, engines, readings, publisher):
        self.engines = engines
        self.readings = readings
        self.publisher = publisher
        self.pupil, self.patient = token_hex(16), token_hex(16)
        self.case = derived_id("case", self.pupil, "1")
        self.halt = crossed(self.case, "justice", bytes.fromhex(KEY))
        self.prefix = f"test-{token_hex(4)}"

    def service(self, domain):
        """A new instance of a domain, not running yet; the chain alone has the key it crosses with."""
        key = {"justice_key": KEY} if domain == "chain" else {}
        return build(
            CaseRouterSettings(
                kafka=self.engines.kafka_bootstrap, mongo=self.engines.mongo_uri, database_prefix=self.prefix,
                port=free_port(), session_timeout_ms=6_000, patience_seconds=0.5, domain=domain, **key,
            )
        )  # fmt: skip

    async def register(self, *events):
        """Somebody is registered."""
        await self.publisher.say(Outgoing.event(CHAIN_REGISTER.name, key_of(one), one) for one in events)

    async def find(self, topic, pupil, kind="statutory", **finding):
        """The law found something."""
        event = finding_event(a_finding(pupil, kind, **finding))
        apart = replace(event, traceparent=None) if topic is HEALTH_FINDINGS else event
        await self.publisher.say([Outgoing.event(topic.name, pupil, apart)])

    async def command(self, name, data):
        """A command on the chain's topic."""
        event = command_event(name, data, command=token_hex(8), on=ON)
        await self.publisher.say([Outgoing.event(DECISIONS.name, data["case"], event)])

    async def said(self, topic, key):
        """The events with this key on a topic."""
        records = await self.readings.of(topic.name)
        return [event_from(record.value) for record in records if record.key == key.encode()]

    async def until(self, topic, count, key):
        """Waits until so many events stand there, and gives them."""
        async with asyncio.timeout(40):
            while len(found := await self.said(topic, key)) < count:
                pass  # each look waits for the broker
        return found


@pytest.fixture
async def world(engines):
    await ensure_topics(engines.kafka_bootstrap.split(","), TOPICS)
    readings = Readings(engines.kafka_bootstrap)
    await readings.begin(*(topic.name for topic in TOPICS))
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-three-domains")
    made = World(engines, readings, publisher)
    await made.register(an_officer(), a_partner(HALT, "halt"))
    yield made
    await publisher.stop()
    for domain in ("chain", "health", "justice"):
        store = made.service(domain).store
        await store.drop()
        await store.close()


@asynccontextmanager
async def running(*services):
    """Services while they serve; they are stopped in order at the end."""
    async with AsyncExitStack() as stack:
        for service in services:
            task = asyncio.create_task(service.serve())
            stack.push_async_callback(asyncio.wait_for, task, 30)
            stack.callback(service.stop)
        yield


def names(events):
    return [event.name.removeprefix("case-") for event in events]


async def to_halt(world):
    """Two findings, a proposal, an officer's decision; gives the case event of it."""
    await world.find(FINDINGS, world.pupil, at=PAIR[0])
    await world.find(FINDINGS, world.pupil, ordinal=2, hours="32.00", at=PAIR[1])
    (*_, proposed) = await world.until(CASES, 4, world.case)
    assert proposed.data["proposed"]["track"] == "halt"
    decision = a_decision(world.case, proposed.data["revision"], "halt", consent=(True, True))
    await world.command("decision-taken", decision)
    return (await world.until(CASES, 5, world.case))[-1]


def dumb(service):
    """Lets a service keep and never say, as one that ends in between; gives the event that it came to saying."""
    came = asyncio.Event()

    async def say(_records, **_more):
        came.set()
        raise Unavailable("the broker is away")

    service.publisher.say = say
    return came


async def test_over_the_border_and_back_each_domain_under_its_own_names(world):
    ending = world.service("justice")
    kept = dumb(ending)
    async with running(world.service("chain"), world.service("health")):
        await world.find(HEALTH_FINDINGS, world.patient, "sickness", at=PAIR[0])
        async with running(ending):
            decided = await to_halt(world)
            await asyncio.wait_for(kept.wait(), 40)
        (crossing,) = await world.until(CROSSINGS, 1, world.halt)
        assert await world.said(CASES_HALT, world.halt) == []
        async with running(world.service("justice")):
            # What the first had kept and not said is said by the next, once.
            (referred,) = await world.until(CASES_HALT, 1, world.halt)
            assert referred == crossing
            assert (referred.data["track"], referred.causation, referred.traceparent) == ("halt", None, None)
            assert decided.traceparent is not None
            step = {**a_step(world.halt, "halt-completed", ON), "actor": {"kind": "person", "id": HALT}}
            await world.command("step-recorded", step)
            (*_, heard) = await world.until(CASES, 6, world.case)
            assert (heard.data["step"], heard.data["actor"]["id"]) == ("halt-completed", HALT)
            assert names(await world.until(CASES_HALT, 2, world.halt)) == ["track-decided", "step-taken"]
        opened, routed = await world.until(HEALTH_CASES, 2, derived_id("case", world.patient, "1"))
        assert (names([opened, routed]), routed.data["track"]) == (
            ["opened", "track-decided"],
            "care-meeting",
        )
        assert await world.said(CASES, opened.data["case"]) == []
