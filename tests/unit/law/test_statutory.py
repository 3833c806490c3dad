"""Sixteen hours in four lesson weeks, and who is meant by it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from aanwezig.contracts.findings import decimal_text
from aanwezig.law.packs import OnePack
from support.facts import (
    OTHER_SCHOOL,
    a_birth,
    a_calendar,
    a_diploma,
    a_mark,
    a_presence,
    absences,
    an_absence,
    an_enrolment,
    retracted,
)
from support.law import NL_2024, found, told

PUPIL_OF_14 = [a_birth(), an_enrolment()]
AUTUMN = ("2024-10-26", "2024-11-03")


def statutory(*words, **how):
    return told(found(*PUPIL_OF_14, *words, **how), "statutory")


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({"missed": 49}, []),  # 15.98
        ({"missed": 50}, [("2024-09-03", "16.00")]),  # exactly sixteen is enough
        ({}, [("2024-09-03", "16.00")]),  # nothing told of what was missed: all of it
        ({"missed": 0}, []),  # counted, with nothing
    ],
)
def test_the_boundary_of_sixteen(last, expected):
    words = absences("2024-09-02", 8) + absences("2024-09-03", 7)
    assert statutory(words, an_absence("2024-09-03", slot="lesson-16", minutes=50, **last)) == expected


def test_just_above_sixteen_is_told_exactly():
    words = [*absences("2024-09-02", 15), an_absence("2024-09-03", minutes=61)]
    (finding,) = found(*PUPIL_OF_14, words)
    assert finding.measured.value == 15 + Fraction(61, 60)


def test_a_sum_that_prints_as_sixteen_but_is_less_is_below():
    words = absences("2024-09-02", 15)
    almost = an_absence("2024-09-03", slot="lesson-1", minutes=59, missed=58)
    rest = an_absence("2024-09-03", slot="lesson-2", minutes=60, missed=1)
    assert decimal_text(15 + Fraction(58, 59) + Fraction(1, 60)) == "16.00"
    assert statutory(words, almost, rest) == []
    assert statutory(words, almost, an_absence("2024-09-03", slot="lesson-2", minutes=60, missed=2)) == [
        ("2024-09-03", "16.02")
    ]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2024-09-29", []),  # a Sunday: no lesson day, so the mark does not count
        ("2024-09-27", [("2024-09-27", "16.00")]),  # within 28 days
        ("2024-09-30", []),  # the 29th day: the first eight have left the window
    ],
)
def test_the_window_rolls_by_day(last, expected):
    assert statutory(absences("2024-09-02", 8), absences(last, 8)) == expected


def test_the_twenty_eighth_day_is_in_the_window():
    saturday_school = a_calendar(weekdays=[1, 2, 3, 4, 5, 6, 7])
    assert statutory(saturday_school, absences("2024-09-02", 8), absences("2024-09-29", 8)) == [
        ("2024-09-29", "16.00")
    ]
    assert statutory(saturday_school, absences("2024-09-02", 8), absences("2024-09-30", 8)) == []


def test_a_holiday_week_inside_does_not_count():
    # Five calendar weeks, four lesson weeks.
    calendar = a_calendar(holidays=[AUTUMN])
    words = [absences("2024-10-11", 8), absences("2024-11-14", 8)]
    assert statutory(calendar, *words) == [("2024-11-14", "16.00")]
    assert statutory(a_calendar(), *words) == []


def test_the_sum_starts_anew_after_a_crossing():
    # After sixteen the sum begins at nothing: four and eleven are fifteen.
    words = [absences("2024-09-02", 16), absences("2024-09-03", 4), absences("2024-09-04", 11)]
    assert statutory(*words) == [("2024-09-02", "16.00")]
    assert statutory(*words, an_absence("2024-09-05")) == [("2024-09-02", "16.00"), ("2024-09-05", "16.00")]


def test_the_last_mark_may_bring_more_than_sixteen_and_all_of_it_is_in_the_sum():
    words = [*absences("2024-09-02", 15), an_absence("2024-09-03", slot="afternoon", minutes=180)]
    assert statutory(words) == [("2024-09-03", "18.00")]


def test_repeats_are_numbered_within_the_school_year():
    words = [absences(on, 16) for on in ("2024-09-02", "2024-09-03", "2025-09-01")]
    findings = found(*PUPIL_OF_14, *words)
    assert [(one.school_year, one.ordinal) for one in findings] == [
        ("2024-2025", 1),
        ("2024-2025", 2),
        ("2025-2026", 1),
    ]


def test_hours_of_last_school_year_are_not_in_the_sum_but_their_rows_in_the_window_are():
    # 31 July and 1 August 2025 are both lesson days here.
    calendar = a_calendar(until="2026-07-31")
    assert statutory(calendar, absences("2025-07-31", 8), absences("2025-08-01", 8)) == []
    assert statutory(calendar, absences("2025-07-30", 8), absences("2025-07-31", 8)) == [
        ("2025-07-31", "16.00")
    ]
    (finding,) = found(
        *PUPIL_OF_14,
        calendar,
        an_absence("2025-07-31", authorised=True),
        absences("2025-08-01", 16),
    )
    assert [(row.date.isoformat(), row.reason) for row in finding.not_counted] == [
        ("2025-07-31", "authorised")
    ]
    assert finding.window[0].isoformat() == "2025-07-05"  # the window itself is not cut at 1 August


def test_slots_are_walked_in_their_order():
    words = [
        *absences("2024-09-02", 15),
        an_absence("2024-09-03", slot="afternoon", minutes=60),
        an_absence("2024-09-03", slot="lesson-10"),
        an_absence("2024-09-03", slot="lesson-2"),
        an_absence("2024-09-03", slot="morning", minutes=30),
    ]
    (finding,) = found(*PUPIL_OF_14, words)
    assert [row.slot for row in finding.counted[15:]] == ["morning", "lesson-2"]


@pytest.mark.parametrize(
    ("born", "diploma", "kind"),
    [
        ("2007-09-04", None, "statutory"),  # eighteen the day after
        ("2006-09-03", None, "eighteen-plus"),  # eighteen on the day itself
        ("2001-09-04", None, "eighteen-plus"),  # 22
        ("2001-09-03", None, None),  # 23
        ("2019-09-15", None, None),  # five in September: from 1 October
        ("2007-09-04", "2024-09-03", None),  # qualified on the day
        ("2007-09-04", "2024-09-04", "statutory"),  # the day after
    ],
)
def test_the_obligation_on_the_day_decides_the_kind(born, diploma, kind):
    words = [a_birth(born), an_enrolment(), absences("2024-09-02", 8), absences("2024-09-03", 8)]
    diplomas = [a_diploma(diploma)] if diploma else []
    assert [one.kind for one in found(*words, diplomas)] == ([kind] if kind else [])


def test_the_first_of_two_diplomas_counts():
    diplomas = [a_diploma("2024-12-01", "vwo"), a_diploma("2024-09-03", "havo")]
    words = [a_birth("2007-09-04"), an_enrolment(), absences("2024-09-03", 16), diplomas]
    assert found(*words) == ()


def test_a_crossing_that_says_nothing_still_resets():
    # Five on 15 September: leerplichtig from 1 October. Sixteen hours before, twelve after it in one window.
    child = [a_birth("2019-09-15"), an_enrolment(school_type="vo")]
    words = [absences("2024-09-25", 16), absences("2024-10-02", 12)]
    assert told(found(*child, *words), "statutory") == []


def test_hours_from_before_the_obligation_began_are_in_the_sum():
    child = [a_birth("2019-09-15"), an_enrolment(school_type="vo")]
    words = [absences("2024-09-25", 8), absences("2024-10-02", 8)]
    assert told(found(*child, *words), "statutory") == [("2024-10-02", "16.00")]


def test_an_unknown_birth_date_is_treated_as_leerplichtig_and_said():
    (finding,) = found(an_enrolment(), absences("2024-09-02", 16))
    assert (finding.kind, finding.obligation, finding.age) == ("statutory", "unknown", None)


def test_two_schools_are_two_sums():
    elsewhere = an_enrolment(school=OTHER_SCHOOL)
    words = [absences("2024-09-02", 8), absences("2024-09-03", 8, school=OTHER_SCHOOL)]
    assert statutory(elsewhere, *words) == []


def test_a_correction_below_the_threshold_takes_the_finding_away():
    words = [absences("2024-09-02", 16)]
    assert statutory(*words) == [("2024-09-02", "16.00")]
    assert statutory(*words, a_presence("2024-09-02", slot="lesson-3", said=2)) == []
    assert statutory(*words, retracted(words[0][2])) == []
    assert statutory(*words, a_mark("2024-09-02", "not-recorded", slot="lesson-3", said=2)) == []


def test_as_of_hides_later_marks_and_later_findings():
    words = [absences("2024-09-02", 8), absences("2024-09-03", 8)]
    assert statutory(*words, as_of="2024-09-02") == []
    assert statutory(*words, as_of="2024-09-03") == [("2024-09-03", "16.00")]


def test_what_a_finding_carries():
    words = absences("2024-09-02", 8) + absences("2024-09-20", 8)
    (finding,) = found(*PUPIL_OF_14, words)
    assert finding.rule.article == "Leerplichtwet 1969, art. 21a"
    assert (finding.rule.id, finding.rule.pack, finding.rule.version) == ("statutory", "nl-2024", "1")
    assert [day.isoformat() for day in finding.window] == ["2024-08-24", "2024-09-20"]
    assert (finding.calendar, finding.school_type, finding.age) == ("assumed", "vo", 14)
    assert finding.known_at == words[-1].time
    assert [row.fact for row in finding.counted] == [said.id for said in words]
    assert found(*PUPIL_OF_14, a_calendar(), words)[0].calendar is None


def test_a_crossing_has_one_kind_the_first_that_is_about_the_pupil():
    meant = NL_2024.pack.statutory.obligations
    both = replace(NL_2024.pack, eighteen_plus=replace(NL_2024.pack.eighteen_plus, obligations=meant))
    findings = found(*PUPIL_OF_14, absences("2024-09-02", 16), governance=OnePack(both))
    assert [one.kind for one in findings] == ["statutory"]
