"""The description of intake's door is what the code says: every route, every problem, every example."""

import ast
import re
from http import HTTPStatus

import orjson
import pytest
import schemathesis
from jsonschema import Draft202012Validator
from starlette.routing import Route

from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE
from aanwezig.intake.app import build
from aanwezig.intake.bodies import MEDIA_TYPES
from aanwezig.intake.describing import FILE
from aanwezig.intake.problems import PROBLEMS
from aanwezig.intake.published_api import main, published
from aanwezig.intake.published_calls import CALLS, OF_NO_CALL
from aanwezig.intake.settings import IntakeSettings

SOURCES = sorted((ROOT / "services" / "intake").rglob("src/**/*.py"))
OF_KAFKA = {"kafka_door.py", "records.py"}
DOCUMENT = orjson.loads(FILE.read_bytes())
OPERATIONS = [
    pytest.param(call, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, call in methods.items()
]


def raised():
    """Where each problem is raised and with which status, read from the code."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, code = node.args[:2]
                yield file.name, HTTPStatus[status.attr].value, code.value


def contents(call):
    """Every body of a call, of the request and of its answers."""
    bodies = [call.get("requestBody", {}), *call["responses"].values()]
    return [one for body in bodies for one in body.get("content", {}).values()]


def test_the_committed_description_is_what_the_code_says(tmp_path):
    assert published() == FILE.read_bytes(), "run python -m aanwezig.intake.published_api"
    other = tmp_path / "openapi.json"
    assert main(["--check", "--file", str(other)]) == 1
    assert main(["--file", str(other)]) == 0
    assert main(["--check", "--file", str(other)]) == 0


def test_it_is_openapi():
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described_and_every_description_is_a_route():
    settings = IntakeSettings(
        kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", port=1, pseudonym_key="00" * 32, number_key="00" * 32
    )  # fmt: skip
    served = {
        (method, re.sub(r":\w+\}", "}", one.path))
        for one in build(settings).routes
        if isinstance(one, Route)
        for method in one.methods - {"HEAD"}
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == served


def test_every_problem_is_told_with_its_status_and_both_sentences():
    told = DOCUMENT["x-problems"]
    assert set(told) == {*PROBLEMS, *OF_A_WHOLE_FILE}
    assert all(one["nl"] and one["en"] and one["nl"] != one["en"] for one in told.values())
    for file, status, code in raised():
        if told[code]["status"] is None:
            assert file in OF_KAFKA, code
        elif file not in OF_KAFKA:
            assert status == told[code]["status"], code
    assert {code for code, one in told.items() if one["status"] is None} == set(told) - {
        code for call in CALLS for code in call.problems
    } - OF_NO_CALL


def test_every_problem_stands_at_a_call_under_its_status():
    for call in CALLS:
        responses = DOCUMENT["paths"][call.path][call.method.lower()]["responses"]
        for code in call.problems:
            status = str(DOCUMENT["x-problems"][code]["status"])
            schema = responses[status]["content"]["application/problem+json"]["schema"]
            assert code in schema["properties"]["code"]["enum"], f"{call.name}: {code}"


@pytest.mark.parametrize("call", OPERATIONS)
def test_every_example_fits(call):
    found = [one for one in contents(call) if "example" in one]
    for one in found:
        schema = {**one["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            one["example"]
        )
    assert len(found) == len(contents(call)) or call["operationId"] == "description"


@pytest.mark.parametrize("call", OPERATIONS)
def test_every_call_speaks_both_languages_and_asks_for_a_key_or_says_that_it_does_not(call):
    dutch, english = call["description"].split("\n\n")
    assert dutch != english == call["summary"]
    assert ("401" in call["responses"]) == ("security" not in call)
    for status, answer in call["responses"].items():
        assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"})


def test_the_formats_are_those_that_are_read():
    body = DOCUMENT["paths"]["/v1/facts"]["post"]["requestBody"]
    assert set(body["content"]) == set(MEDIA_TYPES)


def test_only_the_number_of_nobody_stands_in_it():
    text = FILE.read_text("utf-8")
    assert set(re.findall(r"(?<![0-9a-f])[0-9]{9}(?![0-9a-f])", text)) - {"255901001", "999999999"} == {
        "123456782"
    }
