"""Who is who over HTTP: the real service, two municipalities that ask, and what the processing log then holds."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import httpx
import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.sealing import Seal
from aanwezig.contracts.identifiers import crossed, keyed_hash, municipality_source
from aanwezig.contracts.topics import SCHOOL_REGISTER
from aanwezig.intake.app import build
from aanwezig.intake.identities import Identities
from aanwezig.intake.processing import ProcessingLog, Status
from aanwezig.intake.settings import IntakeSettings
from support.submitted import MUNICIPALITY_SOURCE, NUMBER, a_mark_said, a_school_event, a_system_event, said

pytestmark = pytest.mark.engines
ELSEWHERE = "111222333"
PUPIL_KEY, NUMBER_KEY, CHAIN_KEY = "a1" * 32, "b2" * 32, "c3" * 32
NDJSON = {"content-type": "application/x-ndjson"}
ACTIVITY = "urn:nld:gemeente:0637:verwerking:leerplicht"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def in_school(text):
    return keyed_hash(bytes.fromhex(PUPIL_KEY), "school", text)


def in_chain(text):
    return crossed(in_school(text), "chain", bytes.fromhex(CHAIN_KEY))


@asynccontextmanager
async def an_intake(engines, prefix, **settings):
    """The service until the end of the block, and a client of its door."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chosen = IntakeSettings(
        kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, port=port, database_prefix=prefix, grace_seconds=5,
        pseudonym_key=PUPIL_KEY, number_key=NUMBER_KEY, **settings,
    )  # fmt: skip
    service = build(chosen)
    running = asyncio.create_task(service.serve())
    transport = httpx.AsyncHTTPTransport(retries=20)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
        client.service = service
        try:
            async with asyncio.timeout(30):
                while (await client.get("/live")).status_code != 200 or not service.ready:
                    pass
            yield client
        finally:
            service.stop()
            await running


class Town:
    """A register of its own: a school's system, its municipality with the right to ask, another, and one without."""

    def __init__(self):
        mark = token_hex(4)
        self.keys = {name: token_hex(16) for name in ("school", "town", "other", "deaf")}
        self.names = {name: f"test-{name}-{mark}" for name in self.keys}

    def records(self):
        yield "school/25PL00", a_school_event()
        for name, source, rights in (
            ("school", None, ()),
            ("town", MUNICIPALITY_SOURCE, ("identities",)),
            ("other", municipality_source("1916"), ("identities",)),
            ("deaf", MUNICIPALITY_SOURCE, ()),
        ):
            how = {} if source is None else {"source": source, "schools": ()}
            event = a_system_event(self.names[name], keys=(self.keys[name],), rights=rights, **how)
            yield f"system/{self.names[name]}", event

    def bearer(self, name):
        return {"authorization": f"Bearer {self.keys[name]}"}


@pytest.fixture
async def town(engines, topics):  # noqa: ARG001 - the topics must be there
    publisher = Publisher(engines.kafka_bootstrap.split(","), "test-register")
    made = Town()
    records = list(made.records())
    await publisher.say(Outgoing.event(SCHOOL_REGISTER.name, key, event) for key, event in records)
    try:
        yield made
    finally:
        await publisher.say(Outgoing(SCHOOL_REGISTER.name, key, None) for key, _ in records)
        await publisher.stop()


@pytest.fixture
async def door(engines, town, tmp_path):
    spans = tmp_path / "spans"
    prefix = f"test-{token_hex(6)}"
    async with an_intake(engines, prefix, chain_key=CHAIN_KEY, traces=str(spans)) as client:
        client.spans = spans
        client.prefix = prefix
        local = said("person-recorded", {"pupil": {"local": "jan-7"}, "birth_date": "2010-03-15"}, id="p-1")
        await told(
            client,
            town,
            "school",
            a_mark_said(id="1"),
            a_mark_said(id="2", more={"pupil": {"local": "jan-7"}}),
            local,
        )
        home = {
            "pupil": {"number": ELSEWHERE},
            "birth_date": "2010-01-01",
            "municipality": "1916",
            "resident_from": "2010-01-01",
        }
        await told(client, town, "other", said("person-recorded", home, source=municipality_source("1916")))
        try:
            yield client
        finally:
            await client.service.store.drop()


