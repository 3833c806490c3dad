"""Intake is killed with `kill -9` while rows come by Kafka and over HTTP: each has its effect once, each record its answer."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

import orjson
import pytest

from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.receipts import ReceiptsGiven
from aanwezig.contracts.topics import FACTS, RECEIPTS, submissions_of
from support.engines import engines_shelf
from support.road import a_road, key_of, producing
from support.submitted import SCHOOL, SCHOOL_SOURCE, a_mark_said

pytestmark = [
    pytest.mark.long,
    pytest.mark.engines,
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]
SYSTEM = "proef"
RECORDS, ROWS = 30, 20
BATCH = [("content-type", b"application/cloudevents-batch+json")]
DOORS = ("kafka", "http")


def wave_of(door, wave, record):
    """The rows of one record or request: one in them is refused, and one is the same by both doors."""
    rows = [a_mark_said(id=f"{door}-{wave}-{record}-{row}") for row in range(ROWS - 2)]
    bad = a_mark_said(id=f"{door}-{wave}-{record}-bad", minutes=900)
    return [*rows, bad, a_mark_said(id=f"both-{wave}-{record}")]


@dataclass
class Story:
    """What was sent, and what stands in the end. `places`: the ids of the rows of each record, by partition and offset."""

    places: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    by_http: dict[str, str] = field(default_factory=dict)
    facts: list[bytes] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    refused: int = 0
    ready: dict = field(default_factory=dict)


async def by_kafka(road, wave, story):
    async with producing(road.engines.kafka_bootstrap) as producer:
        for record in range(RECORDS):
            rows = wave_of("kafka", wave, record)
            said = await producer.send_and_wait(
                submissions_of(SYSTEM).name, orjson.dumps(rows), headers=BATCH
            )
            story.places[said.partition, said.offset] = [row["id"] for row in rows]
            await asyncio.sleep(0.02)


async def by_http(road, wave, story):
    for record in range(RECORDS):
        for receipt in await road.post(SYSTEM, wave_of("http", wave, record)):
            story.by_http[receipt["id"]] = receipt["outcome"]


async def killed(road, random):
    await asyncio.sleep(random.uniform(0.2, 1.5))
    assert await asyncio.to_thread(road.services.kill, "intake")
    await asyncio.to_thread(road.services["intake"].start)


def answered(receipts):
    """The receipts of each record, by its place, in the order of its parts; one id with two contents is caught here."""
    contents, parts = {}, defaultdict(dict)
    for value in receipts:
        event = orjson.loads(value)
        assert contents.setdefault(event["id"], value) == value
        given = ReceiptsGiven.model_validate(event["data"])
        assert given.problem is None
        parts[given.record.partition, given.record.offset][given.part] = given
    return {
        place: [receipt for part in sorted(given) for receipt in given[part].receipts]
        for place, given in parts.items()
        if len(given) == next(iter(given.values())).parts
    }


async def lived(road, kills):
    story, random = Story(), Random(kills)
    await ensure_topics([road.engines.kafka_bootstrap], [submissions_of(SYSTEM)])
    await road.register(systems=[(SYSTEM, SCHOOL_SOURCE, [SCHOOL])], schools=[(SCHOOL, "vo", "0637")])
    try:
        for wave in range(kills):
            async with asyncio.TaskGroup() as group:
                group.create_task(by_kafka(road, wave, story))
                group.create_task(by_http(road, wave, story))
                group.create_task(killed(road, random))
        async with asyncio.timeout(90):
            while True:
                story.receipts = [value for _, value in await road.read_bytes(RECEIPTS.name)]
                if answered(story.receipts).keys() >= story.places.keys():
                    break
                await asyncio.sleep(0.3)
        story.facts = [value for _, value in await road.read_bytes(FACTS.name)]
        ours = {"authorization": f"Bearer {key_of(SYSTEM)}"}
        counts = await road.http().get(road.url("intake", "/v1/quarantine/counts"), headers=ours)
        story.refused = counts.json()["rows"]
        story.ready = (await road.http().get(road.url("intake", "/ready"))).json()
    finally:
        await road.close()
    return story


@pytest.fixture(scope="module")
def story(tmp_path_factory, request):
    kills = request.config.getoption("--kills")
    home = tmp_path_factory.mktemp("doors")
    with a_road(home, engines_shelf(), names=["intake"]) as road:
        return asyncio.run(lived(road, kills))


def test_each_row_is_said_and_no_id_has_two_contents(story):
    contents = defaultdict(set)
    for value in story.facts:
        contents[orjson.loads(value)["id"]].add(value)
    sent = {*story.by_http, *(id_ for ids in story.places.values() for id_ in ids)}
    assert contents.keys() == {id_ for id_ in sent if not id_.endswith("bad")}
    assert {id_: said for id_, said in contents.items() if len(said) > 1} == {}


def test_each_record_is_answered_row_by_row_in_their_order(story):
    told = answered(story.receipts)
    assert told.keys() == story.places.keys()
    for place, ids in story.places.items():
        assert [receipt.id for receipt in told[place]] == ids
        outcomes = {receipt.id.endswith("bad"): receipt.outcome for receipt in told[place]}
        assert outcomes[True] == "refused"
        assert outcomes[False] in {"accepted", "duplicate"}


def test_what_was_refused_is_kept_once(story):
    bad = {*story.by_http, *(id_ for ids in story.places.values() for id_ in ids)}
    assert story.refused == sum(id_.endswith("bad") for id_ in bad)
    assert {story.by_http[id_] for id_ in story.by_http if id_.endswith("bad")} == {"refused"}


def test_nothing_was_parked(story):
    assert (story.ready["ready"], story.ready["parked"]) == (True, 0)
