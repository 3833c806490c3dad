from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.messages import QuietHours
from aanwezig.notifier.channels.doors import Hours
from aanwezig.notifier.hours import first_moment, out_of_quiet, slot_of


def wall(text, fold=0):
    """A moment by the clock on the wall in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold).astimezone(UTC)


def quiet(from_, until, digest=None):
    return Hours(digest=digest, quiet=QuietHours.model_validate({"from": from_, "until": until}))


DAILY, WEEKLY = Hours(digest="daily"), Hours(digest="weekly")
NIGHT = quiet("19:00", "07:00")


@pytest.mark.parametrize("urgency", ["at-once", "same-day"])
@pytest.mark.parametrize(
    "hours", [DAILY, WEEKLY, NIGHT, quiet("00:00", "23:59"), quiet("19:00", "07:00", "weekly")]
)
def test_what_is_urgent_waits_for_nothing(urgency, hours):
    now = wall("2024-10-12T23:15:30.123456")  # a Saturday, late
    assert first_moment(now, urgency, hours) == now
    assert slot_of(now, urgency, hours) is None
    assert out_of_quiet(now, urgency, hours) == now


def test_without_digest_and_quiet_hours_it_goes_at_once_in_utc():
    now = wall("2024-10-12T23:15")
    assert first_moment(now.astimezone(AMSTERDAM), "normal", Hours()) == now
    assert first_moment(now.astimezone(AMSTERDAM), "normal", Hours()).tzinfo == UTC
    assert slot_of(now, "normal", Hours()) is None
    assert slot_of(now, "normal", NIGHT) is None


@pytest.mark.parametrize(
    ("made", "hours", "goes"),
    [
        ("2024-10-16T00:00", DAILY, "2024-10-16T07:30"),
        ("2024-10-16T07:29:59.999999", DAILY, "2024-10-16T07:30"),  # the last of this digest
        ("2024-10-16T07:30", DAILY, "2024-10-17T07:30"),  # the first of the next
        ("2024-10-16T23:59", DAILY, "2024-10-17T07:30"),
        ("2024-10-18T12:00", DAILY, "2024-10-19T07:30"),  # daily is each day, also on Saturday
        ("2024-12-31T12:00", DAILY, "2025-01-01T07:30"),
        ("2024-10-14T07:29", WEEKLY, "2024-10-14T07:30"),  # a Monday
        ("2024-10-14T07:30", WEEKLY, "2024-10-21T07:30"),
        ("2024-10-15T00:00", WEEKLY, "2024-10-21T07:30"),
        ("2024-10-20T23:59", WEEKLY, "2024-10-21T07:30"),  # a Sunday
    ],
)
def test_what_is_normal_waits_for_the_next_digest(made, hours, goes):
    assert first_moment(wall(made), "normal", hours) == wall(goes)
    assert slot_of(wall(made), "normal", hours) == date.fromisoformat(goes[:10])


@pytest.mark.parametrize(
    ("made", "hours", "goes"),
    [
        ("2024-10-16T18:59:59", NIGHT, "2024-10-16T18:59:59"),
        ("2024-10-16T19:00", NIGHT, "2024-10-17T07:00"),
        ("2024-10-16T23:59", NIGHT, "2024-10-17T07:00"),
        ("2024-10-17T00:00", NIGHT, "2024-10-17T07:00"),
        ("2024-10-17T06:59:59.5", NIGHT, "2024-10-17T07:00"),
        ("2024-10-17T07:00", NIGHT, "2024-10-17T07:00"),
        ("2024-10-17T11:59", quiet("12:00", "13:15"), "2024-10-17T11:59"),
        ("2024-10-17T12:00", quiet("12:00", "13:15"), "2024-10-17T13:15"),
        ("2024-10-17T13:15", quiet("12:00", "13:15"), "2024-10-17T13:15"),
        ("2024-10-17T09:00", quiet("09:00", "09:00"), "2024-10-17T09:00"),  # no hours at all
        ("2024-10-17T10:00", quiet("00:00", "23:59"), "2024-10-17T23:59"),
        ("2024-10-17T12:00", quiet("19:00", "00:00"), "2024-10-17T12:00"),
        ("2024-10-17T20:00", quiet("19:00", "00:00"), "2024-10-18T00:00"),
    ],
)
def test_what_is_normal_stays_out_of_the_quiet_hours(made, hours, goes):
    assert first_moment(wall(made), "normal", hours) == wall(goes)
    assert out_of_quiet(wall(made), "normal", hours) == wall(goes)


@pytest.mark.parametrize(
    ("made", "hours", "goes", "slot"),
    [
        ("2024-10-16T20:00", quiet("19:00", "09:00", "daily"), "2024-10-17T09:00", "2024-10-17"),
        ("2024-10-16T08:00", quiet("19:00", "09:00", "daily"), "2024-10-17T09:00", "2024-10-17"),
        ("2024-10-16T20:00", quiet("19:00", "07:30", "daily"), "2024-10-17T07:30", "2024-10-17"),
        ("2024-10-16T20:00", quiet("07:00", "01:00", "daily"), "2024-10-18T01:00", "2024-10-17"),
        ("2024-10-16T20:00", quiet("07:00", "08:00", "weekly"), "2024-10-21T08:00", "2024-10-21"),
    ],
)
def test_a_digest_that_falls_in_quiet_hours_goes_at_their_end_as_the_same_digest(made, hours, goes, slot):
    assert first_moment(wall(made), "normal", hours) == wall(goes)
    assert slot_of(wall(made), "normal", hours) == date.fromisoformat(slot)


@pytest.mark.parametrize(
    ("made", "goes_utc"),
    [
        ("2025-03-29T12:00", "2025-03-30T05:30"),  # the clock goes forward at 02:00: summer time that morning
        ("2025-03-28T12:00", "2025-03-29T06:30"),
        ("2024-10-26T12:00", "2024-10-27T06:30"),  # it goes back at 03:00: winter time that morning
        ("2024-10-25T12:00", "2024-10-26T05:30"),
    ],
)
def test_a_digest_goes_at_half_past_seven_on_the_wall_when_the_clock_was_changed(made, goes_utc):
    assert first_moment(wall(made), "normal", DAILY) == datetime.fromisoformat(goes_utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "hours", "goes_utc"),
    [
        # Forward: 01:00 UTC is 03:00 on the wall, and there is no 02:30.
        ("2025-03-29T23:00", quiet("22:00", "01:59"), "2025-03-30T00:59"),
        ("2025-03-29T23:00", quiet("22:00", "02:00"), "2025-03-30T01:00"),
        ("2025-03-29T23:00", quiet("22:00", "02:30"), "2025-03-30T01:00"),
        ("2025-03-29T23:00", quiet("22:00", "03:00"), "2025-03-30T01:00"),
        ("2025-03-29T23:00", quiet("22:00", "03:01"), "2025-03-30T01:01"),
        ("2025-03-29T23:00", NIGHT, "2025-03-30T05:00"),
        (
            "2025-03-30T01:30",
            quiet("02:15", "02:45"),
            "2025-03-30T00:30",
        ),  # hours that are not there that night
        # Back: 02:30 is there twice, at 00:30 and at 01:30 UTC.
        ("2024-10-26T23:00", quiet("22:00", "02:00"), "2024-10-27T00:00"),
        ("2024-10-26T23:00", quiet("22:00", "02:30"), "2024-10-27T00:30"),
        ("2024-10-26T23:00", quiet("22:00", "03:00"), "2024-10-27T02:00"),
        ("2024-10-26T23:00", NIGHT, "2024-10-27T06:00"),
    ],
)
def test_quiet_hours_end_when_the_wall_says_so_in_the_nights_of_the_clock(made, hours, goes_utc):
    goes = datetime.fromisoformat(goes_utc).replace(tzinfo=UTC)
    assert first_moment(wall(made), "normal", hours) == goes


def test_the_second_half_hour_of_the_night_of_the_clock_is_quiet_again():
    hours = quiet("22:00", "02:30")
    assert out_of_quiet(wall("2024-10-27T02:10", fold=1), "normal", hours) == wall("2024-10-27T02:30", fold=1)
    between = wall("2024-10-27T02:45", fold=0)
    assert out_of_quiet(between, "normal", hours) == between


_times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
_moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)).map(
    lambda one: one.replace(tzinfo=UTC)
) | (
    st.builds(
        lambda base, minutes: base + timedelta(minutes=minutes),
        st.sampled_from([datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC)]),
        st.integers(-1500, 180),
    )
)


@given(_moments, _times, _times)
def test_it_goes_at_the_first_minute_that_is_not_quiet_and_never_moves_again(now, from_, until):
    hours = quiet(from_, until)

    def is_quiet(moment):
        clock = f"{moment.astimezone(AMSTERDAM):%H:%M}"
        return from_ <= clock < until if from_ <= until else clock >= from_ or clock < until

    goes = out_of_quiet(now, "normal", hours)
    assert not is_quiet(goes)
    assert out_of_quiet(goes, "normal", hours) == goes
    minute = now
    while minute < goes:
        assert is_quiet(minute)
        minute += timedelta(minutes=7)
    if goes > now:
        assert is_quiet(goes - timedelta(microseconds=1))


@given(_moments, st.sampled_from(["daily", "weekly"]), _times, _times)
def test_what_is_made_later_never_goes_earlier_and_one_slot_goes_at_one_moment(now, digest, from_, until):
    hours = quiet(from_, until, digest)
    later = now + timedelta(hours=5)
    first, second = (first_moment(one, "normal", hours) for one in (now, later))
    assert now <= first <= second
    assert (slot_of(now, "normal", hours) == slot_of(later, "normal", hours)) == (first == second)
