"""The Kafka door: the topic names the sender, every record is answered, and answered in one way."""

import asyncio
import gzip
from datetime import timedelta
from itertools import count

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from aanwezig.chassis.errors import BudgetSpent, Unavailable
from aanwezig.chassis.lanes import Taken
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.topics import FACTS, RECEIPTS, submissions_of
from aanwezig.intake.pace import Pace
from support.crashing import Fuse, Killed
from support.intake_door import BATCH, CSV, NDJSON, lines, serving
from support.kafka_senders import PACE, Lane, a_door, answers, plain
from support.submitted import NOW, a_calendar_said, a_mark_said, a_system_event

pytestmark = pytest.mark.engines
SINGLE = {"content-type": "application/cloudevents+json"}


@pytest.fixture(autouse=True)
async def receipts_from_now(topics):
    await topics.begin(RECEIPTS.name)


async def problems(topics):
    return [given.problem and given.problem.code for _, given in await answers(topics)]


async def test_the_topic_says_who_speaks_whatever_the_record_says(world, topics):
    row = a_mark_said(id="1")
    foreign = a_mark_said(id="2", school="16QW01", source=school_source("16QW"))
    door, lane = a_door(world), Lane("test")
    assert await door.on_records([lane.record(row), lane.record(foreign)]) == Taken(2)
    assert await door.on_records([Lane("gemeente").record(a_mark_said(id="3"))]) == Taken(1)
    told = await answers(topics)
    assert [(given.system, given.record.topic, given.record.offset) for _, given in told] == [
        ("test", lane.topic, 0), ("test", lane.topic, 1), ("gemeente", "school.submissions.v1.gemeente", 0),
    ]  # fmt: skip
    mine, foreign, theirs = (given.receipts[0] for _, given in told)
    assert (mine.outcome, mine.errors) == ("accepted", [])
    assert "source-not-yours" in [error.code for error in foreign.errors]
    assert "source-not-yours" in [error.code for error in theirs.errors]
    assert [orjson.loads(record.value)["id"] for record in await topics.of(FACTS.name)] == ["1"]


@pytest.mark.parametrize(
    ("value", "headers", "code"),
    [
        (None, {}, "empty-record"),
        (b"", {}, "empty-record"),
        (b"{}", {"ce_specversion": "1.0", "content_type": "application/json"}, "binary-mode"),
        (b"{}", {"content_type": "application/json"}, "unknown-format"),
        (b"{}", {"content_encoding": "br"}, "unknown-format"),
        (b"<html><body>502</body></html>", {}, "html-page"),
        (b"<html>", {"content_type": "application/cloudevents-batch+json"}, "html-page"),
        (b"7", {"content_type": "application/cloudevents-batch+json"}, "not-readable"),
        (b"[{}]", {}, "not-readable"),
        (b"{}\n" * 6, {"content_type": "application/x-ndjson"}, "too-many-rows"),
        (b" " * 200_001, {}, "too-many-bytes"),
        (gzip.compress(b" " * 1_000_000, mtime=0), {"content_encoding": "gzip"}, "unpacks-too-large"),
        (gzip.compress(b"{}", mtime=0)[:-4], {"content_encoding": "gzip"}, "broken-gzip"),
        (b"[" + b"[1,2]," * 5 + b"[]]", {"content_type": "application/cloudevents-batch+json"}, "too-many-rows"),
    ],
)  # fmt: skip
async def test_what_is_wrong_as_a_whole_is_told_with_the_words_of_the_other_door(
    world, topics, value, headers, code
):
    record = Lane("test").record(value, **headers)
    assert await a_door(world, rows=5, bytes=200_000).on_records([record]) == Taken(1)
    ((_, given),) = await answers(topics)
    assert (given.problem.code, given.receipts, given.parts) == (code, [], 1)
    assert ". " in given.problem.detail, "what is wrong, and what to do"
    assert await world.collection("quarantine").count({}) == 0


async def test_a_record_that_cannot_be_decoded_is_answered_too(world, topics):
    await a_door(world).on_records([Lane("test").record(None, readable=False)])
    assert await problems(topics) == ["unreadable-record"]


