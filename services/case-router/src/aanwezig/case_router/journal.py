"""The journal of a case: who did what, when, because of what. What earlier entries tell is asked here.

An entry is written with the event it records (`draft.py`), never changed, never removed. It says what it changed of the
case, and carries a hash over itself and the entry before: the case is the sum of its journal (ADR 9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from aanwezig.contracts.journals import ORIGIN, hash_of
from aanwezig.contracts.messages import (
    Actor,
    Consent,
    Contradiction,
    Desk,
    Proposal,
    Step,
    Subject,
    Timer,
    Track,
)

_REFUSALS: Final = frozenset({"help-refused", "enrolment-refused"})
_HALT_IN_VAIN: Final = frozenset({"halt-failed", "halt-refused"})
READ_BY_THE_TABLE: Final = _REFUSALS | _HALT_IN_VAIN
"""The steps that may change what the routing table answers."""
REFUSED_COMMAND: Final = "decision-refused"
TRACK_DECIDED: Final = "case-track-decided"
HANDED_OVER: Final = "case-handed-over"


@dataclass(frozen=True, slots=True)
class Details:
    """What one entry says beside the state of the case. `on` is the date of a step; `about` a finding.

    `subject` is whom a decision is about, `left` the municipality a case left, `not_halt` the conditions of Halt that fail, `contradiction` both sides.
    """

    motive: str | None = None
    subject: Subject | None = None
    step: Step | None = None
    on: date | None = None
    note_code: str | None = None
    outcome: str | None = None
    consent: Consent | None = None
    reason: str | None = None
    timer: Timer | None = None
    due: date | None = None
    to: Desk | None = None
    about: str | None = None
    left: str | None = None
    not_halt: tuple[str, ...] = ()
    contradiction: Contradiction | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: the case's revision after it, what happened, when, and the id of its cause.

    `role` is that of a person who acted. `track` and `proposed` are those after it; `changed` holds the fields of the case
    it changed, as they are stored. A line without an event (a refused command, a term reckoned anew) leaves the revision.
    """

    number: int
    revision: int
    name: str
    time: datetime
    cause: str
    actor: Actor
    role: str | None
    track: Track | None
    proposed: Proposal | None
    details: Details
    changed: Mapping[str, Any]
    previous: str = ORIGIN
    hash: str = ""

    @property
    def by_a_person(self) -> bool:
        """Whether a person took a step or decided here."""
        return self.actor.kind == "person" and self.name != REFUSED_COMMAND

    def as_line(self) -> dict[str, Any]:
        """The line as it is published and hashed (`contracts.journals`)."""
        line: dict[str, Any] = _form().dump_python(self, mode="json", by_alias=True)
        return line

    def after(self, journal: "Sequence[Entry]") -> "Entry":
        """The same line as the next of a journal: numbered, chained and hashed."""
        chained = replace(
            self, number=len(journal) + 1, previous=journal[-1].hash if journal else ORIGIN, hash=""
        )
        return replace(chained, hash=hash_of(chained.as_line()))


@cache
def _form() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)


def person_acted(journal: Iterable[Entry]) -> bool:
    """Whether a person took a step or a decision."""
    return any(entry.by_a_person for entry in journal)


def refused(journal: Iterable[Entry]) -> bool:
    """Whether help or enrolment was refused."""
    return any(entry.details.step in _REFUSALS for entry in journal)


def forced(journal: Iterable[Entry]) -> bool:
    """Whether Halt ended negatively or was refused, or help or enrolment was."""
    return any(entry.details.step in READ_BY_THE_TABLE for entry in journal)


def referred_to_halt(journal: Iterable[Entry]) -> bool:
    """Whether a person referred to Halt: by a decision, or by the step itself."""
    return any(entry.details.step == "halt-referred" or decided_on(entry, "halt") for entry in journal)


def decided_on(entry: Entry, track: Track) -> bool:
    """Whether this entry is a person's decision for a track."""
    return _is_decision(entry) and entry.track == track


def last_decision(journal: Sequence[Entry]) -> Entry | None:
    """The newest decision of a person; None where there is none."""
    return next((entry for entry in reversed(journal) if _is_decision(entry)), None)


def handed_over_on(journal: Sequence[Entry]) -> date | None:
    """The date on which a person last handed the case over; None where nobody did."""
    by_hand = (
        entry.details.on for entry in reversed(journal) if entry.by_a_person and entry.name == HANDED_OVER
    )
    return next(by_hand, None)


def _is_decision(entry: Entry) -> bool:
    return entry.by_a_person and entry.name == TRACK_DECIDED
