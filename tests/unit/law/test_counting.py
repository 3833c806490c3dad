"""What a mark counts for: the first reason that holds, and hours."""

from dataclasses import replace
from fractions import Fraction

import pytest

from aanwezig.law.counting import Tally, row_of
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from support.facts import (
    SCHOOL,
    a_calendar,
    a_late_arrival,
    a_leave,
    a_presence,
    absences,
    an_absence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
)
from support.law import NL_2024, book_of, found

MONDAY = "2024-09-02"


def weighed(*words, as_of="2030-12-31", **rules):
    calendars = [said for said in words if said.name == "calendar-recorded"]
    standing = Standing.of(said for said in words if said not in calendars)
    calendar = book_of(calendars).calendars.of(SCHOOL)
    return Tally(Seen(standing, day(as_of)), SCHOOL, calendar, replace(NL_2024.pack.hours, **rules)).marks


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([an_absence(MONDAY)], None),
        ([an_absence(MONDAY, authorised=True)], "authorised"),
        ([an_absence(MONDAY, authorised=None)], "undetermined"),
        ([a_late_arrival(MONDAY)], "late"),
        ([an_absence("2024-09-07")], "no-lesson-day"),  # a Saturday
        ([an_absence(MONDAY), an_enrolment("2024-09-03")], "not-enrolled"),
        ([an_absence(MONDAY), an_enrolment(until=MONDAY)], None),  # the last day is included
        ([an_absence(MONDAY), an_enrolment(until="2024-09-01")], "not-enrolled"),
        ([an_absence(MONDAY), a_leave(MONDAY, MONDAY)], "on-leave"),
        ([an_absence(MONDAY), a_leave("2024-08-26", "2024-09-01")], None),  # the day after the leave
        ([an_absence(MONDAY), a_leave(MONDAY, MONDAY, school="16QW01")], None),  # leave of another school
        ([an_absence(MONDAY), an_exemption("2024-08-01", MONDAY)], "exempt"),
        ([an_absence(MONDAY), an_exemption("2024-09-03", "2025-07-31")], None),  # from tomorrow
        # The first that holds, in the order of the table.
        ([an_absence("2024-09-07", authorised=True)], "authorised"),
        ([a_late_arrival("2024-09-07")], "late"),
        ([an_absence("2024-09-07"), a_leave("2024-09-07", "2024-09-07")], "no-lesson-day"),
        ([an_absence(MONDAY), an_enrolment("2024-09-03"), a_leave(MONDAY, MONDAY)], "not-enrolled"),
        ([an_absence(MONDAY), an_exemption(MONDAY, MONDAY), a_leave(MONDAY, MONDAY)], "on-leave"),
    ],
)
def test_the_first_reason_that_holds(words, reason):
    (mark,) = weighed(*words)
    assert mark.reason == reason


def test_an_enrolment_not_yet_seen_makes_nobody_absent_from_it():
    # Known today: enrolled from 1 October. Seen from 20 September the marks themselves imply an enrolment.
    words = [an_absence(MONDAY), an_enrolment("2024-10-01")]
    assert [mark.reason for mark in weighed(*words, as_of="2024-09-20")] == [None]
    assert [mark.reason for mark in weighed(*words, as_of="2024-10-01")] == ["not-enrolled"]


def test_only_marks_and_sick_reports_are_counted():
    with pytest.raises(TypeError, match="leave-granted"):
        row_of(a_leave(MONDAY, MONDAY))


def test_leave_taken_back_excuses_nothing():
    assert [mark.reason for mark in weighed(an_absence(MONDAY), retracted(a_leave(MONDAY, MONDAY)))] == [None]


@pytest.mark.parametrize(
    ("school_type", "slot", "minutes", "missed", "hours"),
    [
        ("vo", "lesson-1", 50, None, Fraction(1)),  # a lesson is one hour
        ("vo", "lesson-1", 60, None, Fraction(1)),  # up to sixty minutes
        ("vo", "lesson-1", 61, None, Fraction(61, 60)),  # a longer one by the clock
        ("vo", "lesson-1", 45, 15, Fraction(1, 3)),
        ("vo", "lesson-1", 90, 30, Fraction(1, 2)),
        ("vo", "morning", 50, None, Fraction(50, 60)),  # a day part is no lesson
        ("vo", "lesson-1", 50, 0, Fraction(0)),  # counted, with nothing
        ("po", "lesson-1", 50, None, Fraction(50, 60)),  # clock hours
        ("sbo", "morning", 210, None, Fraction(7, 2)),
        ("so", "lesson-1", 45, 15, Fraction(1, 4)),
        ("vso", "lesson-1", 45, None, Fraction(1)),  # all others lesson hours
        (None, "lesson-1", 45, None, Fraction(1)),  # no enrolment covers the date: lesson hours
    ],
)
def test_hours(school_type, slot, minutes, missed, hours):
    enrolment = [an_enrolment(school_type=school_type)] if school_type else []
    (mark,) = weighed(an_absence(MONDAY, slot=slot, minutes=minutes, missed=missed), *enrolment)
    assert (mark.reason, mark.hours) == (None, hours)


