"""What the chain's notifier does beside telling notices: it keeps the agendas and digests, and tells of those that are made."""

from collections.abc import Sequence

from pydantic import ValidationError

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.contracts.messages import CaseSaid, DayClosed
from aanwezig.notifier.documents import Document, Documents, Heard
from aanwezig.notifier.handlers import NoticesHandler
from aanwezig.notifier.made import AGENDA, DIGEST, Made, cause_of

_CAUSE = {"agenda": AGENDA, "digest": DIGEST}


class ChainHandler:
    """Hears the cases: notices first, then documents; a document that was made and not told is told again on take-over."""

    def __init__(self, notices: NoticesHandler, documents: Documents) -> None:
        self._notices = notices
        self._documents = documents

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Tells the notices of these events, and what was made where they close a day.

        Raises:
            Unprocessable: not the data of such an event.
            Unavailable: not now.
        """
        heard = [_heard(one) for one in batch]
        await self._notices.on_batch(batch)
        await self._tell(await self._documents.hear(heard))

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what the former owner left unsaid, and tells what it made and did not tell."""
        await self._notices.on_assigned(partitions)
        await self._tell(await self._documents.make())

    def forget(self) -> None:
        """Nothing is remembered in memory."""

    async def _tell(self, ready: Sequence[Document]) -> None:
        if not ready:
            return
        partitions = await self._documents.partitions()
        await self._notices.tell(
            [
                cause_of(
                    _CAUSE[one.kind], Made(about=one.id, on=one.on, municipality=one.municipality),
                    partition=one.partition(partitions), only=one.recipient,
                )
                for one in ready
            ]
        )  # fmt: skip
        await self._documents.told(ready)


def _heard(arrived: Arrived) -> Heard:
    form = DayClosed if arrived.event.name == "day-closed" else CaseSaid
    try:
        return arrived.event, form.model_validate(arrived.event.data), arrived.partition
    except ValidationError:
        raise Unprocessable("not-the-contract") from None
