"""What every route of the officers' door shares: who asks, in which language, how much and how long; and that every end is an answer.

An act gets an `Asked`, whose person is known, and answers with `Asked.answer`, or raises a `Problem` or `Unavailable`, which
are told as problem+json.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import orjson
from pydantic import SecretStr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.case_router.people import People, Speaker
from aanwezig.case_router.problems import Problem, answer
from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.languages import Language, language_of
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.submissions import TRACEPARENT

_log = logs.get(__name__)
_MOST_PARAMETER: Final = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a body may take, and how long an answer may take to be found (seconds)."""

    body: float
    answer: float


class Asked:
    """A request whose person is known: `speaker` asks (None: the operator), and hears in `language`."""

    def __init__(
        self, request: Request, language: Language, speaker: Speaker | None, now: datetime, limits: Limits
    ) -> None:
        self.request = request
        self.language = language
        self.speaker = speaker
        self.now = now
        self._limits = limits

    @property
    def officer(self) -> Speaker:
        """The officer who asks; only on routes that an operator has no right to."""
        if self.speaker is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "unknown-key")
        return self.speaker

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
                    if len(body) > MAX_EVENT_BYTES:
                        raise Problem(
                            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", f"{MAX_EVENT_BYTES}"
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
        """Bounds what waits for an engine: an officer hears in time to come back.

        Raises:
            Unavailable: it took longer.
        """
        try:
            async with asyncio.timeout(self._limits.answer):
                yield
        except TimeoutError:
            raise Unavailable("no answer in time") from None

    def answer(self, said: object) -> Response:
        """A JSON answer in the language of who asks. It is about children: nobody on the way keeps it."""
        headers = {
            "content-language": self.language, "vary": "accept-language, authorization", "cache-control": "no-store",
        }  # fmt: skip
        return Response(orjson.dumps(said), headers=headers, media_type="application/json")


Act = Callable[[Asked], Awaitable[Response]]


class Asking:
    """How this door is asked. `is_ready` tells whether the registers and the engines are there; `clock` is aware."""

    def __init__(
        self, people: People, operator_key: SecretStr | None, limits: Limits, *,
        clock: Callable[[], datetime], is_ready: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._people = people
        self._operator_key = None if operator_key is None else operator_key.get_secret_value().encode()
        self._limits = limits
        self._clock = clock
        self._is_ready = is_ready

    def route(
        self,
        path: str,
        act: Act,
        method: str = "GET",
        *,
        takes: Collection[str] = (),
        to_operator: bool = False,
    ) -> Route:
        """A route of the door. `takes`: the parameters its address may have; `to_operator`: an operator may ask it too."""

        async def told(request: Request) -> Response:
            language = language_of(request.headers.get("accept-language"))
            try:
                speaker = self._who(request, to_operator=to_operator)
                _require_known(request, takes)
                return await act(Asked(request, language, speaker, self._clock(), self._limits))
            except Problem as problem:
                _log.info("request.refused", code=problem.code)
                return answer(problem, language)
            except Unavailable as away:
                _log.warning("request.waits", why=str(away))
                return answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-now"), language)
            except Exception as fault:  # noqa: BLE001 - an officer gets an answer, never a stack trace
                _log.error("request.failed", error=type(fault).__name__)
                return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault"), language)

        return Route(path, told, methods=[method])

    def _who(self, request: Request, *, to_operator: bool) -> Speaker | None:
        if not self._is_ready():
            raise Unavailable("not ready")
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        key = said.strip()
        if scheme.lower() != "bearer" or not key:
            raise Problem(HTTPStatus.UNAUTHORIZED, "no-key")
        operator = self._operator_key
        if to_operator and operator is not None and hmac.compare_digest(key.encode(), operator):
            return None
        speaker = self._people.by_key(key)
        if speaker is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "unknown-key")
        return speaker


def _require_known(request: Request, takes: Collection[str]) -> None:
    """Refuses a parameter there is none of: what it should have done would be left undone in silence."""
    if any(name not in takes for name in request.query_params):
        raise Problem(HTTPStatus.BAD_REQUEST, "unknown-parameter", ", ".join(sorted(takes)) or "-")
