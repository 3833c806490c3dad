"""Topics as the registry has them, made where they are missing: for one machine and for tests.

A cluster makes its topics by its own means (Strimzi), with the same registry as their source.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NodeNotReadyError, for_code

from aanwezig.chassis import logs
from aanwezig.chassis.access import Access
from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.topics import Topic

_EXISTS: Final = 36
_PATIENCE_SECONDS: Final = 15
_log = logs.get(__name__)


async def ensure_topics(
    reach: Access | Sequence[str], topics: Iterable[Topic], *, replication: int = 1
) -> list[str]:
    """Makes the topics that are not there yet, with their partitions and settings; leaves the others as they are.

    Gives the names of those it made, when the broker knows a leader for each of their partitions.

    Raises:
        Unavailable: no broker answers, or it did not make them in time.
    """
    wanted = {topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(**Access.of(reach).for_aiokafka(), client_id="aanwezig-topics")
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await admin.start()
            there = set(await admin.list_topics())
            missing = [topic for name, topic in wanted.items() if name not in there]
            if missing:
                await _make(admin, missing, replication)
                await _settled(admin, missing)
    except (KafkaError, OSError, TimeoutError) as away:
        raise Unavailable(f"the broker: {type(away).__name__}") from None
    finally:
        await admin.close()
    return [topic.name for topic in missing]


async def _make(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int) -> None:
    new = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.settings) for topic in topics
    ]
    try:
        answer = await admin.create_topics(new)
    except AttributeError:
        # The client has no word for a cluster without a controller, as it is for a moment after its broker came back.
        raise NodeNotReadyError from None
    for name, code, *_ in answer.topic_errors:
        if code not in {0, _EXISTS}:
            _log.error("topic.refused", topic=name, error=for_code(code).__name__)
            raise for_code(code)
        _log.info("topic.made", topic=name)


async def _settled(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Returns when every partition has a leader; the broker gives no event to wait for."""
    names = [topic.name for topic in topics]
    wanted = {topic.name: topic.partitions for topic in topics}
    while True:
        described = {one["topic"]: one["partitions"] for one in await admin.describe_topics(names)}
        led = {
            name: sum(part["error_code"] == 0 and part["leader"] >= 0 for part in parts)
            for name, parts in described.items()
        }
        if all(led.get(name, 0) >= count for name, count in wanted.items()):
            return
        await asyncio.sleep(0.05)
