"""`aanwezig processing list`: the processing log, for who answers for it (Logboek Dataverwerkingen, `domain.md` 6.6)."""

import asyncio
import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import click
import orjson
from cryptography.exceptions import InvalidTag

from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Store
from aanwezig.cli.exits import AtFault, NeededIsAway
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.parameters import DATE
from aanwezig.cli.running import quietly
from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.intake.processing import READING_THE_LOG, SUBJECT, Line, ProcessingLog

_A_DAY: Final = timedelta(days=1)
_DAYS_KEPT: Final = 1_095


@click.group()
def processing() -> None:
    """The processing log: who was told who a pupil is, when, and for which activity."""


@processing.command("list")
@click.option("--from", "since", type=DATE, required=True, help="The first date, in Amsterdam.")
@click.option("--until", type=DATE, required=True, help="The last date, in Amsterdam; it is included.")
@click.option(
    "--subjects", is_flag=True, help="Tell whom each line is about. The log gets a line that you read it."
)
def list_lines(*, since: date, until: date, subjects: bool) -> None:
    """Print the lines of some dates as NDJSON, by the names of the standard; ids as hexadecimal text."""
    if until < since:
        raise click.UsageError("--until lies before --from.")
    home = Home.found()
    running = home.reachable()
    key = (home.known_keys() or {}).get("number_key")
    if key is None:
        raise NeededIsAway(f"{home.places.home} has no keys: the log is sealed under one of them.")
    with quietly():
        lines = asyncio.run(_read(running, bytes.fromhex(key), since, until, subjects=subjects))
    for line in lines:
        click.echo(orjson.dumps(_shown(line)).decode())


async def _read(running: Running, key: bytes, since: date, until: date, *, subjects: bool) -> list[Line]:
    prefix = running.settings.get("AANWEZIG_DATABASE_PREFIX", "aanwezig")
    store = Store(running.mongo, f"{prefix}-intake")
    log = ProcessingLog(
        store.collection("processing"), Seal(key),
        days=int(running.settings.get("AANWEZIG_PROCESSING_DAYS", _DAYS_KEPT)),
    )  # fmt: skip
    begun = datetime.now(UTC)
    try:
        if subjects:
            trace = os.urandom(16)
            await log.keep([Line(trace, "processing-log.read", begun, begun, READING_THE_LOG, "read")])
        return await log.between(_start(since), _start(until + _A_DAY), subjects=subjects)
    except InvalidTag:
        raise AtFault(
            "Some of these lines were sealed under another key than the one this home has. Without --subjects they can be read."
        ) from None
    finally:
        await store.close()


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM)


def _shown(line: Line) -> dict[str, Any]:
    told = line.fields(line.subject)
    attributes = [
        one | {"value": one["value"].decode()} if one["key"] == SUBJECT else one for one in told["attributes"]
    ]
    return _with_hex(told) | {"attributes": attributes}


def _with_hex(told: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in told.items()}
    return {name: _with_hex(value) if isinstance(value, dict) else value for name, value in shown.items()}
