"""The description of the door (OpenAPI 3.1), computed from the contract's models and the table of calls.

`python -m aanwezig.intake.published_api` writes `openapi.json` beside this code; with `--check` it writes nothing and ends
with 1 where the file differs. The door serves that file (`describing`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from aanwezig.chassis.describing import (
    LANGUAGE,
    REF,
    TOLD_IN,
    Json,
    both,
    problem_example,
    untitled,
    write_or_check,
)
from aanwezig.chassis.problems import Words
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.published_schemas import DIALECT, schemas
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code, Refusal
from aanwezig.intake import published_bodies as bodies
from aanwezig.intake.describing import FILE
from aanwezig.intake.disclosing import Question
from aanwezig.intake.problems import PROBLEMS
from aanwezig.intake.published_answers import Resubmission
from aanwezig.intake.published_calls import CALLS, STATUS_OF, Call
from aanwezig.intake.settings import IntakeSettings

_KEY: Final = "key"
_RETRY: Final = {
    "Retry-After": {
        "description": "Seconds after which the same request may be sent again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, Any]]] = {
    HTTPStatus.UNAUTHORIZED: _CHALLENGE,
    HTTPStatus.TOO_MANY_REQUESTS: _RETRY,
    HTTPStatus.SERVICE_UNAVAILABLE: _RETRY,
}


def document() -> Json:
    """The description, as a JSON value."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for call in CALLS:
        paths[call.path][call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Aanwezig: intake",
            "version": "1",
            "summary": "The door for attendance facts of schools and municipalities.",
            "description": _about(),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "http://127.0.0.1:18080", "description": "A stack on your own machine."}],
        "security": [{_KEY: []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                _KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The key of your system, as the operator gave it to you.",
                }
            },
            "schemas": _components(),
        },
        "x-problems": _problems(),
    }


def published() -> bytes:
    """The description as it is committed and served."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _about() -> str:
    limits = {name: field.default for name, field in IntakeSettings.model_fields.items()}
    return (
        f"Per request at most {limits['max_rows']:,} rows and {limits['max_bytes']:,} bytes, packed or unpacked; "
        f"per event {MAX_EVENT_BYTES:,} bytes; per system {limits['rows_a_minute']:,} rows a minute and "
        f"{limits['requests_abreast']} requests at once; {limits['body_seconds']:g} seconds to send a body. An operator "
        "may have set others: `GET /v1/system` tells yours. What is more is answered with a problem, never dropped. "
        "A request is taken in as a whole, with a receipt for each row, or refused as a whole.\n\n"
        "An address that is not here is answered 404 `no-address`, one that is not asked by this method 405 `no-method` "
        "with `Allow`.\n\n"
        "What is no answer of a call is `application/problem+json` (RFC 9457) with a `code`; `x-problems` has the "
        "sentence of each code in Dutch and English. A receipt's `errors` have codes too: docs/refusals.md."
    )


def _operation(call: Call) -> Json:
    language = (LANGUAGE,) if call.needs_key else ()
    said: Json = {
        "operationId": call.name,
        "summary": call.about[1],
        "description": both(call.about),
        "parameters": [one.described() for one in (*call.parameters, *language)],
        "responses": {str(call.status.value): _good(call), **_bad(call)},
    }
    if call.body is not None:
        said["requestBody"] = {"required": True, "content": bodies.content(call.body)}
    if not call.needs_key:
        said["security"] = []
    return said


def _good(call: Call) -> Json:
    schema: Json = {"type": "object"} if call.answer is None else {"$ref": f"{REF}{call.answer.__name__}"}
    content: Json = {"schema": schema}
    if call.name in bodies.ANSWERS:
        content["example"] = bodies.ANSWERS[call.name]
    headers = {"headers": TOLD_IN} if call.needs_key else {}
    return {"description": call.status.phrase, **headers, "content": {"application/json": content}}


def _bad(call: Call) -> Json:
    """The problems of a call by status; of each status only the codes it may have there."""
    codes: defaultdict[HTTPStatus, list[str]] = defaultdict(list)
    for code in sorted(call.problems):
        codes[STATUS_OF[code]].append(code)
    return {
        str(status.value): {
            "description": "; ".join(f"`{code}`: {_words(code)[1]}" for code in codes[status]),
            "headers": {**TOLD_IN, **_HEADERS.get(status, {})},
            "content": {
                "application/problem+json": {
                    "schema": {
                        "allOf": [{"$ref": f"{REF}Problem"}],
                        "properties": {"status": {"const": status.value}, "code": {"enum": codes[status]}},
                    },
                    "example": _problem(codes[status][0]),
                }
            },
        }
        for status in sorted(codes)
    }


def _problem(code: str) -> Json:
    return problem_example(code, STATUS_OF[code], _words(code)[0])


def _problems() -> Json:
    """Every code with its status and its sentences; those of the Kafka door alone have no status."""
    codes = [*PROBLEMS, *sorted(code.value for code in OF_A_WHOLE_FILE)]
    return {
        code: {
            "status": STATUS_OF[code].value if code in STATUS_OF else None,
            "nl": _words(code)[0],
            "en": _words(code)[1],
        }
        for code in codes
    }


def _words(code: str) -> Words:
    if code in PROBLEMS:
        dutch, english = PROBLEMS[code]
        return dutch.format(detail="..."), english.format(detail="...")
    refusal = Refusal("...", Code(code), "...")
    return refusal.message("nl"), refusal.message("en")


def _components() -> Json:
    models: set[type[BaseModel]] = {call.answer for call in CALLS if call.answer is not None}
    models |= {Question, Resubmission}
    ordered = sorted(models, key=lambda one: one.__name__)
    _, ours = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=f"{REF}{{model}}", title=""
    )
    found: Json = untitled(dict(sorted(ours["$defs"].items())))
    for name in FACT_TYPES:
        schema = schemas()[f"submitted/{name}"]
        for inner, shape in _referring(schema.pop("$defs", {})).items():
            found[inner] = shape
        found[name] = {key: _referring(one) for key, one in schema.items() if key not in {"$schema", "$id"}}
    found["event"] = bodies.any_event(REF)
    found["Problem"] = {
        "type": "object",
        "description": "Why a request was refused as a whole (RFC 9457).",
        "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"enum": list(_problems())},
            "detail": {"type": "string", "description": "What is wrong and what to do, for a clerk."},
        },
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": False,
    }
    return found


def _referring(value: Any) -> Any:
    """The same, with references to where schemas stand in this document."""
    if isinstance(value, dict):
        return {
            key: one.replace("#/$defs/", REF) if key == "$ref" and isinstance(one, str) else _referring(one)
            for key, one in value.items()
        }
    return [_referring(one) for one in value] if isinstance(value, list) else value


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found that the file differs."""
    return write_or_check(published, FILE, "aanwezig.intake.published_api", __doc__, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
