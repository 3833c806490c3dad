"""The parts of which a door's description (OpenAPI 3.1) is made, the command that writes it, and the route that tells it.

What a door says is its own: its models, its table of calls, its words.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from aanwezig.chassis.problems import Words

Json = dict[str, Any]
REF: Final = "#/components/schemas/"
TOLD_IN: Final = {"Content-Language": {"required": True, "schema": {"enum": ["nl", "en"]}}}
_RETRY: Final = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
_HEADERS: Final[Mapping[int, Json]] = {401: _CHALLENGE, 429: _RETRY, 503: _RETRY}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the address (`query`, `path`) or a header; `schema` is that of its value."""

    name: str
    schema: Mapping[str, Any]
    about: Words
    place: Literal["query", "path", "header"] = "query"
    is_required: bool = False

    def described(self) -> Json:
        """The parameter as OpenAPI says it."""
        return {
            "name": self.name, "in": self.place, "required": self.is_required, "description": both(self.about),
            "schema": dict(self.schema),
        }  # fmt: skip


LANGUAGE: Final = Parameter(
    "Accept-Language", {"type": "string", "examples": ["en"]},
    ("'nl' (gewoon) of 'en': de taal van de zinnen.", "'nl' (usual) or 'en': the language of the sentences."), "header",
)  # fmt: skip


def both(words: Words) -> str:
    """A sentence in both languages, Dutch first."""
    return f"{words[0]}\n\n{words[1]}"


def problem_answers(
    codes: Iterable[str],
    status_of: Mapping[str, HTTPStatus],
    words: Callable[[str], Words],
    example: Callable[[str], Json],
) -> Json:
    """The problems of a call by status; of each status only the codes it may have there."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for code in sorted(codes):
        found[status_of[code].value].append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {words(code)[1]}" for code in found[status]),
            "headers": {**TOLD_IN, **_HEADERS.get(status, {})},
            "content": {
                "application/problem+json": {
                    "schema": {
                        "allOf": [{"$ref": f"{REF}Problem"}],
                        "properties": {"status": {"const": status}, "code": {"enum": found[status]}},
                    },
                    "example": example(found[status][0]),
                }
            },
        }
        for status in sorted(found)
    }


def problem_example(code: str, status: HTTPStatus, detail: str) -> Json:
    """A problem as it is answered."""
    return {
        "type": "about:blank", "title": status.phrase, "status": status.value, "code": code, "detail": detail,
    }  # fmt: skip


def problem_schema(codes: Iterable[str], field_errors: Iterable[str], more: Mapping[str, Json]) -> Json:
    """The schema of a door's problems; `more` are the members it has beside those of all doors."""
    error = {
        "type": "object",
        "properties": {
            "field": {"type": "string"}, "code": {"enum": list(field_errors)}, "message": {"type": "string"},
        },
        "required": ["field", "code", "message"],
    }  # fmt: skip
    return {
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457).",
        "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"enum": list(codes)},
            "detail": {"type": "string", "description": "What is wrong and what to do."},
            "errors": {"type": "array", "items": error},
            **more,
        },
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": False,
    }


def untitled(value: Any) -> Any:
    """The same, without the titles pydantic makes of field names; a field that is called so is no text and stays."""
    if isinstance(value, dict):
        return {
            key: untitled(one) for key, one in value.items() if key != "title" or not isinstance(one, str)
        }
    return [untitled(one) for one in value] if isinstance(value, list) else value


def described_at(file: Path) -> list[BaseRoute]:
    """The route `GET /v1/openapi.json` that tells a committed description, to everybody: it holds no secret."""

    @cache
    def description() -> bytes:
        return file.read_bytes()

    # Not a coroutine: the file is read beside the event loop.
    def told(_request: Request) -> Response:
        return Response(description(), media_type="application/json")

    return [Route("/v1/openapi.json", told)]


def write_or_check(
    published: Callable[[], bytes],
    file: Path,
    program: str,
    about: str | None,
    arguments: Sequence[str] | None,
) -> int:
    """The command of a description. 0: nothing differs, or it was written; 1: `--check` found that the file differs."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with 1 where the file differs"
    )
    parser.add_argument("--file", type=Path, default=file, help="the file (default: the one of this code)")
    chosen = parser.parse_args(arguments)
    text = published()
    if chosen.file.is_file() and chosen.file.read_bytes() == text:
        return 0
    if not chosen.check:
        chosen.file.write_bytes(text)
    sys.stdout.write(f"{chosen.file}\n")
    return 1 if chosen.check else 0
