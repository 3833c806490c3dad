"""The case-router on a real Kafka and a real MongoDB: findings in, cases out, over a restart and a crash."""

import asyncio
from contextlib import asynccontextmanager
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
    CASES_PREVENTION,
    CHAIN_REGISTER,
    CROSSINGS,
    DECISIONS,
    FINDINGS,
    TOPICS,
)
from aanwezig.local.ports import free_port
from support.chain_events import (
    SCHOOL,
    a_decision,
    a_finding,
    command_event,
    day_closed_event,
    finding_event,
)
from support.people import an_officer, key_of
from support.reading import Readings

pytestmark = pytest.mark.engines

KEY = "1f" * 32
PAIR = (date(2031, 10, 1), date(2031, 10, 6))


class World:
    """One case-router's settings and topics; every instance works for the same database."""

    def __init__(self, engines, readings, publisher):
        self.engines = engines
        self.readings = readings
        self.publisher = publisher
        self.pupil = token_hex(16)
        self.case = derived_id("case", self.pupil, "1")
        self.prefix = f"test-{token_hex(4)}"

    def service(self):
        """A new instance, not running yet."""
        return build(
            CaseRouterSettings(
                kafka=self.engines.kafka_bootstrap, mongo=self.engines.mongo_uri, database_prefix=self.prefix,
                port=free_port(), justice_key=KEY, session_timeout_ms=6_000, patience_seconds=0.5,
            )
        )  # fmt: skip

    async def find(self, *, happened="raised", **finding):
        """The law found something about the pupil."""
        event = finding_event(a_finding(self.pupil, school=SCHOOL, **finding), happened)
        await self.publisher.say([Outgoing.event(FINDINGS.name, self.pupil, event)])

    async def close(self, day):
        """A date closes in every partition."""
        event = day_closed_event(day)
        await self.publisher.say(
            Outgoing.event(FINDINGS.name, None, event, partition) for partition in range(FINDINGS.partitions)
        )

    async def decide(self, revision, track, **more):
        """An officer decides."""
        data = a_decision(self.case, revision, track, **more)
        event = command_event("decision-taken", data, command=token_hex(8), on=date(2031, 10, 7))
        await self.publisher.say([Outgoing.event(DECISIONS.name, self.case, event)])

    async def said(self, topic, key=None):
        """The events of this pupil's case on a topic."""
        records = await self.readings.of(topic)
        wanted = (key or self.case).encode()
        return [event_from(record.value) for record in records if record.key == wanted]

    async def until(self, topic, count, key=None):
        """Waits until so many events stand there, and gives them."""
        async with asyncio.timeout(40):
            while len(found := await self.said(topic, key)) < count:
                pass  # each look waits for the broker
        return found

    async def until_told_closed(self, day, count):
        """Waits until a date was told closed in so many places; each as (partition of the cases, origin)."""
        told = set()
        async with asyncio.timeout(40):
            while len(told) < count:
                events = [
                    (one.partition, event_from(one.value)) for one in await self.readings.of(CASES.name)
                ]
                told = {
                    (at, event.data["origin"])
                    for at, event in events
                    if event.name == "day-closed" and event.data["date"] == day.isoformat()
                }
        return told


@pytest.fixture
async def world(engines):
    await ensure_topics(engines.kafka_bootstrap.split(","), TOPICS)
    readings = Readings(engines.kafka_bootstrap)
    await readings.begin(*(topic.name for topic in TOPICS))
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-case-router")
    made = World(engines, readings, publisher)
    officer = an_officer()
    await publisher.say([Outgoing.event(CHAIN_REGISTER.name, key_of(officer), officer)])
    yield made
    await publisher.stop()
    store = made.service().store
    await store.drop()
    await store.close()


@asynccontextmanager
async def running(service):
    """A service while it serves; it is stopped in order at the end."""
    task = asyncio.create_task(service.serve())
    try:
        yield service
    finally:
        service._stopping.set()
        await asyncio.wait_for(task, 30)


def names(events):
    return [event.name.removeprefix("case-") for event in events]


async def test_a_finding_becomes_a_case_a_proposal_a_decision_and_reaches_halt(world):
    await world.find(at=PAIR[0])
    async with running(world.service()):
        assert names(await world.until(CASES.name, 2)) == ["opened", "track-decided"]
    await world.find(ordinal=2, hours="32.00", at=PAIR[1])
    await world.close(PAIR[1])
    async with running(world.service()):
        (*_, proposed) = await world.until(CASES.name, 4)
        assert proposed.data["proposed"] == {"track": "halt", "rule": "halt", "subject": "pupil"}
        halt = crossed(world.case, "justice", bytes.fromhex(KEY))
        assert await world.said(CROSSINGS.name, halt) == []
        await world.decide(4, "halt")
        await world.decide(4, "halt", consent=(True, True))
        (*_, decided) = await world.until(CASES.name, 5)
        assert (decided.name, decided.data["track"], decided.data["revision"]) == (
            "case-track-decided",
            "halt",
            5,
        )
        (referred,) = await world.until(CROSSINGS.name, 1, halt)
        assert (referred.data["track"], referred.data["findings"]) == ("halt", [])
        answers = [one for one in await world.said(DECISIONS.name) if one.name == "decision-refused"]
        assert [one.data["reason"] for one in answers] == ["consent-missing"]
    assert names(await world.said(CASES_PREVENTION.name)) == ["track-decided", "finding-joined"]


async def test_closed_days_make_a_case_stagnant_once_over_a_restart(world):
    await world.find(at=PAIR[0])
    await world.close(PAIR[0])
    async with running(world.service()):
        due = date.fromisoformat((await world.until(CASES.name, 2))[-1].data["due"])
        await world.close(due)
        (*_, stagnated) = await world.until(CASES.name, 3)
        assert (stagnated.name, stagnated.data["timer"], stagnated.data["due"]) == (
            "case-stagnated",
            "first-contact",
            due.isoformat(),
        )
        every = {(at, origin) for at in range(CASES.partitions) for origin in range(FINDINGS.partitions)}
        assert await world.until_told_closed(due, len(every)) == every
    await world.close(due.replace(day=due.day + 1))
    await world.find(kind="light", at=due)
    async with running(world.service()):
        assert names(await world.until(CASES.name, 4)) == [
            "opened",
            "track-decided",
            "stagnated",
            "finding-joined",
        ]


async def test_what_was_kept_and_not_said_is_said_by_the_next_owner(world):
    first = world.service()
    saying, kept = first.publisher.say, asyncio.Event()

    async def mute(records, **more):
        records = list(records)
        if any(record.topic == CASES.name for record in records):
            kept.set()
            raise Unavailable("the broker is away")
        await saying(records, **more)

    first.publisher.say = mute
    async with running(first):
        await world.find()
        await asyncio.wait_for(kept.wait(), 40)
    assert await world.said(CASES.name) == []
    async with running(world.service()):
        said = await world.until(CASES.name, 2)
    assert names(said) == ["opened", "track-decided"]
    assert len({event.id for event in said}) == 2
    assert {event.traceparent for event in said} == {finding_event(a_finding(world.pupil)).traceparent}


async def test_every_subscriber_commits_by_itself(world):
    service = world.service()
    assert {consumer.topic for consumer in service.consumers} == {FINDINGS.name, DECISIONS.name}
    assert {consumer.subscriber.ack_policy.name for consumer in service.consumers} == {"MANUAL"}
    await service.store.close()
