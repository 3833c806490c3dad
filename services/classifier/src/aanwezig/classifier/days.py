"""A day closes, on the topic (`contract.md` 2): one elected writer says it into every partition of the facts.

`wall`: date D closes at 06:00 in Amsterdam on D+1. `commanded`: when an operator says so. Days are closed in order, none is
left out after the first. The event of a date is the same whoever says it and however often.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aanwezig.chassis import logs
from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.leases import Lease
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.store import Store
from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.topics import FACTS

DAY_CLOSED: Final = "day-closed"
FEED_DAY_CLOSED: Final = "feed-day-closed"
_CLOSES_AT: Final = time(6)
_SOURCE: Final = f"{PLATFORM_SOURCE}-classifier"
_LOOK_SECONDS: Final = 0.1
_FURTHEST_DAYS: Final = 400
_log = logs.get(__name__)
Now = Callable[[], datetime]


class TooFarAhead(ValueError):
    """A command to close a date more than 400 days ahead: most likely a slip of the pen, and closing is for ever."""


def day_closed(day: date) -> Event:
    """The event that closes a date; its time is the moment the wall clock would close it."""
    return Event(
        id=derived_id(DAY_CLOSED, day.isoformat()),
        source=_SOURCE,
        name=DAY_CLOSED,
        time=datetime.combine(day + timedelta(days=1), _CLOSES_AT, AMSTERDAM).astimezone(UTC),
        data={"date": day.isoformat()},
    )


def day_closed_by(cause: Event, day: date, origin: int, origins: int, name: str = DAY_CLOSED) -> Event:
    """What the owner of a facts partition tells: everything of this date has been said from here."""
    return Event(
        id=derived_id(name, day.isoformat(), "origin", str(origin)),
        source=_SOURCE,
        name=name,
        time=cause.time,
        data={"date": day.isoformat(), "origin": origin, "origins": origins},
        causation=cause.id,
    )


class Clock:
    """The closed days, and the one writer that closes them."""

    def __init__(self, store: Store, publisher: Publisher, *, holder: str, wall: bool, now: Now) -> None:
        self._clock = store.collection("clock")
        self._lease = Lease(store.collection("leases"), "day-writer", holder, seconds=5)
        self._publisher = publisher
        self._wall = wall
        self._now = now

    @property
    def commanded(self) -> bool:
        """Whether days close when an operator says so."""
        return not self._wall

    async def closed(self) -> date | None:
        """The last closed date; None before the first."""
        return (await self._read())[0]

    async def command(self, day: date) -> None:
        """Asks for a date to be closed, and with it every date after the last closed one.

        Raises:
            TooFarAhead: it lies more than 400 days after the last closed date, or, before the first, after today.
            Unavailable: the store cannot take it.
        """
        closed, _ = await self._read()
        before = closed if closed is not None else self._now().astimezone(AMSTERDAM).date()
        if day - before > timedelta(days=_FURTHEST_DAYS):
            raise TooFarAhead
        try:
            await self._clock.update({"_id": "clock"}, {"$max": {"commanded": day.isoformat()}}, upsert=True)
        except OwnershipLost:
            await self._clock.update({"_id": "clock"}, {"$max": {"commanded": day.isoformat()}})

    async def write(self) -> None:
        """Closes days as they become due, while this instance holds the lease; returns only when cancelled."""
        try:
            while True:
                if await self._lease.hold():
                    await self._close_due()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self._lease.release()

    async def _close_due(self) -> None:
        closed, commanded = await self._read()
        due = self._due() if self._wall else commanded
        if due is None:
            return
        day = due if closed is None else closed + timedelta(days=1)
        while day <= due and await self._lease.hold():
            partitions = await self._publisher.partitions_of(FACTS.name)
            event = day_closed(day)
            await self._publisher.say(
                Outgoing.event(FACTS.name, None, event, number) for number in range(partitions)
            )
            await self._clock.update({"_id": "clock"}, {"$max": {"closed": day.isoformat()}}, upsert=True)
            _log.info("day.closed", date=day.isoformat())
            day += timedelta(days=1)

    def _due(self) -> date:
        now = self._now().astimezone(AMSTERDAM)
        return now.date() - timedelta(days=1 if now.time() >= _CLOSES_AT else 2)

    async def _read(self) -> tuple[date | None, date | None]:
        row = await self._clock.find_one({"_id": "clock"}) or {}
        closed, commanded = row.get("closed"), row.get("commanded")
        return (
            None if closed is None else date.fromisoformat(closed),
            None if commanded is None else date.fromisoformat(commanded),
        )
