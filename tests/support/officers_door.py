"""The officers' door over a store and a broker in memory: requests in, answers out, without a socket."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from aanwezig.case_router.asking import Asking, Limits
from aanwezig.case_router.describing import routes as description
from aanwezig.case_router.direct import DirectCommands
from aanwezig.case_router.domains import CHAIN, CasesOf
from aanwezig.case_router.doors import CommandDoor
from aanwezig.case_router.handlers import FindingsHandler, Shelves
from aanwezig.case_router.people import People
from aanwezig.case_router.reading import CaseDesk
from aanwezig.case_router.saying import Voice
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.nowhere import handlers, told_nowhere
from aanwezig.chassis.shelf import Shelf
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.envelope import Event, event_from, type_of
from aanwezig.contracts.identifiers import derived_id
from aanwezig.law.calendar import Calendars
from support.chain_events import a_finding, finding_event
from support.memory import Faults, MemoryCollection, MemoryPublisher
from support.people import an_officer, people

PUPIL = "22222222222222222222222222222222"
CASE = derived_id("case", PUPIL, "1")
NOW = datetime(2024, 10, 7, 9, tzinfo=UTC)
OPERATOR = "key-of-the-operator"


def bearer(name: str, **more: str) -> dict[str, str]:
    """The headers of an officer: her key is made of her name."""
    return {"authorization": f"Bearer key-of-{name}", "accept-language": "en", **more}


def everybody() -> People:
    """Two officers of one town, one of another, and one of the Doorstroompunt."""
    return people(
        an_officer("anna", "0637", "key-of-anna"), an_officer("bram", "0637", "key-of-bram"),
        an_officer("cees", "0501", "key-of-cees"),
        an_officer("dirk", "0637", "key-of-dirk", role="doorstroompunt"),
    )  # fmt: skip


@dataclass
class OfficersDoor:
    """A case-router's door; `hears` gives it findings, `posts` and `gets` ask it."""

    faults: Faults = field(default_factory=Faults)
    people: People = field(default_factory=everybody)
    ready: bool = True
    domain: CasesOf = CHAIN

    def __post_init__(self) -> None:
        self.publisher = MemoryPublisher(self.faults)
        names = ("dossiers", "closed", "refusals", "ids", "readings")
        self.collections = {name: MemoryCollection(self.faults) for name in names}
        self.again()

    def again(self) -> None:
        """Another instance over the same store."""
        found = self.collections
        dossiers, closed, refusals = (
            Shelf(found[name], self.publisher) for name in ("dossiers", "closed", "refusals")
        )
        shelves = Shelves(dossiers, closed, refusals, found["dossiers"])
        voice = Voice(bytes(range(32)), self.domain)
        self._findings = FindingsHandler(shelves, Calendars(), voice)
        asking = Asking(
            self.people, SecretStr(OPERATOR), Limits(0.2, 5), clock=lambda: NOW, is_ready=lambda: self.ready
        )  # fmt: skip
        direct = DirectCommands(shelves, Calendars(), voice, found["ids"])
        desk = CaseDesk(found["dossiers"], found["readings"], asking)
        routes = [
            *CommandDoor(direct, asking, Tracing("test", "0", None)).routes(), *desk.routes(), *description(),
        ]  # fmt: skip
        self.app = Starlette(routes=routes, exception_handlers=handlers(routes, told_nowhere))
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://door")

    async def hears(self, pupil: str = PUPIL, kind: str = "statutory", **more: Any) -> None:
        """A finding about a pupil."""
        event = finding_event(a_finding(pupil, kind, **more))
        await self._findings.on_batch([Arrived("chain.findings.v1", 3, 0, None, event.as_bytes(), event)])

    async def posts(
        self, path: str, data: Any, who: str = "anna", command: str = "c1", **headers: str
    ) -> httpx.Response:
        """A command as plain JSON."""
        sent = bearer(who, **{"idempotency-key": command, **headers})
        return await self.client.post(f"/v1/{path}", json=data, headers=sent)

    async def gets(self, path: str, who: str = "anna", **headers: str) -> httpx.Response:
        """Something to read."""
        return await self.client.get(f"/v1/{path}", headers=bearer(who, **headers))

    def said(self, topic: str) -> list[Event]:
        """What was said on a topic, each event once."""
        events = [event_from(one.value) for one in self.publisher.said if one.topic == topic]
        return list({event.id: event for event in events}.values())


def an_event(name: str, data: Any, command: str = "c1", **more: Any) -> dict[str, Any]:
    """A command as a CloudEvent."""
    return {
        "specversion": "1.0", "id": command, "source": "urn:nld:oin:00000099000000000637:systeem:desk",
        "type": type_of(name), "time": "2024-10-07T09:00:00Z", "data": data, **more,
    }  # fmt: skip
