"""How marks are told: mostly once, that afternoon; sometimes late, twice, wrongly first, or taken back."""

import random
from datetime import date, timedelta
from typing import Any, Final

from aanwezig.region.characters import present
from aanwezig.region.people import ORDINARY, Pupil, Standing
from aanwezig.region.places import LAST
from aanwezig.region.telling import Book, some_days_later

_TWICE: Final = 0.004
_LATE: Final = 0.006
_CORRECTED: Final = 0.004
_OVERTAKEN: Final = 0.0008
_SAME_SECOND: Final = 0.0006
_UNSAID: Final = 0.0010


class Telling:
    """How one pupil's marks at one school are told by one system."""

    def __init__(self, rng: random.Random, book: Book, system: str, pupil: Pupil, school: str) -> None:
        self._rng, self._book, self._system = rng, book, system
        self._pupil, self._school = pupil, school
        self._given = pupil.ref.as_given()
        self._faulty = pupil.character == ORDINARY

    def all(self) -> None:
        """Tell every mark of the year. Slots that are taken back again leave the pupil's records."""
        for day, slots in list(self._pupil.marks[self._school].items()):
            for slot, standing in list(slots.items()):
                self._tell(day, slot, standing)

    def _tell(self, day: date, slot: str, standing: Standing) -> None:
        rng = self._rng
        misheard = self._pupil.misheard.get((day, slot))
        if misheard is not None:
            first, after = misheard
            self._say(day, day, slot, first)
            self._say(day + timedelta(days=after), day, slot, standing)
            return
        dice = rng.random()
        if self._faulty and dice > 0.985 and self._faultily(dice, day, slot, standing):
            return
        if dice < _LATE:
            # A character's marks are never weeks late: its story must have time to happen.
            most = 35 if self._faulty else 2
            on = some_days_later(rng, day, most)
            self._say(on, day, slot, standing, logged=day if rng.random() < 0.5 else on)
            return
        saying = self._say(day, day, slot, standing)
        if dice < _LATE + _TWICE:
            self._book.repeat(self._system, day + timedelta(days=rng.choice((0, 0, 0, 1, 2, 14))), saying)

    def _faultily(self, dice: float, day: date, slot: str, standing: Standing) -> bool:
        rng = self._rng
        left = 1 - dice
        wrong = _other(standing)
        later = some_days_later(rng, day, 20)
        if left < _CORRECTED:
            self._say(day, day, slot, wrong)
            self._say(later, day, slot, standing, second=61_200 + rng.randrange(3600))
        elif (left := left - _CORRECTED) < _OVERTAKEN:
            # The correction arrives first, the word it corrects comes after it.
            on = some_days_later(rng, later, 5)
            self._say(on, day, slot, wrong, logged=day)
            self._say(later, day, slot, standing, second=61_200)
        elif (left := left - _OVERTAKEN) < _SAME_SECOND:
            self._say(day, day, slot, wrong, second=56_000, sequence="9")
            self._say(day, day, slot, standing, second=56_000, sequence="10")
        elif (left := left - _SAME_SECOND) < _UNSAID:
            self._say(day, day, slot, standing)
            self._unsay(later, day, slot, standing)
        else:
            return False
        return True

    def _unsay(self, on: date, day: date, slot: str, standing: Standing) -> None:
        if self._rng.random() < 0.5:
            self._say(on, day, slot, Standing("not-recorded", standing.minutes), second=61_200)
        else:
            data = self._key(day, slot) | {"retracted": True}
            self._book.say(self._system, on, "mark-recorded", data, second=61_200)
        self._pupil.drop(self._school, day, slot)

    def _key(self, day: date, slot: str) -> dict[str, Any]:
        return {"pupil": self._given, "school": self._school, "date": day.isoformat(), "slot": slot}

    def _say(
        self,
        on: date,
        day: date,
        slot: str,
        standing: Standing,
        *,
        logged: date | None = None,
        second: int | None = None,
        sequence: str | None = None,
    ) -> Any:
        data = self._key(day, slot)
        data["minutes"] = standing.minutes
        data["state"] = standing.state
        if standing.authorised is not None:
            data["authorised"] = standing.authorised
        if standing.reason is not None:
            data["reason"] = standing.reason
        if standing.missed is not None:
            data["missed"] = standing.missed
        return self._book.say(
            self._system,
            min(on, LAST),
            "mark-recorded",
            data,
            logged=logged,
            second=second,
            sequence=sequence,
        )


def _other(standing: Standing) -> Standing:
    """What a teacher might have written instead."""
    if standing.state == "present":
        return Standing("absent", standing.minutes, authorised=False, reason="unknown")
    return present(standing.minutes)
