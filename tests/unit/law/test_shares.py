"""A share says on every date when a pupil is enrolled, as `rules.md` 1 does, and marks move it no more than they must."""

import json
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.contracts.facts import MarkRecorded
from aanwezig.contracts.submissions import examine
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.seen import Seen
from aanwezig.law.shares import Share, shares_of
from aanwezig.law.standing import Standing
from support.facts import SCHOOL, a_mark, a_presence, an_enrolment, day, retracted
from support.law import about_calendar, book_of
from support.streams import streams

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def told(events):
    """The words of each pupil, each event once, and the calendars."""
    book, words, seen = CalendarBook(), defaultdict(list), set()
    for event in events:
        said = examine(json.dumps(event).encode())
        if (said.source, said.id) in seen:
            continue
        seen.add((said.source, said.id))
        word = said.word(None if said.pupil is None else said.pupil.text)
        if about_calendar(word):
            book.apply(word)
        else:
            words[said.pupil.text].append(word)
    return words, book.calendars


def enrolled(spans, closed):
    """The dates of spans, up to a date."""
    return {
        first + timedelta(days=number)
        for first, last in spans
        for number in range((min(last or closed, closed) - first).days + 1)
    }


@settings(CALM, max_examples=60)
@given(stream=streams(), before=st.integers(0, 800))
def test_on_every_closed_date_it_says_what_is_seen(stream, before):
    closed = stream.as_of - timedelta(days=before)
    words, calendars = told(stream.events)
    for said in words.values():
        standing = Standing.of(said)
        shares, seen = shares_of(standing, calendars), Seen(standing, closed)
        assert seen.schools_named() <= set(shares)
        for school, share in shares.items():
            expected = enrolled(seen.enrolments(school, calendars.of(school)), closed)
            assert enrolled(share.spans(closed), closed) == expected


@settings(CALM, max_examples=30)
@given(stream=streams())
def test_a_mark_that_is_not_asked_about_moves_nothing(stream):
    words, calendars = told(stream.events)
    for said in words.values():
        standing, shares = Standing(), {}
        for word in said:
            standing.apply(word)
            fact = word.fact
            before = shares.get(getattr(fact, "school", None))
            quiet = isinstance(fact, MarkRecorded) and before is not None
            if quiet and fact.state != "not-recorded":
                quiet = not (
                    before.moves_with(fact.date) and calendars.of(fact.school).is_lesson_day(fact.date)
                )
            elif quiet:
                quiet = not before.rests_on(fact.date)
            after = shares_of(standing, calendars)
            if quiet:
                assert after == shares
            shares = after


@pytest.mark.parametrize(
    ("words", "closed", "spans"),
    [
        # Marks imply an enrolment from the first to the end of the last one's school year.
        ([a_presence("2024-09-04"), a_presence("2024-09-02")], "2024-09-05", [("2024-09-02", "2025-07-31")]),
        ([a_presence("2024-09-04"), a_presence("2025-09-01")], "2025-09-01", [("2024-09-04", "2026-07-31")]),
        ([a_presence("2024-09-04"), a_presence("2025-09-01")], "2025-08-31", [("2024-09-04", "2025-07-31")]),
        ([a_presence("2024-09-04")], "2024-09-03", []),
        # A Saturday is no lesson day.
        ([a_presence("2024-09-07")], "2024-09-10", []),
        # An enrolment told is all there is, from the day on which it is seen.
        ([a_presence("2024-09-02"), an_enrolment("2024-09-10")], "2024-09-09", [("2024-09-02", "2025-07-31")]),
        ([a_presence("2024-09-02"), an_enrolment("2024-09-10")], "2024-09-10", [("2024-09-10", None)]),
        ([a_mark("2024-09-02", "not-recorded")], "2024-09-10", []),
        ([a_presence("2024-09-02"), retracted(a_presence("2024-09-02"))], "2024-09-10", []),
    ],
)  # fmt: skip
def test_enrolments_by_word_and_by_mark(words, closed, spans):
    share = shares_of(Standing.of(words), book_of(()).calendars)[SCHOOL]
    assert [(str(first), last and str(last)) for first, last in share.spans(day(closed))] == spans


def test_more_of_it_is_seen_on_the_next_date():
    share = Share(((date(2024, 9, 10), None),), (date(2024, 9, 2),))
    days = [date(2024, 9, 1), date(2024, 9, 2), date(2024, 9, 10)]
    assert [share.next_after(on) for on in days] == [days[1], days[2], None]


TOLD = ((date(2024, 9, 10), None),)
TWICE = ((date(2024, 9, 2), date(2024, 9, 3)), *TOLD)
MARKED = (date(2024, 9, 2),)


@pytest.mark.parametrize(
    ("share", "on", "moves"),
    [
        (Share(), "2024-09-02", True),
        (Share(TOLD), "2024-09-09", True),  # before all that was told
        (Share(TOLD), "2024-09-10", False),
        (Share(TWICE), "2024-09-05", False),  # between two that were told
        (Share((), MARKED), "2024-09-01", True),
        (Share((), MARKED), "2024-09-02", False),
        (Share((), MARKED), "2025-07-31", False),
        (Share((), MARKED), "2025-08-01", True),  # the first of another school year
        (Share(TOLD, MARKED), "2024-09-09", False),
    ],
)
def test_which_marks_move_it(share, on, moves):
    assert share.moves_with(day(on)) is moves


def test_it_rests_on_the_first_marked_days():
    assert [Share((), MARKED).rests_on(on) for on in (MARKED[0], date(2024, 9, 3))] == [True, False]


@pytest.mark.parametrize(
    ("words", "share"),
    [
        (
            [an_enrolment("2024-09-10"), an_enrolment("2024-08-01", until="2024-08-31")],
            Share(((date(2024, 8, 1), date(2024, 8, 31)), *TOLD)),
        ),
        ([an_enrolment("2024-09-10"), a_presence("2024-09-10")], Share(TOLD)),
        ([a_presence("2024-09-02"), a_presence("2024-09-03"), a_presence("2024-09-10")], Share((), MARKED)),
    ],
)
def test_it_holds_what_was_told_and_the_first_marks_before(words, share):
    assert shares_of(Standing.of(words), book_of(()).calendars)[SCHOOL] == share