async def test_a_record_that_is_no_json_is_a_refused_row_and_kept(world, topics):
    lane = Lane("test")
    await a_door(world).on_records(
        [lane.record(b"{not json"), lane.record(b'{"x":"' + b"y" * 70_000 + b'"}')]
    )
    told = [given.receipts[0] for _, given in await answers(topics)]
    assert [(one.id, one.outcome, one.errors[0].code) for one in told] == [
        (None, "refused", "not-json"), (None, "refused", "too-large"),
    ]  # fmt: skip
    assert await world.collection("quarantine").count({}) == 2


async def test_the_sender_is_answered_in_its_language_and_its_trace_is_carried_on(world, topics):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    lane = Lane("test")
    await a_door(world).on_records([
        lane.record(a_mark_said(id="1", minutes=900), accept_language="en"),
    ])  # fmt: skip
    await a_door(world).on_records([lane.record(a_mark_said(id="2"), traceparent=trace)])
    (_, english), _ = await answers(topics)
    assert english.receipts[0].errors[0].message.startswith("The value of")
    (fact,) = await topics.of(FACTS.name)
    assert orjson.loads(fact.value)["traceparent"] == trace
    assert orjson.loads((await topics.of(RECEIPTS.name))[1].value)["traceparent"] == trace


async def test_the_receipts_of_many_rows_are_told_in_parts_in_their_order(world, topics):
    rows = [a_mark_said(id=f"row-{number:04}", minutes=900, naam="x" * 50) for number in range(1_000)]
    world.limit = world.school_limit = 2_000
    record = Lane("test").record(rows, content_type="application/cloudevents-batch+json")
    await a_door(world).on_records([record])
    told = await answers(topics)
    assert len(told) > 1
    assert [(given.part, given.parts) for _, given in told] == [
        (part, len(told)) for part in range(1, len(told) + 1)
    ]
    assert len({id_ for id_, _ in told}) == len(told)
    assert [one.id for _, given in told for one in given.receipts] == [row["id"] for row in rows]


async def test_a_receipt_too_large_for_an_event_is_cut_and_still_told(world, topics):
    row = a_mark_said(id="1", more={f"{number}-" + "x" * 700: 1 for number in range(80)})
    await a_door(world).on_records([Lane("test").record(row)])
    ((_, given),) = await answers(topics)
    (receipt,) = given.receipts
    assert (receipt.id, receipt.outcome) == ("1", "refused")
    assert len(receipt.errors) > 50
    assert all(len(error.field) < 300 and error.message for error in receipt.errors)


async def test_a_removed_system_is_refused_at_once_and_one_that_is_not_there_yet_waits(world, topics):
    door, lane, late = a_door(world), Lane("test"), Lane("later")
    record = lane.record(a_mark_said(id="1"))
    assert await door.on_records([record]) == Taken(1)
    await world.senders.on_change("system/test", None)
    assert await door.on_records([lane.record(a_mark_said(id="2")), lane.record(None)]) == Taken(2)
    assert await problems(topics) == [None, "no-longer-known", "no-longer-known"]

    waiting = [late.record(a_mark_said(id="3"))]
    taken = await door.on_records(waiting)
    assert (taken.records, taken.wait > 0) == (0, True)
    old = late.record(a_mark_said(id="4"), at=NOW - timedelta(days=8))
    assert await door.on_records([old, *waiting]) == Taken(1)
    assert (await problems(topics))[3:] == ["no-longer-known"]
    await world.senders.on_change("system/later", a_system_event("later", keys=("k",)))
    assert await door.on_records(waiting) == Taken(1)
    assert (await answers(topics, "later"))[-1][1].receipts[0].outcome == "accepted"
    facts = [orjson.loads(one.value)["id"] for one in await topics.of(FACTS.name)]
    assert facts == ["1", "3"]


async def test_a_system_without_schools_is_told_so(world, topics):
    await world.senders.on_change("system/test", a_system_event(schools=()))
    await a_door(world).on_records([Lane("test").record(a_mark_said())])
    assert await problems(topics) == ["no-school"]


async def test_records_that_unpack_to_much_are_not_in_memory_at_once(world, topics):
    lane = Lane("test")
    packed = gzip.compress(b'{"x":"' + b"y" * 900_000 + b'"}')
    stroke = [lane.record(packed, content_encoding="gzip") for _ in range(20)]
    assert (await a_door(world, weight=2_000_000).on_records(stroke)).records == 2
    assert [given.receipts[0].errors[0].code for _, given in await answers(topics)] == ["too-large"] * 2


