"""Officers and partners as the register tells them."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime

from aanwezig.case_router.domains import Domain
from aanwezig.case_router.people import People
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from support.chain_events import OFFICER

_AT = datetime(2024, 8, 1, tzinfo=UTC)


def hash_of(key: str) -> str:
    """What the register keeps of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def an_officer(name: str = OFFICER, municipality: str = "0637", *keys: str, role: str | None = None) -> Event:
    """The event that registers an officer; without a role it is an attendance officer."""
    data = {"officer": name, "municipality": municipality, "keys": [hash_of(key) for key in keys]}
    return _event("officer-registered", data | ({} if role is None else {"role": role}))


def a_partner(name: str, role: str, municipality: str | None = None) -> Event:
    """The event that registers a partner."""
    data = {"recipient": name, "role": role, "organisation": name, "channel": "topic"}
    return _event(
        "recipient-registered", data | ({} if municipality is None else {"municipality": municipality})
    )


def key_of(event: Event) -> str:
    """The key of its record in the register."""
    kind = event.name.removesuffix("-registered")
    return f"{kind}/{event.data[kind]}"


def people(*events: Event, domain: Domain = "chain") -> People:
    """The people of these events; without any, the officer of `chain_events`."""
    known = People(domain)
    for event in events or (an_officer(),):
        hears(known, key_of(event), event)
    return known


def hears(known: People, key: str, event: Event | None) -> None:
    """The people hear one record, also inside a running loop: hearing waits for nothing."""
    with suppress(StopIteration):
        known.on_change(key, event).send(None)


def _event(name: str, data: dict) -> Event:
    return Event(derived_id("test", name, str(data)), f"{PLATFORM_SOURCE}-test", name, _AT, data)
