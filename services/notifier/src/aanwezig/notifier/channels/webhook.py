"""Webhooks: the notice's CloudEvent, structured JSON under the NL GOV profile, signed by the Standard Webhooks scheme.

`webhook-id` is the notice's id in every attempt: a receiver that knows it already has the notice. The answer's status
alone counts; redirects are not followed, and of the answer's body no more than a little is read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome, Parcel, Way
from aanwezig.notifier.channels.opening import opened
from aanwezig.notifier.channels.posting import Answer, Posting
from aanwezig.notifier.channels.thin import pushed_bytes
from aanwezig.notifier.channels.timetable import TIMETABLE

_BUSY: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
_MOST_DIGITS: Final = 6


class WebhookDoor:
    """The door for channel `webhook`. `seal_key` opens the secrets; `public_url` is where a notice is claimed."""

    def __init__(
        self, *, seal_key: bytes, public_url: str, addresses: Addresses, timeout_seconds: float
    ) -> None:
        self._seal_key = seal_key
        self._public_url = public_url
        self._origin = urlsplit(public_url).hostname or ""
        self._posting = Posting(addresses=addresses, timeout_seconds=timeout_seconds)

    async def __aenter__(self) -> Self:
        await self._posting.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._posting.__aexit__(kind, error, trace)

    async def send(self, to: Way, parcel: Parcel, at: datetime) -> Outcome:
        """Tries once; see `Door.send`."""
        return await self.post(to, parcel.notice, pushed_bytes(parcel, self._public_url), at)

    async def post(self, to: Way, identity: str, body: bytes, at: datetime) -> Outcome:
        """Posts a CloudEvent under this id, signed with each of the way's secrets; tries once, raises nothing."""
        if to.address is None:
            return NotDelivered("no-address", final=True)
        if not to.secrets:
            return NotDelivered("no-secret", final=True)
        try:
            headers = self._headers(to.secrets, identity, body, at)
        except (ValueError, EmptyWebhookSecretError):
            # An operator can mend it: the key of this service, or the secret in the register.
            return NotDelivered("secret-unreadable")
        answer = await self._posting.send("POST", to.address, headers, body)
        return answer if isinstance(answer, NotDelivered) else _outcome(answer)

    def _headers(self, sealed: Sequence[str], identity: str, body: bytes, at: datetime) -> dict[str, str]:
        secrets = opened(self._seal_key, sealed)
        signatures = [Webhook(one).sign(identity, at, body.decode()) for one in secrets]
        return {
            "content-type": CONTENT_TYPE, "webhook-id": identity, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures), "webhook-request-origin": self._origin,
        }  # fmt: skip


def _outcome(answer: Answer) -> Outcome:
    if httpx.codes.is_success(answer.status):
        return Delivered()
    return NotDelivered(
        f"answered-{answer.status}", final=answer.status == httpx.codes.GONE, after=_asked_to_wait(answer)
    )


def _asked_to_wait(answer: Answer) -> timedelta:
    """What a receiver that is too busy asks for (CloudEvents web hooks 2.2), in seconds, up to the longest wait there is."""
    said = answer.headers.get("retry-after", "")
    if answer.status not in _BUSY or not (said.isascii() and said.isdigit()):
        return timedelta()
    return TIMETABLE[-1] if len(said) > _MOST_DIGITS else min(timedelta(seconds=int(said)), TIMETABLE[-1])
