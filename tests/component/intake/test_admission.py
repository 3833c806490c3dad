import asyncio

import orjson
import pytest

from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.submissions import PupilRef
from aanwezig.contracts.topics import CALENDARS, FACTS
from support.submitted import NUMBER, a_calendar_said, a_mark_said, said

pytestmark = pytest.mark.engines
ANOTHER = "111222333"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_fact_is_said_as_it_was_told_with_a_pseudonym_for_the_pupil(world):
    pupil = keyed_hash(world.key, "school", f"number:{NUMBER}")
    assert await world.outcomes(a_mark_said(id="m-1", sequence="7", more={"authorised": False})) == [
        "accepted"
    ]
    (record,) = await world.topics.of(FACTS.name)
    assert record.key == pupil.encode()
    assert orjson.loads(record.value) == {
        "specversion": "1.0", "id": "m-1", "source": "urn:nld:oin:000000070000000025PL:systeem:test",
        "type": "nl.attendance.mark-recorded.v1", "time": "2024-09-02T14:00:00Z", "sequence": "7",
        "datacontenttype": "application/json", "traceparent": TRACE,
        "data": {"pupil": pupil, "school": "25PL00", "date": "2024-09-02", "slot": "lesson-1", "minutes": 50,
                 "state": "absent", "authorised": False},
    }  # fmt: skip


async def test_the_senders_traceparent_goes_before_the_doors(world):
    own = "00-11111111111111111111111111111111-2222222222222222-01"
    await world.admit(a_mark_said(traceparent=own))
    (record,) = await world.topics.of(FACTS.name)
    assert orjson.loads(record.value)["traceparent"] == own


async def test_who_a_pseudonym_is_is_kept_sealed_from_the_first_fact_on(world):
    local = said("person-recorded", {"pupil": {"local": "jan-7"}, "birth_date": "2010-03-15"}, id="p-1")
    await world.admit(a_mark_said(id="1"), a_mark_said(id="2", slot="lesson-2"), local)
    stored = await world.collection("identities").find({})
    assert len(stored) == 2
    assert all(NUMBER.encode() not in one["sealed"] and b"jan-7" not in one["sealed"] for one in stored)
    known = await world.identities.of([one["_id"] for one in stored])
    assert {one.pupil for one in known.values()} == {
        PupilRef(number=NUMBER), PupilRef(local="jan-7", oin="000000070000000025PL"),
    }  # fmt: skip


async def test_nothing_that_is_stored_holds_a_number(world):
    bad = a_mark_said(id=f"mark-{NUMBER}", minutes=900, more={NUMBER: NUMBER})
    await world.admit(a_mark_said(id=f"good-{NUMBER}"), bad)
    for name in ("reservations", "identities", "quarantine"):
        documents = await world.collection(name).find({})
        assert documents
        assert NUMBER not in repr(documents)


async def test_the_same_row_again_is_a_duplicate_and_another_under_its_id_is_refused(world):
    row, other = a_mark_said(id="1"), a_mark_said(id="1", state="present")
    assert await world.outcomes(row, row, other) == ["accepted", "duplicate", "refused"]
    (again, refused) = await world.admit(row, other)
    assert again.outcome == "duplicate"
    assert [(error.field, error.code.value) for error in refused.errors] == [("id", "id-reused")]
    assert len(await world.topics.of(FACTS.name)) == 1


async def test_one_id_of_two_sources_is_two_rows(world):
    elsewhere = a_mark_said(id="1", source="urn:nld:oin:000000070000000025PL:systeem:other")
    assert await world.outcomes(a_mark_said(id="1"), elsewhere) == ["accepted", "accepted"]


async def test_two_requests_in_one_moment_say_one_thing(world):
    rows = [a_mark_said(id=f"{number}") for number in range(20)]
    ways = [world.outcomes(*rows, trace=TRACE.replace("b7ad", f"b7a{number}")) for number in range(4)]
    outcomes = [outcome for way in await asyncio.gather(*ways) for outcome in way]
    assert set(outcomes) <= {"accepted", "duplicate"}
    said_under = {}
    for record in await world.topics.of(FACTS.name):
        said_under.setdefault(orjson.loads(record.value)["id"], set()).add(record.value)
    assert set(said_under) == {row["id"] for row in rows}
    assert all(len(contents) == 1 for contents in said_under.values())


async def test_receipts_are_found_by_the_id_of_the_calling_system(world):
    await world.admit(a_mark_said(id="good"), a_mark_said(id="bad", minutes=900))
    mine, other = world.senders.by_key("key-1"), world.senders.by_key("key-0637")
    assert (await world.lookup.by_id(mine, "good")).said("nl") == {
        "id": "good",
        "outcome": "accepted",
        "errors": [],
    }
    refused = (await world.lookup.by_id(mine, "bad")).said("en")
    assert refused["outcome"] == "refused"
    assert refused["errors"] == [
        {"field": "minutes", "code": "out-of-range", "message": "The value of 'minutes' must be at most 480."}
    ]
    assert await world.lookup.by_id(mine, "never-sent") is None
    assert await world.lookup.by_id(other, "good") is None


