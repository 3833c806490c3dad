"""`aanwezig systems|schools|municipalities|recipients|officers add|list|remove`: the registers."""

import base64
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

import click
from pydantic import ValidationError

from aanwezig.chassis.sealing import seal
from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import Home
from aanwezig.cli.parameters import CBS_CODE, NAME, PACK_FROM, SCHOOL
from aanwezig.cli.registering import REGISTERS, Register, a_key, registered, removed, say, standing
from aanwezig.cli.sending import known_at
from aanwezig.contracts.identifiers import Sender, is_school, municipality_source, school_source, sender_of
from aanwezig.contracts.messages import (
    Message,
    MunicipalityRegistered,
    OfficerRegistered,
    RecipientRegistered,
    SchoolRegistered,
    SystemRegistered,
)
from aanwezig.law import packs

ROLES: Final = (
    "attendance-officer", "care-team", "chain-director", "doorstroompunt", "home-sitter-table", "meldcode-desk",
)  # fmt: skip
"""The roles the notifier's table knows; a test compares them."""
_OIN: Final = re.compile(r"[0-9A-Z]{20}")
_Said = TypeVar("_Said", bound=Message)
_BRIN: Final = re.compile(r"[0-9A-Z]{4}")


@click.group()
def systems() -> None:
    """The school systems that may submit facts, and the schools each may speak for."""


@click.group()
def schools() -> None:
    """The schools: name, type, municipality, contact."""


@click.group()
def municipalities() -> None:
    """The municipalities and the rule packs they chose."""


@click.group()
def recipients() -> None:
    """Who hears of cases, in which role and by which channel."""


@click.group()
def officers() -> None:
    """The attendance officers."""


@systems.command("add")
@click.argument("system", type=NAME)
@click.option("--oin", help="The organisation's OIN: 20 characters.")
@click.option("--brin", help="Instead of an OIN: the BRIN of a school, four characters.")
@click.option("--municipality", type=CBS_CODE, help="Instead of an OIN: a municipality's CBS code.")
@click.option(
    "--school",
    "of_schools",
    multiple=True,
    type=SCHOOL,
    help="A school it speaks for, '25PL00=Name,vo,0637' (id, name, type, municipality); repeatable. "
    "Of a registered school the id is enough.",
)
@click.option(
    "--map", "mapped", multiple=True, help="A foreign school id and ours, '255901001=25PL00'; repeatable."
)
def add_system(
    *,
    system: str,
    oin: str | None,
    brin: str | None,
    municipality: str | None,
    of_schools: tuple[SchoolRegistered | str, ...],
    mapped: tuple[str, ...],
) -> None:
    """Register a school system, or a municipality's. Prints its key once: only a hash of it is kept in the register."""
    sender = _sender(oin, brin, municipality)
    home = Home.found()
    running = home.reachable()
    ids = [one if isinstance(one, str) else one.school for one in of_schools]
    _check_schools(sender, ids)
    if system in standing(running.kafka, REGISTERS[SystemRegistered]):
        raise AtFault(f"There is a system {system} already. To change it, remove it first.")
    _require_known(running.kafka, [one for one in of_schools if isinstance(one, str)])
    key, hashed = a_key()
    message = _valid(
        SystemRegistered, system=system, oin=sender.oin, keys=[hashed], schools=ids, map=_map(mapped, ids)
    )
    # The schools first: who may speak for a school should find it there.
    told = [registered(one) for one in of_schools if not isinstance(one, str)]
    say(running.kafka, [*told, registered(message)])
    home.change_senders(lambda kept: kept.update({system: key}))
    click.echo(f"registered {system} ({sender.oin}), schools: {', '.join(ids) or 'none'}")
    click.echo(f"its key, shown this once: {key}")
    if not known_at(running.services["intake"], key):
        click.echo("Intake does not answer now; it will know the key when it is up.", err=True)


@schools.command("add")
@click.argument("school", type=SCHOOL)
@click.option("--contact", help="How to reach the school's own people: an address.")
def add_school(*, school: SchoolRegistered | str, contact: str | None) -> None:
    """Register a school, '25PL00=Name,vo,0637', or change what is known of it."""
    if isinstance(school, str):
        raise click.UsageError(f"Say name, type and municipality too: '{school}=Name,vo,0637'.")
    said = _valid(SchoolRegistered, **school.said(), **({"contact": contact} if contact else {}))
    say(Home.found().reachable().kafka, [registered(said)])
    click.echo(f"registered {school.school}, {school.name}")


