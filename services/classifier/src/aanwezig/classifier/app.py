"""The classifier, composed. Nobody imports this but `__main__` and the test of its wiring."""

import asyncio
from datetime import UTC, datetime

from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.crossing import ToChain, ToHealth, Ways
from aanwezig.classifier.days import Clock
from aanwezig.classifier.doors import OperatorDoor
from aanwezig.classifier.governance import Register
from aanwezig.classifier.handlers import Classifier
from aanwezig.classifier.pack_folder import PackFolder
from aanwezig.classifier.schools import Schools
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.topics import CALENDARS, FACTS, FEEDS, PARKED, SCHOOL_REGISTER

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
    ways = Ways(ToChain(key_bytes(settings.chain_key)), ToHealth(key_bytes(settings.health_key)))
    classifier = Classifier(
        service.store, service.publisher, service.tracing, settings, register=register, calendars=calendars, ways=ways,
    )  # fmt: skip
    schools = Schools(
        service.store, service.publisher, service.tracing,
        register=register, calendars=calendars, way=ways.school, memory=settings.memory_shares,
    )  # fmt: skip
    service.on_start(classifier.start)
    service.on_start(schools.start)
    service.table(SCHOOL_REGISTER.name, register.on_change)

    facts = service.consume(FACTS.name, classifier)
    feeds = service.consume(FEEDS.name, schools)

    async def look_again() -> None:
        await classifier.refresh(facts.owned)
        await schools.refresh(feeds.owned)

    async def on_calendar(key: str, event: Event | None) -> None:
        await calendars.on_change(key, event)
        await look_again()

    service.table(CALENDARS.name, on_calendar)
    service.keep_doing("days", clock.write)
    service.keep_doing("packs", lambda: packs.watch(register.on_packs))

    async def refresh() -> None:
        while True:
            await look_again()
            await asyncio.sleep(_REFRESH_SECONDS)

    service.keep_doing("refresh", refresh)
    service.routes.extend(OperatorDoor(clock, settings.operator_key.get_secret_value()).routes)
    return service
