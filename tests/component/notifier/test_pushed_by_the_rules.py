"""What the webhook door really sends keeps every rule that a partner's receiver holds it to."""

from datetime import UTC, datetime

import pytest

from aanwezig.chassis.sealing import seal
from aanwezig.cli.receiver import Receiver
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, Way
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.table import IMPERSONAL_WORDS
from support.notifying import SEAL_KEY, a_parcel

SECRETS = ("whsec_" + "QUFB" * 8, "whsec_" + "QkJC" * 8)


@pytest.mark.parametrize("word", ["new-home-sitter", "withdrawn", *sorted(IMPERSONAL_WORDS)])
async def test_a_notice_with_this_word_breaks_no_rule(word):
    heard = []
    door = WebhookDoor(
        seal_key=SEAL_KEY, addresses=Addresses(allow_private=True), timeout_seconds=5.0,
        public_url="https://notices.example.nl",
    )  # fmt: skip
    with Receiver(SECRETS[0], hears=heard.append) as receiver:
        way = Way(
            "partner",
            "webhook",
            address=receiver.address,
            secrets=tuple(seal(SEAL_KEY, one) for one in reversed(SECRETS)),
        )
        async with door:
            for _ in range(2):
                assert await door.send(way, a_parcel(word), datetime.now(UTC)) == Delivered()
    first, again = heard
    assert (first.nth, again.nth, again.identity) == (1, 2, a_parcel(word).notice)
    assert {name: why for one in heard for name, why in one.verdicts.items() if why is not None} == {}
    assert {
        "webhook-signature",
        "webhook-same-again",
        "data-or-dataref",
        "no-personal-number",
    } <= again.verdicts.keys()
