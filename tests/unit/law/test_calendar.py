"""Lesson days, lesson weeks and lesson-week time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.law.calendar import ASSUMED, CalendarBook, Calendars, SchoolCalendar
from support.facts import SCHOOL, a_birth, a_calendar, a_leave, day, retracted

AUTUMN = ("2024-10-26", "2024-11-03")


def calendar_of(*words) -> SchoolCalendar:
    return SchoolCalendar([said.fact for said in words])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2024-08-01", True),  # the first date of the calendar
        ("2024-07-31", False),  # before it
        ("2025-07-31", True),  # the last
        ("2025-08-01", False),  # after it: a calendar covers what it covers
        ("2024-10-25", True),  # the Friday before the holiday
        ("2024-10-28", False),  # in the holiday
        ("2024-11-04", True),  # the Monday after it
        ("2024-09-07", False),  # a Saturday
        ("2024-12-06", False),  # extra free
    ],
)
def test_lesson_days(on, expected):
    calendar = calendar_of(a_calendar(holidays=[AUTUMN], extra_free=["2024-12-06"]))
    assert calendar.is_lesson_day(day(on)) is expected


def test_free_days_inside_beside_and_between_each_other():
    spring = ("2025-02-15", "2025-02-23")
    free = ["2024-10-28", "2025-02-18", "2024-09-03", "2024-09-05"]
    calendar = calendar_of(a_calendar(holidays=[AUTUMN, spring], extra_free=free))
    on = ("2024-10-29", "2025-02-19", "2024-09-03", "2024-09-04", "2024-09-05")
    assert [calendar.is_lesson_day(day(one)) for one in on] == [False, False, False, True, False]
    parts = calendar_of(a_calendar(holidays=[("2024-10-26", "2024-10-31"), ("2024-11-01", "2024-11-03")]))
    assert parts.fingerprint == calendar_of(a_calendar(holidays=[AUTUMN])).fingerprint


def test_where_two_overlap_the_latest_from_holds_and_only_while_it_covers():
    calendar = calendar_of(a_calendar(), a_calendar("2024-10-01", "2024-10-31", weekdays=[6]))
    assert [
        calendar.is_lesson_day(day(on)) for on in ("2024-09-30", "2024-10-01", "2024-10-05", "2024-11-01")
    ] == [
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [
        ("2024-09-27", 28, ("2024-08-31", "2024-09-27")),  # no holiday: four weeks to the day
        ("2024-11-08", 28, ("2024-10-05", "2024-11-08")),  # a holiday week inside is cut out
        ("2024-10-30", 5, ("2024-10-23", "2024-10-27")),  # in the holiday week: the last dates before it
        ("2024-08-05", 28, ("2024-07-29", "2024-08-05")),  # fewer than 28: from the first there is, a Monday
    ],
)
def test_a_window_of_lesson_week_time(on, days, expected):
    assert calendar_of(a_calendar(holidays=[AUTUMN])).window(day(on), days) == tuple(map(day, expected))


def test_before_the_first_lesson_week_there_is_no_window():
    assert calendar_of(a_calendar()).window(day("2024-07-28"), 28) is None


def test_one_lesson_day_makes_a_lesson_week():
    # 26 October is a Saturday and free; the week has its lessons before it. The next has one only, on Friday.
    calendar = calendar_of(a_calendar(holidays=[("2024-10-26", "2024-10-31")]))
    assert calendar.in_lesson_week(day("2024-10-28"))
    assert not calendar_of(a_calendar(holidays=[("2024-10-26", "2024-11-01")])).in_lesson_week(
        day("2024-10-28")
    )


def test_the_week_before_a_holiday_and_the_last_of_all_are_lesson_weeks():
    calendar = calendar_of(a_calendar(holidays=[AUTUMN]))
    told = [
        calendar.in_lesson_week(day(on)) for on in ("2024-10-27", "2024-10-28", "2024-11-04", "2025-08-03")
    ]
    assert told == [True, False, True, True]


def test_between_two_calendars_there_are_no_lessons():
    calendar = calendar_of(a_calendar(until="2024-10-31"), a_calendar("2024-12-02"))
    told = [
        calendar.is_lesson_day(day(on)) for on in ("2024-10-31", "2024-11-01", "2024-11-29", "2024-12-02")
    ]
    assert told == [True, False, False, True]


def test_before_the_first_of_two_calendars_there_is_nothing():
    calendar = calendar_of(a_calendar(until="2024-10-31"), a_calendar("2024-12-02"))
    assert not calendar.in_lesson_week(day("2024-07-24"))
    assert not calendar.is_lesson_day(day("2024-07-24"))


def test_the_last_date_of_a_calendar_is_its_own_and_may_be_free():
    # Within the first calendar the second holds until Thursday; on Friday the first holds again, and ends.
    short = a_calendar("2024-09-02", "2024-09-05", weekdays=[1])
    assert calendar_of(a_calendar(until="2024-09-06"), short).is_lesson_day(day("2024-09-06"))
    free = a_calendar(until="2024-09-06", extra_free=["2024-09-06"])
    assert not calendar_of(free, short).is_lesson_day(day("2024-09-06"))


def test_a_calendar_that_ends_before_it_begins_has_no_dates():
    calendar = calendar_of(a_calendar("2024-09-09", "2024-09-06"))
    assert not calendar.is_lesson_day(day("2024-09-06"))
    assert not calendar.in_lesson_week(day("2024-09-06"))
    assert calendar.next_lesson_day(day("2024-09-05")) is None


def test_of_no_lesson_days_there_are_no_runs():
    calendar = calendar_of(a_calendar())
    assert list(calendar.runs([])) == []
    assert list(calendar.runs(map(day, ["2024-09-05", "2024-09-06", "2024-09-10"]))) == [
        [day("2024-09-05"), day("2024-09-06")],
        [day("2024-09-10")],
    ]


def test_days_off_that_follow_a_lesson_day():
    calendar = calendar_of(a_calendar(holidays=[AUTUMN], extra_free=["2024-11-04"]))
    assert calendar.days_off_after(day("2024-09-06")) == 2  # a weekend
    assert calendar.days_off_after(day("2024-09-05")) == 0  # a Thursday
    # The weekend before the holiday and the Monday after it; of the holiday week itself nothing.
    assert calendar.days_off_after(day("2024-10-25")) == 3


def test_the_next_lesson_day_steps_over_a_holiday():
    calendar = calendar_of(a_calendar(holidays=[AUTUMN]))
    assert calendar.next_lesson_day(day("2024-10-25")) == day("2024-11-04")
    assert calendar.next_lesson_day(day("2025-07-31")) is None


@pytest.mark.parametrize(
    ("on", "after"),
    [
        ("2024-09-04", "2024-09-05"),  # within a week
        ("2024-09-06", "2024-09-09"),  # over a weekend
        ("2024-10-30", "2024-11-04"),  # in a holiday
        ("2024-11-20", "2024-11-25"),  # over lesson weeks with one lesson day each
        ("2024-07-15", "2024-08-01"),  # before the beginning
        ("2024-08-01", "2024-08-02"),  # at the beginning
        ("2025-01-01", None),  # and after the end
    ],
)
def test_the_lesson_day_after_a_date(on, after):
    calendar = calendar_of(
        a_calendar(until="2024-11-10", holidays=[AUTUMN]),
        a_calendar("2024-11-11", "2024-12-31", weekdays=[1], holidays=[("2024-11-18", "2024-11-18")]),
    )
    assert calendar.next_lesson_day(day(on)) == (after and day(after))
    assert calendar.has_lesson_day(day(on), day(after or "2025-12-31")) is (after is not None)
    assert not calendar.has_lesson_day(day(on), day(on).replace(year=2023))


def test_without_a_calendar_it_is_monday_to_friday():
    days = [date(2024, 9, 2) + timedelta(days=number) for number in range(7)]
    assert [ASSUMED.is_lesson_day(on) for on in days] == [True] * 5 + [False] * 2


def test_calendars_without_end_cost_and_overflow_nothing():
    endless = calendar_of(
        a_calendar(
            "2000-01-01", "9999-12-31", holidays=[("2030-01-01", "9999-12-30")], extra_free=["2024-12-06"]
        )
    )
    assert endless.next_lesson_day(day("2029-12-31")) == date.max
    assert endless.days_off_after(day("2029-12-31")) == 10  # the rest of that week and of the very last one
    assert endless.window(date.max, 28) is not None
    assert ASSUMED.window(date.max, 28) is not None
    assert ASSUMED.window(date.min, 28) == (date.min, date.min)
    assert ASSUMED.next_lesson_day(date.max) is None


def naive(calendar: SchoolCalendar, first: date, last: date) -> list[date]:
    """Lesson-week time, day by day."""
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]

    def week(of: date) -> list[date]:
        monday = of - timedelta(days=of.weekday())
        return [monday + timedelta(days=step) for step in range(7)]

    return [on for on in days if any(calendar.is_lesson_day(other) for other in week(on))]


DATES = st.dates(date(2024, 7, 1), date(2025, 1, 31))
RANGES = st.tuples(DATES, st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
RECORDS = st.builds(
    lambda span, weekdays, holidays, free: (
        a_calendar(*span, weekdays=sorted(weekdays), holidays=holidays, extra_free=free).fact
    ),
    RANGES,
    st.sets(st.integers(1, 7), max_size=5),
    st.lists(RANGES, max_size=3),
    st.lists(DATES, max_size=4),
)


@given(st.lists(RECORDS, min_size=1, max_size=4), DATES, st.integers(1, 30))
def test_lesson_week_time_is_what_counting_day_by_day_gives(records, on, days):
    calendar = SchoolCalendar(records)
    cut = naive(calendar, date(2024, 6, 1), on)
    expected = (cut[-days:][0], cut[-1]) if cut else None
    assert calendar.window(on, days) == expected
    assert calendar.position(on) == len(cut)
    after = [on + timedelta(days=step) for step in range(1, 300)]
    assert calendar.next_lesson_day(on) == next(
        (other for other in after if calendar.is_lesson_day(other)), None
    )


class TestCalendarBook:
    def test_the_newest_word_stands_whatever_the_order(self):
        old, new = a_calendar(weekdays=[1]), a_calendar(weekdays=[2], said=2)
        for words in ([old, new], [new, old], [new, old, new]):
            book = CalendarBook()
            for said in words:
                book.apply(said)
            assert book.calendars.of(SCHOOL).is_lesson_day(day("2024-09-03"))
            assert not book.calendars.of(SCHOOL).is_lesson_day(day("2024-09-02"))

    def test_a_retraction_gives_the_assumed_calendar_back(self):
        book, said = CalendarBook(), a_calendar()
        assert book.apply(said)
        assert not book.calendars.of(SCHOOL).assumed
        assert book.apply(retracted(said))
        assert book.calendars.of(SCHOOL) is ASSUMED
        assert not book.apply(said)  # it was said before the retraction

    def test_saying_the_same_again_changes_nothing(self):
        book = CalendarBook()
        assert book.apply(a_calendar())
        assert not book.apply(a_calendar(said=2))

    def test_a_fingerprint_tells_lessons_apart_and_nothing_else(self):
        one = calendar_of(a_calendar(holidays=[AUTUMN, ("2024-12-21", "2025-01-05")]))
        same = calendar_of(a_calendar(holidays=[("2024-12-21", "2025-01-05"), AUTUMN], said=2))
        assert one.fingerprint == same.fingerprint
        assert one.fingerprint != calendar_of(a_calendar(holidays=[AUTUMN])).fingerprint
        assert ASSUMED.fingerprint == "assumed"
        assert len(one.fingerprint) == 32

    def test_it_holds_the_schools_that_told_one(self):
        book = CalendarBook()
        book.apply(a_calendar())
        assert (list(book.calendars), len(book.calendars)) == ([SCHOOL], 1)
        assert book.calendars[SCHOOL] is book.calendars.of(SCHOOL)
        assert Calendars().of(SCHOOL) is ASSUMED

    @pytest.mark.parametrize("of", [a_birth(), a_leave("2024-09-02", "2024-09-03")])
    def test_words_about_anything_else_are_refused(self, of):
        for said in (of, retracted(of)):
            with pytest.raises(TypeError, match=of.name):
                CalendarBook().apply(said)
