"""`aanwezig why`: the explanation of a finding, for people (`contract.md` 6)."""

from collections.abc import Iterator
from typing import Any

import click
import orjson

from aanwezig.cli.classify import opened
from aanwezig.cli.exits import AtFault
from aanwezig.cli.offline import rows_of
from aanwezig.cli.parameters import FILE
from aanwezig.law.explain import Explanation, Language, explained


@click.command()
@click.argument("finding")
@click.option(
    "--from", "files", multiple=True, required=True, type=FILE,
    help="A file with findings, as `aanwezig classify` prints them, or their events; repeatable. - is stdin.",
)  # fmt: skip
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
def why(finding: str, files: tuple[str, ...], language: Language) -> None:
    """Explain a FINDING (its id): a paragraph in plain words, and what was summed as a table.

    Of several words about it the one with the highest revision is explained. Exit code 1: it is in none of the files.
    """
    said = max(
        (row for row in _rows(files) if row.get("finding") == finding),
        key=lambda row: row.get("revision", 0),
        default=None,
    )
    if said is None:
        raise AtFault(f"There is no finding {finding} in these files.")
    try:
        explanation = explained(said, language)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AtFault(f"The row of {finding} has not the form of a finding.") from None
    show(explanation)


def show(explanation: Explanation) -> None:
    """Writes an explanation: its paragraph, then its table in columns."""
    click.echo(explanation.paragraph)
    if not explanation.table:
        return
    click.echo()
    widths = [max(len(cell) for cell in column) for column in zip(*explanation.table, strict=True)]
    for row in explanation.table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  " + "  ".join(cells).rstrip())


def _rows(files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for name in files:
        with opened(name) as file:
            for _, raw in rows_of(file):
                try:
                    said = orjson.loads(raw)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(said, dict) and "specversion" in said:
                    said = said.get("data")
                if isinstance(said, dict):
                    yield said
