"""Services stop in order, and second instances join and leave, while facts are posted: nothing of it is seen in the end."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import date

import pytest

from aanwezig.local import processes
from aanwezig.local.services import Service
from support.accounts import (
    accepted_until,
    expected_findings,
    ids_with_two_contents,
    live_findings,
    rows_said,
)
from support.engines import engines_shelf
from support.living import live_a_year, register
from support.road import SERVICES, Road, a_road

pytestmark = [
    pytest.mark.long,
    pytest.mark.engines,
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]

UNTIL = date(2024, 10, 13)
GRACE_SECONDS = 15
FIRST_STOP = date(2024, 9, 2)
TWINS_JOIN = date(2024, 9, 16)
TWINS_LEAVE = date(2024, 9, 30)
TWINS = ("classifier", "case-router")


@dataclass
class Changes:
    """Stops and starts, each in its week of the year; the year does not run away from them."""

    road: Road
    exits: dict[str, tuple[int, float]] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        self._week = date.min
        self._done = date.min
        self._turn = asyncio.Condition()

    async def pace(self, share):
        week = date.fromordinal(date(2024, 8, 1).toordinal() + round(share * 365))
        async with self._turn:
            self._week = week
            self._turn.notify_all()
            last = max((one for one in (FIRST_STOP, TWINS_JOIN, TWINS_LEAVE) if one < week), default=date.min)
            await self._turn.wait_for(lambda: self._done >= last)

    async def make(self):
        await self._in_week(FIRST_STOP, self._stop_and_start_each)
        twins = [self.road.twin(name) for name in TWINS]
        await self._in_week(TWINS_JOIN, lambda: self._join(twins))
        await self._in_week(TWINS_LEAVE, lambda: self._leave(twins))

    async def _in_week(self, week, act):
        async with self._turn:
            await self._turn.wait_for(lambda: self._week >= week)
        await act()
        async with self._turn:
            self._done = week
            self._turn.notify_all()

    async def _stop_and_start_each(self):
        for name in SERVICES:
            service = self.road.services[name]
            self.exits[name] = await asyncio.to_thread(stopped, service)
            await asyncio.to_thread(service.start)

    async def _join(self, twins: list[Service]):
        for twin in twins:
            await asyncio.to_thread(twin.start)
        for twin in twins:
            async with asyncio.timeout(30):
                while not self._owned(twin):
                    await asyncio.sleep(0.1)
            self.partitions[twin.name] = self._owned(twin)

    async def _leave(self, twins: list[Service]):
        for twin in twins:
            self.exits[twin.name] = await asyncio.to_thread(stopped, twin)

    def _owned(self, twin: Service) -> int:
        """How many partitions were handed to it last, as its log tells."""
        told = [line for line in self.road.log(twin.name).splitlines() if "partitions.assigned" in line]
        return told[-1].count(",") - told[-1].split('"partitions"')[0].count(",") if told else 0


def stopped(service: Service) -> tuple[int, float]:
    """SIGTERM; the exit code, and the seconds it took."""
    child = processes._CHILDREN[service.process.record().pid]
    started = time.monotonic()
    service.stop()
    return child.returncode, time.monotonic() - started


@dataclass
class Story:
    """What stands in the end."""

    changes: Changes
    live: set
    rows: set
    two_contents: list
    parked: dict
    logs: dict


async def live_through_changes(road, region) -> Story:
    try:
        return await changed_year(road, region)
    finally:
        await road.close()


async def changed_year(road, region) -> Story:
    await register(road, region)
    changes = Changes(road)
    async with asyncio.TaskGroup() as group:
        group.create_task(changes.make())
        await live_a_year(road, region, until=UNTIL, pace=changes.pace)
    await road.until_idle()
    parked = {name: (await road.http().get(road.url(name, "/ready"))).json()["parked"] for name in SERVICES}
    return Story(
        changes, await live_findings(road), await rows_said(road), await ids_with_two_contents(road), parked,
        {name: road.log(name) for name in changes.exits},
    )  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory, the_region) -> Story:
    home = tmp_path_factory.mktemp("restarts")
    with a_road(home, engines_shelf(), GRACE_SECONDS=str(GRACE_SECONDS)) as road:
        return asyncio.run(live_through_changes(road, the_region))


@pytest.mark.parametrize("name", [*SERVICES, *(f"{twin}-twin" for twin in TWINS)])
def test_a_stop_under_load_ends_in_time_and_in_order(story, name):
    code, seconds = story.changes.exits[name]
    assert code == 0
    assert seconds < GRACE_SECONDS
    for event in ("service.stopping", "service.stopped"):
        assert event in story.logs[name]
    assert "service.stop-cut-short" not in story.logs[name]
    assert "Traceback" not in story.logs[name]


def test_a_second_instance_takes_its_part(story):
    assert story.changes.partitions.keys() == {f"{name}-twin" for name in TWINS}
    assert min(story.changes.partitions.values()) > 0


def test_nothing_is_lost_or_doubled(story, the_region):
    events = accepted_until(the_region, UNTIL)
    assert story.rows == {(event["source"], event["id"]) for event in events}
    assert story.live == expected_findings(events, UNTIL)
    assert len(story.live) > 5
    assert story.two_contents == []
    assert story.parked == dict.fromkeys(SERVICES, 0)
