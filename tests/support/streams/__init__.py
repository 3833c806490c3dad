"""
Random but valid streams of facts, to hold the law against the oracle.

A stream is made of episodes (a truancy near sixteen hours, weeks at home, being late day after day, ...), each a
handful of small numbers, so that hypothesis can shrink it, unrolled into many marks around the boundaries of the
rules. Then some facts are corrected, taken back or sent twice, and all are shuffled.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from support.streams.again import said_again
from support.streams.episodes import episodes
from support.streams.notebook import PUPILS, SCHOOLS, Event, Notebook, Place, chance, sender_of
from support.streams.surroundings import (
    calendars,
    decisions,
    enrolments,
    person,
    sick_spells,
    words_of_others,
)

__all__ = ["Stream", "as_ndjson", "streams"]


@dataclass(frozen=True)
class Stream:
    """Events in the order received, and the date as of which they are looked at."""

    events: list[Event]
    as_of: date


def as_ndjson(events: list[Event]) -> str:
    """One CloudEvent per line, as `aanwezig classify` reads them."""
    return "".join(json.dumps(event) + "\n" for event in events)


def streams() -> st.SearchStrategy[Stream]:
    """Of one to three pupils at one or two schools, every type of fact of the contract."""
    return _streams()


@st.composite
def _streams(draw: st.DrawFn) -> Stream:
    book = Notebook(draw, draw(st.sampled_from((2024, 2022, 2023, 2025))))
    schools = draw(st.lists(st.sampled_from(SCHOOLS), min_size=1, max_size=2, unique=True))
    pupils = draw(st.lists(st.sampled_from(PUPILS), min_size=1, max_size=3, unique_by=str))
    system = draw(st.sampled_from(("", "", ":systeem:magister")))
    for school in schools:
        calendars(book, school)
    for pupil in pupils:
        unschooled = chance(draw, 6)
        person(book, pupil, sender_of(schools[0]), unschooled=unschooled)
        for school in draw(st.lists(st.sampled_from(schools), min_size=1, max_size=2, unique=True)):
            place = Place(pupil, school, sender_of(school) + system)
            if unschooled and chance(draw, 2):
                continue
            enrolments(book, place)
            ends = episodes(book, place)
            decisions(book, place, ends)
            sick_spells(book, place)
            words_of_others(book, place, ends)
    if book.events:
        said_again(book)
    events = list(book.events)
    if events:
        events += draw(st.lists(st.sampled_from(events), max_size=3))
    if chance(draw, 2):
        random.Random(draw(st.integers(0, 2**16))).shuffle(events)
    as_of = book.offset(draw(st.one_of(st.integers(150, 420), st.sampled_from((364, 365, 500)))))
    return Stream(events, as_of)
