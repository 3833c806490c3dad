"""A streak at home, by a named definition."""

import pytest

from aanwezig.law.data_files import NoSuchRule
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_diploma,
    a_late_arrival,
    a_leave,
    a_presence,
    absent_on,
    an_absence,
    an_arrangement,
    an_enrolment,
    an_exemption,
    day,
    weekdays_between,
)
from support.law import found

CHILD = [a_birth(), an_enrolment("2024-08-01")]
# Monday 2 September to Sunday 29 September are 28 days: the streak reaches them on Monday 30 September, its 29th day.
FOUR_WEEKS = list(weekdays_between("2024-09-02", "2024-09-27"))
AND_MONDAY = [*FOUR_WEEKS, day("2024-09-30")]
WITHOUT_FRIDAY = a_calendar(until="2026-07-31", weekdays=[1, 2, 3, 4, 5, 6, 7])


def sitters(*words, **how):
    findings = found(*words, **how)
    return [(str(one.at), int(one.measured.value)) for one in findings if one.kind == "home-sitter"]


@pytest.mark.parametrize(
    ("last", "zoetermeer", "deventer"),
    [
        ("2024-09-28", [], []),  # 27 days
        ("2024-09-29", [("2024-09-29", 28)], []),  # 28: four weeks or longer
        ("2024-09-30", [("2024-09-29", 29)], [("2024-09-30", 29)]),  # 29: more than four weeks
    ],
)
def test_four_weeks_or_more(last, zoetermeer, deventer):
    every_day = [day(f"2024-09-{number:02}") for number in range(2, day(last).day + 1)]
    words = [*CHILD, WITHOUT_FRIDAY, absent_on(every_day)]
    assert sitters(*words) == zoetermeer
    assert sitters(*words, definition="thuiszitter@deventer-2022") == deventer


def test_weekends_inside_count_and_the_last_one_does_not_yet():
    assert sitters(*CHILD, absent_on(FOUR_WEEKS)) == []
    assert sitters(*CHILD, absent_on(AND_MONDAY)) == [("2024-09-30", 29)]


def test_it_grows_with_every_absent_day_and_stays_one():
    days = list(weekdays_between("2024-09-02", "2024-10-11"))
    (finding,) = [one for one in found(*CHILD, absent_on(days)) if one.kind == "home-sitter"]
    assert (str(finding.at), finding.measured.value) == ("2024-09-30", 40)
    assert [row.date for row in finding.counted] == days
    assert {row.hours for row in finding.counted} == {None}
    assert finding.window == (days[0], days[-1])
    assert finding.known_at == an_absence(days[-1]).time
    assert (finding.definition, finding.not_counted) == ("thuiszitter@zoetermeer-2024", ())


@pytest.mark.parametrize(
    ("on_day_twelve", "expected"),
    [
        ([a_presence("2024-09-17", slot="lesson-2")], []),  # one lesson attended breaks
        ([a_late_arrival("2024-09-17", slot="lesson-2")], []),  # late is attended
        ([an_absence("2024-09-17", authorised=True, said=2)], [("2024-09-30", 29)]),  # whatever the reason
        ([an_absence("2024-09-17", authorised=None, said=2)], [("2024-09-30", 29)]),
        ([a_leave("2024-09-17", "2024-09-17")], [("2024-09-30", 29)]),  # leave included
        ([an_exemption("2024-09-17", "2024-09-17")], []),  # never when exempt
        ([a_presence("2024-09-14")], [("2024-09-30", 29)]),  # a Saturday is looked at for nothing
        ([an_absence("2024-09-17", slot="lesson-2")], [("2024-09-30", 29)]),  # two marks on one day
    ],
)
def test_what_breaks_a_streak(on_day_twelve, expected):
    assert sitters(*CHILD, absent_on(AND_MONDAY), on_day_twelve) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (absent_on(["2024-09-28", "2024-09-29"]), []),  # a weekend has no absent days: 26 days still
        ([a_late_arrival("2024-08-30"), an_absence("2024-09-30")], [("2024-09-30", 29)]),  # a day before it
    ],
)
def test_what_lies_outside_it_is_no_part_of_it(more, expected):
    assert sitters(*CHILD, absent_on(FOUR_WEEKS), more) == expected


def test_a_day_not_enrolled_is_no_absent_day():
    child = [a_birth(), an_enrolment("2024-08-01", until="2024-09-16"), an_enrolment("2024-09-18")]
    assert sitters(*child, absent_on(AND_MONDAY)) == []


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        ("2024-09-17", [("2024-09-30", 31)]),  # a Tuesday: one day less of the 32 until 3 October
        ("2024-09-20", [("2024-10-02", 29)]),  # a Friday: with the weekend after it, three days less
    ],
)
def test_a_silent_day_neither_breaks_nor_lengthens(silent, expected):
    days = [on for on in weekdays_between("2024-09-02", "2024-10-03") if str(on) != silent]
    assert sitters(*CHILD, absent_on(days)) == expected


def test_a_whole_silent_week_adds_nothing():
    days = [
        on for on in weekdays_between("2024-09-02", "2024-10-10") if not 16 <= on.day <= 20 or on.month != 9
    ]
    # 2 September to 10 October are 39 days, less the silent week with its weekend.
    assert sitters(*CHILD, absent_on(days)) == [("2024-10-07", 32)]


