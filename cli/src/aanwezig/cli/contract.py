"""`aanwezig contract`: does what the code says keep what was published (docs/contract.md)."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
import orjson

import aanwezig
from aanwezig.cli.exits import AT_FAULT, AtFault, NeededIsAway
from aanwezig.cli.parameters import FILE, STDIN
from aanwezig.contracts import promises
from aanwezig.contracts.promise_changes import differences
from aanwezig.contracts.promises import NotAPublishedContract, as_bytes, contract_from, promised
from aanwezig.contracts.verdicts import Difference, Verdict


class _Published(click.ParamType[dict[str, Any]]):
    """A file with a published contract."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The contract in the file; `-` is standard input."""
        if isinstance(value, dict):
            return value
        name = FILE.convert(value, param, ctx)
        try:
            raw = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
            return contract_from(raw)
        except OSError as wrong:
            self.fail(f"{click.format_filename(name)} cannot be read: {wrong.strerror}.", param, ctx)
        except NotAPublishedContract as wrong:
            self.fail(f"{click.format_filename(name)}: {wrong}.", param, ctx)


@click.group()
def contract() -> None:
    """What partners, schools and officers rely on: is it kept."""


@contract.command("check")
@click.option(
    "--against",
    type=_Published(),
    help="A published contract of another time; without it: the one of this installation.",
)
@click.option("--quiet", is_flag=True, help="Name breaks alone.")
def check(*, against: dict[str, Any] | None, quiet: bool) -> None:
    """Compare what the code says and takes with what was published. Any break: exit code 1.

    A line per difference: where, what and for whom. What is new is no fault, and a new value in what we say is a warning.
    """
    found = differences(against or _published(), promised(doors()))
    for one in found:
        if one.verdict is Verdict.BREAKS or not quiet:
            click.echo(one.line())
    click.echo(_summary(found))
    if any(one.verdict is Verdict.BREAKS for one in found):
        sys.exit(AT_FAULT)


@contract.command("publish")
@click.option("--breaking", is_flag=True, help="Publish although something breaks for those who rely on it.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Another file to write.")
def publish(*, breaking: bool, to: Path | None) -> None:
    """Write the contract as it is now as the published one. What it was is kept by version control alone.

    Without --breaking nothing is written where something breaks.
    """
    now = promised(doors())
    was = promises.published()
    found = [] if was is None else differences(was, now)
    breaks = [one for one in found if one.verdict is Verdict.BREAKS]
    if breaks and not breaking:
        for one in breaks:
            click.echo(one.line())
        raise AtFault(f"Nothing was written: {_summary(found)}.")
    file = to or Path(promises.__file__).parent / promises.PUBLISHED
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(as_bytes(now))
    except OSError as wrong:
        raise AtFault(f"{click.format_filename(file)} cannot be written: {wrong.strerror}.") from None
    click.echo(f"published: {click.format_filename(file)}; {_summary(found)}")


def doors() -> dict[str, Any]:
    """The OpenAPI documents of the installed services, by the name of the service: found by their files alone."""
    found = (Path(room).glob("*/openapi.json") for room in aanwezig.__path__)
    return {
        file.parent.name.replace("_", "-"): orjson.loads(file.read_bytes())
        for files in found
        for file in sorted(files)
    }


def _published() -> dict[str, Any]:
    found = promises.published()
    if found is None:
        raise NeededIsAway("No contract was published in this installation; name one with --against FILE.")
    return found


def _summary(found: list[Difference]) -> str:
    counts = Counter(one.verdict for one in found)
    return (
        f"breaks {counts[Verdict.BREAKS]}, warnings {counts[Verdict.WARNS]}, additions {counts[Verdict.ADDS]}"
    )
