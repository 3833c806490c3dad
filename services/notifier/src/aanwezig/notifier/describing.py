"""`GET /v1/openapi.json`: the door's own description (OpenAPI 3.1), to everybody: it holds no secret.

The file beside this code is generated (`published_api`) and committed.
"""

from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute

from aanwezig.chassis.describing import described_at

FILE: Final = Path(__file__).with_name("openapi.json")


def routes() -> list[BaseRoute]:
    """The route that tells what the door is."""
    return described_at(FILE)
