"""Receipts as the contract writes them (`contract.md` 5): at the HTTP door, and row by row on the topic of receipts."""

from typing import Annotated, Literal

from pydantic import Field

from aanwezig.contracts.messages import Message
from aanwezig.contracts.refusals import Code


class ErrorSaid(Message):
    """One thing that is wrong with a record: the field by its dotted name (empty: the record itself), and why."""

    field: str
    code: Code
    message: str


class ReceiptSaid(Message):
    """What became of one record. `id` as the sender gave it, null where it gave none."""

    id: str | None
    outcome: Literal["accepted", "duplicate", "refused"]
    errors: list[ErrorSaid]


class ProblemSaid(Message):
    """Why a record was refused as a whole, so that nothing of it was taken: code and sentence as at the HTTP door."""

    code: str
    detail: str


class RecordPlace(Message):
    """Where a submitted record stands."""

    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]


class ReceiptsGiven(Message):
    """What became of one record on a submissions topic: a receipt per row in it, in their order, or one problem.

    Many rows are told in several events of at most 64 KiB: `part` of `parts`, counted from 1.
    """

    system: str
    record: RecordPlace
    part: Annotated[int, Field(ge=1)]
    parts: Annotated[int, Field(ge=1)]
    receipts: list[ReceiptSaid]
    problem: ProblemSaid | None = None


class ReceiptsSaid(Message):
    """The answer to `POST /v1/facts`: a receipt per record, in the order of the records."""

    receipts: list[ReceiptSaid]
