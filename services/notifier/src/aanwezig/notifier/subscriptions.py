"""The webhook subscriptions of recipients: one document each, changed by compare-and-set, so that any instance may.

A receiver has said that it wants our messages before anything goes to its address: until then the address is a `candidate`, and
what stands goes on. Secrets are sealed; a replaced one signs for another day. Instants are kept as ISO text.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.sealing import seal
from aanwezig.chassis.store import Collection
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import QuietHours
from aanwezig.notifier.channels.doors import Hours, Way
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.problems import MOST, Problem

Status = Literal["pending", "active", "paused", "parked"]
Digest = Literal["daily", "weekly"]
SECRET_BYTES: Final = 32
OLD_SECRET: Final = timedelta(hours=24)
"""How long a secret that was replaced still signs."""
MOST_SECRETS: Final = 5
TOKEN_LASTS: Final = timedelta(hours=24)
"""How long a receiver may confirm by the callback."""
_TRIES: Final = 8
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Secret:
    """A sealed secret; `until` is when a replaced one ends, None for the one that stands."""

    sealed: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """A candidate address that its receiver has to confirm: SHA-256 of the token, until when, and why it has not yet."""

    address: str
    token: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook subscription of a recipient.

    `address` is where its notices go, None until a receiver was validated; `validation` stands while one is awaited.
    `reason` is why it is parked; `confirmed` the hash of the token that was used last. `per_minute`: the most deliveries the receiver allows, None: as many as come.
    """

    id: str
    recipient: str
    address: str | None
    filter: Filter
    secrets: tuple[Secret, ...]
    created: datetime
    changed: datetime
    slot: int = 0
    paused: bool = False
    reason: str | None = None
    per_minute: int | None = None
    digest: Digest | None = None
    quiet: QuietHours | None = None
    validation: Validation | None = None
    confirmed: str | None = None

    @property
    def status(self) -> Status:
        """`pending`: nothing is kept for it yet. `paused`, `parked`: its notices wait."""
        if self.address is None:
            return "pending"
        return "parked" if self.reason is not None else "paused" if self.paused else "active"

    @property
    def wanted_address(self) -> str:
        """The address it is to have: the candidate, where there is one."""
        if self.validation is not None:
            return self.validation.address
        if self.address is None:
            raise RuntimeError("a subscription without any address")
        return self.address

    def way(self) -> Way:
        """How its notices go, signed by every secret that is valid."""
        return Way(
            recipient=self.recipient, channel="webhook", via=self.id, address=self.address,
            secrets=tuple(one.sealed for one in self.secrets), per_minute=self.per_minute,
            hours=Hours(self.digest, self.quiet),
        )  # fmt: skip

    def validated(self, per_minute: int | None) -> "Subscription":
        """The same, its candidate confirmed: what failed at the old address begins anew at this one."""
        return replace(
            self, address=self.wanted_address, validation=None, per_minute=per_minute,
            confirmed=None if self.validation is None else self.validation.token,
            reason=None if self.wanted_address != self.address else self.reason,
        )  # fmt: skip


Change = Callable[[Subscription], Subscription]


