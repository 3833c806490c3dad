"""The registers as topics: what stands in them, and what is said into them (`contract.md` 2)."""

import asyncio
import hashlib
import secrets
import socket
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.tables import Table
from aanwezig.chassis.topics import ensure_topics
from aanwezig.cli.exits import AtFault, NeededIsAway
from aanwezig.cli.running import quietly
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE
from aanwezig.contracts.messages import (
    Message,
    MunicipalityRegistered,
    OfficerRegistered,
    RecipientRegistered,
    SchoolRegistered,
    SystemRegistered,
)
from aanwezig.contracts.topics import CHAIN_REGISTER, SCHOOL_REGISTER, Topic, submissions_of

SOURCE: Final = f"{PLATFORM_SOURCE}-cli"
_READ_SECONDS: Final = 20
_CONNECT_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Register:
    """One register: the topic it lives on, the word its keys begin with, the field that is its id."""

    topic: Topic
    kind: str
    id_field: str

    @property
    def event(self) -> str:
        """The short name of the event that registers one."""
        return f"{self.kind}-registered"

    def key(self, name: str) -> str:
        """The record's key on the topic."""
        return f"{self.kind}/{name}"


REGISTERS: Final[dict[type[Message], Register]] = {
    SystemRegistered: Register(SCHOOL_REGISTER, "system", "system"),
    SchoolRegistered: Register(SCHOOL_REGISTER, "school", "school"),
    MunicipalityRegistered: Register(SCHOOL_REGISTER, "municipality", "municipality"),
    RecipientRegistered: Register(CHAIN_REGISTER, "recipient", "recipient"),
    OfficerRegistered: Register(CHAIN_REGISTER, "officer", "officer"),
}


def registered(message: Message) -> Outgoing:
    """The record that registers one, or replaces what stood under its id."""
    register = REGISTERS[type(message)]
    event = Event(
        id=str(uuid.uuid4()), source=SOURCE, name=register.event, time=datetime.now(UTC), data=message.said()
    )
    return Outgoing.event(register.topic.name, register.key(getattr(message, register.id_field)), event)


def removed(register: Register, name: str) -> Outgoing:
    """The record that removes one."""
    return Outgoing(register.topic.name, register.key(name), None)


def unknown(register: Register, name: str, kept: Iterable[str]) -> NoReturn:
    """Says that there is none of this name, and who there is.

    Raises:
        AtFault: always.
    """
    known = ", ".join(kept) or "none"
    raise AtFault(f"There is no {register.kind} {name}. Registered: {known}.")


def a_key() -> tuple[str, str]:
    """A new key and its SHA-256: the first is shown once, the second is what a register keeps."""
    key = secrets.token_urlsafe(32)
    return key, hashlib.sha256(key.encode()).hexdigest()


def say(kafka: str, records: Sequence[Outgoing]) -> None:
    """Says records into the registers, in order; returns when Kafka has them.

    Raises:
        NeededIsAway: no Kafka answers at this address.
    """
    _require(kafka)

    async def all_of_them() -> None:
        publisher = Publisher([kafka], "aanwezig-cli")
        try:
            await publisher.say(records)
        finally:
            await publisher.stop()

    with quietly():
        asyncio.run(all_of_them())


def made_topic_of(system: str, kafka: str) -> bool:
    """Makes the topic on which a system may submit, where it is missing; whether it is there now.

    On a cluster an operator may not make topics by this command: then the cluster's own means make it.
    """
    with quietly():
        try:
            asyncio.run(ensure_topics([kafka], [submissions_of(system)]))
        except Unavailable:
            return False
    return True


def standing(kafka: str, register: Register) -> dict[str, dict[str, Any]]:
    """What stands in a register: the data by id, in order of id. The topic is read whole, without a group.

    Raises:
        NeededIsAway: no Kafka answers at this address.
        Unavailable: it answers, but the topic cannot be read.
    """
    _require(kafka)
    kept: dict[str, dict[str, Any]] = {}

    async def on_change(key: str, event: Event | None) -> None:
        kind, _, name = key.partition("/")
        if kind != register.kind:
            return
        if event is None:
            kept.pop(name, None)
        else:
            kept[name] = event.data

    async def read() -> None:
        table = Table([kafka], register.topic.name, on_change)
        await table.start()
        try:
            await asyncio.wait_for(table.wait_whole(), _READ_SECONDS)
        except TimeoutError:
            raise Unavailable(
                f"{register.topic.name} at {kafka} could not be read. See: aanwezig status"
            ) from None
        finally:
            await table.stop()

    with quietly():
        asyncio.run(read())
    return dict(sorted(kept.items()))


def _require(kafka: str) -> None:
    """A clear word at once, where a client library would try for a minute."""
    host, _, port = kafka.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError:
        raise NeededIsAway(
            f"Kafka does not answer at {kafka}. Is the stack up? aanwezig status, aanwezig up"
        ) from None
