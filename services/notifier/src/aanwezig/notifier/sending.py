"""The delivery loop: each lane has a worker of its own, so that a receiver that hangs or fails delays nobody else.

It delivers what is due in the partitions this instance owns. Sending happens outside any batch of the consumer, which
never waits for a receiver.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import date, timedelta
from itertools import islice
from typing import Final

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.notifier.channels.doors import Delivered, Door, NotDelivered, Outcome, Way
from aanwezig.notifier.channels.mail import MailDoor
from aanwezig.notifier.deliveries import CHANNEL_CHANGED, Claim, Clock, Deliveries
from aanwezig.notifier.directory import Directory
from aanwezig.notifier.hours import out_of_quiet
from aanwezig.notifier.mail_digests import MailDigests

_AT_ONCE: Final = 64
"""Most documents of one lane looked up at once."""
_MOST_IN_A_DIGEST: Final = 1_000
_MINUTE: Final = 60.0

_log = logs.get(__name__)


class Sending:
    """Delivers pending notices until cancelled. `owned` gives the partitions that are ours."""

    def __init__(
        self, deliveries: Deliveries, directory: Directory, doors: Mapping[str, Door],
        digests: MailDigests, owned: Callable[[], frozenset[int]], *, now: Clock, abreast: int = 1, pause: timedelta,
    ) -> None:  # fmt: skip
        self._deliveries = deliveries
        self._directory = directory
        self._doors = doors
        self._digests = digests
        self._owned = owned
        self._now = now
        self._abreast = abreast
        self._pause = pause.total_seconds()
        self._workers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Looks for what is due, when told of it and at every pause, and sets the workers of its lanes to work."""
        async with AsyncExitStack() as open_doors:
            for door in self._doors.values():
                await open_doors.enter_async_context(door)
            try:
                while not _cancelled():
                    self._deliveries.pending.clear()
                    await self._set_to_work()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._pause):
                            await self._deliveries.pending.wait()
            finally:
                await self._stop()

    async def _set_to_work(self) -> None:
        self._forget_the_done()
        owned = self._owned()
        ways = await self._directory.now()
        lanes = ways.lanes()
        if not await self._deliveries.anything_due(owned, but=ways.known_lanes() - set(lanes)):
            return
        # Whoever is known by its channel but has nothing to do with this domain is a stranger as well: its notices are
        # told by the ways there are.
        for lane in set(lanes) | await self._deliveries.strangers(ways.known_lanes(), owned, _AT_ONCE):
            if lane not in self._workers:
                work = self._work(lane, lanes.get(lane))
                self._workers[lane] = asyncio.create_task(work, name=f"deliver to {lane}")

    async def _work(self, lane: str, way: Way | None) -> None:
        """Delivers on one lane, the longest due first, until nothing more is due."""
        spacing = _MINUTE / way.per_minute if way is not None and way.per_minute else 0.0
        door = None if way is None else self._doors.get(way.channel)
        with_digests = way is not None and isinstance(door, MailDoor)
        if way is not None and isinstance(door, MailDoor):
            await self._digests_to(lane, way, door)
        while not _cancelled():
            waiting = iter(await self._deliveries.due(lane, self._owned(), _AT_ONCE))
            tried = 0
            while abreast := list(islice(waiting, 1 if spacing else self._abreast)):
                async with asyncio.TaskGroup() as group:
                    attempts = [
                        group.create_task(self._attempt(about, lane, but_digests=with_digests))
                        for about in abreast
                    ]
                tried += sum(attempt.result() for attempt in attempts)
                if lane in await self._directory.held():
                    return
                await asyncio.sleep(spacing)
            if not tried:
                return

    async def _digests_to(self, lane: str, way: Way, door: MailDoor) -> None:
        """What goes with a digest of this recipient, as one mail for each: frozen before it is sent (`mail_digests`)."""
        due = await self._deliveries.due(lane, self._owned(), _MOST_IN_A_DIGEST)
        by_slot: dict[str, list[Claim]] = {}
        for about in due:
            for claim in await self._deliveries.claim_digest(about, lane):
                by_slot.setdefault(claim.slot or "", []).append(claim)
        for slot, claims in sorted(by_slot.items()):
            left = claims
            while left:
                parcels = [claim.parcel for claim in left]
                frozen = await self._digests.freeze(way.recipient, date.fromisoformat(slot), parcels)
                outcome: Outcome = Delivered()
                if not frozen.taken:
                    outcome = await door.send_digest(way, frozen.id, frozen.parcels, self._now())
                if isinstance(outcome, Delivered):
                    await self._digests.done(frozen.id)
                ways = await self._directory.now()
                for claim in left:
                    if claim.notice in frozen.notices:
                        await self._deliveries.note(claim, outcome, ways, together=frozen.id)
                left = [claim for claim in left if claim.notice not in frozen.notices]

    async def _attempt(self, about: str, lane: str, *, but_digests: bool) -> bool:
        claim = await self._deliveries.claim(about, lane, but_digests=but_digests)
        if claim is None:
            return False
        ways = await self._directory.now()
        way = ways.way(claim.recipient, claim.channel, claim.via)
        opens = None if way is None else out_of_quiet(self._deliveries.now, claim.urgency, way.hours)
        if opens is not None and opens > self._deliveries.now:
            await self._deliveries.put_off(claim, opens)
            return False
        outcome = await self._outcome(claim, way)
        failed = await self._deliveries.note(claim, outcome, ways)
        if failed and claim.via and isinstance(outcome, NotDelivered):
            # What waits behind it would take a day each to fail as well: it waits, and an operator hears of it once.
            await self._directory.park(claim.via, outcome.reason)
        return True

    async def _outcome(self, claim: Claim, way: Way | None) -> Outcome:
        door = self._doors.get(claim.channel)
        if way is None:
            return NotDelivered(CHANNEL_CHANGED, final=True)
        if door is None:
            # An operator can mend it: this instance has no mail server.
            return NotDelivered("no-door")
        try:
            return await door.send(way, claim.parcel, self._now())
        except Exception as fault:  # noqa: BLE001 - one notice that our own mistake stops must not be tried for ever
            _log.error("delivery.interrupted", lane=claim.lane, error=type(fault).__name__)
            return NotDelivered("our-fault")

    def _forget_the_done(self) -> None:
        for lane, worker in list(self._workers.items()):
            if not worker.done():
                continue
            del self._workers[lane]
            fault = worker.exception()
            if fault is not None:
                # The lease of what it was doing ends, and the notice is due again.
                only_away = isinstance(fault, ExceptionGroup) and fault.split(Unavailable)[1] is None
                tell = _log.warning if only_away or isinstance(fault, Unavailable) else _log.error
                tell("delivery.interrupted", lane=lane, error=type(fault).__name__)

    async def _stop(self) -> None:
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        self._workers.clear()


def _cancelled() -> bool:
    """Whether this task was told to end: Python 3.11's `wait_for`, in a driver's depths, may swallow the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
