"""Asking a door that may be busy, or restarting: trying again within bounds, and a sentence when it stays away."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
STACK_HINT: Final = "Is the stack up? aanwezig status, aanwezig up"
ELSEWHERE_HINT: Final = "Check the address; if it is right, try again later"


class _NotNow(Exception):
    """The door is away, or asks to wait `after` seconds."""

    def __init__(self, why: str, *, away: bool, after: float | None = None) -> None:
        super().__init__(why)
        self.away = away
        self.after = after


@dataclass(frozen=True, slots=True)
class Doorway:
    """The address of a door, without a slash at its end, and the key it is asked with. `is_ours`: of a stack of this machine."""

    address: str
    key: str = field(repr=False)
    is_ours: bool = True

    def client(self, *, seconds: float) -> httpx.Client:
        """A client of this door. Over https its certificate is verified, and a proxy that the environment names is used."""
        if not self.address.startswith("https:"):
            return a_client(self.key, seconds=seconds)
        # What this machine trusts, as its other programs do: a region may have an authority of its own.
        return httpx.Client(verify=ssl.create_default_context(), timeout=seconds, headers=_headers(self.key))

    def asked(
        self, act: Callable[[], httpx.Response], what: str, *, away: float = AWAY_SECONDS
    ) -> httpx.Response:
        """As `patiently`, of this door: `what` it cannot do now."""
        hint = STACK_HINT if self.is_ours else ELSEWHERE_HINT
        return patiently(act, f"The door at {self.address} {what}", away=away, hint=hint)


def a_client(key: str | None = None, *, seconds: float) -> httpx.Client:
    """A client for the services of this machine: plain HTTP, never by a proxy the environment may name."""
    # Without TLS there is nothing to verify; loading every authority's certificate would cost more than the request.
    return httpx.Client(trust_env=False, verify=False, timeout=seconds, headers=_headers(key))  # noqa: S501


def patiently(
    act: Callable[[], httpx.Response], what: str, *,
    busy: float = BUSY_SECONDS, away: float = AWAY_SECONDS, hint: str = STACK_HINT,
) -> httpx.Response:  # fmt: skip
    """The answer to a request that may be made again. `busy` and `away` are the seconds each is borne.

    `hint`: what to look at where nobody answers.

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
        raise NeededIsAway(f"{what}: {never}.{f' {hint}' if never.away else ''}") from None
    return answer


def detail_of(answer: httpx.Response) -> str:
    """The problem's own sentence (RFC 9457), else what the status means; with the status."""
    try:
        said = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        said = ""
    return f"{said or answer.reason_phrase} ({answer.status_code})"


def _headers(key: str | None) -> dict[str, str]:
    return {"accept-language": "en"} | ({} if key is None else {"authorization": f"Bearer {key}"})


def _once(act: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        answer = act()
    except httpx.ConnectError as away:
        if "CERTIFICATE_VERIFY_FAILED" in str(away):
            raise NeededIsAway(
                "This is not the door it says it is, or this machine does not know who vouches for it: its certificate "
                "cannot be verified. Nothing was sent; check the address, and tell the operator."
            ) from None
        raise _NotNow(f"it does not answer ({type(away).__name__})", away=True) from None
    except httpx.HTTPError as away:
        raise _NotNow(f"it does not answer ({type(away).__name__})", away=True) from None
    if answer.status_code in _BUSY:
        after = answer.headers.get("retry-after", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        raise _NotNow(detail_of(answer), away=False, after=seconds)
    return answer
