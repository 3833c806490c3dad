"""`rotate` and `retire-key`: a key is replaced while two are valid, so that nobody has to change it at a moment's notice."""

import hashlib
from collections.abc import Sequence
from typing import Final

import click

from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import Home
from aanwezig.cli.registering import REGISTERS, Register, a_key, registered, say, standing, unknown
from aanwezig.cli.sending import known_at
from aanwezig.contracts.messages import OfficerRegistered, RecipientRegistered, SystemRegistered

VALID_AT_ONCE: Final = 2
"""Keys of one system, officer or recipient that may be valid beside each other."""
Keyed = SystemRegistered | OfficerRegistered | RecipientRegistered


def rotation(group: click.Group, kind: type[Keyed]) -> None:
    """Gives a group its `rotate` and its `retire-key`: the same for all who have keys."""
    who = REGISTERS[kind].kind.upper()

    @group.command("rotate")
    @click.argument("name", metavar=who)
    def rotate(*, name: str) -> None:
        """Give a second key beside the first, printed once. Both are valid until retire-key ends the older."""
        _rotate(kind, name)

    @group.command("retire-key")
    @click.argument("name", metavar=who)
    @click.option(
        "--older", "which", flag_value="older", help="End the older of the two: what it does by itself."
    )
    @click.option(
        "--newer", "which", flag_value="newer", help="End the newer: it was lost, or came into wrong hands."
    )
    def retire(*, name: str, which: str | None) -> None:
        """End the older of two keys: it is refused from now on."""
        _retire(kind, name, which)


def _rotate(kind: type[Keyed], name: str) -> None:
    home = Home.found()
    running = home.reachable()
    register = REGISTERS[kind]
    stands = _found(running.kafka, register, kind, name)
    retiring = f"aanwezig {register.kind}s retire-key {name}"
    if len(stands.keys) >= VALID_AT_ONCE:
        raise AtFault(f"Two keys of {name} are valid already. End one first: {retiring}")
    key, hashed = a_key()
    say(running.kafka, [registered(stands.model_copy(update={"keys": [*stands.keys, hashed]}))])
    if kind is SystemRegistered:
        home.change_senders(lambda kept: kept.update({name: key}))
    if not stands.keys:
        click.echo(f"the key of {name}, shown this once: {key}")
        return
    click.echo(f"the second key of {name}, shown this once: {key}")
    click.echo(f"Both are valid. When the new one is in use, end the older: {retiring}")
    if kind is SystemRegistered and not known_at(running.services["intake"], key):
        click.echo("Intake does not answer now; it will know the key when it is up.", err=True)


def _retire(kind: type[Keyed], name: str, which: str | None) -> None:
    home = Home.found()
    running = home.reachable()
    register = REGISTERS[kind]
    stands = _found(running.kafka, register, kind, name)
    if len(stands.keys) < VALID_AT_ONCE:
        who = register.kind
        has = "one key, and it stays" if stands.keys else "no key yet"
        raise AtFault(
            f"{name} has {has}. For a new one: aanwezig {who}s rotate {name}. "
            f"To shut it out: aanwezig {who}s remove {name}"
        )
    *others, newest = stands.keys
    ended, stays = (others, [newest]) if which != "newer" else ([newest], others)
    kept_here = kind is SystemRegistered and _kept(home, name, ended)
    if kept_here and which is None:
        raise AtFault(
            f"The key of {name} that is kept here is the older one. If the newer one was lost, end that: --newer. "
            "If it is in use elsewhere, say --older."
        )
    say(running.kafka, [registered(stands.model_copy(update={"keys": stays}))])
    if kept_here:
        home.change_senders(lambda senders: senders.pop(name, None))
        click.echo(
            f"The key kept here was that one: aanwezig send cannot speak as {name} from here any more.",
            err=True,
        )
    click.echo(f"ended the {which or 'older'} key of {name}; one is valid")


def _found(kafka: str, register: Register, kind: type[Keyed], name: str) -> Keyed:
    kept = standing(kafka, register)
    if name not in kept:
        unknown(register, name, kept)
    return kind.model_validate(kept[name])


def _kept(home: Home, name: str, hashes: Sequence[str]) -> bool:
    """Whether the key this home keeps is one of these."""
    key = home.senders().get(name)
    return key is not None and hashlib.sha256(key.encode()).hexdigest() in hashes
