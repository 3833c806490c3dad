"""`aanwezig quarantine`: refused rows as a clerk sees them, corrects them and sends them anew (`contract.md` 3 and 6)."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import click
import orjson

from aanwezig.cli.classify import opened
from aanwezig.cli.doorway import Speaker, speaking
from aanwezig.cli.exits import AT_FAULT, AtFault
from aanwezig.cli.parameters import FILE
from aanwezig.cli.running import quietly
from aanwezig.cli.setting_right import Desk
from aanwezig.cli.tally import Tally

_Act = TypeVar("_Act", bound=Callable[..., Any])
_MOST_BYTES: Final = 1024 * 1024
_SEALED_AWAY: Final = "was sealed under a key that is no longer there: it can only be corrected or discarded"
_ID: Final = click.argument("row", metavar="ID")
_JSON: Final = click.option(
    "--json", "as_json", is_flag=True, help="For programs: JSON, or NDJSON for a list."
)
_WANTED: Final = (
    click.option("--school", help="Only rows of this school, such as 25PL00."),
    click.option("--code", help="Only rows with this code, such as year-too-early."),
    click.option("--file", help="Only rows of the file of this name."),
)


def _speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of whoever asks: who, at which door, and in which language."""
    language = click.option(
        "--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True,
        help="Of the sentences that say what is wrong and what to do.",
    )  # fmt: skip
    return speaking(language(command))


def _wanting(command: _Act) -> _Act:
    for option in reversed(_WANTED):
        command = option(command)
    return command


@click.group()
def quarantine() -> None:
    """The rows that were refused: look, correct, send anew, discard.

    A row stays until the same id is sent correctly, until it is discarded, or until it is too old.
    """


@quarantine.command("list")
@_wanting
@_speaking
@_JSON
def list_(
    *, school: str | None, code: str | None, file: str | None, speaker: Speaker, language: str, as_json: bool
) -> None:  # fmt: skip
    """List the refused rows, the oldest first: id, school, file, row, and what is wrong."""
    with quietly(), _desk(speaker, language) as desk:
        found = list(desk.rows(_wanted(school, code, file)))
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif found:
        _table(
            ("id", "school", "file", "row", "wrong"),
            ([row["id"], row["school"], row["file"], row["row"], _faults(row["errors"])] for row in found),
        )
    else:
        click.echo("nothing is in quarantine", err=True)


@quarantine.command("counts")
@_speaking
@_JSON
def counts(*, speaker: Speaker, language: str, as_json: bool) -> None:
    """Count the refused rows per school and code: where it goes wrong."""
    with quietly(), _desk(speaker, language) as desk:
        told = desk.counts()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if told["counts"]:
        _table(
            ("school", "code", "rows", "oldest"),
            ([one["school"], one["code"], one["rows"], one["oldest"]] for one in told["counts"]),
        )
    click.echo(f"{told['rows']} rows of at most {told['limit']}")
    full = told.get("full_schools") or []
    if told.get("full") or full:
        whose = "" if told.get("full") else f" for {', '.join(full)}"
        click.echo(
            f"There is no room{whose}: what is refused now is not kept. Correct, resubmit or discard.",
            err=True,
        )


@quarantine.command("show")
@_ID
@_speaking
@_JSON
def show(*, row: str, speaker: Speaker, language: str, as_json: bool) -> None:
    """Show one row as it came, what is wrong with it, and what to do."""
    with quietly(), _desk(speaker, language) as desk:
        told = desk.row(row)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name in ("id", "row_id", "type", "school", "file", "row", "at", "ends", "state", "reason"):
        if told.get(name) is not None:
            click.echo(f"{name:<8}{_plain(told[name])}")
    for error in told["errors"]:
        click.echo(f"\n{_plain(error['field']) or '-'}: {error['code']}\n  {_plain(error['message'])}")
    said = told.get("said")
    if not told.get("opens", True):
        click.echo(f"\nIt {_SEALED_AWAY}", err=True)
        return
    click.echo()
    click.echo(_plain(said) if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=2))


