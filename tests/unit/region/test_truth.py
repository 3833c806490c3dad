"""The region's own count, against numbers worked out by hand with a calendar, and against the letter of the rules.

2 September 2024 is a Monday and lesson day 0. The secondary school has 4, 5, 4, 5, 4 lessons of 50 minutes from
Monday to Friday (22 a week), the college 90 + 60, 90, and 90 + 60 minutes on Monday, Tuesday and Thursday (6.5 hours
a week). The autumn holiday is the week of 28 October 2024.
"""

from dataclasses import replace
from datetime import date

import pytest

from aanwezig import region as rooms
from aanwezig.contracts.submissions import PupilRef
from aanwezig.region.people import Pupil, Standing, Stay
from aanwezig.region.places import schools
from aanwezig.region.truth import lesson_week_time, obligation, standing_findings


@pytest.fixture(scope="module")
def truth():
    return rooms.build(seed=11, pupils=60).truth()


def _of(truth, character):
    pupil = truth.characters[character]
    found = [finding for finding in truth.findings if finding.pupil == pupil]
    return sorted((found.kind, found.ordinal, found.at, found.value) for found in found)


def test_sixteen_lessons_from_monday_30_september_are_full_on_thursday(truth):
    # 4 + 5 + 4 = 13 by Wednesday; the third lesson of Thursday 3 October is the sixteenth.
    assert _of(truth, "first-once") == [("statutory", 1, "2024-10-03", "16")]


def test_four_weeks_at_home_are_counted_without_the_autumn_holiday(truth):
    # Away from Monday 14 October. 14 to 27 October are 14 dates, 4 to 15 November 12: 26. Monday 18 November brings
    # Saturday and Sunday with it: 29, the first absent day at 28 or more. 126 lessons at 22 a week, without the free
    # Wednesday 20 November (4): 44 by 25 October, 88 by 15 November, 106 by the 22nd, 126 on Friday the 29th (2 of
    # 4 lessons, so half that day present: no absent day). Last absent day Thursday the 28th: 14 + 21 + 4 = 39 dates.
    assert _of(truth, "home-holiday") == [("home-sitter", 1, "2024-11-18", "39")]


def test_a_student_of_nineteen_reaches_sixteen_hours_twice(truth):
    # College day 24 is the first of its ninth week, Monday 4 November (28 October is a holiday): 6.5 by the 7th, 13
    # by the 14th, 15.5 on Monday the 18th, 17 on Tuesday the 19th. Anew: 2.5 on the 21st, 9 by the 28th; 5 December
    # is free, so 13 on 3 December; 15.5 on Monday the 9th, 17 on Tuesday the 10th.
    assert _of(truth, "adult") == [
        ("eighteen-plus", 1, "2024-11-19", "17"),
        ("eighteen-plus", 2, "2024-12-10", "17"),
    ]


def test_silent_days_and_the_weekend_behind_them_do_not_lengthen_a_streak():
    # One week away, Friday and Thursday silent; then Monday away: Mon-Wed and Monday count, Thu to Sunday do not.
    school = schools()[1]
    pupil = _at_school(school, born=date(2009, 6, 3))
    days = [day for day in school.lesson_days() if date(2024, 9, 2) <= day <= date(2024, 10, 18)]
    for day in days:
        if day not in {date(2024, 9, 5), date(2024, 9, 6)}:
            pupil.put(school.id, day, "lesson-1", Standing("absent", 50, authorised=True))

    (found,) = standing_findings([pupil], (school,))

    # 2 September to 18 October are 47 dates, less Thursday 5 to Sunday 8 September; 28 are reached on 3 October:
    # 32 dates from the 2nd to the 3rd, less 4.
    assert (found.kind, found.at, found.value) == ("home-sitter", "2024-10-03", "43")


@pytest.mark.parametrize(("day", "findings"), [(date(2024, 9, 30), 1), (date(2024, 10, 1), 0)])
def test_the_window_has_twenty_eight_days(day, findings):
    # 28 days ending on Monday 30 September begin on Tuesday the 3rd; those ending a day later do not hold it.
    school = schools()[1]
    pupil = _at_school(school, born=date(2009, 6, 3))
    for number in range(1, 16):
        absent = Standing("absent", 50, authorised=False)
        pupil.put(school.id, date(2024, 9, 3), f"lesson-{number}", absent)
    pupil.put(school.id, day, "lesson-1", Standing("absent", 50, authorised=False))

    assert len(standing_findings([pupil], (school,))) == findings


