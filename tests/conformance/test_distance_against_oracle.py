"""Distance to the threshold against an oracle that was written from the text of `rules.md` 3 alone, over random streams."""

import json
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.contracts.submissions import examine
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.distance import distances
from aanwezig.law.standing import Standing
from support.law import NL_2024, about_calendar
from support.oracle.distance import distance
from support.streams import streams

pytestmark = pytest.mark.slow
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def measured(events, as_of):
    """What the law measures, in the form the oracle answers in."""
    book, told, refs, seen = CalendarBook(), defaultdict(Standing), {}, set()
    for event in events:
        said = examine(json.dumps(event).encode())
        if (said.source, said.id) in seen:
            continue
        seen.add((said.source, said.id))
        word = said.word(None if said.pupil is None else said.pupil.text)
        if about_calendar(word):
            book.apply(word)
        else:
            told[said.pupil.text].apply(word)
            refs[said.pupil.text] = said.pupil
    found = {}
    for text, standing in told.items():
        for one in distances(standing, calendars=book.calendars, governance=NL_2024, as_of=as_of):
            ref = refs[text]
            who = ("number", ref.number) if ref.number is not None else ("local", ref.local, ref.oin)
            found[who, one.school] = (one.value, one.left, list(one.leaves))
    return found


@settings(CALM, max_examples=100)
@given(stream=streams(), data=st.data())
def test_the_distance_is_what_the_text_says(stream, data):
    # As of any date, and of those on both sides of the edge of a window on a mark.
    marked = sorted(
        {date.fromisoformat(one["data"]["date"]) for one in stream.events if "slot" in one["data"]}
    )
    near = [on + timedelta(days=days) for on in marked[::7] for days in (0, 27, 28, 35)]
    as_of = data.draw(st.sampled_from([stream.as_of, stream.as_of - timedelta(days=60), *near]))
    expected = distance(stream.events, as_of=as_of)
    said = measured(stream.events, as_of)
    assert {key: said[key] for key in expected} == expected
    assert not any(value for key, (value, _, _) in said.items() if key not in expected)
