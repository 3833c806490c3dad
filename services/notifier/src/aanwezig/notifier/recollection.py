"""What was told, as the subscriptions door asks for it (`history.Told`)."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier import rows
from aanwezig.notifier.channels.doors import Way
from aanwezig.notifier.deliveries import Deliveries, microseconds_of, moment_of
from aanwezig.notifier.directory import Directory
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.history import SHOWN, Attempt, Delivery, Preview, Would
from aanwezig.notifier.rows import Row
from aanwezig.notifier.whom import NOBODY_REGISTERED, is_theirs

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Recollection:
    """Asks the memory of deliveries, and never more of it than is this recipient's."""

    def __init__(self, deliveries: Deliveries, directory: Directory) -> None:
        self._deliveries = deliveries
        self._directory = directory

    async def preview(
        self, recipient: RecipientRegistered, wanted: Filter, since: datetime, until: datetime
    ) -> Preview:
        """What its role heard of its place, whoever was told it, and this filter asks for; each thing once."""
        first, last = microseconds_of(since), microseconds_of(until)
        query = {"x.roles": recipient.role, "x.at": {"$gte": first}}
        found = await self._deliveries.rows_of(
            query,
            lambda row: (
                first <= row["time_us"] <= last and _is_for(row, recipient) and _is_wanted(row, wanted)
            ),
        )
        once = {(row["cause"], row["word"]): row for row in found}
        shown = [
            Would(moment_of(row["time_us"]), row["happened"], row["word"], row["municipality"], row["track"])
            for row in list(once.values())[:SHOWN]
        ]
        return Preview(len(once), dict(Counter(row["happened"] for row in once.values())), shown)

    async def history(
        self, recipient: str, via: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[Delivery]:
        """What went or is to go by a subscription, the oldest first."""
        return await self._told(
            recipient,
            rows.lane_of(recipient, via),
            since, until, limit, lambda row: bool(row["recipient"] == recipient and row["via"] == via),
        )  # fmt: skip

    async def heard(self, recipient: str, since: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """What was told to a recipient by whatever way, the oldest first."""
        return await self._told(
            recipient, None, since, until, limit, lambda row: bool(row["recipient"] == recipient)
        )

    async def again(
        self,
        recipient: RecipientRegistered,
        way: Way,
        *,
        since: datetime | None = None,
        notice: str | None = None,
    ) -> int:
        """Delivers once more what went by this way since then, under the same ids; how many.

        With it goes what this filter asks for and nobody was registered for, or went to this recipient by another way.
        """
        ways = await self._directory.now()

        def wanted(row: Row) -> bool:
            nobody = row["reason"] == NOBODY_REGISTERED and _is_for(row, recipient)
            return (nobody or row["recipient"] == recipient.recipient) and ways.wants(
                way, row["happened"], row["track"], row["municipality"]
            )

        return await self._deliveries.again(way, recipient, wanted, since=since or _EVER, notice=notice)

    async def notice(self, identity: str, recipient: str) -> Event | None:
        """The whole `notice-sent` of a notice that was for this recipient."""
        row = await self._deliveries.row(identity)
        return None if row is None or row["recipient"] != recipient else rows.event_of(row)

    async def _told(
        self, recipient: str, lane: str | None, since: datetime, until: datetime, limit: int, keep: Any
    ) -> list[Delivery]:
        first, last = microseconds_of(since), microseconds_of(until)
        whose = {"x.who": recipient} if lane is None else {"x.told": lane}
        query: dict[str, Any] = {**whose, "x.at": {"$gte": first}}
        found = await self._deliveries.rows_of(
            query, lambda row: first <= row["time_us"] <= last and keep(row)
        )
        return [_delivery(row) for row in found[:limit]]


def _is_for(row: Row, recipient: RecipientRegistered) -> bool:
    return row["role"] == recipient.role and is_theirs(
        recipient, row["role"], row["municipality"], row["school"]
    )


def _is_wanted(row: Row, wanted: Filter) -> bool:
    return wanted.matches(row["happened"], row["track"], row["municipality"])


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"], time=moment_of(row["time_us"]), happened=row["happened"], word=row["word"], status=row["status"],
        via=row["via"], attempts=[Attempt(moment_of(at), outcome) for at, outcome in row["tries"]],
        next=None if row["next"] is None else moment_of(row["next"]),
    )  # fmt: skip
