"""`aanwezig cases list|show`, `decide`, `step` and `outcome`: an officer's work, through the officers' door and with its key."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args
from uuid import uuid4

import click
import httpx

from aanwezig.cli.asking import Doorway, detail_of
from aanwezig.cli.doorway import Speaker
from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import Home
from aanwezig.contracts.messages import Blocker, Step, Subject, Track

_ADDRESS: Final = "AANWEZIG_CASES_DOOR"
_KEY: Final = "AANWEZIG_OFFICER_KEY"
_SECONDS: Final = 30.0
_SHOWN: Final = ("case", "revision", "status", "track", "proposed", "due", "pupil")


@dataclass(frozen=True, slots=True)
class Officer:
    """Who speaks at which case-router, as the options and the environment say."""

    door: str | None
    key_file: Path | None
    insecure: bool

    def gets(self, path: str, **parameters: str) -> dict[str, Any]:
        """What the door tells.

        Raises:
            AtFault: it refuses.
            NeededIsAway: it is away.
        """
        return self._asked(lambda client: client.get(path, params=parameters))

    def says(self, path: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """What became of a command. A try that nobody answered is made again under the same id.

        Raises:
            AtFault: it is refused.
            NeededIsAway: the door is away.
        """
        headers = {"idempotency-key": str(uuid4())}
        return self._asked(lambda client: client.post(path, json=data, headers=headers))

    def _asked(self, act: Callable[[httpx.Client], httpx.Response]) -> dict[str, Any]:
        doorway = self._doorway()
        with doorway.client(seconds=_SECONDS) as client:
            client.base_url = httpx.URL(doorway.address)
            answer = doorway.asked(lambda: act(client), "cannot tell or do this now")
        if not answer.is_success:
            raise AtFault(_why(answer))
        found: dict[str, Any] = answer.json()
        return found

    def _doorway(self) -> Doorway:
        address = self.door or Home.found().reachable().services["case-router"]
        named = Speaker(None, address, self.key_file, self.insecure, _KEY).doorway()
        return replace(named, is_ours=self.door is None)


def _by_an_officer(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who speaks and where; the command gets them as one `officer`."""

    @functools.wraps(command)
    def spoken(*, door: str | None, key_file: Path | None, insecure: bool, **others: Any) -> Any:
        return command(officer=Officer(door, key_file, insecure), **others)

    for option in (
        click.option("--insecure", is_flag=True, help="Send the key over plain http to another machine all the same."),
        click.option(
            "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
            help=f"The file that holds the officer's key. Without it the key is that in {_KEY}.",
        ),
        click.option(
            "--door", metavar="URL", envvar=_ADDRESS, show_envvar=True,
            help="The address of a case-router elsewhere, instead of the stack of this machine.",
        ),
    ):  # fmt: skip
        spoken = option(spoken)
    return spoken


@click.group()
def cases() -> None:
    """The cases of an officer's municipality."""


@cases.command("list")
@click.option("--all", "every", is_flag=True, help="Closed cases too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
@_by_an_officer
def list_cases(*, officer: Officer, every: bool, as_json: bool) -> None:
    """List the cases of the officer's municipality: open ones, or all."""
    parameters = {"open": "false" if every else "true"}
    while True:
        page = officer.gets("/v1/cases", **parameters)
        for case in page["cases"]:
            click.echo(json.dumps(case) if as_json else "\t".join(_cell(case[name]) for name in _SHOWN))
        if page["next"] is None:
            return
        parameters["after"] = page["next"]


@cases.command("show")
@click.argument("case")
@_by_an_officer
def show_case(*, officer: Officer, case: str) -> None:
    """Show a case as it stands, as JSON: with what the table answers, and why Halt cannot be."""
    click.echo(json.dumps(officer.gets(f"/v1/cases/{case}"), indent=2, ensure_ascii=False))


@click.command()
@click.argument("case")
@click.option("--track", required=True, type=click.Choice(get_args(Track)))
@click.option("--subject", type=click.Choice(get_args(Subject)), default="pupil", show_default=True)
@click.option("--motive", help="Why; needed where it differs from what is proposed.")
@click.option("--consent-youngster", is_flag=True, help="Halt: the youngster agrees.")
@click.option("--consent-parents", is_flag=True, help="Halt: the parents agree; needed under 16.")
@click.option("--revision", type=click.IntRange(min=1), help="The revision you saw; without it, that of now.")
@_by_an_officer
def decide(
    *, officer: Officer, case: str, track: str, subject: str, motive: str | None, consent_youngster: bool,
    consent_parents: bool, revision: int | None,
) -> None:  # fmt: skip
    """Decide on a case in the name of the officer whose key this is."""
    seen = revision or officer.gets(f"/v1/cases/{case}")["revision"]
    said: dict[str, Any] = {"case": case, "revision": seen, "track": track, "subject": subject}
    if motive is not None:
        said["motive"] = motive
    if consent_youngster or consent_parents:
        said["consent"] = {"youngster": consent_youngster, "parents": consent_parents}
    _tell(officer.says("/v1/decisions", said))


@click.command()
@click.argument("case")
@click.argument("step", type=click.Choice(get_args(Step)))
@click.option(
    "--date", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="When the step was taken."
)
@click.option("--to", help="Of handed-over: a municipality (CBS code), or doorstroompunt.")
@click.option(
    "--blocked-by",
    type=click.Choice(get_args(Blocker)),
    help="What blocks the case now; nothing: it is not blocked any more. Left out: as it was.",
)
@_by_an_officer
def step(*, officer: Officer, case: str, step: str, on: Any, to: str | None, blocked_by: str | None) -> None:
    """Record a step in a case in the name of the officer whose key this is."""
    day: date = on.date()
    optional = {"to": to, "blocked_by": blocked_by}
    said = {"case": case, "step": step, "date": day.isoformat()}
    _tell(officer.says("/v1/steps", said | {name: value for name, value in optional.items() if value}))


@click.command()
@click.argument("case")
@click.argument("outcome")
@_by_an_officer
def outcome(*, officer: Officer, case: str, outcome: str) -> None:
    """Record how a case ended; the case is closed."""
    _tell(officer.says("/v1/outcomes", {"case": case, "outcome": outcome}))


def _tell(became: Mapping[str, Any]) -> None:
    click.echo(f"carried out; the case is at revision {became['revision']}")


def _why(answer: httpx.Response) -> str:
    """The sentence of a refusal, with the article and the fields that are wrong."""
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    more = [said["article"]] if said.get("article") else [one["message"] for one in said.get("errors", [])]
    return " ".join([detail_of(answer), *(f"[{one}]" for one in more)])


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['track']}?"
    return "-" if value is None else str(value)
