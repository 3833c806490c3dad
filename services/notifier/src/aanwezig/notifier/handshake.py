"""Whether a webhook may go to an address: the address itself, and the receiver's own word (CloudEvents HTTP 1.1 Web Hooks, 4).

The receiver is asked by `OPTIONS` with `WebHook-Request-Origin`, `-Callback` and `-Rate`. It agrees with 200 or 204 and
`WebHook-Allowed-Origin` (our origin, or `*`), and may bound us by `WebHook-Allowed-Rate` (requests a minute, or `*`). One that
cannot answer so opens the callback address within a day. Every connection goes to an address that was checked first.
"""

import asyncio
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from aanwezig.notifier.channels.addresses import Addresses, AddressRefused
from aanwezig.notifier.channels.doors import NotDelivered
from aanwezig.notifier.channels.posting import Answer, Posting
from aanwezig.notifier.problems import Problem

ALLOWED_ORIGIN: Final = "WebHook-Allowed-Origin"
ALLOWED_RATE: Final = "WebHook-Allowed-Rate"
MOST_ADDRESS: Final = 2_000
"""Most characters of an address."""
_MOST_PORT: Final = 65_535
_MOST_RATE_DIGITS: Final = 7
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Agreed:
    """The receiver wants our messages; `per_minute` at most, None: as many as come."""

    per_minute: int | None


@dataclass(frozen=True, slots=True)
class NotAgreed:
    """It has not said so yet; `reason` is a word for its owner."""

    reason: str


class Handshake:
    """Asks receivers, from its first question until it is closed. `per_minute` is the rate we ask for."""

    def __init__(
        self, *, public_url: str, addresses: Addresses, timeout_seconds: float, allow_http: bool = False, per_minute: int = 600,
    ) -> None:  # fmt: skip
        self.origin: Final = urlsplit(public_url).hostname or ""
        self._public_url = public_url.rstrip("/")
        self._addresses = addresses
        self._timeout = timeout_seconds
        self._schemes = ("https", "http") if allow_http else ("https",)
        self._per_minute = per_minute
        self._posting: Posting | None = None

    async def run(self) -> None:
        """Waits until it is cancelled, and closes then."""
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Lets connections and look-ups go."""
        if self._posting is not None:
            posting, self._posting = self._posting, None
            await posting.__aexit__(None, None, None)
        self._addresses.close()

    async def refusal(self, address: str) -> Problem | None:
        """Why no webhook goes to an address; None: it may, as its name stands now. Each connection checks again."""
        code = self._form(address)
        if code is None:
            try:
                async with asyncio.timeout(self._timeout):
                    await self._addresses.checked(address)
            except AddressRefused:
                code = "address-not-public"
            except (OSError, TimeoutError):
                code = "address-unknown-host"
        return None if code is None else Problem(code, field="address")

    async def ask(self, subscription: str, address: str, token: str) -> Agreed | NotAgreed:
        """Asks the receiver at this address; the token is what it may confirm with later. Raises nothing."""
        headers = {
            "WebHook-Request-Origin": self.origin,
            "WebHook-Request-Callback": f"{self._public_url}/v1/subscriptions/{subscription}/validation/{token}",
            "WebHook-Request-Rate": str(self._per_minute),
        }
        if self._posting is None:
            self._posting = Posting(addresses=self._addresses, timeout_seconds=self._timeout)
            await self._posting.__aenter__()
        answer = await self._posting.send("OPTIONS", address, headers)
        return NotAgreed(answer.reason) if isinstance(answer, NotDelivered) else self._heard(answer)

    def allows_origin(self, said: str) -> bool:
        """Whether a receiver's `WebHook-Allowed-Origin` names us."""
        return said.strip() == "*" or said.strip().lower() == self.origin.lower()

    def _heard(self, answer: Answer) -> Agreed | NotAgreed:
        if answer.status not in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
            return NotAgreed(f"answered-{answer.status}")
        origin = answer.headers.get(ALLOWED_ORIGIN.lower())
        if origin is None:
            return NotAgreed("no-allowed-origin")
        if not self.allows_origin(origin):
            return NotAgreed("another-origin")
        try:
            return Agreed(rate_of(answer.headers.get(ALLOWED_RATE.lower())))
        except ValueError:
            return NotAgreed("wrong-rate")

    def _form(self, address: str) -> str | None:
        """What is wrong with an address before its name is looked up."""
        try:
            parts = urlsplit(address)
            port = parts.port
            url = httpx.URL(address)
        except (ValueError, httpx.InvalidURL):
            with suppress(ValueError):
                return "address-wrong-port" if _says_port(address) else "address-no-url"
            return "address-no-url"
        if (
            not address.isascii()
            or not address.isprintable()
            or " " in address
            or len(address) > MOST_ADDRESS
        ):
            return "address-no-url"
        if url.scheme not in self._schemes:
            return "address-not-https" if url.scheme else "address-no-url"
        if not url.host:
            return "address-no-url"
        if url.userinfo or "@" in parts.netloc:
            return "address-with-password"
        if "#" in address:
            return "address-with-fragment"
        return "address-wrong-port" if port is not None and not 0 < port <= _MOST_PORT else None


class Pace:
    """How often a recipient may let us connect to an address: so many times a minute, by one instance. In memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def enter(self, recipient: str, now: datetime) -> None:
        """Counts one.

        Raises:
            Problem: 429, it was too often; `Retry-After` says when it is not any more.
        """
        recent = self._recent[recipient]
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= self._most:
            wait = (recent[0] + _MINUTE - now).total_seconds()
            raise Problem("too-many-tries", retry=max(1, int(wait) + 1))
        recent.append(now)


def rate_of(said: str | None) -> int | None:
    """The requests a minute in `WebHook-Allowed-Rate`; None: as many as come.

    Raises:
        ValueError: neither a positive whole number nor `*`.
    """
    if said is None or said.strip() == "*":
        return None
    text = said.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_RATE_DIGITS and int(text) > 0):
        raise ValueError("no rate")
    return int(text)


def _says_port(address: str) -> bool:
    """Whether the host and what stands before it are well, and the port is not."""
    host, _, port = urlsplit(address).netloc.rpartition(":")
    return bool(host) and port.isdigit()
