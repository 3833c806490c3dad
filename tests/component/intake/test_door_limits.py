"""One system that is too fast, too slow or too large slows nobody else: two systems at one door, each with its own pace."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
import pytest

from aanwezig.contracts.topics import FACTS
from support.intake_door import NDJSON, lines, problem, serving
from support.submitted import a_mark_said

pytestmark = pytest.mark.engines
SECONDS = 5
"""In which a system that does nothing wrong is answered, on a machine that is busy with other tests."""


@pytest.fixture
async def narrow(engines, register, other_register):  # noqa: ARG001 - the other one must be registered
    """A door with little room; its client speaks for nobody until it is told for whom."""
    limits = {
        "max_rows": 20, "max_bytes": 8_000, "bytes_in_hand": 40_000, "rows_a_minute": 20, "requests_abreast": 3,
        "body_seconds": 1.0,
    }  # fmt: skip
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **limits) as client:
        yield client


def some(*ids):
    return lines(*(a_mark_said(id=id_, slot=f"lesson-{place}") for place, id_ in enumerate(ids, start=1)))


async def sends(door, who, *ids):
    async with asyncio.timeout(SECONDS):
        return await door.post("/v1/facts", content=some(*ids), headers={**NDJSON, **who.bearer})


@asynccontextmanager
async def half_sent(door, who, *, length, body=b""):
    """A request whose body does not come to its end; gives where its answer can be read."""
    reader, writer = await asyncio.open_connection(door.base_url.host, door.base_url.port)
    head = f"POST /v1/facts HTTP/1.1\r\nhost: door\r\ncontent-length: {length}\r\n"
    for name, value in (NDJSON | who.bearer).items():
        head += f"{name}: {value}\r\n"
    writer.write(f"{head}\r\n".encode() + body)
    try:
        yield reader
    finally:
        writer.transport.abort()


async def the_problem(reader):
    """Status, code and `Retry-After` of the answer on a connection."""
    async with asyncio.timeout(SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        said = orjson.loads(await reader.readexactly(int(head.partition("content-length: ")[2].split()[0])))
    after = head.partition("retry-after: ")[2].split()
    return int(head.split()[1]), said["code"], int(after[0]) if after else None


async def test_too_many_rows_in_a_minute_are_told_when_to_come_back_and_cost_nothing(
    narrow, register, other_register, topics
):
    assert (await sends(narrow, register, *map(str, range(15)))).status_code == 202
    for _ in range(3):
        refused = await sends(narrow, register, *map(str, range(20, 26)))
        assert (refused.status_code, problem(refused)) == (429, "too-fast")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await sends(narrow, other_register, "other")).status_code == 202
    assert (await sends(narrow, register, *map(str, range(15, 20)))).status_code == 202
    # Nothing of the body is waited for once no row more is taken in this minute.
    async with half_sent(narrow, register, length=3_000) as reader:
        status, code, after = await the_problem(reader)
        assert (status, code) == (429, "too-fast")
        assert 1 <= after <= 60
    assert (await narrow.get("/v1/receipts/1", headers=register.bearer)).status_code == 200
    assert len(await topics.of(FACTS.name)) == 21


async def test_requests_that_hang_or_come_by_the_hundred_keep_only_their_sender_waiting(
    narrow, register, other_register
):
    async with AsyncExitStack() as open_:
        hanging = [
            await open_.enter_async_context(half_sent(narrow, register, length=100)) for _ in range(100)
        ]
        assert (await sends(narrow, other_register, "1")).status_code == 202
        answers = [await the_problem(reader) for reader in hanging]
        assert answers.count((429, "too-many-at-once", 1)) == 97
        assert answers.count((408, "too-slow", None)) == 3
    assert (await sends(narrow, register, "2")).status_code == 202


async def test_what_one_system_has_in_memory_leaves_room_for_another(narrow, register, other_register):
    async with AsyncExitStack() as open_:
        for _ in range(2):
            half = half_sent(narrow, register, length=8_000, body=b" " * 7_900)
            await open_.enter_async_context(half)
        async with asyncio.timeout(SECONDS):
            while (refused := await sends(narrow, register, *"12345")).status_code == 202:
                pass
        assert (refused.status_code, problem(refused)) == (503, "no-room")
        assert int(refused.headers["retry-after"]) > 0
        assert (await sends(narrow, other_register, "1", "2")).status_code == 202
    async with asyncio.timeout(SECONDS):
        while (await sends(narrow, register, "6")).status_code != 202:
            pass
    values = {"content-type": "application/cloudevents+json", **register.bearer}
    many = await narrow.post("/v1/facts", content=b'{"a":[' + b"1," * 2_000 + b"1]}", headers=values)
    assert (many.status_code, problem(many)) == (413, "too-many-values")


async def test_a_large_request_keeps_no_small_one_waiting(engines, register, other_register):
    """5,000 rows are read, judged and said while others are answered in between."""
    many = lines(*(a_mark_said(id=f"{n}", slot=f"lesson-{n % 16 + 1}") for n in range(5_000)))
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri) as door:
        large = asyncio.create_task(
            door.post("/v1/facts", content=many, headers={**NDJSON, **register.bearer}, timeout=60)
        )
        between, longest = 0, 0.0
        loop = asyncio.get_running_loop()
        while not large.done():
            began = loop.time()
            answer = await door.get("/v1/system", headers=other_register.bearer, timeout=60)
            longest = max(longest, loop.time() - began)
            between += answer.status_code == 200
        assert large.result().status_code == 202
        assert between >= 5
        assert longest < 1.0
