from datetime import date
from fractions import Fraction

import pytest

from aanwezig.law.packs import ByMunicipality
from aanwezig.law.presence import (
    NOTHING,
    Amounts,
    Groups,
    Place,
    SmallCells,
    presence_of,
    together,
    told_of_groups,
    told_of_pupil,
)
from aanwezig.law.standing import Standing
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_calendar,
    a_late_arrival,
    a_mark,
    a_presence,
    a_residence,
    an_absence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
    weekdays_between,
)
from support.law import NL_2024, about_calendar, book_of

RULES = SmallCells(pupil_days=20, group_pupils=10, suppress=True)


def measured(*words, first="2024-09-01", last="2024-09-30", as_of="2025-07-31"):
    return presence_of(
        Standing.of(word for word in words if not about_calendar(word)),
        calendars=book_of(words).calendars, governance=NL_2024,
        first=day(first), last=day(last), as_of=day(as_of),
    )  # fmt: skip


def all_of(*words, **how) -> Amounts:
    total = NOTHING
    for amounts in measured(*words, **how).values():
        total = total.with_more(amounts)
    return total


@pytest.mark.parametrize(
    ("mark", "attended"),
    [
        (a_presence("2024-09-02", minutes=50), 50),
        (a_presence("2024-09-02", minutes=50, missed=20), 50),  # present is all of it
        (a_late_arrival("2024-09-02", minutes=50), 50),
        (a_late_arrival("2024-09-02", minutes=50, missed=15), 35),
        (a_mark("2024-09-02", "absent", minutes=50), 0),
        (a_mark("2024-09-02", "absent", minutes=50, authorised=True), 0),
        (a_mark("2024-09-02", "absent", minutes=50, missed=20), 30),
        (a_mark("2024-09-02", "absent", minutes=50, missed=0), 50),
    ],
)
def test_attended_minutes_follow_state_and_missed_minutes(mark, attended):
    total = all_of(mark)
    assert (total.attended, total.recorded, total.marks, total.days, total.pupils) == (attended, 50, 1, 1, 1)


def test_residence_unknown_it_is_of_the_municipality_of_the_school():
    (place,) = presence_of(
        Standing.of([a_presence("2024-09-02")]),
        calendars=book_of([]).calendars,
        governance=ByMunicipality(NL_2024.pack, {}, {SCHOOL: "0150"}),
        first=day("2024-09-01"),
        last=day("2024-09-30"),
        as_of=day("2025-07-31"),
    )
    assert place == Place(SCHOOL, "0150", "2024-09")


@pytest.mark.parametrize(
    "left_out",
    [
        (a_presence("2024-09-07"),),  # a Saturday
        (a_mark("2024-09-02", "not-recorded"),),
        (a_presence("2024-09-02"), retracted(a_presence("2024-09-02"))),
        (a_presence("2024-09-02"), an_enrolment("2024-09-03")),
        (a_presence("2024-09-02"), an_exemption("2024-09-01", "2024-09-30")),
        (a_presence("2024-08-30"),),  # before the period
        (a_presence("2024-10-01"),),  # after it
        (a_presence("2024-10-01"), a_presence("2024-09-29")),  # a Sunday, and after it
    ],
)
def test_what_is_no_lesson_not_said_not_enrolled_exempt_or_elsewhere_in_time_is_left_out(left_out):
    total = all_of(*left_out)
    assert (total.attended, total.recorded, total.marks, total.days, total.pupils) == (0, 0, 0, 0, 0)


def test_facts_after_as_of_are_not_seen_and_nothing_is_scheduled_on_them():
    calendar = a_calendar(usual_slots={"1": 1, "2": 1, "3": 1, "4": 1, "5": 1})
    told = [an_enrolment(), calendar, a_presence("2024-09-02"), a_presence("2024-09-05")]
    total = all_of(*told, first="2024-09-02", as_of="2024-09-04")
    assert (total.marks, total.scheduled) == (1, 3)


def test_scheduled_slots_are_those_of_the_weekday_while_enrolled():
    calendar = a_calendar(usual_slots={"1": 7, "2": 6}, extra_free=["2024-09-09"])
    enrolled = an_enrolment("2024-09-03", until="2024-09-16")
    # Tuesdays 3 and 10, Monday 16; Monday 9 is free, the other weekdays are not named and so 0.
    assert all_of(enrolled, calendar).scheduled == 6 + 6 + 7


@pytest.mark.parametrize("calendar", [a_calendar(), a_calendar(until="2024-09-03", usual_slots={"1": 7})])
def test_a_lesson_day_without_usual_slots_makes_the_sum_unknown_and_days_outside_a_calendar_do_not(calendar):
    total = all_of(an_enrolment(), calendar)
    assert total.scheduled == (7 if calendar.fact.usual_slots else None)


def test_an_assumed_calendar_has_no_coverage():
    assert all_of(a_presence("2024-09-02")).coverage is None


def test_what_is_unknown_of_one_is_unknown_of_both():
    known, unknown = Amounts(scheduled=7), Amounts(scheduled=None)
    assert {known.beside(unknown).scheduled, unknown.beside(known).scheduled} == {None}
    assert known.beside(known).scheduled == 14


@pytest.mark.parametrize("on", ["2024-09-02", "2024-09-30"])
def test_the_first_and_the_last_date_are_of_the_period(on):
    assert all_of(a_presence(on), first="2024-09-02").marks == 1


