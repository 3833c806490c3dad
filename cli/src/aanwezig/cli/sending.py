"""Rows to intake's door and receipts back (`contract.md` 5), trying again while the door says *not now*."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina

from aanwezig.cli.asking import AWAY_SECONDS, a_client, detail_of, patiently
from aanwezig.cli.exits import AtFault

BATCH_ROWS: Final = 1_000
BATCH_BYTES: Final = 4 * 1024 * 1024
_REQUEST_SECONDS: Final = 60.0
_TO_BE_KNOWN_SECONDS: Final = 10.0
_NOT_YET: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: where it stands, counted from 1, and its bytes."""

    file: str
    number: int
    raw: bytes


class _NotKnownYet(Exception):
    """Intake has not read this key in the register yet."""


class Door:
    """Intake's door, for one system. A context manager: it keeps its connection."""

    def __init__(self, address: str, key: str, *, away: float = AWAY_SECONDS) -> None:
        self._address = address
        self._away = away
        self._client = a_client(key, seconds=_REQUEST_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, rows: list[bytes]) -> list[dict[str, Any]]:
        """Submits rows, each one record without line breaks; their receipts, in the same order.

        Trying again is harmless: what was accepted the first time is then a duplicate.

        Raises:
            NeededIsAway: the door did not answer, or said *not now*, for longer than is borne.
            AtFault: the door refused the whole, and why.
        """
        body = b"\n".join(rows) + b"\n"
        answer = patiently(
            lambda: self._client.post(
                f"{self._address}/v1/facts", content=body, headers={"content-type": "application/x-ndjson"}
            ),
            f"The door at {self._address} cannot take the rows now",
            away=self._away,
        )
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise AtFault(f"The door at {self._address} refused the whole request: {detail_of(answer)}")
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        if len(receipts) != len(rows):
            raise AtFault(f"The door gave {len(receipts)} receipts for {len(rows)} rows.")
        return receipts


def batches(rows: Iterable[Row], most: int = BATCH_ROWS) -> Iterator[list[Row]]:
    """The rows in batches that fit one request, in order."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        if batch and (len(batch) >= most or size + len(row.raw) > BATCH_BYTES):
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
