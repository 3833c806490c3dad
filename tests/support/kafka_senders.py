"""Records as school systems write them to their own topics, and the answers they read."""

import itertools

import orjson

from aanwezig.chassis.lanes import Submitted
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.receipts import ReceiptsGiven
from aanwezig.contracts.topics import RECEIPTS, submissions_of
from aanwezig.intake.answers import Answers
from aanwezig.intake.kafka_door import KafkaDoor
from aanwezig.intake.pace import Pace
from aanwezig.intake.records import Bounds
from support.submitted import NOW

DAYS = 50_000
PACE = {"abreast": 8, "bytes_in_hand": 256 * 1024 * 1024}


class Lane:
    """The records of one system, as they stand on its topic; `record` gives the next one."""

    def __init__(self, system):
        self.topic = submissions_of(system).name
        self._offsets = itertools.count()

    def record(self, value, *, at=NOW, readable=True, **headers):
        said = tuple(
            (name if name.startswith("ce_") else name.replace("_", "-"), text.encode())
            for name, text in headers.items()
        )
        body = value if isinstance(value, bytes | None) else orjson.dumps(value)
        return Submitted(self.topic, 0, next(self._offsets), int(at.timestamp() * 1000), said, body, readable)


def a_door(world, *, admission=None, around=lambda part: part, pace=None, budget=100, **bounds):
    """A Kafka door over the stores of a test's world; `around` is put around what it keeps in and says with."""
    publisher = around(world.publisher)
    limits = {"rows": 5_000, "bytes": 10 * 1024 * 1024, "weight": 128 * 1024 * 1024, **bounds}
    parking = Parking(world.store, publisher, service="intake", topic="intake.parked.v1", budget=budget)
    return KafkaDoor(
        admission or world.intake(around), world.senders, Answers(around(world.collection("answers")), world.seal, days=DAYS),
        publisher, parking, pace or Pace(600_000, **PACE), world.seal, Tracing("test", "0", None), Bounds(**limits),
        clock=lambda: NOW,
    )  # fmt: skip


async def answers(topics, system=None):
    """What was said on the topic of receipts since the test began: the models, in order, of one system or of all."""
    said = []
    for record in await topics.of(RECEIPTS.name):
        event = orjson.loads(record.value)
        assert len(record.value) <= 64 * 1024
        assert event["type"] == "nl.attendance.receipts-given.v1"
        given = ReceiptsGiven.model_validate(event["data"])
        assert record.key.decode() == given.system
        if system in {None, given.system}:
            said.append((event["id"], given))
    return said


def plain(given):
    """Receipts as the HTTP door tells them."""
    return [receipt.model_dump(mode="json") for receipt in given.receipts]
