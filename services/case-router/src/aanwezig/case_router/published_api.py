"""The description of the officers' door (OpenAPI 3.1), computed from the contract's models and the table of calls.

`python -m aanwezig.case_router.published_api` writes `openapi.json` beside this code; with `--check` it writes nothing and
ends with 1 where the file differs. The door serves that file (`describing`).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from aanwezig.case_router.describing import FILE
from aanwezig.case_router.doors import ID_FORM, SINGLE
from aanwezig.case_router.problems import PROBLEMS
from aanwezig.case_router.published_calls import CALLS, STATUS_OF, Call, Form
from aanwezig.case_router.published_samples import ANSWERS, BODIES
from aanwezig.case_router.refusing import REASONS
from aanwezig.case_router.roles import OFFICERS
from aanwezig.chassis.asking import JSON
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
from aanwezig.chassis.problems import FIELD_ERRORS, Words, field_sentence
from aanwezig.contracts.envelope import MAX_EVENT_BYTES, type_of
from aanwezig.contracts.messages import DecisionTaken, Message, OutcomeRecorded, StepRecorded
from aanwezig.contracts.published_schemas import DIALECT

_KEY: Final = "key"
_FORMS: Final[dict[Form, type[Message]]] = {
    "decision-taken": DecisionTaken, "step-recorded": StepRecorded, "outcome-recorded": OutcomeRecorded,
}  # fmt: skip
_OWNERS: Final = frozenset({"officer", "actor"})
"""Fields that may be left out here: they are the owner of the key."""


def document() -> Json:
    """The description, as a JSON value."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for call in CALLS:
        paths[call.path][call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Aanwezig: cases",
            "version": "1",
            "summary": "The door of officers: cases to read, decisions, steps and outcomes to record.",
            "description": _about(),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "http://127.0.0.1:18082", "description": "A stack on your own machine."}],
        "security": [{_KEY: []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                _KEY: {"type": "http", "scheme": "bearer", "description": "The key of an officer."}
            },
            "schemas": _components(),
        },
        "x-problems": {
            code: {"status": status.value, "nl": _words(code)[0], "en": _words(code)[1]}
            for code, status in STATUS_OF.items()
        },
    }


def published() -> bytes:
    """The description as it is committed and served."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _about() -> str:
    return (
        f"For officers: {', '.join(OFFICERS)}. An officer acts in cases of its own municipality. A request is at most "
        f"{MAX_EVENT_BYTES:,} bytes.\n\n"
        "A command has an id: that of its CloudEvent, or the `Idempotency-Key` of a plain JSON body. The same command again "
        "gets the same answer, also where it was refused; the same id for something else is refused. Whoever wants to try "
        "again otherwise (with a motive, on the newest revision) takes a new id.\n\n"
        "What is no answer of a call is `application/problem+json` (RFC 9457) with a `code`; `x-problems` has the sentence of "
        "each in Dutch and English. A refused command also has `reason` (the same word), `article` where a law or rule stands "
        "behind it, and `revision`: that of the case when it was refused."
    )


def _operation(call: Call) -> Json:
    language = (LANGUAGE,) if call.needs_key else ()
    said: Json = {
        "operationId": call.name,
        "summary": call.about[1],
        "description": both(call.about),
        "parameters": [one.described() for one in (*call.parameters, *language)],
        "responses": {"200": _good(call), **problem_answers(call.problems, STATUS_OF, _words, _problem)},
    }
    if call.body is not None:
        said["requestBody"] = {"required": True, "content": _content(call.body)}
    if not call.needs_key:
        said["security"] = []
    return said


def _content(form: Form) -> Json:
    schema = {"$ref": f"{REF}{_FORMS[form].__name__}"}
    event = {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "pattern": ID_FORM},
            "source": {"type": "string", "pattern": "^[!-~]{1,500}$"},
            "type": {"const": type_of(form)},
            "time": {"type": "string", "format": "date-time"},
            "data": schema,
        },
        "required": ["specversion", "id", "source", "type", "data"],
    }
    envelope = {
        "specversion": "1.0", "id": "besluit-1", "source": "urn:nld:oin:00000099000000000637:systeem:voorbeeld",
        "type": type_of(form), "time": "2024-10-07T09:00:00Z", "data": BODIES[form],
    }  # fmt: skip
    return {SINGLE: {"schema": event, "example": envelope}, JSON: {"schema": schema, "example": BODIES[form]}}


def _good(call: Call) -> Json:
    schema: Json = {"type": "object"} if call.answer is None else {"$ref": f"{REF}{call.answer.__name__}"}
    content: Json = {"schema": schema}
    if call.name in ANSWERS:
        content["example"] = ANSWERS[call.name]
    headers = {"headers": TOLD_IN} if call.needs_key else {}
    return {"description": "OK", **headers, "content": {"application/json": content}}


def _problem(code: str) -> Json:
    said = problem_example(code, STATUS_OF[code], _words(code)[0])
    if code == "not-the-contract":
        sentence = field_sentence("track", "wrong-value", "nl")
        said["errors"] = [{"field": "track", "code": "wrong-value", "message": sentence}]
    return said


def _words(code: str) -> Words:
    dutch, english = REASONS[code] if code in REASONS else PROBLEMS[code]
    return dutch.format(detail="..."), english.format(detail="...")


def _components() -> Json:
    sent: set[type[BaseModel]] = {call.answer for call in CALLS if call.answer is not None}
    found: Json = {}
    for models, mode in ((sent, "serialization"), (set(_FORMS.values()), "validation")):
        ordered = sorted(models, key=lambda one: one.__name__)
        _, ours = models_json_schema(
            [(model, mode) for model in ordered],  # type: ignore[misc]
            ref_template=f"{REF}{{model}}",
            title="",
        )
        found.update(untitled(ours["$defs"]))
    for form in _FORMS.values():
        schema = found[form.__name__]
        schema["required"] = [name for name in schema["required"] if name not in _OWNERS]
    found["Problem"] = _problem_schema()
    return dict(sorted(found.items()))


def _problem_schema() -> Json:
    more: dict[str, Json] = {
        "detail": {"type": "string", "description": "What is wrong and what to do, for an officer."},
        "outcome": {"const": "refused"},
        "command": {"type": "string"},
        "case": {"type": "string"},
        "reason": {"enum": list(REASONS)},
        "article": {"type": "string"},
        "revision": {"type": "integer", "minimum": 1},
    }
    return problem_schema(STATUS_OF, FIELD_ERRORS, more)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found that the file differs."""
    return write_or_check(published, FILE, "aanwezig.case_router.published_api", __doc__, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
