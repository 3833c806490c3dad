"""The notifier's door as a partner's commands ask it: which one, with whose key, and a sentence where it refuses."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import click
import httpx

from aanwezig.cli.asking import Doorway, detail_of
from aanwezig.cli.doorway import Speaker
from aanwezig.cli.exits import AtFault, NeededIsAway
from aanwezig.cli.homes import Home

ADDRESS: Final = "AANWEZIG_NOTICES_DOOR"
KEY: Final = "AANWEZIG_PARTNER_KEY"
DOMAINS: Final = ("chain", "school", "health", "justice")
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Partner:
    """Who speaks at which notifier, as the options and the environment say. `domain`: of the stack of this machine, which."""

    notifier: str | None
    domain: str
    key_file: Path | None
    insecure: bool

    def gets(self, path: str, **parameters: str) -> dict[str, Any]:
        """What the door tells.

        Raises:
            AtFault: it refuses.
            NeededIsAway: it is away.
        """
        return self._asked(lambda client: client.get(path, params=parameters))

    def says(self, path: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What became of a command. A try that nobody answered is made again under the same `Idempotency-Key`."""
        headers = {"idempotency-key": str(uuid4())}
        return self._asked(lambda client: client.post(path, json=data, headers=headers))

    def removes(self, path: str) -> None:
        """Ends something."""
        self._asked(lambda client: client.delete(path))

    def doorway(self) -> Doorway:
        """The door and the key.

        Raises:
            click.UsageError: there is no key, or no address.
            NeededIsAway: no stack was started here, or it has no notifier of this domain.
        """
        address = self.notifier or self._of_this_machine()
        named = Speaker(None, address, self.key_file, self.insecure, KEY).doorway()
        return replace(named, is_ours=self.notifier is None)

    def _of_this_machine(self) -> str:
        name = "notifier" if self.domain == "chain" else f"notifier-{self.domain}"
        services = Home.found().reachable().services
        if name not in services:
            raise NeededIsAway(f"The stack of this machine has no {name}. Start it anew: aanwezig up")
        return services[name]

    def _asked(self, act: Callable[[httpx.Client], httpx.Response]) -> dict[str, Any]:
        doorway = self.doorway()
        with doorway.client(seconds=_SECONDS) as client:
            client.base_url = httpx.URL(doorway.address)
            answer = doorway.asked(lambda: act(client), "cannot tell or do this now")
        if not answer.is_success:
            raise AtFault(_why(answer))
        found = answer.json() if answer.content else {}
        return found if isinstance(found, dict) else {}


def by_a_partner(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who speaks and where; the command gets them as one `partner`."""

    @functools.wraps(command)
    def spoken(
        *, notifier: str | None, domain: str, key_file: Path | None, insecure: bool, **others: Any
    ) -> Any:
        return command(partner=Partner(notifier, domain, key_file, insecure), **others)

    for option in (
        click.option("--insecure", is_flag=True, help="Send the key over plain http to another machine all the same."),
        click.option(
            "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
            help=f"The file that holds your key of the notices door. Without it the key is that in {KEY}.",
        ),
        click.option(
            "--domain", type=click.Choice(DOMAINS), default="chain", show_default=True,
            help="Which notifier of the stack of this machine.",
        ),
        click.option(
            "--notifier", metavar="URL", envvar=ADDRESS, show_envvar=True,
            help="The address of a notifier elsewhere, instead of the stack of this machine.",
        ),
    ):  # fmt: skip
        spoken = option(spoken)
    return spoken


def filtering(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a subscription is to hear; the command gets them as one `wanted`, a filter of the door."""

    @functools.wraps(command)
    def spoken(
        *, types: tuple[str, ...], tracks: tuple[str, ...], municipalities: tuple[str, ...], **others: Any
    ) -> Any:
        said = {"types": types, "tracks": tracks, "municipalities": municipalities}
        return command(wanted={name: list(chosen) for name, chosen in said.items()}, **others)

    for option in (
        click.option("--municipality", "municipalities", multiple=True, help="CBS code; repeatable."),
        click.option("--track", "tracks", multiple=True, help="Of cases on this track; repeatable."),
        click.option(
            "--type", "types", multiple=True,
            help="A type of what happened, nl.attendance.case-opened.v1; repeatable.",
        ),
    ):  # fmt: skip
        spoken = option(spoken)
    return spoken


def _why(answer: httpx.Response) -> str:
    """The sentence of a refusal, what to do, and the fields that are wrong."""
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    if not isinstance(said, dict):
        said = {}
    wrong = [str(one.get("message")) for one in said.get("errors") or [] if isinstance(one, dict)]
    more = [said.get("hint"), said.get("article"), *wrong]
    return " ".join([detail_of(answer), *(str(one) for one in more if one)])
