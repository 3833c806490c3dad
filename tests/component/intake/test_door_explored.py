"""The description of the door, tried on the real door: whatever its schemas can say, and what they cannot, is answered as told."""

import asyncio
from dataclasses import dataclass, field
from itertools import islice

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from aanwezig.chassis.publishing import Publisher
from aanwezig.intake.describing import FILE
from support.intake_door import NDJSON, Register, lines, serving
from support.submitted import MUNICIPALITY_SOURCE, a_mark_said

pytestmark = pytest.mark.engines
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
HASTE = {"rows_a_minute": 10**9, "requests_abreast": 64, "quarantine_limit": 500}
SERIALIZED = ("application/x-ndjson", "text/csv")


def _as_it_is(_context, value):
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value)


for media_type in SERIALIZED:
    schemathesis.serializer(media_type)(_as_it_is)


@pytest.fixture
async def municipality(register):
    """A municipality's system that may ask who a pupil is."""
    made = Register(register._publisher)
    await made.add(source=MUNICIPALITY_SOURCE, schools=(), rights=("identities",))
    yield made
    await made.remove()


@dataclass
class Explorer:
    """Calls the door as the description allows, and as it does not, and holds every answer to it."""

    door: str
    keys: dict[str, str]
    seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self):
        document = orjson.loads(FILE.read_bytes())
        self.schema = schemathesis.openapi.from_dict(document)
        self.session = requests.Session()
        self.session.trust_env = False

    def operations(self):
        return [one.ok() for one in self.schema.get_all_operations()]

    def call(self, case):
        who = self.keys["/v1/identities" if case.path == "/v1/identities" else ""]
        response = case.call(self.door, session=self.session, headers={"Authorization": f"Bearer {who}"}, timeout=30)
        self.seen[case.path, response.status_code] = self.seen.get((case.path, response.status_code), 0) + 1
        if response.status_code == 405:
            return
        case.validate_response(response, checks=CHECKS)

    def edges(self, operation, most):
        """The edges of every parameter and body, within the schemas and just beyond."""
        cases = self.schema.iter_coverage_cases(
            operation, generation_modes=list(GenerationMode),
            generation_config=self.schema.config.generation_for(operation=operation),
        )  # fmt: skip
        for case in islice(cases, most):
            self.call(case)

    def at_random(self, operation, mode, most, number):
        @seed(number)
        @settings(
            max_examples=most, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def calls(case):
            self.call(case)

        calls()


@pytest.fixture
async def explorer(engines, register, municipality):
    limits = {**HASTE, "chain_key": "17" * 32}
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **limits) as client:
        keys = {"": register.key, "/v1/identities": municipality.key}
        yield Explorer(str(client.base_url), keys)


async def test_probe(explorer):
    import time
    def go():
        for op in explorer.operations():
            t=time.time(); 
            try:
                explorer.edges(op, 10**6)
            except BaseException as e:
                print("FAIL", op.label, type(e), str(e)[:1500])
            t1=time.time()
            for mode in GenerationMode:
                if mode is GenerationMode.NEGATIVE and not (list(op.iter_parameters()) or op.body): continue
                try: explorer.at_random(op, mode, 10, 1)
                except BaseException as e:
                    print("FAIL", op.label, mode, type(e), str(e)[:1500])
            print(op.label, t1-t, time.time()-t1, sum(explorer.seen.values()))
        print(explorer.seen)
    await asyncio.to_thread(go)