async def test_records_are_counted_to_the_pace_of_their_system_alone_and_once(world):
    door = a_door(world, pace=Pace(10, **PACE))
    lane, other = Lane("test"), Lane("gemeente")
    first = [lane.record(a_mark_said(id=f"{number}")) for number in range(8)]
    assert await door.on_records(first) == Taken(8)
    assert await door.on_records(first) == Taken(8), "said again, and not counted again"
    assert (await door.on_records([lane.record(a_mark_said(id="8"))])).records == 1
    taken = await door.on_records([lane.record(a_mark_said(id=f"{number}")) for number in (9, 10, 11)])
    assert (taken.records, 0 < taken.wait <= 120) == (0, True)
    assert await door.on_records([other.record(b"x") for _ in range(9)]) == Taken(9)


async def test_records_that_come_again_because_something_was_away_are_counted_once(world, monkeypatch):
    door, lane, times = a_door(world, pace=Pace(10, **PACE)), Lane("test"), [1, 2]
    admit = door._admission.admit

    async def away_at_first(*given, **named):
        if times:
            times.pop()
            raise Unavailable("the database")
        return await admit(*given, **named)

    monkeypatch.setattr(door._admission, "admit", away_at_first)
    records = [lane.record(a_mark_said(id=f"{number}")) for number in range(8)]
    for _ in range(2):
        with pytest.raises(Unavailable):
            await door.on_records(records)
    assert await door.on_records(records) == Taken(8)


async def test_a_record_that_meets_our_own_mistake_is_parked_sealed_and_its_sender_told(world, topics):
    lane, door = Lane("test"), a_door(world, budget=0)
    record = lane.record(a_mark_said(id="1"))
    with pytest.raises(BudgetSpent):
        await door.on_hopeless(record, "ZeroDivisionError")
    assert await problems(topics) == ["our-fault"]
    (parked,) = await world.collection("parked").find({})
    assert (parked["reason"], parked["error"], parked["key"]) == ("unexpected", "ZeroDivisionError", None)
    assert b"123456782" not in parked["value"]
    assert world.seal.open(parked["value"], parked["_id"]) == record.value
    assert await door.on_records([record]) == Taken(1), "it was answered, and is not taken in beside that"
    assert await topics.of(FACTS.name) == []


async def test_an_answer_sealed_under_a_key_that_is_gone_holds_no_topic(world, topics):
    record = Lane("test").record(a_mark_said(id="1"))
    await a_door(world).on_records([record])
    world.seal = Seal(bytes(32))
    door = a_door(world)
    for _ in range(2):
        assert await door.on_records([record]) == Taken(1)
    await door.on_hopeless(record, "ZeroDivisionError")
    outcomes = [given.receipts[0].outcome for _, given in await answers(topics)]
    assert outcomes == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert len(await topics.of(FACTS.name)) == 1


async def test_killed_after_any_step_a_record_has_its_effect_once_and_one_answer(world, topics):
    attempts, lane = 0, Lane("test")
    world.intake()
    for attempts in count(1):
        fuse = Fuse(attempts)
        rows = [a_mark_said(id=f"{attempts}-1"), a_mark_said(id=f"{attempts}-2", minutes=900)]
        stroke = [
            lane.record(rows, content_type="application/cloudevents-batch+json"),
            lane.record(a_calendar_said(id=f"{attempts}-3", time=f"2024-09-02T12:00:{attempts:02}Z")),
        ]
        try:
            await a_door(world, around=fuse.around).on_records(stroke)
        except Killed:
            pass
        else:
            if not fuse.blown:
                break
        assert await a_door(world).on_records(stroke) == Taken(2)
        assert await a_door(world).on_records(stroke) == Taken(2)
    assert attempts > 12, "every step was the last one once"

    contents, outcomes = {}, {}
    for record in await topics.of(RECEIPTS.name):
        event = orjson.loads(record.value)
        contents.setdefault(event["id"], set()).add(record.value)
        for receipt in event["data"]["receipts"]:
            outcomes.setdefault(receipt["id"], set()).add(receipt["outcome"])
    assert len(contents) == 2 * attempts
    assert {id_: said for id_, said in contents.items() if len(said) > 1} == {}
    good = {f"{attempt}-{row}" for attempt in range(1, attempts + 1) for row in (1, 3)}
    assert {id_ for id_, told in outcomes.items() if told <= {"accepted", "duplicate"}} == good
    assert {id_ for id_, told in outcomes.items() if told == {"refused"}} == outcomes.keys() - good
    facts = {}
    for record in await topics.of(FACTS.name):
        facts.setdefault(orjson.loads(record.value)["id"], set()).add(record.value)
    assert facts.keys() == {id_ for id_ in good if id_.endswith("-1")}
    assert all(len(said) == 1 for said in facts.values())
    sealed = await world.collection("answers").find({})
    assert all(b"outcome" not in one["sealed"] for one in sealed)


