"""Resident, under the law, and enrolled nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.law import packs
from aanwezig.law.obligation import obligation_on, turning_points
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_diploma,
    a_presence,
    a_report,
    a_residence,
    a_signal,
    an_absence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
)
from support.law import found

HERE = a_residence("2024-09-01")
RULES = packs.load("nl-2024").obligation


def absolutes(*words, **how):
    return [str(one.at) for one in found(*words, **how) if one.kind == "absolute"]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-09-28", []),  # 28 dates, and the day after them is not there yet
        ("2024-09-29", ["2024-09-29"]),
        ("2025-03-01", ["2024-09-29"]),
    ],
)
def test_it_arises_by_time_alone(as_of, expected):
    assert absolutes(HERE, as_of=as_of) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([an_enrolment("2024-09-28")], []),  # 27 dates
        ([an_enrolment("2024-09-29")], ["2024-09-29"]),  # 28 dates
        ([an_enrolment("2024-08-01", until="2024-09-30")], ["2024-10-29"]),
        ([an_enrolment("2024-09-20", until="2024-09-25")], ["2024-10-24"]),  # the run before it was too short
        ([an_enrolment("2024-10-01", until="2024-10-02")], ["2024-09-29", "2024-10-31"]),
        ([an_enrolment("2024-08-01", until="2024-12-31"), an_enrolment("2024-09-01")], []),
        ([an_enrolment("2024-08-01", school=OTHER_SCHOOL)], []),  # wherever
        ([an_exemption("2024-09-01", "2024-10-15")], ["2024-11-13"]),
        ([an_exemption("2024-09-28", "2024-09-28")], ["2024-10-27"]),
        ([an_enrolment("2024-09-01"), retracted(an_enrolment("2024-09-01"))], ["2024-09-29"]),
        ([a_presence("2024-09-10")], ["2025-08-29"]),  # marks imply an enrolment until 31 July
        ([a_presence("2024-09-07")], ["2024-09-29"]),  # not on a Saturday
        (
            [a_presence("2024-09-10"), an_enrolment("2024-12-02")],
            ["2024-09-29"],
        ),  # told: the marks imply none
    ],
)
def test_enrolled_nowhere_for_twenty_eight_dates(others, expected):
    assert absolutes(HERE, *others, as_of="2025-12-31") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([a_birth()], []),  # residence unknown: never
        ([a_residence("2019-01-01")], ["2022-08-29"]),  # not looked at before 1 August 2022
        ([a_residence("2024-09-01", until="2024-09-27")], []),  # 27 dates
        ([a_residence("2024-09-01", until="2024-09-28")], ["2024-09-29"]),  # 28, `at` after the last of them
        ([a_residence("2024-09-01", until="2024-09-15"), a_residence("2024-09-16", "0150")], ["2024-09-29"]),
        ([a_residence("2024-09-01", until="2024-09-15"), a_residence("2024-09-17", "0150")], ["2024-10-15"]),
    ],
)
def test_residence(words, expected):
    assert absolutes(*words, as_of="2025-12-31") == expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2019-09-01", ["2024-10-29"]),  # five in September: from 1 October
        ("2019-09-30", ["2024-10-29"]),
        ("2019-10-01", ["2024-11-29"]),
        ("2008-07-31", ["2024-09-29"]),  # sixteen on the last day of the year before: kwalificatieplichtig
        ("2006-09-29", ["2024-09-29"]),  # 28 dates, eighteen on the 29th
        ("2006-09-28", []),
        ("2001-01-01", []),
    ],
)
def test_only_under_the_law(born, expected):
    assert absolutes(a_residence("2024-09-01", born=born), as_of="2025-07-31") == expected


def test_a_diploma_ends_the_duty_to_qualify_and_not_the_first():
    assert absolutes(a_residence("2024-09-01", born="2007-05-01"), a_diploma("2024-09-28")) == []
    assert absolutes(HERE, a_diploma("2024-09-02")) != []


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("9999-12-03", ["9999-12-31"]),  # 28 dates, and the last one there is after them
        ("9999-12-04", []),  # 28 dates, and no date after them
    ],
)
def test_at_the_end_of_time(since, expected):
    assert absolutes(a_residence(since, born="9985-01-01"), as_of="9999-12-31") == expected


def test_it_is_said_without_a_school_and_counts_nothing():
    (finding,) = found(
        HERE,
        a_signal("2024-08-01"),
        a_report("2024-09-10", "luxury", school=OTHER_SCHOOL),
        as_of="2024-10-01",
    )
    assert (finding.school, finding.calendar, finding.school_type, finding.municipality) == (
        None,
        None,
        None,
        "0637",
    )
    assert (finding.window, finding.counted, finding.known_at, finding.age) == (None, (), None, 14)
    measured = finding.measured
    assert (measured.value, measured.unit, measured.operator, measured.threshold) == (28, "days", ">=", 28)
    assert (finding.context.hours_this_year, finding.context.times_late_this_year) == (0, 0)
    assert [row.signal for row in finding.context.signals] == ["family"]
    assert [row.kind for row in finding.context.reports] == ["luxury"]  # of every school


def test_a_later_run_of_the_year_is_the_next_ordinal():
    words = [HERE, an_enrolment("2024-11-01", until="2024-12-01")]
    told = [(one.school_year, one.ordinal) for one in found(*words, as_of="2025-07-31")]
    assert told == [("2024-2025", 1), ("2024-2025", 2)]


def test_an_enrolment_recorded_later_that_starts_earlier_withdraws_it():
    assert absolutes(HERE, an_enrolment("2024-08-01")) == []


def test_one_not_yet_seen_does_not():
    assert absolutes(HERE, an_enrolment("2024-12-01"), as_of="2024-11-30") == ["2024-09-29"]


def test_absent_days_at_a_school_are_no_reason_to_be_enrolled_nowhere():
    calendar = a_calendar(weekdays=[2])
    assert absolutes(HERE, calendar, an_absence("2024-09-02"), school_day()) == ["2025-08-29"]


def school_day():
    return an_absence("2024-09-03", school=SCHOOL)


@given(
    born=st.dates(day("1990-01-01"), day("2022-12-31")),
    qualified=st.none() | st.dates(day("2015-01-01"), day("2040-01-01")),
    on=st.dates(day("2000-01-01"), day("2045-12-31")),
)
def test_an_obligation_changes_on_its_turning_points_only(born, qualified, on):
    def asked(which):
        return obligation_on(which, born=born, qualified=qualified, rules=RULES)

    before = day(str(on)).fromordinal(on.toordinal() - 1)
    if asked(on) != asked(before):
        assert on in set(turning_points(born=born, qualified=qualified, rules=RULES))


def test_a_birth_near_the_end_of_time_has_turning_points_too():
    assert all(
        point.year <= 9999 for point in turning_points(born=day("9990-06-01"), qualified=None, rules=RULES)
    )
