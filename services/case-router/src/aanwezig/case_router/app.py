"""The case-router, put together: findings and decisions in, cases out, to the chain, its partners and justice."""

from aanwezig.case_router.calendars import CalendarDesk
from aanwezig.case_router.handlers import DecisionsHandler, FindingsHandler, Shelves
from aanwezig.case_router.saying import Voice
from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.topics import CALENDARS, DECISIONS, FINDINGS, PARKED


def build(settings: CaseRouterSettings | None = None) -> Service:
    """The service; settings come from the environment where none are given. Nothing connects before it runs."""
    chosen = settings or CaseRouterSettings()
    service = Service(name="case-router", settings=chosen, parked_topic=PARKED["case-router"].name)
    dossiers = service.store.collection("dossiers")
    shelves = Shelves(
        dossiers=Shelf(dossiers, service.publisher),
        closed_days=Shelf(service.store.collection("closed-days"), service.publisher),
        refusals=Shelf(service.store.collection("refusals"), service.publisher),
        collection=dossiers,
    )
    desk = CalendarDesk()
    voice = Voice(key_bytes(chosen.justice_key))

    service.on_start(shelves.start)
    service.table(CALENDARS.name, desk.on_change)
    service.consume(FINDINGS.name, FindingsHandler(shelves, desk.calendars, voice))
    service.consume(DECISIONS.name, DecisionsHandler(shelves, desk.calendars, voice))
    return service
