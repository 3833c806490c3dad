"""Clients that do not finish keep nobody else waiting: real sockets on a real server, without any engine."""

import asyncio
import resource
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis import metrics
from aanwezig.chassis.connections import FILES_BESIDE, Bounds, bounded, room_for
from aanwezig.chassis.serving import Server

LINGERS = 0.4
"""Seconds a client gets in these tests."""
REQUEST = b"GET / HTTP/1.1\r\nhost: door\r\n\r\n"
LARGE = 30_000_000
"""More than the sockets of both sides hold."""


async def says(request):
    return Response(b"a" * int(request.query_params["size"]) if request.query_params else b"here")


@asynccontextmanager
async def a_door(*, most=100, seconds=LINGERS, narrow=False):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if narrow:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        listening.listen(2048)
        app = Starlette(routes=[Route("/", says, methods=["GET", "POST"])])
        config = uvicorn.Config(
            app, http=bounded(Bounds(most, seconds)), ws="none", lifespan="off", log_config=None,
            timeout_keep_alive=30, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = Server(config)
        running = asyncio.create_task(server.serve([listening]))
        server.address = listening.getsockname()
        while not server.started:
            await asyncio.sleep(0)
        try:
            yield server
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def a_client(door, **how):
    reader, writer = await asyncio.open_connection(*door.address, **how)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def the_answer(reader):
    """Status and body of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def is_answered(door):
    """A new client is answered, within the seconds a slow one gets."""
    async with asyncio.timeout(LINGERS), a_client(door) as (reader, writer):
        writer.write(REQUEST)
        return await the_answer(reader) == (200, b"here")


def let_go(why):
    return metrics.CONNECTIONS_LET_GO.labels(why)._value.get()


async def dribbles(writer, piece=b"x"):
    """Sends a byte again and again, until nobody listens."""
    try:
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(LINGERS / 10)
    except OSError:
        return


async def ends(reader):
    """How long it takes until the other side hangs up, and what it said before."""
    began = time.monotonic()
    said = b""
    try:
        async with asyncio.timeout(10 * LINGERS):
            while piece := await reader.read(65536):
                said += piece
    except ConnectionError:
        pass
    return time.monotonic() - began, said


@pytest.mark.parametrize(
    ("begun", "piece"),
    [(b"GET / HTTP/1.1\r\nx-a: ", b"x"), (b"", b"\r\n"), (b"G", b""), (b"", b""), (REQUEST, b"\r\n")],
    ids=["a-head-that-dribbles", "empty-lines", "half-a-word", "nothing", "empty-lines-behind-a-request"],
)
async def test_who_does_not_come_to_the_end_of_a_head_is_hung_up_on(begun, piece):
    before = let_go("slow")
    async with a_door() as door, a_client(door) as (reader, writer):
        writer.write(begun)
        dribbling = asyncio.create_task(dribbles(writer, piece))
        took, said = await ends(reader)
        dribbling.cancel()
        assert LINGERS * 0.5 < took < LINGERS * 5
        assert (b"408" in said) == (begun.startswith(b"G") and begun != REQUEST)
        assert await is_answered(door)
    assert let_go("slow") == before + 1


async def test_a_body_that_nobody_waits_for_ends_in_time_and_one_that_does_end_leaves_the_line_open():
    begun = b"POST / HTTP/1.1\r\nhost: door\r\ncontent-length: 1000000\r\n\r\n"
    async with a_door() as door:
        async with a_client(door) as (reader, writer):
            writer.write(begun)
            assert await the_answer(reader) == (200, b"here")
            dribbling = asyncio.create_task(dribbles(writer))
            took, _ = await ends(reader)
            dribbling.cancel()
            assert took < LINGERS * 5
        async with a_client(door) as (reader, writer):
            writer.write(begun)
            assert await the_answer(reader) == (200, b"here")
            writer.write(b"x" * 1_000_000 + REQUEST)
            assert await the_answer(reader) == (200, b"here")
            writer.write(REQUEST)
            assert await the_answer(reader) == (200, b"here")


@pytest.mark.parametrize("asks", [b"", b"connection: close\r\n"], ids=["stays", "closes"])
async def test_who_does_not_read_its_answer_is_hung_up_on(asks):
    before = let_go("answer")
    async with a_door() as door, a_client(door, limit=1024) as (_, writer):
        writer.write(
            REQUEST.replace(b"/ ", b"/?size=%d " % LARGE).replace(b"\r\n\r\n", b"\r\n" + asks + b"\r\n")
        )
        async with asyncio.timeout(10 * LINGERS):
            while let_go("answer") == before:
                assert await is_answered(door)
            while door.server_state.connections:
                await asyncio.sleep(0.01)


async def test_what_a_closed_connection_still_has_to_give_is_not_waited_for_for_ever():
    before = let_go("answer")
    async with a_door(narrow=True) as door:
        with socket.socket() as client:
            # So little that the server never has to pause, and more than the sockets hold.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.connect(door.address)
            client.sendall(b"GET /?size=60000 HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n")
            async with asyncio.timeout(10 * LINGERS):
                while let_go("answer") == before:
                    assert await is_answered(door)


async def test_who_reads_slowly_but_goes_on_gets_all_of_it():
    async with a_door() as door, a_client(door) as (reader, writer):
        began = time.monotonic()
        writer.write(REQUEST.replace(b"/ ", b"/?size=%d " % LARGE))
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(LARGE // 1_000_000):
            await reader.readexactly(1_000_000)
            await asyncio.sleep(LINGERS / 8)
        assert time.monotonic() - began > 3 * LINGERS


async def test_a_head_without_end_is_refused_at_64_kib():
    async with a_door(seconds=5) as door, a_client(door) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(2000):
                writer.write(b"x-a: " + b"x" * 1000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        assert b" 431 " in (await ends(reader))[1]


async def test_a_body_without_end_that_was_answered_is_let_go_at_16_mib():
    async with a_door(seconds=5) as door, a_client(door) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: door\r\ntransfer-encoding: chunked\r\n\r\n")
        assert await the_answer(reader) == (200, b"here")
        sent = 0
        try:
            while sent < 200_000_000:
                writer.write(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n")
                await writer.drain()
                sent += 1_000_000
        except ConnectionError:
            pass
        assert 16_000_000 < sent < 100_000_000


async def test_who_asks_on_and_on_without_reading_is_hung_up_on():
    async with a_door(seconds=5) as door, a_client(door) as (reader, writer):
        writer.write(REQUEST * 1000)
        await ends(reader)
        assert await is_answered(door)
    assert let_go("pipeline")


async def test_past_the_most_connections_the_one_that_was_idle_longest_makes_room():
    async with a_door(most=3, seconds=5) as door, AsyncExitStack() as open_:
        clients = [await open_.enter_async_context(a_client(door)) for _ in range(3)]
        for reader, writer in clients:
            writer.write(REQUEST)
            await the_answer(reader)
        reader, writer = clients[0]
        writer.write(REQUEST)
        await the_answer(reader)
        assert await is_answered(door)
        writer.write(REQUEST)
        assert (await the_answer(reader))[0] == 200
        async with asyncio.timeout(1):
            assert await clients[1][0].read() == b""
        assert len(door.server_state.connections) <= 3


async def test_a_thousand_connections_keep_nobody_waiting():
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Both ends of each are in this process.
    assert room_for(2 * 1000 + FILES_BESIDE) >= 2000, (
        f"ulimit -n is {soft}: this test needs about 2500 open files"
    )
    async with a_door(most=1100, seconds=30) as door, AsyncExitStack() as open_:
        for number in range(1000):
            reader, writer = await open_.enter_async_context(a_client(door))
            if number % 2:
                writer.write(b"POST / HTTP/1.1\r\nhost: door\r\ncontent-le")
            else:
                writer.write(REQUEST)
                await the_answer(reader)
        assert len(door.server_state.connections) == 1000
        began = time.monotonic()
        for _ in range(50):
            assert await is_answered(door)
        assert time.monotonic() - began < 5
        assert len(door.server_state.connections) >= 1000
        # The last half-sent one comes to its end, and is answered as well.
        writer.write(b"ngth: 0\r\n\r\n")
        assert await the_answer(reader) == (200, b"here")


def test_the_limit_of_open_files_bounds_the_connections():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, limits[1]))
        assert room_for(10) == 10
        assert room_for(1000) == 1000
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 1000 + FILES_BESIDE
        if limits[1] != resource.RLIM_INFINITY:
            assert room_for(limits[1]) == limits[1] - FILES_BESIDE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