class Subscriptions:
    """The store of all subscriptions of one instance's domain. `changed` is set whenever this process changes one."""

    def __init__(self, collection: Collection, *, seal_key: bytes, now: Callable[[], datetime]) -> None:
        self.changed = asyncio.Event()
        self._collection = collection
        self._seal_key = seal_key
        self._now = now

    async def start(self) -> None:
        """Makes the indexes; they also see to it that no recipient has too many, or one twice."""
        await self._collection.index([("recipient", 1), ("slot", 1)], unique=True)
        await self._collection.index([("recipient", 1), ("same", 1)], unique=True)
        await self._collection.index([("status", 1)])

    async def listening(self) -> list[Subscription]:
        """Those for which notices are kept: `active`, and `paused` and `parked` ones, whose notices wait."""
        return await self._find({"status": {"$in": ["active", "paused", "parked"]}})

    async def active(self) -> list[Subscription]:
        """Those to which something may go now."""
        return await self._find({"status": "active"})

    async def of(self, recipient: str) -> list[Subscription]:
        """Those of one recipient, the oldest first."""
        return sorted(await self._find({"recipient": recipient}), key=lambda one: (one.created, one.id))

    async def get(self, identity: str) -> Subscription | None:
        """The one with this id."""
        found = await self._find({"_id": identity})
        return found[0] if found else None

    async def make(
        self, recipient: str, address: str, wanted: Filter, digest: Digest | None, quiet: QuietHours | None
    ) -> tuple[Subscription, str, str]:
        """A new subscription, pending; its secret in the clear (the only time), and the token that confirms it.

        Raises:
            Problem: the recipient has this one already, or as many as one may have.
        """
        now = self._now()
        token, secret = new_token(), new_secret()
        made = Subscription(
            id=secrets.token_hex(16), recipient=recipient, address=None, filter=wanted,
            secrets=(Secret(seal(self._seal_key, secret)),), created=now, changed=now, digest=digest, quiet=quiet,
            validation=Validation(address, hashed(token), now + TOKEN_LASTS, "not-asked"),
        )  # fmt: skip
        for _ in range(MOST + _TRIES):
            there = await self.of(recipient)
            _require_new(made, there)
            free = sorted(set(range(MOST)) - {one.slot for one in there})
            if not free:
                raise Problem("too-many-subscriptions")
            if not await self._collection.insert_new([_written(replace(made, slot=free[0]), 1)]):
                self.changed.set()
                return replace(made, slot=free[0]), secret, token
        raise OwnershipLost("another makes subscriptions of this recipient all the time")

    async def change(self, identity: str, change: Change, *, recipient: str | None = None) -> Subscription:
        """The subscription, changed. `recipient`: whose it must be. `change` may be called more than once.

        Raises:
            Problem: there is none of this id, or the recipient has another one that is the same.
            OwnershipLost: another changes it all the time.
        """
        owner = {} if recipient is None else {"recipient": recipient}
        for _ in range(_TRIES):
            document = await self._collection.find_one({"_id": identity, **owner})
            if document is None:
                raise Problem("unknown-subscription")
            before = _read(document, self._now())
            after = change(before)
            if after == before:
                return before
            after = replace(after, changed=self._now())
            if _same(after) != document["same"]:
                _require_new(after, await self.of(after.recipient))
            written = _written(after, document["rev"] + 1)
            if not await self._collection.replace_if([written], seen={identity: document["rev"]}):
                self.changed.set()
                return after
        raise OwnershipLost("another changes this subscription all the time")

    async def rotate(self, identity: str, recipient: str) -> str:
        """Gives it a new secret, in the clear here and never again; the one that stood signs along for `OLD_SECRET`.

        Raises:
            Problem: there is none of this id, or too many secrets are valid at once.
        """
        secret = new_secret()
        sealed = Secret(seal(self._seal_key, secret))

        def rotated(one: Subscription) -> Subscription:
            if len(one.secrets) >= MOST_SECRETS:
                raise Problem("too-many-secrets")
            ends = self._now() + OLD_SECRET
            old = tuple(replace(old, until=old.until or ends) for old in one.secrets)
            return replace(one, secrets=(sealed, *old))

        await self.change(identity, rotated, recipient=recipient)
        return secret

    async def propose(
        self, identity: str, recipient: str, address: str | None = None
    ) -> tuple[Subscription, str]:
        """Awaits a validation of this address (None: of the one it is to have), with a new token, which is given.

        Raises:
            Problem: there is none of this id.
        """
        token = new_token()

        def proposed(one: Subscription) -> Subscription:
            until = self._now() + TOKEN_LASTS
            candidate = address or one.wanted_address
            return replace(one, validation=Validation(candidate, hashed(token), until, "not-asked"))

        return await self.change(identity, proposed, recipient=recipient), token

    async def confirm(self, identity: str, token: str, per_minute: int | None) -> Subscription:
        """A receiver has said that it wants our messages, by the token it was given.

        Raises:
            Problem: nothing awaits this token, or no longer.
        """

        def confirmed(one: Subscription) -> Subscription:
            awaited, said = one.validation, hashed(token)
            if hmac.compare_digest(said, one.confirmed or ""):
                # Whoever did not hear our answer says it again.
                return one
            if awaited is None or not hmac.compare_digest(said, awaited.token) or awaited.until < self._now():
                raise Problem("unknown-validation")
            return one.validated(per_minute)

        try:
            return await self.change(identity, confirmed)
        except Problem as problem:
            if problem.code == "unknown-subscription":
                raise Problem("unknown-validation") from None
            raise

    async def refused(self, identity: str, token: str, reason: str) -> Subscription:
        """Notes why a receiver did not say yes to the question that went out with this token."""

        def noted(one: Subscription) -> Subscription:
            if one.validation is None or one.validation.token != hashed(token):
                return one
            return replace(one, validation=replace(one.validation, reason=reason))

        return await self.change(identity, noted)

    async def park(self, identity: str, reason: str) -> None:
        """Deliveries to it failed for good: its notices wait until its owner resumes it. Nothing where it is gone."""
        try:
            await self.change(identity, lambda one: replace(one, reason=one.reason or reason))
        except Problem:
            return

    async def delete(self, identity: str, recipient: str) -> None:
        """Ends it.

        Raises:
            Problem: there is none of this id.
        """
        if not await self._collection.delete({"_id": identity, "recipient": recipient}):
            raise Problem("unknown-subscription")
        self.changed.set()

    async def _find(self, query: Mapping[str, Any]) -> list[Subscription]:
        now = self._now()
        return [_read(document, now) for document in await self._collection.find(query)]


