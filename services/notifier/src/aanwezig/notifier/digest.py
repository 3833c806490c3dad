"""The chain director's weekly digest: what stagnated, what blocks, and what of earlier weeks still stands. Pure.

A week ends on Friday and begins on the Saturday before; where weeks were left out it begins after the digest before it. A
cause (case, term, its last day) is new in one digest only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from aanwezig.contracts.messages import Blocker, Timer
from aanwezig.notifier.agenda import CaseRow, Stall


@dataclass(frozen=True, slots=True)
class Stagnated:
    """A case in which a term passed without its step, told on `on`.

    The bottleneck is what was said to block it (`blocked_by`, since when), or else the timer, since its last day. `stands`:
    the step was not taken yet. `home_days`: of a child that is at home.
    """

    case: str
    school: str | None
    municipality: str | None
    timer: Timer
    due: date
    on: date
    blocked_by: Blocker | None
    since: date
    stands: bool
    home_days: int | None

    @property
    def bottleneck(self) -> Blocker | Timer:
        """What stands in the way."""
        return self.blocked_by or self.timer


@dataclass(frozen=True, slots=True)
class LongHome:
    """A case of a child at home that is open for 91 days. `is_new`: the director was told this week."""

    case: str
    school: str | None
    municipality: str | None
    home_since: date | None
    home_days: int | None
    blocked_by: Blocker | None
    on: date
    is_new: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many terms that passed have this name: new in this week, and of earlier weeks."""

    name: str
    new: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What the director of a municipality (None: of the region) hears of a week, both dates included."""

    begins: date
    until: date
    municipality: str | None
    stagnated: tuple[Stagnated, ...]
    earlier: tuple[Stagnated, ...]
    long_home: tuple[LongHome, ...]
    by_bottleneck: tuple[Count, ...]
    by_timer: tuple[Count, ...]
    by_school: tuple[Count, ...]

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        state: dict[str, Any] = _form().dump_python(self, mode="json")
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Digest":
        """The digest kept under these values."""
        return _form().validate_python(state)


@cache
def _form() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)


def digest(rows: Iterable[CaseRow], begins: date, until: date, municipality: str | None = None) -> Digest:
    """The digest of a week, of the cases of one municipality (None: all)."""
    mine = [row for row in rows if municipality in (None, row.municipality)]
    told = [_stagnated(row, stall, until) for row in mine for stall in row.stalls if stall.on <= until]
    new = sorted((one for one in told if one.on >= begins), key=_order)
    earlier = sorted((one for one in told if one.on < begins and one.stands), key=_order)
    home = [
        _long_home(row, row.director, begins, until) for row in mine if row.director and row.director <= until
    ]
    long_home = [one for one in home if one is not None]
    return Digest(
        begins, until, municipality, tuple(new), tuple(earlier),
        long_home=tuple(sorted(long_home, key=lambda one: (not one.is_new, one.home_since or one.on, one.case))),
        by_bottleneck=_counts([one.bottleneck for one in new], [one.bottleneck for one in earlier]),
        by_timer=_counts([one.timer for one in new], [one.timer for one in earlier]),
        by_school=_counts([one.school or "" for one in new], [one.school or "" for one in earlier]),
    )  # fmt: skip


def _order(one: Stagnated) -> tuple[date, str, str]:
    return (one.due, one.case, one.timer)


def _stagnated(row: CaseRow, stall: Stall, until: date) -> Stagnated:
    by, since = (None, stall.due) if row.blocked is None else (row.blocked.by, row.blocked.since)
    return Stagnated(
        row.case, row.school, row.municipality, stall.timer, stall.due, stall.on, by, since, row.stands(stall),
        _home_days(row, until),
    )  # fmt: skip


def _home_days(row: CaseRow, until: date) -> int | None:
    return None if row.home_since is None or not row.is_listed else (until - row.home_since).days


def _long_home(row: CaseRow, told: date, begins: date, until: date) -> LongHome | None:
    """Told this week, or earlier and the child is still at home."""
    is_new = told >= begins
    if not is_new and not row.is_listed:
        return None
    by = None if row.blocked is None else row.blocked.by
    return LongHome(
        row.case, row.school, row.municipality, row.home_since, _home_days(row, until), by, told, is_new
    )


def _counts(new: Sequence[str], earlier: Sequence[str]) -> tuple[Count, ...]:
    """Each name with its two numbers, the most frequent first."""
    first, second = Counter(new), Counter(earlier)
    names = sorted({*first, *second}, key=lambda name: (-first[name] - second[name], name))
    return tuple(Count(name, first[name], second[name]) for name in names)
