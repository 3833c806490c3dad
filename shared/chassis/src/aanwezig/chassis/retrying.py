"""Parked records that are tried again or discarded, by the owner of their partition and nobody else.

An operator's word stands in the store; the consumer that owns the partition finds it, and handles the records of a key in
their order, before anything newer of that key. Each is handled (kept, said) and then closed: whoever is killed in between
handles it again, which changes nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from aanwezig.chassis import metrics
from aanwezig.chassis.parking import BEHIND, Fault, Parking, Queue
from aanwezig.chassis.store import Document

_AT_ONCE: Final = 200


class Retrying:
    """What is to be done with the parked records of one topic. `act` handles one of them; None: it is handled."""

    def __init__(
        self, parking: Parking, topic: str, act: Callable[[Document, int], Awaitable[Fault | None]]
    ) -> None:
        self._parking = parking
        self._topic = topic
        self._act = act
        self._due: dict[Queue, bool] = {}

    @property
    def is_due(self) -> bool:
        """Whether something is to be done."""
        return bool(self._due)

    def begin(self, freed: Iterable[Queue]) -> None:
        """Starts anew, with queues whose first record waits for nothing."""
        self._due = dict.fromkeys(freed, False)

    async def look(self, partitions: AbstractSet[int]) -> None:
        """Finds what operators asked for in these partitions.

        Raises:
            Unavailable: the store cannot tell.
        """
        if partitions:
            for queue, retry in (await self._parking.asked(self._topic, partitions)).items():
                self._due[queue] = self._due.get(queue, False) or retry

    async def some(self, owned: AbstractSet[int], committed: Mapping[int, int]) -> None:
        """Does some of it, in partitions that are ours, up to where each is committed.

        What is not committed comes again by itself: a record may have been parked before an earlier one was handled.

        Raises:
            Unavailable: not now.
            BudgetSpent: too many failed again.
        """
        for queue, retry in list(self._due.items()):
            end = committed.get(queue.partition)
            if queue.partition not in owned or (
                end is not None and await self._some_of(queue, end, retry=retry)
            ):
                self._due.pop(queue, None)

    async def _some_of(self, queue: Queue, end: int, *, retry: bool) -> bool:
        """Whether nothing of this queue is left to do for now."""
        await self._parking.discard_asked(queue, end)
        rows = await self._parking.waiting(queue, _AT_ONCE)
        is_done = len(rows) < _AT_ONCE
        for row in rows:
            if not retry and row["reason"] != BEHIND:
                is_done = True
                break
            if row["offset"] >= end:
                is_done = False
                break
            fault = await self._act(row, end)
            if fault is not None:
                metrics.RECORDS.labels(self._topic, "parked").inc()
                await self._parking.park_again(row, fault)
                is_done = True
                break
            await self._parking.handled(row)
            metrics.RECORDS.labels(self._topic, "retried").inc()
        await self._parking.look_again([queue])
        return is_done