@pytest.mark.parametrize(("minutes", "hours"), [(50, Fraction(1)), (51, Fraction(51, 60))])
def test_how_long_a_lesson_of_one_hour_may_be_is_the_packs(minutes, hours):
    (mark,) = weighed(an_absence(MONDAY, minutes=minutes), longest_lesson_hour=50)
    assert mark.hours == hours


def test_hours_and_times_late_of_the_year_are_those_of_that_year_alone():
    years = [[*absences(f"{year}-09-02", 16), a_late_arrival(f"{year}-08-29")] for year in (2024, 2025)]
    findings = [one for one in found(*years) if one.kind == "statutory"]
    assert [str(one.at) for one in findings] == ["2024-09-02", "2025-09-02"]
    assert [one.context.hours_this_year for one in findings] == [16, 16]
    assert [one.context.times_late_this_year for one in findings] == [1, 1]


def test_of_several_enrolments_the_latest_from_tells_the_unit():
    early, late = an_enrolment(school_type="po"), an_enrolment("2024-09-02", school_type="vo")
    before, after = weighed(an_absence("2024-08-30", minutes=45), an_absence(MONDAY, minutes=45), early, late)
    assert (before.hours, after.hours) == (Fraction(3, 4), 1)


def test_a_pack_may_let_late_marks_add_their_missed_minutes():
    words = [
        a_late_arrival(MONDAY, slot="lesson-1", missed=20),
        a_late_arrival(MONDAY, slot="lesson-2"),  # how much was missed is not told
        a_late_arrival(MONDAY, slot="lesson-3", missed=20, authorised=True),
    ]
    assert [(mark.reason, mark.hours) for mark in weighed(*words, late_adds=True)] == [
        (None, Fraction(1, 3)),
        (None, 0),
        ("late", 0),
    ]
    assert [mark.reason for mark in weighed(*words)] == ["late", "late", "late"]


class TestImpliedEnrolment:
    def enrolment(self, *words, as_of="2030-12-31"):
        calendar = book_of([]).calendars.of(SCHOOL)
        seen = Seen(Standing.of(words), day(as_of))
        implied = seen.implied_enrolment(SCHOOL, calendar)
        return implied and tuple(map(str, implied))

    def test_from_the_first_mark_on_a_lesson_day_to_the_end_of_the_last_ones_school_year(self):
        words = [a_presence("2024-09-07"), a_presence("2024-09-09"), a_presence("2025-09-01")]
        assert self.enrolment(*words) == ("2024-09-09", "2026-07-31")
        assert self.enrolment(*words, as_of="2025-08-01") == ("2024-09-09", "2025-07-31")

    def test_a_last_mark_without_lessons_does_not_prolong_it(self):
        words = [a_presence("2024-09-09"), a_presence("2025-08-02")]  # the second on a Saturday
        assert self.enrolment(*words) == ("2024-09-09", "2025-07-31")

    @pytest.mark.parametrize(
        ("on", "enrolled"),
        [("2024-09-08", False), ("2024-09-09", True), ("2025-07-31", True), ("2025-08-01", False)],
    )
    def test_it_covers_its_dates_and_no_others(self, on, enrolled):
        seen = Seen(Standing.of([a_presence("2024-09-09")]), day("2030-12-31"))
        assert seen.enrolled(SCHOOL, day(on), book_of([]).calendars.of(SCHOOL)) is enrolled

    def test_not_beside_a_seen_enrolment_and_not_without_marks(self):
        assert self.enrolment(a_presence(MONDAY), an_enrolment("2025-01-01")) is None
        assert self.enrolment(a_presence("2024-09-07")) is None
        assert self.enrolment(an_enrolment(school="16QW01"), a_presence(MONDAY)) == (MONDAY, "2025-07-31")


def test_marks_outside_the_window_or_in_a_holiday_week_are_not_listed():
    holiday = ("2024-10-26", "2024-11-03")
    words = [
        an_absence("2024-10-10", authorised=True),  # one day before the window
        an_absence("2024-10-11", authorised=True),  # its first day
        an_absence("2024-10-19"),  # a Saturday inside a lesson week
        an_absence("2024-10-30"),  # in the holiday week: not in lesson-week time
        a_late_arrival("2024-11-14", slot="afternoon"),  # on the very day, after the last counted mark
        a_presence("2024-11-13"),
    ]
    crossing = [an_absence("2024-11-14", slot=f"lesson-{number}") for number in range(1, 17)]
    (finding,) = found(a_calendar(holidays=[holiday]), words, crossing)
    assert [(str(row.date), row.reason) for row in finding.not_counted] == [
        ("2024-10-11", "authorised"),
        ("2024-10-19", "no-lesson-day"),
        ("2024-11-14", "late"),
    ]
