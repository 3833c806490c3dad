"""Weeks on end without permission, and the definition of a home-sitter that stands beside it."""

import pytest

from support.facts import (
    a_birth,
    a_calendar,
    a_leave,
    a_presence,
    a_residence,
    absent_on,
    an_absence,
    an_arrangement,
    an_enrolment,
    an_exemption,
    day,
    weekdays_between,
)
from support.law import found

CHILD = [a_birth(), an_enrolment("2022-08-01")]
EVERY_DAY = a_calendar(weekdays=[1, 2, 3, 4, 5, 6, 7])
FIVE_WEEKS = list(weekdays_between("2024-09-02", "2024-10-04"))


def of_kind(kind, *words, **how):
    return [(str(one.at), int(one.measured.value)) for one in found(*words, **how) if one.kind == kind]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2024-09-28", []),  # 27 days
        ("2024-09-29", []),  # 28: not longer than four weeks
        ("2024-09-30", [("2024-09-30", 29)]),
        ("2024-10-01", [("2024-09-30", 30)]),
    ],
)
def test_longer_than_twenty_eight_days(last, expected):
    every = [
        day("2024-09-02").fromordinal(n)
        for n in range(day("2024-09-02").toordinal(), day(last).toordinal() + 1)
    ]
    assert of_kind("long-term", *CHILD, EVERY_DAY, absent_on(every)) == expected


@pytest.mark.parametrize(
    ("words", "long"),
    [
        ([], True),
        ([an_absence("2024-09-17", authorised=True, said=2)], False),  # only unauthorised ones
        ([an_absence("2024-09-17", authorised=None, said=2)], False),
        ([a_leave("2024-09-17", "2024-09-17")], False),
        ([an_exemption("2024-09-17", "2024-09-17")], False),
        ([a_presence("2024-09-17", slot="lesson-9")], False),  # back for one hour
        ([an_arrangement("partial-timetable", "2024-09-17")], True),  # no arrangement ends it
    ],
)
def test_what_breaks_it(words, long):
    assert bool(of_kind("long-term", *CHILD, absent_on(FIVE_WEEKS), *words)) is long


@pytest.mark.parametrize(
    ("born", "says"),
    [("2006-10-01", True), ("2006-09-30", False), ("2019-08-31", True), ("2019-09-01", False)],
)
def test_only_under_the_law_on_the_day_it_arises(born, says):
    words = [a_birth(born), an_enrolment(), absent_on(FIVE_WEEKS)]
    assert bool(of_kind("long-term", *words)) is says


def test_the_ministry_stands_beside_long_term_and_absolute():
    words = [
        a_residence("2024-05-01"),
        an_enrolment("2024-07-01"),
        absent_on(FIVE_WEEKS),
        an_arrangement("day-activity", "2024-09-17"),
    ]
    findings = found(*words, definition="ocw-2016")
    sitters = [one for one in findings if one.kind == "home-sitter"]
    beside = [one for one in findings if one.kind in {"absolute", "long-term"}]
    assert [one.kind for one in beside] == ["absolute", "long-term"]
    for sitter, twin in zip(sitters, beside, strict=True):
        assert (sitter.school, sitter.at, sitter.counted, sitter.window) == (
            twin.school,
            twin.at,
            twin.counted,
            twin.window,
        )
        assert (sitter.measured, sitter.obligation, sitter.context) == (
            twin.measured,
            twin.obligation,
            twin.context,
        )
        assert (sitter.rule.id, sitter.definition) == ("home-sitter", "thuiszitter@ocw-2016")
        assert "26695" in sitter.rule.article


def test_the_ministry_has_no_streak_of_its_own():
    assert of_kind("home-sitter", *CHILD, absent_on(FIVE_WEEKS, authorised=True), definition="ocw-2016") == []


def test_the_ordinals_of_the_ministry_are_per_school():
    words = [a_residence("2024-05-01"), an_enrolment("2024-08-20"), absent_on(FIVE_WEEKS)]
    findings = found(*words, definition="ocw-2016")
    sitters = [(one.school, one.school_year, one.ordinal) for one in findings if one.kind == "home-sitter"]
    assert sitters == [(None, "2023-2024", 1), ("25PL00", "2024-2025", 1)]
