"""What every route of a door with keys shares: who asks, in which language, how much and how long; and that every end is an answer.

An act gets an `Asked`, whose caller is known, and answers with `Asked.answer`, or raises a `Problem` or `Unavailable`, which
are told as problem+json.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.languages import Language, language_of
from aanwezig.chassis.problems import Problem, answer
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.submissions import TRACEPARENT

JSON: Final = "application/json"
_UTF_8: Final = frozenset({"", "utf-8", "utf8"})
_MOST_PARAMETER: Final = 200
_log = logs.get(__name__)
W = TypeVar("W")
X = TypeVar("X")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a body may take, how long an answer may take to be found (seconds), and how large a body may be."""

    body: float
    answer: float
    bytes: int = MAX_EVENT_BYTES


class Asked(Generic[W]):
    """A request whose caller is known: `who` asks at `now`, and hears in `language`."""

    def __init__(self, request: Request, language: Language, who: W, now: datetime, limits: Limits) -> None:
        self.request = request
        self.language = language
        self.who = who
        self.now = now
        self._limits = limits

    @property
    def traceparent(self) -> str | None:
        """The trace this request belongs to, where its sender said one that can be one."""
        said = self.request.headers.get("traceparent")
        return said if said is not None and TRACEPARENT.fullmatch(said) else None

    def parameter(self, name: str) -> str | None:
        """A parameter of the address; None: not given.

        Raises:
            Problem: 400, it is given twice, or is too long.
        """
        given = self.request.query_params.getlist(name)
        if len(given) > 1 or any(len(one) > _MOST_PARAMETER for one in given):
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
        return given[0] if given else None

    def number(self, name: str, default: int, *, most: int) -> int:
        """A parameter of the address that is a whole number from 1 to `most`.

        Raises:
            Problem: 400, it is something else.
        """
        said = self.parameter(name)
        if said is None:
            return default
        if not (said.isascii() and said.isdigit() and len(said) <= len(str(most)) and 0 < int(said) <= most):
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
        return int(said)

    def media_type(self, *known: str) -> str:
        """The media type of the body: one of these, as UTF-8, not packed.

        Raises:
            Problem: 415, it is another.
        """
        name, *parameters = self.request.headers.get("content-type", "").lower().split(";")
        said = next((one.partition("=")[2] for one in parameters if one.strip().startswith("charset=")), "")
        packed = self.request.headers.get("content-encoding", "identity").lower()
        if name.strip() not in known or said.strip(' "') not in _UTF_8 or packed != "identity":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", ", ".join(known))
        return name.strip()

    async def json(self) -> dict[str, Any]:
        """The body as the JSON object it must be.

        Raises:
            Problem: 413, 408, or 400 where it is no JSON object.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body):
                async for chunk in self.request.stream():
                    body += chunk
                    if len(body) > self._limits.bytes:
                        raise Problem(
                            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", f"{self._limits.bytes}"
                        )
        except (TimeoutError, ClientDisconnect):
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", f"{self._limits.body:g}") from None
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            said = None
        if not isinstance(said, dict):
            raise Problem(HTTPStatus.BAD_REQUEST, "not-readable")
        return said

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Bounds what waits for an engine: whoever asks hears in time to come back.

        Raises:
            Unavailable: it took longer.
        """
        try:
            async with asyncio.timeout(self._limits.answer):
                yield
        except TimeoutError:
            raise Unavailable("no answer in time") from None

    def answer(
        self,
        said: object,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        media_type: str = JSON,
        location: str | None = None,
    ) -> Response:
        """A JSON answer in the language of who asks; `said` may be JSON already. Nobody on the way keeps it."""
        headers = {
            "content-language": self.language, "vary": "accept-language, authorization", "cache-control": "no-store",
        }  # fmt: skip
        if location is not None:
            headers["location"] = location
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        return Response(body, status.value, headers=headers, media_type=media_type)


class Asking(Generic[W]):
    """How a door is asked. `by_key` gives whose key it is, None where nobody's.

    `is_ready` tells whether the registers and the engines are there; `clock` is aware.
    """

    def __init__(
        self, by_key: Callable[[str], W | None], limits: Limits, *,
        clock: Callable[[], datetime], is_ready: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._by_key = by_key
        self._limits = limits
        self._clock = clock
        self._is_ready = is_ready

    def route(
        self,
        path: str,
        act: Callable[[Asked[W]], Awaitable[Response]],
        method: str = "GET",
        *,
        takes: Collection[str] = (),
    ) -> Route:
        """A route of the door, for who has a key. `takes`: the parameters its address may have."""
        return self._route(
            path, act, lambda request: self.known(self._by_key(_key(request))), [method], takes
        )

    def open_route(
        self, path: str, act: Callable[[Asked[None]], Awaitable[Response]], methods: Sequence[str] = ("GET",)
    ) -> Route:
        """A route that asks for no key: what its address holds is enough."""
        return self._route(path, act, lambda _request: None, methods, ())

    def known(self, who: X | None) -> X:
        """Who asks.

        Raises:
            Problem: 401, nobody has this key.
        """
        if who is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "unknown-key")
        return who

    def _route(
        self,
        path: str,
        act: Callable[[Asked[X]], Awaitable[Response]],
        who: Callable[[Request], X],
        methods: Sequence[str],
        takes: Collection[str],
    ) -> Route:
        async def told(request: Request) -> Response:
            language = language_of(request.headers.get("accept-language"))
            try:
                self._require_ready()
                asker = who(request)
                _require_known(request, takes)
                return await act(Asked(request, language, asker, self._clock(), self._limits))
            except Problem as problem:
                _log.info("request.refused", code=problem.code)
                return answer(problem, language)
            except Unavailable as away:
                _log.warning("request.waits", why=str(away))
                return answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-now"), language)
            except Exception as fault:
                # A caller gets an answer, never a stack trace.
                _log.error("request.failed", error=type(fault).__name__)
                return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault"), language)

        return Route(path, told, methods=list(methods))

    def _require_ready(self) -> None:
        if not self._is_ready():
            raise Unavailable("not ready")


def _key(request: Request) -> str:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not said.strip():
        raise Problem(HTTPStatus.UNAUTHORIZED, "no-key")
    return said.strip()


def _require_known(request: Request, takes: Collection[str]) -> None:
    """Refuses a parameter there is none of: what it should have done would be left undone in silence."""
    if any(name not in takes for name in request.query_params):
        raise Problem(HTTPStatus.BAD_REQUEST, "unknown-parameter", ", ".join(sorted(takes)) or "-")
