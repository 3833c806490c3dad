"""Which door a command asks, and with which key: that of the stack of this home, or one that was named by its address."""

import functools
import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import httpx

from aanwezig.cli.asking import Doorway
from aanwezig.cli.homes import Home

ADDRESS: Final = "AANWEZIG_DOOR"
KEY: Final = "AANWEZIG_DOOR_KEY"
_HEADER: Final = re.compile(r"authorization:\s*bearer\s+", re.IGNORECASE)
_KEY_FORM: Final = re.compile("[!-~]{1,1000}")
_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks to which door, as the options and the environment say; looked up when it is asked.

    `key_name`: the variable that holds the key where no file is named.
    """

    system: str | None
    door: str | None
    key_file: Path | None
    insecure: bool
    key_name: str = KEY

    def doorway(self) -> Doorway:
        """The door and the key. Where an address was named, no home is looked for.

        Raises:
            click.UsageError: what was said does not belong together, or is no address or key.
            NeededIsAway: no stack was started in this home.
        """
        if self.door is not None:
            return self._named(self.door)
        if self.key_file is not None or self.insecure or os.environ.get(self.key_name):
            raise click.UsageError(f"A key was given, but no door. Say which: --door URL, or {ADDRESS}.")
        home = Home.found()
        key = home.key_of(self.system)
        return Doorway(home.reachable().services["intake"], key)

    def _named(self, door: str) -> Doorway:
        if self.system is not None:
            raise click.UsageError(
                f"At a door that is named ({ADDRESS} or --door) the key says who speaks; leave --as out."
            )
        url = _address(door)
        if url.scheme == "http" and not self.insecure and not _is_loopback(url.host):
            raise click.UsageError(
                f"The key would go to {url.host} over plain http, where others can read it. Use https; "
                "or say --insecure, if you know that nobody can listen in. Nothing was sent."
            )
        return Doorway(str(url).rstrip("/"), self._key(), is_ours=False)

    def _key(self) -> str:
        if self.key_file is not None:
            said, where = _read(self.key_file), click.format_filename(self.key_file)
        else:
            said, where = os.environ.get(self.key_name, ""), self.key_name
            if not said:
                raise click.UsageError(
                    f"There is no key for this door. Put it into a file and name that, --key-file FILE; or set {self.key_name}."
                )
        key = _HEADER.sub("", said.strip(), count=1)
        if not _KEY_FORM.fullmatch(key):
            raise click.UsageError(f"{where} holds no key: one word, as the operator gave it to you.")
        return key


def speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who speaks and where; the command gets them as one `speaker`."""

    @functools.wraps(command)
    def spoken(
        *, system: str | None, door: str | None, key_file: Path | None, insecure: bool, **others: Any
    ) -> Any:
        return command(speaker=Speaker(system, door, key_file, insecure), **others)

    for option in reversed(_OPTIONS):
        spoken = option(spoken)
    return spoken


_OPTIONS: Final = (
    click.option(
        "--as", "system", metavar="SYSTEM", help="Which registered system speaks; needed where there are several."
    ),
    click.option(
        "--door",
        metavar="URL",
        envvar=ADDRESS,
        show_envvar=True,
        help="The address of a door elsewhere, instead of the stack of this machine.",
    ),
    click.option(
        "--key-file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
        help=f"With --door: the file that holds your key. Without it the key is that in {KEY}.",
    ),
    click.option(
        "--insecure", is_flag=True, help="With --door: send the key over plain http to another machine all the same."
    ),
)  # fmt: skip


def _address(said: str) -> httpx.URL:
    try:
        url = httpx.URL(said.strip())
    except httpx.InvalidURL:
        raise _no_address() from None
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise _no_address()
    return url


def _no_address() -> click.UsageError:
    # Not repeated: somebody may have written a key into it.
    return click.UsageError(
        "That is no address of a door; write it as https://door.example.nl, without a key in it."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(file: Path) -> str:
    try:
        with file.open("rb") as source:
            return source.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError as wrong:
        raise click.UsageError(f"{click.format_filename(file)} cannot be read: {wrong.strerror}.") from None
