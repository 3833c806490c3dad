"""What a change of the published language does to those who rely on it, as data (docs/contract.md prints this table).

There are two sides. What we *say* others read: they may rely on every field and every limit, and skip what they do not know.
What we *take* others write: all they could write must stay good, and a field we do not know is refused. Records between our
own services are as what we take: those of the last fourteen days are still on the topic when a new version starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """What a change is to those who rely on what was published."""

    BREAKS = "breaks"
    WARNS = "warns"
    ADDS = "adds"


class Side(StrEnum):
    """Which way a shape travels, seen from us."""

    SAID = "said"
    TAKEN = "taken"


class Change(StrEnum):
    """What can happen to a shape; the words stand in a report behind the field."""

    FIELD_GONE = "is gone"
    NEW_REQUIRED = "is new and required"
    NEW_OPTIONAL = "is new and optional"
    MADE_OPTIONAL = "may be left out now"
    MADE_REQUIRED = "is required now"
    RETYPED = "has another type"
    TYPE_WIDER = "has more types"
    TYPE_NARROWER = "has fewer types"
    VALUE_NEW = "has new values"
    VALUE_GONE = "has fewer values"
    VALUES_OTHER = "has other values"
    VALUES_FREE = "has no list of values any more"
    VALUES_LISTED = "has a list of values now"
    LIMIT_LOOSER = "has a looser limit"
    LIMIT_TIGHTER = "has a tighter limit"
    FORM_NEW = "has a new form beside the others"
    FORM_GONE = "has lost one of its forms"
    FORM_OTHER = "has another form"
    CLOSED = "takes no unknown fields any more"
    OPENED = "takes unknown fields now"


_B, _W, _A = Verdict.BREAKS, Verdict.WARNS, Verdict.ADDS
VERDICTS: Final[Mapping[Change, Mapping[Side, Verdict]]] = {
    change: {Side.SAID: said, Side.TAKEN: taken}
    for change, said, taken in (
        (Change.FIELD_GONE, _B, _B),
        (Change.NEW_REQUIRED, _A, _B),
        (Change.NEW_OPTIONAL, _A, _A),
        (Change.MADE_OPTIONAL, _B, _A),
        (Change.MADE_REQUIRED, _A, _B),
        (Change.RETYPED, _B, _B),
        (Change.TYPE_WIDER, _B, _A),
        (Change.TYPE_NARROWER, _A, _B),
        (Change.VALUE_NEW, _W, _A),
        (Change.VALUE_GONE, _A, _B),
        (Change.VALUES_OTHER, _B, _B),
        (Change.VALUES_FREE, _B, _A),
        (Change.VALUES_LISTED, _A, _B),
        (Change.LIMIT_LOOSER, _B, _A),
        (Change.LIMIT_TIGHTER, _A, _B),
        (Change.FORM_NEW, _B, _A),
        (Change.FORM_GONE, _A, _B),
        (Change.FORM_OTHER, _B, _B),
        (Change.CLOSED, _A, _B),
        (Change.OPENED, _A, _A),
    )
}
"""By change and side. Whoever gets a value it does not know skips it: a new one in what we say is a warning, no break."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between what was published and what is: `where` (a topic, a call), `what` in a sentence, and for `whom`."""

    verdict: Verdict
    where: str
    what: str
    whom: str

    def line(self) -> str:
        """As a line to read."""
        return f"{self.verdict}  {self.where}: {self.what} (for {self.whom})"
