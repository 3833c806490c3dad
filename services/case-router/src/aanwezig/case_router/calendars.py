"""The schools' calendars, as the topic tells them: read whole before the first finding, and followed."""

from typing import Final

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import word_from
from aanwezig.law.calendar import CalendarBook, Calendars

_log = logs.get(__name__)


class CalendarDesk:
    """The calendars that stand. `calendars` is a view that grows with the topic."""

    def __init__(self) -> None:
        self._book = CalendarBook()
        self.calendars: Final[Calendars] = self._book.calendars

    async def on_change(self, _key: str, event: Event | None) -> None:
        """Takes in one word about a calendar; what is not one is logged and passed over."""
        if event is None:
            return
        try:
            self._book.apply(word_from(event))
        except (ValidationError, KeyError, TypeError) as wrong:
            _log.error("calendar.refused", error=type(wrong).__name__)
