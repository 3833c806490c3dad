"""The officers of attendance at the end of each week: they read what cases say, decide, and record steps."""

import json
from datetime import UTC, date, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from aanwezig.contracts.topics import CASES, DECISIONS
from support.road import Road

OFFICERS = {"officer-9901": "9901", "officer-9902": "9902"}
"""Each with its municipality, as they are to be registered."""


class Officer:
    """Acts on each event of a case once, in the name of its municipality's officer: what is done depends on the cases alone."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._consumer: AIOKafkaConsumer | None = None

    async def act(self, today: date) -> int:
        """Reads what is new on the cases' topic and answers it; gives how many answers there were."""
        moment = datetime(today.year, today.month, today.day, 15, tzinfo=UTC)
        answers = [answer for event in await self._new() if (answer := _answer(event, today)) is not None]
        for name, data in answers:
            await self._road.say(DECISIONS.name, data["case"], name, data, time=moment)
        return len(answers)

    async def leave(self) -> None:
        """Goes home."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def _new(self) -> list[dict]:
        places = [TopicPartition(CASES.name, number) for number in range(CASES.partitions)]
        if self._consumer is None:
            bootstrap = self._road.engines.kafka_bootstrap
            self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
            await self._consumer.start()
            self._consumer.assign(places)
            await self._consumer.seek_to_beginning(*places)
        ends = await self._consumer.end_offsets(places)
        events = []
        while any([await self._consumer.position(place) < end for place, end in ends.items()]):
            for records in (await self._consumer.getmany(timeout_ms=100)).values():
                events += [json.loads(record.value) for record in records]
        return sorted({event["id"]: event for event in events}.values(), key=lambda event: event["id"])


def _answer(event: dict, today: date) -> tuple[str, dict] | None:
    case = event["data"]
    asked = case.get("proposed")
    if event["type"] == "nl.attendance.case-track-proposed.v1" and asked is not None:
        decision = {
            "case": case["case"], "revision": case["revision"], "track": asked["track"], "subject": asked["subject"],
            "officer": _officer_of(case), "consent": {"youngster": True, "parents": True},
        }  # fmt: skip
        return "decision-taken", decision
    if event["type"] == "nl.attendance.case-track-decided.v1" and case["track"] == "prevention":
        actor = {"kind": "person", "id": _officer_of(case)}
        step = {"case": case["case"], "step": "first-contact", "date": today.isoformat(), "actor": actor}
        return "step-recorded", step
    return None


def _officer_of(case: dict) -> str:
    """That of the case's municipality; where nobody knows it, anybody may."""
    return f"officer-{case['municipality'] or '9901'}"
