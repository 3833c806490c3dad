"""The description of the subscriptions door is what the code says, and whatever it allows, and does not, is answered as told."""

import ast
import asyncio
import re
from collections import Counter

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi
from starlette.routing import Route

from aanwezig.chassis import problems as general
from aanwezig.notifier.channels.doors import Delivered
from aanwezig.notifier.describing import FILE
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.handshake import Agreed
from aanwezig.notifier.problems import PROBLEMS, STATUS_OF
from aanwezig.notifier.published_api import main, published
from aanwezig.notifier.published_calls import CALLS
from support.subscribers_door import ESCALATED, SubscribersDoor

MODULES = ("filters", "subscriptions", "handshake", "subscribing", "validating", "recalling")
SOURCES = [FILE.with_name(f"{name}.py") for name in MODULES]
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
ADDRESS = "https://93.184.216.34/hook"


def raised():
    """The code of each problem that is raised here, read from the code."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                yield from (one.value for one in node.args[:1] if isinstance(one, ast.Constant))


def contents(call):
    """Every body of a call, of the request and of its answers."""
    bodies = [call.get("requestBody", {}), *call["responses"].values()]
    return [one for body in bodies for one in body.get("content", {}).values()]


def test_the_committed_description_is_what_the_code_says(tmp_path):
    assert published() == FILE.read_bytes(), "run python -m aanwezig.notifier.published_api"
    other = tmp_path / "openapi.json"
    assert main(["--check", "--file", str(other)]) == 1
    assert main(["--file", str(other)]) == 0
    assert main(["--check", "--file", str(other)]) == 0


def test_it_is_openapi():
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described_and_every_description_is_a_route():
    served = {
        (method, one.path)
        for one in SubscribersDoor().routes
        if isinstance(one, Route)
        for method in one.methods - {"HEAD"}
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == served


def test_every_problem_is_told_with_its_status_a_sentence_and_a_hint_in_both_languages():
    told = DOCUMENT["x-problems"]
    assert set(told) == {*PROBLEMS, *general.GENERAL} == set(STATUS_OF)
    assert all(one["nl"] and one["en"] and one["nl"] != one["en"] for one in told.values())
    assert all(hint[0] != hint[1] and min(map(len, hint)) > 15 for _, _, hint in PROBLEMS.values())
    addresses = {code for code in PROBLEMS if code.startswith("address-")}
    assert {*raised(), *addresses} == set(PROBLEMS)
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
        assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"})


class Explorer:
    """Calls a door that knows one subscription, as its description allows and as it does not; holds every answer to it."""

    def __init__(self):
        self.door = SubscribersDoor(allow_private=False, tries=1_000_000)
        self.schema = schemathesis.openapi.from_asgi("/v1/openapi.json", self.door.app)
        self.seen = Counter()
        self.notice = self.door.memory.add("director", 1)
        asyncio.run(self._known())

    async def _known(self):
        await self.door.subscriptions.start()
        made, _, self.token = await self.door.subscriptions.make(
            "director", ADDRESS, Filter((ESCALATED,)), None, None
        )
        await self.door.subscriptions.confirm(made.id, self.token, None)
        self.document = dict(self.door.collection.documents[made.id])
        self.known = made.id

    def call(self, case):
        path = case.path_parameters or {}
        # What one call ends or fills up is there for the next.
        self.door.collection.documents = {self.known: dict(self.document)}
        if self.seen.total() % 4:
            known = {"subscription": self.known, "token": self.token, "notice": self.notice}
            for name, one in known.items():
                if re.fullmatch("[0-9A-Za-z_-]+", str(path.get(name, ""))):
                    path[name] = one
        if isinstance(case.body, dict) and self.seen.total() % 2:
            if isinstance(case.body.get("address"), str):
                case.body["address"] = f"{ADDRESS}/{self.seen.total()}"
            if isinstance(case.body.get("filter"), dict):
                case.body["filter"] = {"types": [ESCALATED]}
            if case.body.get("since") is None and isinstance(case.body.get("notice"), str):
                case.body["notice"] = self.notice
        answer = case.call(headers={"Authorization": "Bearer key-of-director"})
        self.seen[answer.status_code] += 1
        if answer.status_code == 405:
            assert case.method.lower() not in DOCUMENT["paths"][case.path]
        elif answer.status_code == 404 and answer.json()["code"] == "no-address":
            assert any("/" in str(one) or not one for one in path.values())
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


class Agrees:
    """In place of receivers: no socket is opened while the door is explored."""

    async def ask(self, *_what):
        return Agreed(60)

    async def post(self, *_what):
        return Delivered()


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_whatever_the_description_allows_and_does_not_is_answered_as_told():
    explorer = Explorer()
    explorer.door.handshake.ask = Agrees().ask
    explorer.door.webhook.post = Agrees().post
    for operation in [one.ok() for one in explorer.schema.get_all_operations()]:
        explorer.edges(operation, 25)
        if operation.body:
            explorer.at_random(operation, GenerationMode.POSITIVE, 10)
    # Each came to its end, and each kind of end was met.
    assert {200, 201, 202, 204, 400, 404, 405, 415, 422} <= set(explorer.seen)
