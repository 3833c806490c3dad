"""What the notifier itself makes and tells of: a table's agenda, a director's digest, the region's presence of a week."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Final

from pydantic import Field

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import Digits, Message
from aanwezig.notifier.rows import SOURCE
from aanwezig.notifier.whom import Cause

AGENDA: Final = "agenda-made"
DIGEST: Final = "digest-made"
REGION: Final = "region-measured"


class Made(Message):
    """One of them: of which municipality (none: the region), as of which date; of presence the month and the percentage."""

    about: str
    on: date
    municipality: str | None = None
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = None
    presence: Digits | None = None


def cause_of(name: str, made: Made, *, partition: int, only: str | None = None) -> Cause:
    """The cause by which it is told, once: its id follows from what was made, its time from the date it is about."""
    event = Event(
        id=derived_id(name, made.about), source=SOURCE, name=name, time=datetime.combine(made.on, time.min, UTC),
        data=made.said(),
    )  # fmt: skip
    return Cause(event, made, made.about, partition, only)
