"""Two school weeks of attendance after a finding."""

from datetime import timedelta

import pytest

from support.facts import (
    OTHER_SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_leave,
    a_presence,
    absences,
    absent_on,
    an_absence,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.law import found

CHILD = [a_birth(), an_enrolment("2022-08-01")]
# Statutory on Monday 2 September; the ten days after it end on Monday the 16th.
STATUTORY = absences("2024-09-02", 16)
TEN = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-16")]
MORE = [a_presence(on) for on in weekdays_between("2024-09-17", "2024-09-30")]
FOURTH = "2024-09-06"


def restored(*words, **how):
    return [
        (str(one.at), str(one.about.kind)) for one in found(*words, **how) if one.kind == "presence-restored"
    ]


def without(on):
    return [one for one in TEN if str(one.fact.date) != on]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (TEN[:9], []),
        (TEN, ["2024-09-16"]),
        ([*TEN, *MORE], ["2024-09-16"]),  # once
        ([*without(FOURTH), *MORE], ["2024-09-17"]),  # a silent day is passed over
        (
            [*TEN, *MORE, an_absence(FOURTH, slot="lesson-2")],
            ["2024-09-20"],
        ),  # a counted mark: from the 9th on
        (
            [*TEN, *MORE, an_absence(FOURTH, slot="lesson-2", authorised=True)],
            ["2024-09-16"],
        ),  # one not counted
        ([*TEN, *MORE, an_absence(FOURTH, slot="lesson-2"), a_leave(FOURTH, FOURTH)], ["2024-09-16"]),
        (
            [*without(FOURTH), an_absence(FOURTH, authorised=True), *MORE],
            ["2024-09-20"],
        ),  # recorded, not attended
        ([*without(FOURTH), a_late_arrival(FOURTH)], ["2024-09-16"]),  # late is attended
        ([*TEN[:9], a_presence("2024-09-14")], []),  # a Saturday
        ([*TEN[:9], a_presence("2024-09-16", school=OTHER_SCHOOL)], []),
        ([*TEN, retracted(TEN[3])], []),
        ([a_presence("2024-08-30"), *TEN[:9]], []),  # all after it
    ],
)
def test_ten_recorded_days_in_a_row(days, expected):
    assert restored(*CHILD, STATUTORY, days) == [(at, "statutory") for at in expected]


def test_a_holiday_is_passed_over():
    calendar = a_calendar(holidays=[("2024-09-07", "2024-09-15")])
    days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-23")]
    assert restored(*CHILD, calendar, STATUTORY, days) == [("2024-09-23", "statutory")]


@pytest.mark.parametrize(("as_of", "expected"), [("2024-09-15", []), ("2024-09-16", ["2024-09-16"])])
def test_only_seen_days(as_of, expected):
    assert [at for at, _ in restored(*CHILD, STATUTORY, TEN, as_of=as_of)] == expected


def test_the_newest_finding_before_that_day_is_named_each_once():
    again = absences("2024-09-10", 16)  # on the sixth of the ten days: they begin anew
    days = [a_presence(on) for on in weekdays_between("2024-09-11", "2024-10-31")]
    third = absences("2024-11-04", 16)
    late = [a_presence(on) for on in weekdays_between("2024-11-05", "2024-11-18")]
    findings = found(*CHILD, STATUTORY, TEN[:5], again, days, third, late)
    told = [
        (one.ordinal, str(one.at), one.about.ordinal) for one in findings if one.kind == "presence-restored"
    ]
    assert told == [(1, "2024-09-24", 2), (2, "2024-11-18", 3)]


def test_of_two_on_one_day_the_newest_is_the_last_by_kind_and_ordinal():
    twice = [
        *absences("2024-09-02", 16),
        an_absence("2024-09-02", slot="morning", minutes=480),
        an_absence("2024-09-02", slot="afternoon", minutes=480),
    ]
    findings = found(*CHILD, twice, TEN)
    assert [one.ordinal for one in findings if one.kind == "statutory"] == [1, 2]
    assert [one.about.ordinal for one in findings if one.kind == "presence-restored"] == [2]
    # 30 September: home-sitter and long-term arise on one day, and statutory before.
    away = absent_on(weekdays_between("2024-09-02", "2024-09-30"))
    back = [a_presence(day("2024-09-30") + timedelta(days=n)) for n in range(1, 15)]
    assert restored(*CHILD, away, back)[-1] == ("2024-10-14", "long-term")


@pytest.mark.parametrize(
    ("born", "kind"),
    [("2010-01-01", "statutory"), ("2004-01-01", "eighteen-plus")],
)
def test_after_which_kinds(born, kind):
    assert restored(a_birth(born), STATUTORY, TEN) == [("2024-09-16", kind)]


def test_after_weeks_at_home():
    away = absent_on(weekdays_between("2024-09-02", "2024-10-04"), authorised=True)
    back = [a_presence(on) for on in weekdays_between("2024-10-07", "2024-10-18")]
    assert restored(*CHILD, away, back) == [("2024-10-18", "home-sitter")]


def test_not_after_lateness():
    late = [a_late_arrival("2024-09-02", slot=f"lesson-{n}") for n in range(1, 4)]
    findings = found(*CHILD, late, TEN)
    assert {one.kind for one in findings} == {"lateness"}


def test_what_it_tells():
    finding = next(one for one in found(*CHILD, STATUTORY, TEN) if one.kind == "presence-restored")
    assert (finding.counted, finding.window, finding.known_at) == ((), None, None)
    measured = finding.measured
    assert (measured.value, measured.unit, measured.operator, measured.threshold) == (10, "days", ">=", 10)
