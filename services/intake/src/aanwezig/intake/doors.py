"""The HTTP door (`contract.md` 5): who speaks, in which format, how much; then admission; then receipts in order.

Other doors (Kafka, files) read their rows with the same `formats` and hand them to the same `Admission`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.submissions import TRACEPARENT
from aanwezig.intake.admit import Admission, Receipt
from aanwezig.intake.formats import FORMATS, NotReadable, Row, TooManyRows
from aanwezig.intake.problems import Language, Problem, answer, language_of
from aanwezig.intake.senders import Senders, System

_REST_SECONDS: Final = 5
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold, how long its body may take (seconds), and how long taking it in (answer)."""

    rows: int
    bytes: int
    seconds: float
    answer: float


class HttpDoor:
    """`POST /v1/facts` and `GET /v1/receipts/{id}`. `is_ready` tells whether the register and the engines are there."""

    def __init__(
        self, admission: Admission, senders: Senders, tracing: Tracing, limits: Limits, *,
        clock: Callable[[], datetime], is_ready: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._admission = admission
        self._senders = senders
        self._tracing = tracing
        self._limits = limits
        self._clock = clock
        self._is_ready = is_ready

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route("/v1/facts", self._told(self._facts), methods=["POST"]),
            Route("/v1/receipts/{id:path}", self._told(self._receipt), methods=["GET"]),
        ]

    def _told(
        self, act: Callable[[Request, Language], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Every end of a request is an answer: what fails is told by its name in the log and as a problem outside."""

        async def told(request: Request) -> Response:
            language = language_of(request.headers.get("accept-language"))
            try:
                return await act(request, language)
            except Problem as problem:
                _log.info("request.refused", code=problem.code)
                return answer(problem, language, hang_up=not await self._rest_read(request))
            except Unavailable as away:
                _log.warning("request.waits", why=str(away))
                return answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-now"), language)
            except Exception as fault:  # noqa: BLE001 - a sender gets an answer, never a stack trace
                _log.error("request.failed", error=type(fault).__name__)
                return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault"), language)

        return told

    async def _facts(self, request: Request, language: Language) -> Response:
        started = time.monotonic()
        system = self._sender(request)
        if not system.schools and not system.is_municipality:
            raise Problem(HTTPStatus.FORBIDDEN, "no-school")
        media_type = _media_type(request)
        rows = self._rows(media_type, await self._body(request))
        with self._tracing.step("admit", _traceparent(request)) as traceparent:
            try:
                # Drivers wait for an engine as long as they are set to; a sender hears in time that it must come back.
                # What was cut off is pending, and its retry goes on from there.
                async with asyncio.timeout(self._limits.answer):
                    receipts = await self._admission.admit(
                        system, rows, now=self._clock(), traceparent=traceparent
                    )
            except TimeoutError:
                raise Unavailable("no answer in time") from None
            _log_taken(system, media_type, receipts, time.monotonic() - started)
        said = {"receipts": [receipt.said(language) for receipt in receipts]}
        return _json(said, HTTPStatus.ACCEPTED, language)

    async def _receipt(self, request: Request, language: Language) -> Response:
        try:
            async with asyncio.timeout(self._limits.answer):
                found = await self._admission.receipt(self._sender(request), request.path_params["id"])
        except TimeoutError:
            raise Unavailable("no answer in time") from None
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-receipt")
        return _json(found.said(language), HTTPStatus.OK, language)

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

    async def _body(self, request: Request) -> bytes:
        """The body, let go as soon as it is too large or too slow."""
        most = self._limits.bytes
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.seconds):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > most:
                        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", f"{most}")
        except (TimeoutError, ClientDisconnect):
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", f"{self._limits.seconds:g}") from None
        return bytes(body)

    async def _rest_read(self, request: Request) -> bool:
        """Lets the rest of a body pass, so that its sender hears the answer; False when it does not end in reason."""
        passed = 0
        try:
            async with asyncio.timeout(_REST_SECONDS):
                async for chunk in request.stream():
                    passed += len(chunk)
                    if passed > self._limits.bytes:
                        return False
        except (TimeoutError, ClientDisconnect):
            return False
        except RuntimeError:
            return True  # it was read to its end already
        return True

    def _rows(self, media_type: str, body: bytes) -> list[Row]:
        try:
            return FORMATS[media_type](body, self._limits.rows)
        except NotReadable:
            raise Problem(HTTPStatus.BAD_REQUEST, "not-readable") from None
        except TooManyRows:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-rows", f"{self._limits.rows}"
            ) from None


def _media_type(request: Request) -> str:
    """The media type of the body, when we read it: UTF-8, and not compressed."""
    name, *parameters = request.headers.get("content-type", "").lower().split(";")
    charset = next(
        (one.partition("=")[2] for one in parameters if one.strip().startswith("charset=")), "utf-8"
    )
    encoding = request.headers.get("content-encoding", "identity").lower()
    if (
        name.strip() not in FORMATS
        or charset.strip(' "') not in {"utf-8", "us-ascii"}
        or encoding != "identity"
    ):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", ", ".join(FORMATS))
    return name.strip()


def _traceparent(request: Request) -> str | None:
    said = request.headers.get("traceparent")
    return said if said is not None and TRACEPARENT.fullmatch(said) else None


def _log_taken(system: System, media_type: str, receipts: list[Receipt], seconds: float) -> None:
    outcomes = Counter(receipt.outcome for receipt in receipts)
    codes = Counter(error.code.value for receipt in receipts for error in receipt.errors)
    _log.info(
        "rows.taken", door="http", system=system.id, format=media_type, rows=len(receipts),
        accepted=outcomes["accepted"], duplicate=outcomes["duplicate"], refused=outcomes["refused"],
        codes=dict(codes), milliseconds=round(seconds * 1000),
    )  # fmt: skip


def _json(said: object, status: HTTPStatus, language: Language) -> Response:
    headers = {"content-language": language, "vary": "accept-language"}
    return Response(
        orjson.dumps(said), status_code=status.value, headers=headers, media_type="application/json"
    )
