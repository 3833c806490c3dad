"""Webhooks: the notice's CloudEvent, structured JSON under the NL GOV profile, signed by the Standard Webhooks scheme.

`webhook-id` is the notice's id in every attempt: a receiver that knows it already has the notice. The answer's status
alone counts; redirects are not followed, and of the answer's body no more than a little is read.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from aanwezig.chassis.sealing import unseal
from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier.channels.addresses import Addresses, AddressRefused, Target
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome

_MOST_ANSWER_BYTES: Final = 16 * 1024


class WebhookDoor:
    """The door for channel `webhook`. `seal_key` opens the secrets in the register."""

    def __init__(self, *, seal_key: bytes, addresses: Addresses, timeout_seconds: float) -> None:
        self._seal_key = seal_key
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

    async def send(self, to: RecipientRegistered, notice: str, body: bytes, at: datetime) -> Outcome:
        """Tries once; see `Door.send`."""
        if to.address is None:
            return NotDelivered("no-address", final=True)
        if to.secret is None:
            return NotDelivered("no-secret", final=True)
        try:
            headers = self._headers(to.secret, notice, body, at)
        except (ValueError, EmptyWebhookSecretError):
            # An operator can mend it: the key of this service, or the secret in the register.
            return NotDelivered("secret-unreadable")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._post(await self._addresses.checked(to.address), headers, body)
        except AddressRefused:
            return NotDelivered("address-refused", final=True)
        except (TimeoutError, httpx.TimeoutException):
            return NotDelivered("timed-out")
        except (httpx.HTTPError, OSError):
            return NotDelivered("unreachable")
        await self._let_end(answer)
        return _outcome(answer.status_code)

    def _headers(self, sealed: str, notice: str, body: bytes, at: datetime) -> dict[str, str]:
        signature = Webhook(unseal(self._seal_key, sealed)).sign(notice, at, body.decode())
        return {
            "content-type": CONTENT_TYPE, "webhook-id": notice, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }  # fmt: skip

    async def _post(self, target: Target, headers: dict[str, str], body: bytes) -> httpx.Response:
        if self._client is None:
            raise RuntimeError("the door is not open")
        request = self._client.build_request(
            "POST", target.url, content=body, headers={**headers, "host": target.authority},
            extensions={"sni_hostname": target.host},
        )  # fmt: skip
        return await self._client.send(request, stream=True)

    async def _let_end(self, answer: httpx.Response) -> None:
        """Lets a receiver finish a short answer; whatever goes wrong now, its status has been said."""
        read = 0
        with suppress(httpx.HTTPError, OSError, TimeoutError):
            async with asyncio.timeout(min(1.0, self._timeout)):
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > _MOST_ANSWER_BYTES:
                        break
        await answer.aclose()


def _outcome(status: int) -> Outcome:
    if httpx.codes.is_success(status):
        return Delivered()
    return NotDelivered(f"answered-{status}", final=status == httpx.codes.GONE)
