"""What is remembered between evaluations changes no answer, and saves the work it is there to save."""

import json
from collections import defaultdict
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.contracts.facts import MarkRecorded, about_of, natural_key
from aanwezig.contracts.submissions import examine
from aanwezig.law import packs
from aanwezig.law.attention import attentive
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.classify import classify
from aanwezig.law.difference import difference
from aanwezig.law.distance import distances
from aanwezig.law.packs import ByMunicipality
from aanwezig.law.remembered import Remembered
from aanwezig.law.standing import Standing
from support.law import NL_2024, about_calendar
from support.streams import streams

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
TWO_PACKS = ByMunicipality(
    packs.load("nl-2024"), {"0637": [(date(2024, 1, 1), packs.load("zoetermeer-2024"))]}, {}
)


def words_of(events):
    for event in events:
        said = examine(json.dumps(event).encode())
        yield said.word(None if said.pupil is None else said.pupil.text)


def as_lived(events, random):
    """The words about in the order of what they are about, as a year brings them; one in ten comes late."""

    def moment(word):
        about = about_of(natural_key(word)) or date(2020, 1, 1)
        late = timedelta(days=random.choice((1, 3, 40))) if random.random() < 0.1 else timedelta()
        return about + late, random.random() if late else word.time.timestamp()

    return sorted(words_of(events), key=moment)


def answers(standing, remembered, **how):
    """All that is asked of a pupil after a word."""
    standing.remembered = remembered
    found = classify(standing, **how)
    before = {} if remembered is None else remembered.hashes
    said = {identity: (1, hashed, True) for _, identity, hashed in before.values()}
    changes = difference(said, found, remembered)
    away = list(distances(standing, **how))
    return found, attentive(standing, found, **how), away, changes, said


@pytest.mark.slow
@settings(CALM, max_examples=40)
@given(stream=streams(), seed=st.integers(0, 2**16))
def test_an_evaluation_that_remembers_answers_as_one_that_does_not(stream, seed):
    random = Random(seed)
    book, told, memories = CalendarBook(), defaultdict(Standing), defaultdict(Remembered)
    today = date(2020, 1, 1)
    for word in as_lived(stream.events, random):
        if about_calendar(word):
            book.apply(word)
            continue
        pupil = word.fact.pupil
        told[pupil].apply(word)
        today = max(today, getattr(word.fact, "date", today))
        if not isinstance(word.fact, MarkRecorded) or random.random() < 0.6:
            continue
        how = {
            "calendars": book.calendars, "governance": NL_2024 if random.random() < 0.9 else TWO_PACKS,
            "as_of": today - timedelta(days=random.choice((0, 0, 0, 0, 0, 0, 1, 30))),
        }  # fmt: skip
        found, attention, away, changes, said = answers(told[pupil], memories[pupil], **how)
        fresh, *others, _, _ = answers(told[pupil], None, **how)
        assert found == fresh
        assert [attention, away] == others
        assert changes == difference(said, fresh)
