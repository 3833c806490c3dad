"""What the subscriptions door is told and what it answers, as models: its description (`published_api`) is made of them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from aanwezig.contracts.messages import Hash, Message, QuietHours, Word
from aanwezig.notifier.handshake import MOST_ADDRESS

_WORDS = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=100)]
Address = Annotated[str, Field(min_length=1, max_length=MOST_ADDRESS)]
Digest = Literal["daily", "weekly"]
State = Literal["pending", "active", "paused", "parked"]
Count = Annotated[int, Field(ge=0)]


class FilterSaid(Message):
    """What to hear: types of what happened in full; tracks and CBS codes of municipalities (empty: all the role may hear)."""

    types: _WORDS
    tracks: _WORDS = Field(default_factory=list)
    municipalities: _WORDS = Field(default_factory=list)


class SubscriptionWanted(Message):
    """A subscription to make. What is not urgent waits for the `digest`, and out of `quiet` hours."""

    address: Address
    filter: FilterSaid
    digest: Digest | None = None
    quiet: QuietHours | None = None


class SubscriptionChange(Message):
    """What to change; what is left out stays. A `digest` or `quiet` of null ends it. Another address is validated first."""

    address: Address | None = None
    filter: FilterSaid | None = None
    digest: Digest | None = None
    quiet: QuietHours | None = None


class Period(Message):
    """A period of at most 31 days; `until` left out: now, `since` left out: 31 days before."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class PreviewWanted(Period):
    """A filter to try on what happened."""

    filter: FilterSaid


class AgainWanted(Message):
    """What to have once more: all since a moment, or one notice."""

    since: AwareDatetime | None = None
    notice: Hash | None = None


class ValidationShown(Message):
    """An address whose receiver has not agreed yet: why, and until when it can by the callback address it was given."""

    address: str
    reason: str
    until: datetime


class SubscriptionShown(Message):
    """A subscription. `address` null: no receiver agreed yet; `reason`: why it is parked; `per_minute` null: no bound."""

    id: Hash
    status: State
    reason: str | None
    address: str | None
    validation: ValidationShown | None
    filter: FilterSaid
    digest: Digest | None
    quiet: QuietHours | None
    per_minute: Annotated[int, Field(ge=1)] | None
    secrets: Annotated[int, Field(ge=1)]
    created: datetime
    changed: datetime
    note: str


class SubscriptionMade(SubscriptionShown):
    """A new subscription with its secret: shown here, and never again."""

    secret: str


class SubscriptionsShown(Message):
    """All subscriptions of who asks, and what a filter of theirs may name."""

    subscriptions: list[SubscriptionShown]
    types: list[str]


class SecretShown(Message):
    """A new secret: shown here, and never again. The old one signs along until `old_until`."""

    secret: str
    old_until: datetime


class Tried(Message):
    """How a test message went: taken, or why not."""

    test: Hash
    delivered: bool
    reason: str | None


class WouldShown(Message):
    """A notice that a filter would have sent."""

    time: datetime
    happened: str
    word: Word
    municipality: str | None
    track: str | None


class PreviewShown(Message):
    """What a filter would have sent: all counted, the first 100 shown."""

    since: datetime
    until: datetime
    count: Count
    per_type: dict[str, Count]
    notices: list[WouldShown]
    note: str


class AttemptShown(Message):
    """One attempt: `delivered`, or why not."""

    at: datetime
    outcome: str


class DeliveryShown(Message):
    """What became of a notice. `subscription` null: it went by the channel of the register. `claim`: where it can be read."""

    id: str
    time: datetime
    happened: str
    word: Word
    status: Literal["pending", "sent", "failed"]
    subscription: str | None
    attempts: list[AttemptShown]
    next: datetime | None
    claim: str


class DeliveriesShown(Message):
    """Notices by time, the oldest first. `more`: there may be more after the last; ask on from its time."""

    since: datetime
    until: datetime
    notices: list[DeliveryShown]
    more: bool


class AgainShown(Message):
    """How many notices go once more, under the ids they had."""

    notices: Count
