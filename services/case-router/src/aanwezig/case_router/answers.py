"""What the officers' door answers, as models: what is sent is made of them, and its description (`published_api`) is too."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from aanwezig.case_router.journal import Entry
from aanwezig.case_router.route import Mode
from aanwezig.contracts.messages import Blocked, Hash, Message, NoDue, Proposal, Status, Subject, Timer, Track

Revision = Annotated[int, Field(ge=1)]
Municipality = Annotated[str, Field(pattern="^[0-9]{4}$")]


class CommandDone(Message):
    """A command that was carried out, with the revision of the case after it. The same command again gets the same."""

    outcome: Literal["carried-out"]
    command: Annotated[str, Field(min_length=1, max_length=200)]
    case: Hash
    revision: Revision


class TermShown(Message):
    """A timer that runs, in lesson days. `due` null: paused; `told`: it has passed and the chain was told."""

    timer: Timer
    began: date
    due: date | None
    told: bool


class TableSays(Message):
    """What the routing table answers for one finding: the row (`rule`) with the table's version, and what it says."""

    rule: str
    version: str
    track: Track
    mode: Mode
    subject: Subject
    note: str | None


class FindingShown(Message):
    """A finding that joined the case. `answer` null: it was withdrawn, or the table is not asked for it."""

    finding: Hash
    revision: Revision
    stands: bool
    kind: str
    ordinal: Revision
    school_year: str
    at: date
    school: str | None
    obligation: str | None
    age: int | None
    answer: TableSays | None


class ConditionShown(Message):
    """A condition of Halt. `why`: a sentence where it fails."""

    name: str
    holds: bool
    article: str
    why: str | None


class HaltShown(Message):
    """Whether a decision for Halt could be made now, consent aside; and if not, why not, condition by condition."""

    possible: bool
    conditions: list[ConditionShown]


class CaseLine(Message):
    """A case as it stands. `due`: the first date on which something must have happened; `no_due`: why nothing is due."""

    case: Hash
    revision: Revision
    pupil: str
    school: str | None
    municipality: Municipality | None
    opened: date
    status: Status
    track: Track | None
    subject: Subject
    proposed: Proposal | None
    due: date | None
    no_due: NoDue | None
    outcome: str | None


class CaseShown(CaseLine):
    """A case with what a decision is weighed by. A decision names `revision`. `blocked`: what blocks it, and since when."""

    school_year: str
    blocked: Blocked | None
    terms: list[TermShown]
    findings: list[FindingShown]
    halt: HaltShown


class CasesShown(Message):
    """Cases by pupil and age. `next`: the next `after`; null: these were the last. A page may be shorter than asked."""

    cases: list[CaseLine]
    next: Hash | None


class JournalShown(Message):
    """The journal of a case, from the first line on. Each line carries its hash and that of the line before (ADR 9).

    `state` holds the fields of the case as they are stored: what the lines have to add up to.
    """

    case: Hash
    revision: Revision
    state: dict[str, Any]
    lines: list[Entry]
