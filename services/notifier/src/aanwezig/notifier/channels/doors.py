"""What every channel beside the topic is: a door to the outside that tries once and says how it went.

The topic needs no door: a notice on it is the event itself. Mail and the ZGW bridge are more doors.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aanwezig.contracts.messages import RecipientRegistered


@dataclass(frozen=True, slots=True)
class Delivered:
    """The recipient has taken it."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """It was not taken. `reason` is a word or two for an operator; `final`: trying again cannot help."""

    reason: str
    final: bool = False


Outcome = Delivered | NotDelivered


class Door(AbstractAsyncContextManager["Door", None], Protocol):
    """A channel to the outside, open for the length of its context."""

    async def send(self, to: RecipientRegistered, notice: str, body: bytes, at: datetime) -> Outcome:
        """Tries once. `notice` is the id a receiver deduplicates on; `at` the moment of this attempt. Raises nothing."""
