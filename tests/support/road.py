"""The whole road on real engines: the services as processes, a school's door at one end, topics at the other."""

import asyncio
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id, sender_of
from aanwezig.contracts.topics import (
    CALENDARS,
    CASES,
    CHAIN_REGISTER,
    CROSSINGS,
    DECISIONS,
    FACTS,
    FEEDS,
    FINDINGS,
    HEALTH_FINDINGS,
    SCHOOL_REGISTER,
    TOPICS,
    Topic,
)
from aanwezig.local.places import Places
from aanwezig.local.ports import free_port
from aanwezig.local.services import Service, Services, ServiceSpec
from aanwezig.local.stack import Engines, running_engines

SERVICES = {
    "intake": "intake",
    "classifier": "classifier",
    "case-router": "case_router",
    "case-router-health": "case_router",
    "case-router-justice": "case_router",
    "notifier": "notifier",
}
DOMAINS = {"case-router": "chain", "case-router-health": "health", "case-router-justice": "justice"}
LISTENING = (
    ("classifier", FACTS.name), ("classifier", FEEDS.name), ("case-router", FINDINGS.name),
    ("case-router-health", HEALTH_FINDINGS.name), ("case-router", DECISIONS.name), ("case-router-justice", CROSSINGS.name),
    ("notifier", CASES.name),
)  # fmt: skip
KEYS = {
    name: f"{number:02x}" * 32
    for number, name in enumerate(
        ("PSEUDONYM_KEY", "NUMBER_KEY", "CHAIN_KEY", "JUSTICE_KEY", "SEAL_KEY", "HEALTH_KEY"), start=17
    )
}
OPERATOR = "the-operators-key"


def key_of(system: str) -> str:
    """The key of a system: enough for a test."""
    return f"key-of-{system}"


