"""The description of the door (OpenAPI 3.1), computed from the contract's models and the table of calls.

`python -m aanwezig.intake.published_api` writes `openapi.json` beside this code; with `--check` it writes nothing and ends
with 1 where the file differs. The door serves that file (`describing`).
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.published_schemas import DIALECT, schemas
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code, Refusal
from aanwezig.intake import published_bodies as bodies
from aanwezig.intake.describing import FILE
from aanwezig.intake.disclosing import Question
from aanwezig.intake.problems import PROBLEMS
from aanwezig.intake.published_answers import Resubmission
from aanwezig.intake.published_calls import CALLS, STATUS_OF, Call, Parameter, Words
from aanwezig.intake.settings import IntakeSettings

_REF: Final = "#/components/schemas/"
_KEY: Final = "key"
_LANGUAGE: Final = Parameter(
    "Accept-Language", {"type": "string", "examples": ["en"]},
    ("'nl' (gewoon) of 'en': de taal van de zinnen.", "'nl' (usual) or 'en': the language of the sentences."), "header",
)  # fmt: skip
_RETRY: Final = {
    "Retry-After": {
        "description": "Seconds after which the same request may be sent again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_CHALLENGE: Final = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
_TOLD_IN: Final = {"Content-Language": {"required": True, "schema": {"enum": ["nl", "en"]}}}
_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, Any]]] = {
    HTTPStatus.UNAUTHORIZED: _CHALLENGE,
    HTTPStatus.TOO_MANY_REQUESTS: _RETRY,
    HTTPStatus.SERVICE_UNAVAILABLE: _RETRY,
}
Json = dict[str, Any]


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
    language = (_LANGUAGE,) if call.needs_key else ()
    said: Json = {
        "operationId": call.name,
        "summary": call.about[1],
        "description": _both(call.about),
        "parameters": [_parameter(one) for one in (*call.parameters, *language)],
        "responses": {str(call.status.value): _good(call), **_bad(call)},
    }
    if call.body is not None:
        said["requestBody"] = {"required": True, "content": bodies.content(call.body)}
    if not call.needs_key:
        said["security"] = []
    return said


def _parameter(one: Parameter) -> Json:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.is_required,
        "description": _both(one.about),
        "schema": dict(one.schema),
    }


def _good(call: Call) -> Json:
    schema: Json = {"type": "object"} if call.answer is None else {"$ref": f"{_REF}{call.answer.__name__}"}
    content: Json = {"schema": schema}
    if call.name in bodies.ANSWERS:
        content["example"] = bodies.ANSWERS[call.name]
    headers = {"headers": _TOLD_IN} if call.needs_key else {}
    return {"description": call.status.phrase, **headers, "content": {"application/json": content}}


def _bad(call: Call) -> Json:
    """The problems of a call by status; of each status only the codes it may have there."""
    codes: defaultdict[HTTPStatus, list[str]] = defaultdict(list)
    for code in sorted(call.problems):
        codes[STATUS_OF[code]].append(code)
    return {
        str(status.value): {
            "description": "; ".join(f"`{code}`: {_words(code)[1]}" for code in codes[status]),
            "headers": {**_TOLD_IN, **_HEADERS.get(status, {})},
            "content": {
                "application/problem+json": {
                    "schema": {
                        "allOf": [{"$ref": f"{_REF}Problem"}],
                        "properties": {"status": {"const": status.value}, "code": {"enum": codes[status]}},
                    },
                    "example": _problem(codes[status][0]),
                }
            },
        }
        for status in sorted(codes)
    }


def _problem(code: str) -> Json:
    status = STATUS_OF[code]
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": _words(code)[0],
    }


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


def _both(words: Words) -> str:
    return f"{words[0]}\n\n{words[1]}"


def _components() -> Json:
    models: set[type[BaseModel]] = {call.answer for call in CALLS if call.answer is not None}
    models |= {Question, Resubmission}
    ordered = sorted(models, key=lambda one: one.__name__)
    _, ours = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=f"{_REF}{{model}}", title=""
    )
    found: Json = _untitled(dict(sorted(ours["$defs"].items())))
    for name in FACT_TYPES:
        schema = schemas()[f"submitted/{name}"]
        for inner, shape in _referring(schema.pop("$defs", {})).items():
            found[inner] = shape
        found[name] = {key: _referring(one) for key, one in schema.items() if key not in {"$schema", "$id"}}
    found["event"] = bodies.any_event(_REF)
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


def _untitled(value: Any) -> Any:
    """The same, without the titles pydantic makes of field names; a field that is called so is no text and stays."""
    if isinstance(value, dict):
        return {
            key: _untitled(one) for key, one in value.items() if key != "title" or not isinstance(one, str)
        }
    return [_untitled(one) for one in value] if isinstance(value, list) else value


def _referring(value: Any) -> Any:
    """The same, with references to where schemas stand in this document."""
    if isinstance(value, dict):
        return {
            key: one.replace("#/$defs/", _REF) if key == "$ref" and isinstance(one, str) else _referring(one)
            for key, one in value.items()
        }
    return [_referring(one) for one in value] if isinstance(value, list) else value


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found that the file differs."""
    parser = argparse.ArgumentParser(prog="python -m aanwezig.intake.published_api", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with 1 where the file differs"
    )
    parser.add_argument("--file", type=Path, default=FILE, help="the file (default: the one of this code)")
    chosen = parser.parse_args(arguments)
    text = published()
    if chosen.file.is_file() and chosen.file.read_bytes() == text:
        return 0
    if not chosen.check:
        chosen.file.write_bytes(text)
    sys.stdout.write(f"{chosen.file}\n")
    return 1 if chosen.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
