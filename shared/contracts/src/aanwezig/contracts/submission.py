"""A submitted record that has the form of the contract, and how it names its pupil (`contract.md` 1 and 3)."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final

import orjson

from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.facts import FACT_TYPES, CalendarRecorded, Fact, Retraction, Word
from aanwezig.contracts.identifiers import Sender
from aanwezig.contracts.writing import data_of

TRACEPARENT: Final = re.compile(
    r"00-(?![0-9a-f]*0{10})[0-9a-f]{32}-(?![0-9a-f]*0{10})[0-9a-f]{16}-[0-9a-f]{2}"
)
"""A random trace: one with ten zeros in a row is a number somebody padded, and is not carried on."""
SEQUENCE_PATTERN: Final = "[+-]?[0-9]{1,18}"
WHOLE_NUMBER: Final = re.compile(SEQUENCE_PATTERN)
MOMENT_PATTERN: Final = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
"""The form of a whole `time`: RFC 3339, at most nine digits of a second, always with a zone."""
MOMENT: Final = re.compile(MOMENT_PATTERN)
MAX_ID: Final = 1000
MAX_LOCAL: Final = 200
MAX_SEQUENCE: Final = 10**18


@dataclass(frozen=True, slots=True)
class PupilRef:
    """A pupil as its sender names it: by personal number, or by an id of the sender's own (then with its OIN)."""

    number: str | None = None
    local: str | None = None
    oin: str | None = None

    def as_given(self) -> dict[str, str]:
        """The reference as it was submitted."""
        return {"number": self.number} if self.number is not None else {"local": self.local or ""}

    @property
    def text(self) -> str:
        """One text for one pupil: two senders' equal local ids are two pupils (`contract.md` 3)."""
        return f"number:{self.number}" if self.number is not None else f"local:{self.oin}:{self.local}"


@dataclass(frozen=True, slots=True)
class Submission:
    """A record that has the form of the contract. `pupil` is None for facts about a school."""

    id: str
    source: str
    sender: Sender
    name: str
    time: datetime
    sequence: int | None
    traceparent: str | None
    pupil: PupilRef | None
    fact: Fact | Retraction

    def word(self, pupil: str | None) -> Word:
        """The word this record says, about the pupil by the name used where it is going."""
        fact = self.fact
        if self.pupil is not None and pupil is not None:
            if isinstance(fact, Retraction):
                at = FACT_TYPES[fact.name].KEY.index("pupil")
                fact = Retraction(fact.name, (*fact.key[:at], pupil, *fact.key[at + 1 :]))
            elif not isinstance(fact, CalendarRecorded):
                kind = type(fact)
                fact = kind(pupil, *_all_but_pupil(kind)(fact))  # type: ignore[arg-type]
        return Word(self.id, self.source, self.time, self.sequence, fact)

    @property
    def content_hash(self) -> str:
        """Equal for two records with one meaning: type, time, sequence and data (`rules.md` 1, *natural key*)."""
        said = [
            self.name, utc_text(self.time), self.sequence,
            None if self.pupil is None else self.pupil.as_given(), data_of(self.fact),
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def school(self) -> str | None:
        """The school the record names, if any."""
        school: str | None = getattr(self.fact, "school", None)
        return school


@cache
def _all_but_pupil(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """The other fields of a fact about a pupil, in order; the pupil is the first."""
    return attrgetter(*[field.name for field in fields(kind)][1:])
