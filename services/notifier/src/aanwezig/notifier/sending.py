"""The delivery loop: each recipient has a worker of its own, so that one that hangs or fails delays nobody else.

It delivers what is due in the partitions this instance owns. Sending happens outside any batch of the consumer, which
never waits for a receiver.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from itertools import islice
from typing import Final

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.notifier.channels.doors import Door, NotDelivered, Outcome
from aanwezig.notifier.deliveries import Claim, Clock, Deliveries
from aanwezig.notifier.recipients import Recipients

_AT_ONCE: Final = 64
"""Most cases of one recipient looked up at once."""

_log = logs.get(__name__)


class Sending:
    """Delivers pending notices until cancelled. `owned` gives the partitions of the cases topic that are ours."""

    def __init__(
        self, deliveries: Deliveries, recipients: Recipients, doors: Mapping[str, Door],
        owned: Callable[[], frozenset[int]], *, now: Clock, abreast: int = 1, pause: timedelta,
    ) -> None:  # fmt: skip
        self._deliveries = deliveries
        self._recipients = recipients
        self._doors = doors
        self._owned = owned
        self._now = now
        self._abreast = abreast
        self._pause = pause.total_seconds()
        self._workers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Looks for what is due, when told of it and at every pause, and sets its recipients' workers to work."""
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
        if not await self._deliveries.anything_due(owned):
            return
        known = {recipient for channel in self._doors for recipient in self._recipients.by(channel)}
        for recipient in known | await self._deliveries.strangers(known, owned, _AT_ONCE):
            if recipient not in self._workers:
                work = self._work(recipient)
                self._workers[recipient] = asyncio.create_task(work, name=f"deliver to {recipient}")

    async def _work(self, recipient: str) -> None:
        """Delivers to one recipient, the longest due first, until nothing more is due."""
        while not _cancelled():
            waiting = iter(await self._deliveries.due(recipient, self._owned(), _AT_ONCE))
            tried = 0
            while abreast := list(islice(waiting, self._abreast)):
                async with asyncio.TaskGroup() as group:
                    attempts = [group.create_task(self._attempt(case, recipient)) for case in abreast]
                tried += sum(attempt.result() for attempt in attempts)
            if not tried:
                return

    async def _attempt(self, case: str, recipient: str) -> bool:
        claim = await self._deliveries.claim(case, recipient)
        if claim is None:
            return False
        await self._deliveries.note(claim, await self._outcome(claim))
        return True

    async def _outcome(self, claim: Claim) -> Outcome:
        to = self._recipients.get(claim.recipient)
        door = self._doors.get(claim.channel)
        if to is None or to.channel != claim.channel or door is None:
            return NotDelivered("no-longer-registered", final=True)
        return await door.send(to, claim.notice, claim.event.as_bytes(), self._now())

    def _forget_the_done(self) -> None:
        for recipient, worker in list(self._workers.items()):
            if not worker.done():
                continue
            del self._workers[recipient]
            fault = worker.exception()
            if fault is not None:
                # The lease of what it was doing ends, and the notice is due again.
                only_away = isinstance(fault, ExceptionGroup) and fault.split(Unavailable)[1] is None
                tell = _log.warning if only_away or isinstance(fault, Unavailable) else _log.error
                tell("delivery.interrupted", recipient=recipient, error=type(fault).__name__)

    async def _stop(self) -> None:
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        self._workers.clear()


def _cancelled() -> bool:
    """Whether this task was told to end: Python 3.11's `wait_for`, in a driver's depths, may swallow the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
