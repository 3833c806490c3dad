"""What the notifier does with what it hears: each event is read, and told to whom the table names."""

from collections.abc import Sequence

from pydantic import ValidationError

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.contracts.feeds import DistanceMeasured
from aanwezig.contracts.messages import CaseSaid, FindingSaid, Message
from aanwezig.contracts.topics import CASE_EVENTS, FINDING_EVENTS
from aanwezig.notifier.deliveries import Deliveries
from aanwezig.notifier.directory import Directory
from aanwezig.notifier.table import Domain, rows_for
from aanwezig.notifier.whom import Cause, about_of

FORMS: dict[str, type[CaseSaid | FindingSaid | DistanceMeasured]] = {
    **dict.fromkeys(CASE_EVENTS, CaseSaid),
    **dict.fromkeys(FINDING_EVENTS, FindingSaid),
    "distance-measured": DistanceMeasured,
}
"""By event, the form of what the notifier tells of."""


class NoticesHandler:
    """Tells whoever must hear of an event; keeps and says, and never waits for a receiver."""

    def __init__(self, domain: Domain, deliveries: Deliveries, directory: Directory) -> None:
        self._domain: Domain = domain
        self._deliveries = deliveries
        self._directory = directory

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """The notices of these events: kept, and said on the topic.

        Raises:
            Unprocessable: not the data of such an event.
            Unavailable: not now.
        """
        await self.tell([cause_of(one, self._domain) for one in batch if one.event.name in FORMS])

    async def tell(self, causes: Sequence[Cause]) -> None:
        """The notices of these causes, also of those that are the notifier's own."""
        concerned = [one for one in causes if rows_for(self._domain, one.event.name, one.said)]
        if concerned:
            await self._deliveries.tell(concerned, await self._directory.now())

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what the former owner left unsaid."""
        await self._deliveries.settle(partitions)

    def forget(self) -> None:
        """Nothing is remembered in memory: every batch reads its documents from the shelf."""


def cause_of(arrived: Arrived, domain: Domain) -> Cause:
    """The event in a record, as a cause. Justice says a case under one id to Halt and to the officer of justice.

    Raises:
        Unprocessable: not the data of such an event.
    """
    try:
        said: Message = FORMS[arrived.event.name].model_validate(arrived.event.data)
    except ValidationError:
        raise Unprocessable("not-the-contract") from None
    apart = said.track or "" if domain == "justice" and isinstance(said, CaseSaid) else ""
    return Cause(arrived.event, said, about_of(said), arrived.partition, apart=apart)
