"""Follows the cases referred to Halt, and reports how each ended: here at once, in life after the work is done."""

import asyncio
import json
import os
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

ME = {
    "kind": "person",
    "id": os.environ.get("HALT_ID", "halt-west"),
}  # as registered by `aanwezig recipients add`
SOURCE = "urn:nld:oin:00000099000000099999:systeem:halt"


async def follow() -> None:
    kafka, known = os.environ["KAFKA"], {}  # keep `known` where you keep your files
    options = {"group_id": "halt", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with (
        AIOKafkaConsumer("justice.cases.halt.v1", bootstrap_servers=kafka, **options) as consumer,
        AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer,
    ):
        async for record in consumer:
            case = json.loads(record.value)["data"]
            if case["revision"] > known.get(case["case"], 0):
                print(
                    "referral",
                    case["case"],
                    case["status"],
                    case.get("step"),
                    "result by",
                    case.get("due"),
                    flush=True,
                )
                if case.get("step") == "halt-referred":
                    await producer.send_and_wait(
                        "chain.decisions.v1", result(case), key=case["case"].encode()
                    )
                known[case["case"]] = case["revision"]
            await consumer.commit()


def result(case: dict) -> bytes:
    """The same result of the same case has the same id, however often it is sent."""
    now = datetime.now(UTC)
    event = {
        "specversion": "1.0", "type": "nl.attendance.step-recorded.v1", "source": SOURCE,
        "id": str(uuid5(NAMESPACE_URL, case["case"] + "/halt-completed")), "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {"case": case["case"], "step": "halt-completed", "date": now.date().isoformat(), "actor": ME},
    }  # fmt: skip
    return json.dumps(event).encode()


asyncio.run(follow())
