"""Subscriptions as the store gives them."""

from datetime import UTC, datetime
from typing import Any

from aanwezig.chassis.sealing import seal
from aanwezig.contracts.identifiers import derived_id
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.subscriptions import Secret, Subscription
from support.notifying import SEAL_KEY

EVERYTHING = Filter(("nl.attendance.case-escalated.v1", "nl.attendance.case-stagnated.v1"))
A_SECRET = "whsec_AAAA"
_MADE = datetime(2024, 8, 1, tzinfo=UTC)


def a_subscription(
    recipient: str, nth: int = 1, *, wanted: Filter = EVERYTHING, address: str = "https://partner.example/hook",
    secret: str = A_SECRET, **more: Any,
) -> Subscription:  # fmt: skip
    """An active subscription; its `secret` in plain text, sealed here."""
    return Subscription(
        id=derived_id("subscription", recipient, str(nth)), recipient=recipient, address=address, filter=wanted,
        secrets=(Secret(seal(SEAL_KEY, secret)),), created=_MADE, changed=_MADE, **more,
    )  # fmt: skip