@quarantine.command("correct")
@_ID
@click.argument("file", type=FILE)
@_speaking
@_JSON
def correct(*, row: str, file: str, speaker: Speaker, language: str, as_json: bool) -> None:
    """Send what a row should have told: FILE holds the one corrected event, - is stdin. Closes the row if it is taken.

    Exit code 1: it is still refused, and why.
    """
    with opened(file) as source:
        event = source.read(_MOST_BYTES + 1)
    _require_one_event(event, click.format_filename(file))
    with quietly(), _desk(speaker, language) as desk:
        receipt = desk.correct(row, event)
    if as_json:
        click.echo(json.dumps(receipt, ensure_ascii=False))
    else:
        click.echo(f"{receipt['outcome']}\t{_plain(receipt['id'] or '-')}")
        for error in receipt["errors"]:
            click.echo(
                f"{_plain(error['field']) or '-'}\t{error['code']}\t{_plain(error['message'])}", err=True
            )
    if receipt["outcome"] == "refused":
        sys.exit(AT_FAULT)


@quarantine.command("resubmit")
@click.argument("rows", metavar="ID...", nargs=-1)
@_wanting
@click.option("--all", "every", is_flag=True, help="All rows of the system.")
@_speaking
@_JSON
def resubmit(
    *, rows: tuple[str, ...], school: str | None, code: str | None, file: str | None, every: bool,
    speaker: Speaker, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Have rows judged anew, as they came: after a school was registered, or a foreign id was mapped.

    Exit code 1: one of them is still refused.
    """
    wanted = _wanted(school, code, file)
    if (bool(rows), bool(wanted), every).count(True) != 1:
        raise click.UsageError("Say which: the ids, or --school, --code and --file, or --all.")
    tally, left = Tally(), 0
    with quietly(), _desk(speaker, language) as desk:
        ids = list(dict.fromkeys(rows)) if rows else [one["id"] for one in desk.rows(wanted)]
        for judged in desk.resubmit(ids):
            for receipt in judged.receipts:
                tally.take(receipt["quarantine"], 1, receipt)
                if as_json:
                    click.echo(json.dumps(receipt, ensure_ascii=False))
            for one in judged.unopened:
                click.echo(f"{one} {_SEALED_AWAY}", err=True)
            # What was open when we asked for the list, and is not any more, somebody else has set right.
            gone = judged.unknown if rows else ()
            for one in gone:
                click.echo(f"{one} is not in quarantine, or not any more", err=True)
            left += len(judged.unopened) + len(gone)
    if not as_json:
        tally.show()
    if left or not tally.is_fine:
        sys.exit(AT_FAULT)


@quarantine.command("discard")
@_ID
@click.option("--reason", required=True, help="Why nobody is going to correct it; it is kept with the row.")
@_speaking
def discard(*, row: str, reason: str, speaker: Speaker, language: str) -> None:
    """Close a row that nobody is going to correct."""
    if not reason.strip():
        raise click.UsageError("Say why: --reason TEXT.")
    with quietly(), _desk(speaker, language) as desk:
        desk.discard(row, reason)
    click.echo(f"discarded {_plain(row)}")


def _desk(speaker: Speaker, language: str) -> Desk:
    return Desk(speaker.doorway(), language)


def _wanted(school: str | None, code: str | None, file: str | None) -> dict[str, str]:
    given = {"school": school, "code": code, "file": file}
    return {name: value for name, value in given.items() if value}


def _require_one_event(body: bytes, shown: str) -> None:
    if len(body) > _MOST_BYTES:
        raise AtFault(f"{shown} is too large for one event.")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise AtFault(
            f"{shown} is not one JSON value. Start from what `aanwezig quarantine show ID --json` says under `said`."
        ) from None
    if not isinstance(said, dict):
        raise AtFault(f"{shown} is not one event, as a JSON object.")


def _faults(errors: Iterable[dict[str, Any]]) -> str:
    return "; ".join(f"{error['field']} {error['code']}".strip() for error in errors)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns beside each other, each as wide as its widest cell; the last may be as long as it likes."""
    lines = [list(head), *([_plain("-" if cell is None else cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        click.echo("  ".join([*cells, line[-1]]))


def _plain(value: Any) -> str:
    """Text that a terminal only shows: what a sender wrote may hold characters that steer one."""
    return "".join(one if one.isprintable() or one in "\n\t" else f"\\x{ord(one):02x}" for one in str(value))
