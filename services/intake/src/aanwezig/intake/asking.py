"""What every route of the door shares: who asks, in which language, how much and how long; and that every end is an answer.

A module with routes hands its acts to `Asking.route`: an act gets an `Asked`, whose sender is known and within its pace,
and answers with `Asked.answer`, or raises a `Problem` (`problems`) or `Unavailable`, which are told as problem+json.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, ParamSpec, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.submissions import TRACEPARENT
from aanwezig.intake.bodies import weight_of
from aanwezig.intake.origins import is_file_name
from aanwezig.intake.pace import NoRoom, Pace, TooManyAtOnce
from aanwezig.intake.problems import Language, Problem, answer, language_of
from aanwezig.intake.senders import Senders, System

_LARGE: Final = 128 * 1024
_READERS: Final = 2
_MOST_SHOWN: Final = 60
P = ParamSpec("P")
T = TypeVar("T")
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold, how long its body may take (seconds), and how long taking it in (answer)."""

    rows: int
    bytes: int
    seconds: float
    answer: float


class Asked:
    """A request whose sender is known: `system` asks, and hears in `language`."""

    def __init__(self, request: Request, language: Language, system: System, asking: "Asking") -> None:
        self.request = request
        self.language = language
        self.system = system
        self._asking = asking
        self._held = 0

    @property
    def now(self) -> datetime:
        """The moment of asking by the clock of the door, aware."""
        return self._asking.clock()

    @property
    def traceparent(self) -> str | None:
        """The trace this request belongs to, where its sender said one that can be one."""
        said = self.request.headers.get("traceparent")
        return said if said is not None and TRACEPARENT.fullmatch(said) else None

    def parameter(self, name: str) -> str | None:
        """A parameter of the address: at most 200 characters, none of them a control character; None: not given.

        Raises:
            Problem: 400, it is longer, or holds what no name holds, or is given twice.
        """
        given = self.request.query_params.getlist(name)
        if not given:
            return None
        if len(given) > 1 or not is_file_name(given[0]):
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
        return given[0]

    def number(self, name: str, default: int, *, most: int) -> int:
        """A parameter of the address that is a whole number from 1 to `most`.

        Raises:
            Problem: 400, it is something else.
        """
        given = self.parameter(name)
        if given is None:
            return default
        if not (
            given.isascii() and given.isdigit() and len(given) <= len(str(most)) and 0 < int(given) <= most
        ):
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
        return int(given)

    async def body(self) -> bytes:
        """The body, let go as soon as it is too large or too slow, or all requests together hold too much.

        Raises:
            Problem: 413, 408, or 503 with `Retry-After`; nothing of it is kept.
        """
        limits = self._asking.limits
        body = bytearray()
        try:
            async with asyncio.timeout(limits.seconds):
                async for chunk in self.request.stream():
                    if len(body) + len(chunk) > limits.bytes:
                        raise Problem(
                            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", f"{limits.bytes}"
                        )
                    self.hold(len(chunk))
                    body += chunk
        except (TimeoutError, ClientDisconnect):
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", f"{limits.seconds:g}") from None
        return bytes(body)

    async def json(self) -> Any:
        """The body as the JSON value it must be.

        Raises:
            Problem: as `body` and `hold`, or 400 where it is no JSON.
        """
        body = await self.body()
        self.hold_values_of(body)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Problem(HTTPStatus.BAD_REQUEST, "not-readable") from None

    def hold(self, size: int) -> None:
        """Counts bytes that stay in memory until this request is answered.

        Raises:
            Problem: 413, no request may hold so much; 503, all requests together, or those of this system, do.
        """
        if size > self._asking.pace.bytes_of_one:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-values")
        try:
            self._asking.pace.hold(self.system.id, size)
        except NoRoom:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "no-room") from None
        self._held += size

    def hold_values_of(self, body: bytes) -> None:
        """Counts what is going to be read from a body that is held already.

        Raises:
            Problem: as `hold`.
        """
        self.hold(weight_of(body) - len(body))

    def held_too_much(self, size: int) -> None:
        """Gives back what was held in advance and is not there."""
        self._asking.pace.let_go(self.system.id, size)
        self._held -= size

    async def beside(self, size: int, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a pure act gives for a body of this size; that of a large one is worked out beside the event loop.

        Of one system one body at a time, so that nobody waits for all of another's.
        """
        if size <= _LARGE:
            return act(*args, **kwargs)
        async with self._asking.turns[self.system.id]:
            return await asyncio.get_running_loop().run_in_executor(
                self._asking.readers, partial(act, *args, **kwargs)
            )

    def let_go(self) -> None:
        """Gives back what was held."""
        self._asking.pace.let_go(self.system.id, self._held)
        self._held = 0

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Bounds what waits for an engine: drivers wait as long as they are set to, a sender hears in time to come back.

        Raises:
            Unavailable: it took longer.
        """
        try:
            async with asyncio.timeout(self._asking.limits.answer):
                yield
        except TimeoutError:
            raise Unavailable("no answer in time") from None

    def answer(self, said: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """A JSON answer in the language of who asks."""
        headers = {"content-language": self.language, "vary": "accept-language"}
        return Response(
            orjson.dumps(said), status_code=status.value, headers=headers, media_type="application/json"
        )


Act = Callable[[Asked], Awaitable[Response]]


class Asking:
    """How this door is asked. `is_ready` tells whether the register and the engines are there; `clock` is aware."""

    def __init__(
        self, senders: Senders, limits: Limits, pace: Pace, *,
        clock: Callable[[], datetime], is_ready: Callable[[], bool],
    ) -> None:  # fmt: skip
        self.limits = limits
        self.pace = pace
        self.clock = clock
        self.readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reading")
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._senders = senders
        self._is_ready = is_ready

    def route(self, path: str, act: Act, method: str = "GET", *, takes: Collection[str] = ()) -> Route:
        """A route of the door: whatever becomes of a request, it is answered, and told by its name in the log.

        `takes`: the parameters its address may have.
        """

        async def told(request: Request) -> Response:
            language = language_of(request.headers.get("accept-language"))
            try:
                system = self._sender(request)
                _require_known(request.query_params, takes)
                with self._in_hand(system):
                    return await self._acted(Asked(request, language, system, self), act)
            except Problem as problem:
                _log.info("request.refused", code=problem.code)
                return answer(problem, language)
            except Unavailable as away:
                _log.warning("request.waits", why=str(away))
                return answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-now"), language)
            except Exception as fault:  # noqa: BLE001 - a sender gets an answer, never a stack trace
                _log.error("request.failed", error=type(fault).__name__)
                return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault"), language)

        return Route(path, told, methods=[method])

    async def _acted(self, asked: Asked, act: Act) -> Response:
        try:
            return await act(asked)
        finally:
            asked.let_go()

    def _sender(self, request: Request) -> System:
        if not self._is_ready():
            raise Unavailable("not ready")
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Problem(HTTPStatus.UNAUTHORIZED, "no-key")
        system = self._senders.by_key(key.strip())
        if system is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "unknown-key")
        return system

    @contextmanager
    def _in_hand(self, system: System) -> Iterator[None]:
        try:
            self.pace.enter(system.id)
        except TooManyAtOnce:
            most = f"{self.pace.abreast}"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-at-once", most, retry=1) from None
        try:
            yield
        finally:
            self.pace.leave(system.id)


def _require_known(given: Iterable[str], takes: Collection[str]) -> None:
    """Refuses a parameter there is none of: what it should have done would be left undone in silence."""
    for name in given:
        if name not in takes:
            shown = "".join(one if one.isprintable() else "?" for one in name[:_MOST_SHOWN])
            known = ", ".join(f"'{one}'" for one in sorted(takes))
            dutch = f"bekend: {known}" if known else "dit adres heeft er geen"
            english = f"known: {known}" if known else "this address has none"
            detail = f"'{shown}' ({dutch})", f"'{shown}' ({english})"
            raise Problem(HTTPStatus.BAD_REQUEST, "unknown-parameter", detail)


def too_fast(seconds: float) -> Problem:
    """The answer to a system that is over its rows of this minute: after how many seconds it may come back."""
    wait = max(1, math.ceil(seconds))
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-fast", f"{wait}", retry=wait)
