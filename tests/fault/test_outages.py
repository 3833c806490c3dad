"""Kafka and MongoDB go away while facts are posted, killed or paused; then everything goes on by itself.

After that, records between our own services that are not the contract: they are parked, and the rest goes on.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType

import httpx
import pytest

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.topics import FACTS, FINDINGS, PARKED
from support.accounts import (
    accepted_until,
    expected_findings,
    ids_with_two_contents,
    live_findings,
    rows_said,
)
from support.engines import engines_shelf
from support.living import live_a_year, register
from support.road import SERVICES, Road, a_road, key_of, producing

pytestmark = [
    pytest.mark.long,
    pytest.mark.engines,
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]

UNTIL = date(2024, 10, 6)
ANSWER_SECONDS = 4
BOUND_SECONDS = ANSWER_SECONDS + 3
OUTAGES = MappingProxyType({
    ("kafka", "killed"): date(2024, 9, 2),
    ("mongo", "paused"): date(2024, 9, 9),
    ("mongo", "killed"): date(2024, 9, 16),
    ("kafka", "paused"): date(2024, 9, 23),
})  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What the door said to one post, and after how many seconds."""

    status: int
    seconds: float
    media_type: str
    retry_after: str | None
    id: str


@dataclass
class Outages:
    """Takes an engine away in a week of the year, looks at the door meanwhile, and gives the engine back."""

    road: Road
    row: dict
    system: str
    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    not_ready: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    back_after: dict[tuple[str, str], float] = field(default_factory=dict)
    posted: list[dict] = field(default_factory=list)

    def __post_init__(self):
        self._week = date.min
        self._done = 0
        self._turn = asyncio.Condition()

    async def pace(self, share):
        """The year waits at each outage's week until the outages before it are over."""
        week = date(2024, 8, 1).toordinal() + round(share * 365)
        async with self._turn:
            self._week = date.fromordinal(week)
            self._turn.notify_all()
            before = sum(one.toordinal() < week for one in OUTAGES.values())
            await self._turn.wait_for(lambda: self._done >= before)

    async def make(self):
        for what, week in OUTAGES.items():
            async with self._turn:
                await self._turn.wait_for(lambda week=week: self._week >= week)
            await self._outage(what)
            async with self._turn:
                self._done += 1
                self._turn.notify_all()

    async def _outage(self, what):
        engine, how = what
        daemon = getattr(self.road.engines, engine)
        taken, given = (daemon.kill, daemon.start) if how == "killed" else (daemon.pause, daemon.resume)
        self.answers[what] = []
        self.not_ready[what] = set()
        assert await asyncio.to_thread(taken)
        try:
            async with asyncio.timeout(40), asyncio.TaskGroup() as group:
                group.create_task(self._until_refused(what))
                for service in SERVICES:
                    group.create_task(self._until_not_ready(service, what))
        finally:
            await asyncio.to_thread(given)
        given_back = time.monotonic()
        async with asyncio.timeout(60):
            for service in SERVICES:
                while await self._status(service) != httpx.codes.OK:
                    await asyncio.sleep(0.1)
        self.back_after[what] = time.monotonic() - given_back

    async def _until_refused(self, what):
        """Posts new rows, two at a time, until the door has said often enough that it cannot take them."""
        while sum(one.status == httpx.codes.SERVICE_UNAVAILABLE for one in self.answers[what]) < 4:
            async with asyncio.TaskGroup() as group:
                for _ in range(2):
                    group.create_task(self._post(what))

    async def _post(self, what):
        number = len(self.posted)
        row = self.row | {
            "id": f"probe-{number}",
            "data": self.row["data"] | {"date": f"2024-09-{number % 28 + 1:02}"},
        }
        self.posted.append(row)
        started = time.monotonic()
        answer = await self.road.http().post(
            self.road.url("intake", "/v1/facts"), json=row,
            headers={"authorization": f"Bearer {key_of(self.system)}", "content-type": "application/cloudevents+json"},
        )  # fmt: skip
        self.answers[what].append(
            Answer(
                answer.status_code, time.monotonic() - started, answer.headers["content-type"],
                answer.headers.get("retry-after"), row["id"],
            )
        )  # fmt: skip

    async def _until_not_ready(self, service, what):
        while await self._status(service) != httpx.codes.SERVICE_UNAVAILABLE:
            await asyncio.sleep(0.1)
        self.not_ready[what].add(service)

    async def _status(self, service):
        return (await self.road.http().get(self.road.url(service, "/ready"))).status_code


@dataclass
class Story:
    """What was seen on the way, and what stands in the end."""

    outages: Outages
    pids: tuple[dict, dict]
    seconds: float
    expected: set
    live: set
    rows: tuple[set, set]
    two_contents: list
    parked: dict
    parked_after_poison: dict = field(default_factory=dict)
    dead_letters: dict = field(default_factory=dict)
    after_poison: set = field(default_factory=set)
    live_after_poison: dict = field(default_factory=dict)


def pids(road):
    return {service: road.services[service].process.record().pid for service in SERVICES}


