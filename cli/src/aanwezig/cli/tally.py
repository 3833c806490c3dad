"""What became of rows: counted for a summary, and written down, one line of NDJSON for each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

import click
import orjson

from aanwezig.contracts.refusals import Refusal

_SHOWN: Final = 20
OUTCOMES: Final = ("accepted", "duplicate", "refused")


@dataclass(slots=True)
class Tally:
    """What became of the rows, and of files as a whole. `codes` counts faults by field, code and sentence.

    A row may have several faults; `whole` counts the files of which nothing was taken.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    whole: int = 0
    _hidden: int = 0

    def take(self, file: str, row: int | None, receipt: Mapping[str, Any]) -> None:
        """Counts one receipt; `row` None: the one for a whole file."""
        errors = [(error["field"] or "-", error["code"], error["message"]) for error in receipt["errors"]]
        if row is None:
            self.whole += 1
        else:
            self.outcomes[receipt["outcome"]] += 1
            self.codes.update(errors)
        if receipt["outcome"] != "refused":
            return
        if row is not None and len(self.refused) >= _SHOWN:
            self._hidden += 1
            return
        faults = "\t".join(part for error in errors for part in error)
        self.refused.append(f"{file}\t{'-' if row is None else row}\t{faults}")

    @property
    def is_fine(self) -> bool:
        """Whether nothing was refused, neither a row nor a file."""
        return not (self.outcomes["refused"] or self.whole)

    def show(self) -> None:
        """The summary on stdout; on stderr the first refused rows: file, row, then field, code, sentence of each fault."""
        click.echo(f"rows       {self.outcomes.total()}")
        for outcome in OUTCOMES:
            click.echo(f"{outcome:<10} {self.outcomes[outcome]}")
        for (name, code, message), count in sorted(self.codes.items(), key=lambda one: (-one[1], one[0])):
            click.echo(f"  {count} x {name} {code}: {message}")
        if self.whole:
            click.echo(f"files of which nothing was taken: {self.whole}")
        for line in self.refused:
            click.echo(line, err=True)
        if self._hidden:
            click.echo(f"and {self._hidden} more refused rows", err=True)


def refused(refusal: Refusal, language: str, row_id: str | None = None) -> dict[str, Any]:
    """A receipt, as the door writes one (`contract.md` 5), for what its reader refused."""
    error = {
        "field": refusal.field,
        "code": refusal.code.value,
        "message": refusal.message(language),
    }
    return {"id": row_id, "outcome": "refused", "errors": [error]}


class Receipts:
    """A file of receipts: each line a receipt with `file` and `row` before it; `row` null: of the whole file.

    Raises `OSError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._out: IO[bytes] = self._path.open("wb")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._out.close()

    def take(self, file: str, row: int | None, receipt: Mapping[str, Any]) -> None:
        """Writes one receipt."""
        said = {"file": file, "row": row, **receipt}
        self._out.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))
