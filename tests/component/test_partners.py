"""The partners' programs in `docs/partners/` as they are printed: each follows its topic, and Halt's result comes back."""

import asyncio
import json
import os
import re
import sys
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from aanwezig.case_router import crossing
from aanwezig.case_router.crossing import JUSTICE_TOPIC
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.messages import StepRecorded
from aanwezig.contracts.topics import DECISIONS, HEALTH_CASES, TOPICS
from support.case_desk import Desk

PARTNERS = Path(__file__).parents[2] / "docs" / "partners"
KEY = b"k" * 32
LATER = date(2024, 11, 12)


def a_course() -> Desk:
    """Prevention at first; Halt, decided and referred; a police report, decided after Halt failed."""
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00", at=LATER)
    desk.decides("halt", consent=(True, True), on=LATER)
    desk.steps("halt-referred", on=LATER)
    desk.steps("halt-failed", on=LATER)
    desk.decides("police-report", on=LATER)
    return desk


def a_meeting() -> Desk:
    desk = Desk()
    desk.hears("home-sitter")
    desk.closes(date(2024, 12, 20))
    return desk


def told() -> list[tuple[str, str, dict]]:
    """What partners are told of three cases: topic, key, event."""
    crossed = [one for event in a_course().events for one in crossing.to_justice(event, KEY)]
    chain = [
        one
        for desk in (a_course(), a_meeting())
        for event in desk.events
        for one in crossing.to_partners(event)
    ]
    health = [(HEALTH_CASES.name, crossing.event_of(event)) for event in a_meeting().events]
    justice = [(JUSTICE_TOPIC[one.data["track"]], one) for one in crossed]
    return [(topic, event.data["case"], event.as_json()) for topic, event in (*chain, *justice, *health)]


@asynccontextmanager
async def partner(name: str, kafka: str):
    """One of the programs, running; its lines can be awaited."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PARTNERS / name),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "KAFKA": kafka},
    )
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def until(lines, pattern: str) -> str:
    """The first line like this."""
    async with asyncio.timeout(90):
        async for line in lines:
            if re.search(pattern, line.decode()):
                return line.decode()
    raise AssertionError(f"no line like {pattern}")


@pytest.mark.engines
@pytest.mark.parametrize(
    ("program", "shows"),
    [
        ("prevention.py", r"^invite {course} by 2024-10-08 case-track-decided"),
        ("care_meeting.py", r"^agenda {meeting} registered \S+ late: meeting"),
        ("police_report.py", r"^file {justice} in-progress pupil"),
        ("health.py", r"^child \w+ registered at school 25PL00 2024-10-22"),
    ],
)
async def test_a_partners_program_shows_what_its_topic_tells(engines, program, shows):
    await say(engines.kafka_bootstrap)
    course, meeting = a_course().case.id, a_meeting().case.id
    pattern = shows.format(course=course, meeting=meeting, justice=crossing.crossed(course, "justice", KEY))
    async with partner(program, engines.kafka_bootstrap) as lines:
        assert await until(lines, pattern)


@pytest.mark.engines
async def test_halt_hears_of_a_referral_and_its_result_is_a_step_of_the_contract(engines):
    await say(engines.kafka_bootstrap)
    case = crossing.crossed(a_course().case.id, "justice", KEY)
    async with partner("halt.py", engines.kafka_bootstrap) as lines:
        assert await until(lines, rf"^referral {case} in-progress halt-referred result by 2025-")
        answer = await the_answer(engines.kafka_bootstrap, case)
    said = StepRecorded.model_validate(answer["data"])
    assert (said.step, said.actor.id) == ("halt-completed", "halt-west")
    assert crossing.refusal_from_justice(said) is None


async def say(kafka: str) -> None:
    await ensure_topics([kafka], TOPICS)
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        for topic, key, event in told():
            await producer.send_and_wait(topic, json.dumps(event).encode(), key=key.encode())


async def the_answer(kafka: str, case: str) -> dict:
    places = [TopicPartition(DECISIONS.name, number) for number in range(DECISIONS.partitions)]
    async with (
        AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False) as consumer,
        asyncio.timeout(90),
    ):
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        async for record in consumer:
            if record.key == case.encode():
                return json.loads(record.value)
    raise AssertionError("no answer")
