"""Random streams keep the contract, and the oracle does not mind their order."""

import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.oracle import oracle
from support.streams import as_ndjson, streams


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams(), st.integers(0, 99))
def test_order_and_duplicates_make_no_difference(stream, seed):
    events = [*stream.events, *stream.events[:20]]
    random.Random(seed).shuffle(events)
    assert oracle(events, as_of=stream.as_of) == oracle(stream.events, as_of=stream.as_of)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams())
def test_streams_keep_the_words_of_the_contract(stream):
    assert [json.loads(line) for line in as_ndjson(stream.events).splitlines()] == stream.events
    said = {}
    for event in stream.events:
        assert said.setdefault((event["source"], event["id"]), event) == event
        data = event["data"]
        digits = [int(digit) for digit in data.get("pupil", {}).get("number", "")]
        remainder = (
            sum(weight * digit for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=False))
            % 11
        )
        assert remainder == (5 if digits[:2] == [1, 0] else 0)
        assert data.get("missed", 0) <= data.get("minutes", 480)
        assert data.get("until", "9999") >= data.get("from", "")
        if "0000000700" in event["source"] and "school" in data:
            assert data["school"][:4] == event["source"].split(":")[3][-4:]
