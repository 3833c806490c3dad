"""What the notifier does with the events of cases."""

from collections.abc import Sequence

from pydantic import ValidationError

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.contracts.messages import CaseSaid
from aanwezig.notifier.deliveries import CaseEvent, Deliveries
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.whom import rows_for


class CaseHandler:
    """Tells whoever must hear of a case event; keeps and says, and never waits for a receiver."""

    def __init__(self, deliveries: Deliveries, recipients: Recipients) -> None:
        self._deliveries = deliveries
        self._recipients = recipients

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """The notices of these events: kept, and said on the topic.

        Raises:
            Unprocessable: not the data of a case event.
            Unavailable: not now.
        """
        events = [case_event(one) for one in batch]
        concerned = [one for one in events if rows_for(one.event.name, one.case)]
        if concerned:
            await self._deliveries.tell(concerned, self._recipients)

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what the former owner left unsaid."""
        await self._deliveries.settle(partitions)

    def forget(self) -> None:
        """Nothing is remembered in memory: every batch reads its cases from the shelf."""


def case_event(arrived: Arrived) -> CaseEvent:
    """The case event in a record.

    Raises:
        Unprocessable: not the data of a case event.
    """
    try:
        return CaseEvent(arrived.event, CaseSaid.model_validate(arrived.event.data), arrived.partition)
    except ValidationError:
        raise Unprocessable("not-a-case") from None
