"""A month of a school, as one partition of the facts adds to it: per pupil what was measured (ADR 8).

One document: the pupils' amounts by municipality, and what was said of their sums.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.signals import event_of
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.contracts.topics import PRESENCE
from aanwezig.law.measures import LEVELS, Level, counted_for, row_of
from aanwezig.law.presence import NOTHING, Amounts, Place

_BITS: Final[Mapping[Level, int]] = {level: 1 << place for place, level in enumerate(LEVELS)}


class SchoolMonth:
    """The document of a school's month in one partition.

    `done`: the offset up to which pupils' amounts were brought up to date; `came`: the pupils whose cells with a mark became
    others at the last offset at which any did: in which cells they are counted may not have been written everywhere yet.
    """

    def __init__(self, kept: Kept, school: str, month: str) -> None:
        self.kept = kept
        self.school = school
        self.month = month
        state = kept.state
        rows: Mapping[str, list[list[Any]]] = state.get("rows", {})
        self._cells: dict[str, dict[str | None, Amounts]] = {}
        self._counted: dict[str, dict[str | None, int]] = {}
        for pupil, cells in rows.items():
            self._cells[pupil] = {municipality: Amounts(*amounts) for municipality, *amounts, _ in cells}
            self._counted[pupil] = {municipality: counted for municipality, *_, counted in cells}
        self._changed = False

    @classmethod
    def named(cls, partition: int, school: str, month: str, kept: Kept | None) -> "SchoolMonth":
        """The one of this document, or a new one."""
        if kept is None:
            index = {"school": school, "month": month}
            state = {"rows": {}, "said": [], "revision": 0, "done": -1, "came": [-1, []]}
            kept = Kept(id_of(partition, school, month), partition, state=state, index=index)
        return cls(kept, school, month)

    @property
    def done(self) -> int:
        """The offset of the closed day up to which it is whole; -1: none."""
        return int(self.kept.state["done"])

    def came_after(self, offset: int) -> set[str]:
        """The pupils whose cells with a mark became others after an offset."""
        at, pupils = self.kept.state["came"]
        return set(pupils) if at > offset else set()

    def marked(self, pupil: str) -> list[Place]:
        """The pupil's cells with a mark."""
        cells = self._cells.get(pupil, {})
        return [
            Place(self.school, municipality, self.month)
            for municipality, amounts in cells.items()
            if amounts.pupils
        ]

    def pupils(self) -> set[str]:
        """Everyone of whom anything is measured here."""
        return set(self._cells)

    def replace(self, pupil: str, cells: Mapping[str | None, Amounts]) -> bool:
        """Puts these amounts in the place of the pupil's; whether its cells with a mark are others now."""
        before = self._cells.get(pupil, {})
        if cells == before:
            return False
        self._changed = True
        moved = _with_marks(before) != _with_marks(cells)
        if cells:
            self._cells[pupil] = dict(cells)
        else:
            del self._cells[pupil]
            self._counted.pop(pupil, None)
        return moved

    def add(self, pupil: str, cells: Mapping[str | None, Amounts]) -> bool:
        """Adds amounts of further dates; whether the pupil's cells with a mark are others now."""
        before = self._cells.get(pupil, {})
        together = {
            municipality: before.get(municipality, NOTHING).with_more(more)
            for municipality, more in cells.items()
        }
        return self.replace(pupil, {**before, **together})

    def count(self, pupil: str, counted: Mapping[Place, Collection[Level]]) -> None:
        """Takes in for which groups the pupil is counted in its cells here."""
        now = {
            place.municipality: sum(_BITS[level] for level in levels)
            for place, levels in counted.items()
            if place.school == self.school and place.month == self.month
        }
        if now != self._counted.get(pupil, {}):
            self._changed = True
            self._counted[pupil] = now

    def moved(self, pupils: Iterable[str], offset: int) -> None:
        """Notes that the cells with a mark of these pupils became others at an offset."""
        self.kept.state["came"] = [offset, sorted(pupils)]
        self._changed = True

    def finish(self, offset: int) -> None:
        """Notes up to which closed day it is whole, where anything of it is another amount since."""
        if self._changed:
            self.kept.state["done"] = offset

    def says(self, as_of: date, cause: Event, causation: str | None) -> bool:
        """Owes what its sums are now, if they were said otherwise; whether the document has to be kept."""
        if not self._changed:
            return False
        self._changed = False
        state = self.kept.state
        state["rows"] = {pupil: self._written(pupil) for pupil in sorted(self._cells)}
        rows = self._sums()
        if rows == state["said"]:
            return True
        state["said"], state["revision"] = rows, state["revision"] + 1
        data = PresenceMeasured.model_validate({
            "school": self.school, "month": self.month, "origin": self.kept.partition, "revision": state["revision"],
            "as_of": as_of, "rows": rows,
        })  # fmt: skip
        event = event_of("presence-measured", data.said(), cause, causation)
        self.kept.owed = [*self.kept.owed, Outgoing.event(PRESENCE.name, self.school, event)]
        return True

    def _sums(self) -> list[dict[str, Any]]:
        by_municipality: dict[str | None, list[tuple[Amounts, list[Level]]]] = {}
        for pupil, cells in self._cells.items():
            counted = self._counted.get(pupil, {})
            for municipality, amounts in cells.items():
                bits = counted.get(municipality, 0)
                levels = [level for level, bit in _BITS.items() if bits & bit]
                by_municipality.setdefault(municipality, []).append((amounts, levels))
        return [
            row_of(municipality, by_municipality[municipality]).said()
            for municipality in sorted(by_municipality, key=lambda municipality: municipality or "")
        ]

    def _written(self, pupil: str) -> list[list[Any]]:
        counted = self._counted.get(pupil, {})
        return [
            [municipality, amounts.attended, amounts.recorded, amounts.marks, amounts.days, amounts.scheduled,
             amounts.pupils, counted.get(municipality, 0)]
            for municipality, amounts in self._cells[pupil].items()
        ]  # fmt: skip


def count_once(pupil: str, months: Collection[SchoolMonth]) -> None:
    """Settles in which of its cells of a school year a pupil is counted; of all months that hold any of them."""
    counted = counted_for(place for month in months for place in month.marked(pupil))
    for month in months:
        month.count(pupil, counted)


def id_of(partition: int, school: str, month: str) -> str:
    """The name of a school's month in a partition."""
    return f"{partition}:{school}:{month}"


def _with_marks(cells: Mapping[str | None, Amounts]) -> set[str | None]:
    return {municipality for municipality, amounts in cells.items() if amounts.pupils}
