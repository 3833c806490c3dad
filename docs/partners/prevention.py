"""Follows the cases on the prevention track: an appointment is made when a case comes, and struck when it goes."""

import asyncio
import json
import os

from aiokafka import AIOKafkaConsumer


async def follow() -> None:
    topic, seen = "chain.cases.prevention.v1", {}  # keep `seen` where you keep your appointments
    options = {"group_id": "preventive-hour", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=os.environ["KAFKA"], **options) as consumer:
        async for record in consumer:
            event = json.loads(record.value)
            case, happened = event["data"], event["type"].split(".")[2]
            if case["revision"] > seen.get(case["case"], 0):
                gone = case["status"] in ("closed", "taken-note", "withdrawn")
                print(
                    "strike" if gone else "invite", case["case"], "by", case.get("due"), happened, flush=True
                )
                seen[case["case"]] = case["revision"]
            await consumer.commit()


asyncio.run(follow())
