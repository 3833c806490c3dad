"""What stands in the end of a part of a region's year: live, and offline over the accepted rows."""

import json
from contextlib import suppress
from datetime import date

from aanwezig.contracts.topics import CALENDARS, CASES, FACTS, FINDINGS, HEALTH_FINDINGS, NOTICES, SIGNALS
from aanwezig.region import Region
from support.living import offline, pseudonyms_for, standing_now
from support.road import Road


def accepted_until(region: Region, until: date) -> list[dict]:
    """The rows of a region that deserve to be accepted, up to and including a date."""
    return [
        event
        for day in region.days()
        if day.date <= until
        for submission in day.submissions
        for event, expected in zip(submission.events, submission.expected, strict=True)
        if expected == "accepted"
    ]


def expected_findings(events: list[dict], as_of: date) -> set[tuple]:
    """The findings about pupils the law finds in these rows."""
    return {
        (name, one.school, one.kind, one.school_year, one.ordinal, one.at.isoformat(), str(one.measured.value))
        for text, findings in offline(events, as_of).items()
        for one in findings
        for name in pseudonyms_for(one, text)
    }  # fmt: skip


async def live_findings(road: Road) -> set[tuple]:
    """The findings about pupils that stand on their topics; each once."""
    topics = (FINDINGS, HEALTH_FINDINGS, SIGNALS)
    said = standing_now([row for topic in topics for row in await road.read(topic.name)])
    standing = {name: one for name, one in said.items() if one["pupil"] is not None}
    found = {
        (one["pupil"], one["school"], one["kind"], one["school_year"], one["ordinal"], one["at"], one["measured"]["exact"])
        for one in standing.values()
    }  # fmt: skip
    assert len(found) == len(standing)
    return found


async def rows_said(road: Road) -> set[tuple[str, str]]:
    """Source and id of each row that stands on the topics of facts and calendars; what is no JSON is passed over."""
    said = set()
    for topic in (FACTS.name, CALENDARS.name):
        for _, value in await road.read_bytes(topic):
            with suppress(json.JSONDecodeError):
                event = json.loads(value)
                if "day-closed" not in event["type"]:
                    said.add((event["source"], event["id"]))
    return said


async def ids_with_two_contents(road: Road) -> list[tuple[str, str]]:
    """Ids under which two different things were said, on the topics between our services."""
    known: dict[tuple[str, str], dict] = {}
    wrong = []
    for topic in (FACTS.name, FINDINGS.name, CASES.name, NOTICES.name):
        for _, event in await road.read(topic):
            if known.setdefault((event["source"], event["id"]), event) != event:
                wrong.append((event["source"], event["id"]))
    return wrong
