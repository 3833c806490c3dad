"""What the door of any service says where it has no such address, or not in this way."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aanwezig.chassis.nowhere import handlers, told_nowhere


def here(_request):
    return PlainTextResponse("here")


ROUTES = [
    Route("/days", here, methods=["POST"]),
    Route("/days", here, methods=["GET"]),
    Route("/days/{day}", here, methods=["DELETE"]),
    Route("/days/last", here),
]


async def asked(method, path, language="en"):
    app = Starlette(routes=ROUTES, exception_handlers=handlers(ROUTES, told_nowhere))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        return await client.request(method, path, headers={"accept-language": language})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/day", None), ("POST", "/days/1/2", None),
        ("PUT", "/days", "GET, HEAD, POST"), ("GET", "/days/1", "DELETE"), ("PUT", "/days/last", "DELETE, GET, HEAD"),
    ],
)  # fmt: skip
async def test_it_is_a_problem_and_tells_every_method_of_the_address(method, path, allowed):
    for language in ("nl", "en"):
        answer = await asked(method, path, language)
        told = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        assert answer.headers.get("allow") == allowed
        assert (answer.status_code, told["status"], told["code"]) == (
            (404, 404, "no-address") if allowed is None else (405, 405, "no-method")
        )
        assert ("Er is niets gedaan" in told["detail"]) == (language == "nl")
        assert allowed is None or allowed in told["detail"]


async def test_what_is_there_is_there():
    assert (await asked("GET", "/days")).text == "here"
    assert (await asked("DELETE", "/days/last")).text == "here"
