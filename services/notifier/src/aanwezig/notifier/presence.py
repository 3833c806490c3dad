"""The region's presence of a week, for the chain director: one figure, told by the school domain, where it is measured.

Presence does not cross into the chain. What the owners of facts say (`presence-measured`, ADR 8) is kept here as it stands;
when the first word of a new week comes, the figure of the month is told as it stood at the end of the week before. Nothing is
told where it would be about few pupils (`rules.md` 5).
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from pydantic import ValidationError

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Collection
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.law.measures import Measures
from aanwezig.law.pack import SmallCells
from aanwezig.law.presence import told_of_groups
from aanwezig.notifier.made import REGION, Made, cause_of
from aanwezig.notifier.whom import Cause

_WEEK: Final = "week"
_FRIDAY: Final = timedelta(days=3)
Tell = Callable[[Sequence[Cause]], Awaitable[None]]


class RegionPresence:
    """Hears `school.presence.v1`; `small` says which figures are about too few to be told."""

    def __init__(self, shelf: Shelf, collection: Collection, tell: Tell, small: SmallCells) -> None:
        self._shelf = shelf
        self._collection = collection
        self._tell = tell
        self._small = small

    async def start(self) -> None:
        """Makes the indexes."""
        await self._shelf.start()
        await self._collection.index([("x.month", 1)])

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Keeps what stands now, and tells the week before when a new one has begun.

        Raises:
            Unprocessable: no measure of presence.
            Unavailable: not now.
        """
        said = [(one.partition, _measure(one)) for one in batch]
        if not said:
            return
        by_week: dict[date, list[tuple[int, PresenceMeasured]]] = {}
        for partition, word in said:
            by_week.setdefault(word.as_of - timedelta(days=word.as_of.weekday()), []).append(
                (partition, word)
            )
        for began, words in sorted(by_week.items()):
            await self._weeks(words[0][0], began)
            await self._keep(words)

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Nothing is owed: what was heard and not kept is heard again."""

    def forget(self) -> None:
        """Nothing is remembered in memory."""

    async def _keep(self, said: Sequence[tuple[int, PresenceMeasured]]) -> None:
        kept = await self._shelf.load({_key(word) for _, word in said})
        changed: dict[str, Kept] = {}
        for partition, word in said:
            one = kept.setdefault(_key(word), Kept(_key(word), partition))
            if one.state.get("revision", 0) < word.revision:
                one.state, one.index = word.said(), {"month": word.month}
                changed[one.id] = one
        await self._shelf.keep(changed.values())

    async def _weeks(self, partition: int, began: date) -> None:
        """Before anything of the week that began on this Monday is kept, the week before it is told."""
        week = (await self._shelf.load([_WEEK])).get(_WEEK) or Kept(_WEEK, 0)
        known = week.state.get("began")
        if known is not None and known >= began.isoformat():
            return
        if known is not None:
            await self._tell_of(partition, began - _FRIDAY)
        week.state = {"began": began.isoformat()}
        await self._shelf.keep([week])

    async def _tell_of(self, partition: int, friday: date) -> None:
        month = f"{friday:%Y-%m}"
        measures = Measures()
        for found in await self._collection.find({"x.month": month}, fields=["state"]):
            measures.take(PresenceMeasured.model_validate(found["state"]))
        groups = measures.groups((), month)
        rate = groups[()].rate if () in told_of_groups(groups, self._small) else None
        if rate is not None:
            about = derived_id(REGION, friday.isoformat())
            made = Made(about=about, on=friday, month=month, presence=_percentage(rate))
            await self._tell([cause_of(REGION, made, partition=partition)])


def _measure(arrived: Arrived) -> PresenceMeasured:
    try:
        return PresenceMeasured.model_validate(arrived.event.data)
    except ValidationError:
        raise Unprocessable("not-the-contract") from None


def _key(word: PresenceMeasured) -> str:
    return f"{word.school}/{word.month}/{word.origin}"


def _percentage(rate: Fraction) -> str:
    """A share as a percentage with two digits, rounded half up."""
    whole, rest = divmod((rate * 20_000 + 1) // 2, 100)
    return f"{whole}.{rest:02d}"
