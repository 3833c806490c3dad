"""The description of the officers' door is what the code says, and whatever it allows, and does not, is answered as told."""

import ast
import asyncio
import re
from collections import Counter
from http import HTTPStatus

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi
from starlette.routing import Route

from aanwezig.case_router.app import build
from aanwezig.case_router.describing import FILE
from aanwezig.case_router.problems import PROBLEMS
from aanwezig.case_router.published_api import main, published
from aanwezig.case_router.published_calls import CALLS, STATUS_OF
from aanwezig.case_router.refusing import REASONS
from aanwezig.case_router.settings import CaseRouterSettings
from support.officers_door import CASE, OfficersDoor, bearer

SOURCES = sorted(FILE.parent.glob("*.py"))
DOCUMENT = orjson.loads(FILE.read_bytes())
OPERATIONS = [
    pytest.param(call, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, call in methods.items()
]
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


def raised():
    """Where each problem is raised and with which status, read from the code."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, code = node.args[:2]
                if isinstance(code, ast.Constant):
                    yield HTTPStatus[status.attr].value, code.value


def contents(call):
    """Every body of a call, of the request and of its answers."""
    bodies = [call.get("requestBody", {}), *call["responses"].values()]
    return [one for body in bodies for one in body.get("content", {}).values()]


def test_the_committed_description_is_what_the_code_says(tmp_path):
    assert published() == FILE.read_bytes(), "run python -m aanwezig.case_router.published_api"
    other = tmp_path / "openapi.json"
    assert main(["--check", "--file", str(other)]) == 1
    assert main(["--file", str(other)]) == 0
    assert main(["--check", "--file", str(other)]) == 0


def test_it_is_openapi():
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("domain", ["chain", "health"])
def test_every_route_is_described_and_every_description_is_a_route(domain):
    chosen = CaseRouterSettings(
        kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", port=1, justice_key="00" * 32, domain=domain
    )
    served = {
        (method, one.path)
        for one in build(chosen).routes
        if isinstance(one, Route)
        for method in one.methods - {"HEAD"}
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == served


def test_every_problem_is_told_with_its_status_and_both_sentences():
    told = DOCUMENT["x-problems"]
    assert set(told) == {*PROBLEMS, *REASONS} == set(STATUS_OF)
    assert all(one["nl"] and one["en"] and one["nl"] != one["en"] for one in told.values())
    for status, code in raised():
        assert status == told[code]["status"], code
    assert set(told) == {code for call in CALLS for code in call.problems}


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
        assert ("Retry-After" in answer.get("headers", {})) == (status == "503")


class Explorer:
    """Calls a door that knows one case, as its description allows and as it does not; holds every answer to it."""

    def __init__(self):
        door = OfficersDoor()
        asyncio.run(door.hears())
        self.schema = schemathesis.openapi.from_asgi("/v1/openapi.json", door.app)
        self.seen = Counter()

    def call(self, case):
        wanted = (case.path_parameters or {}).get("case", "")
        if re.fullmatch("[0-9a-f]{32}", str(wanted)) and self.seen.total() % 2:
            case.path_parameters["case"] = CASE
        if isinstance(case.body, dict) and self.seen.total() % 2:
            inner = case.body.get("data", case.body)
            if isinstance(inner, dict) and re.fullmatch("[0-9a-f]{32}", str(inner.get("case"))):
                inner["case"] = CASE
        answer = case.call(headers={"Authorization": bearer("anna")["authorization"]})
        self.seen[answer.status_code] += 1
        if answer.status_code == 405:
            assert case.method.lower() not in DOCUMENT["paths"][case.path]
        else:
            case.validate_response(answer, checks=CHECKS)

    def edges(self, operation, most):
        """The edges of every parameter and body, within the schemas and just beyond them."""
        cases = list(
            self.schema.iter_coverage_cases(
                operation, generation_modes=list(GenerationMode),
                generation_config=self.schema.config.generation_for(operation=operation),
            )
        )  # fmt: skip
        for case in cases[:: -(-len(cases) // most)]:
            self.call(case)

    def at_random(self, operation, mode, most):
        @seed(7)
        @settings(
            max_examples=most, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def calls(case):
            self.call(case)

        calls()


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_whatever_the_description_allows_and_does_not_is_answered_as_told():
    explorer = Explorer()
    for operation in [one.ok() for one in explorer.schema.get_all_operations()]:
        explorer.edges(operation, 40)
        if operation.body:
            explorer.at_random(operation, GenerationMode.POSITIVE, 10)
    # Each came to its end, and each kind of end was met.
    assert {200, 400, 404, 405, 415} <= set(explorer.seen)
    assert explorer.seen[403] + explorer.seen[409] + explorer.seen[422] > 0
