"""Closed days on the topic of cases: which date is closed in one partition, and which in all of them. Pure.

The case-router says into every partition that one of its own (an *origin*) has said all cases of a date (ADR 11). Dates may
be left out, never taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from aanwezig.contracts.messages import DayClosed
from aanwezig.contracts.topics import CASES, FINDINGS

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """The highest date that each origin has closed in one partition of the cases."""

    origins: int = FINDINGS.partitions
    dates: Mapping[int, date] = field(default_factory=dict)

    @property
    def closed(self) -> date | None:
        """The date up to which every origin has spoken; None while one has not."""
        return min(self.dates.values()) if len(self.dates) >= self.origins else None

    @property
    def open_day(self) -> date | None:
        """The day that is open here: what is heard now belongs to it. None before the first is closed."""
        return None if self.closed is None else self.closed + _DAY

    def with_word(self, said: DayClosed) -> "ClosedDays":
        """After one origin closed a date; an earlier date than its highest changes nothing."""
        origin = said.origin or 0
        highest = max(said.date, self.dates.get(origin, said.date))
        return ClosedDays(said.origins or self.origins, {**self.dates, origin: highest})

    def as_state(self) -> dict[str, Any]:
        """Plain values for the store."""
        dates = {str(origin): day.isoformat() for origin, day in sorted(self.dates.items())}
        return {"origins": self.origins, "dates": dates}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "ClosedDays":
        """What was kept under these values."""
        dates = {int(origin): date.fromisoformat(day) for origin, day in state["dates"].items()}
        return cls(state["origins"], dates)


def complete(of: Mapping[int, ClosedDays], partitions: int = CASES.partitions) -> date | None:
    """The date that is closed in every partition of the cases; None while one has closed none."""
    closed = [one.closed for number, one in of.items() if number < partitions]
    known = [day for day in closed if day is not None]
    return min(known) if len(known) == partitions else None
