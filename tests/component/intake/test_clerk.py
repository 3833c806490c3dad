"""The clerk's desk over HTTP, on real stores: lists, corrections, rows sent again, rows discarded, and whose they are."""

from datetime import timedelta

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.topics import FACTS
from aanwezig.intake import clerk as clerk_module
from aanwezig.intake.asking import Asking, Limits
from aanwezig.intake.clerk import ClerkDesk
from aanwezig.intake.pace import Pace
from support.submitted import NOW, NUMBER, a_mark_said, a_school_event, a_system_event

pytestmark = pytest.mark.engines
JSON = {"content-type": "application/cloudevents+json"}
FILE = "verzuim van Jan.csv"


def bad(id_, **how):
    return a_mark_said(id=id_, minutes=900, **how)


class Desk:
    """A client of the desk, an hour after the rows came."""

    def __init__(self, world):
        self._world = world
        self._tracing = Tracing("test-clerk", "0", None)

    def client(self, *, rows_a_minute=1_000):
        world = self._world
        admission = world.intake()
        pace = Pace(rows_a_minute, abreast=8, bytes_in_hand=10_000_000)
        asking = Asking(
            world.senders, Limits(1_000, 1_000_000, 10, 10), pace,
            clock=lambda: NOW + timedelta(hours=1), is_ready=lambda: True,
        )  # fmt: skip
        desk = ClerkDesk(admission, world.quarantine, world.lookup, asking, self._tracing)
        transport = httpx.ASGITransport(Starlette(routes=desk.routes()))
        headers = {"authorization": "Bearer key-1", "accept-language": "en"}
        return httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers)

    def close(self):
        self._tracing.close()


@pytest.fixture
def desk(world):
    made = Desk(world)
    yield made
    made.close()


@pytest.fixture
async def clerk(desk):
    async with desk.client() as client:
        yield client


