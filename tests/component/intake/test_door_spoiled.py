"""Spoiled bodies at the real door: an answer of the description every time, a receipt for each row, no fact lost or doubled."""

import asyncio
import gzip
from collections import Counter

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from aanwezig.contracts.topics import FACTS
from aanwezig.intake.bodies import MEDIA_TYPES, Label, rows_of, unpacked_body
from aanwezig.intake.describing import FILE
from aanwezig.intake.settings import IntakeSettings
from support.intake_door import serving
from support.spoiling import any_body, marks

pytestmark = [
    pytest.mark.engines,
    # The door lives in this process too, and may ask for a random number while Hypothesis draws.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]
RESPONSES = orjson.loads(FILE.read_bytes())["paths"]["/v1/facts"]["post"]["responses"]
BYTES = IntakeSettings.model_fields["max_bytes"].default
OUTCOMES = {"accepted", "duplicate", "refused"}
SECONDS = 20
"""In which any of these bodies is answered on a busy machine."""


class Sender:
    """Sends bodies and remembers what was accepted."""

    def __init__(self, address, key):
        self.client = httpx.Client(
            base_url=address, headers={"authorization": f"Bearer {key}"}, trust_env=False
        )
        self.source = self.client.get("/v1/system").json()["source"]
        self.statuses = Counter()
        self.accepted = Counter()

    def sends(self, body, media_type, *, packed):
        headers = {"content-type": media_type}
        if packed:
            headers["content-encoding"] = "gzip"
        answer = self.client.post(
            "/v1/facts", content=gzip.compress(body) if packed else body, headers=headers, timeout=SECONDS
        )
        self.statuses[answer.status_code] += 1
        told = answer.json()
        if answer.status_code != 202:
            schema = RESPONSES[str(answer.status_code)]["content"]["application/problem+json"]["schema"]
            assert told["code"] in schema["properties"]["code"]["enum"]
            assert answer.status_code < 500
            return
        label = Label(media_type)
        plain = body if packed else unpacked_body(body, label, BYTES)
        rows = rows_of(plain, label, 5_000, source=self.source)
        receipts = told["receipts"]
        assert [one["id"] for one in receipts] == [one.row.id for one in rows]
        for one, receipt in zip(rows, receipts, strict=True):
            assert receipt["outcome"] in OUTCOMES
            assert bool(receipt["errors"]) == (receipt["outcome"] == "refused")
            if receipt["outcome"] == "accepted":
                self.accepted[one.row.said["source"], one.row.id] += 1


def fuzz(sender, most, number):
    @seed(number)
    @settings(
        max_examples=most, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def sends(data):
        media_type = data.draw(st.sampled_from(MEDIA_TYPES))
        rows = marks(5, f"row-{data.draw(st.integers(0, 9))}")
        body = data.draw(any_body(media_type, rows))
        sender.sends(body, media_type, packed=data.draw(st.booleans()))

    sends()


@pytest.mark.parametrize(
    "most", [250, pytest.param(3_000, marks=[pytest.mark.long, pytest.mark.timeout(1_800)])]
)
async def test_every_spoiled_body_has_an_answer_and_what_is_accepted_is_said_once(
    engines, register, topics, most
):
    room = {"rows_a_minute": 10**9, "quarantine_limit": 500}
    async with serving(kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, **room) as client:
        sender = await asyncio.to_thread(Sender, str(client.base_url), register.key)
        await asyncio.to_thread(fuzz, sender, most, 7)
        sender.client.close()
    assert {202, 400} <= set(sender.statuses)
    events = [orjson.loads(record.value) for record in await topics.of(FACTS.name)]
    assert Counter((event["source"], event["id"]) for event in events) == sender.accepted
    assert set(sender.accepted.values()) == {1}
