"""A school with pupils that said nothing at all, and a feed that adds up."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.law.kinds import silent_feed
from aanwezig.law.kinds.silent_feed import Feed, share_of
from aanwezig.law.packs import ByMunicipality, OnePack
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_calendar,
    a_mark,
    a_presence,
    an_absence,
    an_enrolment,
    day,
    weekdays_between,
)
from support.law import NL_2024, about_calendar, book_of

CALENDAR = a_calendar()
TWO_WEEKS = list(weekdays_between("2024-09-02", "2024-09-13"))


def feed_of(words, *, as_of, calendars):
    """What these pupils tell of the school."""
    by_pupil: dict = {}
    for one in words:
        by_pupil.setdefault(one.fact.pupil, []).append(one)
    feed = Feed()
    for said in by_pupil.values():
        feed.add(*share_of(Seen(Standing.of(said), day(as_of)), SCHOOL, calendars.of(SCHOOL)))
    return feed


def silent(*words, closed="2024-09-13", governance=NL_2024):
    flat = [said for item in words for said in (item if isinstance(item, list) else [item])]
    calendars = book_of(flat).calendars
    told = [said for said in flat if not about_calendar(said)]
    feed = feed_of(told, as_of=closed, calendars=calendars)
    return silent_feed.found(SCHOOL, feed, calendars=calendars, governance=governance, closed=day(closed))


def runs(*words, **how):
    return [(str(one.at), int(one.measured.value)) for one in silent(*words, **how)]


def spoken(*dates, **how):
    return [a_presence(on, **how) for on in dates]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([an_enrolment("2024-09-02")], [("2024-09-02", 10)]),
        ([an_enrolment("2024-09-02"), spoken(*TWO_WEEKS)], []),
        ([an_enrolment("2024-09-02"), spoken(*TWO_WEEKS[:4]), spoken(*TWO_WEEKS[6:])], [("2024-09-06", 2)]),
        ([an_enrolment("2024-09-02"), spoken("2024-09-04")], [("2024-09-02", 2), ("2024-09-05", 7)]),
        ([an_enrolment("2024-09-02"), spoken("2024-09-07")], [("2024-09-02", 10)]),  # on a Saturday
        (
            [an_enrolment("2024-09-02"), a_mark("2024-09-04", "not-recorded")],
            [("2024-09-02", 10)],
        ),  # is no mark
        ([an_enrolment("2024-09-02"), spoken("2024-09-04", school=OTHER_SCHOOL)], [("2024-09-02", 10)]),
        ([an_enrolment("2024-09-02"), [an_absence("2024-09-04")]], [("2024-09-02", 2), ("2024-09-05", 7)]),
        ([an_enrolment("2024-09-05", until="2024-09-09")], [("2024-09-05", 3)]),
        ([an_enrolment("2024-09-07", until="2024-09-08")], []),  # a weekend
        # Two stretches of enrolment: one run where no lesson day lies between, else two.
        (
            [an_enrolment("2024-09-05", until="2024-09-06"), an_enrolment("2024-09-09", until="2024-09-09")],
            [("2024-09-05", 3)],
        ),
        (
            [an_enrolment("2024-09-02", until="2024-09-04"), an_enrolment("2024-09-06", until="2024-09-06")],
            [("2024-09-02", 3), ("2024-09-06", 1)],
        ),
        (
            [an_enrolment("2024-09-05", until="2024-09-06"), an_enrolment("2024-09-10")],
            [("2024-09-05", 2), ("2024-09-10", 4)],
        ),
        # Until before it begins covers no date; until the last date there is, all the others.
        (
            [an_enrolment("2024-09-10", until="2024-09-09"), an_enrolment("2024-09-05", until="2024-09-06")],
            [("2024-09-05", 2)],
        ),
        ([an_enrolment("2024-09-02"), an_enrolment("2024-09-11", until="2024-09-04")], [("2024-09-02", 10)]),
        ([an_enrolment("2024-09-05", until="9999-12-31")], [("2024-09-05", 7)]),
        # Others speak, or are enrolled.
        ([an_enrolment("2024-09-02"), spoken(*TWO_WEEKS[1:], pupil="pupil-2")], [("2024-09-02", 1)]),
        (
            [an_enrolment("2024-09-02", until="2024-09-03"), an_enrolment("2024-09-04", pupil="pupil-2")],
            [("2024-09-02", 10)],
        ),
        # Marks imply an enrolment, from the first of them on.
        ([spoken("2024-09-04")], [("2024-09-05", 7)]),
        ([], []),
    ],
)
def test_each_run_of_silent_lesson_days(words, expected):
    assert runs(CALENDAR, *words) == expected


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("2024-09-01", []),
        ("2024-09-02", [("2024-09-02", 1)]),
        ("2024-09-08", [("2024-09-02", 5)]),
        ("2024-09-09", [("2024-09-02", 6)]),
    ],
)
def test_it_grows_as_days_close(closed, expected):
    assert runs(CALENDAR, an_enrolment("2024-09-02"), closed=closed) == expected


def test_where_the_calendar_ends_a_run_does():
    assert runs(a_calendar(until="2024-09-06"), an_enrolment("2024-09-02")) == [("2024-09-02", 5)]


@pytest.mark.parametrize(("spoke", "expected"), [(2, []), (3, [("2024-09-02", 3)])])
def test_a_run_shorter_than_the_pack_asks_says_nothing(spoke, expected):
    rule = replace(NL_2024.pack.silent_feed, threshold=Fraction(3))
    patient = OnePack(replace(NL_2024.pack, silent_feed=rule))
    told = spoken(*TWO_WEEKS[spoke:])
    assert runs(CALENDAR, an_enrolment("2024-09-02"), told, governance=patient) == expected


def test_a_school_without_a_calendar_of_its_own_has_none():
    assert runs(an_enrolment("2024-09-02")) == []


def test_holidays_do_not_end_a_run_and_the_school_year_of_its_first_day_numbers_it():
    calendar = a_calendar(
        until="2025-12-31", holidays=[("2024-09-06", "2024-09-10"), ("2025-07-05", "2025-08-17")]
    )
    words = [
        calendar,
        an_enrolment("2024-09-04", until="2024-09-11"),
        an_enrolment("2025-07-03", until="2025-08-19"),
    ]
    found = silent(*words, closed="2025-12-31")
    assert [(str(one.at), one.measured.value, one.school_year, one.ordinal) for one in found] == [
        ("2024-09-04", 3, "2024-2025", 1),
        ("2025-07-03", 4, "2024-2025", 2),
    ]


def test_no_pupil_is_meant():
    (finding,) = silent(CALENDAR, an_enrolment("2024-09-02"))
    assert finding.school == SCHOOL
    of_pupils = (
        finding.pupil,
        finding.obligation,
        finding.age,
        finding.municipality,
        finding.school_type,
        finding.context,
    )
    assert of_pupils == (None,) * 6
    assert (finding.counted, finding.window, finding.known_at, finding.calendar) == ((), None, None, None)
    measured = finding.measured
    assert (measured.unit, measured.operator, measured.threshold) == ("days", ">=", 1)


def test_the_pack_of_the_schools_municipality_governs():
    patient = replace(
        NL_2024.pack, id="patient", silent_feed=replace(NL_2024.pack.silent_feed, threshold=Fraction(3))
    )
    words = [CALENDAR, an_enrolment("2024-09-02"), *spoken(*TWO_WEEKS[2:5])]
    governance = ByMunicipality(NL_2024.pack, {"0637": [(day("2024-09-05"), patient)]}, {SCHOOL: "0637"})
    found = silent(*words, governance=governance)
    assert [(one.rule.pack, str(one.at)) for one in found] == [
        ("nl-2024", "2024-09-02"),
        ("patient", "2024-09-09"),
    ]


def test_a_pupil_adds_the_marks_seen_by_then():
    standing = Standing.of(spoken("2024-09-02", "2024-09-03"))
    days, _ = share_of(Seen(standing, day("2024-09-02")), SCHOOL, book_of([CALENDAR]).calendars.of(SCHOOL))
    assert days == [day("2024-09-02")]


def test_a_pack_that_does_not_know_the_kind_finds_none():
    without = replace(NL_2024.pack, kinds=("statutory",))
    assert silent(CALENDAR, an_enrolment("2024-09-02"), governance=OnePack(without)) == ()


def test_two_parts_of_a_school_are_one_and_a_pupil_taken_away_is_none():
    here, there = Feed(), Feed()
    here.add([], [(day("2024-09-02"), day("2024-09-03"))])
    there.add([day("2024-09-03")], [(day("2024-09-03"), day("2024-09-04"))])
    there.add([day("2024-09-04")], [(day("2024-08-26"), None)])
    there.add([day("2024-09-04")], [(day("2024-08-26"), None)], times=-1)
    found = silent_feed.found(
        SCHOOL,
        here + there,
        calendars=book_of([CALENDAR]).calendars,
        governance=NL_2024,
        closed=TWO_WEEKS[-1],
    )
    assert [(str(one.at), one.measured.value) for one in found] == [("2024-09-02", 1), ("2024-09-04", 1)]


DATES = st.dates(day("2024-08-26"), day("2024-09-20"))
SPANS = st.tuples(DATES, st.none() | DATES)
SHARES = st.tuples(st.sets(DATES, max_size=8), st.lists(SPANS, max_size=3))


@given(st.lists(SHARES, max_size=5), st.lists(SHARES, max_size=5), st.lists(SHARES, max_size=3))
def test_a_feed_adds_up_and_what_is_taken_away_leaves_no_trace(here, there, gone):
    calendars = book_of([CALENDAR]).calendars

    def found(feed):
        return silent_feed.found(
            SCHOOL, feed, calendars=calendars, governance=NL_2024, closed=day("2024-09-13")
        )

    whole, left, right = Feed(), Feed(), Feed()
    for share in (*there, *here):
        whole.add(*share)
    for share in (*gone, *here):
        left.add(*share)
    for share in there:
        right.add(*share)
    for share in gone:
        left.add(*share, times=-1)
    assert found(left + right) == found(whole)
    days = [on for on in weekdays_between("2024-08-26", "2024-09-13") if _silent(on, [*here, *there])]
    assert sum(one.measured.value for one in found(whole)) == len(days)


def _silent(on, shares):
    enrolled = any(
        first <= on and (last is None or on <= last) for _, spans in shares for first, last in spans
    )
    return enrolled and not any(on in marks for marks, _ in shares)
