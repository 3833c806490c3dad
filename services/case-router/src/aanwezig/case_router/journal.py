"""The journal of a case: who did what, when, because of what. What earlier entries tell is asked here.

An entry is written with the event it records (`draft.py`), never changed, never removed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from aanwezig.contracts.messages import Actor, Consent, Desk, Proposal, Step, Timer, Track

_REFUSALS: Final = frozenset({"help-refused", "enrolment-refused"})
_HALT_IN_VAIN: Final = frozenset({"halt-failed", "halt-refused"})
READ_BY_THE_TABLE: Final = _REFUSALS | _HALT_IN_VAIN
"""The steps that may change what the routing table answers."""
REFUSED_COMMAND: Final = "decision-refused"


@dataclass(frozen=True, slots=True)
class Details:
    """What one entry says beside the state of the case. `on` is the date of a step; `about` a finding."""

    motive: str | None = None
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: the case's revision after it, the event's name and time, and the id of its cause.

    `track` and `proposed` are those after it. A refused command has its entry as well; it changes nothing.
    """

    revision: int
    name: str
    time: datetime
    cause: str
    actor: Actor
    track: Track | None
    proposed: Proposal | None
    details: Details

    @property
    def by_a_person(self) -> bool:
        """Whether a person took a step or decided here."""
        return self.actor.kind == "person" and self.name != REFUSED_COMMAND


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
    return entry.by_a_person and entry.name == "case-track-decided" and entry.track == track
