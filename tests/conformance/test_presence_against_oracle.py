"""Presence against an oracle that was written from the text of `rules.md` 5 alone, over random streams of facts."""

import json
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.cli.offline import Facts
from aanwezig.law import packs
from support.oracle.presence import presence
from support.streams import streams

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LONG_AGO = date(2022, 1, 1)


def measured(events, first, last, as_of):
    facts = Facts()
    for event in events:
        assert facts.take(json.dumps(event).encode()) == [], event
    return {
        (repr(_who(ref)), place.school, place.municipality, place.month): (
            amounts.attended, amounts.recorded, amounts.marks, amounts.days, amounts.scheduled
        )
        for ref, cells in facts.presence(packs.load("nl-2024"), first, last, as_of)
        for place, amounts in cells.items()
    }  # fmt: skip


def _who(ref):
    return ("number", ref.number) if ref.number is not None else ("local", ref.local, ref.oin)


@settings(CALM, max_examples=60)
@given(stream=streams(), last=st.dates(date(2023, 1, 1), date(2026, 12, 31)))
def test_presence_is_what_the_text_says(stream, last):
    for end in (stream.as_of, last):
        expected = presence(stream.events, first=LONG_AGO, last=end, as_of=stream.as_of)
        assert measured(stream.events, LONG_AGO, end, stream.as_of) == expected
