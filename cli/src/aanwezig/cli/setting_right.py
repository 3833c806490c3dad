"""The quarantine of one system, asked at intake's door: what was refused, and what a clerk does about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from aanwezig.cli.asking import Doorway, detail_of
from aanwezig.cli.exits import AtFault

RESUBMITTED_AT_ONCE: Final = 200
LISTED_AT_ONCE: Final = 1_000
_REQUEST_SECONDS: Final = 60.0
_EVENT: Final = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of rows that were judged anew: a receipt each, with `quarantine`, the id of the row.

    `unknown`: ids under which nothing is open; `unopened`: rows that were sealed under a key that is no longer there.
    """

    receipts: Sequence[Mapping[str, Any]]
    unknown: Sequence[str]
    unopened: Sequence[str]


class Desk:
    """One system's own refused rows. A context manager: it keeps its connection.

    Each call may raise `NeededIsAway` (the door is away, or says *not now* for too long) and `AtFault` (it refuses, and why).
    """

    def __init__(self, doorway: Doorway, language: str) -> None:
        self._doorway = doorway
        self._client = doorway.client(seconds=_REQUEST_SECONDS)
        self._client.headers["accept-language"] = language

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._client.close()

    def rows(self, wanted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The open rows, page by page; `wanted` may name a `school`, a `code`, a `file`."""
        asked = {**wanted, "limit": str(LISTED_AT_ONCE)}
        while True:
            page = self._asked("GET", "", params=asked)
            yield from page["rows"]
            if page["next"] is None:
                return
            asked["after"] = page["next"]

    def row(self, id_: str) -> dict[str, Any]:
        """One row, with `said`: the row as it came."""
        return self._asked("GET", f"/{_path(id_)}")

    def counts(self) -> dict[str, Any]:
        """How many rows there are, of which school and code, and how many there may be."""
        return self._asked("GET", "/counts")

    def correct(self, id_: str, event: bytes) -> dict[str, Any]:
        """Submits what the row should have told; the receipt. One that is taken closes the row."""
        said = self._asked("PUT", f"/{_path(id_)}", content=event, headers={"content-type": _EVENT})
        receipt: dict[str, Any] = said["receipt"]
        return receipt

    def resubmit(self, ids: Sequence[str]) -> Iterator[Judged]:
        """Has rows judged anew, as they came."""
        for place in range(0, len(ids), RESUBMITTED_AT_ONCE):
            part = list(ids[place : place + RESUBMITTED_AT_ONCE])
            said = self._asked("POST", "/resubmit", json={"ids": part})
            yield Judged(said["receipts"], said["unknown"], said["unopened"])

    def discard(self, id_: str, reason: str) -> None:
        """Closes a row that nobody is going to correct; the reason is kept."""
        self._asked("DELETE", f"/{_path(id_)}", params={"reason": reason})

    def _asked(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        def once() -> httpx.Response:
            return self._client.request(method, f"{self._doorway.address}/v1/quarantine{path}", **more)

        answer = self._doorway.asked(once, "cannot tell of refused rows now")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise AtFault(detail_of(answer))
        if not answer.is_success:
            raise AtFault(f"The door at {self._doorway.address} refused this: {detail_of(answer)}")
        said: dict[str, Any] = answer.json() if answer.content else {}
        return said


def _path(id_: str) -> str:
    return quote(id_, safe="")
