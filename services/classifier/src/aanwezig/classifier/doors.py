"""The operator's door: closing a day, where the clock is commanded."""

import asyncio
import hmac
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aanwezig.chassis.errors import Unavailable
from aanwezig.classifier.days import Clock, TooFarAhead

_PATIENCE_SECONDS = 60


class OperatorDoor:
    """`POST /v1/days` with `{"date": "YYYY-MM-DD"}` closes a day; `GET /v1/days` tells the last closed one."""

    def __init__(self, clock: Clock, key: str) -> None:
        self._clock = clock
        self._key = key.encode()

    @property
    def routes(self) -> list[Route]:
        """The routes of this door."""
        return [
            Route("/v1/days", self._close, methods=["POST"]),
            Route("/v1/days", self._last, methods=["GET"]),
        ]

    async def _close(self, request: Request) -> Response:
        said = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(said, self._key):
            return _problem(401, "This needs the operator's key.")
        if not self._clock.commanded:
            return _problem(409, "Days close by the wall clock here: at 06:00 on the next morning.")
        try:
            day = datetime.strptime((await request.json())["date"], "%Y-%m-%d").date()  # noqa: DTZ007 - a date
        except (ValueError, KeyError, TypeError):
            return _problem(400, 'Say which day: {"date": "2024-09-02"}.')
        try:
            await self._clock.command(day)
            async with asyncio.timeout(_PATIENCE_SECONDS):
                # Another process may hold the pen: the store is what is waited for.
                while (closed := await self._clock.closed()) is None or closed < day:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TooFarAhead:
            return _problem(
                422, "That is more than 400 days ahead. A closed day stays closed: check the year."
            )
        except (Unavailable, TimeoutError):
            return _problem(503, "The day could not be closed now; the command is kept.", retry_after=5)
        return JSONResponse({"closed": closed.isoformat()})

    async def _last(self, _request: Request) -> Response:
        try:
            closed = await self._clock.closed()
        except Unavailable:
            return _problem(503, "The clock cannot be read now.", retry_after=5)
        return JSONResponse({"closed": None if closed is None else closed.isoformat()})


def _problem(status: int, detail: str, *, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {"type": "about:blank", "status": status, "detail": detail}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")
