"""The door over HTTP: the real service on a real socket, with the real engines behind it."""

import asyncio
import socket
from contextlib import asynccontextmanager
from secrets import token_hex

import httpx
import orjson
import pytest

from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.contracts.topics import FACTS, SCHOOL_REGISTER
from aanwezig.intake.app import build
from aanwezig.intake.settings import IntakeSettings
from support.submitted import a_mark_said, a_school_event, a_system_event

pytestmark = pytest.mark.engines
NDJSON = {"content-type": "application/x-ndjson"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
async def door(engines, register):
    limits = {"max_rows": 5, "max_bytes": 200_000}
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **limits) as client:
        client.headers.update(register.bearer)
        yield client


def lines(*rows):
    return b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows)


def problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert "Traceback" not in response.text
    return told["code"]


async def test_every_format_gives_receipts_in_the_order_of_the_rows(door, topics):
    row = orjson.dumps(a_mark_said(id="1"))
    single = await door.post(
        "/v1/facts", content=row, headers={"content-type": "application/cloudevents+json; charset=UTF-8"}
    )
    assert (single.status_code, single.json()) == (
        202, {"receipts": [{"id": "1", "outcome": "accepted", "errors": []}]},
    )  # fmt: skip
    batch = await door.post(
        "/v1/facts", json=[a_mark_said(id="2", minutes=900), 7, a_mark_said(id="1")], headers=BATCH
    )
    assert [(one["id"], one["outcome"]) for one in batch.json()["receipts"]] == [
        ("2", "refused"), (None, "refused"), ("1", "duplicate"),
    ]  # fmt: skip
    ndjson = await door.post("/v1/facts", content=lines(b"<br>", b"", a_mark_said(id="3")), headers=NDJSON)
    assert [(one["id"], one["outcome"]) for one in ndjson.json()["receipts"]] == [
        (None, "refused"), ("3", "accepted"),
    ]  # fmt: skip
    told = [orjson.loads(record.value)["id"] for record in await topics.of(FACTS.name)]
    assert sorted(told) == ["1", "3"]


async def test_a_refusal_is_told_in_dutch_and_in_english_when_asked(door):
    body = lines(a_mark_said(id="1", number="123456789"))
    dutch = await door.post("/v1/facts", content=body, headers=NDJSON)
    english = await door.post("/v1/facts", content=body, headers={**NDJSON, "accept-language": "en-GB"})
    (told,) = dutch.json()["receipts"][0]["errors"]
    assert (told["field"], told["code"]) == ("pupil.number", "number-fails-test")
    assert told["message"].startswith("Dit is geen geldig BSN")
    assert english.json()["receipts"][0]["errors"][0]["message"].startswith("This is no valid BSN")
    assert (dutch.headers["content-language"], english.headers["content-language"]) == ("nl", "en")


async def test_who_may_not_in_gets_no_further(door, register):
    for headers, code in (
        ({"authorization": ""}, "no-key"),
        ({"authorization": "Basic abc"}, "no-key"),
        ({"authorization": "Bearer wrong"}, "unknown-key"),
    ):
        refused = await door.post("/v1/facts", content=b"{}", headers=headers)
        assert (refused.status_code, problem(refused)) == (401, code)
        assert refused.headers["www-authenticate"].startswith("Bearer")
    await register.add(schools=())
    async with asyncio.timeout(10):
        while (await door.post("/v1/facts", content=b"", headers=NDJSON)).status_code != 403:
            pass
    await register.remove()
    async with asyncio.timeout(10):
        while (await door.get("/v1/receipts/1")).status_code != 401:
            pass
    assert await door.service.store.collection("quarantine").count({}) == 0


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"id,time", {"content-type": "text/csv"}, 415, "unknown-format"),
        (b"{}", {}, 415, "unknown-format"),
        (b"{}", {"content-type": "application/x-ndjson; charset=windows-1252"}, 415, "unknown-format"),
        (b"{}", {**NDJSON, "content-encoding": "gzip"}, 415, "unknown-format"),
        (b"<html>", BATCH, 400, "not-readable"),
        (b"<html>", {"content-type": "application/cloudevents+json"}, 400, "not-readable"),
        (b"{}\n" * 6, NDJSON, 413, "too-many-rows"),
        (b" " * 200_001, NDJSON, 413, "too-many-bytes"),
    ],
)
async def test_what_is_wrong_as_a_whole_is_answered_as_a_whole(door, content, headers, status, code):
    refused = await door.post("/v1/facts", content=content, headers=headers)
    assert (refused.status_code, problem(refused)) == (status, code)


async def test_a_body_without_end_is_let_go_at_the_limit(door):
    async def endless():
        while True:
            yield b" " * 50_000

    try:
        refused = await door.post("/v1/facts", content=endless(), headers=NDJSON)
    except httpx.NetworkError:
        pass  # it was hung up on before it listened
    else:
        assert (refused.status_code, problem(refused)) == (413, "too-many-bytes")
    assert (await door.get("/live")).status_code == 200


async def test_a_receipt_is_told_again_under_any_id(door):
    id_ = "les 3/klas 2b?é"
    await door.post("/v1/facts", content=lines(a_mark_said(id=id_)), headers=NDJSON)
    path = httpx.URL("/v1/receipts/").copy_with(raw_path=b"/v1/receipts/les%203%2Fklas%202b%3F%C3%A9")
    assert (await door.get(path)).json() == {"id": id_, "outcome": "accepted", "errors": []}
    unknown = await door.get("/v1/receipts/never")
    assert (unknown.status_code, problem(unknown)) == (404, "no-receipt")


async def test_before_it_is_ready_the_door_says_when_to_come_back():
    away = {"kafka": "127.0.0.1:1", "mongo": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"}
    async with serving(ready=False, **away) as client:
        refused = await client.post("/v1/facts", content=b"", headers=NDJSON)
        assert (refused.status_code, problem(refused)) == (503, "not-now")
        assert int(refused.headers["retry-after"]) > 0


async def test_when_an_engine_goes_away_the_door_says_so_and_goes_on_when_it_is_back(door, topics):
    service = door.service
    producer, service.publisher._producer = service.publisher._producer, None
    bootstrap, service.publisher._bootstrap = service.publisher._bootstrap, ["127.0.0.1:1"]
    body = lines(a_mark_said(id="1"))
    refused = await door.post("/v1/facts", content=body, headers=NDJSON)
    assert (refused.status_code, problem(refused)) == (503, "not-now")
    assert (await door.get("/v1/receipts/1")).status_code == 404
    service.publisher._producer, service.publisher._bootstrap = producer, bootstrap
    accepted = await door.post("/v1/facts", content=body, headers=NDJSON)
    assert accepted.json()["receipts"][0]["outcome"] == "accepted"
    assert len(await topics.of(FACTS.name)) == 1
