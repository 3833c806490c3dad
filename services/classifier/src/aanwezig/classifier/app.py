"""The classifier, composed. Nobody imports this but `__main__` and the test of its wiring."""

import asyncio
from datetime import UTC, datetime

from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.crossing import ToChain
from aanwezig.classifier.days import Clock
from aanwezig.classifier.doors import OperatorDoor
from aanwezig.classifier.governance import Register
from aanwezig.classifier.handlers import Classifier
from aanwezig.classifier.pack_folder import PackFolder
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.topics import CALENDARS, FACTS, PARKED, SCHOOL_REGISTER

_REFRESH_SECONDS = 0.2


def build(settings: ClassifierSettings | None = None) -> Service:
    """The classifier with settings from the environment, ready to serve."""
    settings = settings or ClassifierSettings()
    service = Service("classifier", settings, PARKED["classifier"].name)
    packs = PackFolder(settings.packs)
    register = Register(settings.default_pack, versions=packs.versions)
    calendars = CalendarDesk()
    clock = Clock(
        service.store, service.publisher, holder=settings.instance, wall=settings.clock == "wall",
        now=lambda: datetime.now(UTC),
    )  # fmt: skip
    classifier = Classifier(
        service.store, service.publisher, service.tracing, settings,
        register=register, calendars=calendars, crossing=ToChain(key_bytes(settings.chain_key)),
    )  # fmt: skip
    service.on_start(classifier.start)
    service.table(SCHOOL_REGISTER.name, register.on_change)

    consumer = service.consume(FACTS.name, classifier)

    async def on_calendar(key: str, event: Event | None) -> None:
        await calendars.on_change(key, event)
        await classifier.refresh(consumer.owned)

    service.table(CALENDARS.name, on_calendar)
    service.keep_doing("days", clock.write)
    service.keep_doing("packs", lambda: packs.watch(register.on_packs))

    async def refresh() -> None:
        while True:
            await classifier.refresh(consumer.owned)
            await asyncio.sleep(_REFRESH_SECONDS)

    service.keep_doing("refresh", refresh)
    service.routes.extend(OperatorDoor(clock, settings.operator_key.get_secret_value()).routes)
    return service
