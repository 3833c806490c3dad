"""The notifier, put together: what happened and the register in, notices out, and the doors to the outside beside it.

One program, an instance for each domain (ADR 11).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aanwezig.chassis.asking import Asking, Limits
from aanwezig.chassis.consuming import Handler
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.contracts.topics import CHAIN_REGISTER, PARKED, PRESENCE
from aanwezig.law import packs
from aanwezig.notifier.chain import ChainHandler
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Door
from aanwezig.notifier.channels.mail import MailDoor
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.channels.zgw import ZgwDoor
from aanwezig.notifier.deliveries import Deliveries
from aanwezig.notifier.describing import routes as description
from aanwezig.notifier.directory import Directory
from aanwezig.notifier.documents import Documents
from aanwezig.notifier.domains import INSTANCES
from aanwezig.notifier.handlers import NoticesHandler
from aanwezig.notifier.handshake import Handshake, Pace
from aanwezig.notifier.mail_digests import MailDigests
from aanwezig.notifier.pages import PageDoor
from aanwezig.notifier.presence import RegionPresence
from aanwezig.notifier.recalling import RecallDoor
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.recollection import Recollection
from aanwezig.notifier.sending import Sending
from aanwezig.notifier.settings import NotifierSettings
from aanwezig.notifier.subscribing import SubscriptionDoor
from aanwezig.notifier.subscriptions import Subscriptions
from aanwezig.notifier.validating import ValidationDoor

_PAUSE: Final = timedelta(seconds=0.5)
_LEASE_OF_TIMEOUTS: Final = 3
_MAILS_AT_ONCE: Final = 4
_TRIES_A_MINUTE: Final = 10
"""How often a recipient may have us ask an address of its choice."""
_SMALL_CELLS: Final = "nl-2024"
"""The pack that says which figures are about too few pupils to be told."""


def build(settings: NotifierSettings | None = None) -> Service:
    """The service, by these settings or those of the environment."""
    chosen = settings or NotifierSettings()
    instance = INSTANCES[chosen.domain]
    service = Service(name=instance.service, settings=chosen, parked_topic=PARKED[instance.service].name)
    store, publisher = service.store, service.publisher
    recipients = Recipients()
    subscriptions = Subscriptions(
        store.collection("subscriptions"), seal_key=key_bytes(chosen.seal_key), now=wall_clock
    )
    directory = Directory(chosen.domain, recipients, subscriptions)
    collection = store.collection("deliveries")
    leases = {
        "webhook": timedelta(seconds=chosen.webhook_timeout_seconds * _LEASE_OF_TIMEOUTS),
        "zgw": timedelta(seconds=chosen.webhook_timeout_seconds * _LEASE_OF_TIMEOUTS),
        # A mail may wait for a connection as long as it may take.
        "mail": timedelta(seconds=2 * chosen.mail_seconds * _LEASE_OF_TIMEOUTS),
    }
    deliveries = Deliveries(
        chosen.domain, instance.says, Shelf(collection, publisher), collection, now=wall_clock, pace=chosen.webhook_pace, leases=leases,
    )  # fmt: skip
    digests = MailDigests(store.collection("mail-digests"), now=wall_clock)
    handler = NoticesHandler(chosen.domain, deliveries, directory)

    service.on_start(deliveries.start)
    service.on_start(subscriptions.start)
    service.on_start(digests.start)
    service.table(CHAIN_REGISTER.name, recipients.on_register)
    asking = Asking(
        recipients.by_key, Limits(chosen.body_seconds, chosen.answer_seconds), clock=wall_clock,
        is_ready=lambda: service.ready,
    )  # fmt: skip
    hearing: Handler = handler
    if chosen.domain == "chain":
        documents = Documents(store.collection, publisher, recipients, publisher.partitions_of)
        service.on_start(documents.start)
        service.routes.extend(PageDoor(documents, asking).routes())
        hearing = ChainHandler(handler, documents)
    hears = [service.consume(topic.name, hearing) for topic in instance.hears]
    if chosen.domain == "school":
        measures = store.collection("measures")
        small = packs.load(_SMALL_CELLS).presence
        region = RegionPresence(Shelf(measures, publisher), measures, handler.tell, small)
        service.on_start(region.start)
        hears.append(service.consume(PRESENCE.name, region))
    webhook = _webhook(chosen)
    sending = Sending(
        deliveries, directory, {"webhook": webhook, **other_doors(chosen)}, digests,
        lambda: frozenset[int]().union(*(one.owned for one in hears)), now=wall_clock, abreast=chosen.webhook_abreast,
        pause=_PAUSE,
    )  # fmt: skip
    service.keep_doing("deliveries", sending.run)
    told = Recollection(deliveries, directory)
    _open_to_subscribers(service, chosen, asking, subscriptions, told, webhook)
    return service


def _open_to_subscribers(
    service: Service, chosen: NotifierSettings, asking: Asking[RecipientRegistered], subscriptions: Subscriptions,
    told: Recollection, webhook: WebhookDoor,
) -> None:  # fmt: skip
    """Adds the subscriptions door to the service, and the claim check."""
    handshake = Handshake(
        public_url=chosen.public_url, addresses=Addresses(allow_private=chosen.webhook_allow_private),
        timeout_seconds=chosen.webhook_timeout_seconds, allow_http=chosen.webhook_allow_private,
    )  # fmt: skip
    pace = Pace(_TRIES_A_MINUTE)
    common = (chosen.domain, asking, subscriptions)
    service.keep_doing("handshakes", handshake.run)
    # The previews first: their address would else be that of a subscription.
    service.routes.extend(RecallDoor(*common, told, chosen.public_url).routes())
    service.routes.extend(SubscriptionDoor(*common, handshake, pace).routes())
    service.routes.extend(ValidationDoor(*common, handshake, pace, webhook).routes())
    service.routes.extend(description())


def _webhook(chosen: NotifierSettings) -> WebhookDoor:
    return WebhookDoor(
        seal_key=key_bytes(chosen.seal_key), public_url=chosen.public_url,
        addresses=Addresses(allow_private=chosen.webhook_allow_private), timeout_seconds=chosen.webhook_timeout_seconds,
    )  # fmt: skip


def other_doors(chosen: NotifierSettings) -> Mapping[str, Door]:
    """The doors beside that for webhooks: mail only where there is a mail server."""
    doors: dict[str, Door] = {
        "zgw": ZgwDoor(
            seal_key=key_bytes(chosen.seal_key), public_url=chosen.public_url,
            addresses=Addresses(allow_private=chosen.webhook_allow_private),
            timeout_seconds=chosen.webhook_timeout_seconds,
        )
    }  # fmt: skip
    if chosen.smtp_host is not None:
        secret = None if chosen.smtp_password is None else chosen.smtp_password.get_secret_value()
        doors["mail"] = MailDoor(
            host=chosen.smtp_host, port=chosen.smtp_port, tls=chosen.smtp_tls, sender=chosen.mail_from,
            link=chosen.console_url, timeout_seconds=chosen.mail_seconds, at_once=_MAILS_AT_ONCE, user=chosen.smtp_user,
            password=secret, authorities=None if chosen.smtp_ca is None else str(chosen.smtp_ca),
        )  # fmt: skip
    return doors


def wall_clock() -> datetime:
    """Now, for scheduling attempts; the time of what is said comes from its cause."""
    return datetime.now(UTC)
