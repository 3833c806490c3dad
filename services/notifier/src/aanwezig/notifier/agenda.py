"""What the home-sitter table sees of a case, and its agenda (`domain.md` T10). Pure: no clock, no store.

A row is folded from the events of its case. *On the list* is a case that was told to the table, is open, and whose child is
at home. Dates on which something became known are the days that were open when it was heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from aanwezig.contracts.messages import Blocked, Blocker, CaseSaid, Status, Step, Timer

TABLE: Final = "home-sitter-table"
DIRECTOR: Final = "chain-director"
_OPEN: Final[frozenset[Status]] = frozenset({"registered", "in-progress"})
_STEPS: Final = frozenset({"case-step-taken", "case-handed-over"})
_OF_JUSTICE: Final[frozenset[Step]] = frozenset({
    "halt-referred", "halt-completed", "halt-failed", "halt-refused", "report-sent", "verdict",
})  # fmt: skip
"""Steps that are justice's: no table of school and help hears of them (`domain.md` 5, P-1)."""
_TIMER_OF_JUSTICE: Final[Timer] = "halt-result"
Why = Literal["returned", "closed", "taken-note", "withdrawn", "corrected"]
"""Why a child is off the list: back at school, its case ended, or the facts were corrected."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A term that passed: which, its last day, and the day on which that was heard."""

    timer: Timer
    due: date
    on: date


@dataclass(frozen=True, slots=True)
class Move:
    """The case left a municipality for another on this day."""

    left: str
    on: date


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as table and director need it, after the event of `revision`.

    `home_since` is the last there was; `is_home` tells whether it still is. `entered`: told to the table first; `came` and
    `went`: on and off its list, the last time; `again`: it was on the list before that. `arrived`: in this municipality.
    `director`: the chain director was told of a child at home for 91 days.
    """

    case: str
    revision: int
    school: str | None
    municipality: str | None
    status: Status
    is_home: bool = False
    home_since: date | None = None
    due: date | None = None
    blocked: Blocked | None = None
    last_step: Step | None = None
    last_step_on: date | None = None
    entered: date | None = None
    came: date | None = None
    again: bool = False
    went: date | None = None
    why: Why | None = None
    arrived: date | None = None
    moves: tuple[Move, ...] = ()
    stalls: tuple[Stall, ...] = ()
    director: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether something may still be done in the case."""
        return self.status in _OPEN

    @property
    def is_listed(self) -> bool:
        """Whether it is on the list of the table."""
        return self.entered is not None and self.is_open and self.is_home

    def stands(self, stall: Stall) -> bool:
        """Whether a term that passed is not met yet: what is due first in the case is no later."""
        return self.is_open and self.due is not None and self.due <= stall.due

    @property
    def passed(self) -> Stall | None:
        """The term that passed first and is not met; None where no term is late."""
        return min((one for one in self.stalls if self.stands(one)), key=lambda one: one.due, default=None)

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        state: dict[str, Any] = _row_form().dump_python(self, mode="json")
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "CaseRow":
        """The row kept under these values."""
        return _row_form().validate_python(state)


@cache
def _row_form() -> TypeAdapter[CaseRow]:
    return TypeAdapter(CaseRow)


def heard(before: CaseRow | None, name: str, said: CaseSaid, on: date) -> CaseRow:
    """The row after an event of its case (`name`, short) that was heard on this day; one heard before changes nothing."""
    if before is None:
        before = CaseRow(said.case, 0, said.school, said.municipality, said.status)
    if said.revision <= before.revision:
        return before
    row = replace(
        before, revision=said.revision, school=said.school, status=said.status, blocked=said.blocked, due=said.due,
        is_home=said.home_since is not None, home_since=said.home_since or before.home_since,
    )  # fmt: skip
    row = _stepped(_stalled(_moved(row, said, on), name, said, before, on), name, said, on)
    if name == "case-escalated" and said.to == DIRECTOR:
        row = replace(row, director=on)
    if name == "case-escalated" and said.to == TABLE and row.entered is None:
        row = replace(row, entered=on)
    if row.is_listed and not before.is_listed:
        return replace(row, came=on, again=before.came is not None, went=None, why=None)
    if before.is_listed and not row.is_listed:
        return replace(row, went=on, why=_why(said))
    return row


def _moved(row: CaseRow, said: CaseSaid, on: date) -> CaseRow:
    if row.municipality == said.municipality:
        return row
    left = () if row.municipality is None else (Move(row.municipality, on),)
    return replace(row, municipality=said.municipality, arrived=on, moves=(*row.moves, *left))


def _stalled(row: CaseRow, name: str, said: CaseSaid, before: CaseRow, on: date) -> CaseRow:
    """A term that passed is told once; it is the event's `due`, while an earlier one that passed may still wait."""
    if name != "case-stagnated" or said.timer is None or said.due is None:
        return row
    if any((one.timer, one.due) == (said.timer, said.due) for one in row.stalls):
        return row
    first = said.due if before.due is None else min(said.due, before.due)
    return replace(row, due=first, stalls=(*row.stalls, Stall(said.timer, said.due, on)))


def _stepped(row: CaseRow, name: str, said: CaseSaid, on: date) -> CaseRow:
    if name not in _STEPS or said.step is None or said.step in _OF_JUSTICE:
        return row
    return replace(row, last_step=said.step, last_step_on=on)


