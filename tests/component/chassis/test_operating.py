"""The operators' door: who is let in, what is shown, and what is asked for."""

import json
from uuid import uuid4

import pytest

from aanwezig.chassis import operating
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.store import Store
from support.parked import TOPIC, a_door, a_record, ids_of, outcomes

pytestmark = pytest.mark.engines


class Speechless:
    async def say(self, records, *, headers=()):
        pass


@pytest.fixture
async def parking(engines):
    store = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}")
    made = Parking(store, Speechless(), service="test", topic="test.parked", budget=9)
    await made.start()
    made.store = store
    yield made
    await store.drop()
    await store.close()


@pytest.mark.parametrize(
    ("key", "said", "status", "word"),
    [
        (None, "x", 403, "AANWEZIG_OPERATOR_KEY"), (None, "", 403, "AANWEZIG_OPERATOR_KEY"),
        ("right", "wrong", 401, "operator's key"), ("right", None, 401, "operator's key"),
        ("right", "ë", 401, "operator's key"), ("right", "right", 200, ""),
    ],
)  # fmt: skip
async def test_only_who_has_the_operators_key_is_let_in(parking, key, said, status, word):
    said = None if said is None else said.encode()
    for method, path in (("GET", "/v1/parked"), ("POST", "/v1/parked/retry"), ("POST", "/v1/parked/discard")):
        async with a_door(parking, key=key, said=None) as door:
            headers = {} if said is None else {"authorization": b"Bearer " + said}
            body = {"ids": ids_of(1), "by": "me"} | ({"reason": "x"} if "discard" in path else {})
            answer = await door.request(
                method, path, headers=headers, content=json.dumps(body) if method == "POST" else None
            )
        assert answer.status_code == status
        assert word in answer.json().get("detail", "")


async def test_the_list_is_whole_and_by_place_and_tells_no_value(parking, monkeypatch):
    monkeypatch.setattr(operating, "_MOST_ROWS", 2)
    for offset in (10, 9, 2):
        await parking.park(a_record(offset), "behind", "Behind")
    await parking.park(a_record(1, key="else", partition=1), "unexpected", "KeyError")
    await parking.park(a_record(1, topic="b.topic"), "unexpected", "KeyError")
    found, after = [], {}
    async with a_door(parking) as door:
        while after is not None:
            page = (await door.get("/v1/parked", params=after)).json()
            found += page["rows"]
            after = None if page["next"] is None else {"after": page["next"]}
        mine = (await door.get("/v1/parked", params={"key": "else"})).json()["rows"]
        assert (await door.get("/v1/parked", params={"after": "x"})).status_code == 400
    assert [row["id"] for row in found] == [*ids_of(2, 9, 10), f"{TOPIC}:1:1", "b.topic:0:1"]
    assert [row["id"] for row in mine] == [f"{TOPIC}:1:1"]
    assert {name for row in found for name in row} == {
        "id", "topic", "partition", "offset", "key", "reason", "error", "at", "closed", "ends", "state", "by", "why",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b'{"n": 1}', {"said": {"n": 1}}), (None, {"said": None}), (b"\xff{", {"said": None, "base64": "/3s="}),
    ],
)  # fmt: skip
async def test_one_record_is_shown_as_it_came(parking, value, said):
    record = a_record(1)
    record.value = value
    await parking.park(record, "not-the-contract", "NotTheContract")
    async with a_door(parking) as door:
        shown = (await door.get(f"/v1/parked/{TOPIC}:0:1")).json()
        assert (await door.get(f"/v1/parked/{TOPIC}:0:2")).status_code == 404
    assert {name: shown[name] for name in shown if name in ("said", "base64")} == said
    assert shown["state"] == "parked"


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("retry", {"by": "me"}), ("retry", {"ids": ["a"], "key": "k", "by": "me"}), ("retry", {"ids": ["a"]}),
        ("retry", {"ids": ["a"], "by": " "}), ("retry", {"ids": "a", "by": "me"}), ("retry", []),
        ("discard", {"ids": ["a"], "by": "me"}), ("discard", {"ids": ["a"], "by": "me", "reason": "\n "}),
        ("discard", {"ids": ["a"], "by": "me", "reason": "x" * 501}),
        ("discard", {"ids": ["a"], "by": "me", "reason": "x", "key": "k"}),
    ],
)  # fmt: skip
async def test_what_is_not_understood_changes_nothing(parking, act, body):
    await parking.park(a_record(1), "unexpected", "KeyError")
    async with a_door(parking) as door:
        answer = await door.post(f"/v1/parked/{act}", json=body)
        assert (answer.status_code, "Say what is meant" in answer.json()["detail"]) == (400, True)
        assert (await door.post("/v1/parked/retry", content=b"x" * 300_000)).status_code == 413
    assert await parking.faults() == 1


async def test_what_is_unknown_or_closed_is_told(parking):
    await parking.park(a_record(1), "unexpected", "KeyError")
    async with a_door(parking) as door:
        said = (await door.retry(1, 2)).json()
        assert said == {"asked": ids_of(1), "unknown": ids_of(2), "not_retried": []}
        (row,) = (await door.get("/v1/parked")).json()["rows"]
        assert (row["state"], row["by"]) == ("retry-asked", "an operator")
        # A discard holds, whatever is asked after it.
        await door.discard(1)
        await door.retry(1)
        (row,) = (await door.get("/v1/parked")).json()["rows"]
        assert (row["state"], row["why"]) == ("discard-asked", "no sense in it")


async def test_a_strangers_record_is_not_tried_again_but_can_be_discarded(parking):
    await parking.park(a_record(1, key=None), "unexpected", "KeyError")
    async with a_door(parking, topics=()) as door:
        assert (await door.retry(1)).json() == {"asked": [], "unknown": [], "not_retried": ids_of(1)}
        assert await parking.faults() == 1
        assert (await door.discard(1)).json()["asked"] == ids_of(1)
        closed = (await door.get("/v1/parked", params={"closed": "true"})).json()["rows"]
    assert [row["state"] for row in closed] == ["discarded"]
    assert await outcomes(parking.store) == {1: "discarded"}
    assert await parking.faults() == 0
