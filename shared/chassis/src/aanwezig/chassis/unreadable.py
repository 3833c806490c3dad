"""Reading past a record that the client cannot decode, such as one with a header whose name is no UTF-8.

The broker takes such a record, and the client raises at it for ever, together with whatever else it polled: one sender could
stop the reading of all. Here its place is found, the others go on, and it comes as an `Unreadable`: without value or headers.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

from aanwezig.chassis import logs

_log = logs.get(__name__)
_OF_A_RECORD: Final = (CorruptRecordException, UnsupportedCodecError)
Polled = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]


class Unreadable(ConsumerRecord):  # type: ignore[misc]
    """What stands in the place of a record that cannot be decoded."""


def read_past(consumer: AIOKafkaConsumer, on_failed: Callable[[], Awaitable[None]]) -> None:
    """Makes the polling of this consumer give an `Unreadable` where it would raise at a record. Once per consumer.

    `on_failed` sets back whoever missed something: what a failed poll had taken of other partitions already is lost with it.
    """
    if not isinstance(getattr(consumer.getmany, "__self__", None), _Reading):
        consumer.getmany = _Reading(consumer, consumer.getmany, on_failed).getmany


class _Reading:
    """The polling of one consumer.

    After an error every partition it may have come from is `suspect`: read record by record from where its reader is, until
    the one at fault is met, which is then alone.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, plain: Callable[..., Awaitable[Polled]], on_failed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._consumer = consumer
        self._plain = plain
        self._on_failed = on_failed
        self._suspect: set[TopicPartition] = set()

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """As the consumer's own."""
        self._suspect &= self._consumer.assignment()
        if self._suspect:
            return await self._carefully(timeout_ms, max_records)
        try:
            return await self._plain(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        except Exception as fault:
            if not _is_of_a_record(fault):
                raise
            await self._suspect_all()
            await self._on_failed()
            return {}

    async def _suspect_all(self) -> None:
        """Sets back what was fetched to where each reader is: what raised once would pass over the rest of its batch."""
        fetched = set(self._consumer._fetcher._records)  # noqa: SLF001 - the error does not say whose it is
        for place in fetched & self._consumer.assignment():
            self._consumer.seek(place, await self._consumer.position(place))
            self._suspect.add(place)

    async def _carefully(self, timeout_ms: int, max_records: int | None) -> Polled:
        found: Polled = {}
        reading = self._consumer.assignment() - self._consumer.paused()
        innocent = reading - self._suspect
        if innocent:
            found = await self._plain(*innocent, timeout_ms=0, max_records=max_records)
        for place in reading & self._suspect:
            position = await self._consumer.position(place)
            try:
                alone = await self._plain(place, timeout_ms=timeout_ms, max_records=1)
            except Exception as fault:
                if not _is_of_a_record(fault):
                    raise
                self._suspect.clear()
                self._consumer.seek(place, position + 1)
                _log.warning(
                    "record.unreadable", topic=place.topic, partition=place.partition, offset=position
                )
                return found | {place: [_unreadable(place, position)]}
            if not alone:
                self._suspect.discard(place)
            found |= alone
        return found


def _is_of_a_record(fault: Exception) -> bool:
    if isinstance(fault, _OF_A_RECORD):
        return True
    return not isinstance(fault, KafkaError | ConsumerStoppedError | OSError)


def _unreadable(place: TopicPartition, offset: int) -> Unreadable:
    return Unreadable(
        topic=place.topic, partition=place.partition, offset=offset, timestamp=int(time.time() * 1000),
        timestamp_type=0, key=None, value=None, checksum=None, serialized_key_size=-1, serialized_value_size=-1,
        headers=(),
    )  # fmt: skip
