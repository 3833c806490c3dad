"""The door over HTTP: the real service on a real socket, with the real engines behind it."""

import asyncio

import httpx
import orjson
import pytest

from aanwezig.chassis.access import Access
from aanwezig.contracts.topics import FACTS
from aanwezig.intake.published_calls import CALLS
from support.intake_door import BATCH, NDJSON, lines, problem, serving
from support.submitted import a_mark_said

pytestmark = pytest.mark.engines


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
        (b"{}", {}, 415, "unknown-format"),
        (b"{", BATCH, 400, "not-readable"),
        (b"{", {"content-type": "application/cloudevents+json"}, 400, "not-readable"),
        (b"[{}]", {"content-type": "application/cloudevents+json"}, 400, "not-readable"),
        (b"{}\n" * 6, NDJSON, 413, "too-many-rows"),
        (b" " * 200_001, NDJSON, 413, "too-many-bytes"),
    ],
)
async def test_what_is_wrong_as_a_whole_is_answered_as_a_whole(door, content, headers, status, code):
    refused = await door.post("/v1/facts", content=content, headers=headers)
    assert (refused.status_code, problem(refused)) == (status, code)


async def test_a_list_that_is_said_to_be_one_event_is_told_the_type_of_a_list(door):
    refused = await door.post(
        "/v1/facts", json=[a_mark_said()], headers={"content-type": "application/cloudevents+json"}
    )
    assert (refused.status_code, problem(refused)) == (400, "not-readable")
    assert "'application/cloudevents-batch+json'" in refused.json()["detail"]
    assert await door.service.store.collection("quarantine").count({}) == 0


async def test_a_parameter_there_is_none_of_is_told_with_those_there_are(door):
    for call in CALLS:
        if not call.needs_key:
            continue
        path = call.path.format(id="0" * 32)
        takes = [one.name for one in call.parameters if one.place == "query"]
        names = ", ".join(f"'{one}'" for one in sorted(takes))
        known = f"known: {names}" if takes else "this address has none"
        refused = await door.request(
            call.method, path, params={"cod": "x"}, headers={"accept-language": "en"}
        )
        assert (refused.status_code, problem(refused)) == (400, "unknown-parameter"), path
        assert f"'cod' ({known})" in refused.json()["detail"]
        if takes:
            taken = await door.request(call.method, path, params=dict.fromkeys(takes, "x"))
            assert taken.json().get("code") != "unknown-parameter", path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/fact", None), ("POST", "/", None), ("GET", "/v2/facts", None),
        ("GET", "/v1/facts", "POST"), ("PATCH", "/v1/system", "GET, HEAD"), ("POST", "/ready", "GET, HEAD"),
        ("POST", f"/v1/quarantine/{'0' * 32}", "DELETE, GET, HEAD, PUT"),
    ],
)  # fmt: skip
async def test_what_no_route_takes_is_a_problem_in_both_languages(door, method, path, allowed):
    for language, words in (("nl", "Er is niets verwerkt"), ("en", "Nothing was taken")):
        refused = await door.request(method, path, headers={"accept-language": language})
        expected = (404, "no-address") if allowed is None else (405, "no-method")
        assert (refused.status_code, problem(refused)) == expected
        assert words in refused.json()["detail"]
        assert refused.headers["content-language"] == language
        assert refused.headers.get("allow") == allowed
        assert allowed is None or allowed in refused.json()["detail"]


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
    access, service.publisher._access = service.publisher._access, Access.of(["127.0.0.1:1"])
    body = lines(a_mark_said(id="1"))
    refused = await door.post("/v1/facts", content=body, headers=NDJSON)
    assert (refused.status_code, problem(refused)) == (503, "not-now")
    assert (await door.get("/v1/receipts/1")).status_code == 404
    service.publisher._producer, service.publisher._access = producer, access
    accepted = await door.post("/v1/facts", content=body, headers=NDJSON)
    assert accepted.json()["receipts"][0]["outcome"] == "accepted"
    assert len(await topics.of(FACTS.name)) == 1
