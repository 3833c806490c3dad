from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_bytes, token_hex

import pytest

from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Store
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.topics import CALENDARS, FACTS, TOPICS
from aanwezig.intake.admit import Admission, Anew, Keyring
from aanwezig.intake.calendars import Calendars
from aanwezig.intake.formats import Row
from aanwezig.intake.identities import Identities
from aanwezig.intake.lookup import Lookup
from aanwezig.intake.origins import Origin
from aanwezig.intake.quarantine import Quarantine
from aanwezig.intake.receipts import Receipts
from aanwezig.intake.reservations import Reservations
from aanwezig.intake.rights import Rights
from aanwezig.intake.senders import Senders
from support.intake_door import Register, serving
from support.reading import Readings
from support.submitted import NOW, fill_register

_LONG = 50_000
"""Days: tests speak of 2024, and the database ends documents by its own clock."""
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def topics(engines):
    await ensure_topics(engines.kafka_bootstrap.split(","), TOPICS)
    readings = Readings(engines.kafka_bootstrap)
    await readings.begin(FACTS.name, CALENDARS.name)
    return readings


@dataclass
class World:
    """One intake's stores and keys, on the real engines. `intake()` gives a fresh instance over them."""

    store: Store
    publisher: Publisher
    topics: Readings
    key: bytes = field(default_factory=lambda: token_bytes(32))
    seal: Seal = field(default_factory=lambda: Seal(token_bytes(32)))
    limit: int = 100
    school_limit: int = 100
    receipt_limit: int = 10_000
    senders: Senders = field(default_factory=Senders)

    def collection(self, name):
        return self.store.collection(name)

    def intake(self, wrapped=lambda part: part):
        """A fresh instance; `wrapped` may put something around each collection and the publisher."""
        publisher = wrapped(self.publisher)
        parts = {
            name: wrapped(self.collection(name))
            for name in (
                "reservations",
                "identities",
                "calendars",
                "quarantine",
                "pupils",
                "leaves",
                "receipts",
            )
        }
        self.identities = Identities(parts["identities"], self.seal, remembered=100)
        self.quarantine = Quarantine(
            parts["quarantine"], self.seal, key=self.key, limit=self.limit, school_limit=self.school_limit,
            days=_LONG,
        )  # fmt: skip
        self.receipts = Receipts(
            parts["receipts"], self.seal, key=self.key, days=_LONG, limit=self.receipt_limit
        )
        self.reservations = Reservations(parts["reservations"])
        self.calendars = Calendars(parts["calendars"], publisher)
        keyring = Keyring(self.key)
        self.rights = Rights(
            parts["pupils"], parts["leaves"], self.senders, key=self.key, pseudonym=keyring.pseudonym
        )
        self.lookup = Lookup(keyring, self.reservations, self.receipts, self.quarantine)
        return Admission(
            self.senders, keyring, self.rights, self.reservations, self.identities, self.calendars,
            self.quarantine, self.receipts, publisher,
        )  # fmt: skip

    async def admit(self, *rows, key="key-1", admission=None, trace=TRACE, later=0, file=None, first=1):
        admitting = admission or self.intake()
        system = self.senders.by_key(key)
        now = NOW + timedelta(minutes=later)
        origin = Origin("http", file, first)
        return await admitting.admit(
            system, [Row(row) for row in rows], now=now, traceparent=trace, origin=origin
        )

    async def readmit(self, entry, row, *, key="key-1", admission=None, trace=TRACE, later=1):
        """The receipt of a row in the place of one in the quarantine."""
        admitting = admission or self.intake()
        now = NOW + timedelta(minutes=later)
        (receipt,) = await admitting.readmit(
            self.senders.by_key(key), [Anew(entry, Row(row))], now=now, traceparent=trace
        )
        return receipt

    async def outcomes(self, *rows, **how):
        return [receipt.outcome for receipt in await self.admit(*rows, **how)]


@pytest.fixture
async def world(engines, topics):
    store = Store(engines.mongo_uri, f"test-intake-{token_hex(6)}")
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-intake")
    made = World(store, publisher, topics)
    await fill_register(made.senders.on_change)
    made.intake()
    await made.reservations.start()
    await made.quarantine.start()
    await made.receipts.start()
    await made.calendars.start()
    try:
        yield made
    finally:
        await publisher.stop()
        await store.drop()
        await store.close()


@pytest.fixture
async def register(engines, topics):  # noqa: ARG001 - the topics must be there
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-register")
    made = Register(publisher)
    await made.add()
    try:
        yield made
    finally:
        await made.remove()
        await publisher.stop()


@pytest.fixture
async def other_register(engines, topics):  # noqa: ARG001 - the topics must be there
    """A second system, of the same school."""
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-register")
    made = Register(publisher)
    await made.add()
    try:
        yield made
    finally:
        await made.remove()
        await publisher.stop()


@pytest.fixture
async def door(engines, register):
    limits = {"max_rows": 5, "max_bytes": 200_000}
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **limits) as client:
        client.headers.update(register.bearer)
        yield client
