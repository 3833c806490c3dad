"""The rows of a CSV file as they stand in it: with their quotes, separators and line breaks, beside their numbers (`tables`)."""

import csv
import io
from collections.abc import Iterator

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.tables import text_of


def as_written(body: bytes) -> tuple[str, Iterator[tuple[int, str]]]:
    """The table in two parts: all up to and including its header, and each row below that, as number and text.

    Rows without anything in them are passed over. Each row ends with its line break, the last one too.

    Raises:
        NotTaken: it is no text, there is nothing in it, or its quotes do not match.

    """
    hint, text, separator = text_of(body)
    rows = _written(text, separator)
    _, header = next(rows, (0, ""))
    return hint + header, rows


def _written(text: str, separator: str) -> Iterator[tuple[int, str]]:
    lines: list[str] = []
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        # The reader takes lines one at a time, as many as a row has: those taken since the last row are this row.
        for number, cells in enumerate(
            csv.reader(_taken(text, lines), delimiter=separator, strict=True), start=1
        ):
            written = "".join(lines)
            if not written.endswith("\n"):
                # What stands behind the last row is no part of the table, nor is the rest of a line break.
                written = written.rstrip("\r") + "\r\n"
            lines.clear()
            if any(cell.strip() for cell in cells):
                yield number, written
    except csv.Error:
        raise NotTaken(Refusal("", Code.BROKEN_QUOTES, "1")) from None


def _taken(text: str, lines: list[str]) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        lines.append(line)
        yield line
