"""The officers' door on a real Kafka and a real MongoDB: at once, again, over a restart, and with a key that ends."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from secrets import token_hex

import httpx
import pytest

from aanwezig.case_router.app import build
from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.topics import CASES, CHAIN_REGISTER, DECISIONS, FINDINGS, TOPICS
from aanwezig.local.ports import free_port
from support.chain_events import SCHOOL, a_finding, finding_event
from support.people import an_officer, key_of
from support.reading import Readings

pytestmark = pytest.mark.engines


class Town:
    """One case of one town, its two officers, and whoever keeps their register."""

    def __init__(self, engines, publisher):
        self.engines = engines
        self.publisher = publisher
        self.mark = token_hex(4)
        self.pupil = token_hex(16)
        self.case = derived_id("case", self.pupil, "1")
        self.prefix = f"test-{token_hex(4)}"

    async def begins(self):
        """Officers are registered, and the law finds something."""
        finding = finding_event(a_finding(self.pupil, school=SCHOOL, at=date(2031, 10, 1)))
        for officer in (self.officer("anna"), self.officer("bram")):
            await self.publisher.say([Outgoing.event(CHAIN_REGISTER.name, key_of(officer), officer)])
        await self.publisher.say([Outgoing.event(FINDINGS.name, self.pupil, finding)])

    def officer(self, name):
        return an_officer(f"{name}-{self.mark}", "0637", f"key-of-{name}-{self.mark}")

    def decision(self, **more):
        care = {
            "case": self.case,
            "revision": 2,
            "track": "care-meeting",
            "subject": "pupil",
            "motive": "help",
        }
        return care | more

    @asynccontextmanager
    async def door(self):
        """A case-router of the town until the end of the block, and a client of its door."""
        settings = CaseRouterSettings(
            kafka=self.engines.kafka_bootstrap, mongo=self.engines.mongo_uri, database_prefix=self.prefix,
            port=free_port(), justice_key="1f" * 32, session_timeout_ms=6_000, patience_seconds=0.5,
        )  # fmt: skip
        self.service = build(settings)
        running = asyncio.create_task(self.service.serve())
        transport = httpx.AsyncHTTPTransport(retries=20)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.port}", transport=transport
        ) as client:
            self.client = client
            async with asyncio.timeout(40):
                while (await self.gets("anna", f"/v1/cases/{self.case}")).status_code != 200:
                    pass  # the service starts, then the finding arrives
            yield client
        self.service.stop()
        await asyncio.wait_for(running, 30)

    def headers(self, name, **more):
        return {"authorization": f"Bearer key-of-{name}-{self.mark}", **more}

    async def gets(self, name, path):
        return await self.client.get(path, headers=self.headers(name))

    async def decides(self, name, command="c1", **more):
        headers = self.headers(name, **{"idempotency-key": command})
        return await self.client.post("/v1/decisions", json=self.decision(**more), headers=headers)


@pytest.fixture
async def town(engines):
    await ensure_topics(engines.kafka_bootstrap.split(","), TOPICS)
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-officers-door")
    made = Town(engines, publisher)
    await made.begins()
    yield made
    await publisher.say(
        Outgoing(CHAIN_REGISTER.name, f"officer/{name}-{made.mark}", None) for name in ("anna", "bram")
    )
    await publisher.stop()
    store = made.service.store
    again = build(made.service.settings).store
    await again.drop()
    await again.close()
    await store.close()


async def test_two_officers_at_once_and_the_same_again_over_a_restart(town):
    readings = Readings(town.engines.kafka_bootstrap)
    await readings.begin(CASES.name, DECISIONS.name)
    async with town.door():
        answers = await asyncio.gather(*(town.decides(name) for name in ("anna", "bram", "anna", "bram")))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409]
        assert (answers[0].json(), answers[1].json()) == (answers[2].json(), answers[3].json())
    async with town.door():
        again = [await town.decides(name) for name in ("anna", "bram")]
        assert [answer.json() for answer in again] == [answer.json() for answer in answers[:2]]
        journal = (await town.gets("anna", f"/v1/cases/{town.case}/journal")).json()
        assert [line["name"] for line in journal["lines"]] == [
            "case-opened", "case-track-decided", "case-track-decided", "decision-refused",
        ]  # fmt: skip
        listed = (await town.gets("anna", "/v1/cases?open=true")).json()["cases"]
        assert [(one["case"], one["track"], one["revision"]) for one in listed] == [
            (town.case, "care-meeting", 3)
        ]
    said = [
        event_from(one.value) for topic in (CASES, DECISIONS) for one in await readings.of(topic.name)
        if one.key == town.case.encode()
    ]  # fmt: skip
    assert [event.name for event in {event.id: event for event in said}.values()] == [
        "case-opened", "case-track-decided", "case-track-decided", "decision-refused",
    ]  # fmt: skip


async def test_a_key_ends_with_the_record_that_says_so(town):
    async with town.door():
        await town.publisher.say([Outgoing(CHAIN_REGISTER.name, f"officer/anna-{town.mark}", None)])
        async with asyncio.timeout(20):
            while (await town.gets("anna", "/v1/cases")).status_code != 401:
                pass  # each look is a request
        assert (await town.decides("anna")).status_code == 401
        assert (await town.decides("bram")).json()["revision"] == 3
