"""What stands in every topic and log after a region lived its year on the real road."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aanwezig.chassis.sealing import seal
from aanwezig.contracts.topics import NOTICES, TOPICS
from aanwezig.region import Region
from support.deciding import Officer
from support.engines import engines_shelf
from support.living import live_a_year, register
from support.notifying import Receiver, Taken, a_receiver
from support.road import KEYS, SERVICES, Road, a_road


@dataclass
class Lived:
    """The receipts by outcome, all topics (key, event), what services wrote and told, spans, and what a webhook got."""

    outcomes: dict[str, int]
    received: list[Taken] = field(default_factory=list)
    topics: dict[str, list[tuple[str | None, dict]]] = field(default_factory=dict)
    outsides: dict[str, list[str]] = field(default_factory=dict)
    ready: dict[str, dict] = field(default_factory=dict)
    live: dict[str, dict] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    spans: dict[str, str] = field(default_factory=dict)


def live_through(home: Path, region: Region, trouble: "Trouble | None" = None) -> Lived:
    """Lets the region live its year on a road of its own, with or without trouble on it."""
    with a_road(home, engines_shelf()) as road:
        lived = asyncio.run(_live(road, region, trouble))
    for service in SERVICES:
        lived.logs[service] = road.log(service)
        spans = home / "log" / f"{service}.traces"
        lived.spans[service] = spans.read_text() if spans.exists() else ""
    return lived


async def _live(road: Road, region: Region, trouble: "Trouble | None") -> Lived:
    lived = Lived({})
    officer = Officer(road)
    async with a_receiver("director") as receiver:
        await register(road, region, _by_webhook(receiver))
        if trouble is None:
            lived.outcomes = await live_a_year(road, region, officer=officer)
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(trouble.make(road))
                lived.outcomes = await live_a_year(road, region, pace=trouble.pace, officer=officer)
            await road.until_idle()
        await _until_delivered(road)
        lived.received = receiver.taken
    await officer.leave()
    for topic in TOPICS:
        lived.topics[topic.name] = await road.read(topic.name)
        lived.outsides[topic.name] = await road.read_outsides(topic.name)
    for service in SERVICES:
        lived.ready[service] = (await road.http().get(road.url(service, "/ready"))).json()
        lived.live[service] = (await road.http().get(road.url(service, "/live"))).json()
        lived.metrics[service] = (await road.http().get(road.url(service, "/metrics"))).text
    await road.close()
    return lived


def _by_webhook(receiver: Receiver) -> dict:
    """The chain director once more, by a webhook."""
    return {
        "recipient": "director-2", "role": "chain-director", "organisation": "Director, by webhook",
        "channel": "webhook", "address": receiver.url, "secret": seal(bytes.fromhex(KEYS["SEAL_KEY"]), receiver.secret),
    }  # fmt: skip


async def _until_delivered(road: Road) -> None:
    """Returns when each notice to the topic has its like by webhook: the director hears both ways."""
    async with asyncio.timeout(120):
        while True:
            notices = [event["data"] for _, event in await road.read(NOTICES.name)]
            director = [one for one in notices if one["recipient"]["role"] == "chain-director"]
            ways = [
                {_what(one) for one in director if one["channel"] == channel}
                for channel in ("topic", "webhook")
            ]
            if ways[0] == ways[1]:
                return
            await asyncio.sleep(0.3)


def _what(notice: dict) -> tuple[str, ...]:
    """What a notice tells of. Each director has a digest of its own: of the same week, under another cause."""
    is_digest = notice["subject"] == "digest-ready"
    return (notice["subject"], notice["on"]) if is_digest else (notice["subject"], notice["cause"])


class Trouble:
    """`kill -9` of each service so many times, at random moments spread over the year, and a start after each."""

    def __init__(self, *, kills: int, seed: int) -> None:
        self._random = Random(seed)
        self.planned = [service for service in SERVICES for _ in range(kills)]
        self._random.shuffle(self.planned)
        self.done: list[str] = []
        self._progress = asyncio.Condition()

    async def make(self, road: Road) -> None:
        """Kills and starts, one service after the other, while the year goes on."""
        for service in self.planned:
            await asyncio.sleep(self._random.uniform(0, 1))
            assert await asyncio.to_thread(road.services.kill, service)
            await asyncio.to_thread(road.services[service].start)
            async with self._progress:
                self.done.append(service)
                self._progress.notify_all()

    async def pace(self, share: float) -> None:
        """The year does not run away from its trouble: by each share of it, that share of the kills has been."""
        async with self._progress:
            await self._progress.wait_for(lambda: len(self.done) >= int(share * len(self.planned)))
