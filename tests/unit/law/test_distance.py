"""How far a pupil is from sixteen hours, on both sides of each edge (`rules.md` 3, end)."""

import pytest

from aanwezig.law.distance import distances
from aanwezig.law.standing import Standing
from support.facts import a_birth, a_calendar, absences, an_absence, an_enrolment, day, retracted
from support.law import NL_2024, book_of

ONE = an_absence("2024-09-02")
# Sixteen on the Monday cross; two more after that count anew.
CROSSED = [absences("2024-09-02", 16), absences("2024-09-03", 2)]


def measured(words, as_of, *calendars):
    flat = [one for item in words for one in (item if isinstance(item, list) else [item])]
    (one,) = distances(
        Standing.of(flat), calendars=book_of(calendars).calendars, governance=NL_2024, as_of=day(as_of)
    )
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
    ],
)
def test_the_sum_what_is_left_and_when_hours_leave(words, as_of, expected):
    assert measured(words, as_of) == expected


def test_a_holiday_keeps_hours_in_the_window():
    free = a_calendar(holidays=[("2024-09-09", "2024-09-15")])
    assert measured([ONE], "2024-10-06", free) == ("1", "15", [("2024-10-07", "1")])
    assert measured([ONE], "2024-10-07", free) == ("0", "16", [])
