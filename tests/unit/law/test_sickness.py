"""Ill often, ill for long."""

from dataclasses import replace

import pytest

from aanwezig.law.packs import OnePack
from support.facts import SCHOOL, a_birth, a_calendar, a_presence, a_sick_report, day, retracted
from support.law import NL_2024, found

BEGINNINGS = ("2024-09-02", "2024-09-16", "2024-09-30")


def sickness(*words, **how):
    return [(one.rule.id, str(one.at), one.ordinal) for one in found(*words, **how) if one.kind == "sickness"]


def short(*dates):
    return [a_sick_report(on, on) for on in dates]


@pytest.mark.parametrize(
    ("fourth", "expected"),
    [
        ("2024-11-24", ["2024-11-24"]),  # the 84th date: twelve weeks
        ("2024-11-25", []),  # the 85th: the first lies no longer within
    ],
)
def test_the_fourth_within_twelve_school_weeks(fourth, expected):
    words = short(*BEGINNINGS, fourth)
    assert sickness(*words) == [("sickness-frequent", at, 1) for at in expected]


def test_weeks_without_lessons_are_cut_out_and_spells_that_begin_there_are_not_counted():
    calendar = a_calendar(holidays=[("2024-10-26", "2024-11-03")])
    words = [calendar, *short(*BEGINNINGS, "2024-12-01")]
    assert sickness(*words) == [("sickness-frequent", "2024-12-01", 1)]  # date 84, the holiday week left out
    assert sickness(calendar, *short(*BEGINNINGS, "2024-12-02")) == []
    with_three = [calendar, *short("2024-09-02", "2024-09-16", "2024-10-28", "2024-11-11")]
    assert sickness(*with_three) == []
    assert sickness(*with_three, *short("2024-11-18")) == [("sickness-frequent", "2024-11-18", 1)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [(3, 0), (4, 1), (7, 1), (8, 2)],
)
def test_then_the_count_starts_anew(number, expected):
    words = short(*[f"2024-09-{on:02}" for on in range(2, 2 + number)])
    assert len(sickness(*words)) == expected


def test_spells_are_counted_in_order_of_their_first_day_however_they_came():
    in_order = short(*BEGINNINGS, "2024-10-07")
    (finding,) = found(*in_order[::-1])
    assert [str(row.date) for row in finding.counted] == [*BEGINNINGS, "2024-10-07"]


def test_a_pack_may_let_the_count_go_on():
    rule = replace(NL_2024.pack.sickness_frequent, starts_anew=False)
    governance = OnePack(replace(NL_2024.pack, sickness_frequent=rule))
    findings = found(*short(*BEGINNINGS, "2024-10-07", "2024-10-14"), governance=governance)
    assert [[str(row.date) for row in one.counted] for one in findings] == [
        [*BEGINNINGS, "2024-10-07"],
        [*BEGINNINGS[1:], "2024-10-07", "2024-10-14"],
    ]


def test_overlapping_spells_each_count_and_no_school_year_bounds_them():
    words = [a_sick_report(f"2025-07-{on}", "2025-08-01") for on in (28, 29, 30)]
    assert sickness(*words, *short("2025-08-04")) == [("sickness-frequent", "2025-08-04", 1)]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2024-09-09", []),  # six school days, with a weekend
        ("2024-09-10", ["2024-09-10"]),  # the seventh
        ("2024-09-30", ["2024-09-10"]),
        (None, ["2024-09-10"]),
    ],
)
def test_the_seventh_school_day(until, expected):
    assert [at for _, at, _ in sickness(a_sick_report("2024-09-02", until))] == expected


@pytest.mark.parametrize(("as_of", "expected"), [("2024-09-09", []), ("2024-09-10", ["2024-09-10"])])
def test_an_open_spell_is_long_by_time_alone(as_of, expected):
    assert [at for _, at, _ in sickness(a_sick_report("2024-09-02"), as_of=as_of)] == expected


def test_attended_marks_do_not_end_a_spell():
    words = [a_sick_report("2024-09-02"), a_presence("2024-09-04")]
    assert sickness(*words) == [("sickness-long", "2024-09-10", 1)]


def test_a_spell_that_begins_without_lessons_may_be_long():
    calendar = a_calendar(holidays=[("2024-10-26", "2024-11-03")])
    assert sickness(calendar, a_sick_report("2024-10-28")) == [("sickness-long", "2024-11-12", 1)]
    for until in (None, "2024-12-31"):  # the calendar ends before its seventh lesson day
        assert sickness(a_calendar(until="2024-09-05"), a_sick_report("2024-09-02", until)) == []


def test_a_spell_taken_back_is_none():
    assert sickness(a_sick_report("2024-09-02"), retracted(a_sick_report("2024-09-02"))) == []


def test_both_rules_are_one_kind_in_order_of_date_and_rule():
    words = [a_sick_report("2024-09-02", "2024-09-10"), *short("2024-09-04", "2024-09-05", "2024-09-10")]
    assert sickness(*words) == [("sickness-frequent", "2024-09-10", 1), ("sickness-long", "2024-09-10", 2)]


def test_what_a_finding_tells():
    often, long = (
        one for one in found(*short(*BEGINNINGS, "2024-10-07"), a_sick_report("2024-10-14", "2024-12-01"))
    )
    assert [(str(row.date), row.slot, row.hours) for row in often.counted] == [
        *[(on, None, None) for on in BEGINNINGS],
        ("2024-10-07", None, None),
    ]
    assert often.window == (day("2024-09-02"), day("2024-10-07"))
    assert often.known_at == a_sick_report("2024-10-07", "2024-10-07").time
    assert (often.measured.value, often.measured.unit, often.measured.threshold) == (4, "times", 4)
    assert (long.measured.value, long.measured.unit, long.measured.threshold) == (7, "days", 7)
    assert long.window == (day("2024-10-14"), day("2024-10-14"))


def test_nobody_has_to_be_under_the_law_and_a_school_needs_no_mark():
    (finding,) = found(a_birth("1980-01-01"), a_sick_report("2024-09-02"))
    assert (finding.school, finding.obligation, finding.calendar) == (SCHOOL, "none", "assumed")
