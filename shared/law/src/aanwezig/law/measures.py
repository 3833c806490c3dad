"""From what the owners of facts say of presence to figures that may be told (`rules.md` 5, ADR 8). Pure.

Amounts add up, over schools, months and owners. Pupils do not: one of two schools, or of two months, counts once in what
holds both. So each is counted in one cell of every group there is: the first.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from aanwezig.contracts.presence import PresenceMeasured, PresenceRow, PupilsCounted
from aanwezig.law.presence import NOTHING, Amounts, Place

Side = Literal["school", "municipality", "month"]
Span = Literal["month", "year"]
Breadth = Literal["here", "school", "municipality", "region"]
_SUMMER: Final = 8


class Level(NamedTuple):
    """A kind of group: cells of one month or of a school year; here (one school and municipality), or wider."""

    span: Span
    breadth: Breadth


_SPANS: Final[tuple[Span, ...]] = ("month", "year")
_BREADTHS: Final[tuple[Breadth, ...]] = ("here", "school", "municipality", "region")
LEVELS: Final = tuple(Level(span, breadth) for span in _SPANS for breadth in _BREADTHS)
"""Every kind of group."""


def year_of(month: str) -> str:
    """The school year of a month: `2024-2025` of `2024-09`."""
    start = int(month[:4]) - (int(month[5:]) < _SUMMER)
    return f"{start:04}-{start + 1:04}"


def months_of(year: str) -> list[str]:
    """The months of a school year, in order."""
    start = int(year[:4])
    return [f"{start:04}-{month:02}" for month in range(8, 13)] + [
        f"{start + 1:04}-{month:02}" for month in range(1, 8)
    ]


def counted_for(marked: Iterable[Place]) -> dict[Place, frozenset[Level]]:
    """For which groups a pupil is counted in each cell in which it has a mark: in those of which it is the first."""
    taken: set[tuple[Any, ...]] = set()
    counted: dict[Place, frozenset[Level]] = {}
    for place in sorted(set(marked), key=lambda place: (place.month, place.school, place.municipality or "")):
        groups = {level: _group(level, place) for level in LEVELS}
        counted[place] = frozenset(level for level, group in groups.items() if group not in taken)
        taken.update(groups.values())
    return counted


def _group(level: Level, place: Place) -> tuple[Any, ...]:
    period = place.month if level.span == "month" else year_of(place.month)
    school = place.school if level.breadth in {"here", "school"} else None
    here = (place.municipality,) if level.breadth in {"here", "municipality"} else ()
    return (level, period, school, here)


class Measures:
    """What stands of everything that owners said."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str, int], PresenceMeasured] = {}

    def take(self, said: PresenceMeasured) -> bool:
        """Takes in one word, in whatever order they come; False: it, or a newer one, was known."""
        key = (said.school, said.month, said.origin)
        known = self._newest.get(key)
        if known is not None and known.revision >= said.revision:
            return False
        self._newest[key] = said
        return True

    def groups(self, sides: Collection[Side], period: str) -> dict[tuple[str | None, ...], Amounts]:
        """The sums by these sides, in their order, over a month (`2024-09`) or a school year (`2024-2025`).

        Whole sums, small ones included: `presence.told_of_groups` says which may be told.
        """
        months = {period} if _is_month(period) else {*months_of(period)}
        span: Span = "month" if _is_month(period) or "month" in sides else "year"
        breadth = _BREADTH[frozenset(sides) - {"month"}]
        sums: dict[tuple[str | None, ...], Amounts] = {}
        for said in self._newest.values():
            for row in said.rows if said.month in months else ():
                place = Place(said.school, row.municipality, said.month)
                group = tuple(getattr(place, side) for side in sides)
                sums[group] = sums.get(group, NOTHING).beside(_amounts(row, span, breadth))
        return sums


_BREADTH: Final[Mapping[frozenset[str], Breadth]] = {
    frozenset({"school", "municipality"}): "here",
    frozenset({"school"}): "school",
    frozenset({"municipality"}): "municipality",
    frozenset(): "region",
}


def row_of(municipality: str | None, cells: Iterable[tuple[Amounts, Collection[Level]]]) -> PresenceRow:
    """The row that adds up these cells of different pupils, each with the groups its pupil is counted for in it."""
    total = NOTHING
    counts = dict.fromkeys(LEVELS, 0)
    for amounts, levels in cells:
        total = total.beside(amounts)
        for level in levels:
            counts[level] += 1
    in_month, in_year = (
        PupilsCounted(
            here=counts[Level(span, "here")],
            school=counts[Level(span, "school")],
            municipality=counts[Level(span, "municipality")],
            region=counts[Level(span, "region")],
        )
        for span in _SPANS
    )
    return PresenceRow(
        municipality=municipality, attended_minutes=total.attended, recorded_minutes=total.recorded,
        recorded_slots=total.marks, recorded_days=total.days, scheduled_slots=total.scheduled,
        in_month=in_month, in_year=in_year,
    )  # fmt: skip


def _amounts(row: PresenceRow, span: Span, breadth: Breadth) -> Amounts:
    counted = row.in_month if span == "month" else row.in_year
    return Amounts(
        attended=row.attended_minutes, recorded=row.recorded_minutes, marks=row.recorded_slots, days=row.recorded_days,
        scheduled=row.scheduled_slots, pupils=getattr(counted, breadth),
    )  # fmt: skip


def _is_month(period: str) -> bool:
    return len(period) == len("2024-09")