async def told(client, town, name, *rows):
    answer = await client.post("/v1/facts", json=list(rows), headers={
        **town.bearer(name), "content-type": "application/cloudevents-batch+json",
    })  # fmt: skip
    assert [one["outcome"] for one in answer.json()["receipts"]] == ["accepted"] * len(rows), answer.text


async def asked(client, town, name, *pseudonyms, domain="chain", **headers):
    body = {"pseudonyms": list(pseudonyms), "domain": domain, "activity": ACTIVITY}
    return await client.post("/v1/identities", json=body, headers={**town.bearer(name), **headers})


def log_of(client):
    seal = Seal(bytes.fromhex(NUMBER_KEY))
    return ProcessingLog(client.service.store.collection("processing"), seal, days=1)


async def lines_of(client, *, subjects=True):
    now = datetime.now(UTC)
    return await log_of(client).between(now - timedelta(hours=1), now + timedelta(hours=1), subjects=subjects)


JAN = "local:000000070000000025PL:jan-7"


async def test_a_municipality_is_told_about_its_own_in_the_order_it_asked(door, town):
    nobody = "0" * 32
    questions = [in_chain(JAN), nobody, in_chain(f"number:{NUMBER}"), in_chain(f"number:{ELSEWHERE}")]
    answer = await asked(door, town, "town", *questions, nobody)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"identities": [
        {"pseudonym": questions[0], "local": "jan-7", "oin": "000000070000000025PL"},
        {"pseudonym": nobody, "unknown": True},
        {"pseudonym": questions[2], "number": NUMBER},
        {"pseudonym": questions[3], "unknown": True},
        {"pseudonym": nobody, "unknown": True},
    ]}  # fmt: skip
    other = await asked(door, town, "other", in_school(f"number:{ELSEWHERE}"), domain="school")
    assert other.json()["identities"] == [
        {"pseudonym": in_school(f"number:{ELSEWHERE}"), "number": ELSEWHERE}
    ]
    lines = await lines_of(door)
    assert {line.subject.decode(): line.outcome for line in lines[:4]} == {
        '{"local":"jan-7","oin":"000000070000000025PL"}': "told", nobody: "unknown",
        f'{{"number":"{NUMBER}"}}': "told", f'{{"number":"{ELSEWHERE}"}}': "withheld",
    }  # fmt: skip
    assert {line.activity for line in lines} == {ACTIVITY}
    assert len(lines) == 5


async def test_the_line_stands_in_the_trace_of_who_asked_and_seals_whom_it_is_about(door, town):
    await asked(door, town, "town", in_chain(f"number:{NUMBER}"), traceparent=TRACE)
    (line,) = await lines_of(door, subjects=False)
    assert line.trace_id.hex() == TRACE.split("-")[1]
    assert line.foreign_operation.operation_id.hex() == TRACE.split("-")[2]
    assert line.foreign_operation.entity == f"{MUNICIPALITY_SOURCE}:systeem:{town.names['town']}"
    assert line.subject is None
    assert NUMBER not in repr(await door.service.store.collection("processing").find({}))


REFUSED = (
    ("school", {}, 403, "no-right"),
    ("deaf", {}, 403, "no-right"),
    ("town", {"pseudonyms": []}, 400, "wrong-question"),
    ("town", {"pseudonyms": ["0" * 32] * 1001}, 400, "wrong-question"),
    ("town", {"pseudonyms": [NUMBER]}, 400, "wrong-question"),
    ("town", {"pseudonyms": ["A" * 32]}, 400, "wrong-question"),
    ("town", {"domain": "justice"}, 400, "wrong-question"),
    ("town", {"activity": "to see"}, 400, "wrong-question"),
    ("town", {"activity": None}, 400, "wrong-question"),
    ("town", {NUMBER: 1}, 400, "wrong-question"),
)


