"""Receipts as the contract writes them (`contract.md` 5): at the HTTP door, and row by row on the topic of receipts."""

from aanwezig.contracts.messages import ErrorSaid, Message, ReceiptSaid

__all__ = ["ErrorSaid", "ReceiptSaid", "ReceiptsSaid"]


class ReceiptsSaid(Message):
    """The answer to `POST /v1/facts`: a receipt per record, in the order of the records."""

    receipts: list[ReceiptSaid]