@dataclass
class Road:
    """Engines, services and what a test does at both ends."""

    engines: Engines
    services: Services
    ports: dict[str, int]
    home: Path
    topics: tuple[Topic, ...] = TOPICS
    """As they are made on this road."""

    def __post_init__(self) -> None:
        self._lookers: tuple[AIOKafkaAdminClient, AIOKafkaConsumer] | None = None
        self._http: httpx.AsyncClient | None = None

    def url(self, service: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    async def register(
        self, *, systems=(), schools=(), municipalities=(), recipients=(), officers=()
    ) -> None:
        """Registers who speaks and who listens: (system, source, school ids), (school, type, municipality), ..."""
        said = []
        for system, source, its_schools in systems:
            data = {
                "system": system, "oin": sender_of(source).oin, "schools": list(its_schools),
                "keys": [hashlib.sha256(key_of(system).encode()).hexdigest()],
            }  # fmt: skip
            said.append((SCHOOL_REGISTER.name, f"system/{system}", "system-registered", data))
        for school, kind, municipality in schools:
            data = {"school": school, "name": f"School {school}", "type": kind, "municipality": municipality}
            said.append((SCHOOL_REGISTER.name, f"school/{school}", "school-registered", data))
        for code, pack, since in municipalities:
            data = {"municipality": code, "packs": [{"pack": pack, "from": since}]}
            said.append((SCHOOL_REGISTER.name, f"municipality/{code}", "municipality-registered", data))
        for data in recipients:
            key = f"recipient/{data['recipient']}"
            said.append((CHAIN_REGISTER.name, key, "recipient-registered", data))
        for officer, municipality in officers:
            data = {"officer": officer, "municipality": municipality, "keys": []}
            said.append((CHAIN_REGISTER.name, f"officer/{officer}", "officer-registered", data))
        for topic, key, name, data in said:
            await self.say(topic, key, name, data)

    async def say(self, topic: str, key: str, name: str, data: dict, *, time: datetime | None = None) -> str:
        """Says one event on a topic, as an operator or an officer would; gives its id."""
        moment = time or datetime(2024, 8, 1, tzinfo=UTC)
        identity = derived_id("test", topic, key, name, json.dumps(data, sort_keys=True))
        event = Event(identity, f"{PLATFORM_SOURCE}-test", name, moment, data)
        async with producing(self.engines.kafka_bootstrap) as producer:
            await producer.send_and_wait(topic, event.as_bytes(), key=key.encode())
        return identity

    async def post(self, system: str, events: list[dict], *, seconds: float = 150) -> list[dict]:
        """Submits events as a school's system does: again and again under 503 or a broken connection. Gives receipts."""
        body = b"\n".join(json.dumps(event).encode() for event in events)
        headers = {"Authorization": f"Bearer {key_of(system)}", "Content-Type": "application/x-ndjson"}
        async with asyncio.timeout(seconds):
            while True:
                try:
                    answer = await self.http().post(
                        self.url("intake", "/v1/facts"), content=body, headers=headers
                    )
                    if answer.status_code == 202:
                        return answer.json()["receipts"]
                    assert answer.status_code in {429, 503}, answer.text
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    async def close_day(self, day: date, *, seconds: float = 150) -> None:
        """Closes a day, as an operator does."""
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        async with asyncio.timeout(seconds):
            while True:
                try:
                    answer = await self.http().post(
                        self.url("classifier", "/v1/days"), json={"date": day.isoformat()}, headers=headers
                    )
                    if answer.status_code == 200:
                        return
                    assert answer.status_code == 503, answer.text
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    async def until_idle(self, *, along: Iterable[tuple[str, str]] = LISTENING, seconds: float = 150) -> None:
        """Returns when every record has been handled, all the way down the road; or `along` a part of it.

        A service commits after it has said what a batch causes, so one look in the order of the road is enough.
        """
        async with asyncio.timeout(seconds):
            for service, topic in along:
                while not await self._caught_up(f"aanwezig-{service}-{topic}", topic):
                    await asyncio.sleep(0.1)

    async def until_calendars_read(self, *, seconds: float = 150) -> None:
        """Returns when every calendar said so far has had its effect."""
        async with asyncio.timeout(seconds):
            for service in ("classifier", "case-router", "case-router-health"):
                while True:
                    try:
                        answer = await self.http().get(self.url(service, "/ready"))
                        if answer.json()["lag"].get(CALENDARS.name) == 0:
                            break
                    except httpx.TransportError:
                        pass
                    await asyncio.sleep(0.05)

    async def _caught_up(self, group: str, topic: str) -> bool:
        try:
            async with asyncio.timeout(10):
                admin, consumer = await self._looking()
                numbers = range(next(one.partitions for one in self.topics if one.name == topic))
                ends = await consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
                committed = await admin.list_consumer_group_offsets(group)
        except (KafkaError, OSError, TimeoutError):
            await self._look_away()  # the broker is away, or was: what looks at it is made anew
            return False
        done = {place: row.offset for place, row in committed.items()}
        return all(end == 0 or done.get(place, 0) >= end for place, end in ends.items())

    async def _looking(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if self._lookers is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.engines.kafka_bootstrap)
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.engines.kafka_bootstrap, enable_auto_commit=False
            )
            self._lookers = admin, consumer
            await admin.start()
            await consumer.start()
        return self._lookers

    async def _look_away(self) -> None:
        if self._lookers is not None:
            admin, consumer = self._lookers
            self._lookers = None
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(10):
                    await admin.close()
                    await consumer.stop()

    async def close(self) -> None:
        """Lets go of the connections of a test's loop."""
        await self._look_away()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def http(self) -> httpx.AsyncClient:
        """One client for all requests: making one costs more than a request."""
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=70, trust_env=False, verify=False)  # noqa: S501 - plain HTTP
        return self._http

    async def read(self, topic: str) -> list[tuple[str | None, dict]]:
        """Everything on a topic: key and event, in order per partition."""
        return [(key, json.loads(value)) for key, value in await self.read_bytes(topic)]

    async def read_bytes(self, topic: str) -> list[tuple[str | None, bytes]]:
        """Everything on a topic as it stands there: key and bytes, in order per partition."""
        records = await read_whole(self.engines.kafka_bootstrap, topic, self.topics)
        return [(None if one.key is None else one.key.decode(), one.value) for one in records]

    async def read_outsides(self, topic: str) -> list[str]:
        """What stands around the values of a topic's records: their keys and headers."""
        records = await read_whole(self.engines.kafka_bootstrap, topic, self.topics)
        return [f"{one.key!r} {one.headers!r}" for one in records]

    def twin(self, service: str) -> Service:
        """A second instance of a service, not started yet; it is stopped with the road at the latest."""
        spec, port = self.services[service].spec, free_port()
        env = {**spec.env, "AANWEZIG_PORT": str(port), "AANWEZIG_INSTANCE": "1"}
        env["AANWEZIG_TRACES"] = str(self.home / "log" / f"{service}-twin.traces")
        name, url = f"{service}-twin", f"http://127.0.0.1:{port}/ready"
        self.ports[name] = port
        return Service(
            Places.found(home=self.home, engines=self.home),
            replace(spec, name=name, env=env, health_url=url),
        )

    def log(self, service: str) -> str:
        """What a service wrote, restarts included."""
        logs = sorted((self.home / "log").glob(f"{service}.log*"))
        return "".join(path.read_text() for path in logs)


