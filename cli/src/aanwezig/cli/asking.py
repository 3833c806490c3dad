"""Asking a door that may be busy, or restarting: trying again within bounds, and a sentence when it stays away."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx
import stamina

from aanwezig.cli.exits import NeededIsAway

_BUSY: Final = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
_LONGEST_PAUSE: Final = 65.0
"""Seconds; a door counts rows by the minute, and asks for no longer pause than that."""
BUSY_SECONDS: Final = 90.0
AWAY_SECONDS: Final = 10.0


class _NotNow(Exception):
    """The door is away, or asks to wait `after` seconds."""

    def __init__(self, why: str, *, away: bool, after: float | None = None) -> None:
        super().__init__(why)
        self.away = away
        self.after = after


def a_client(key: str | None = None, *, seconds: float) -> httpx.Client:
    """A client for the services of this machine: plain HTTP, never by a proxy the environment may name."""
    headers = {"accept-language": "en"} | ({} if key is None else {"authorization": f"Bearer {key}"})
    # Without TLS there is nothing to verify; loading every authority's certificate would cost more than the request.
    return httpx.Client(trust_env=False, verify=False, timeout=seconds, headers=headers)  # noqa: S501


def patiently(
    act: Callable[[], httpx.Response], what: str, *, busy: float = BUSY_SECONDS, away: float = AWAY_SECONDS
) -> httpx.Response:
    """The answer to a request that may be made again. `busy` and `away` are the seconds each is borne.

    Raises:
        NeededIsAway: nobody answers, or it still says *not now*; the sentence begins with `what`.
    """
    started = time.monotonic()

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, _NotNow):
            return False
        if error.away:
            return time.monotonic() - started < away
        return True if error.after is None else min(error.after, _LONGEST_PAUSE)

    try:
        for attempt in stamina.retry_context(on=pause, attempts=None, timeout=busy, wait_max=5.0):
            with attempt:
                answer = _once(act)
    except _NotNow as never:
        hint = " Is the stack up? aanwezig status, aanwezig up" if never.away else ""
        raise NeededIsAway(f"{what}: {never}.{hint}") from None
    return answer


def detail_of(answer: httpx.Response) -> str:
    """The problem's own sentence (RFC 9457), else what the status means; with the status."""
    try:
        said = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        said = ""
    return f"{said or answer.reason_phrase} ({answer.status_code})"


def _once(act: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        answer = act()
    except httpx.HTTPError as away:
        raise _NotNow(f"it does not answer ({type(away).__name__})", away=True) from None
    if answer.status_code in _BUSY:
        after = answer.headers.get("retry-after", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        raise _NotNow(detail_of(answer), away=False, after=seconds)
    return answer
