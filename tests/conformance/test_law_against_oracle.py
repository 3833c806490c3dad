"""The law against an oracle that was written from the text of `rules.md` alone, over random streams of facts."""

import json
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.cli.offline import Facts
from aanwezig.contracts import findings
from aanwezig.law import packs
from support.oracle import oracle
from support.streams import streams

KINDS = set(findings.KINDS)
DEFINITIONS = ("zoetermeer-2024", "deventer-2022", "ocw-2016")
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def found(events, as_of, definition="zoetermeer-2024"):
    """What the command line finds, in the form the oracle answers in."""
    facts = Facts()
    for event in events:
        assert facts.take(json.dumps(event).encode()) == [], event
    said = facts.findings(packs.load("nl-2024"), as_of, definition)
    named = {row["finding"]: identity_of(row) for row in said}
    for row in said:
        if "about" in row:
            row["about"] = named[row["about"]]
        del row["finding"]
        del row["rule"]["article"], row["rule"]["version"]
    return json.loads(json.dumps(said))


def identity_of(row):
    names = ("pupil", "school", "kind", "definition", "school_year", "ordinal")
    return tuple(row.get(name) for name in names)


def expected(events, as_of, definition="zoetermeer-2024"):
    return json.loads(json.dumps(oracle(events, as_of=as_of, kinds=KINDS, definition=definition)))


@pytest.mark.slow
@settings(CALM, max_examples=300)
@given(stream=streams(), definition=st.sampled_from(DEFINITIONS))
def test_the_law_finds_what_the_text_says(stream, definition):
    assert found(stream.events, stream.as_of, definition) == expected(stream.events, stream.as_of, definition)


@settings(CALM, max_examples=40)
@given(stream=streams(), seed=st.integers(0, 2**16))
def test_neither_order_nor_repetition_makes_a_difference(stream, seed):
    told = [*stream.events, *Random(seed).sample(stream.events, len(stream.events) // 3)]
    Random(seed).shuffle(told)
    assert found(told, stream.as_of) == found(stream.events, stream.as_of)
