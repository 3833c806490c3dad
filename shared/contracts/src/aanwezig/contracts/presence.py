"""What is said of how present the pupils of a school were (`rules.md` 5, ADR 8), as models of `data`. No pupil is named."""

from datetime import date
from typing import Annotated

from pydantic import Field

from aanwezig.contracts.messages import Message

_Count = Annotated[int, Field(ge=0)]


class PupilsCounted(Message):
    """Pupils with a mark, of whom each is counted in one row only of all that are added up.

    `here`: rows of this school and municipality; `school`: rows of this school; `municipality`: rows of this municipality;
    `region`: all rows.
    """

    here: _Count
    school: _Count
    municipality: _Count
    region: _Count


class PresenceRow(Message):
    """Amounts that add up. `municipality` null: unknown; `scheduled_slots` null: the school does not tell its usual slots.

    `recorded_days`: recorded lesson days, summed over pupils. `in_month`: pupils, where rows of this month are added up;
    `in_year`: where all rows of the school year are.
    """

    municipality: str | None
    attended_minutes: _Count
    recorded_minutes: _Count
    recorded_slots: _Count
    recorded_days: _Count
    scheduled_slots: _Count | None
    in_month: PupilsCounted
    in_year: PupilsCounted


class PresenceMeasured(Message):
    """What one partition of the facts, `origin`, adds to a school's presence in a month, up to and including `as_of`.

    A later revision takes the place of an earlier one; without rows nothing is left of it. Different origins hold different
    pupils. Small cells are in it: whoever shows figures suppresses them, after adding up.
    """

    school: str
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    origin: _Count
    revision: Annotated[int, Field(ge=1)]
    as_of: date
    rows: list[PresenceRow]
