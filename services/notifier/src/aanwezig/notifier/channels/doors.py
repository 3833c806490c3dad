"""What every channel beside the topic is: a door to the outside that tries once and says how it went.

The topic needs no door: a notice on it is the event itself.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import Channel, QuietHours


@dataclass(frozen=True, slots=True)
class Hours:
    """When what is not urgent is delivered: `digest` daily or weekly, out of `quiet` hours (Amsterdam)."""

    digest: str | None = None
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one recipient is reached. `via` is the id of the subscription, empty for the channel of the register.

    `secrets` are sealed, the newest first; `client` is the name a Notificaties API knows us by; `per_minute` the most
    deliveries the receiver allows.
    """

    recipient: str
    channel: Channel
    via: str = ""
    address: str | None = None
    client: str | None = None
    secrets: tuple[str, ...] = ()
    per_minute: int | None = None
    hours: Hours = Hours()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice to deliver: its id, on which a receiver deduplicates, and the `notice-sent` that says it (data: `NoticeSaid`)."""

    notice: str
    event: Event


@dataclass(frozen=True, slots=True)
class Delivered:
    """The recipient has taken it."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """It was not taken. `reason` is a word or two for an operator; `final`: trying again cannot help.

    `after`: how long the receiver asks us to wait at least.
    """

    reason: str
    final: bool = False
    after: timedelta = timedelta()


Outcome = Delivered | NotDelivered


class Door(AbstractAsyncContextManager["Door", None], Protocol):
    """A channel to the outside, open for the length of its context."""

    async def send(self, to: Way, parcel: Parcel, at: datetime) -> Outcome:
        """Tries once; `at` is the moment of this attempt. Raises nothing."""
