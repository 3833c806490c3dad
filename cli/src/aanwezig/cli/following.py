"""Topics as they grow, and how far the services are behind: what a command has to know to wait for the right moment."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from aanwezig.chassis.errors import Unavailable
from aanwezig.cli.exits import AtFault
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.topics import (
    CASES,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CROSSINGS,
    DECISIONS,
    FACTS,
    FEEDS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_FINDINGS,
    PRESENCE,
    SIGNALS,
    Topic,
)

ROAD: Final = (
    FACTS, FEEDS, FINDINGS, HEALTH_FINDINGS, DECISIONS, CROSSINGS, CASES, HEALTH_CASES, CASES_HALT, CASES_POLICE_REPORT, SIGNALS,
    PRESENCE,
)  # fmt: skip
"""The topics between our services, in the order in which one causes the next."""
_LOOK_SECONDS: Final = 0.03
_STUCK_SECONDS: Final = 60.0
_JOIN_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Said:
    """One event on a topic, with its key."""

    topic: str
    key: str
    event: Event


class Follower:
    """Reads topics whole, from their beginning, without a group; then what was added since the last look."""

    def __init__(self, kafka: str, topics: Iterable[Topic]) -> None:
        self._places = [
            TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)
        ]
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=[kafka], group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            self._consumer.assign(self._places)
            await self._consumer.seek_to_beginning(*self._places)
        except (KafkaError, OSError) as away:
            await self._consumer.stop()
            raise _away(away) from None
        except BaseException:
            # An interruption too: a consumer that is left open says so at the very end.
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def forgot(self) -> bool:
        """Whether records of these topics are gone already, for they were kept long enough.

        Raises:
            Unavailable: Kafka is away.
        """
        try:
            return any((await self._consumer.beginning_offsets(self._places)).values())
        except (KafkaError, OSError) as away:
            raise _away(away) from None

    async def catch_up(self) -> list[Said]:
        """Everything up to where the topics end now, that was not given before; in order per partition.

        Raises:
            Unavailable: Kafka is away.
        """
        found: list[Said] = []
        try:
            ends = await self._consumer.end_offsets(self._places)
            while not all([await self._consumer.position(place) >= end for place, end in ends.items()]):
                for place, records in (await self._consumer.getmany(timeout_ms=50)).items():
                    found += (
                        Said(place.topic, (record.key or b"").decode(), event_from(record.value))
                        for record in records
                        if record.value is not None
                    )
        except (KafkaError, OSError) as away:
            raise _away(away) from None
        return found


class Lag:
    """How far the services' groups are behind, from the broker itself: committed against the end of the topic."""

    def __init__(self, kafka: str) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=[kafka], client_id="aanwezig-cli")
        self._consumer = AIOKafkaConsumer(bootstrap_servers=[kafka], group_id=None, enable_auto_commit=False)
        self._groups: dict[str, list[str]] = {}

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except (KafkaError, OSError) as away:
            await self.__aexit__()
            raise _away(away) from None
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()
        await self._admin.close()

    async def _begin(self) -> None:
        await self._admin.start()
        await self._consumer.start()
        deadline = time.monotonic() + _JOIN_SECONDS
        while not all(self._groups.get(topic.name) for topic in ROAD):
            if time.monotonic() > deadline:
                raise Unavailable("not every service reads its topic. See: aanwezig status")
            names = [group[0] for group in await self._admin.list_consumer_groups()]
            self._groups = {
                topic.name: [name for name in names if name.endswith(f"-{topic.name}")] for topic in ROAD
            }
            await asyncio.sleep(_LOOK_SECONDS)
        self._consumer.assign(
            [TopicPartition(topic.name, number) for topic in ROAD for number in range(topic.partitions)]
        )

    async def behind(self, topic: Topic) -> int:
        """Records of a topic that a group has not committed yet, over all its groups."""
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        try:
            ends = await self._consumer.end_offsets(places)
            total = 0
            for group in self._groups[topic.name]:
                committed = await self._admin.list_consumer_group_offsets(group)
                for place, end in ends.items():
                    done = committed[place].offset if place in committed else 0
                    total += max(0, end - max(0, done))
        except (KafkaError, OSError) as away:
            raise _away(away) from None
        return total

    async def settled(self, topics: Sequence[Topic] = ROAD) -> None:
        """Returns when nothing waits on these topics, one after the other in the order given.

        Raises:
            AtFault: a topic has not moved for a minute.
            Unavailable: Kafka is away.
        """
        for topic in topics:
            behind, moved = -1, time.monotonic()
            while now := await self.behind(topic):
                if now != behind:
                    behind, moved = now, time.monotonic()
                elif time.monotonic() - moved > _STUCK_SECONDS:
                    raise AtFault(f"{topic.name}: {now} records wait and nothing moves. See: aanwezig status")
                await asyncio.sleep(_LOOK_SECONDS)


def _away(error: Exception) -> Unavailable:
    return Unavailable(f"Kafka went away: {type(error).__name__}. See: aanwezig status")
