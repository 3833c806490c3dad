"""How recipients are reached: the channel each has in the register, and the subscriptions it made itself."""

from collections.abc import Iterator, Sequence
from typing import Final

from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier.channels.doors import Hours, Way
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.rows import lane_of
from aanwezig.notifier.subscriptions import Subscription
from aanwezig.notifier.table import ROLES_OF, Domain

HELD: Final = frozenset({"paused", "parked"})
"""States of a subscription in which its notices wait."""


class KnownWays:
    """The ways of the recipients of one domain, as they stand at one moment."""

    def __init__(self, domain: Domain, recipients: Recipients, subscriptions: Sequence[Subscription]) -> None:
        self._recipients = {one.recipient: one for one in recipients if one.role in ROLES_OF[domain]}
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._by_id = {one.id: one for one in subscriptions}
        for one in subscriptions:
            self._subscriptions.setdefault(one.recipient, []).append(one)

    def __iter__(self) -> Iterator[RecipientRegistered]:
        return iter(self._recipients.values())

    def get(self, recipient: str) -> RecipientRegistered | None:
        """The registration of a recipient of this domain."""
        return self._recipients.get(recipient)

    def of(self, recipient: str) -> list[Way]:
        """The ways of one recipient, that of the register first; none: not registered, or nowhere to go."""
        registered = self._recipients.get(recipient)
        if registered is None:
            return []
        own = [way_of(registered)] if registered.channel == "topic" or registered.address is not None else []
        return own + [one.way() for one in self._subscriptions.get(recipient, ())]

    def way(self, recipient: str, channel: str, via: str) -> Way | None:
        """The way that was meant once, if it is still there."""
        return next((way for way in self.of(recipient) if (way.channel, way.via) == (channel, via)), None)

    def lanes(self) -> dict[str, Way]:
        """The ways on which something may be delivered now, by lane: not those that are paused or parked."""
        return {lane: way for lane, way in self._outside() if not self._is_held(way)}

    def known_lanes(self) -> set[str]:
        """All lanes to the outside, also those that are paused or parked."""
        return {lane for lane, _ in self._outside()}

    def _outside(self) -> Iterator[tuple[str, Way]]:
        for one in self:
            yield from (
                (lane_of(way.recipient, way.via), way)
                for way in self.of(one.recipient)
                if way.channel != "topic"
            )

    def _is_held(self, way: Way) -> bool:
        return way.via in self._by_id and self._by_id[way.via].status in HELD

    def wants(self, way: Way, happened: str, track: str | None, municipality: str | None) -> bool:
        """Whether who is reached by this way asked for this."""
        one = self._by_id.get(way.via)
        return one is None or one.filter.matches(happened, track, municipality)


def way_of(registered: RecipientRegistered) -> Way:
    """The way by the channel of the register."""
    return Way(
        recipient=registered.recipient, channel=registered.channel, address=registered.address, client=registered.client,
        secrets=tuple((registered.secret or "").split()),
        hours=Hours(registered.digest, registered.quiet),
    )  # fmt: skip
