"""`aanwezig up`, `down`, `status`, `reset`: the local stack, a real Kafka and a real MongoDB and the services."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import click
import httpx

from aanwezig.cli.asking import a_client
from aanwezig.cli.exits import AT_FAULT, NEEDED
from aanwezig.cli.homes import Clock, Home
from aanwezig.cli.running import MEMBERS, quietly, stack_of, start
from aanwezig.local.daemon import Daemon, Status
from aanwezig.local.processes import State

_WITHIN_SECONDS: Final = 5.0


@click.command()
@click.option(
    "--free-ports/--usual-ports",
    default=None,
    help="Any free ports instead of the usual ones; remembered, as is the clock.",
)
@click.option(
    "--clock",
    type=click.Choice(["commanded", "wall"]),
    default=None,
    help="Whether a day closes by `aanwezig day close` (the default) or at 06:00 the next morning.",
)
def up(*, free_ports: bool | None, clock: Clock | None) -> None:
    """Start Kafka, MongoDB and the services on this machine. What runs already is left alone."""
    home = Home.found()
    started = start(home, free_ports=free_ports, clock=clock, say=click.echo)
    running = home.reachable()
    click.echo(f"started: {', '.join(started)}" if started else "everything ran already")
    click.echo(f"clock: {running.clock}")
    addresses = {"kafka": running.kafka, "mongo": running.mongo, **running.services}
    for name, address in addresses.items():
        click.echo(f"  {name:<19} {address}")
    click.echo(f"logs and traces: {home.places.log}")


@click.command()
def down() -> None:
    """Stop everything this stack started; the data stay for the next `up`."""
    stopped = stack_of(Home.found(), say=click.echo).down()
    click.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing ran")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--engines", is_flag=True, help="Remove the downloaded programs too.")
def reset(*, yes: bool, engines: bool) -> None:
    """Stop everything and remove the local data: topics, databases, logs, keys, registered systems."""
    home = Home.found()
    if not yes:
        click.confirm(f"Remove all data of the stack in {home.places.home}?", abort=True)
    demo = home.places.home / "demo"
    also: list[Path] = list(home.files)
    if demo.is_dir():
        stack_of(Home.found(demo, home.places.engines), say=click.echo).reset()
        also.append(demo)
    stack_of(home, say=click.echo).reset(also, engines=engines)
    click.echo(f"{home.places.home} is empty{'' if engines else '; the downloaded programs stay'}")


@dataclass(frozen=True, slots=True)
class Row:
    """What there is to say about one process. `lag` and `parked` are records; None: not known, or not its business."""

    name: str
    state: str
    pid: int | None
    port: int | None
    live: bool = False
    ready: bool = False
    lag: int | None = None
    parked: int | None = None
    why: str | None = None

    @property
    def fine(self) -> bool:
        """Whether nobody need look at it."""
        return self.live and self.ready


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, a list of objects.")
def status(*, as_json: bool) -> None:
    """Show each process of the stack: live, ready, lag, parked, pid, port.

    Exit code 0: each is live and ready; 1: not each is; 3: nothing runs.
    """
    rows = rows_of(Home.found())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        _show(rows)
    if all(row.pid is None for row in rows):
        click.echo("Nothing runs here. Start it: aanwezig up", err=True)
        sys.exit(NEEDED)
    if not all(row.fine for row in rows):
        sys.exit(AT_FAULT)


def rows_of(home: Home) -> list[Row]:
    """The state of every process of the stack now, engines first; each is asked at the same time."""
    stack = stack_of(home)
    engines: dict[str, Daemon] = {each.name: each for each in (stack.engines.kafka, stack.engines.mongo)}
    known = home.running()
    addresses = known.services if known else {}
    found = stack.status([member.name for member in MEMBERS])

    def row(one: Status) -> Row:
        if one.name in engines:
            return _engine(one, engines[one.name])
        return _service(one, addresses.get(one.name))

    with quietly(), ThreadPoolExecutor(len(found)) as asking:
        return list(asking.map(row, found))


def _engine(found: Status, daemon: Daemon) -> Row:
    lives = found.state is State.RUNNING
    port = next(iter(found.ports.values()), None)
    ready = lives and daemon.ready_now()
    why = None if ready else _state_said(found)
    return Row(found.name, found.state.value, found.pid, port, live=lives, ready=ready, why=why)


def _service(found: Status, address: str | None) -> Row:
    row = Row(found.name, found.state.value, found.pid, found.ports.get("http"), why=_state_said(found))
    if found.state is not State.RUNNING or address is None:
        return row
    live, ready = _asked(f"{address}/live"), _asked(f"{address}/ready")
    lag = ready.get("lag")
    return replace(
        row, live=bool(live.get("live")), ready=bool(ready.get("ready")), parked=ready.get("parked"),
        lag=None if lag is None else sum(lag.values()), why=live.get("why") or ready.get("why"),
    )  # fmt: skip


def _asked(address: str) -> dict[str, Any]:
    try:
        with a_client(seconds=_WITHIN_SECONDS) as client:
            said = client.get(address).json()
    except (httpx.HTTPError, ValueError):
        return {"why": "it does not answer"}
    return said if isinstance(said, dict) else {}


def _state_said(found: Status) -> str:
    said = {
        State.STOPPED: "not started",
        State.STALE: f"ended without being stopped; see {found.log}",
        State.PAUSED: "paused",
    }
    return said.get(found.state, "it does not answer")


def _show(rows: list[Row]) -> None:
    head = ("", "state", "live", "ready", "lag", "parked", "pid", "port", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (row.lag, row.parked, row.pid, row.port)
    return (
        row.name, row.state, "yes" if row.live else "no", "yes" if row.ready else "no",
        *("-" if number is None else str(number) for number in numbers), row.why or "",
    )  # fmt: skip
