"""The schools' calendars as this instance knows them, and which of them changed (`school.calendars.v1`)."""

from typing import Literal

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import Retraction, Word, word_from
from aanwezig.law.calendar import CalendarBook, Calendars

_log = logs.get(__name__)
Whose = Literal["pupils", "schools", "presence"]
"""Who looks at calendars, each for itself: findings about pupils, those about whole schools, and measures of presence."""


class CalendarDesk:
    """Every calendar word read so far; what stands of them is the law's business."""

    def __init__(self) -> None:
        self._book = CalendarBook()
        self._causes: dict[str, Event] = {}
        self._changed: dict[str, set[str]] = {"pupils": set(), "schools": set(), "presence": set()}

    @property
    def calendars(self) -> Calendars:
        """The calendars that stand."""
        return self._book.calendars

    async def on_change(self, _key: str, event: Event | None) -> None:
        """Takes in one record of the topic. A tombstone says nothing: calendars are taken back by a retraction."""
        if event is None:
            return
        try:
            word = word_from(event)
        except (ValidationError, KeyError):
            _log.error("calendar.refused")
            return
        if self._book.apply(word):
            school = _school(word)
            self._causes[school] = event
            for changed in self._changed.values():
                changed.add(school)

    def take_changed(self, whose: Whose = "pupils") -> list[str]:
        """The schools whose calendar changed since this was last asked for them, by one who looks at them."""
        changed = sorted(self._changed[whose])
        self._changed[whose].clear()
        return changed

    def look_at(self, school: str, whose: Whose = "pupils") -> None:
        """Counts a school as changed: not all could be looked at yet."""
        self._changed[whose].add(school)

    def look_again(self, whose: Whose = "pupils") -> None:
        """Counts every school as changed: another instance may have looked at some with an older calendar."""
        self._changed[whose].update(self._causes)

    def cause_of(self, school: str) -> Event:
        """The event that last changed a school's calendar."""
        return self._causes[school]


def _school(word: Word) -> str:
    fact = word.fact
    school = fact.school if isinstance(fact, Retraction) else getattr(fact, "school", None)
    return school or ""
