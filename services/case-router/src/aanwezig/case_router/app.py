"""The case-router, put together: one program, an instance for each domain (ADR 9).

Chain and health: findings and decisions in, cases out. Justice: what the chain let cross in, what Halt and the officer of
justice hear out.
"""

from datetime import UTC, datetime

from aanwezig.case_router.asking import Asking, Limits
from aanwezig.case_router.calendars import CalendarDesk
from aanwezig.case_router.describing import routes as description
from aanwezig.case_router.direct import DirectCommands
from aanwezig.case_router.domains import CHAIN, HEALTH, SERVICE, CasesOf
from aanwezig.case_router.doors import CommandDoor
from aanwezig.case_router.handlers import DecisionsHandler, FindingsHandler, Shelves
from aanwezig.case_router.justice import CrossingsHandler
from aanwezig.case_router.people import People
from aanwezig.case_router.reading import CaseDesk
from aanwezig.case_router.saying import Voice
from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.chassis.shelf import Shelf
from aanwezig.contracts.topics import CALENDARS, CHAIN_REGISTER, CROSSINGS, PARKED


def build(settings: CaseRouterSettings | None = None) -> Service:
    """The service; settings come from the environment where none are given. Nothing connects before it runs."""
    chosen = settings or CaseRouterSettings()
    name = SERVICE[chosen.domain]
    service = Service(name=name, settings=chosen, parked_topic=PARKED[name].name)
    if chosen.domain == "justice":
        return _of_justice(service)
    # Health has no key of justice: nothing crosses from there.
    key = None if chosen.domain == "health" or chosen.justice_key is None else key_bytes(chosen.justice_key)
    return _of_cases(service, chosen, HEALTH if chosen.domain == "health" else CHAIN, key)


def _of_justice(service: Service) -> Service:
    dossiers = Shelf(service.store.collection("dossiers"), service.publisher)
    service.on_start(dossiers.start)
    service.consume(CROSSINGS.name, CrossingsHandler(dossiers))
    return service


def _of_cases(
    service: Service, chosen: CaseRouterSettings, domain: CasesOf, justice_key: bytes | None
) -> Service:
    dossiers = service.store.collection("dossiers")
    shelves = Shelves(
        dossiers=Shelf(dossiers, service.publisher),
        closed_days=Shelf(service.store.collection("closed-days"), service.publisher),
        refusals=Shelf(service.store.collection("refusals"), service.publisher),
        collection=dossiers,
    )
    desk = CalendarDesk()
    people = People(domain.domain)
    voice = Voice(justice_key, domain)
    asking = Asking(
        people, chosen.operator_key, Limits(chosen.body_seconds, chosen.answer_seconds),
        clock=lambda: datetime.now(UTC), is_ready=lambda: service.ready,
    )  # fmt: skip
    direct = DirectCommands(shelves, desk.calendars, voice, service.store.collection("command-ids"))
    cases = CaseDesk(dossiers, service.store.collection("readings"), asking)

    service.on_start(shelves.start)
    service.on_start(direct.start)
    service.on_start(cases.start)
    service.table(CALENDARS.name, desk.on_change)
    service.table(CHAIN_REGISTER.name, people.on_change)
    service.consume(
        domain.findings.name, FindingsHandler(shelves, desk.calendars, voice, service.publisher.partitions_of)
    )
    service.consume(domain.commands.name, DecisionsHandler(shelves, desk.calendars, voice, people))
    service.routes.extend(CommandDoor(direct, asking, service.tracing).routes())
    service.routes.extend(cases.routes())
    service.routes.extend(description())
    return service
