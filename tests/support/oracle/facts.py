"""Which facts there are, which of them stand, and who they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

Who = tuple[str, ...]
"""("number", digits) or ("local", the sender's id, the sender's OIN)."""

NATURAL_KEY = {
    "mark-recorded": ("pupil", "school", "date", "slot"),
    "enrolment-recorded": ("pupil", "school", "from"),
    "person-recorded": ("pupil", "resident_from"),
    "qualification-obtained": ("pupil", "date"),
    "leave-granted": ("pupil", "school", "from"),
    "exemption-granted": ("pupil", "ground", "from"),
    "arrangement-set": ("pupil", "school", "kind", "from"),
    "sick-reported": ("pupil", "school", "from"),
    "school-reported": ("pupil", "school", "kind", "date"),
    "care-signalled": ("pupil", "signal", "date"),
    "calendar-recorded": ("school", "from"),
}
ALWAYS_SEEN = {"person-recorded", "calendar-recorded"}


def day(text: str | None) -> date | None:
    """The date a text tells, or nothing."""
    return None if text is None else date.fromisoformat(text)


@dataclass(frozen=True, eq=False)
class Fact:
    """One event as submitted, with the words of its envelope read."""

    id: str
    source: str
    type: str
    time: datetime
    sequence: int | None
    data: dict[str, Any]

    @classmethod
    def of(cls, event: dict[str, Any]) -> Fact:
        """An event of the contract, read."""
        sequence = event.get("sequence")
        return cls(
            id=event["id"],
            source=event["source"],
            type=event["type"].removeprefix("nl.attendance.").removesuffix(".v1"),
            time=datetime.fromisoformat(event["time"]).astimezone(UTC),
            sequence=None if sequence is None else int(sequence),
            data={name: value for name, value in event["data"].items() if value is not None},
        )

    @cached_property
    def who(self) -> Who | None:
        """The pupil it is about; a local id belongs to the sender, whatever its system."""
        pupil = self.data.get("pupil")
        if pupil is None:
            return None
        if "number" in pupil:
            return ("number", pupil["number"])
        return ("local", pupil["local"], self.source.split(":")[3])

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What it is about."""
        told = [self.who if name == "pupil" else self.data.get(name) for name in NATURAL_KEY[self.type]]
        return (self.type, *told)

    @property
    def age_rank(self) -> tuple[Any, ...]:
        """The greater, the newer."""
        missing_is_lowest = (0, 0) if self.sequence is None else (1, self.sequence)
        return (self.time, missing_is_lowest, self.id, self.source)

    @property
    def retracted(self) -> bool:
        """Whether it takes back what was said about its key."""
        return self.data.get("retracted") is True

    @property
    def recorded(self) -> date:
        """The date it was logged, in Amsterdam."""
        return self.time.astimezone(AMSTERDAM).date()

    @cached_property
    def dated(self) -> date:
        """The date it is about: its `date`, or else its `from`."""
        return date.fromisoformat(self.data.get("date") or self.data["from"])

    @property
    def until(self) -> date | None:
        """Its last date; nothing: open."""
        return day(self.data.get("until"))

    def covers(self, on: date) -> bool:
        """Both ends included, no `until` is open."""
        return self.dated <= on and (self.until is None or on <= self.until)


def each_once(events: list[dict[str, Any]]) -> list[Fact]:
    """Of events with one source and id only the first received."""
    said: list[Fact] = []
    known: set[tuple[str, str]] = set()
    for event in events:
        fact = Fact.of(event)
        if (fact.source, fact.id) not in known:
            known.add((fact.source, fact.id))
            said.append(fact)
    return said


def standing(said: list[Fact], as_of: date) -> list[Fact]:
    """The newest word per natural key, unless it is a retraction or about a date after *as of*."""
    newest: dict[tuple[Any, ...], Fact] = {}
    for fact in said:
        other = newest.get(fact.key)
        if other is None or fact.age_rank > other.age_rank:
            newest[fact.key] = fact
    return [
        fact
        for fact in newest.values()
        if not fact.retracted and (fact.type in ALWAYS_SEEN or fact.dated <= as_of)
    ]