def new_secret() -> str:
    """A new secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def new_token() -> str:
    """A new token, fit for an address."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_new(one: Subscription, there: list[Subscription]) -> None:
    twin = next((other for other in there if other.id != one.id and _same(other) == _same(one)), None)
    if twin is not None:
        raise Problem("same-subscription", subscription=twin.id)


def _same(one: Subscription) -> str:
    """What two subscriptions of one recipient may not have in common: where to, and what."""
    chosen = one.filter
    parts = (",".join(part) for part in (chosen.types, chosen.tracks, chosen.municipalities))
    return derived_id("subscription", one.wanted_address, *parts)


def _written(one: Subscription, revision: int) -> Document:
    awaited = one.validation
    return {
        "_id": one.id, "rev": revision, "recipient": one.recipient, "status": one.status, "slot": one.slot,
        "same": _same(one), "address": one.address, "paused": one.paused, "reason": one.reason,
        "per_minute": one.per_minute, "digest": one.digest, "quiet": None if one.quiet is None else one.quiet.said(),
        "created": one.created.isoformat(), "changed": one.changed.isoformat(),
        "filter": {
            "types": list(one.filter.types), "tracks": list(one.filter.tracks),
            "municipalities": list(one.filter.municipalities),
        },
        "secrets": [{"sealed": secret.sealed, "until": _text(secret.until)} for secret in one.secrets],
        "confirmed": one.confirmed, "validation": None if awaited is None else {
            "address": awaited.address, "token": awaited.token, "until": awaited.until.isoformat(), "reason": awaited.reason,
        },
    }  # fmt: skip


def _read(document: Mapping[str, Any], now: datetime) -> Subscription:
    """The subscription in a document, with the secrets that are valid now."""
    awaited, quiet, chosen = document["validation"], document["quiet"], document["filter"]
    kept = [Secret(one["sealed"], _moment(one["until"])) for one in document["secrets"]]
    return Subscription(
        id=document["_id"], recipient=document["recipient"], address=document["address"], slot=document["slot"],
        filter=Filter(tuple(chosen["types"]), tuple(chosen["tracks"]), tuple(chosen["municipalities"])),
        secrets=tuple(one for one in kept if one.until is None or one.until > now),
        created=datetime.fromisoformat(document["created"]), changed=datetime.fromisoformat(document["changed"]),
        paused=document["paused"], reason=document["reason"], per_minute=document["per_minute"],
        digest=document["digest"], confirmed=document["confirmed"],
        quiet=None if quiet is None else QuietHours.model_validate(quiet),
        validation=None if awaited is None else Validation(
            awaited["address"], awaited["token"], datetime.fromisoformat(awaited["until"]), awaited["reason"]
        ),
    )  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
