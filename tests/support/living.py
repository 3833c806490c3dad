"""A synthetic region living its year on the real road, for tests."""

import json
from datetime import date

from aanwezig.cli.offline import Facts
from aanwezig.contracts.findings import OF_A_SCHOOL, OF_HEALTH, Finding
from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.law import packs
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.classify import classify
from aanwezig.law.standing import Standing
from aanwezig.region import Region
from support.deciding import OFFICERS, Officer
from support.road import KEYS, Road

TABLE = {
    "recipient": "table-1", "role": "home-sitter-table", "organisation": "Table of the region", "channel": "topic",
}  # fmt: skip
DIRECTOR = {
    "recipient": "director-1", "role": "chain-director", "organisation": "Director of the region", "channel": "topic",
}  # fmt: skip


FIRST = date(2024, 8, 1)
LAST_CLOSED = date(2025, 7, 27)


def school_pseudonym(pupil_text: str) -> str:
    """A pupil's pseudonym in the school domain of the road."""
    return keyed_hash(bytes.fromhex(KEYS["PSEUDONYM_KEY"]), "school", pupil_text)


def pseudonyms_for(finding: Finding, pupil_text: str) -> set[str]:
    """A pupil's pseudonyms in the domains in which a finding is said on the road."""
    if finding.kind in OF_A_SCHOOL:
        return {school_pseudonym(pupil_text)}
    if finding.kind in OF_HEALTH:
        return {
            keyed_hash(bytes.fromhex(KEYS["HEALTH_KEY"]), "health", school_pseudonym(pupil_text)),
        }
    told = {chain_pseudonym(pupil_text)}
    return told if finding.school is None else told | {school_pseudonym(pupil_text)}


def chain_pseudonym(pupil_text: str) -> str:
    """A pupil's pseudonym in the chain domain of the road."""
    return keyed_hash(bytes.fromhex(KEYS["CHAIN_KEY"]), "chain", school_pseudonym(pupil_text))


async def register(road: Road, region: Region, *recipients: dict) -> None:
    """Registers everyone of the region, and a table and a director."""
    await road.register(
        systems=[(one.name, one.source, one.schools) for one in region.systems],
        schools=[(one.id, one.type, one.municipality) for one in region.schools],
        municipalities=[(one.code, *pack) for one in region.municipalities for pack in one.packs],
        recipients=[TABLE, DIRECTOR, *recipients],
        officers=OFFICERS.items(),
    )
    await until_registered(road, region)


async def until_registered(road: Road, region: Region) -> None:
    """Returns when the door knows every system: it answers rows of an unknown type with a receipt, not with 401."""
    for system in region.systems:
        await road.post(system.name, [{"id": "knock"}])


async def post(road: Road, system: str, rows: list[tuple[dict, str]], outcomes: dict[str, int]) -> None:
    """Submits rows and holds each receipt to what is expected of it."""
    receipts = await road.post(system, [event for event, _ in rows]) if rows else []
    for receipt, (_, expected) in zip(receipts, rows, strict=True):
        codes = [error["code"] for error in receipt["errors"]]
        outcome = codes[0] if codes else receipt["outcome"]
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        assert outcome == expected or (expected, outcome) == ("accepted", "duplicate"), (receipt, expected)


async def live_a_year(
    road: Road, region: Region, *, until: date | None = None, pace=None, officer: Officer | None = None
) -> dict[str, int]:
    """Submits each week's days, closes the week, and waits until all is said. Gives receipts by what became of them.

    `pace(share)`, a coroutine, is awaited before each week with the share of the year that has passed.
    """
    outcomes: dict[str, int] = {}
    for day in region.days():
        if until is not None and day.date > until:
            break
        if pace is not None and day.date.isoweekday() == 1:
            await pace((day.date - FIRST).days / 365)
        for submission in day.submissions:
            rows = list(zip(submission.events, submission.expected, strict=True))
            calendars = [row for row in rows if "calendar-recorded" in str(row[0].get("type"))]
            if calendars:
                # Calendars have a topic of their own: what stands in the end does not depend on when they are read
                # among the facts, but the words said on the way do, and two years are compared by those.
                await road.until_idle()
                await post(road, submission.system, calendars, outcomes)
                await road.until_calendars_read()
            await post(road, submission.system, [row for row in rows if row not in calendars], outcomes)
        if day.date.isoweekday() == 7:
            await road.until_idle()
            await road.close_day(day.date)
            await road.until_idle()
            if officer is not None and await officer.act(day.date):
                await road.until_idle()
    return outcomes


def offline(events, as_of, pack="nl-2024") -> dict[str, list[Finding]]:
    """What the law finds of pupils in these accepted events, per pupil by its reference text."""
    book = CalendarBook()
    standings: dict[str, Standing] = {}
    for event in events:
        submission = examine_object(event)
        assert isinstance(submission, Submission), submission
        if submission.pupil is None:
            book.apply(submission.word(None))
        else:
            text = submission.pupil.text
            standings.setdefault(text, Standing()).apply(submission.word(text))
    governance = packs.OnePack(packs.load(pack))
    return {
        text: list(classify(standing, calendars=book.calendars, governance=governance, as_of=as_of))
        for text, standing in standings.items()
    }


def offline_of_schools(events, as_of, pack="nl-2024") -> list[Finding]:
    """What the law finds of whole schools in these accepted events."""
    facts = Facts()
    for event in events:
        assert facts.take(json.dumps(event).encode()) == []
    return [finding for _, finding in facts.of_schools(packs.load(pack), as_of)]


def standing_now(said: list[tuple[str | None, dict]]) -> dict[str, dict]:
    """Per finding id its data as last said, of those that stand; the highest revision counts."""
    last: dict[str, dict] = {}
    for _, event in said:
        if not event["type"].startswith("nl.attendance.finding-"):
            continue
        known = last.get(event["data"]["finding"])
        if known is None or known["data"]["revision"] <= event["data"]["revision"]:
            last[event["data"]["finding"]] = event
    return {key: event["data"] for key, event in last.items() if "withdrawn" not in event["type"]}
