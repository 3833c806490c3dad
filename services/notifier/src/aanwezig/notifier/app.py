"""The notifier, put together: cases and the register in, notices out, webhooks beside it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.topics import CASES, CHAIN_REGISTER, PARKED
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.deliveries import Deliveries
from aanwezig.notifier.handlers import CaseHandler
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.sending import Sending
from aanwezig.notifier.settings import NotifierSettings

_PAUSE: Final = timedelta(seconds=0.5)
_LEASE_OF_TIMEOUTS: Final = 3


def build(settings: NotifierSettings | None = None) -> Service:
    """The service, by these settings or those of the environment."""
    chosen = settings or NotifierSettings()
    service = Service(name="notifier", settings=chosen, parked_topic=PARKED["notifier"].name)
    recipients = Recipients()
    collection = service.store.collection("deliveries")
    deliveries = Deliveries(
        Shelf(collection, service.publisher), collection, now=wall_clock, pace=chosen.webhook_pace,
        lease=timedelta(seconds=chosen.webhook_timeout_seconds * _LEASE_OF_TIMEOUTS),
    )  # fmt: skip
    webhook = WebhookDoor(
        seal_key=key_bytes(chosen.seal_key),
        addresses=Addresses(allow_private=chosen.webhook_allow_private),
        timeout_seconds=chosen.webhook_timeout_seconds,
    )
    service.on_start(deliveries.start)
    service.table(CHAIN_REGISTER.name, recipients.on_register)
    cases = service.consume(CASES.name, CaseHandler(deliveries, recipients))
    sending = Sending(
        deliveries, recipients, {"webhook": webhook}, lambda: cases.owned, now=wall_clock,
        abreast=chosen.webhook_abreast, pause=_PAUSE,
    )  # fmt: skip
    service.keep_doing("deliveries", sending.run)
    return service


def wall_clock() -> datetime:
    """Now, for scheduling attempts; the time of what is said comes from its cause."""
    return datetime.now(UTC)