@pytest.mark.parametrize(
    ("character", "findings"),
    [
        ("stagnating", [("statutory", 1, "2024-10-22", "16")]),
        # 64 lessons in a row: every sixteenth is a finding.
        ("halt-over-hours", [
            ("statutory", 1, "2024-09-23", "16"),
            ("statutory", 2, "2024-09-27", "16"),
            ("statutory", 3, "2024-10-02", "16"),
            ("statutory", 4, "2024-10-08", "16"),
        ]),
        # From Tuesday 8 October (the 7th is free): 3.5 + 2, 3.5, 3.5 + 5/3, and 3.5 on Friday make 17 2/3.
        ("young", [("statutory", 1, "2024-10-11", "53/3")]),
        ("light", [("light", 1, "2024-11-08", "5")]),
        ("turns-eighteen", [("eighteen-plus", 1, "2025-04-10", "16"), ("statutory", 1, "2024-11-11", "17")]),
    ],
)  # fmt: skip
def test_parts_bring_their_findings(truth, character, findings):
    assert _of(truth, character) == findings


@pytest.mark.parametrize(
    "character",
    ["withdrawn", "just-below", "too-far-apart", "exempt", "on-leave", "qualified", "too-old", "four-years-old",
     "transfer"],
)  # fmt: skip
def test_of_these_nothing_stands_in_the_end(truth, character):
    assert _of(truth, character) == []


def test_a_part_timetable_ends_sitting_at_home(truth):
    # Away from 16 December, part timetable from lesson day 87: the last absent day is the one before.
    ((kind, _, at, value),) = _of(truth, "home-ended")
    days = schools()[1].lesson_days()
    assert (kind, at) == ("home-sitter", "2025-01-16")
    weeks = [day for day in lesson_week_time(schools()[1]) if days[62] <= day <= days[86]]
    assert value == str(len(weeks))


def test_holiday_weeks_are_cut_out_of_lesson_week_time():
    weeks = lesson_week_time(schools()[1])

    assert date(2024, 10, 27) in weeks
    assert not [day for day in weeks if date(2024, 10, 28) <= day <= date(2024, 11, 3)]
    assert date(2024, 11, 4) in weeks


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        (date(2019, 9, 1), date(2024, 9, 30), "none"),
        (date(2019, 9, 30), date(2024, 10, 1), "leerplichtig"),
        (date(2019, 12, 31), date(2024, 12, 31), "none"),
        (date(2019, 12, 31), date(2025, 1, 1), "leerplichtig"),
        (date(2008, 7, 31), date(2024, 7, 31), "leerplichtig"),
        (date(2008, 7, 31), date(2024, 8, 1), "kwalificatieplichtig"),
        (date(2008, 8, 1), date(2025, 7, 31), "leerplichtig"),
        (date(2007, 1, 20), date(2025, 1, 19), "kwalificatieplichtig"),
        (date(2007, 1, 20), date(2025, 1, 20), "eighteen-plus"),
        (date(2002, 3, 4), date(2025, 3, 3), "eighteen-plus"),
        (date(2002, 3, 4), date(2025, 3, 4), "none"),
        (date(2004, 2, 29), date(2027, 2, 28), "eighteen-plus"),
        (None, date(2025, 3, 4), "unknown"),
    ],
)
def test_obligation_begins_and_ends_on_the_day(born, day, expected):
    pupil = _at_school(schools()[1], born=born)

    assert obligation(pupil, day) == expected


def test_a_qualification_ends_the_duty_from_its_date_on():
    pupil = replace(_at_school(schools()[2], born=date(2007, 1, 20)), qualified=date(2025, 2, 3))

    assert obligation(pupil, date(2025, 2, 2)) == "eighteen-plus"
    assert obligation(pupil, date(2025, 2, 3)) == "none"


def _at_school(school, *, born):
    ref = PupilRef(number="999900006")
    return Pupil(ref, "ordinary", born, school.municipality, [Stay(school.id, school.type, date(2024, 8, 1))])
