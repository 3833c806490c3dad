"""The pace of a system: what it may send in a minute, how much at once, and how much of it stays in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.intake.pace import NoRoom, Pace, TooManyAtOnce, seconds_until

MANY = 1_000_000


def a_pace(rows=100, *, abreast=2, room=1000):
    return Pace(rows, abreast=abreast, bytes_in_hand=room)


def test_rows_up_to_the_limit_go_ahead_and_more_hear_when_they_fit():
    pace = a_pace()
    assert pace.wait("a", 60) is None
    assert pace.wait("a", 40) is None
    assert 0 < pace.wait("a", 1) <= 120


def test_a_refusal_costs_nothing_and_another_system_does_not_notice():
    pace = a_pace()
    assert pace.wait("a", 90) is None
    for _ in range(20):
        assert pace.wait("a", 11) is not None
    assert pace.wait("a", 10) is None
    assert pace.wait("b", 100) is None


def test_whether_a_row_fits_is_asked_without_counting_it():
    pace = a_pace(rows=2)
    assert pace.wait("a", 1) is None
    for _ in range(20):
        assert pace.full("a") is None
    assert pace.wait("a", 1) is None
    assert 0 < pace.full("a") <= 120


def test_more_rows_than_a_minute_holds_wait_for_a_whole_one_and_not_for_ever():
    pace = a_pace()
    assert pace.wait("a", 5000) is None
    assert pace.wait("a", 5000) is not None
    assert pace.wait("a", 0) is None


def rows_in_the_minute(previous, current, left, later):
    """The rows that count in the sliding minute so many seconds later, when nothing else comes."""
    if later < left:
        return previous * (left - later) / 60 + current
    return max(0.0, current * (1 - (later - left) / 60))


@given(
    previous=st.integers(0, MANY), current=st.integers(0, MANY), left=st.floats(0, 60), cost=st.integers(1, MANY),
    more=st.integers(0, MANY),
)  # fmt: skip
def test_the_rows_fit_when_it_was_told_and_not_long_before(previous, current, left, cost, more):
    most = max(cost, current, previous) + more
    seconds = seconds_until(previous, current, left=left, most=most, cost=cost)
    assert 0 <= seconds <= 120
    assert rows_in_the_minute(previous, current, left, seconds) + cost <= most * (1 + 1e-9)
    if seconds > 1:
        assert rows_in_the_minute(previous, current, left, seconds - 1) + cost > most * (1 - 1e-9)


def test_so_many_requests_at_once_and_each_that_is_answered_makes_place():
    pace = a_pace()
    pace.enter("a")
    pace.enter("a")
    with pytest.raises(TooManyAtOnce):
        pace.enter("a")
    pace.enter("b")
    pace.leave("a")
    pace.enter("a")
    with pytest.raises(TooManyAtOnce):
        pace.enter("a")


@pytest.mark.parametrize(("size", "fits"), [(500, True), (501, False)])
def test_one_system_has_half_of_the_room(size, fits):
    pace = a_pace()
    if fits:
        pace.hold("a", size)
    else:
        with pytest.raises(NoRoom):
            pace.hold("a", size)
    pace.hold("b", 500)


def test_all_together_have_the_whole_room_and_what_was_refused_is_not_counted():
    pace = a_pace()
    for system in "abc":
        pace.hold(system, 300)
    with pytest.raises(NoRoom):
        pace.hold("d", 101)
    pace.hold("d", 100)
    pace.let_go("a", 300)
    pace.hold("d", 300)
