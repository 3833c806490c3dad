"""Who is reached how, now: the register as it stands in memory, and the subscriptions as the database has them."""

from aanwezig.chassis import logs
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.subscriptions import Subscriptions
from aanwezig.notifier.table import Domain
from aanwezig.notifier.ways import HELD, KnownWays

_log = logs.get(__name__)


class Directory:
    """The ways of one domain's recipients. Any instance may change a subscription: they are read anew each time."""

    def __init__(self, domain: Domain, recipients: Recipients, subscriptions: Subscriptions) -> None:
        self._domain = domain
        self._recipients = recipients
        self._subscriptions = subscriptions

    async def now(self) -> KnownWays:
        """The ways as they stand.

        Raises:
            Unavailable: the database is away.
        """
        return KnownWays(self._domain, self._recipients, await self._subscriptions.listening())

    async def held(self) -> frozenset[str]:
        """The lanes whose notices wait: a subscription that is paused, or parked because it failed."""
        listening = await self._subscriptions.listening()
        return frozenset(one.id for one in listening if one.status in HELD)

    async def park(self, subscription: str, reason: str) -> None:
        """Lets a subscription that failed for good wait for an operator, or for its owner."""
        await self._subscriptions.park(subscription, reason)
        _log.error("subscription.parked", subscription=subscription, reason=reason)
