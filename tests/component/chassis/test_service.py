"""How a service lives: it starts when the engines come, its loops go on, and it stops in order and for good."""

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.local.ports import free_port
from support.gate import Gate
from support.topics import kafka_paused, make_topics

pytestmark = pytest.mark.engines


class Nothing:
    """A handler that does nothing with what it gets."""

    def __init__(self):
        self.got = []

    async def on_batch(self, batch):
        self.got += batch

    async def on_assigned(self, partitions):
        pass

    def forget(self):
        pass


class Place:
    """Topics of one test, and a gate before each engine."""

    def __init__(self, engines):
        name = f"test-{uuid4().hex[:8]}"
        self.parked, self.facts, self.register = f"{name}.parked", f"{name}.facts", f"{name}.register"
        self.kafka, self.mongo = Gate(engines.kafka_bootstrap), Gate(engines.mongo_uri.split("/")[2])
        self._bootstrap, self._uri = engines.kafka_bootstrap, engines.mongo_uri
        self._name = name

    async def make(self):
        for gate in (self.kafka, self.mongo):
            await gate.open()
        await make_topics(self._bootstrap, self.parked, self.facts, self.register)

    def service(self, **settings):
        uri = self._uri.replace(self._uri.split("/")[2], f"127.0.0.1:{self.mongo.port}")
        chosen = ServiceSettings(
            kafka=f"127.0.0.1:{self.kafka.port}", mongo=uri, port=free_port(), database_prefix=self._name,
            session_timeout_ms=2_000, **{"grace_seconds": 6, **settings},
        )  # fmt: skip
        return Service("test", chosen, self.parked)


@pytest.fixture
async def place(engines):
    made = Place(engines)
    await made.make()
    yield made
    await made.kafka.close()
    await made.mongo.close()


@asynccontextmanager
async def serving(service):
    """The service, and a client of its door; it is stopped at the end as by SIGTERM."""
    running = asyncio.create_task(service.serve())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.settings.port}", timeout=10) as client:
        client.running = running
        async with asyncio.timeout(20):
            while True:
                with suppress(httpx.TransportError):
                    await client.get("/live")
                    break
        try:
            yield client
        finally:
            service.stop()
            await running


async def until_ready(client, *, ready=True):
    async with asyncio.timeout(40):
        while ((await client.get("/ready")).status_code == 200) is not ready:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("away", ["kafka", "mongo"])
async def test_it_starts_while_an_engine_is_away_and_is_ready_when_it_comes(place, away):
    gate = getattr(place, away)
    await gate.close()
    service, started = place.service(), []

    async def on_start():
        started.append(service.ready)

    service.on_start(on_start)
    service.consume(place.facts, Nothing())
    async with serving(service) as client:
        said = await client.get("/ready")
        assert (said.status_code, said.json()["why"]) == (503, "starting")
        assert (await client.get("/live")).status_code == 200
        assert started == []
        await gate.open()
        await until_ready(client)
        assert started == [False]
        assert (await client.get("/ready")).json() == {
            "ready": True, "why": None, "lag": {place.facts: 0}, "parked": 0,
        }  # fmt: skip
        assert b"aanwezig_lag" in (await client.get("/metrics")).content


async def test_an_act_of_the_start_that_cannot_be_done_yet_is_tried_again(place):
    service, tries = place.service(), []

    async def on_start():
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("not yet")

    service.on_start(on_start)
    async with serving(service) as client:
        await until_ready(client)
    assert len(tries) == 3


async def test_the_first_batch_comes_after_the_tables_are_whole(place, engines):
    service, taking, hold = place.service(), asyncio.Event(), asyncio.Event()

    async def on_change(_key, _event):
        taking.set()
        await hold.wait()

    operator = Publisher([engines.kafka_bootstrap], "operator")
    await operator.say([Outgoing(place.register, "row", None)])
    await operator.stop()
    service.table(place.register, on_change)
    service.consume(place.facts, Nothing())
    async with serving(service) as client:
        async with asyncio.timeout(20):
            await taking.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await until_ready(client)
        assert service.consumers[0].subscriber.consumer is None
        hold.set()
        await until_ready(client)
        assert (await client.get("/ready")).json()["lag"] == {place.facts: 0, place.register: 0}


