"""Where the rows of a request came in: which door, and which part of which file. One small word for all doors."""

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

MOST_NAME: Final = 200
MOST_ROW: Final = 999_999_999


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of the rows of one request.

    `file` is the name the sender gives it (1 to 200 characters, none of them a control character; None: there is no file),
    `first` the number in it of the first row, counted from 1; the rows follow each other, unless `numbers` gives the
    number of each. A name may be personal: it is kept sealed, never logged.

    Raises:
        ValueError: no such name, or no such number.
    """

    door: Literal["http", "kafka"]
    file: str | None = None
    first: int = 1
    numbers: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.file is not None and not is_file_name(self.file):
            raise ValueError("file")
        if not 1 <= self.first <= MOST_ROW:
            raise ValueError("row")

    def number(self, place: int) -> int:
        """The number in the file of the row at this place of the request, counted from 0."""
        return self.first + place if self.numbers is None else self.numbers[place]


def is_file_name(name: str) -> bool:
    """Whether a text can be the name of a file: short, and without control characters or halves of characters."""
    return 0 < len(name) <= MOST_NAME and not any(unicodedata.category(one) in {"Cc", "Cs"} for one in name)
