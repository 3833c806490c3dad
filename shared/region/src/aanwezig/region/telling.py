"""What the systems say, date by date: the records of `people` told as events, with the faults of real systems.

Some marks are told late, wrongly first and corrected afterwards, twice, in the wrong order, or taken back; a few
records are bad. However it is told, in the end the words that stand say what the records hold.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.envelope import type_of
from aanwezig.region.places import LAST, System, year

ACCEPTED: Final = "accepted"
DUPLICATE: Final = "duplicate"


@dataclass(frozen=True, slots=True)
class Saying:
    """One record as a system says it. `refused` is the code it is refused with, None for a good one."""

    id: str
    source: str
    name: str
    time: str
    data: dict[str, Any]
    sequence: str | None
    refused: str | None

    def event(self) -> dict[str, Any]:
        """The record as a CloudEvent, as a JSON object."""
        said: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": type_of(self.name),
            "time": self.time,
            "datacontenttype": "application/json",
        }
        if self.sequence is not None:
            said["sequence"] = self.sequence
        said["data"] = self.data
        return said


class Book:
    """Everything said in the year, by the date on which it is submitted and the system that submits it."""

    def __init__(self, rng: random.Random, systems: tuple[System, ...]) -> None:
        self._rng = rng
        self._sources = {system.name: system.source for system in systems}
        self._offsets = {day: _offset(day) for day in year()}
        self.days: dict[date, dict[str, list[Saying]]] = {
            day: {system.name: [] for system in systems} for day in year()
        }
        self.accepted = 0
        self.duplicates = 0
        self.refused: dict[str, int] = {}

    def say(
        self,
        system: str,
        on: date,
        name: str,
        data: dict[str, Any],
        *,
        logged: date | None = None,
        second: int | None = None,
        sequence: str | None = None,
        refused: str | None = None,
    ) -> Saying:
        """Say a record on a date (never after the year), logged that afternoon or on an earlier date.

        `second` is the second of the day of its `time`; without it one between 15:00 and 17:00 is drawn.
        """
        rng = self._rng
        on = min(on, LAST)
        if second is None:
            second = 54_000 + rng.randrange(7_200)
        saying = Saying(
            _uuid(rng),
            self._sources[system],
            name,
            self._moment(logged or on, second),
            data,
            sequence,
            refused,
        )
        self.days[on][system].append(saying)
        if refused is None:
            self.accepted += 1
        else:
            self.refused[refused] = self.refused.get(refused, 0) + 1
        return saying

    def repeat(self, system: str, on: date, saying: Saying) -> None:
        """Submit the identical record once more."""
        self.days[min(on, LAST)][system].append(saying)
        self.duplicates += 1

    def shuffle(self) -> None:
        """No system promises an order within a date."""
        for said in self.days.values():
            for sayings in said.values():
                self._rng.shuffle(sayings)

    def _moment(self, day: date, second: int) -> str:
        hour, rest = divmod(second, 3600)
        return f"{day}T{hour:02}:{rest // 60:02}:{rest % 60:02}{self._offsets[day]}"


def _offset(day: date) -> str:
    """How far Amsterdam is ahead of UTC that afternoon; daylight saving changes at night."""
    text = datetime(day.year, day.month, day.day, 12, tzinfo=AMSTERDAM).isoformat()
    return text[-6:]


def _uuid(rng: random.Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def some_days_later(rng: random.Random, day: date, most: int) -> date:
    """A date after this one, at most so many dates later, not after the year."""
    return min(day + timedelta(days=rng.randint(1, most)), LAST)
