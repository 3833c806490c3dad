"""A small Open Notificaties on a real socket: it asks of a message and its token what the real one asks.

The token as vng-api-common checks it (HS256, known client, `iat` not of the future and not older than an hour); the
message by the published shape (`zgw_shape.json`), its channel registered, its `kenmerken` those of the channel.
"""

import asyncio
import contextlib
import json
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jsonschema
import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aanwezig.chassis.serving import Server

CLIENT = "aanwezig-chain"
SECRET = "a secret of the municipality, of thirty-two and more"
SHAPE: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("zgw_shape.json").read_text("utf-8"))
OURS: Final = ("role", "word", "urgency", "municipality", "happened")


def faults_of(message: object) -> list[str]:
    """Where a message is not of the published shape: the path of each fault."""
    checker = jsonschema.Draft202012Validator(SHAPE, format_checker=jsonschema.FormatChecker())
    return sorted("/".join(map(str, fault.absolute_path)) or "." for fault in checker.iter_errors(message))


@dataclass
class OpenNotificaties:
    """`taken` are the messages it took, `tokens` the claims of every good token; `status` answers something else."""

    secret: str = SECRET
    status: int | None = None
    kanalen: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"leerplicht": OURS})
    taken: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def publish(self, request: Request) -> Response:
        """POST /notificaties."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not self._is_known(token):
            return JSONResponse({"code": "not_authenticated"}, 403)
        if request.headers["content-type"] != "application/json":
            return Response(status_code=415)
        message = await request.json()
        if faults_of(message) or not self._fits_its_kanaal(message):
            return JSONResponse({"code": "invalid"}, 400)
        if self.status is not None:
            return Response(status_code=self.status, headers={"location": "/api/v1/notificaties"})
        self.taken.append(message)
        return JSONResponse(message, 201)

    def _is_known(self, token: str) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
                claims: dict[str, Any] = jwt.decode(
                    token, self.secret, algorithms=["HS256"], options={"require": ["iss", "iat"]}
                )
        except jwt.PyJWTError:
            return False
        self.tokens.append(claims)
        known = claims["iss"] == claims["client_id"] == CLIENT
        return known and time.time() - int(claims["iat"]) < 3600

    def _fits_its_kanaal(self, message: dict[str, Any]) -> bool:
        filters = set(self.kanalen.get(message["kanaal"], ("unknown",)))
        return filters <= set(message["kenmerken"]) or filters >= set(message["kenmerken"])


@asynccontextmanager
async def open_notificaties(**how: Any) -> AsyncIterator[OpenNotificaties]:
    """One that listens on 127.0.0.1 for the length of the block."""
    instance = OpenNotificaties(**how)
    app = Starlette(routes=[Route("/api/v1/notificaties", instance.publish, methods=["POST", "GET"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = Server(config)
    listening = config.bind_socket()
    instance.url = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield instance
    finally:
        server.should_exit = True
        await serving
        with contextlib.suppress(OSError):
            listening.close()
