"""Follows the cases in which an officer decided on a police report; the report itself comes by the usual, closed road."""

import asyncio
import json
import os

from aiokafka import AIOKafkaConsumer


async def follow() -> None:
    topic, known = "justice.cases.police-report.v1", {}  # keep `known` where you keep your files
    options = {"group_id": "officer-of-justice", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=os.environ["KAFKA"], **options) as consumer:
        async for record in consumer:
            case = json.loads(record.value)["data"]
            if case["revision"] > known.get(case["case"], 0):
                about = case["proposed"]["subject"]  # the pupil, or the parents
                print("file", case["case"], case["status"], about, case.get("step"), flush=True)
                known[case["case"]] = case["revision"]
            await consumer.commit()


asyncio.run(follow())
