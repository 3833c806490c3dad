"""What FastStream polls, handed over as it came: no header can lose a batch, and nothing is acknowledged by itself."""

from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage


async def whole(records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaAckableMessage:
    """A batch as it came: the parser of every subscriber. The default one decodes headers, and one may lose a batch."""
    first, last = records[0], records[-1]
    return KafkaAckableMessage(
        body=[record.value or b"" for record in records], headers={}, batch_headers=[], reply_to="",
        content_type="application/json", message_id=f"{first.offset}-{last.offset}-{first.timestamp}",
        correlation_id=f"{first.topic}:{first.partition}:{first.offset}", raw_message=records, path={},
        consumer=_NeverAcks(),
    )  # fmt: skip


async def records_of(message: KafkaMessage) -> list[ConsumerRecord[Any, Any]]:
    """The records of a batch: the decoder of every subscriber."""
    return list(message.raw_message)


class _NeverAcks:
    """Stands where FastStream looks for a consumer to acknowledge on: the chassis alone commits offsets."""

    async def commit(self) -> None:
        """Nothing: see above."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Nothing: see above."""
