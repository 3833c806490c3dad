"""The HTTP server of a service: signals belong to the service, and a request that a stop cuts off hears when to return."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_RETRY_SECONDS: Final = 5


class Server(uvicorn.Server):
    """uvicorn without its own handling of signals: the service stops the door, then the rest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals alone."""
        yield


class CutOff:
    """Answers 503 with `Retry-After` where a request is cancelled before its answer began; else 500 would be told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            said = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
            answer = JSONResponse(
                said,
                status_code=503,
                headers={"retry-after": str(_RETRY_SECONDS), "connection": "close"},
                media_type="application/problem+json",
            )
            await answer(scope, receive, send)
