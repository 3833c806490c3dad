"""`aanwezig day close`: a day closes, where the clock is commanded (`contract.md` 2)."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Final

import click
import httpx

from aanwezig.cli.asking import a_client, detail_of, patiently
from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import Home
from aanwezig.cli.parameters import DATE
from aanwezig.cli.running import quietly

_REQUEST_SECONDS: Final = 75.0


@click.group()
def day() -> None:
    """Close a day, where the clock is commanded."""


@day.command("close")
@click.argument("date", type=DATE, metavar="DATE")
def close_day(date: date) -> None:
    """Close DATE (YYYY-MM-DD), and with it every date between the last closed one and it. A closed day stays closed."""
    home = Home.found()
    address = home.reachable().services["classifier"]
    with quietly(), operator(home.known_keys() or {}) as client:
        closed = close(client, address, date)
    click.echo(f"closed up to and including {closed}")


def operator(keys: Mapping[str, str]) -> httpx.Client:
    """A client that speaks with the operator's key of a home."""
    return a_client(keys.get("operator_key", ""), seconds=_REQUEST_SECONDS)


def close(client: httpx.Client, address: str, date: date) -> str:
    """Closes a date at the classifier; the last closed date, as text.

    Raises:
        NeededIsAway: it does not answer, or could not close the day in time.
        AtFault: it will not: the clock is not commanded, or the date is too far ahead.
    """
    answer = patiently(
        lambda: client.post(f"{address}/v1/days", json={"date": date.isoformat()}),
        f"The classifier at {address} cannot close {date} now",
    )
    if answer.status_code != HTTPStatus.OK:
        raise AtFault(f"{date} was not closed: {detail_of(answer)}")
    closed: str = answer.json()["closed"]
    return closed
