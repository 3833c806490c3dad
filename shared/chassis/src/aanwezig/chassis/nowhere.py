"""What a door answers where it has no such address, or not in this way: problem+json (RFC 9457), in Dutch or English."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route

from aanwezig.chassis.languages import language_of

Nowhere = Callable[[Request, Sequence[str]], Response]
"""Takes a request that no route takes, and the methods its address has: none where there is no such address."""

_NO_ADDRESS: Final = {
    "nl": "Dit adres bestaat hier niet. Er is niets gedaan.",
    "en": "There is no such address here. Nothing was done.",
}
_NO_METHOD: Final = {
    "nl": "Dit adres kan alleen zo gevraagd worden: {}. Er is niets gedaan.",
    "en": "This address can only be asked by: {}. Nothing was done.",
}


def told_nowhere(request: Request, methods: Sequence[str]) -> Response:
    """The answer of a door that has no words of its own for it."""
    language = language_of(request.headers.get("accept-language"))
    status = HTTPStatus.METHOD_NOT_ALLOWED if methods else HTTPStatus.NOT_FOUND
    sentences = _NO_METHOD if methods else _NO_ADDRESS
    return JSONResponse(
        {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "code": "no-method" if methods else "no-address",
            "detail": sentences[language].format(", ".join(methods)),
        },
        status_code=status.value,
        headers={"content-language": language},
        media_type="application/problem+json",
    )


def handlers(routes: Iterable[BaseRoute], nowhere: Nowhere) -> Mapping[Any, Any]:
    """The exception handlers that tell 404 and 405 by `nowhere`; a 405 has `Allow`, of all routes of its address."""
    every = list(routes)

    async def told(request: Request, _error: Exception) -> Response:
        methods = _methods(request, every)
        answer = nowhere(request, methods)
        if methods:
            answer.headers["allow"] = ", ".join(methods)
        return answer

    return {HTTPStatus.NOT_FOUND.value: told, HTTPStatus.METHOD_NOT_ALLOWED.value: told}


def _methods(request: Request, routes: Iterable[BaseRoute]) -> list[str]:
    """The methods of an address, in order of the alphabet. A route alone tells its own; others may take the same address."""
    return sorted({
        method
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    })  # fmt: skip