def test_of_two_enrolments_at_a_school_the_earlier_is_scheduled_too():
    calendar = a_calendar(usual_slots={"1": 7})
    told = [an_enrolment("2024-09-02", until="2024-09-08"), an_enrolment("2024-09-16", until="2024-09-22")]
    assert all_of(*told, calendar).scheduled == 7 + 7
    assert all_of(*reversed(told), calendar).scheduled == 7 + 7


def test_where_calendars_overlap_the_latest_tells_the_slots():
    old = a_calendar("2024-08-01", usual_slots={"1": 7})
    new = a_calendar("2024-09-09", usual_slots={"1": 5})
    total = all_of(an_enrolment(), old, new, last="2024-09-15")
    assert total.scheduled == 7 + 5


def test_an_exempt_pupil_is_still_scheduled():
    # `rules.md` 5: scheduled goes by enrolment; only the marks of an exempt day are left out.
    calendar = a_calendar(usual_slots={"1": 7})
    total = all_of(an_enrolment(), calendar, an_exemption("2024-09-01", "2024-09-30"), last="2024-09-06")
    assert total.scheduled == 7


def test_places_are_school_municipality_of_residence_on_the_date_and_month():
    moved = [
        a_residence("2020-01-01", "0637"),
        a_residence("2024-09-03", "0150"),
        a_presence("2024-09-02"),
        a_presence("2024-09-03"),
        a_presence("2024-10-01", school=OTHER_SCHOOL),
    ]
    places = measured(*moved, last="2024-10-31")
    assert {place for place, amounts in places.items() if amounts.marks} == {
        Place(SCHOOL, "0637", "2024-09"),
        Place(SCHOOL, "0150", "2024-09"),
        Place(OTHER_SCHOOL, "0150", "2024-10"),
    }


def test_schools_are_told_in_order():
    names = [f"{number}QW00" for number in range(20, 10, -1)]
    places = measured(*(a_presence("2024-09-02", school=name) for name in names))
    assert [place.school for place in places] == sorted(names)


def test_rate_and_coverage_are_exact():
    calendar = a_calendar(usual_slots={"1": 2})
    told = all_of(an_enrolment(), calendar, an_absence("2024-09-02", missed=20), last="2024-09-06")
    assert told.rate == Fraction(2, 3)
    assert told.coverage == Fraction(1, 2)
    assert NOTHING.rate is None
    assert NOTHING.coverage is None


def test_a_pupil_in_two_months_counts_once_in_a_school_and_two_pupils_count_twice():
    one = measured(a_presence("2024-09-02"), a_presence("2024-10-01"), last="2024-10-31")
    schools = Groups(lambda place: (place.school,))
    schools.add(one)
    schools.add(one)
    assert (schools[SCHOOL,].pupils, schools[SCHOOL,].days, schools[SCHOOL,].marks) == (2, 4, 4)
    assert together(schools.values()) == schools[SCHOOL,]


@pytest.mark.parametrize(("days", "told"), [(19, False), (20, True)])
def test_a_pupil_has_a_rate_from_twenty_recorded_lesson_days(days, told):
    words = [a_presence(on) for on in list(weekdays_between("2024-09-02", "2024-09-30"))[:days]]
    assert told_of_pupil(all_of(*words), RULES) is told


def cells(pupils):
    return {key: Amounts(attended=1, recorded=1, marks=1, pupils=count) for key, count in pupils.items()}


@pytest.mark.parametrize(
    ("pupils", "told"),
    [
        ({"a": 10, "b": 30}, {"a", "b"}),
        ({"a": 9, "b": 30, "c": 12}, {"b"}),  # one small cell: the next smallest goes too
        ({"a": 9, "b": 8, "c": 12}, {"c"}),  # two hide each other
        ({"a": 9, "b": 0, "c": 12, "d": 13}, {"b", "d"}),  # an empty cell hides nothing
        ({"a": 9, "b": 12, "c": 12}, {"c"}),
        ({"a": 1, "b": 30, "c": 12}, {"b"}),  # one pupil is not none
        ({"a": 9}, set()),
        ({}, set()),
    ],
)
def test_small_cells_are_left_out_and_never_just_one(pupils, told):
    table = cells({(name,): count for name, count in pupils.items()})
    assert told_of_groups(table, RULES) == {(name,) for name in told}


def test_in_a_table_with_two_sides_no_row_and_no_column_misses_just_one():
    table = cells({
        ("x", 1): 9, ("x", 2): 20, ("x", 3): 30,
        ("y", 1): 40, ("y", 2): 50, ("y", 3): 60,
    })  # fmt: skip
    # x1 is small; x2 hides it in its row, y1 and then y2 hide both in their columns.
    assert told_of_groups(table, RULES) == {("x", 3), ("y", 3)}


def test_a_cell_left_out_late_is_hidden_in_a_row_looked_at_before():
    table = cells({
        ("x", 1): 20, ("x", 2): 30, ("x", 3): 40,
        ("y", 1): 50, ("y", 2): 60, ("y", 3): 9,
    })  # fmt: skip
    # y3 is small; y1 hides it in its row, x3 in its column. Then y1 stands alone in its column: x1.
    assert told_of_groups(table, RULES) == {("x", 2), ("y", 2)}


def test_a_pack_may_switch_suppression_off():
    assert told_of_groups(cells({("a",): 1}), SmallCells(20, 10, suppress=False)) == {("a",)}


def test_a_period_that_ends_after_as_of_ends_there():
    assert measured(a_presence("2024-09-02"), first="2024-09-01", as_of=date(2024, 9, 1)) == {}
