"""ZGW: a notice as a message of VNG's Notificaties API, handed to an Open Notificaties instance that forwards it.

The message holds nothing personal, for whoever subscribes to the channel gets it: five words to filter by, and a URL of
ours under which the recipient claims the notice with its key. `hoofdObject` is that same URL and not one of the case:
a case number stands for one child, and every message about that child would carry it past every subscriber. Who may know
the case reads it in the notice. A receiver knows a message again by its `resourceUrl`.

Shape and answers: the OpenAPI of Open Notificaties (API v1; read at commit a3853ab), see docs/partners/zgw.md.
"""

import warnings
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Literal, Self

import httpx
import jwt
import orjson

from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.messages import NoticeSaid
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome, Parcel, Way
from aanwezig.notifier.channels.opening import opened
from aanwezig.notifier.channels.posting import Posting
from aanwezig.notifier.channels.thin import claim_at

KANAAL: Final = "leerplicht"
RESOURCE: Final = "notice"
KENMERKEN: Final = ("role", "word", "urgency", "municipality", "happened")
"""What a subscriber filters by: the `filters` with which an operator registers the channel, and no other."""
NOWHERE: Final = "none"
"""The `municipality` of a notice that is about none: where a message lacks a key, it passes every filter on that key."""

_USER: Final = "aanwezig-notifier"
_CLOCKS_APART: Final = timedelta(seconds=30)

Actie = Literal["create", "update", "destroy"]


class ZgwDoor:
    """The door for channel `zgw`.

    `seal_key` opens the client's secret; `public_url` is the base URL under which recipients claim notices.
    """

    def __init__(
        self, *, seal_key: bytes, addresses: Addresses, timeout_seconds: float, public_url: str,
        kanaal: str = KANAAL,
    ) -> None:  # fmt: skip
        self._seal_key = seal_key
        self._posting = Posting(addresses=addresses, timeout_seconds=timeout_seconds)
        self._public_url = public_url
        self._kanaal = kanaal

    async def __aenter__(self) -> Self:
        await self._posting.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._posting.__aexit__(kind, error, trace)

    async def send(self, to: Way, parcel: Parcel, at: datetime) -> Outcome:
        """Tries once, with a token of this moment; see `Door.send`."""
        if to.address is None:
            return NotDelivered("no-address", final=True)
        if to.client is None:
            return NotDelivered("no-client", final=True)
        if not to.secrets:
            return NotDelivered("no-secret", final=True)
        try:
            token = token_of(to.client, opened(self._seal_key, to.secrets)[0], at)
        except (ValueError, jwt.PyJWTError):
            # An operator can mend it: the key of this service, or the secret in the register.
            return NotDelivered("secret-unreadable")
        message = message_of(parcel, public_url=self._public_url, kanaal=self._kanaal)
        answer = await self._posting.send(
            "POST", f"{to.address.rstrip('/')}/notificaties",
            {"content-type": "application/json", "authorization": f"Bearer {token}"}, orjson.dumps(message),
        )  # fmt: skip
        return answer if isinstance(answer, NotDelivered) else _outcome(answer.status)


def message_of(parcel: Parcel, *, public_url: str, kanaal: str = KANAAL) -> dict[str, object]:
    """The message for a notice, the same in every attempt."""
    said = NoticeSaid.model_validate(parcel.event.data)
    claim = claim_at(public_url, parcel.notice)
    kenmerken = (said.recipient.role, said.subject, said.urgency, said.municipality or NOWHERE, said.happened)
    return {
        "kanaal": kanaal,
        "source": parcel.event.source,
        "hoofdObject": claim,
        "resource": RESOURCE,
        "resourceUrl": claim,
        "actie": _actie(said),
        "aanmaakdatum": utc_text(parcel.event.time),
        "kenmerken": dict(zip(KENMERKEN, kenmerken, strict=True)),
    }


def token_of(client: str, secret: str, at: datetime) -> str:
    """The JWT by which a Notificaties API knows us, good from `at` for as long as it says (an hour by default).

    It is dated half a minute back: Open Notificaties allows clocks no difference, and a token of the future is refused.

    Raises:
        ValueError: the secret is empty.
    """
    if not secret:
        raise ValueError("an empty secret")
    claims = {
        "iss": client, "iat": int((at - _CLOCKS_APART).timestamp()), "client_id": client, "user_id": _USER,
        "user_representation": _USER,
    }  # fmt: skip
    with warnings.catch_warnings():
        # How long the secret is, the other side chose.
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        return jwt.encode(claims, secret, algorithm="HS256")


def _actie(said: NoticeSaid) -> Actie:
    if said.takes_back:
        return "destroy"
    return "update" if said.subject == "contradicted" else "create"


def _outcome(status: int) -> Outcome:
    # 201 alone is the API's yes: a web page that answers 200 to everything has taken nothing.
    if status == httpx.codes.CREATED:
        return Delivered()
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return NotDelivered("login-refused")
    return NotDelivered(f"answered-{status}", final=status in {httpx.codes.BAD_REQUEST, httpx.codes.GONE})
