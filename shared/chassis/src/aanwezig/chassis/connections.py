"""Connections within bounds: how many, how long a client may take, how much the head of a request may hold.

uvicorn waits for ever for a request that dribbles in and for a client that never reads its answer, and its own limit on
connections answers 503 to everybody once it is reached, to the good ones too. Here a connection that keeps others waiting
is let go, alone; the metric `aanwezig_connections_let_go_total` tells why.
"""

import asyncio
import resource
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Final

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from aanwezig.chassis import metrics

_MOST_HEAD: Final = 64 * 1024
_MOST_WAITING_BEHIND: Final = 16
_LEAST_READ: Final = 64 * 1024
_MOST_REST: Final = 16 * 1024 * 1024
FILES_BESIDE: Final = 256
"""Files a service opens beside connections of clients: its own to the engines, its logs, its certificates."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`most` connections at once; `seconds` for each: the head of a request, the rest of one that was answered, 64 KiB of an answer."""

    most: int
    seconds: float


def room_for(most: int) -> int:
    """How many connections this process can have open, at most so many: its limit of open files is raised where it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return most if soft == resource.RLIM_INFINITY else max(1, min(most, soft - FILES_BESIDE))


def bounded(bounds: Bounds) -> type[HttpToolsProtocol]:
    """The protocol of a server whose connections stay within these bounds together."""
    return type("Bounded", (_Bounded,), {"bounds": bounds, "idle": OrderedDict()})


class _Bounded(HttpToolsProtocol):
    """One connection. `idle` are those without a request in hand, the longest waiting first."""

    bounds: ClassVar[Bounds]
    idle: ClassVar[OrderedDict["_Bounded", None]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = _Timer(self.loop, self.bounds.seconds, self._too_slow)
        self._answer = _Timer(self.loop, self.bounds.seconds, self._unread)
        self._left = 0
        self._head_size = 0
        self._rest_size = 0
        self._in_head = True
        self._whole = True

    # What a connection lives through.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: it gets its place, if need be that of the one that has waited longest."""
        super().connection_made(transport)
        self._request.start()
        self.idle[self] = None
        if len(self.connections) > self.bounds.most:
            next(iter(self.idle)).let_go("room")

    def connection_lost(self, exc: Exception | None) -> None:
        """A client is gone."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came; those of a head are counted, and its clock runs from the first of them, even from an empty line."""
        if self._is_idle() and not self._request.runs:
            self._request.start()
        was_in_head = self._in_head
        super().data_received(data)
        if self._in_head and was_in_head:
            self._head_size += len(data)
            if self._head_size > _MOST_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head")
        elif not self._whole and self.cycle.response_complete:
            # The sender of a body that was answered before its end hears that only when it stops sending.
            self._rest_size += len(data)
            if self._rest_size > _MOST_REST:
                self.let_go("rest")
        elif len(self.pipeline) > _MOST_WAITING_BEHIND:
            self.let_go("pipeline")
        self._let_go_when_closed()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._whole, self._head_size, self._rest_size = True, False, 0, 0

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._in_head = False
        self._request.stop()
        self.idle.pop(self, None)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is there as a whole."""
        self._whole = True
        self._request.stop()
        super().on_message_complete()
        if self._is_idle():
            # It was answered before it came to its end, and its clock as an idle one was stopped by what still came.
            self.idle[self] = None
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """The answer is written, if not read; what is left of a body that nobody waits for comes in time too."""
        super().on_response_complete()
        if self._is_idle():
            self.idle[self] = None
        if not self._whole:
            self._request.start()
        self._let_go_when_closed()

    def pause_writing(self) -> None:
        """More of an answer waits for its reader than fits."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """The reader goes on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._answer.stop()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more came."""
        super().timeout_keep_alive_handler()
        self._let_go_when_closed()

    def shutdown(self) -> None:
        """The server stops."""
        super().shutdown()
        self._let_go_when_closed()

    # What becomes of one that is over its bounds.

    def _is_idle(self) -> bool:
        return self._whole and not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _too_slow(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._request.start()  # the next request dribbles in behind one that is still being answered
        elif self._in_head and not self._whole:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "slow")
        else:
            self.let_go("slow")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        if self.transport.is_closing():
            return
        said = orjson.dumps({"type": "about:blank", "title": status.phrase, "status": status.value})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(said)}\r\nconnection: close\r\n\r\n"
        )
        metrics.CONNECTIONS_LET_GO.labels(why).inc()
        self.transport.write(head.encode() + said)
        self.transport.close()
        self._let_go_when_closed()

    def let_go(self, why: str) -> None:
        """Ends the connection at once; what was written and not read is lost."""
        if self in self.connections:
            metrics.CONNECTIONS_LET_GO.labels(why).inc()
        self._leave()
        self.transport.abort()

    def _let_go_when_closed(self) -> None:
        """A closed connection first gives all that was written to it; to a client that does not read, not for ever."""
        if self.transport.is_closing() and not self._answer.runs and self in self.connections:
            self._expect_reading()

    def _expect_reading(self) -> None:
        self._left = self.transport.get_write_buffer_size()
        self._answer.start()

    def _unread(self) -> None:
        """Who reads slowly and goes on is waited for."""
        if self._left - self.transport.get_write_buffer_size() >= _LEAST_READ:
            self._expect_reading()
        else:
            self.let_go("answer")

    def _leave(self) -> None:
        self._request.stop()
        self._answer.stop()
        self.idle.pop(self, None)


class _Timer:
    """Does something once, so many seconds after its last start."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, act: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._act = act
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Whether it was started and neither stopped nor over."""
        return self._handle is not None

    def start(self) -> None:
        self.stop()
        self._handle = self._loop.call_later(self._seconds, self._over)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _over(self) -> None:
        self._handle = None
        self._act()
