"""`aanwezig send`: facts from files through intake's door, and a summary of the receipts (`contract.md` 5 and 6)."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import click
import orjson

from aanwezig.cli.asking import AWAY_SECONDS
from aanwezig.cli.classify import opened
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.homes import Home
from aanwezig.cli.offline import rows_of
from aanwezig.cli.parameters import FILE, MOMENT
from aanwezig.cli.running import quietly
from aanwezig.cli.sending import BATCH_ROWS, Door, Row, batches

_SHOWN: Final = 20


@dataclass(slots=True)
class Tally:
    """What became of the rows. `codes` counts faults by field, code and sentence; a row may have several."""

    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def take(self, row: Row, receipt: dict[str, Any]) -> None:
        """Counts one receipt."""
        self.outcomes[receipt["outcome"]] += 1
        errors = [(error["field"] or "-", error["code"], error["message"]) for error in receipt["errors"]]
        self.codes.update(errors)
        if receipt["outcome"] == "refused" and len(self.refused) < _SHOWN:
            faults = "\t".join(part for error in errors for part in error)
            self.refused.append(f"{click.format_filename(row.file)}\t{row.number}\t{faults}")

    def show(self) -> None:
        """The summary on stdout, the first refused rows on stderr: file, row, then field, code, sentence of each fault."""
        outcomes = self.outcomes
        click.echo(f"rows       {outcomes.total()}")
        for outcome in ("accepted", "duplicate", "refused"):
            click.echo(f"{outcome:<10} {outcomes[outcome]}")
        for (name, code, message), count in sorted(self.codes.items(), key=lambda one: (-one[1], one[0])):
            click.echo(f"  {count} x {name} {code}: {message}")
        for line in self.refused:
            click.echo(line, err=True)
        if outcomes["refused"] > len(self.refused):
            click.echo(f"and {outcomes['refused'] - len(self.refused)} more refused rows", err=True)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option(
    "--as", "system", metavar="SYSTEM", help="Which registered system speaks; needed where there are several."
)
@click.option(
    "--recorded-at", type=MOMENT, help="The `time` of rows that have none, such as 2024-09-02T16:00:00+02:00."
)
@click.option(
    "--batch",
    type=click.IntRange(1, 5_000),
    default=BATCH_ROWS,
    show_default=True,
    help="Rows in one request.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=AWAY_SECONDS,
    show_default=True,
    help="Seconds to go on knocking at a door that does not answer.",
)
def send(
    *, files: tuple[str, ...], system: str | None, recorded_at: str | None, batch: int, patience: float
) -> None:
    """Submit facts (NDJSON of CloudEvents) and print a receipt summary. A FILE of - is stdin.

    Exit code 1: a row was refused; 3: the door cannot be reached. Sending a file again is harmless: what was accepted
    before is a duplicate.
    """
    home = Home.found()
    key = _key_of(home, system)
    address = home.reachable().services["intake"]
    tally = Tally()
    try:
        with quietly(), Door(address, key, away=patience) as door:
            for rows in batches(_rows(files, recorded_at), batch):
                for row, receipt in zip(rows, door.post([row.raw for row in rows]), strict=True):
                    tally.take(row, receipt)
    finally:
        tally.show()
    if tally.outcomes["refused"]:
        sys.exit(AT_FAULT)


def _key_of(home: Home, system: str | None) -> str:
    known = home.senders()
    names = ", ".join(sorted(known))
    if not known:
        raise click.UsageError("No system was registered from here. Register one: aanwezig systems add")
    if system is None:
        if len(known) > 1:
            raise click.UsageError(f"Several systems are registered; say which: --as one of {names}.")
        return next(iter(known.values()))
    if system not in known:
        raise click.UsageError(f"There is no key of a system {system!r} here. Known: {names}.")
    return known[system]


def _rows(files: tuple[str, ...], recorded_at: str | None) -> Iterator[Row]:
    for name in files:
        with opened(name) as file:
            for number, raw in rows_of(file):
                yield Row(name, number, raw if recorded_at is None else with_time(raw, recorded_at))


def with_time(raw: bytes, time: str) -> bytes:
    """The row with this `time` where it has none; a row that is no JSON object is left for the door to judge."""
    try:
        said = orjson.loads(raw)
        if not isinstance(said, dict) or said.get("time") is not None:
            return raw
        return orjson.dumps({**said, "time": time})
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return raw
