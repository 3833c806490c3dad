"""`aanwezig classify`: what the law finds in files of facts, offline (`contract.md` 6)."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

import click
import orjson

from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.offline import Facts, rows_of, said_of
from aanwezig.cli.pack_names import PACK
from aanwezig.cli.parameters import DATE, FILE, STDIN
from aanwezig.law import data_files
from aanwezig.law.pack import Pack


class Shipped(click.ParamType[str]):
    """The name of a shipped data file of the law; an unknown one is answered with those there are."""

    def __init__(self, name: str, folder: str) -> None:
        self.name = name
        self._folder = folder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a file."""
        known = data_files.names(self._folder)
        name = str(value)
        if (name.removeprefix("thuiszitter@") if self._folder == "definitions" else name) not in known:
            self.fail(f"There is no {self.name} {name!r}. Known: {', '.join(known)}.", param, ctx)
        return name


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--pack", required=True, type=PACK, help="The rule pack, such as nl-2024; or a .toml file.")
@click.option(
    "--definition",
    type=Shipped("definition", "definitions"),
    help="Whose definition of a home-sitter, instead of the pack's; with or without thuiszitter@.",
)
@click.option("--as-of", required=True, type=DATE, help="Facts about later dates are not seen. YYYY-MM-DD.")
def classify(files: tuple[str, ...], pack: Pack, definition: str | None, as_of: date) -> None:
    """Print the findings that stand, as NDJSON, from facts as submitted (NDJSON of CloudEvents). No stack is needed.

    Each refused row is one line on stderr: file, row, then field, code and sentence of each fault, separated by
    tabs; the rest is classified and the exit code is 1. A FILE of - is stdin. A file that cannot be read is wrong
    usage (2).
    """
    with without_collections():
        facts = Facts()
        refused = take_files(facts, files)
        found = facts.findings(pack, as_of, definition)
    out = sys.stdout.buffer
    for said in found:
        out.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))
    out.flush()
    if refused:
        sys.exit(AT_FAULT)


def take_files(facts: Facts, files: tuple[str, ...]) -> int:
    """Takes in the rows of files and says the refused ones on stderr; how many those are."""
    refused = 0
    for name in files:
        shown = click.format_filename(name)
        with opened(name) as file:
            for row, raw in rows_of(file):
                refusals = facts.take(raw)
                if refusals:
                    refused += 1
                    click.echo(f"{shown}\t{row}\t{said_of(refusals)}", err=True)
    return refused


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """The file of this name for the length of the block, `-` being stdin; one that cannot be opened is wrong usage."""
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only its opening may fail as wrong usage
    except OSError as wrong:
        raise click.UsageError(f"{click.format_filename(name)} cannot be read: {wrong.strerror}.") from None
    with file:
        yield file


@contextmanager
def without_collections() -> Iterator[None]:
    """A million small words that all stay: looking through them for garbage again and again finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
