"""What the door answers, as models: what its description (`published_api`) promises, and tests hold it to.

Receipts are the contract's own (`aanwezig.contracts.receipts`).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from aanwezig.contracts.messages import Hash, Message
from aanwezig.contracts.receipts import ErrorSaid, ReceiptSaid
from aanwezig.contracts.refusals import Code
from aanwezig.intake.clerk import MOST_IDS
from aanwezig.intake.entries import State

Count = Annotated[int, Field(ge=0)]
RowNumber = Annotated[int, Field(ge=1)]
School = Annotated[str, Field(pattern="^[0-9A-Z]{4}[0-9]{2}$")]


class LimitsSaid(Message):
    """How much this system may send. Bytes are those of a body, packed and unpacked; seconds those of sending one."""

    rows: RowNumber
    bytes: RowNumber
    event_bytes: RowNumber
    body_seconds: Annotated[float, Field(gt=0)]
    rows_a_minute: RowNumber
    requests_abreast: RowNumber


class SystemSaid(Message):
    """What is registered of the system that asks. `map`: foreign ids of schools to ours; `source`: what its events say."""

    system: str
    oin: Annotated[str, Field(pattern="^[0-9A-Z]{20}$")]
    source: str
    schools: list[School]
    map: dict[str, School]
    rights: list[Literal["identities"]]
    limits: LimitsSaid


class RowReceipt(ReceiptSaid):
    """What became of one row of a file; `quarantine`: its number there, while it waits for a correction."""

    row: RowNumber
    quarantine: Hash | None
    outcome: Literal["accepted", "refused"]


class FileCounts(Message):
    """The rows of a file, as they stand now."""

    rows: Count
    accepted: Count
    refused: Count


class FileSaid(Message):
    """What became of a file, by the number of the row. `counts` stand on the first page alone; `next` is the next `after`."""

    file: str
    at: datetime
    counts: FileCounts | None
    receipts: list[RowReceipt]
    next: Annotated[str, Field(pattern="^[0-9]{1,9}$")] | None


class RefusedRow(Message):
    """A refused row. `id`: its number here, `row_id`: what its sender calls it, `ends`: until when it is kept.

    `opens`: whether it can still be read; else it was sealed under a key that is no longer there.
    """

    id: Hash
    row_id: str | None
    type: str | None
    at: datetime
    ends: datetime
    school: School | None
    file: str | None
    row: RowNumber
    state: State
    opens: bool
    errors: list[ErrorSaid]


class RefusedRows(Message):
    """Refused rows of the system, the oldest first. `next` is the next `after`."""

    rows: list[RefusedRow]
    next: str | None


class RefusedRowWhole(RefusedRow):
    """A refused row with what was sent (`said`: a JSON value, or text), and why it was discarded (`reason`)."""

    reason: str | None
    what: Annotated[Any, Field(alias="said")]


class RefusedCount(Message):
    """Open rows of one school (null: no school of ours) with one code."""

    school: School | None
    code: Code
    rows: RowNumber
    oldest: datetime


class RefusedCounts(Message):
    """How many open rows there are and may be. `full` and `full_schools`: there is no room for more."""

    rows: Count
    limit: Count
    school_limit: Count
    full: bool
    full_schools: list[School]
    counts: list[RefusedCount]


class Corrected(Message):
    """What became of a correction. It stays `open` while the receipt says `refused`."""

    quarantine: Hash
    state: Literal["open", "corrected"]
    receipt: ReceiptSaid


class Discarded(Message):
    """A row that was laid aside."""

    quarantine: Hash
    state: Literal["discarded"]


class Resubmission(Message):
    """Numbers of refused rows that are to be judged anew, as they came."""

    ids: Annotated[list[Hash], Field(min_length=1, max_length=MOST_IDS)]


class AnewReceipt(ReceiptSaid):
    """The receipt of a row that was judged anew; `quarantine` is its number."""

    quarantine: Hash


class Resubmitted(Message):
    """`unknown`: no open rows of this system; `unopened`: they cannot be read any more."""

    receipts: list[AnewReceipt]
    unknown: list[Hash]
    unopened: list[Hash]


class IdentityUnknown(Message):
    """Nobody knows this pseudonym, or it is not yours to know."""

    pseudonym: Hash
    unknown: Literal[True]


class IdentityByNumber(Message):
    """The pupil's personal number."""

    pseudonym: Hash
    number: Annotated[str, Field(pattern="^[0-9]{9}$")]


class IdentityLocal(Message):
    """The id that the sender with this OIN gave the pupil."""

    pseudonym: Hash
    local: str
    oin: Annotated[str, Field(pattern="^[0-9A-Z]{20}$")]


class IdentitiesSaid(Message):
    """Who is who, in the order of the question."""

    identities: list[IdentityByNumber | IdentityLocal | IdentityUnknown]
