"""Follows the cases on the care-meeting track: what has to be on the agenda, and until when."""

import asyncio
import json
import os

from aiokafka import AIOKafkaConsumer


async def follow() -> None:
    topic, agenda = "chain.cases.care-meeting.v1", {}  # keep `agenda` in a database
    options = {"group_id": "care-team", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=os.environ["KAFKA"], **options) as consumer:
        async for record in consumer:
            case = json.loads(record.value)["data"]
            if case["revision"] > agenda.get(case["case"], {}).get("revision", 0):
                agenda[case["case"]] = case
                late = "late: " + case["timer"] if "timer" in case else ""
                print("agenda", case["case"], case["status"], case.get("due"), late, flush=True)
            await consumer.commit()


asyncio.run(follow())
