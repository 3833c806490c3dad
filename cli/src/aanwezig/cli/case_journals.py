"""`aanwezig verify --journal CASE`: whether the journal of a case is whole, and the case its sum (ADR 9)."""

import asyncio
import re
from http import HTTPStatus
from typing import Any, Final

import click

from aanwezig.cli.asking import detail_of, patiently
from aanwezig.cli.days import operator
from aanwezig.cli.exits import AtFault
from aanwezig.cli.following import Follower
from aanwezig.cli.homes import Home
from aanwezig.cli.running import quietly
from aanwezig.contracts.journals import Disagreement, first_disagreement
from aanwezig.contracts.topics import CASES, HEALTH_CASES, KEPT_DAYS

_HASH: Final = re.compile("[0-9a-f]{32}")
_ROUTERS: Final = ("case-router", "case-router-health")
_WHAT: Final = {
    "number": "it has not its place in the row",
    "previous": "it does not follow the line before it",
    "hash": "it was changed after it was written",
    "revision": "its revision does not follow the one before it",
    "witness": "the event of revision {about} told of another line",
    "state": "the lines do not add up to the case that is kept: {about} is otherwise",
}


def verify_journal(case: str) -> None:
    """Checks the journal of a case of the running stack and says what was found.

    Raises:
        AtFault: it does not hold, or there is no such case.
        NeededIsAway: the case-router does not answer.
    """
    if not _HASH.fullmatch(case):
        raise AtFault(f"{case} is no id of a case: 32 hexadecimal characters.")
    said = _asked(case)
    witnessed = _witnessed(case)
    try:
        wrong = first_disagreement(said["lines"], said["state"], witnessed)
    except (KeyError, TypeError):
        raise AtFault(f"The journal of {case} has not the form of a journal.") from None
    lines = len(said["lines"])
    if wrong is not None:
        raise AtFault(f"{case}\t{lines} lines\t{_told(wrong)}")
    click.echo(
        f"{case}\t{lines} lines\tholds\t{len(witnessed)} of them told as events in the last {KEPT_DAYS} days"
    )


def _told(wrong: Disagreement) -> str:
    what = _WHAT[wrong.what].format(about=wrong.about)
    return f"line {wrong.line}: {what}" if wrong.line else what


def _asked(case: str) -> dict[str, Any]:
    home = Home.found()
    services = home.reachable().services
    with quietly(), operator(home.known_keys() or {}) as client:
        for name in _ROUTERS:
            if name not in services:
                continue
            address = f"{services[name]}/v1/cases/{case}/journal"
            answer = patiently(
                lambda address=address: client.get(address),  # type: ignore[misc]
                f"The {name} at {services[name]} cannot tell of {case} now",
            )
            if answer.status_code == HTTPStatus.OK:
                found: dict[str, Any] = answer.json()
                return found
            if answer.status_code != HTTPStatus.NOT_FOUND:
                raise AtFault(f"The journal of {case} was not told: {detail_of(answer)}")
    raise AtFault(f"There is no case {case} on this stack.")


def _witnessed(case: str) -> dict[int, str]:
    """Per revision, the hash that an event of the case told: the topics are a witness outside the store."""
    kafka = Home.found().reachable().kafka
    told: dict[int, str] = {}

    async def read() -> None:
        async with Follower(kafka, (CASES, HEALTH_CASES)) as follower:
            for said in await follower.catch_up():
                data = said.event.data
                if said.key == case and data.get("journal"):
                    told[data["revision"]] = data["journal"]

    with quietly():
        asyncio.run(read())
    return told
