"""Follows the health cases: children whom a school doctor should speak with because they were ill often, or for long."""

import asyncio
import json
import os

from aiokafka import AIOKafkaConsumer


async def follow() -> None:
    topic, known = "health.cases.v1", {}  # keep `known` in the children's own health files
    options = {"group_id": "youth-health-care", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=os.environ["KAFKA"], **options) as consumer:
        async for record in consumer:
            case = json.loads(record.value)["data"]
            if case["revision"] > known.get(case["case"], 0):
                print(
                    "child",
                    case["pupil"],
                    case["status"],
                    "at school",
                    case["school"],
                    case.get("due"),
                    flush=True,
                )
                known[case["case"]] = case["revision"]
            await consumer.commit()


asyncio.run(follow())
