"""`aanwezig parked`: the dead letters of the services, and what is to become of them (`contract.md` 6)."""

import getpass
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from aanwezig.cli.dead_letters import Desk, Letter, desks
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.running import MEMBERS, quietly

_SERVICE: Final = click.option(
    "--service", type=click.Choice([member.name for member in MEMBERS]), help="Only of this service."
)
_JSON: Final = click.option(
    "--json", "as_json", is_flag=True, help="For programs: JSON, or NDJSON for a list."
)
_IDS: Final = click.argument("ids", metavar="ID...", nargs=-1)
_WAIT: Final = click.option(
    "--wait", type=click.FloatRange(0, 3_600), default=30.0, show_default=True,
    help="Seconds to wait for the service to do it.",
)  # fmt: skip
_HEAD: Final = ("id", "reason", "error", "since", "state", "key")


@click.group()
def parked() -> None:
    """Records that a service could not handle, and the later ones of the same pupil or case behind them.

    An id is SERVICE/TOPIC:PARTITION:OFFSET, as the list shows it.
    """


@parked.command("list")
@_SERVICE
@click.option("--key", help="Only of this pupil (its pseudonym) or case.")
@click.option(
    "--closed", is_flag=True, help="Those that were handled or discarded, as long as they are kept."
)
@_JSON
def list_(*, service: str | None, key: str | None, closed: bool, as_json: bool) -> None:
    """List what is parked, per pupil in order."""
    with quietly(), desks(service) as asked:
        found = [letter for desk in asked for letter in desk.letters(key=key, closed=closed)]
    found = _per_pupil(found)
    if as_json:
        for letter in found:
            click.echo(json.dumps(letter.told, ensure_ascii=False))
    elif found:
        _table([_cells(letter) for letter in found])
    else:
        click.echo("nothing is parked" if not closed else "nothing was closed", err=True)


@parked.command("show")
@click.argument("id_", metavar="ID")
@_JSON
def show(*, id_: str, as_json: bool) -> None:
    """Show one record as it came, and why it is parked. It may tell of a pupil: show it to nobody who need not know."""
    with quietly(), desks() as asked:
        told = _of(asked, id_).letter(id_).told
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name in ("id", "key", "reason", "error", "at", "state", "by", "why", "closed", "ends"):
        if told.get(name) is not None:
            click.echo(f"{name:<8}{_plain(told[name])}")
    click.echo()
    click.echo(told.get("base64") or json.dumps(told["said"], ensure_ascii=False, indent=2))


@parked.command("retry")
@_IDS
@click.option("--key", help="All of this pupil (its pseudonym) or case.")
@click.option("--all", "every", is_flag=True, help="All that is parked.")
@_SERVICE
@_WAIT
def retry(*, ids: tuple[str, ...], key: str | None, every: bool, service: str | None, wait: float) -> None:
    """Have records handled once more. What is parked behind or before one of them goes along, in its order.

    Exit code 1: one of them is parked again, cannot be tried again, or was not done yet.
    """
    if (bool(ids), key is not None, every).count(True) != 1:
        raise click.UsageError("Say which: the ids, or --key, or --all.")
    with quietly(), desks(service) as asked:
        wanted = _wanted(asked, ids) if ids else [
            letter for desk in asked for letter in desk.letters(key=key)
        ]  # fmt: skip
        if not wanted:
            click.echo("nothing is parked", err=True)
            return
        refused: list[str] = []
        for desk in asked:
            refused += desk.retry([one.id for one in wanted if one.service == desk.service], _me())
        became = _became(asked, [one.id for one in wanted if one.id not in refused], wait)
    for one in refused:
        click.echo(f"{one} cannot be tried again here: its sender was told, and sends it again", err=True)
    _told(became, fine={"handled"}, but=bool(refused))


@parked.command("discard")
@_IDS
@click.option("--reason", required=True, help="Why nobody is going to handle it; it is kept with the record.")
@_WAIT
def discard(*, ids: tuple[str, ...], reason: str, wait: float) -> None:
    """Give records up. What is parked behind one of them is then tried, in its order."""
    if not ids:
        raise click.UsageError("Say which: the ids.")
    if not reason.strip():
        raise click.UsageError("Say why: --reason TEXT.")
    with quietly(), desks() as asked:
        wanted = _wanted(asked, ids)
        for desk in asked:
            desk.discard([one.id for one in wanted if one.service == desk.service], reason, _me())
        became = _became(asked, [one.id for one in wanted], wait)
    _told(became, fine={"discarded"})


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _of(asked: Sequence[Desk], id_: str) -> Desk:
    service = id_.partition("/")[0]
    for desk in asked:
        if desk.service == service:
            return desk
    raise click.UsageError(
        f"{id_} is no id of a parked record: it begins with the service, as `aanwezig parked list` shows it."
    )


def _wanted(asked: Sequence[Desk], ids: Sequence[str]) -> list[Letter]:
    """The open records under these ids; the first that is not there ends the command."""
    return [_of(asked, id_).open_letter(id_) for id_ in dict.fromkeys(ids)]


def _became(asked: Sequence[Desk], ids: Sequence[str], wait: float) -> list[Letter]:
    return [
        letter
        for desk in asked
        for letter in desk.settled([id_ for id_ in ids if _of(asked, id_) is desk], wait)
    ]


def _told(became: Sequence[Letter], *, fine: set[str], but: bool = False) -> None:
    for letter in became:
        why = f"\t{letter.told['reason']} {letter.told['error']}" if letter.state == "parked" else ""
        click.echo(f"{letter.state}\t{letter.id}{why}")
    waiting = [letter for letter in became if letter.state.endswith("-asked")]
    if waiting:
        click.echo(
            f"{len(waiting)} not done yet: the service that owns the partition does it as soon as it can.",
            err=True,
        )
    if but or any(letter.state not in fine for letter in became):
        sys.exit(AT_FAULT)


def _per_pupil(found: Sequence[Letter]) -> list[Letter]:
    """Per service and topic: whoever was parked first, with what stands behind it."""
    first: dict[tuple[Any, ...], int] = {}
    for letter in found:
        first[letter.queue] = min(first.get(letter.queue, letter.offset), letter.offset)
    return sorted(found, key=lambda one: (*one.queue[:3], first[one.queue], str(one.queue[3]), one.offset))


def _cells(letter: Letter) -> list[str]:
    told = letter.told
    return [letter.id, told["reason"], told["error"], told["at"][:19], letter.state, told["key"] or "-"]


def _table(rows: Sequence[Sequence[str]]) -> None:
    lines = [list(_HEAD), *([_plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEAD) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        click.echo("  ".join([*cells, line[-1]]))


def _plain(value: Any) -> str:
    """Text that a terminal only shows."""
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in str(value))
