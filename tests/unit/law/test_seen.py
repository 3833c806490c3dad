"""What is seen of a pupil as of a date: facts about later dates are not."""

from dataclasses import replace

import pytest

from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from support.facts import (
    SCHOOL,
    a_diploma,
    a_leave,
    a_presence,
    a_report,
    a_sick_report,
    an_arrangement,
    an_exemption,
    day,
)
from support.law import NL_2024, book_of

CALENDAR = book_of([]).calendars.of(SCHOOL)


def seen(*words, as_of="2024-09-03"):
    return Seen(Standing.of(words), day(as_of))


def test_a_spell_that_begins_later_is_not_seen():
    spells = seen(a_sick_report("2024-09-03"), a_sick_report("2024-09-04")).sick_reports(SCHOOL)
    assert [str(spell.from_) for _, spell in spells] == ["2024-09-03"]


def test_recorded_days_after_a_date_end_with_the_day_it_is():
    days = [a_presence(f"2024-09-{number:02}") for number in (2, 3, 4)]
    recorded = seen(*days).recorded(SCHOOL, day("2024-09-01"), CALENDAR)
    assert [str(on) for on in recorded] == ["2024-09-02", "2024-09-03"]


RULES = NL_2024.pack.obligation


@pytest.mark.parametrize(("on", "number"), [("2024-09-03", 1), ("2024-09-04", 0)])
def test_of_whatever_begins_later_nothing_is_seen(on, number):
    of = seen(
        a_diploma(on), a_leave(on, "2024-09-30"), an_exemption(on, "2024-09-30"), a_report(on),
        an_arrangement("partial-timetable", on),
    )  # fmt: skip
    told = [of.exemptions(), list(of.arrangements(SCHOOL)), list(of.reports(SCHOOL))]
    assert [len(rows) for rows in told] == [number] * 3
    later = day("2024-09-10")
    assert (of.on_leave(SCHOOL, later), of.exempt(later)) == (number == 1, number == 1)
    assert (of.qualified(RULES) is not None) is (number == 1)


def test_schools_are_asked_in_order():
    names = [f"{number}QW00" for number in range(20, 10, -1)]
    assert seen(*(a_presence("2024-09-02", school=name) for name in names)).schools() == sorted(names)


def test_only_what_the_pack_calls_a_qualification_is_one():
    of = seen(a_diploma("2024-09-02", "mbo-2"), a_diploma("2024-09-03", "havo"))
    assert of.qualified(RULES) == day("2024-09-02")
    assert of.qualified(replace(RULES, qualifications=("havo", "vwo"))) == day("2024-09-03")


def test_where_marks_imply_no_enrolment_there_is_none():
    on_saturday = seen(a_presence("2024-08-31"))
    assert on_saturday.implied_enrolment(SCHOOL, CALENDAR) is None
    assert not on_saturday.enrolled(SCHOOL, day("2024-08-31"), CALENDAR)


def test_reports_of_the_first_day_are_since_it():
    of = seen(a_report("2024-08-01"), a_report("2024-07-31", "luxury"))
    assert [row.kind for row in of.reports_since(SCHOOL, day("2024-08-01"))] == ["light"]
