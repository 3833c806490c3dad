"""The description of the subscriptions door (OpenAPI 3.1), computed from its models and its table of calls.

`python -m aanwezig.notifier.published_api` writes `openapi.json` beside this code; with `--check` it writes nothing and ends
with 1 where the file differs. The door serves that file (`describing`).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from aanwezig.chassis.describing import (
    LANGUAGE,
    REF,
    TOLD_IN,
    Json,
    both,
    problem_answers,
    problem_example,
    problem_schema,
    untitled,
    write_or_check,
)
from aanwezig.chassis.problems import FIELD_ERRORS, field_sentence
from aanwezig.contracts.envelope import MAX_EVENT_BYTES, type_of
from aanwezig.contracts.messages import NoticeSaid
from aanwezig.contracts.published_schemas import DIALECT
from aanwezig.notifier.describing import FILE
from aanwezig.notifier.problems import MOST, MOST_DAYS, PROBLEMS, STATUS_OF, Problem, words_of
from aanwezig.notifier.published_calls import CALLS, HASH, Call
from aanwezig.notifier.published_samples import ANSWERS, BODIES

_KEY: Final = "key"
_CLOUD_EVENT: Final = "application/cloudevents+json"
_PLACE: Final = {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}}


def document() -> Json:
    """The description, as a JSON value."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for call in CALLS:
        paths[call.path][call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Aanwezig: notices",
            "version": "1",
            "summary": "The door of recipients: webhook subscriptions, what was told, and notices to claim.",
            "description": _about(),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "http://127.0.0.1:18083", "description": "A stack on your own machine."}],
        "security": [{_KEY: []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                _KEY: {"type": "http", "scheme": "bearer", "description": "The key of a recipient."}
            },
            "schemas": _components(),
        },
        "x-problems": {
            code: {"status": status.value, "nl": words_of(code)[0], "en": words_of(code)[1]}
            for code, status in STATUS_OF.items()
        },
    }


def published() -> bytes:
    """The description as it is committed and served."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _about() -> str:
    return (
        "For recipients of the register. There is one door in each domain (school, chain, health, justice); yours is that of "
        f"your role. At most {MOST} subscriptions; a request is at most {MAX_EVENT_BYTES:,} bytes; one question looks back over "
        f"at most {MOST_DAYS} days.\n\n"
        "A filter narrows what your role hears, by type, track and municipality. That something is taken back you always hear, "
        "if you were told it.\n\n"
        "Before anything goes to an address its receiver is asked for permission (CloudEvents HTTP 1.1 Web Hooks): `OPTIONS` "
        "with `WebHook-Request-Origin`, `WebHook-Request-Callback` and `WebHook-Request-Rate`. It agrees with 200 or 204 and "
        "`WebHook-Allowed-Origin`, or within a day by `GET` or `POST` on the callback address.\n\n"
        "A webhook is a CloudEvent signed by the Standard Webhooks scheme. What is about a child is not in it: `dataref` is "
        "where to claim it, with your key.\n\n"
        "What is no answer of a call is `application/problem+json` (RFC 9457) with a `code` and mostly a `hint`; `x-problems` "
        "has the sentence of each in Dutch and English."
    )


def _operation(call: Call) -> Json:
    said: Json = {
        "operationId": call.name,
        "summary": call.about[1],
        "description": both(call.about),
        "parameters": [
            one.described() for one in (*call.parameters, *((LANGUAGE,) if call.problems else ()))
        ],
        "responses": {
            str(call.status.value): _good(call),
            **problem_answers(call.problems, STATUS_OF, words_of, _problem),
        },
    }
    if call.body is not None:
        content = {"schema": {"$ref": f"{REF}{call.body.__name__}"}, "example": BODIES[call.body]}
        said["requestBody"] = {"required": True, "content": dict.fromkeys(call.media_types, content)}
    if not call.needs_key:
        said["security"] = []
    return said


def _good(call: Call) -> Json:
    if call.status.value == 204:
        return {"description": "Done."}
    media_type = "application/json"
    schema: Json = {"type": "object"}
    if call.name == "notice":
        media_type, schema = _CLOUD_EVENT, {"$ref": f"{REF}Notice"}
    elif call.answer is not None:
        schema = {"$ref": f"{REF}{call.answer.__name__}"}
    content: Json = {"schema": schema}
    if call.name in ANSWERS:
        content["example"] = ANSWERS[call.name]
    headers = {**(TOLD_IN if call.needs_key else {}), **(_PLACE if call.status.value == 201 else {})}
    described: Json = {"description": call.status.phrase, "content": {media_type: content}}
    return described | ({"headers": headers} if headers else {})


def _problem(code: str) -> Json:
    said = problem_example(code, STATUS_OF[code], words_of(code)[0])
    if code == "not-the-contract":
        sentence = field_sentence("filter", "required", "nl")
        said["errors"] = [{"field": "filter", "code": "required", "message": sentence}]
    return said | ({"hint": Problem(code, "...").hint("nl")} if code in PROBLEMS else {})


def _components() -> Json:
    sent: set[type[BaseModel]] = {call.answer for call in CALLS if call.answer is not None}
    taken: set[type[BaseModel]] = {call.body for call in CALLS if call.body is not None}
    found: Json = {}
    for models, mode in ((sent | {NoticeSaid}, "serialization"), (taken, "validation")):
        ordered = sorted(models, key=lambda one: one.__name__)
        _, ours = models_json_schema(
            [(model, mode) for model in ordered],  # type: ignore[misc]
            ref_template=f"{REF}{{model}}",
            title="",
        )
        found.update(untitled(ours["$defs"]))
    found["Notice"] = _notice()
    more: dict[str, Json] = {
        "hint": {"type": "string", "description": "What to do."},
        "field": {"type": "string", "description": "The field at fault, with dots and places."},
        "known": {"type": "array", "items": {"type": "string"}, "description": "What may stand there."},
        "nearest": {"type": "string", "description": "What was probably meant."},
        "subscription": {"type": "string", "pattern": HASH, "description": "The one it is about."},
    }
    found["Problem"] = problem_schema(STATUS_OF, FIELD_ERRORS, more)
    return dict(sorted(found.items()))


def _notice() -> Json:
    """The event that says a notice, as it is claimed."""
    return {
        "type": "object",
        "description": "The `notice-sent` of a notice, with all that your role may know of it.",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"const": type_of("notice-sent")},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"{REF}NoticeSaid"},
        },
        "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "data"],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found that the file differs."""
    return write_or_check(published, FILE, "aanwezig.notifier.published_api", __doc__, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