@municipalities.command("add")
@click.argument("municipality", type=CBS_CODE)
@click.option(
    "--pack",
    "chosen",
    multiple=True,
    type=PACK_FROM,
    help="A rule pack and from when on, 'nl-2024=2024-08-01'; repeatable. Without a date: from its own beginning.",
)
def add_municipality(*, municipality: str, chosen: tuple[tuple[str, str], ...]) -> None:
    """Register a municipality (CBS code, four digits) with the rule packs it chose."""
    rows = chosen or (("nl-2024", packs.load("nl-2024").valid_from.isoformat()),)
    message = _valid(
        MunicipalityRegistered,
        municipality=municipality,
        packs=[{"pack": pack, "from": since} for pack, since in rows],
    )
    say(Home.found().reachable().kafka, [registered(message)])
    told = ", ".join(f"{pack} from {since}" for pack, since in rows)
    click.echo(f"registered municipality {municipality}: {told}")


@recipients.command("add")
@click.argument("recipient", type=NAME)
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it hears of depends on its role.")
@click.option("--organisation", required=True, help="The organisation it belongs to.")
@click.option("--municipality", type=CBS_CODE, help="Only cases of this municipality; without it, of all.")
@click.option("--channel", type=click.Choice(["topic", "webhook"]), default="topic", show_default=True)
@click.option("--address", help="Where a webhook is posted: an http or https URL.")
def add_recipient(
    *,
    recipient: str,
    role: str,
    organisation: str,
    municipality: str | None,
    channel: str,
    address: str | None,
) -> None:
    """Register who hears of cases. Of a webhook, prints the secret of its signatures once; it is kept sealed."""
    home = Home.found()
    running = home.reachable()
    said: dict[str, Any] = {
        "recipient": recipient, "role": role, "organisation": organisation, "channel": channel,
    }  # fmt: skip
    if municipality:
        said["municipality"] = municipality
    secret = None
    if channel == "webhook":
        said["address"] = _address(address)
        secret = a_secret()
        said["secret"] = seal(bytes.fromhex(home.keys()["seal_key"]), secret)
    elif address:
        raise click.UsageError("An --address belongs to a webhook: add --channel webhook.")
    say(running.kafka, [registered(_valid(RecipientRegistered, **said))])
    click.echo(f"registered {recipient} as {role} of {organisation}, by {channel}")
    if secret is not None:
        click.echo(f"the secret of its signatures (Standard Webhooks), shown this once: {secret}")


@officers.command("add")
@click.argument("officer", type=NAME)
@click.option("--municipality", required=True, type=CBS_CODE)
def add_officer(*, officer: str, municipality: str) -> None:
    """Register an attendance officer. Prints its key once: only a hash of it is kept."""
    key, hashed = a_key()
    message = _valid(OfficerRegistered, officer=officer, municipality=municipality, keys=[hashed])
    say(Home.found().reachable().kafka, [registered(message)])
    click.echo(f"registered officer {officer} of municipality {municipality}")
    click.echo(f"its key, shown this once: {key}")


