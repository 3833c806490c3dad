"""Files through the door: each read, sent in batches, and answered row by row, or refused as a whole with one sentence."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import orjson

from aanwezig.cli.filerows import System, edfi, rows
from aanwezig.cli.given import Given
from aanwezig.cli.sending import BATCH_ROWS, Door, Form, RequestRefused, Row, batches
from aanwezig.cli.tally import refused
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.unpacking import Kind

Hear = Callable[[Given, int | None, Mapping[str, Any]], None]
"""Takes a receipt: the file, the row in it (None: the file as a whole), what became of it."""
_SOURCE: Final = "urn:nld:oin:"


@dataclass(slots=True)
class Sent:
    """What became of one file.

    `kind` None: none of ours. `whole`: why nothing was taken of it. `failed`: why it, or the rest of it, could not be read.
    `answered` is the number of the last row with a receipt; `refused` holds the numbers of refused rows.
    """

    file: Given
    kind: Kind | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: set[int] = field(default_factory=set)
    answered: int = 0
    passed_over: Mapping[str, int] = field(default_factory=dict)
    whole: Refusal | None = None
    failed: str | None = None
    is_done: bool = False


@dataclass(slots=True)
class Plan:
    """Files in the order in which they are to be sent: Ed-Fi together in the place of the first of them, others alone.

    What is wrong with a file already shows here: those are in no group.
    """

    sent: dict[Given, Sent] = field(default_factory=dict)
    groups: list[list[Given]] = field(default_factory=list)
    edfi: list[Given] = field(default_factory=list)


def planned(files: Iterable[Given]) -> Plan:
    """Looks at the beginning of each file."""
    plan = Plan()
    for one in files:
        sent = plan.sent[one] = Sent(one)
        try:
            sent.kind = one.kind()
        except NotTaken as not_taken:
            sent.whole = not_taken.refusal
        except OSError as wrong:
            sent.failed = _why(wrong)
        if sent.kind is Kind.EDFI_XML:
            if not plan.edfi:
                plan.groups.append(plan.edfi)
            plan.edfi.append(one)
        elif sent.kind is not None:
            plan.groups.append([one])
    return plan


class Delivery:
    """Sends files through one door, in one language. `hear` gets every receipt as it comes.

    `unmapped` are the foreign school ids met so far without a school of ours, each once, in order.
    """

    def __init__(self, door: Door, hear: Hear, *, language: str, batch: int = BATCH_ROWS) -> None:
        self._door = door
        self._hear = hear
        self._language = language
        self._batch = batch
        self.unmapped: dict[str, None] = {}
        self.system = cache(self._system)

    def refuse(self, sent: Sent) -> None:
        """Tells why nothing of a file was taken."""
        if sent.whole is not None:
            self._hear(sent.file, None, refused(sent.whole, self._language))
        sent.is_done = True

    def send(self, sent: Sent, recorded_at: str | None) -> None:
        """Sends one file that is no Ed-Fi. `recorded_at`: the `time` of rows that have none.

        Raises:
            NeededIsAway, RequestRefused: as `Door.post`; `sent` tells how far it came.
        """
        assert sent.kind is not None  # noqa: S101 - only what can be read is in a group
        try:
            self._post(sent, rows(sent.file, sent.kind, self.system, recorded_at))
        except NotTaken as not_taken:
            sent.whole = not_taken.refusal
        except OSError as wrong:
            sent.failed = _why(wrong)
        self.refuse(sent)

    def send_edfi(self, files: Sequence[Sent], recorded_at: datetime) -> None:
        """Sends Ed-Fi files as one word of the school, said at this moment (aware).

        Raises:
            NeededIsAway, RequestRefused: as `Door.post`.
        """
        read = edfi([one.file for one in files], self.system(), recorded_at)
        self.unmapped |= dict.fromkeys(read.unmapped)
        for sent in files:
            sent.whole = read.refused.get(sent.file)
            wrong = read.failed.get(sent.file)
            sent.failed = None if wrong is None else _why(wrong)
            sent.passed_over = read.passed_over.get(sent.file, {})
            self._post(sent, read.rows.get(sent.file, ()))
            self.refuse(sent)

    def _post(self, sent: Sent, made: Iterable[Row]) -> None:
        for batch in batches(made, self._batch):
            for row, receipt in zip(batch, self._answered(batch), strict=True):
                sent.outcomes[receipt["outcome"]] += 1
                sent.answered = max(sent.answered, row.number)
                if receipt["outcome"] == "refused":
                    sent.refused.add(row.number)
                self._hear(sent.file, row.number, receipt)

    def _answered(self, batch: list[Row]) -> Iterator[Mapping[str, Any]]:
        first = batch[0]
        told = (refused(row.refusal, self._language, row.id) for row in batch if row.refusal is not None)
        if first.refusal is not None and first.form is not Form.TABLE:
            return told
        raw = [row.raw for row in batch]
        try:
            return iter(
                self._door.post(
                    raw, first.form, header=first.header, file=first.file.name, first=first.number
                )
            )
        except RequestRefused as whole:
            if first.form is Form.VALUES or whole.status != HTTPStatus.BAD_REQUEST:
                raise
        if first.form is Form.TABLE:
            return told  # its header was enough only with --recorded-at
        # These lines alone look like something else than lines of JSON, a page for instance: each gets its own outcome.
        return (
            receipt for part in batches(map(_alone, batch), self._batch) for receipt in self._answered(part)
        )

    def _system(self) -> System:
        told = self._door.system()
        return System(told["system"], f"{_SOURCE}{told['oin']}", tuple(told["schools"]), told["map"])


def _alone(row: Row) -> Row:
    """A line as the value it holds; refused where it holds none."""
    if len(row.raw) > MAX_EVENT_BYTES:
        return replace(row, refusal=Refusal("", Code.TOO_LARGE, f"{MAX_EVENT_BYTES // 1024} KiB"))
    try:
        orjson.loads(row.raw)
    except orjson.JSONDecodeError:
        return replace(row, refusal=Refusal("", Code.NOT_JSON))
    return replace(row, form=Form.VALUES)


def _why(wrong: OSError) -> str:
    return wrong.strerror or type(wrong).__name__
