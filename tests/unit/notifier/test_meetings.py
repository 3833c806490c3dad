"""Which date is closed, and what falls due as dates close, also when they jump."""

from datetime import date, timedelta

import pytest

from aanwezig.contracts.messages import DayClosed, Meetings
from aanwezig.notifier.closed_days import ClosedDays, complete
from aanwezig.notifier.meetings import friday_after, meeting_after, week_of

SUNDAY = date(2024, 10, 6)
MONDAY = SUNDAY + timedelta(1)


def word(day, origin, origins=2):
    return DayClosed(date=day, origin=origin, origins=origins)


def test_a_date_is_closed_in_a_partition_when_every_origin_has_spoken_and_dates_may_be_left_out():
    days = ClosedDays().with_word(word(SUNDAY, 0))
    assert (days.closed, days.open_day) == (None, None)
    days = days.with_word(word(SUNDAY + timedelta(9), 1))
    assert (days.closed, days.open_day) == (SUNDAY, MONDAY)
    assert days.with_word(word(SUNDAY - timedelta(1), 0)) == days
    assert ClosedDays.from_state(days.as_state()) == days


def test_it_is_complete_when_it_is_closed_in_every_partition():
    one, later = (ClosedDays().with_word(word(day, 0, origins=1)) for day in (SUNDAY, MONDAY))
    assert complete({0: one, 1: later}, 2) == SUNDAY
    assert complete({0: one}, 2) is None
    assert complete({0: one, 1: ClosedDays()}, 2) is None


@pytest.mark.parametrize(
    ("before", "until", "meeting"),
    [
        (SUNDAY - timedelta(1), SUNDAY, MONDAY),
        (SUNDAY, MONDAY, None),
        (SUNDAY, SUNDAY + timedelta(6), None),
        (SUNDAY, SUNDAY + timedelta(7), MONDAY + timedelta(7)),
        # Dates jumped over three meetings: the last of them.
        (SUNDAY, SUNDAY + timedelta(23), MONDAY + timedelta(21)),
    ],
)
def test_a_meeting_is_due_when_the_day_before_it_is_closed_weekly_on_monday_where_nothing_is_said(
    before, until, meeting
):
    assert meeting_after(None, before, until) == meeting


@pytest.mark.parametrize(
    ("until", "meeting"),
    [
        (date(2024, 10, 9), None),
        (date(2024, 10, 16), date(2024, 10, 17)),
        (date(2024, 10, 30), date(2024, 10, 31)),
    ],
)
def test_a_table_that_meets_every_two_weeks_from_a_thursday_on(until, meeting):
    meets = Meetings(first=date(2024, 10, 17), every_weeks=2)
    assert meeting_after(meets, until - timedelta(1), until) == meeting
    assert meeting_after(meets, date(2024, 10, 22), date(2024, 10, 23)) is None


@pytest.mark.parametrize(
    ("before", "until", "friday"),
    [
        (date(2024, 10, 10), date(2024, 10, 11), date(2024, 10, 11)),
        (date(2024, 10, 11), date(2024, 10, 12), None),
        (date(2024, 10, 11), date(2024, 10, 17), None),
        (date(2024, 10, 11), date(2024, 10, 31), date(2024, 10, 25)),
    ],
)
def test_a_week_is_due_when_its_friday_is_closed_of_several_the_last(before, until, friday):
    assert friday_after(before, until) == friday


@pytest.mark.parametrize("day", [date(2024, 10, 5), date(2024, 10, 8), date(2024, 10, 11)])
def test_a_week_runs_from_saturday_to_friday(day):
    assert week_of(day) == (date(2024, 10, 5), date(2024, 10, 11))
