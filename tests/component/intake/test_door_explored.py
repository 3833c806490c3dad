"""The description of the door, tried on the real door: whatever its schemas can say, and what they cannot, is answered as told."""

import asyncio
import re
import time
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from aanwezig.intake.describing import FILE
from support.intake_door import Register, problem, serving
from support.submitted import MUNICIPALITY_SOURCE, a_mark_said

pytestmark = [
    pytest.mark.engines,
    # The door lives in this process too, and may ask for a random number while Hypothesis draws.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
DOCUMENT = orjson.loads(FILE.read_bytes())
PATIENCE = 20
"""Seconds."""
OF_A_MUNICIPALITY = "/v1/identities"
ROOM = {"rows_a_minute": 10**9, "quarantine_limit": 500, "chain_key": "17" * 32}
ROUTES = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.fixture(autouse=True, scope="module")
def _formats():
    """How values of the formats that are text are written: as they are."""

    def written(_context, value):
        return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value)

    schemathesis.serializer("application/x-ndjson", "text/csv")(written)


@dataclass
class Explorer:
    """Calls the door as its description allows, and as it does not, and holds every answer to it."""

    door: str
    keys: dict[bool, str]
    types: int = 11
    """Of so many types of events: the more, the longer it takes."""
    refused: list[str] = field(default_factory=list)
    """Numbers of rows in the quarantine: instead of some of the numbers that nobody has."""
    seen: Counter = field(default_factory=Counter)

    def __post_init__(self):
        document = deepcopy(DOCUMENT)
        del document["components"]["schemas"]["event"]["oneOf"][self.types :]
        self.schema = schemathesis.openapi.from_dict(document)
        self.session = requests.Session()
        self.session.trust_env = False

    def operations(self):
        return [one.ok() for one in self.schema.get_all_operations()]

    def headers(self, path):
        return {"Authorization": f"Bearer {self.keys[path == OF_A_MUNICIPALITY]}"}

    def call(self, case):
        number = (case.path_parameters or {}).get("id", "")
        if case.path.startswith("/v1/quarantine/") and re.fullmatch("[0-9a-f]{32}", str(number)):
            case.path_parameters["id"] = self.refused[self.seen.total() % len(self.refused)]
        # What is no gzip is refused before it is read: that is tried often enough.
        if (case.headers or {}).get("Content-Encoding") != "identity" and self.seen["packed"] > 20:
            case.headers.pop("Content-Encoding", None)
        self.seen["packed"] += "Content-Encoding" in case.headers
        answer = case.call(self.door, session=self.session, headers=self.headers(case.path), timeout=30)
        # On a machine too busy for Kafka's heartbeats the door says *not now* for a moment, as it should.
        until = time.monotonic() + PATIENCE
        while answer.status_code == 503 and answer.json()["code"] == "not-now" and time.monotonic() < until:
            time.sleep(0.2)
            answer = case.call(self.door, session=self.session, headers=self.headers(case.path), timeout=30)
        self.seen[case.path, answer.status_code] += 1
        if answer.status_code == 405:
            assert case.method.lower() not in DOCUMENT["paths"][case.path]
        else:
            case.validate_response(answer, checks=CHECKS)

    def edges(self, operation, most):
        """The edges of every parameter and body, within the schemas and just beyond them; evenly `most` of them."""
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

    def explore(self, most):
        """Each call at about so many edges, and at random a tenth as often in each mode."""
        for operation in self.operations():
            self.edges(operation, most)
            takes = list(operation.iter_parameters()) or operation.body
            for mode in GenerationMode if takes else [GenerationMode.POSITIVE]:
                self.at_random(operation, mode, most // 10)


@pytest.fixture
async def door(engines, register):
    municipality = Register(register._publisher)
    await municipality.add(source=MUNICIPALITY_SOURCE, schools=(), rights=("identities",))
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **ROOM) as client:
        client.keys = {False: register.key, True: municipality.key}
        yield client
    await municipality.remove()


async def an_explorer(door, types):
    """With some rows in the quarantine, of a file."""
    rows = [a_mark_said(id=f"refused-{number}", minutes=0) for number in range(20)]
    made = Explorer(str(door.base_url).rstrip("/"), door.keys, types)
    headers = {**made.headers(""), "content-type": "application/cloudevents-batch+json"}
    sent = await door.post("/v1/facts?file=week-36.csv", content=orjson.dumps(rows), headers=headers)
    assert sent.status_code == 202
    listed = await door.get("/v1/quarantine", headers=made.headers(""))
    made.refused = [row["id"] for row in listed.json()["rows"]]
    assert len(made.refused) == 20
    return made


@pytest.mark.parametrize(
    ("types", "most"),
    [(1, 100), pytest.param(11, 3_000, marks=[pytest.mark.long, pytest.mark.timeout(1_800)])],
)
async def test_every_answer_is_as_the_description_tells_and_none_is_a_fault(door, types, most):
    explorer = await an_explorer(door, types)
    await asyncio.to_thread(explorer.explore, most)
    called = {(path, status) for path, status in (one for one in explorer.seen if one != "packed")}
    assert {path for path, _ in called} == set(DOCUMENT["paths"])
    assert {("/v1/facts", 202), ("/v1/facts", 400), ("/v1/identities", 200)} <= called
    assert {("/v1/quarantine/{id}", status) for status in (200, 400, 404, 409)} <= called


async def test_the_examples_of_the_description_do_what_it_says(door):
    """The one event of the examples comes in by every format, once; that of the table is of the system itself."""
    outcomes = []
    for path, method in ROUTES:
        call = DOCUMENT["paths"][path][method]
        for media_type, body in call.get("requestBody", {"content": {}})["content"].items():
            content = body["example"]
            if not isinstance(content, str):
                content = orjson.dumps(content)
            headers = {
                "content-type": media_type,
                "authorization": f"Bearer {door.keys[path == OF_A_MUNICIPALITY]}",
            }
            answer = await door.request(
                method.upper(), path.format(id="0" * 32), content=content, headers=headers
            )
            assert str(answer.status_code) in call["responses"], path
            if path == "/v1/facts":
                outcomes += [one["outcome"] for one in answer.json()["receipts"]]
            elif "{id}" not in path:
                assert answer.status_code == 200, path
    assert outcomes == ["accepted", "duplicate", "duplicate", "accepted"]


async def test_the_description_is_served_to_everybody_and_everything_else_asks_for_a_key(door):
    for path, method in ROUTES:
        answer = await door.request(method.upper(), path.format(id="0" * 32))
        if path == "/v1/openapi.json":
            assert answer.status_code == 200
            assert answer.content == FILE.read_bytes()
        else:
            assert (answer.status_code, problem(answer)) == (401, "no-key"), path