def test_a_holiday_is_cut_out_and_breaks_nothing():
    calendar = a_calendar(holidays=[("2024-09-14", "2024-09-22")])
    days = [
        on for on in weekdays_between("2024-09-02", "2024-10-07") if not 14 <= on.day <= 22 or on.month != 9
    ]
    assert sitters(*CHILD, calendar, absent_on(days)) == [("2024-10-07", 29)]


def test_a_streak_runs_on_over_the_summer_and_belongs_to_the_year_in_which_it_arises():
    calendar = a_calendar(until="2026-07-31", holidays=[("2025-07-12", "2025-08-24")])
    days = [*weekdays_between("2025-06-23", "2025-07-11"), *weekdays_between("2025-08-25", "2025-09-05")]
    findings = found(*CHILD, calendar, absent_on(days, authorised=True))
    assert [(str(one.at), one.school_year, one.measured.value) for one in findings] == [
        ("2025-09-01", "2025-2026", 33)
    ]


@pytest.mark.parametrize(
    ("kind", "zoetermeer", "deventer"),
    [
        ("partial-timetable", [], []),
        ("education-care", [], []),
        ("day-activity", [("2024-09-30", 33)], []),  # only day activity is at home
        ("substitute-programme", [("2024-09-30", 33)], []),
    ],
)
def test_arrangements_that_end_it(kind, zoetermeer, deventer):
    words = [
        *CHILD,
        absent_on(weekdays_between("2024-09-02", "2024-10-04")),
        an_arrangement(kind, "2024-09-17", "2024-09-17"),
    ]
    assert sitters(*words) == zoetermeer
    assert sitters(*words, definition="deventer-2022") == deventer


@pytest.mark.parametrize(
    ("arranged", "breaks"),
    [
        (("2024-09-17", "2024-09-17"), True),  # a silent lesson day, covered
        (("2024-09-14", "2024-09-15"), False),  # a weekend only: no lesson day covered
        (("2024-09-30", None), True),  # open, from the last day on
        (("2024-10-01", None), False),
        (("2024-08-01", "2024-09-01"), False),
    ],
)
def test_a_covered_lesson_day_breaks_with_or_without_marks(arranged, breaks):
    days = [on for on in AND_MONDAY if str(on) != "2024-09-17"] + [day("2024-10-01")]
    days = days[:-1] if arranged[0] == "2024-09-30" else days
    plain = sitters(*CHILD, absent_on(days))
    silent_too = sitters(*CHILD, absent_on(days), an_arrangement("partial-timetable", *arranged))
    assert plain in ([("2024-09-30", 28)], [("2024-09-30", 29)])
    assert (silent_too == []) is breaks


def test_an_arrangement_with_a_school_holds_for_that_school():
    words = [*CHILD, absent_on(AND_MONDAY)]
    here = an_arrangement("partial-timetable", "2024-09-17", "2024-09-17", school=SCHOOL)
    elsewhere = an_arrangement("partial-timetable", "2024-09-17", "2024-09-17", school=OTHER_SCHOOL)
    assert sitters(*words, here) == []
    assert sitters(*words, elsewhere) == [("2024-09-30", 29)]


def test_an_arrangement_not_yet_seen_ends_nothing():
    words = [*CHILD, absent_on(AND_MONDAY), an_arrangement("partial-timetable", "2024-10-01")]
    assert sitters(*words, as_of="2024-09-30") == [("2024-09-30", 29)]


def test_after_a_break_a_new_streak_is_the_next_ordinal():
    days = [*AND_MONDAY, *weekdays_between("2024-10-02", "2024-10-31")]
    findings = found(*CHILD, absent_on(days, authorised=True), a_presence("2024-10-01"))
    assert [(one.ordinal, str(one.at)) for one in findings if one.kind == "home-sitter"] == [
        (1, "2024-09-30"),
        (2, "2024-10-29"),
    ]


@pytest.mark.parametrize(
    ("born", "diploma", "says"),
    [
        ("2006-10-01", None, True),  # seventeen on 30 September
        ("2006-09-30", None, False),  # eighteen that day: the streak says nothing
        ("2007-01-01", "2024-09-30", False),  # qualified that day
        ("2007-01-01", "2024-10-01", True),
        ("2019-09-15", None, False),  # five this month: not yet on the 30th
    ],
)
def test_the_obligation_when_it_arises(born, diploma, says):
    days = list(weekdays_between("2024-09-02", "2024-10-11"))
    words = [
        a_birth(born),
        an_enrolment(),
        absent_on(days, authorised=True),
        [a_diploma(diploma)] if diploma else [],
    ]
    assert bool(sitters(*words)) is says


def test_deventer_wants_only_counted_marks():
    days = list(weekdays_between("2024-09-02", "2024-10-04"))
    words = [*CHILD, absent_on(days), an_absence("2024-09-17", authorised=True, said=2)]
    assert sitters(*words, definition="deventer-2022") == []
    one_of_two = an_absence("2024-09-17", slot="lesson-2", authorised=True)
    assert sitters(*CHILD, absent_on(days), one_of_two, definition="deventer-2022") == []
    assert sitters(*CHILD, absent_on(days), definition="deventer-2022") == [("2024-09-30", 33)]


def test_an_unknown_definition_is_refused():
    with pytest.raises(NoSuchRule, match="atlantis"):
        found(*CHILD, definition="thuiszitter@atlantis")
