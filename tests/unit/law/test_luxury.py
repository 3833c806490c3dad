"""Days off for pleasure, without leave."""

from dataclasses import replace
from fractions import Fraction

import pytest

from aanwezig.law.packs import OnePack
from support.facts import (
    a_calendar,
    a_late_arrival,
    a_leave,
    a_presence,
    an_absence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
)
from support.law import NL_2024, found

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2024-09-02", "2024-09-03", "2024-09-04", "2024-09-05"
FRIDAY, NEXT_MONDAY = "2024-09-06", "2024-09-09"


def off(on, **how):
    return an_absence(on, **{"slot": "morning", "minutes": 180, "reason": "luxury", **how})


def luxury(*words, **how):
    return [(str(one.at), int(one.measured.value)) for one in found(*words, **how) if one.kind == "luxury"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([off(MONDAY)], [(MONDAY, 1)]),
        ([off(MONDAY), off(TUESDAY)], [(MONDAY, 2)]),
        ([off(FRIDAY), off(NEXT_MONDAY)], [(FRIDAY, 2)]),  # a weekend does not end it
        ([off(MONDAY), off(WEDNESDAY)], [(MONDAY, 1), (WEDNESDAY, 1)]),  # a silent day does
        ([off(MONDAY), a_presence(TUESDAY), off(WEDNESDAY)], [(MONDAY, 1), (WEDNESDAY, 1)]),
        ([off(MONDAY), an_absence(TUESDAY, reason="truancy"), off(WEDNESDAY)], [(MONDAY, 1), (WEDNESDAY, 1)]),
        ([off(MONDAY), an_absence(MONDAY, reason="truancy")], [(MONDAY, 1)]),  # one of them is enough
        ([off(MONDAY), an_absence(MONDAY, authorised=True)], []),  # all of them count
        ([off(MONDAY), an_absence(MONDAY, authorised=None)], []),
        ([off(MONDAY), a_presence(MONDAY, slot="afternoon")], []),
        ([off(MONDAY), a_late_arrival(MONDAY, slot="afternoon")], []),
        ([off(MONDAY), off(MONDAY, slot="afternoon")], [(MONDAY, 1)]),
        ([off(MONDAY, authorised=None)], []),
        ([off(MONDAY, authorised=True)], []),
        ([a_late_arrival(MONDAY, reason="luxury")], []),
        ([off(MONDAY, missed=0)], [(MONDAY, 1)]),
        ([off(MONDAY), a_leave(MONDAY, MONDAY)], []),
        ([off(MONDAY), off(TUESDAY), a_leave(MONDAY, MONDAY)], [(TUESDAY, 1)]),
        ([off(MONDAY), an_exemption(MONDAY, MONDAY)], []),
        ([off(MONDAY), an_enrolment("2024-09-03")], []),
        ([off("2024-09-07")], []),  # a Saturday
        ([off(MONDAY), retracted(off(MONDAY))], []),
        ([off(MONDAY), an_absence(TUESDAY, reason="truancy")], [(MONDAY, 1)]),
    ],
)
def test_each_run_of_successive_days(words, expected):
    assert luxury(*words) == expected


def test_a_holiday_inside_does_not_end_it():
    calendar = a_calendar(holidays=[("2024-09-07", "2024-09-15")])
    assert luxury(calendar, off(FRIDAY), off("2024-09-16")) == [(FRIDAY, 2)]


def test_it_counts_every_mark_of_its_days_and_asks_no_obligation():
    words = [off(MONDAY), an_absence(MONDAY, slot="lesson-3", reason="other"), off(TUESDAY)]
    (finding,) = (one for one in found(*words) if one.kind == "luxury")
    assert [(str(row.date), row.slot, row.hours) for row in finding.counted] == [
        (MONDAY, "morning", None),
        (MONDAY, "lesson-3", None),
        (TUESDAY, "morning", None),
    ]
    assert finding.window == (day(MONDAY), day(TUESDAY))
    assert (finding.obligation, finding.not_counted) == ("unknown", ())
    measured = finding.measured
    assert (measured.unit, measured.operator, measured.threshold) == ("days", ">=", 1)


def test_what_grows_in_front_of_a_run_moves_it_and_keeps_its_place():
    before, after = ([off(TUESDAY)], [off(TUESDAY), off(MONDAY)])
    assert [luxury(*words) for words in (before, after)] == [[(TUESDAY, 1)], [(MONDAY, 2)]]
    assert found(*before)[0].id == found(*after)[0].id


def test_a_pack_may_ask_for_more_days():
    patient = replace(NL_2024.pack, luxury=replace(NL_2024.pack.luxury, threshold=Fraction(2)))
    words = [off(MONDAY), a_presence(TUESDAY), off(WEDNESDAY), off(THURSDAY)]
    assert luxury(*words, governance=OnePack(patient)) == [(WEDNESDAY, 2)]