async def listed(clerk, **params):
    answer = await clerk.get("/v1/quarantine", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"]


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


class TestList:
    async def test_a_row_is_told_with_all_a_clerk_needs(self, world, clerk):
        await world.admit(a_mark_said(id="good"), bad("1"), file=FILE, first=7)
        (row,) = await listed(clerk)
        id_ = row.pop("id")
        assert row == {
            "row_id": "1", "type": "nl.attendance.mark-recorded.v1", "at": "2024-09-03T08:00:00Z", "ends": row["ends"],
            "school": "25PL00", "file": FILE, "row": 8, "state": "open", "opens": True,
            "errors": [{"field": "minutes", "code": "out-of-range", "message": "The value of 'minutes' must be at most 480."}],
        }  # fmt: skip
        shown = (await clerk.get(f"/v1/quarantine/{id_}")).json()
        assert shown["said"] == bad("1")

    async def test_it_is_found_by_school_code_and_file_and_told_in_pages_in_the_order_of_the_file(
        self, world, clerk
    ):
        await world.admit(*(bad(f"{n}") for n in range(5)), file=FILE)
        await world.admit(a_mark_said(id="x", school="25PL99"), 7, file="other", later=1)
        assert [row["row"] for row in await listed(clerk, file=FILE)] == [1, 2, 3, 4, 5]
        assert [row["row_id"] for row in await listed(clerk, code="school-unknown")] == ["x"]
        assert len(await listed(clerk, school="25PL00")) == 5
        assert await listed(clerk, school="16QW01") == []
        seen, after = [], {}
        while after is not None:
            page = (await clerk.get("/v1/quarantine", params={"limit": 3, **after})).json()
            seen += [row["row_id"] for row in page["rows"]]
            after = {"after": page["next"]} if page["next"] else None
        assert seen == ["0", "1", "2", "3", "4", "x", None]

    async def test_what_cannot_be_asked_for_is_said(self, clerk):
        for wrong in ("school=x", "code=x", "after=x", "limit=0", "limit=1001", "file="):
            assert problem(await clerk.get(f"/v1/quarantine?{wrong}")) == (400, "wrong-parameter"), wrong

    async def test_counts_tell_school_code_oldest_and_whether_there_is_room(self, world, clerk):
        world.limit = 3
        await world.admit(bad("1"))
        await world.admit(bad("2", more={"x": 1}), {"id": "3"}, {"id": "4"}, later=5)
        counts = (await clerk.get("/v1/quarantine/counts")).json()
        told = counts.pop("counts")
        assert counts == {"rows": 3, "limit": 100, "school_limit": 100, "full": False, "full_schools": []}
        assert told[-2:] == [
            {"school": "25PL00", "code": "out-of-range", "rows": 2, "oldest": "2024-09-03T08:00:00Z"},
            {"school": "25PL00", "code": "unknown-field", "rows": 1, "oldest": "2024-09-03T08:05:00Z"},
        ]
        assert {(one["school"], one["code"]) for one in told[:-2]} == {(None, "required")}

    async def test_a_full_quarantine_and_a_full_school_are_seen_in_the_counts(self, world, desk):
        world.limit, world.school_limit = 2, 1
        await world.admit(bad("1"), {"id": "2"})
        async with desk.client() as clerk:
            counts = (await clerk.get("/v1/quarantine/counts")).json()
        assert (counts["full"], counts["full_schools"]) == (True, ["25PL00"])

    async def test_what_came_as_text_is_shown_as_text(self, world, clerk):
        deep = inner = {}
        for _ in range(300):
            inner["a"] = inner = {}
        await world.admit(deep, "a text", 7)
        shown = [
            (await clerk.get(f"/v1/quarantine/{row['id']}")).json()["said"] for row in await listed(clerk)
        ]
        assert shown[1:] == ["a text", 7]
        assert str(shown[0]).startswith("{'a': ")

    async def test_rows_with_very_much_wrong_come_in_smaller_pages(self, world, clerk, monkeypatch):
        monkeypatch.setattr(clerk_module, "MOST_ERRORS", 5)
        await world.admit(*({"id": f"{n}"} for n in range(4)))
        seen, after = [], {}
        while after is not None:
            page = (await clerk.get("/v1/quarantine", params=after)).json()
            assert len(page["rows"]) < 4
            seen += [row["row_id"] for row in page["rows"]]
            after = {"after": page["next"]} if page["next"] else None
        assert seen == ["0", "1", "2", "3"]


class TestCorrect:
    async def test_a_correction_goes_through_the_same_admission_and_closes_the_row(self, world, clerk):
        await world.admit(bad("1"))
        (row,) = await listed(clerk)
        answer = await clerk.put(
            f"/v1/quarantine/{row['id']}", content=orjson.dumps(a_mark_said(id="1")), headers=JSON
        )
        assert answer.json() == {
            "quarantine": row["id"], "state": "corrected", "receipt": {"id": "1", "outcome": "accepted", "errors": []},
        }  # fmt: skip
        assert await listed(clerk) == []
        assert (await clerk.get(f"/v1/quarantine/{row['id']}")).json()["state"] == "corrected"
        (fact,) = await world.topics.of(FACTS.name)
        assert orjson.loads(fact.value)["id"] == "1"
        again = await clerk.put(f"/v1/quarantine/{row['id']}", json=a_mark_said(id="1"))
        assert problem(again) == (409, "closed")

    async def test_a_row_without_an_id_is_corrected_by_one_with_an_id(self, world, clerk):
        await world.admit(7)
        (row,) = await listed(clerk)
        await clerk.put(f"/v1/quarantine/{row['id']}", json=a_mark_said(id="new"))
        assert await listed(clerk) == []

    async def test_a_correction_that_is_refused_tells_why_and_leaves_the_row_as_it_was(self, world, clerk):
        await world.admit(bad("1"))
        (row,) = await listed(clerk)
        answer = await clerk.put(f"/v1/quarantine/{row['id']}", json=a_mark_said(id="1", slot="noon"))
        assert answer.json()["state"] == "open"
        assert [error["field"] for error in answer.json()["receipt"]["errors"]] == ["slot"]
        assert await listed(clerk) == [row]
        assert (await clerk.get(f"/v1/quarantine/{row['id']}")).json()["said"] == bad("1")
        assert [error["field"] for error in (await clerk.get("/v1/receipts/1")).json()["errors"]] == ["slot"]

    async def test_a_reused_id_needs_another_and_says_so(self, world, clerk):
        await world.admit(a_mark_said(id="1"), a_mark_said(id="1", state="present"))
        (row,) = await listed(clerk)
        refused = await clerk.put(f"/v1/quarantine/{row['id']}", json=a_mark_said(id="1", state="present"))
        (error,) = refused.json()["receipt"]["errors"]
        assert (error["field"], error["code"]) == ("id", "id-reused")
        assert error["message"].endswith("Give each message an id of its own.")
        answer = await clerk.put(f"/v1/quarantine/{row['id']}", json=a_mark_said(id="2", state="present"))
        assert answer.json()["state"] == "corrected"
        assert await listed(clerk) == []

    async def test_what_is_no_event_is_refused_as_a_whole(self, world, clerk):
        await world.admit(bad("1"))
        (row,) = await listed(clerk)
        path = f"/v1/quarantine/{row['id']}"
        assert problem(await clerk.put(path, content=b"<html>", headers=JSON)) == (400, "not-readable")
        assert problem(await clerk.put(path, content=b"{}")) == (415, "unknown-format")
        for nowhere in (f"/v1/quarantine/{'0' * 32}", "/v1/quarantine/x"):
            answer = await clerk.put(nowhere, json=a_mark_said(id="1"))
            assert problem(answer) == (404, "not-in-quarantine")


class TestResubmit:
    async def test_rows_as_they_came_are_judged_anew(self, world, clerk):
        await world.admit(a_mark_said(id="1", school="25PL07"), a_mark_said(id="2", school="25PL08"), 7)
        ids = [row["id"] for row in await listed(clerk)]
        await world.senders.on_change("school/25PL07", a_school_event("25PL07"))
        await world.senders.on_change("school/25PL08", a_school_event("25PL08"))
        await world.senders.on_change("system/test", a_system_event(schools=("25PL00", "25PL07")))
        answer = (await clerk.post("/v1/quarantine/resubmit", json={"ids": [*ids, ids[0], "f" * 32]})).json()
        assert [
            (one["id"], one["outcome"], [error["code"] for error in one["errors"]])
            for one in answer["receipts"]
        ] == [
            ("1", "accepted", []), ("2", "refused", ["school-not-yours"]), (None, "refused", ["wrong-type"]),
        ]  # fmt: skip
        assert [one["quarantine"] for one in answer["receipts"]] == ids
        assert (answer["unknown"], answer["unopened"]) == (["f" * 32], [])
        left = await listed(clerk)
        assert [(row["id"], row["errors"][0]["code"]) for row in left] == [
            (ids[1], "school-not-yours"), (ids[2], "wrong-type"),
        ]  # fmt: skip
        assert [row["id"] for row in await listed(clerk, code="school-not-yours")] == [ids[1]]

    async def test_what_is_no_list_of_rows_is_said(self, clerk):
        for wrong in ({}, {"ids": []}, {"ids": "x"}, {"ids": ["x"]}, [], {"ids": [1]}):
            assert problem(await clerk.post("/v1/quarantine/resubmit", json=wrong)) == (400, "wrong-ids"), (
                wrong
            )

    async def test_rows_that_are_together_more_than_one_system_may_hold_are_not_read(self, world, desk):
        await world.admit(bad("1", more={"x": "x" * 3_000_000}), bad("2", more={"x": "x" * 3_000_000}))
        async with desk.client() as clerk:
            ids = [row["id"] for row in await listed(clerk)]
            answer = await clerk.post("/v1/quarantine/resubmit", json={"ids": ids})
            assert problem(answer) == (413, "too-many-values")
            for id_ in ids:
                answer = await clerk.post("/v1/quarantine/resubmit", json={"ids": [id_]})
                assert [one["outcome"] for one in answer.json()["receipts"]] == ["refused"]

    async def test_it_counts_for_the_pace_of_the_system(self, world, desk):
        await world.admit(bad("1"), bad("2"))
        async with desk.client(rows_a_minute=1) as clerk:
            ids = [row["id"] for row in await listed(clerk)]
            for id_ in ids[:1] * 2:
                answer = await clerk.post("/v1/quarantine/resubmit", json={"ids": [id_]})
            assert problem(answer) == (429, "too-fast")


class TestDiscard:
    async def test_it_wants_a_reason_and_keeps_it_sealed(self, world, clerk):
        await world.admit(bad("1"))
        (row,) = await listed(clerk)
        path = f"/v1/quarantine/{row['id']}"
        for nothing in ("", "?reason=%20"):
            assert problem(await clerk.delete(path + nothing)) == (400, "no-reason")
        reason = f"leerling {NUMBER} is verhuisd"
        for _ in range(2):
            assert (await clerk.delete(path, params={"reason": reason})).json()["state"] == "discarded"
            reason = "another reason"
        shown = (await clerk.get(path)).json()
        assert (shown["state"], shown["reason"]) == ("discarded", f"leerling {NUMBER} is verhuisd")
        assert NUMBER not in repr(await world.collection("quarantine").find({}))
        assert problem(await clerk.put(path, json=a_mark_said(id="1"))) == (409, "closed")

    async def test_what_was_settled_stays_settled_when_the_same_row_comes_again(self, world, clerk):
        world.limit = 2
        await world.admit(bad("1"), bad("2"))
        first, second = await listed(clerk)
        await clerk.delete(f"/v1/quarantine/{first['id']}", params={"reason": "no such lesson"})
        await clerk.put(f"/v1/quarantine/{second['id']}", json=a_mark_said(id="2"))
        receipts = await world.admit(bad("1"), bad("2"), bad("3"), later=60)
        assert [receipt.outcome for receipt in receipts] == ["refused"] * 3
        assert [row["row_id"] for row in await listed(clerk)] == ["3"]
        gone = await clerk.delete(f"/v1/quarantine/{second['id']}", params={"reason": "x"})
        assert problem(gone) == (409, "closed")


async def test_a_body_of_nothing_but_values_is_not_read(world, clerk):
    await world.admit(bad("1"))
    (row,) = await listed(clerk)
    values = b"[" + b"{}," * 100_000 + b"{}]"
    for answer in (
        await clerk.put(f"/v1/quarantine/{row['id']}", content=values, headers=JSON),
        await clerk.post("/v1/quarantine/resubmit", content=values, headers=JSON),
    ):
        assert problem(answer) == (413, "too-many-values")


async def test_nobody_sees_or_touches_the_rows_of_another_system(world, clerk):
    await world.admit(bad("1"), file=FILE)
    (row,) = await listed(clerk)
    path = f"/v1/quarantine/{row['id']}"
    clerk.headers["authorization"] = "Bearer key-0637"
    assert await listed(clerk) == []
    assert (await clerk.get("/v1/quarantine/counts")).json()["rows"] == 0
    assert problem(await clerk.get(path)) == (404, "not-in-quarantine")
    assert problem(await clerk.put(path, json=a_mark_said(id="1"))) == (404, "not-in-quarantine")
    assert problem(await clerk.delete(path, params={"reason": "x"})) == (404, "not-in-quarantine")
    answer = await clerk.post("/v1/quarantine/resubmit", json={"ids": [row["id"]]})
    assert answer.json() == {"receipts": [], "unknown": [row["id"]], "unopened": []}
    assert problem(await clerk.get("/v1/receipts", params={"file": FILE})) == (404, "no-file")
    assert problem(await clerk.get("/v1/receipts/1")) == (404, "no-receipt")
    clerk.headers["authorization"] = "Bearer key-1"
    assert await listed(clerk) == [row]


async def test_what_is_sealed_under_a_key_that_is_gone_is_told_and_can_be_corrected_or_discarded(world, desk):
    await world.admit(bad("1"), bad("2"), file=FILE)
    world.seal = Seal(bytes(32))
    async with desk.client() as clerk:
        one, two = await listed(clerk)
        assert (one["opens"], one["row_id"], one["file"], one["school"]) == (False, None, None, "25PL00")
        assert [error["code"] for error in one["errors"]] == ["out-of-range"]
        shown = await clerk.get(f"/v1/quarantine/{one['id']}")
        assert (shown.status_code, shown.json()["said"]) == (200, None)
        answer = await clerk.post("/v1/quarantine/resubmit", json={"ids": [one["id"]]})
        assert answer.json() == {"receipts": [], "unknown": [], "unopened": [one["id"]]}
        assert problem(await clerk.get("/v1/receipts/1")) == (410, "sealed-away")
        assert problem(await clerk.get("/v1/receipts", params={"file": FILE})) == (410, "sealed-away")
        await clerk.put(f"/v1/quarantine/{one['id']}", json=a_mark_said(id="1"))
        await clerk.delete(f"/v1/quarantine/{two['id']}", params={"reason": "cannot be read"})
        assert await listed(clerk) == []


async def test_receipts_of_a_file_are_told_with_the_row_the_quarantine_and_what_comes_next(world, clerk):
    await world.admit(a_mark_said(id="1"), bad("2"), bad("3"), file=FILE)
    ids = [row["id"] for row in await listed(clerk)]
    page = (await clerk.get("/v1/receipts", params={"file": FILE, "outcome": "refused", "limit": 1})).json()
    (receipt,) = page.pop("receipts")
    assert page == {
        "file": FILE, "at": "2024-09-03T08:00:00Z", "counts": {"rows": 3, "accepted": 1, "refused": 2}, "next": "2",
    }  # fmt: skip
    assert (receipt["row"], receipt["id"], receipt["outcome"], receipt["quarantine"]) == (
        2,
        "2",
        "refused",
        ids[0],
    )
    rest = {"file": FILE, "after": page["next"]}
    page = (await clerk.get("/v1/receipts", params=rest)).json()
    assert [one["quarantine"] for one in page["receipts"]] == ids[1:]
    assert (page["counts"], page["next"]) == (None, None)
    for wrong in ({}, {"file": FILE, "outcome": "accepted"}, {"file": FILE, "after": "x"}):
        assert problem(await clerk.get("/v1/receipts", params=wrong)) == (400, "wrong-parameter")