def a_secret() -> str:
    """A new secret of a webhook, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _listing(group: click.Group, kind: type[Message], columns: tuple[str, ...]) -> None:
    """Gives a group its `list` and its `remove`: the same for every register."""
    register = REGISTERS[kind]

    @group.command("list")
    @click.option("--json", "as_json", is_flag=True, help="As NDJSON, the whole of each.")
    def list_(*, as_json: bool) -> None:
        """List what is registered. Keys are only there as hashes and are not shown."""
        kept = standing(Home.found().reachable().kafka, register)
        for data in kept.values():
            shown = {name: value for name, value in data.items() if name not in {"keys", "secret"}}
            click.echo(json.dumps(shown, ensure_ascii=False) if as_json else _line(shown, columns))
        if not kept:
            click.echo("none registered", err=True)

    @group.command("remove")
    @click.argument("name", metavar=register.kind.upper())
    def remove(*, name: str) -> None:
        """Remove one from the register. What it said or was told before stays."""
        home = Home.found()
        running = home.reachable()
        kept = standing(running.kafka, register)
        if name not in kept:
            _unknown(register, name, kept)
        say(running.kafka, [removed(register, name)])
        if kind is SystemRegistered:
            home.change_senders(lambda senders: senders.pop(name, None))
        click.echo(f"removed {register.kind} {name}")


_listing(systems, SystemRegistered, ("system", "oin", "schools"))
_listing(schools, SchoolRegistered, ("school", "name", "type", "municipality", "contact"))
_listing(municipalities, MunicipalityRegistered, ("municipality", "packs"))
_listing(
    recipients,
    RecipientRegistered,
    ("recipient", "role", "organisation", "municipality", "channel", "address"),
)
_listing(officers, OfficerRegistered, ("officer", "municipality"))


def _line(data: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    return "\t".join(_cell(data.get(column)) for column in columns)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        rows = (f"{row['pack']} from {row['from']}" if isinstance(row, dict) else str(row) for row in value)
        return ", ".join(rows) or "-"
    return "-" if value is None else str(value)


def _unknown(register: Register, name: str, kept: Iterable[str]) -> NoReturn:
    known = ", ".join(kept) or "none"
    raise AtFault(f"There is no {register.kind} {name}. Registered: {known}.")


def _sender(oin: str | None, brin: str | None, municipality: str | None) -> Sender:
    """Who speaks, by whichever of the three was given.

    Raises:
        click.UsageError: none or several were given, or one that has not its form.
    """
    given = [name for name, value in (("oin", oin), ("brin", brin), ("municipality", municipality)) if value]
    if len(given) != 1:
        raise click.UsageError("Say who it speaks for by one of --oin, --brin and --municipality.")
    if brin is not None and not _BRIN.fullmatch(brin):
        raise click.UsageError(f"{brin!r} is no BRIN: four capitals or digits, for example 25PL.")
    if oin is not None and not _OIN.fullmatch(oin):
        raise click.UsageError(f"{oin!r} is no OIN: 20 capitals or digits.")
    source = (
        f"urn:nld:oin:{oin}"
        if oin
        else school_source(brin)
        if brin
        else municipality_source(municipality or "")
    )
    sender = sender_of(source)
    if sender is None:
        raise click.UsageError(f"{source} names no organisation.")
    return sender


def _check_schools(sender: Sender, ids: list[str]) -> None:
    if sender.municipality is not None:
        if ids:
            raise click.UsageError("A municipality may name any school: leave --school out.")
        return
    if not ids:
        raise click.UsageError(
            "A school's system speaks for at least one school: --school '25PL00=Name,vo,0637'."
        )
    strangers = [one for one in ids if sender.brin is not None and not one.startswith(sender.brin)]
    if strangers:
        raise click.UsageError(f"{', '.join(strangers)} is no school of BRIN {sender.brin}.")


def _require_known(kafka: str, ids: list[str]) -> None:
    if not ids:
        return
    kept = standing(kafka, REGISTERS[SchoolRegistered])
    for school in ids:
        if school not in kept:
            raise AtFault(
                f"There is no school {school} yet. Say name, type and municipality too: '{school}=Name,vo,0637'."
            )


def _map(mapped: tuple[str, ...], ids: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in mapped:
        foreign, found, ours = text.partition("=")
        if not (found and foreign and is_school(ours)):
            raise click.UsageError(f"{text!r} is no map: write '255901001=25PL00'.")
        if ours not in ids:
            raise click.UsageError(f"{ours} is none of the schools of this system.")
        pairs[foreign] = ours
    return pairs


def _address(address: str | None) -> str:
    try:
        parts = urlsplit(address or "")
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if address is None or not fine:
        raise click.UsageError("A webhook needs --address, an http or https URL.")
    return address


def _valid(kind: type[_Said], **said: Any) -> _Said:
    try:
        return kind.model_validate(said)
    except ValidationError as invalid:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in invalid.errors(include_url=False, include_input=False)
        )
        raise click.UsageError(f"This cannot be registered: {wrong}.") from None
