"""How far a pupil is from sixteen hours, on both sides of each edge (`rules.md` 3, end)."""

import pytest

from aanwezig.law import packs
from aanwezig.law.distance import distances
from aanwezig.law.packs import OnePack
from aanwezig.law.standing import Standing
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    absences,
    an_absence,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.law import NL_2024, book_of

ENGLAND, FLANDERS = OnePack(packs.load("en-2024")), OnePack(packs.load("vl-discimus"))

ONE = an_absence("2024-09-02")
# Sixteen on the Monday cross; two more after that count anew.
CROSSED = [absences("2024-09-02", 16), absences("2024-09-03", 2)]


def of_each_school(words, as_of, *calendars, governance=NL_2024):
    flat = [one for item in words for one in (item if isinstance(item, list) else [item])]
    told = distances(
        Standing.of(flat), calendars=book_of(calendars).calendars, governance=governance, as_of=day(as_of)
    )
    return list(told)


def measured(words, as_of, *calendars, **how):
    (one,) = of_each_school(words, as_of, *calendars, **how)
    return str(one.value), str(one.left), [(str(on), str(amount)) for on, amount in one.leaves]


@pytest.mark.parametrize(
    ("words", "as_of", "expected"),
    [
        # In the window of 28 dates up to and including the 29th, and not on the 30th.
        ([ONE], "2024-09-02", ("1", "15", [("2024-09-30", "1")])),
        ([ONE], "2024-09-29", ("1", "15", [("2024-09-30", "1")])),
        ([ONE], "2024-09-30", ("0", "16", [])),
        ([ONE], "2024-09-01", ("0", "16", [])),
        ([ONE, retracted(ONE)], "2024-09-02", ("0", "16", [])),
        # After a crossing the sum starts anew.
        ([absences("2024-09-02", 15)], "2024-09-02", ("15", "1", [("2024-09-30", "15")])),
        (CROSSED[:1], "2024-09-02", ("0", "16", [])),
        (CROSSED, "2024-09-03", ("2", "14", [("2024-10-01", "2")])),
        # No hour of a school year is in the sum of the next.
        ([an_absence("2025-07-21")], "2025-07-31", ("1", "15", [("2025-08-01", "1")])),
        ([an_absence("2025-07-21")], "2025-08-01", ("0", "16", [])),
        ([a_birth(), an_enrolment("2024-09-03"), ONE], "2024-09-03", ("0", "16", [])),
        # The hours of one date leave together, each date its own; a mark of no minutes never leaves.
        (
            [
                absences("2024-09-02", 2),
                an_absence("2024-09-04", missed=30),
                an_absence("2024-09-05", missed=0),
            ],
            "2024-09-05",
            ("5/2", "27/2", [("2024-09-30", "2"), ("2024-10-02", "1/2")]),
        ),
        # Only what lies after the last mark of the crossing is left of its date.
        (
            [absences("2024-09-02", 15), absences("2024-09-03", 3)],
            "2024-09-03",
            ("2", "14", [("2024-10-01", "2")]),
        ),
        ([absences("2024-09-02", 16), absences("2024-09-03", 16)], "2024-09-03", ("0", "16", [])),
        ([a_late_arrival("2024-09-02")], "2024-09-02", ("0", "16", [])),
        # On the last dates there are, a year has no next one.
        ([an_absence("9999-12-20")], "9999-12-30", ("1", "15", [])),
    ],
)
def test_the_sum_what_is_left_and_when_hours_leave(words, as_of, expected):
    assert measured(words, as_of) == expected


def test_a_holiday_keeps_hours_in_the_window():
    free = a_calendar(holidays=[("2024-09-09", "2024-09-15")])
    assert measured([ONE], "2024-10-06", free) == ("1", "15", [("2024-10-07", "1")])
    assert measured([ONE], "2024-10-07", free) == ("0", "16", [])


def test_each_school_has_its_own_in_order_of_their_names():
    told = of_each_school([ONE, absences("2024-09-02", 2, school=OTHER_SCHOOL)], "2024-09-02")
    assert [(one.school, one.value) for one in told] == [(OTHER_SCHOOL, 2), (SCHOOL, 1)]


def half_days(first, last):
    return [an_absence(on, slot="morning") for on in weekdays_between(first, last)]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2024-09-05", ("4", "1")),
        ("2024-09-06", ("5", "25")),  # from the fifth on the thirtieth is what is next
        ("2024-10-10", ("29", "1")),
        ("2024-10-11", ("30", "0")),
        ("2024-10-14", ("31", "0")),
    ],
)
def test_where_the_sum_goes_on_the_next_rung_of_the_ladder_counts(last, expected):
    told = measured(half_days("2024-09-02", last), last, governance=FLANDERS)
    assert told[:2] == expected
    (one,) = of_each_school(half_days("2024-09-02", last), last, governance=FLANDERS)
    assert one.threshold == (5 if last == "2024-09-05" else 30)
    # It runs with the school year.
    assert told[2] == [("2025-08-01", expected[0])]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-08-01", ("1", "9", [("2025-10-06", "1")])),  # 70 dates, on either side of 1 August
        ("2025-10-05", ("1", "9", [("2025-10-06", "1")])),
        ("2025-10-06", ("0", "10", [])),
    ],
)
def test_where_school_years_play_no_part_only_the_window_ends(as_of, expected):
    assert measured(half_days("2025-07-28", "2025-07-28"), as_of, governance=ENGLAND) == expected


def test_where_the_calendar_ends_before_the_window_does_nothing_leaves():
    known = a_calendar(until="2024-09-29")
    one = half_days("2024-09-02", "2024-09-02")
    assert measured(one, "2024-12-31", known, governance=ENGLAND) == ("1", "9", [])
    assert measured(one, "2024-12-31", a_calendar(), governance=ENGLAND) == ("0", "10", [])
