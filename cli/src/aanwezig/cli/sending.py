"""Rows to intake's door and receipts back (`contract.md` 5), trying again while the door says *not now*."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina

from aanwezig.cli.asking import AWAY_SECONDS, Doorway, a_client, detail_of
from aanwezig.cli.exits import AtFault
from aanwezig.cli.given import Given
from aanwezig.contracts.refusals import Refusal

BATCH_ROWS: Final = 1_000
BATCH_BYTES: Final = 4 * 1024 * 1024
_REQUEST_SECONDS: Final = 60.0
_TO_BE_KNOWN_SECONDS: Final = 10.0
_NOT_YET: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE})


class Form(StrEnum):
    """How rows stand in a request: its media type. Rows of which only the value is known go as a list of values."""

    LINES = "application/x-ndjson"
    VALUES = "application/cloudevents-batch+json"
    TABLE = "text/csv; charset=utf-8"

    def body(self, rows: list[bytes]) -> bytes:
        """The rows as one body; of a table the first of them is its header, and each ends with its line break."""
        match self:
            case Form.LINES:
                return b"\n".join(rows) + b"\n"
            case Form.VALUES:
                return b"[" + b",".join(rows) + b"]"
            case Form.TABLE:
                return b"".join(rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: where it stands, counted from 1, and its bytes, one JSON value without line breaks.

    `refusal`: the reader of the file refuses it, and `id` is the one it would have had. It is not sent, unless it is a row of
    a table: under its `header` the door can keep it, with the same refusal.
    """

    file: Given
    number: int
    raw: bytes
    form: Form = Form.LINES
    refusal: Refusal | None = None
    id: str | None = None
    header: bytes = b""

    def follows(self, other: "Row") -> bool:
        """Whether it can stand behind the other one in a request."""
        return (
            self.file is other.file
            and self.number == other.number + 1
            and self.form is other.form
            and (self.refusal is None) == (other.refusal is None)
        )


class RequestRefused(AtFault):
    """The door refused a request as a whole; `status` is the HTTP status it gave."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class _NotKnownYet(Exception):
    """Intake has not read this key in the register yet."""


class Door:
    """Intake's door, for one system. A context manager: it keeps its connection.

    `doorway`: where it is, and the key of that system. `language` is that of the sentences in receipts. `held` is around each single request: what must not be cut short.
    """

    def __init__(
        self,
        doorway: Doorway,
        *,
        away: float = AWAY_SECONDS,
        language: str = "en",
        held: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._doorway = doorway
        self._away = away
        self._held = held
        self._client = doorway.client(seconds=_REQUEST_SECONDS)
        self._client.headers["accept-language"] = language

    @property
    def is_ours(self) -> bool:
        """Whether it is of a stack of this machine."""
        return self._doorway.is_ours

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(
        self,
        rows: list[bytes],
        form: Form = Form.LINES,
        *,
        header: bytes = b"",
        file: str | None = None,
        first: int = 1,
    ) -> list[dict[str, Any]]:
        """Submits rows, each one record without line breaks; their receipts, in the same order.

        Rows of a table are sent as they stand there, under its `header`.

        `file` is the name of the file they stand in, by which receipts can be looked up, and `first` the number of the
        first row there; the others follow it one by one. Trying again is harmless: what was accepted the first time is
        then a duplicate.

        Raises:
            NeededIsAway: the door did not answer, or said *not now*, for longer than is borne.
            RequestRefused: the door refused the whole, and why.
        """
        body = form.body([header, *rows] if form is Form.TABLE else rows)
        answer = self._asked(
            "POST",
            "/v1/facts",
            "cannot take the rows now",
            content=body,
            headers={"content-type": form.value},
            params={} if file is None else {"file": file, "row": first},
        )
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise RequestRefused(
                f"The door at {self._doorway.address} refused the whole request: {detail_of(answer)}",
                answer.status_code,
            )
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        if len(receipts) != len(rows):
            raise AtFault(f"The door gave {len(receipts)} receipts for {len(rows)} rows.")
        return receipts

    def system(self) -> dict[str, Any]:
        """What the door knows of the system that asks: its OIN, its schools, the foreign ids that are mapped.

        Raises:
            NeededIsAway, RequestRefused: as `post`.
        """
        answer = self._asked("GET", "/v1/system", "cannot tell who we are now")
        if answer.status_code != HTTPStatus.OK:
            raise RequestRefused(
                f"The door at {self._doorway.address} does not tell who we are: {detail_of(answer)}",
                answer.status_code,
            )
        told: dict[str, Any] = answer.json()
        return told

    def _asked(self, method: str, path: str, what: str, **more: Any) -> httpx.Response:
        def once() -> httpx.Response:
            with self._held():
                return self._client.request(method, f"{self._doorway.address}{path}", **more)

        return self._doorway.asked(once, what, away=self._away)


def batches(rows: Iterable[Row], most: int = BATCH_ROWS) -> Iterator[list[Row]]:
    """The rows in batches that fit one request, in order: each of one file and one form, and without a gap in the numbers."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        full = len(batch) >= most or size + len(row.raw) > BATCH_BYTES
        if batch and (full or not row.follows(batch[-1])):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += len(row.raw) + 1
    if batch:
        yield batch


def known_at(address: str, key: str) -> bool:
    """Returns true as soon as intake knows a key; false where it does not within ten seconds, or does not answer."""
    with a_client(key, seconds=5) as client:
        try:
            for attempt in stamina.retry_context(
                on=_NotKnownYet, attempts=None, timeout=_TO_BE_KNOWN_SECONDS, wait_initial=0.05, wait_max=0.5, wait_jitter=0
            ):  # fmt: skip
                with attempt:
                    _ask_whether_known(client, address)
        except (_NotKnownYet, httpx.HTTPError):
            return False
    return True


def _ask_whether_known(client: httpx.Client, address: str) -> None:
    if client.get(f"{address}/v1/receipts/any").status_code in _NOT_YET:
        raise _NotKnownYet