async def test_it_is_not_ready_while_the_database_is_away_and_answers_in_time(place):
    service = place.service()
    async with serving(service) as client:
        await until_ready(client)
        await place.mongo.close()
        started = time.monotonic()
        said = await client.get("/ready")
        assert (said.status_code, said.json()["why"]) == (503, "the database or the broker is away")
        assert time.monotonic() - started < 4
        await place.mongo.open()
        await until_ready(client)


async def test_it_is_not_ready_while_the_broker_does_not_answer(place, engines):
    service = place.service()
    async with serving(service) as client:
        await until_ready(client)
        async with kafka_paused(engines):
            await until_ready(client, ready=False)
            assert (await client.get("/live")).status_code == 200
        await until_ready(client)


async def test_a_loop_that_fails_or_ends_is_begun_again(place):
    service, begun = place.service(), []
    fourth = asyncio.Event()

    async def loop():
        begun.append(1)
        if len(begun) == 1:
            raise ZeroDivisionError
        if len(begun) == 2:
            raise Unavailable("x")
        if len(begun) == 4:
            fourth.set()
            await asyncio.Event().wait()

    service.keep_doing("loop", loop)
    async with serving(service) as client:
        async with asyncio.timeout(20):
            await fourth.wait()
        assert (await client.get("/live")).status_code == 200
    assert len(begun) == 4


async def test_loops_end_before_the_publisher_and_a_late_word_opens_nothing(place, monkeypatch):
    service, heard, begun = place.service(), [], asyncio.Event()
    made = []
    start = AIOKafkaProducer.start

    async def counted(producer):
        made.append(producer)
        await start(producer)

    monkeypatch.setattr(AIOKafkaProducer, "start", counted)

    async def loop():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            # Ended in order: the last word of a loop is still said.
            await service.publisher.say([Outgoing(place.facts, "k", b"last word")])
            heard.append("said")

    service.keep_doing("loop", loop)
    async with serving(service) as client:
        await until_ready(client)
        await begun.wait()
    assert heard == ["said"]
    with pytest.raises(Unavailable):
        await service.publisher.say([Outgoing(place.facts, "k", b"too late")])
    assert len(made) == 1
    assert made[0]._sender.sender_task.done()


async def test_a_loop_that_swallows_the_cancellation_is_told_again(place):
    service, told, begun = place.service(), [], asyncio.Event()

    async def deaf():
        begun.set()
        while len(told) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told.append(1)

    service.keep_doing("deaf", deaf)
    async with serving(service) as client:
        await until_ready(client)
        await begun.wait()
        started = time.monotonic()
        service.stop()
        await client.running
    assert time.monotonic() - started < service.settings.grace_seconds
    assert len(told) == 2


async def test_sigterm_while_it_starts_ends_it_in_time_and_leaves_nothing_open(place):
    await place.mongo.close()
    service = place.service()
    before = asyncio.all_tasks()
    async with serving(service) as client:
        assert (await client.get("/ready")).json()["why"] == "starting"
        started = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)
        await client.running
    assert time.monotonic() - started < service.settings.grace_seconds
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert not left & {"work", "door", "stop", "measure"}


async def test_what_a_stop_finds_at_the_door_is_answered_first_or_hears_when_to_come_back(place):
    service = place.service(grace_seconds=4)
    hold, inside = asyncio.Event(), []

    async def slow(request):
        inside.append(request.path_params["which"])
        if request.path_params["which"] == "short":
            await asyncio.sleep(0.5)
        else:
            await hold.wait()
        return PlainTextResponse("done")

    service.routes.append(Route("/slow/{which}", slow))
    async with serving(service) as client:
        await until_ready(client)
        asked = [asyncio.create_task(client.get(f"/slow/{which}")) for which in ("short", "long")]
        async with asyncio.timeout(10):
            while len(inside) < 2:
                await asyncio.sleep(0.01)
        started = time.monotonic()
        service.stop()
        short, long = await asyncio.gather(*asked)
        await client.running
    assert (short.status_code, short.text) == (200, "done")
    assert (long.status_code, long.headers["retry-after"]) == (503, "5")
    assert time.monotonic() - started < service.settings.grace_seconds + 0.5


async def test_a_start_that_fails_for_good_ends_the_service_with_its_error(place):
    service = place.service()

    async def on_start():
        raise ZeroDivisionError

    service.on_start(on_start)
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(20):
            await service.serve()
    with pytest.raises(Unavailable):
        await service.publisher.ping()
