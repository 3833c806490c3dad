"""A notifier of the chain without a broker in front of it: its memory, its loop, and time that can be set."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.topics import NOTICES
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.deliveries import Deliveries
from aanwezig.notifier.directory import Directory
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.handlers import NoticesHandler
from aanwezig.notifier.mail_digests import MailDigests
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.sending import Sending
from aanwezig.notifier.subscriptions import Subscriptions
from support.notifying import SEAL_KEY, a_recipient, registration

OWNED = frozenset({0})


class Clock:
    """Simulated time: it stands where it is set, but for a millisecond at each look."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        self.moment += timedelta(milliseconds=1)
        return self.moment


class Desk:
    """A notifier of the chain without a broker in front of it. What is signed is signed at the time of this machine."""

    def __init__(self, store, said, *, pace=1.0, lease=30.0, timeout=5.0, now=None):
        self.collection = store.collection("deliveries")
        self.now = now or (lambda: datetime.now(UTC))
        self.said = said
        self.recipients = Recipients()
        self.subscriptions = Subscriptions(store.collection("subscriptions"), seal_key=SEAL_KEY, now=self.now)
        self.directory = Directory("chain", self.recipients, self.subscriptions)
        self.deliveries = Deliveries(
            "chain",
            NOTICES,
            Shelf(self.collection, said),
            self.collection,
            now=self.now,
            leases={"webhook": timedelta(seconds=lease), "mail": timedelta(seconds=lease)},
            pace=pace,
        )
        self.handler = NoticesHandler("chain", self.deliveries, self.directory)
        door = WebhookDoor(
            seal_key=SEAL_KEY, public_url="http://notifier.example", addresses=Addresses(allow_private=True),
            timeout_seconds=timeout,
        )  # fmt: skip
        self.doors = {"webhook": door}
        self.digests = MailDigests(store.collection("mail-digests"), now=self.now)
        self.sending = Sending(
            self.deliveries, self.directory, self.doors, self.digests, lambda: OWNED,
            now=lambda: datetime.now(UTC), pause=timedelta(seconds=0.02),
        )  # fmt: skip

    async def register(self, *recipients):
        for one in recipients:
            await self.recipients.on_register(f"recipient/{one.recipient}", registration(one))

    async def hears(self, *events):
        await self.handler.on_batch(
            [
                Arrived("chain.cases.v1", 0, n, event.data["case"], None, event)
                for n, event in enumerate(events)
            ]
        )

    @asynccontextmanager
    async def sends(self):
        task = asyncio.create_task(self.sending.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def rows(self):
        return [row for one in await self.collection.find({}) for row in one["state"]["notices"]]


def by_webhook(name, receiver, role="home-sitter-table"):
    """A recipient with a webhook of the register at a receiver."""
    return a_recipient(name, role, channel="webhook", address=receiver.url, secret=receiver.secret)


async def subscribed(desk, recipient, receiver, *, types=("nl.attendance.case-escalated.v1",)):
    """A subscription that its receiver agreed to, and whose secret it knows."""
    made, secret, token = await desk.subscriptions.make(recipient, receiver.url, Filter(types), None, None)
    receiver.secret = secret
    return await desk.subscriptions.confirm(made.id, token, None)
