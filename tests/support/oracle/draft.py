"""A finding before it has an ordinal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from support.oracle.facts import Fact
from support.oracle.pupil import Desk, Pupil, slot_rank


@dataclass(eq=False)
class Draft:
    """What a rule found. `pupil` and `desk` are null as the kind says."""

    kind: str
    at: date
    value: Fraction
    unit: str
    operator: str | None
    threshold: Fraction | None
    pupil: Pupil | None
    school: str | None
    assumed: bool = False
    desk: Desk | None = None
    rule: str = ""
    definition: str | None = None
    counted: list[Fact] = field(default_factory=list)
    window: tuple[date, date] | None = None
    not_counted: list[Fact] = field(default_factory=list)
    tells_hours: bool = False
    about: Draft | None = None
    began: date = date.min
    ordinal: int = 0

    @property
    def place(self) -> tuple[Any, ...]:
        """The order among findings of one pupil, school, kind and definition."""
        named = (self.about.at, self.about.kind, self.about.ordinal) if self.about else ()
        first = self.counted[0] if self.counted else None
        slot = slot_rank(first) if first is not None and "slot" in first.data else -1
        return (self.at, self.rule or self.kind, named, first.dated if first else self.began, slot)


def at_desk(
    desk: Desk, kind: str, at: date, measured: tuple[int | Fraction, str, str | None, int | None]
) -> Draft:
    """A draft about a pupil at a school; `measured` is value, unit, operator and threshold."""
    value, unit, operator, threshold = measured
    return Draft(
        kind=kind,
        at=at,
        value=Fraction(value),
        unit=unit,
        operator=operator,
        threshold=None if threshold is None else Fraction(threshold),
        pupil=desk.pupil,
        school=desk.name,
        assumed=desk.school.assumed,
        desk=desk,
    )


def counting(draft: Draft, counted: list[Fact]) -> Draft:
    """The draft with what it counts, and the window from the first to the last of it."""
    draft.counted = counted
    draft.window = (counted[0].dated, counted[-1].dated) if counted else None
    return draft
