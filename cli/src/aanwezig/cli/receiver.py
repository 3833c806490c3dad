"""A partner's side of a webhook, on this machine: it gives leave to a sender, checks what comes by the rules, and counts it.

It can be told to be a bad receiver: to fail, to hang, to be slow, to be gone, to point elsewhere.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis.serving import Server
from aanwezig.cli.delivered import Delivery, handshake_fault, judged
from aanwezig.cli.exits import NeededIsAway
from aanwezig.cli.nl_gov import RULES
from aanwezig.local.ports import HOST

_PATH: Final = "/notices"
_ELSEWHERE: Final = "/elsewhere"
_MOST_READ: Final = 1024 * 1024
_BACKLOG: Final = 2048
_SECONDS_TO_END: Final = 5


@dataclass(frozen=True, slots=True)
class Manners:
    """How it answers. `status` the first `times` of each `webhook-id`, and for ever where `times` is None; later 204.

    `seconds` to wait before it does; `hangs`: it never does. `allows`: it gives leave in the handshake, for `rate` requests a
    minute (None: as many as are asked).
    """

    status: int = HTTPStatus.NO_CONTENT
    times: int | None = None
    seconds: float = 0.0
    hangs: bool = False
    allows: bool = True
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery: the `nth` under its `webhook-id`. `status`: what is answered, None: nothing. `verdicts`: see `judged`."""

    at: datetime
    identity: str
    nth: int
    status: int | None
    event: dict[str, Any] | None
    verdicts: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A validation request by `origin`; `fault`: why it is none."""

    at: datetime
    origin: str
    granted: bool
    fault: str | None


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody went where a redirect pointed."""

    at: datetime


Heard = Arrived | Asked | Followed


def _nobody(_heard: Heard) -> None:
    """Tells nobody."""


@dataclass(slots=True)
class _Memory:
    """What came before: bodies by `webhook-id`, and by `source` and `id`; who was given leave last."""

    by_identity: dict[str, bytes] = field(default_factory=dict)
    by_event: dict[tuple[str, str], bytes] = field(default_factory=dict)
    origin: str | None = None

    def delivery(
        self, headers: dict[str, str], body: bytes, secrets: tuple[str, ...], at: datetime
    ) -> Delivery:
        """What came, beside what came before. Only what is signed is remembered."""
        identity = headers.get("webhook-id", "")
        bare = Delivery(headers, body, secrets, at, self.by_identity.get(identity), origin=self.origin)
        event = bare.event or {}
        named = (str(event.get("source")), str(event.get("id")))
        if bare.is_signed:
            self.by_identity.setdefault(identity, body)
            if bare.event is not None:
                self.by_event.setdefault(named, body)
        other = self.by_event.get(named, body) != body
        return Delivery(headers, body, secrets, at, bare.first, other, self.origin)


class Receiver:
    """Listens on a port of 127.0.0.1 for the length of the block; port 0: any free one.

    `arrived` counts the signed deliveries by `webhook-id`, `unsigned` the others: they are answered 403. `hears` is told of
    everything, from another thread, before it is answered.

    Raises:
        NeededIsAway: the port is taken.
    """

    def __init__(
        self,
        *secrets: str,
        port: int = 0,
        manners: Manners | None = None,
        hears: Callable[[Heard], None] = _nobody,
    ) -> None:
        self.arrived: dict[str, int] = {}
        self.unsigned = 0
        self._secrets = secrets
        self._manners = manners or Manners()
        self._hears = hears
        self._memory = _Memory()
        self._listening = _listening(port)
        self._up = threading.Event()
        self._server = Server(
            uvicorn.Config(
                Starlette(routes=[
                    Route(_PATH, self._take, methods=["POST"]), Route(_PATH, self._allow, methods=["OPTIONS"]),
                    Route(_ELSEWHERE, self._followed, methods=["POST", "GET"]),
                ]),
                log_config=None, lifespan="off", ws="none", access_log=False, timeout_graceful_shutdown=_SECONDS_TO_END,
            )
        )  # fmt: skip
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), daemon=True, name="webhooks"
        )

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._listening.getsockname()[1]}{_PATH}"

    def trust(self, *secrets: str) -> None:
        """From now on what is signed with one of these is taken."""
        self._secrets = secrets

    def __enter__(self) -> Self:
        self._thread.start()
        self._up.wait()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._listening.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._up.set()
        await self._server.serve(sockets=[self._listening])

    async def _take(self, request: Request) -> Response:
        at, body = datetime.now(UTC), await _read(request)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"connection": "close"})
        delivery = self._memory.delivery(dict(request.headers), body, self._secrets, at)
        identity = delivery.headers.get("webhook-id", "")
        if delivery.is_signed:
            self.arrived[identity] = nth = self.arrived.get(identity, 0) + 1
            status = self._status(nth)
        else:
            self.unsigned += 1
            nth, status = 0, int(HTTPStatus.FORBIDDEN)
        verdicts = judged(RULES, delivery)
        hangs = self._manners.hangs and delivery.is_signed
        self._hears(Arrived(at, identity, nth, None if hangs else status, delivery.event, verdicts))
        await self._dawdle(request, for_ever=hangs)
        if hangs:
            status = HTTPStatus.SERVICE_UNAVAILABLE
        return Response(status_code=status, headers={"location": _ELSEWHERE} if is_redirect(status) else None)

    async def _allow(self, request: Request) -> Response:
        fault, allows = handshake_fault(request.headers), self._manners.allows
        origin = request.headers.get("webhook-request-origin", "")
        granted = allows and fault is None
        self._hears(Asked(datetime.now(UTC), origin, granted, fault))
        if not granted:
            return Response(status_code=HTTPStatus.BAD_REQUEST if allows else HTTPStatus.METHOD_NOT_ALLOWED)
        self._memory.origin = origin
        rate = self._manners.rate or request.headers.get("webhook-request-rate", "*")
        return Response(
            headers={"allow": "POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": str(rate)}
        )

    async def _followed(self, _request: Request) -> Response:
        self._hears(Followed(datetime.now(UTC)))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _status(self, nth: int) -> int:
        times = self._manners.times
        return self._manners.status if times is None or nth <= times else HTTPStatus.NO_CONTENT

    async def _dawdle(self, request: Request, *, for_ever: bool) -> None:
        """Waits as it was told to, and no longer than until it ends itself or the caller has left."""
        if not for_ever and not self._manners.seconds:
            return
        waits = [asyncio.ensure_future(self._ended.wait()), asyncio.ensure_future(request.receive())]
        timeout = None if for_ever else self._manners.seconds
        _, still = await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for one in still:
            one.cancel()


def is_redirect(status: int) -> bool:
    """Whether a status points elsewhere."""
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_READ:
            return None
    return bytes(body)


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as taken:
        listening.close()
        raise NeededIsAway(
            f"Port {port} of {HOST} cannot be had: {taken.strerror}. Name another: --port."
        ) from None
    listening.listen(_BACKLOG)
    return listening
