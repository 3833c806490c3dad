"""What the door asks of the core about notices: what would have been told, what was, and once more.

Times are aware; periods have both ends included. Every answer is bounded by the caller's limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import RecipientRegistered, Word
from aanwezig.notifier.channels.doors import Way
from aanwezig.notifier.filters import Filter

SHOWN: Final = 100
"""How many notices a preview shows; it counts all."""
DeliveryStatus = Literal["pending", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class Would:
    """A notice that a filter would have sent, without what it is about."""

    time: datetime
    happened: str
    word: Word
    municipality: str | None
    track: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filter would have sent: how many, how many of each type, and the first `SHOWN`, the oldest first."""

    count: int
    per_type: dict[str, int]
    notices: Sequence[Would]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: when, and `delivered` or why not."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice on one way; `next` is when it is tried again, where it is. `via`: its subscription, or empty."""

    id: str
    time: datetime
    happened: str
    word: Word
    status: DeliveryStatus
    via: str
    attempts: Sequence[Attempt] = ()
    next: datetime | None = None


class Told(Protocol):
    """The core's side. Each raises `Unavailable` where the database is away."""

    async def preview(
        self, recipient: RecipientRegistered, wanted: Filter, since: datetime, until: datetime
    ) -> Preview:
        """What this filter would have sent to this recipient of what happened then."""

    async def history(
        self, recipient: str, via: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[Delivery]:
        """What went or is to go by a subscription, the oldest first."""

    async def again(
        self,
        recipient: RecipientRegistered,
        way: Way,
        *,
        since: datetime | None = None,
        notice: str | None = None,
    ) -> int:
        """Delivers once more what went by this way since then, or one notice of it, under the same ids; how many."""

    async def notice(self, identity: str, recipient: str) -> Event | None:
        """The whole `notice-sent` of a notice that was for this recipient; None: there is none for it."""

    async def heard(self, recipient: str, since: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """What was told to a recipient by whatever way, the oldest first."""
