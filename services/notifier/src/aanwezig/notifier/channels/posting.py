"""Careful HTTP to an address that somebody else gave us.

The address is resolved and checked first, and the connection is made to the IP address that was checked, under the
receiver's own name (SNI and `Host`). Redirects are not followed, no proxy of the environment is used, an answer has to
come in time, and no more than a little of it is read.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import httpx

from aanwezig.notifier.channels.addresses import Addresses, AddressRefused, Target
from aanwezig.notifier.channels.doors import NotDelivered

_MOST_ANSWER_BYTES: Final = 16 * 1024
_MOST_SECONDS_FOR_A_BODY: Final = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: its status, and its headers (names in lower case)."""

    status: int
    headers: Mapping[str, str]


class Posting:
    """Sends requests one by one, open for the length of its context.

    `timeout_seconds` is for one request, from the look-up of the name to the status line. `addresses` is closed with it.
    """

    def __init__(self, *, addresses: Addresses, timeout_seconds: float) -> None:
        self._addresses = addresses
        self._timeout = timeout_seconds
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        # No connection is kept: a kept one is found by its IP address, which two receivers may share. No proxy of
        # the environment either: it would connect to whatever it resolves itself.
        self._client = httpx.AsyncClient(
            timeout=self._timeout, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"user-agent": "aanwezig-notifier/1"},
        )  # fmt: skip
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
        self._client = None
        self._addresses.close()

    async def send(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NotDelivered:
        """One request, tried once: any answer at all, or why there is none.

        `address-refused` is final; `timed-out` and `unreachable` are not.

        Raises:
            RuntimeError: outside the context.
        """
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._ask(method, await self._addresses.checked(address), headers, body)
        except AddressRefused:
            return NotDelivered("address-refused", final=True)
        except (TimeoutError, httpx.TimeoutException):
            return NotDelivered("timed-out")
        except (httpx.HTTPError, OSError):
            return NotDelivered("unreachable")
        await self._let_end(answer)
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()})

    async def _ask(self, method: str, to: Target, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        if self._client is None:
            raise RuntimeError("not open")
        request = self._client.build_request(
            method, to.url, content=body, headers={**headers, "host": to.authority},
            extensions={"sni_hostname": to.host},
        )  # fmt: skip
        return await self._client.send(request, stream=True)

    async def _let_end(self, answer: httpx.Response) -> None:
        """Lets a receiver finish a short answer; whatever goes wrong now, its status has been said."""
        read = 0
        with suppress(httpx.HTTPError, OSError, TimeoutError):
            async with asyncio.timeout(min(_MOST_SECONDS_FOR_A_BODY, self._timeout)):
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > _MOST_ANSWER_BYTES:
                        break
        await answer.aclose()
