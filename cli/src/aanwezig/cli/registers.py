"""`aanwezig systems|schools|municipalities|recipients|officers add|list|remove`: the registers."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, get_args

import click

from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import Home
from aanwezig.cli.keys import rotation
from aanwezig.cli.pack_names import installed
from aanwezig.cli.parameters import CBS_CODE, FILE, MEETS, NAME, PACK_FROM, QUIET, SCHOOL
from aanwezig.cli.recipients import CHANNELS, ROLES, Asked, meets_text, quiet_text, sealed_for, secret_given
from aanwezig.cli.registering import (
    REGISTERS,
    a_key,
    made_topic_of,
    registered,
    removed,
    say,
    standing,
    unknown,
)
from aanwezig.cli.sending import known_at
from aanwezig.cli.systems import RIGHTS, added_to, check, new_system, sender_by, valid
from aanwezig.contracts.identifiers import Sender
from aanwezig.contracts.messages import (
    Message,
    MunicipalityRegistered,
    OfficerRegistered,
    OfficerRole,
    RecipientRegistered,
    SchoolRegistered,
    SystemRegistered,
)
from aanwezig.contracts.topics import submissions_of
from aanwezig.law import packs

_SHOWN_AS: Final[Mapping[str, Callable[[Any], str]]] = {"quiet": quiet_text, "meets": meets_text}


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
    """Who hears what its role must know, and by which channel."""


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
    "--map", "mapped", multiple=True,
    help="A foreign school id and ours, '255901001=25PL00'; repeatable. '255901001=' takes it away.",
)  # fmt: skip
@click.option(
    "--right", "rights", multiple=True, type=click.Choice(RIGHTS),
    help="What a municipality's system may beside submitting facts: ask who a pseudonym is.",
)  # fmt: skip
def add_system(
    *,
    system: str,
    oin: str | None,
    brin: str | None,
    municipality: str | None,
    of_schools: tuple[SchoolRegistered | str, ...],
    mapped: tuple[str, ...],
    rights: tuple[str, ...],
) -> None:
    """Register a school system, or a municipality's; or add schools, foreign ids and rights to one that stands.

    Prints the key of a new one, once: only a hash of it is kept in the register. What is added changes no key.
    """
    sender = sender_by(oin, brin, municipality)
    ids = list(dict.fromkeys(one if isinstance(one, str) else one.school for one in of_schools))
    key, hashed = a_key()
    if sender is not None:
        check(sender, ids, rights)
    if not (ids or mapped or rights):
        # Nothing to add to one that stands; a new one tells here what it lacks.
        new_system(system, sender, hashed, ids, mapped=mapped, rights=rights)
    home = Home.found()
    running = home.reachable()
    stands = standing(running.kafka, REGISTERS[SystemRegistered]).get(system)
    if stands is not None:
        _add_to(running.kafka, SystemRegistered.model_validate(stands), sender, of_schools, mapped, rights)
        return
    message = new_system(system, sender, hashed, ids, mapped=mapped, rights=rights)
    _require_known(running.kafka, [one for one in of_schools if isinstance(one, str)])
    # The schools first: who may speak for a school should find it there.
    told = [registered(one) for one in of_schools if not isinstance(one, str)]
    say(running.kafka, [*told, registered(message)])
    home.change_senders(lambda kept: kept.update({system: key}))
    click.echo(f"registered {system} ({message.oin}), schools: {', '.join(ids) or 'none'}")
    click.echo(f"its key, shown this once: {key}")
    topic = submissions_of(system).name
    if made_topic_of(system, running.kafka):
        click.echo(f"its topic, beside the HTTP door: {topic}")
    else:
        click.echo(f"Its topic {topic} could not be made here: make it as docs/topics.md has it.", err=True)
    if not known_at(running.services["intake"], key):
        click.echo("Intake does not answer now; it will know the key when it is up.", err=True)


def _add_to(
    kafka: str, stands: SystemRegistered, sender: Sender | None, of_schools: Sequence[SchoolRegistered | str],
    mapped: Sequence[str], rights: Sequence[str],
) -> None:  # fmt: skip
    ids = [one if isinstance(one, str) else one.school for one in of_schools]
    if not (ids or mapped or rights):
        raise AtFault(
            f"There is a system {stands.system} already. Add to it with --school, --map or --right; "
            f"for another key: aanwezig systems rotate {stands.system}"
        )
    message = added_to(stands, sender, ids, mapped=mapped, rights=rights)
    _require_known(kafka, [one for one in of_schools if isinstance(one, str)])
    told = [registered(one) for one in of_schools if not isinstance(one, str)]
    if message != stands:
        told.append(registered(message))
    say(kafka, told)
    click.echo(
        f"{message.system} ({message.oin}), schools: {_cell(message.schools)}; its keys are as they were"
    )
    click.echo(f"map: {_cell(message.map)}; rights: {_cell(message.rights)}")


@schools.command("add")
@click.argument("school", type=SCHOOL)
@click.option("--contact", help="How to reach the school's own people: an address.")
def add_school(*, school: SchoolRegistered | str, contact: str | None) -> None:
    """Register a school, '25PL00=Name,vo,0637', or change what is known of it."""
    if isinstance(school, str):
        raise click.UsageError(f"Say name, type and municipality too: '{school}=Name,vo,0637'.")
    said = valid(SchoolRegistered, **school.said(), **({"contact": contact} if contact else {}))
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
    try:
        told = [(pack, date.fromisoformat(since)) for pack, since in rows]
        packs.chosen_by(municipality, told, installed().versions)
    except packs.UnsoundChoice as unsound:
        raise AtFault(f"This choice cannot hold: {unsound}.") from None
    message = valid(
        MunicipalityRegistered,
        municipality=municipality,
        packs=[{"pack": pack, "from": since} for pack, since in rows],
    )
    say(Home.found().reachable().kafka, [registered(message)])
    listed = ", ".join(f"{pack} from {since}" for pack, since in rows)
    click.echo(f"registered municipality {municipality}: {listed}")


@recipients.command("add")
@click.argument("recipient", type=NAME)
@click.option(
    "--role", required=True, type=click.Choice(ROLES), help="What it hears of, and may record, depends on its role."
)  # fmt: skip
@click.option("--organisation", required=True, help="The organisation it belongs to.")
@click.option(
    "--municipality", type=CBS_CODE, help="Only what is about this municipality; without it, about all."
)
@click.option("--school", "of_school", type=SCHOOL, help="Of role school: which one, 25PL00.")
@click.option("--channel", type=click.Choice(CHANNELS), default="topic", show_default=True)
@click.option(
    "--address", help="Of a webhook and of zgw an http or https URL, of mail a mailbox. "
    "A webhook without one is reached by the subscriptions it makes itself.",
)  # fmt: skip
@click.option("--client", help="Of zgw: the name under which the Notificaties API knows us.")
@click.option(
    "--secret-file", type=FILE, help="Of zgw: a file with the secret it gave us; without it, it is asked for."
)
@click.option(
    "--digest", type=click.Choice(["daily", "weekly"]), help="What is not urgent comes together, at 07:30."
)
@click.option(
    "--quiet", type=QUIET, help="Hours in which nothing comes that is not urgent: 18:00-08:00 (Amsterdam)."
)
@click.option(
    "--meets", type=MEETS, help="Of a home-sitter table: first meeting and every so many weeks, 2024-09-02/2."
)
def add_recipient(
    *, role: str, of_school: SchoolRegistered | str | None, secret_file: str | None, **told: Any
) -> None:  # fmt: skip
    """Register who hears what its role must know, or change what is said of one: its keys stay.

    Prints its key to /v1/subscriptions once, and of a webhook with an address the secret of its signatures once.
    """
    school = of_school.school if isinstance(of_school, SchoolRegistered) else of_school
    asked = Asked(role=role, school=school, secret_file=secret_file is not None, **told)
    asked.check()
    home = Home.found()
    running = home.reachable()
    given = secret_given(secret_file) if asked.channel == "zgw" else None
    known = standing(running.kafka, REGISTERS[RecipientRegistered]).get(asked.recipient)
    stands = None if known is None else valid(RecipientRegistered, **known)
    if school is not None and school not in standing(running.kafka, REGISTERS[SchoolRegistered]):
        raise AtFault(
            f"There is no school {school} yet. Register it first: aanwezig schools add '{school}=Name,vo,0637'"
        )
    key, keys = None, [] if stands is None else stands.keys
    secret = given or (a_secret() if asked.signs else None)
    sealed = None
    if stands is not None:
        asked.follows(stands)
        if asked.keeps_secret_of(stands):
            secret, sealed = None, stands.secret
    if not keys:
        key, hashed = a_key()
        keys = [hashed]
    if secret is not None:
        sealed = sealed_for(role, secret, home.keys())
    say(running.kafka, [registered(asked.message(secret=sealed, keys=keys))])
    click.echo(f"registered {asked.recipient} as {role} of {asked.organisation}, by {asked.channel}")
    if key is None:
        click.echo("its keys are as they were")
    else:
        click.echo(f"its key to /v1/subscriptions, shown this once: {key}")
    if asked.signs:
        shown = "is as it was" if secret is None else f"shown this once: {secret}"
        click.echo(f"the secret of its signatures (Standard Webhooks), {shown}")


@officers.command("add")
@click.argument("officer", type=NAME)
@click.option("--municipality", required=True, type=CBS_CODE)
@click.option(
    "--role", type=click.Choice(get_args(OfficerRole)), default="attendance-officer", show_default=True,
    help="What it may do in a case depends on its role.",
)  # fmt: skip
def add_officer(*, officer: str, municipality: str, role: str) -> None:
    """Register an officer: who decides in cases. Prints its key once: only a hash of it is kept."""
    kafka = Home.found().reachable().kafka
    if officer in standing(kafka, REGISTERS[OfficerRegistered]):
        raise AtFault(
            f"There is an officer {officer} already. For another key: aanwezig officers rotate {officer}. "
            f"For another municipality remove it first: aanwezig officers remove {officer}"
        )
    key, hashed = a_key()
    said = {"officer": officer, "municipality": municipality, "keys": [hashed], "role": role}
    say(kafka, [registered(valid(OfficerRegistered, **said))])
    click.echo(f"registered officer {officer} of municipality {municipality}, {role}")
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
        """List what is registered. Of keys, only how many are valid."""
        kept = standing(Home.found().reachable().kafka, register)
        for data in kept.values():
            shown = {name: value for name, value in data.items() if name not in {"keys", "secret"}}
            if "keys" in data:
                shown["valid_keys"] = len(data["keys"])
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
            unknown(register, name, kept)
        say(running.kafka, [removed(register, name)])
        if kind is SystemRegistered:
            home.change_senders(lambda senders: senders.pop(name, None))
        click.echo(f"removed {register.kind} {name}")


_listing(systems, SystemRegistered, ("system", "oin", "schools", "valid_keys", "rights", "map"))
rotation(systems, SystemRegistered)
_listing(schools, SchoolRegistered, ("school", "name", "type", "municipality", "contact"))
_listing(municipalities, MunicipalityRegistered, ("municipality", "packs"))
_listing(
    recipients,
    RecipientRegistered,
    (
        "recipient", "role", "organisation", "municipality", "channel", "address", "school", "client", "digest", "quiet",
        "meets", "valid_keys",
    ),
)  # fmt: skip
rotation(recipients, RecipientRegistered)
_listing(officers, OfficerRegistered, ("officer", "municipality", "role", "valid_keys"))
rotation(officers, OfficerRegistered)


def _line(data: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    return "\t".join(_shown(column, data.get(column)) for column in columns)


def _shown(column: str, value: Any) -> str:
    return _SHOWN_AS[column](value) if column in _SHOWN_AS and value is not None else _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{foreign}={ours}" for foreign, ours in sorted(value.items())) or "-"
    if isinstance(value, list):
        rows = (f"{row['pack']} from {row['from']}" if isinstance(row, dict) else str(row) for row in value)
        return ", ".join(rows) or "-"
    return "-" if value is None else str(value)


def _require_known(kafka: str, ids: list[str]) -> None:
    if not ids:
        return
    kept = standing(kafka, REGISTERS[SchoolRegistered])
    for school in ids:
        if school not in kept:
            raise AtFault(
                f"There is no school {school} yet. Say name, type and municipality too: '{school}=Name,vo,0637'."
            )