async def ready(road):
    return {
        service: (await road.http().get(road.url(service, "/ready"))).json()["parked"] for service in SERVICES
    }


async def live_through_outages(road, region) -> Story:
    await register(road, region)
    started, before = time.monotonic(), pids(road)
    events = accepted_until(region, UNTIL)
    mark = next(event for event in events if "mark-recorded" in event["type"])
    row = mark | {"data": mark["data"] | {"slot": "lesson-16", "state": "present", "authorised": None}}
    row["data"] = {name: value for name, value in row["data"].items() if name not in {"reason", "missed"}}
    row["time"] = "2024-10-01T08:00:00Z"
    school = row["data"]["school"]
    system = next(
        one.name
        for one in region.systems
        if school in one.schools and one.source.startswith(row["source"][:31])
    )
    outages = Outages(road, row, system)
    async with asyncio.TaskGroup() as group:
        group.create_task(outages.make())
        await live_a_year(road, region, until=UNTIL, pace=outages.pace)
    # Whoever was told to come back comes back.
    receipts = await road.post(system, outages.posted)
    assert {receipt["outcome"] for receipt in receipts} <= {"accepted", "duplicate"}, receipts
    await road.until_idle()
    told = events + outages.posted
    story = Story(
        outages, (before, pids(road)), time.monotonic() - started,
        expected_findings(told, UNTIL), await live_findings(road),
        ({(event["source"], event["id"]) for event in told}, await rows_said(road)),
        await ids_with_two_contents(road), await ready(road),
    )  # fmt: skip
    await poison(road, story, system)
    return story


async def poison(road, story, system):
    """On each topic between our services a record that is no event, and an event that says nothing we know."""
    nonsense = Event(
        "nonsense-1", "urn:test", "mark-recorded", datetime(2024, 10, 1, tzinfo=UTC), {"pupil": "x"}
    )
    async with producing(road.engines.kafka_bootstrap) as producer:
        for topic in (FACTS.name, FINDINGS.name):
            await producer.send_and_wait(topic, b"{no json", key=b"poison-1")
            await producer.send_and_wait(topic, nonsense.as_bytes(), key=b"poison-2")
    last = story.outages.row | {"id": "after-the-poison"}
    last["data"] = last["data"] | {"date": "2024-09-30"}
    await road.post(system, [last])
    await road.until_idle()
    story.after_poison = await rows_said(road) - story.rows[1]
    story.parked_after_poison = await ready(road)
    for service in SERVICES:
        story.dead_letters[service] = await road.read_bytes(PARKED[service].name)
        live = await road.http().get(road.url(service, "/live"))
        story.live_after_poison[service] = live.status_code


@pytest.fixture(scope="module")
def story(tmp_path_factory, the_region) -> Story:
    home = tmp_path_factory.mktemp("outages")
    with a_road(home, engines_shelf(), ANSWER_SECONDS=str(ANSWER_SECONDS)) as road:
        return asyncio.run(closing(road, live_through_outages(road, the_region)))


async def closing(road, story):
    try:
        return await story
    finally:
        await road.close()


@pytest.mark.parametrize("what", OUTAGES, ids="-".join)
def test_meanwhile_the_door_says_in_time_when_to_come_back(story, what):
    answers = story.outages.answers[what]
    assert {one.status for one in answers} <= {202, 503}
    assert max(one.seconds for one in answers) < BOUND_SECONDS
    refused = [one for one in answers if one.status == httpx.codes.SERVICE_UNAVAILABLE]
    assert len(refused) >= 4
    assert {(one.media_type, one.retry_after) for one in refused} == {("application/problem+json", "5")}


@pytest.mark.parametrize("what", OUTAGES, ids="-".join)
def test_meanwhile_no_service_says_it_is_ready_and_all_are_when_the_engine_is_back(story, what):
    assert story.outages.not_ready[what] == set(SERVICES)
    assert story.outages.back_after[what] < 40


def test_no_service_had_to_be_started_again(story):
    before, after = story.pids
    assert before == after
    assert len(set(after.values())) == len(SERVICES)


def test_in_the_end_what_stands_is_what_the_law_says_offline(story):
    assert story.live == story.expected
    assert len(story.live) > 5


def test_no_row_is_lost_or_doubled_and_no_id_has_two_contents(story):
    told, said = story.rows
    assert told == said
    assert story.two_contents == []


def test_an_outage_parks_nothing(story):
    assert story.parked == dict.fromkeys(SERVICES, 0)


def test_what_is_not_the_contract_is_parked_and_the_rest_goes_on(story):
    assert story.parked_after_poison == dict.fromkeys(SERVICES, 0) | {"classifier": 2, "case-router": 2}
    assert {service: len(rows) for service, rows in story.dead_letters.items()} == story.parked_after_poison
    assert {key for _, key in story.after_poison} == {"nonsense-1", "after-the-poison"}
    assert set(story.live_after_poison.values()) == {200}
    for service in ("classifier", "case-router"):
        assert [key for key, _ in story.dead_letters[service]] == ["poison-1", "poison-2"]
