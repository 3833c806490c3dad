"""What every reader of files gives: rows with their place in the file, or one reason why nothing of it was taken."""

from dataclasses import dataclass

from aanwezig.contracts.refusals import Refusal
from aanwezig.intake.formats import NotReadable, Row


class NotTaken(NotReadable):
    """A file that is refused as a whole: nothing of it was taken. `refusal` tells why, in one sentence."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row and its place in its file, counted from 1: what its sender sees in a spreadsheet or as the n-th record."""

    number: int
    row: Row
