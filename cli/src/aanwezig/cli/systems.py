"""What a school system's registration may say, and what may be added to one that stands (`contract.md` 3 and 6). Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import click
from pydantic import ValidationError

from aanwezig.cli.exits import AtFault
from aanwezig.contracts.identifiers import Sender, is_school, municipality_source, school_source, sender_of
from aanwezig.contracts.messages import Message, SystemRegistered

RIGHTS: Final = ("identities",)
"""What a municipality's system may beside submitting facts."""
_OIN: Final = re.compile(r"[0-9A-Z]{20}")
_BRIN: Final = re.compile(r"[0-9A-Z]{4}")
_Said = TypeVar("_Said", bound=Message)
_WHO: Final = "Say who it speaks for by one of --oin, --brin and --municipality."


def sender_by(oin: str | None, brin: str | None, municipality: str | None) -> Sender | None:
    """Who speaks, by whichever of the three was given; None: none was.

    Raises:
        click.UsageError: several were given, or one that has not its form.
    """
    given = [one for one in (oin, brin, municipality) if one]
    if not given:
        return None
    if len(given) > 1:
        raise click.UsageError(_WHO)
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


def new_system(
    system: str, sender: Sender | None, key_hash: str, schools: Sequence[str], *, mapped: Sequence[str], rights: Sequence[str]
) -> SystemRegistered:  # fmt: skip
    """The registration of a system that is not there yet.

    Raises:
        click.UsageError: something that it needs was not said, or is not its to have.
    """
    if sender is None:
        raise click.UsageError(_WHO)
    if sender.municipality is None and not schools:
        raise click.UsageError(
            "A school's system speaks for at least one school: --school '25PL00=Name,vo,0637'."
        )
    check(sender, schools, rights)
    pairs = changed_map({}, mapped, schools)
    said = {"system": system, "oin": sender.oin, "keys": [key_hash], "schools": list(schools), "map": pairs}
    return valid(SystemRegistered, **said, rights=list(rights))


def added_to(
    stands: SystemRegistered, sender: Sender | None, schools: Sequence[str], *, mapped: Sequence[str], rights: Sequence[str]
) -> SystemRegistered:  # fmt: skip
    """The registration with these schools, foreign ids and rights added; its keys stay. The same one if it had them all.

    Raises:
        AtFault: it is somebody else's system, or a foreign id names another school already.
        click.UsageError: something is not its to have.
    """
    owner = sender_of(f"urn:nld:oin:{stands.oin}")
    if owner is None or (sender is not None and sender.oin != stands.oin):
        raise AtFault(
            f"The system {stands.system} is of {stands.oin}, and that does not change. "
            f"Take another name, or remove it first: aanwezig systems remove {stands.system}"
        )
    check(owner, schools, rights)
    every = [*stands.schools, *(one for one in schools if one not in stands.schools)]
    said = stands.said() | {"schools": every, "map": changed_map(stands.map, mapped, every)}
    return valid(SystemRegistered, **said | {"rights": sorted({*stands.rights, *rights})})


def check(sender: Sender, schools: Sequence[str], rights: Sequence[str]) -> None:
    """Whether these schools and rights can be this sender's.

    Raises:
        click.UsageError: they cannot.
    """
    if sender.municipality is not None:
        if schools:
            raise click.UsageError("A municipality may name any school: leave --school out.")
        return
    if rights:
        raise click.UsageError("A right is for a municipality's system alone: leave --right out.")
    strangers = [one for one in schools if sender.brin is not None and not one.startswith(sender.brin)]
    if strangers:
        raise click.UsageError(f"{', '.join(strangers)} is no school of BRIN {sender.brin}.")


def changed_map(stands: Mapping[str, str], mapped: Sequence[str], schools: Sequence[str]) -> dict[str, str]:
    """The map with `255901001=25PL00` added, or with `255901001=` taken away.

    Raises:
        AtFault: the foreign id names another school already.
        click.UsageError: not of this form, or a school that is not the system's.
    """
    pairs = dict(stands)
    for text in mapped:
        foreign, found, ours = text.partition("=")
        if not (found and foreign and (is_school(ours) or not ours)):
            raise click.UsageError(f"{text!r} is no map: write '255901001=25PL00'.")
        if not ours:
            pairs.pop(foreign, None)
        elif ours not in schools:
            raise click.UsageError(f"{ours} is none of the schools of this system.")
        elif pairs.setdefault(foreign, ours) != ours:
            raise AtFault(
                f"{foreign} names {pairs[foreign]} already. To change that, take it away first: --map {foreign}="
            )
    return pairs


def valid(kind: type[_Said], **said: Any) -> _Said:
    """A message of the register of these fields.

    Raises:
        click.UsageError: it is none; the sentence names the fields.
    """
    try:
        return kind.model_validate(said)
    except ValidationError as invalid:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in invalid.errors(include_url=False, include_input=False)
        )
        raise click.UsageError(f"This cannot be registered: {wrong}.") from None
