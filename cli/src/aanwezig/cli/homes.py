"""What the commands keep in the home of a local stack (`.aanwezig/`, or `AANWEZIG_HOME`): keys, addresses, senders.

Every file is for its owner alone (0600) and is replaced as a whole: a crash leaves the old one or the new one.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

import click

from aanwezig.cli.exits import NeededIsAway
from aanwezig.local.places import Places

Clock = Literal["wall", "commanded"]
KEYS: Final = (
    "pseudonym_key",
    "number_key",
    "chain_key",
    "health_key",
    "justice_key",
    "seal_key",
    "school_seal_key",
    "health_seal_key",
    "justice_seal_key",
    "operator_key",
)
"""The keys of a local stack, each 32 random bytes as 64 hexadecimal characters. `seal_key` is that of the chain."""


@dataclass(frozen=True, slots=True)
class Running:
    """How the stack was last started: what another command needs to reach it, and what the next `up` repeats.

    `services` are base addresses by service name; `free_ports`: none of the usual ports was asked for.
    """

    kafka: str
    mongo: str
    services: Mapping[str, str]
    clock: Clock = "commanded"
    free_ports: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Home:
    """The home of one local stack."""

    places: Places

    @classmethod
    def found(cls, home: Path | None = None, engines: Path | None = None) -> Self:
        """The home given, else that of `AANWEZIG_HOME`, else `.aanwezig` at the project's root."""
        return cls(Places.found(home=home, engines=engines))

    @property
    def files(self) -> tuple[Path, ...]:
        """What is kept here by the commands."""
        return (self._keys, self._running, self._senders)

    def keys(self) -> dict[str, str]:
        """The keys by name; those that are not there yet are made, once and for all.

        Raises:
            NeededIsAway: the file is there and cannot be read: new keys would make strangers of all known pupils.
        """
        kept = _read(self._keys) or {}
        missing = [name for name in KEYS if name not in kept]
        if missing:
            kept |= {name: secrets.token_hex(32) for name in missing}
            self._write(self._keys, kept)
        return {name: str(kept[name]) for name in KEYS}

    def known_keys(self) -> dict[str, str] | None:
        """The keys by name, if this home has them; none are made."""
        return _read(self._keys)

    def running(self) -> Running | None:
        """How the stack was last started; None: never, or it was reset."""
        kept = _read(self._running)
        try:
            return None if kept is None else Running(**kept)
        except TypeError:
            raise _unreadable(self._running) from None

    def reachable(self) -> Running:
        """How to reach the stack.

        Raises:
            NeededIsAway: it was never started.
        """
        running = self.running()
        if running is None:
            raise NeededIsAway(f"No stack was started in {self.places.home}. Start one: aanwezig up")
        return running

    def remember(self, running: Running) -> None:
        """Writes down how the stack was started."""
        self._write(self._running, asdict(running))

    def senders(self) -> dict[str, str]:
        """The keys of school systems that were registered from here, by system."""
        return _read(self._senders) or {}

    def key_of(self, system: str | None) -> str:
        """The key of a school system that was registered from here; None: of the only one.

        Raises:
            click.UsageError: there is none, or several and none was named.
        """
        known = self.senders()
        names = ", ".join(sorted(known))
        if not known:
            raise click.UsageError("No system was registered from here. Register one: aanwezig systems add")
        if system is None:
            if len(known) > 1:
                raise click.UsageError(f"Several systems are registered; say which: --as one of {names}.")
            return next(iter(known.values()))
        if system not in known:
            raise click.UsageError(f"There is no key of a system {system!r} here. Known: {names}.")
        return known[system]

    def change_senders(self, change: Callable[[dict[str, str]], object]) -> None:
        """Changes the keys of school systems kept here."""
        kept = self.senders()
        change(kept)
        self._write(self._senders, kept)

    @property
    def _keys(self) -> Path:
        return self.places.home / "keys.json"

    @property
    def _running(self) -> Path:
        return self.places.home / "stack.json"

    @property
    def _senders(self) -> Path:
        return self.places.home / "senders.json"

    def _write(self, file: Path, content: Mapping[str, Any]) -> None:
        try:
            self.places.prepare()
            fresh = file.with_name(f".{file.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                json.dump(content, out, indent=1)
            fresh.replace(file)
        except OSError as wrong:
            raise NeededIsAway(f"{file} cannot be written: {wrong.strerror}.") from None


def _read(file: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise _unreadable(file) from None
    if not isinstance(kept, dict):
        raise _unreadable(file)
    return kept


def _unreadable(file: Path) -> NeededIsAway:
    return NeededIsAway(
        f"{file} cannot be read. Put it back from a copy, or begin anew: aanwezig reset (this removes all local data)."
    )