async def read_whole(bootstrap: str, topic: str, topics: Iterable[Topic] = TOPICS) -> list[ConsumerRecord]:
    """Every record of a topic from its beginning to its end of now."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        numbers = range(next(one.partitions for one in topics if one.name == topic))
        places = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def producing(bootstrap: str):
    """A producer for the length of a block."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@contextmanager
def a_road(
    home: Path, engines_dir: Path, *, names: Iterable[str] = SERVICES, partitions: int = 12, **settings: str
) -> Iterator[Road]:
    """The road for the length of a block, with data of its own. `settings` are added to every service's environment.

    `partitions`: the most that a topic has here. Each closed day is told from every one of them to every other.
    """
    topics = tuple(replace(topic, partitions=min(topic.partitions, partitions)) for topic in TOPICS)
    with running_engines(home, engines_dir=engines_dir) as engines:
        asyncio.run(ensure_topics([engines.kafka_bootstrap], topics))
        ports = {name: free_port() for name in names}
        specs = [
            ServiceSpec(
                name=name,
                argv=(sys.executable, "-m", f"aanwezig.{SERVICES[name]}"),
                env={
                    "AANWEZIG_KAFKA": engines.kafka_bootstrap, "AANWEZIG_MONGO": engines.mongo_uri,
                    "AANWEZIG_PORT": str(port), "AANWEZIG_SESSION_TIMEOUT_MS": "2000",
                    "AANWEZIG_OPERATOR_KEY": OPERATOR, "AANWEZIG_CLOCK": "commanded",
                    "AANWEZIG_WEBHOOK_ALLOW_PRIVATE": "true", "AANWEZIG_WEBHOOK_PACE": "0.001",
                    "AANWEZIG_TRACES": str(home / "log" / f"{name}.traces"),
                    **({"AANWEZIG_DOMAIN": DOMAINS[name]} if name in DOMAINS else {}),
                    **{f"AANWEZIG_{key}": value for key, value in KEYS.items()},
                    **{f"AANWEZIG_{key}": value for key, value in settings.items()},
                },
                health_url=f"http://127.0.0.1:{port}/ready",
                start_limit=60,
            )
            for name, port in ports.items()
        ]  # fmt: skip
        services = Services(Places.found(home=home, engines=engines_dir), specs)
        try:
            services.start()
            yield Road(engines, services, ports, home, topics)
        finally:
            services.stop()
