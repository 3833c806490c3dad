"""The real intake on a real socket, and the register that says who may come in."""

import asyncio
from contextlib import asynccontextmanager
from secrets import token_hex

import httpx
import orjson

from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.topics import SCHOOL_REGISTER
from aanwezig.intake.app import build
from aanwezig.intake.settings import IntakeSettings
from aanwezig.local.ports import free_port
from support.submitted import a_school_event, a_system_event

NDJSON = {"content-type": "application/x-ndjson"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
CSV = {"content-type": "text/csv"}


@asynccontextmanager
async def serving(*, kafka, mongo, ready=True, **limits):
    """The service until the end of the block, and a client of its door."""
    settings = IntakeSettings(
        kafka=kafka, mongo=mongo, port=free_port(), database_prefix=f"test-{token_hex(6)}",
        pseudonym_key=token_hex(32), number_key=token_hex(32), log_level="WARNING", grace_seconds=5, **limits,
    )  # fmt: skip
    service = build(settings)
    running = asyncio.create_task(service.serve())
    transport = httpx.AsyncHTTPTransport(retries=20)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", transport=transport) as client:
        client.service = service
        try:
            async with asyncio.timeout(30):
                while (await client.get("/live")).status_code != 200 or (ready and not service.ready):
                    pass
            yield client
        finally:
            if ready:
                await service.store.drop()
            service._stopping.set()
            await running


class Register:
    """Says what an operator's commands say, under names of this test alone."""

    def __init__(self, publisher):
        self._publisher = publisher
        self.system = f"test-{token_hex(4)}"
        self.key = token_hex(32)

    @property
    def bearer(self):
        return {"authorization": f"Bearer {self.key}"}

    async def add(self, **how):
        event = a_system_event(self.system, keys=(self.key,), **how)
        await self._publisher.say([
            Outgoing.event(SCHOOL_REGISTER.name, "school/25PL00", a_school_event()),
            Outgoing.event(SCHOOL_REGISTER.name, f"system/{self.system}", event),
        ])  # fmt: skip

    async def remove(self):
        await self._publisher.say([Outgoing(SCHOOL_REGISTER.name, f"system/{self.system}", None)])


def lines(*rows):
    return b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows)


def problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert "Traceback" not in response.text
    return told["code"]