@pytest.fixture
async def kafka_only(engines):
    async with AIOKafkaProducer(bootstrap_servers=engines.kafka_bootstrap, acks="all") as producer:
        yield producer


def table(door):
    head = "id,time,type,source,data.pupil.number,data.school,data.date,data.slot,data.minutes,data.state"
    row = f"{door}-csv,2024-09-02T14:00:00Z,mark-recorded,,123456782,25PL00,2024-09-02,lesson-5,50,present"
    return f"{head}\n{row}\n{row.replace('50,present', '999,gone').replace('-csv', '-csv-bad')}\n".encode()


def every_row(door):
    """The same rows for each door, with ids of its own; bodies with the headers that say what they are."""
    good, bad = a_mark_said(id=f"{door}-1"), a_mark_said(id=f"{door}-2", minutes=900, number="123456789")
    reused = a_mark_said(id=f"{door}-1", slot="lesson-9")
    strange = a_mark_said(id=f"{door}-3", school="16QW01", more={"naam": 1})
    return [
        (orjson.dumps(good), SINGLE),
        (orjson.dumps([bad, 7, good, reused, strange]), BATCH),
        (lines(b"<br>", a_calendar_said(id=f"{door}-4")), NDJSON),
        (gzip.compress(lines(good, bad)), {**NDJSON, "content-encoding": "gzip"}),
        (table(door), CSV),
        (b"PK\x03\x04xl/", CSV),
        (b"{}\n" * 11, NDJSON),
        (b"7", BATCH),
        (orjson.dumps([good]), SINGLE),
    ]


async def test_the_same_rows_get_the_same_receipts_by_both_doors_while_another_system_floods(
    engines, topics, register, other_register, kafka_only
):
    mine, flooded = submissions_of(register.system), submissions_of(other_register.system)
    limits = {"max_rows": 10, "rows_a_minute": 100}
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **limits) as door:
        await ensure_topics([engines.kafka_bootstrap], [mine, flooded])
        for _ in range(150):
            await kafka_only.send(flooded.name, b"{no json")
        by_http = []
        for body, headers in every_row("door"):
            told = (await door.post("/v1/facts", content=body, headers={**headers, **register.bearer})).json()
            by_http.append(told.get("receipts", []) or [told["code"], told["detail"]])
        for body, headers in every_row("kafka"):
            said = [(name, text.encode()) for name, text in headers.items()]
            await kafka_only.send_and_wait(mine.name, body, headers=said)
        async with asyncio.timeout(40):
            while len(told := await answers(topics, register.system)) < len(by_http):
                await asyncio.sleep(0.1)
        (lanes,) = door.service.consumers
        await lanes.measure()
        assert lanes.lag > 0
        assert 0 < len(await answers(topics, other_register.system)) < 150
        assert (await door.get("/live")).status_code == 200
    by_kafka = [plain(given) or [given.problem.code, given.problem.detail] for _, given in told]
    assert by_kafka == orjson.loads(orjson.dumps(by_http).replace(b"door-", b"kafka-"))
    rows = [one for told in by_http for one in told if isinstance(one, dict)]
    assert {one["outcome"] for one in rows} == {"accepted", "duplicate", "refused"}
    codes = {error["code"] for one in rows for error in one["errors"]}
    assert {"id-reused", "number-fails-test", "not-json", "out-of-range", "wrong-type"} <= codes