async def test_a_refused_attempt_is_told_in_two_languages_and_stands_in_the_log(door, town):
    for name, body, status, code in REFUSED:
        question = {"pseudonyms": ["0" * 32], "activity": ACTIVITY, **body}
        refused, english = [
            await door.post("/v1/identities", json=question, headers={**town.bearer(name), "accept-language": language})
            for language in ("nl", "en")
        ]  # fmt: skip
        assert (refused.status_code, refused.json()["code"]) == (status, code), body
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["detail"] != english.json()["detail"]
        assert NUMBER not in refused.text
    text = await door.post("/v1/identities", content=b"{}", headers=town.bearer("town"))
    assert (text.status_code, text.json()["code"]) == (415, "unknown-format")
    lines = await lines_of(door)
    assert len(lines) == 2 * len(REFUSED) + 1
    assert {(line.outcome, line.status, line.subject) for line in lines} == {("refused", Status.ERROR, None)}


async def test_without_a_line_there_is_no_answer(door, town, monkeypatch):
    async def away(_log, _lines):
        raise Unavailable("the database")

    monkeypatch.setattr(ProcessingLog, "keep", away)
    answer = await asked(door, town, "town", in_chain(f"number:{NUMBER}"))
    assert (answer.status_code, answer.json()["code"]) == (503, "not-now")
    assert NUMBER not in answer.text
    refused = await asked(door, town, "deaf", in_chain(f"number:{NUMBER}"))
    assert refused.status_code == 503


async def test_no_log_event_span_or_metric_carries_a_number(door, town, capsys):
    asking = [in_chain(JAN), in_chain(f"number:{NUMBER}"), in_chain(f"number:{ELSEWHERE}")]
    await asked(door, town, "town", *asking)
    await door.post("/v1/identities", json={"pseudonyms": [NUMBER]}, headers=town.bearer("town"))
    metrics = (await door.get("/metrics")).text
    assert 'aanwezig_identities_total{outcome="told"}' in metrics
    door.service.tracing.close()
    written = capsys.readouterr().out
    assert "identities.told" in written
    spans = door.spans.read_text()
    assert "identities" in spans
    for text in (metrics, written, spans):
        assert NUMBER not in text
        assert ELSEWHERE not in text
        assert "jan-7" not in text
        assert not any(pseudonym in text for pseudonym in asking)


async def test_without_the_chains_key_only_the_school_domain_is_asked(engines, town):
    prefix = f"test-{token_hex(6)}"
    async with an_intake(engines, prefix) as before:
        await told(before, town, "school", a_mark_said(id="1"))
        there, here = in_chain(f"number:{NUMBER}"), in_school(f"number:{NUMBER}")
        refused = await asked(before, town, "town", there)
        assert (refused.status_code, refused.json()["code"]) == (501, "no-chain")
        known = await asked(before, town, "town", here, domain="school")
        assert known.json()["identities"] == [{"pseudonym": here, "number": NUMBER}]
    async with an_intake(engines, prefix, chain_key=CHAIN_KEY) as after:
        known = await asked(after, town, "town", there)
        assert known.json()["identities"] == [{"pseudonym": there, "number": NUMBER}]
        await after.service.store.drop()


async def test_what_another_instance_kept_without_the_key_is_found_at_the_first_question(world):
    admission = world.intake()
    await world.admit(a_mark_said(), admission=admission)
    collection = world.collection("identities")
    identities = Identities(collection, world.seal, remembered=10, chain_key=bytes.fromhex(CHAIN_KEY))
    pseudonym = keyed_hash(world.key, "school", f"number:{NUMBER}")
    there = crossed(pseudonym, "chain", bytes.fromhex(CHAIN_KEY))
    found = await identities.of({there, "0" * 32}, "chain")
    assert {key: one.pupil.number for key, one in found.items()} == {there: NUMBER}
    assert await collection.count({"chain": there}) == 1
