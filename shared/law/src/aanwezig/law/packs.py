"""Which rule packs there are, and which governs whom (`rules.md`, opening). What a pack says is in `pack`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Final, Protocol

from aanwezig.law import shelf
from aanwezig.law.pack import (
    Absence,
    AbsoluteRule,
    AppliesTo,
    CrossingRule,
    DaysRule,
    Definition,
    HomeSitterRule,
    HourRules,
    LatenessRule,
    LightRule,
    LongTermRule,
    LuxuryRule,
    ObligationRules,
    Operator,
    Pack,
    Reaches,
    ReturnedRule,
    SicknessFrequentRule,
    SmallCells,
    StreakRule,
    UpperAge,
    concerns,
    holds,
    least,
)

__all__ = [
    "Absence",
    "AbsoluteRule",
    "AppliesTo",
    "ByMunicipality",
    "CrossingRule",
    "DaysRule",
    "Definition",
    "Governance",
    "HomeSitterRule",
    "HourRules",
    "LatenessRule",
    "LightRule",
    "LongTermRule",
    "LuxuryRule",
    "ObligationRules",
    "OnePack",
    "Operator",
    "Pack",
    "Reaches",
    "ReturnedRule",
    "SicknessFrequentRule",
    "SmallCells",
    "StreakRule",
    "UnsoundChoice",
    "UpperAge",
    "chosen_by",
    "concerns",
    "definition",
    "holds",
    "least",
    "load",
]


class Governance(Protocol):
    """Which pack governs a finding."""

    @property
    def packs(self) -> Iterable[Pack]:
        """Every pack that may govern any finding, each once."""

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:
        """The pack of a finding with this municipality of residence (None: unknown) and school on a date."""

    def school_municipality(self, school: str | None) -> str | None:
        """Where a school is; None: unknown."""


@dataclass(frozen=True, slots=True)
class OnePack:
    """One pack rules everything, as offline; schools are not known."""

    pack: Pack

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The one pack."""
        return (self.pack,)

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:  # noqa: ARG002 - one for all
        """The one pack."""
        return self.pack

    def school_municipality(self, school: str | None) -> str | None:  # noqa: ARG002 - no register of schools
        """Never known."""
        return None


class ByMunicipality:
    """The pack of the municipality of residence on the date; residence unknown: of the school's.

    `chosen` is per municipality its packs, each with the date from which it holds (`chosen_by` gives sound ones); before
    the first, and elsewhere, `default` holds: the versions of one pack in order, the first before all and the last after.
    """

    def __init__(
        self,
        default: Pack | Sequence[Pack],
        chosen: Mapping[str, Sequence[tuple[date, Pack]]],
        schools: Mapping[str, str | None],
    ) -> None:
        self._default: Final = (default,) if isinstance(default, Pack) else tuple(default)
        self._chosen: Final = {code: sorted(packs, key=lambda row: row[0]) for code, packs in chosen.items()}
        self._schools: Final = schools

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The default and every chosen pack, each once."""
        named = [*self._default, *(pack for rows in self._chosen.values() for _, pack in rows)]
        return tuple({(pack.id, pack.version): pack for pack in named}.values())

    def pack_for(self, municipality: str | None, school: str | None, at: date) -> Pack:
        """The pack chosen by the municipality, of residence or else the school's, that holds on the date."""
        code = municipality if municipality is not None else self.school_municipality(school)
        holding = [pack for start, pack in self._chosen.get(code or "", ()) if start <= at]
        if holding:
            return holding[-1]
        return next((pack for pack in reversed(self._default) if pack.valid_from <= at), self._default[0])

    def school_municipality(self, school: str | None) -> str | None:
        """Where the register says the school is."""
        return None if school is None else self._schools.get(school)


class UnsoundChoice(ValueError):
    """The packs a municipality chose leave dates without a pack, or two for one; the text names both rows."""


def chosen_by(
    municipality: str,
    rows: Iterable[tuple[str, date]],
    versions: Callable[[str], Sequence[Pack]] | None = None,
) -> list[tuple[date, Pack]]:
    """The packs a municipality chose, each with the date from which it holds, in order.

    Args:
        municipality: its CBS code.
        rows: names of packs, each with the date from which it is chosen; a choice holds until the next.
        versions: gives all versions of a pack of this name, in order; None: of those that are shipped. Each version
            holds on the dates for which it is valid.

    Raises:
        data_files.NoSuchRule: there is no pack of that name.
        data_files.UnreadableRule: its file is refused.
        UnsoundChoice: two from one date, a date before or after a pack is valid, or the pack of another municipality.
    """
    told = [
        (start, name, f"packs[{place}] ({name} from {start})") for place, (name, start) in enumerate(rows)
    ]
    told.sort(key=itemgetter(0))
    found: list[tuple[date, Pack]] = []
    for place, (start, name, row) in enumerate(told):
        following = told[place + 1] if place + 1 < len(told) else None
        if following is not None and following[0] == start:
            raise UnsoundChoice(f"{row} overlaps {following[2]}")
        named = shelf.built_in().versions(name) if versions is None else versions(name)
        _sound(municipality, row, start, following, named)
        for pack in named:
            since = max(start, pack.valid_from)
            if (pack.valid_until or date.max) >= start and (following is None or since < following[0]):
                found.append((since, pack))
    return found


def _sound(
    municipality: str, row: str, start: date, following: tuple[date, str, str] | None, named: Sequence[Pack]
) -> None:
    for pack in named:
        if pack.municipality not in {None, municipality}:
            raise UnsoundChoice(f"{row}: the pack of {pack.municipality}, not of {municipality}")
    if start < named[0].valid_from:
        raise UnsoundChoice(f"{row}: the pack is valid from {named[0].valid_from} on")
    until = named[-1].valid_until
    if until is None:
        return
    if following is None:
        raise UnsoundChoice(f"{row}: the pack is valid until {until}, and no row follows it")
    if until.toordinal() + 1 < following[0].toordinal():
        raise UnsoundChoice(f"{row}: the pack is valid until {until}: a gap before {following[2]}")


@lru_cache(maxsize=64)
def load(name: str) -> Pack:
    """The shipped pack of this name: that of its file, `nl-2024`, or `nl-2024@2` for a later version.

    Raises:
        data_files.NoSuchRule: there is none.
        data_files.UnreadableRule: its file is refused; the text names file, line and reason.
    """
    return shelf.built_in().pack(name)


@lru_cache(maxsize=64)
def definition(name: str) -> Definition:
    """The shipped definition of a home-sitter, named with or without `thuiszitter@`.

    Raises:
        data_files.NoSuchRule: there is none.
        data_files.UnreadableRule: its file is refused; the text names file, line and reason.
    """
    return shelf.definition(name)