def _why(said: CaseSaid) -> Why:
    if said.status == "withdrawn":
        return "withdrawn"
    if said.status == "closed":
        return "closed"
    if said.status == "taken-note":
        return "taken-note"
    return "returned" if said.news == "returned" else "corrected"


@dataclass(frozen=True, slots=True)
class AtHome:
    """A child on the list. `days` are calendar days from `home_since` to the date of the agenda.

    What blocks is `blocked_by`, or where nobody said so the `timer` that passed, both `blocked_since`. `mark`: it was not on
    the agenda of last time; `again`: but on an earlier one.
    """

    case: str
    school: str | None
    municipality: str | None
    home_since: date
    days: int
    last_step: Step | None
    last_step_on: date | None
    blocked_by: Blocker | None
    timer: Timer | None
    blocked_since: date | None
    due: date | None
    mark: Literal["new", "again"] | None


@dataclass(frozen=True, slots=True)
class Gone:
    """A child that went off the list, on which day and why; `days` it was at home, as far as that is known."""

    case: str
    school: str | None
    municipality: str | None
    on: date
    why: Why
    days: int | None


@dataclass(frozen=True, slots=True)
class MovedAway:
    """A case that went to another municipality while its child was on the list."""

    case: str
    on: date


@dataclass(frozen=True, slots=True)
class Agenda:
    """The agenda of a table as of a date. `since`: the date of the agenda before it; None: there was none, all is new.

    `municipality`: that of the table; None: the whole region.
    """

    as_of: date
    since: date | None
    municipality: str | None
    at_home: tuple[AtHome, ...]
    gone: tuple[Gone, ...]
    moved_away: tuple[MovedAway, ...]

    @property
    def new(self) -> tuple[AtHome, ...]:
        """Who was not on the agenda of last time."""
        return tuple(one for one in self.at_home if one.mark is not None)

    @property
    def returned(self) -> tuple[Gone, ...]:
        """Who is back at school since."""
        return tuple(one for one in self.gone if one.why == "returned")

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        state: dict[str, Any] = _agenda_form().dump_python(self, mode="json")
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Agenda":
        """The agenda kept under these values."""
        return _agenda_form().validate_python(state)


@cache
def _agenda_form() -> TypeAdapter[Agenda]:
    return TypeAdapter(Agenda)


def agenda(
    rows: Iterable[CaseRow], as_of: date, since: date | None, municipality: str | None = None
) -> Agenda:
    """The agenda as of a date, of the cases of one municipality (None: all), the longest at home first."""
    known = list(rows)
    mine = [row for row in known if municipality in (None, row.municipality)]
    at_home = [
        _at_home(row, row.home_since, as_of, since, municipality)
        for row in mine
        if row.is_listed and row.home_since
    ]
    gone = [
        _gone(row, row.went, row.why) for row in mine if _is_after(row.went, since) and row.went and row.why
    ]
    moved = [MovedAway(row.case, on) for row in known if (on := _left(row, municipality, since)) is not None]
    return Agenda(
        as_of, since, municipality,
        at_home=tuple(sorted(at_home, key=lambda one: (one.home_since, one.case))),
        gone=tuple(sorted(gone, key=lambda one: (one.why != "returned", one.on, one.case))),
        moved_away=tuple(sorted(moved, key=lambda one: (one.on, one.case))),
    )  # fmt: skip


def _is_after(day: date | None, since: date | None) -> bool:
    """Whether something became known after the agenda of last time. Without one: nothing went off a list yet."""
    return day is not None and since is not None and day > since


def _at_home(
    row: CaseRow, home_since: date, as_of: date, since: date | None, municipality: str | None
) -> AtHome:
    passed = row.passed
    timer = None if passed is None or passed.timer == _TIMER_OF_JUSTICE else passed.timer
    by, blocked_since = None, None
    if row.blocked is not None:
        by, blocked_since, timer = row.blocked.by, row.blocked.since, None
    elif passed is not None and timer is not None:
        blocked_since = passed.due
    return AtHome(
        row.case, row.school, row.municipality, home_since, (as_of - home_since).days, row.last_step, row.last_step_on,
        by, timer, blocked_since, row.due, _mark(row, since, municipality),
    )  # fmt: skip


def _mark(row: CaseRow, since: date | None, municipality: str | None) -> Literal["new", "again"] | None:
    """Whether it was not on the agenda of last time; a case that moved here since is new to the table of this place."""
    came_here = municipality is not None and _is_after(row.arrived, since)
    if since is None or came_here:
        return "new"
    if not _is_after(row.came, since):
        return None
    return "again" if row.again else "new"


def _gone(row: CaseRow, on: date, why: Why) -> Gone:
    days = None if row.home_since is None else (on - row.home_since).days
    return Gone(row.case, row.school, row.municipality, on, why, days)


def _left(row: CaseRow, municipality: str | None, since: date | None) -> date | None:
    """When it left this municipality, since last time, for good, and from the list."""
    if municipality is None or municipality == row.municipality:
        return None
    days = [
        move.on
        for move in row.moves
        if move.left == municipality
        and _is_after(move.on, since)
        and row.came is not None
        and row.came <= move.on
        and (row.went is None or row.went >= move.on)
    ]
    return max(days, default=None)
