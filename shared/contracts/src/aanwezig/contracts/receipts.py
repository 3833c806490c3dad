"""Receipts at the HTTP door, as the contract writes them (`contract.md` 5)."""

from typing import Literal

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


class ReceiptsSaid(Message):
    """The answer to `POST /v1/facts`: a receipt per record, in the order of the records."""

    receipts: list[ReceiptSaid]