async def test_a_correction_under_the_refused_id_is_accepted_and_settles_the_quarantine(world):
    await world.admit(a_mark_said(id="1", minutes=900))
    assert await world.outcomes(a_mark_said(id="1")) == ["accepted"]
    assert await world.collection("quarantine").count({"open": True}) == 0
    assert (await world.lookup.by_id(world.senders.by_key("key-1"), "1")).outcome == "accepted"


class TestCalendars:
    async def test_a_calendar_goes_to_its_own_topic_under_school_and_from(self, world):
        await world.admit(a_calendar_said())
        (record,) = await world.topics.of(CALENDARS.name)
        assert record.key == b"25PL00/2024-08-01"
        assert await world.topics.of(FACTS.name) == []

    async def test_an_older_word_that_arrives_late_is_followed_by_the_one_that_stands(self, world):
        newer = a_calendar_said(id="new", time="2024-09-02T12:00:00Z")
        older = a_calendar_said(id="old", time="2024-09-01T12:00:00Z", until="2025-06-30")
        assert await world.outcomes(newer) == ["accepted"]
        assert await world.outcomes(older) == ["accepted"]
        told = [orjson.loads(record.value)["id"] for record in await world.topics.of(CALENDARS.name)]
        assert told == ["new", "old", "new"]

    async def test_both_orders_and_one_request_end_the_same(self, world):
        newer = a_calendar_said(id="new", time="2024-09-02T12:00:00Z")
        gone = a_calendar_said(id="gone", time="2024-09-02T13:00:00Z")
        gone["data"]["retracted"] = True
        await world.admit(gone, newer)
        told = [orjson.loads(record.value) for record in await world.topics.of(CALENDARS.name)]
        assert [one["id"] for one in told] == ["gone", "new", "gone"]
        assert told[-1]["data"] == {"school": "25PL00", "from": "2024-08-01", "retracted": True}

    async def test_whatever_races_the_last_word_on_the_topic_stands(self, world):
        words = [a_calendar_said(id=f"{hour}", time=f"2024-09-02T{hour:02}:00:00Z") for hour in range(12)]
        await asyncio.gather(*(world.admit(word) for word in words))
        told = [orjson.loads(record.value)["id"] for record in await world.topics.of(CALENDARS.name)]
        assert told[-1] == "11"
        assert set(told) == {word["id"] for word in words}


class TestQuarantine:
    async def test_a_refused_row_is_kept_whole_and_sealed_with_codes_and_our_fields_in_clear(self, world):
        row = a_mark_said(id="1", minutes=900, more={"bsn-vader": "x"})
        await world.admit(row)
        (kept,) = await world.collection("quarantine").find({})
        assert kept["codes"] == ["out-of-range", "unknown-field"]
        assert kept["fields"] == ["minutes"]
        assert (kept["system"], kept["school"]) == ("test", "25PL00")
        assert orjson.loads(world.seal.open(kept["sealed"], kept["_id"])) == row

    async def test_the_same_bad_row_again_is_one(self, world):
        row = a_mark_said(id="1", minutes=900)
        await world.admit(row, row)
        await world.admit(row)
        assert await world.collection("quarantine").count({}) == 1

    async def test_beyond_the_limit_a_sender_is_told_and_no_one_else_is(self, world):
        world.limit = 2
        bad = [a_mark_said(id=f"{number}", minutes=900) for number in range(3)]
        receipts = await world.admit(*bad)
        codes = [[error.code.value for error in receipt.errors] for receipt in receipts]
        assert codes == [["out-of-range"], ["out-of-range"], ["out-of-range", "quarantine-full"]]
        assert await world.collection("quarantine").count({}) == 2
        known = await world.admit(bad[0])
        assert [error.code.value for error in known[0].errors] == ["out-of-range"]
        other = await world.admit({"id": "1"}, key="key-0637")
        assert "quarantine-full" not in {error.code.value for error in other[0].errors}

    async def test_a_corrected_row_makes_room(self, world):
        world.limit = 1
        await world.admit(a_mark_said(id="1", minutes=900))
        await world.admit(a_mark_said(id="1"))
        (receipt,) = await world.admit(a_mark_said(id="2", minutes=900))
        assert [error.code.value for error in receipt.errors] == ["out-of-range"]

    async def test_a_row_of_many_times_64_kib_takes_the_room_of_as_many(self, world):
        world.limit = 3
        large = {"id": "1", "x": "a" * 150_000}
        first, second = await world.admit(large, {"id": "2"})
        assert "quarantine-full" not in {error.code.value for error in first.errors}
        assert "quarantine-full" in {error.code.value for error in second.errors}
        (third,) = await world.admit({"id": "3"})
        assert "quarantine-full" in {error.code.value for error in third.errors}
