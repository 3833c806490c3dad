"""Back at school after weeks at home."""

import pytest

from support.facts import (
    OTHER_SCHOOL,
    a_birth,
    a_late_arrival,
    a_mark,
    a_presence,
    a_residence,
    absent_on,
    an_absence,
    an_arrangement,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.law import found

CHILD = [a_birth(), an_enrolment("2022-08-01")]
# A home-sitter from Monday 30 September on, by authorised absence: nothing else is found. Away until Friday 4 October.
AWAY = absent_on(weekdays_between("2024-09-02", "2024-10-04"), authorised=True)
BACK = "2024-10-07"


def returned(*words, **how):
    return [(str(one.at), int(one.measured.value)) for one in found(*words, **how) if one.kind == "returned"]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ([], []),
        ([a_presence(BACK)], [(BACK, 33)]),
        ([a_late_arrival(BACK)], [(BACK, 33)]),
        ([an_absence(BACK, authorised=True)], []),
        ([a_presence(BACK), a_presence("2024-10-08")], [(BACK, 33)]),  # at most one
        ([a_presence("2024-10-05")], []),  # a Saturday
        ([a_presence(BACK, school=OTHER_SCHOOL)], []),  # at the same school
        ([a_presence("2024-09-30", slot="lesson-2")], []),  # breaks the streak before it is long enough
        ([a_presence("2024-10-02", slot="lesson-2")], [("2024-10-02", 30)]),  # breaks it after: it ends there
        ([a_presence(BACK), an_absence(BACK, slot="lesson-2")], [(BACK, 33)]),  # one lesson is a return
        ([a_presence(BACK), retracted(a_presence(BACK))], []),
        (
            [a_presence(BACK), a_mark(BACK, "not-recorded", said=2), a_presence("2024-10-09")],
            [("2024-10-09", 33)],
        ),
        (
            [an_enrolment("2022-08-01", until="2024-10-05", said=2), a_presence(BACK)],
            [(BACK, 33)],
        ),  # enrolled or not
    ],
)
def test_the_first_attended_mark_after_it(back, expected):
    assert returned(*CHILD, AWAY, back) == expected


def test_a_mark_not_yet_seen_is_no_return():
    assert returned(*CHILD, AWAY, a_presence(BACK), as_of="2024-10-06") == []


@pytest.mark.parametrize(
    "more",
    [
        [
            a_late_arrival(f"2024-08-{number}") for number in (28, 29, 30)
        ],  # lateness: nobody returns from that
        absent_on(
            weekdays_between("2024-10-08", "2024-11-15"), authorised=True
        ),  # away again, and not yet back
    ],
)
def test_other_findings_of_the_pupil_hide_none(more):
    away = absent_on(weekdays_between("2024-09-02", "2024-10-04"))
    assert returned(*CHILD, away, a_presence(BACK), more) == [(BACK, 33), (BACK, 33)]


def test_it_counts_the_first_slot_and_names_the_finding():
    words = [
        a_presence(BACK, slot="lesson-10"),
        a_late_arrival(BACK, slot="lesson-2"),
        a_presence(BACK, slot="afternoon"),
    ]
    findings = found(*CHILD, AWAY, words)
    (finding,) = (one for one in findings if one.kind == "returned")
    assert [(row.slot, row.hours) for row in finding.counted] == [("lesson-2", None)]
    assert finding.window == (day(BACK), day(BACK))
    assert finding.known_at == words[1].time
    assert finding.about == next(one.identity for one in findings if one.kind == "home-sitter")
    measured = finding.measured
    assert (measured.unit, measured.operator, measured.threshold) == ("days", None, None)


def test_of_two_on_one_day_the_one_about_the_earlier_finding_comes_first():
    away = absent_on(weekdays_between("2024-09-02", "2024-10-04"))
    silent = [one for one in away if str(one.fact.date) != "2024-09-30"]
    findings = found(*CHILD, an_absence("2024-08-30", authorised=True), silent, a_presence(BACK))
    by_ordinal = [(one.ordinal, one.about.kind) for one in findings if one.kind == "returned"]
    ats = {one.kind: one.at for one in findings if one.kind in {"home-sitter", "long-term"}}
    assert ats["home-sitter"] < ats["long-term"]
    assert by_ordinal == [(1, "home-sitter"), (2, "long-term")]


def test_on_equal_dates_by_the_kind_of_the_finding():
    away = absent_on(weekdays_between("2024-09-02", "2024-10-04"))
    findings = found(*CHILD, away, a_presence(BACK))
    assert [one.about.kind for one in findings if one.kind == "returned"] == ["home-sitter", "long-term"]


def test_the_order_of_the_findings_named_is_by_date_before_kind():
    away = absent_on(weekdays_between("2024-09-02", "2024-10-31"))
    at_home_from_the_18th = an_arrangement("partial-timetable", "2024-09-17", "2024-09-17")
    findings = found(*CHILD, away, at_home_from_the_18th, a_presence("2024-11-01"))
    ats = {one.kind: str(one.at) for one in findings}
    assert (ats["long-term"], ats["home-sitter"]) == ("2024-09-30", "2024-10-15")
    named = [(one.ordinal, one.about.kind) for one in findings if one.kind == "returned"]
    assert named == [(1, "long-term"), (2, "home-sitter")]


def test_of_absolute_there_is_no_return():
    words = [a_residence("2024-05-01"), an_enrolment("2024-07-01"), a_presence("2024-07-01")]
    findings = found(*words, definition="ocw-2016")
    assert {one.kind for one in findings} == {"absolute", "home-sitter"}
