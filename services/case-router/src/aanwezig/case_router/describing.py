"""`GET /v1/openapi.json`: the door's own description (OpenAPI 3.1), to everybody: it holds no secret.

The file beside this code is generated (`published_api`) and committed.
"""

from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

FILE: Final = Path(__file__).with_name("openapi.json")


def routes() -> list[BaseRoute]:
    """The route that tells what the door is."""
    return [Route("/v1/openapi.json", _told)]


@cache
def _description() -> bytes:
    return FILE.read_bytes()


# Not a coroutine: the file is read beside the event loop.
def _told(_request: Request) -> Response:
    return Response(_description(), media_type="application/json")
