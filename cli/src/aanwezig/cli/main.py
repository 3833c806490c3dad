"""`aanwezig`: the commands. Each family is a module that is imported only when one of its commands runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import click

from aanwezig.chassis.errors import Unavailable
from aanwezig.cli.exits import NeededIsAway
from aanwezig.local.failures import LocalStackError


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command lives, and the line that tells what it does: asked for without importing it."""

    module: str
    name: str
    help: str


_COMMANDS: Final[Mapping[str, _Place]] = {
    "up": _Place("stack", "up", "Start Kafka, MongoDB and the services on this machine."),
    "down": _Place("stack", "down", "Stop them; the data stay."),
    "status": _Place("stack", "status", "Show each service: live, ready, lag, parked."),
    "reset": _Place("stack", "reset", "Stop everything and remove the local data."),
    "systems": _Place("registers", "systems", "The school systems that may submit facts."),
    "schools": _Place("registers", "schools", "The schools."),
    "municipalities": _Place("registers", "municipalities", "The municipalities and their rule packs."),
    "recipients": _Place("registers", "recipients", "Who hears of cases, and by which channel."),
    "officers": _Place("registers", "officers", "The attendance officers."),
    "cases": _Place("cases", "cases", "The cases of an officer's municipality."),
    "decide": _Place("cases", "decide", "Decide on a case, as an officer."),
    "step": _Place("cases", "step", "Record a step in a case, as an officer."),
    "outcome": _Place("cases", "outcome", "Record how a case ended, as an officer."),
    "partner": _Place(
        "partner", "partner", "For partners: a receiver to try, subscriptions, and notices once more."
    ),
    "send": _Place("send", "send", "Submit facts from files and print a receipt summary."),
    "quarantine": _Place("quarantine", "quarantine", "Refused rows: look, correct, send anew, discard."),
    "classify": _Place("classify", "classify", "Print what the law finds in files of facts, offline."),
    "why": _Place("why", "why", "Explain a finding in plain words, with its sum."),
    "verify": _Place(
        "verify", "verify", "Check findings from the evidence they carry, or against the facts."
    ),
    "presence": _Place(
        "presence", "presence", "Print how present pupils were, from files of facts, offline."
    ),
    "packs": _Place("packs", "packs", "Check rule packs, and compare two of them over facts."),
    "contract": _Place("contract", "contract", "Is what others rely on kept: compare it, publish it."),
    "day": _Place("days", "day", "Close a day, where the clock is commanded."),
    "parked": _Place("parked", "parked", "Records a service could not handle: look, try again, discard."),
    "processing": _Place("processing", "processing", "Who was told who a pupil is, when, and what for."),
    "demo": _Place("demo", "demo", "Let a synthetic region live a school year on the real engines."),
}


class _Commands(click.Group):
    """The commands by name. A missing thing that any of them needs becomes a sentence and exit code 3, here alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = getattr(import_module(f"aanwezig.cli.{place.module}"), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (LocalStackError, Unavailable) as away:
            raise NeededIsAway(str(away)) from away


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="aanwezig")
def main() -> None:
    """Attendance of every child in a region: from a school's mark to the people who can help.

    Exit codes: 0 fine, 1 the input or the outcome is at fault, 2 wrong usage, 3 something needed is unavailable.
    """
