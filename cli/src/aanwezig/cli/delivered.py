"""One delivery by webhook, and what is asked of how it came: the rules of Standard Webhooks 1.0 and of CloudEvents HTTP webhooks."""

import hmac
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final, NoReturn

from standardwebhooks.webhooks import Webhook

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far the clocks of sender and receiver may be apart: the tolerance of Standard Webhooks."""

_HOST: Final = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9*.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Delivery:
    """One request as it came. Header names are in lower case; `at` is when it came.

    `first` is the body that came first under the same `webhook-id`, None: this is it. `other` is whether another event came
    before under the same `source` and `id`. `origin` is who was given leave in the last handshake.
    """

    headers: Mapping[str, str]
    body: bytes
    secrets: tuple[str, ...]
    at: datetime
    first: bytes | None = None
    other: bool = False
    origin: str | None = None

    @cached_property
    def event(self) -> dict[str, Any] | None:
        """The JSON object in it, if it is one."""
        try:
            found = json.loads(
                self.body.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_number
            )
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def attributes(self) -> dict[str, Any]:
        """The context attributes: all but the data; what is null is not there."""
        return {
            name: value
            for name, value in (self.event or {}).items()
            if name not in {"data", "data_base64"} and value is not None
        }

    @property
    def is_signed(self) -> bool:
        """Whether it may be taken: signed with one of our secrets, and not long ago."""
        return all(rule.check(self) is None for rule in SIGNATURE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it asks, and the check: why a delivery does not keep it, None where it does.

    `when`: of which deliveries it asks it.
    """

    id: str
    what: str
    check: Callable[[Delivery], str | None]
    when: Callable[[Delivery], bool] = field(default=lambda _: True)


def judged(rules: Iterable[Rule], delivery: Delivery) -> dict[str, str | None]:
    """By the name of each rule that has something to ask of it: why it is not kept, None where it is."""
    return {rule.id: rule.check(delivery) for rule in rules if rule.when(delivery)}


def handshake_fault(headers: Mapping[str, str]) -> str | None:
    """Why a validation request is not one (CloudEvents HTTP webhooks, 4.1); None: it is."""
    origin = headers.get("webhook-request-origin", "")
    if not _HOST.fullmatch(origin):
        return f"WebHook-Request-Origin {origin!r} names no sender, such as notices.example.nl"
    rate = headers.get("webhook-request-rate")
    if rate is not None and not (rate.isascii() and rate.isdigit() and int(rate) > 0):
        return f"WebHook-Request-Rate {rate!r} is no number of requests a minute"
    return None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _no_number(_told: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _webhook_headers(delivery: Delivery) -> str | None:
    missing = [
        name
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        if not delivery.headers.get(name)
    ]
    return f"there is no {' and no '.join(missing)}" if missing else None


def _webhook_timestamp(delivery: Delivery) -> str | None:
    told = delivery.headers.get("webhook-timestamp", "")
    if not (told.isascii() and told.isdigit()):
        return f"{told!r} is no number of seconds since 1970"
    apart = int(told) - math.floor(delivery.at.timestamp())
    if abs(apart) > CLOCKS_APART.total_seconds():
        return f"{abs(apart)} s {'after' if apart > 0 else 'before'} it came; at most {CLOCKS_APART.seconds} is good"
    return None


def _webhook_signature(delivery: Delivery) -> str | None:
    """As Standard Webhooks signs; the timestamp has a rule of its own, so an old one is no wrong signature too."""
    if not delivery.secrets:
        return "it cannot be checked: no secret was given"
    try:
        moment = datetime.fromtimestamp(int(delivery.headers.get("webhook-timestamp", "")), tz=UTC)
        identity, body = delivery.headers.get("webhook-id", ""), delivery.body.decode()
    except (ValueError, OverflowError, OSError):
        return "it cannot be checked: the body is no UTF-8, or the timestamp no moment"
    told = delivery.headers.get("webhook-signature", "").split(" ")
    ours = [Webhook(secret).sign(identity, moment, body) for secret in delivery.secrets]
    if any(hmac.compare_digest(one.encode(), mine.encode()) for one in told for mine in ours):
        return None
    return "signed with none of the secrets"


def _same_again(delivery: Delivery) -> str | None:
    return None if delivery.first == delivery.body else "another body came before under this webhook-id"


def _request_origin(delivery: Delivery) -> str | None:
    told = delivery.headers.get("webhook-request-origin")
    return (
        None
        if told == delivery.origin
        else f"WebHook-Request-Origin is {told!r}; leave was given to {delivery.origin!r}"
    )


SIGNATURE: Final = (
    Rule("webhook-headers", "It has webhook-id, webhook-timestamp and webhook-signature.", _webhook_headers),
    Rule("webhook-timestamp", "The attempt is of now, give or take five minutes.", _webhook_timestamp),
    Rule("webhook-signature", "One of its signatures is made with our secret.", _webhook_signature),
)
"""What a delivery must keep to be taken (Standard Webhooks 1.0)."""

HOW_IT_CAME: Final = (
    *SIGNATURE,
    Rule(
        "webhook-same-again", "What comes again under a webhook-id is the same.", _same_again,
        lambda it: it.first is not None,
    ),
    Rule(
        "request-origin", "It names the sender that asked leave in the handshake (HTTP webhooks 2.1).",
        _request_origin, lambda it: it.origin is not None,
    ),
)  # fmt: skip
"""What is asked of the request itself."""

HANDSHAKE: Final = "handshake"
REDIRECT: Final = "redirect"
OF_THE_SENDER: Final[Mapping[str, str]] = {
    HANDSHAKE: "The validation request names its sender (HTTP webhooks 4.1).",
    REDIRECT: "A redirect is not followed (HTTP webhooks 2.2).",
}
"""Rules that no single delivery keeps or breaks."""
