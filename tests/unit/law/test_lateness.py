"""The ladder of times late."""

import pytest

from support.facts import (
    a_birth,
    a_late_arrival,
    a_leave,
    an_enrolment,
    an_exemption,
    weekdays_between,
)
from support.law import found

DAYS = list(weekdays_between("2024-09-02", "2024-12-31"))


def rungs(*words, **how):
    return [(one.ordinal, int(one.measured.value)) for one in found(*words, **how) if one.kind == "lateness"]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (2, []),
        (3, [(1, 3)]),
        (5, [(1, 3)]),
        (6, [(1, 3), (2, 6)]),
        (15, [(1, 3), (2, 6), (3, 9), (4, 12), (5, 15)]),
        (29, [(1, 3), (2, 6), (3, 9), (4, 12), (5, 15)]),
        (30, [(1, 3), (2, 6), (3, 9), (4, 12), (5, 15), (6, 30)]),
        (60, [(1, 3), (2, 6), (3, 9), (4, 12), (5, 15), (6, 30)]),
        (61, [(1, 3), (2, 6), (3, 9), (4, 12), (5, 15), (6, 30), (7, 61)]),
    ],
)
def test_a_finding_for_each_rung(times, expected):
    assert rungs([a_late_arrival(on) for on in DAYS[:times]]) == expected


@pytest.mark.parametrize(
    ("third", "counts"),
    [
        (a_late_arrival("2024-09-04"), True),
        (a_late_arrival("2024-09-04", authorised=False), True),
        (a_late_arrival("2024-09-04", authorised=True), False),  # excused
        (a_late_arrival("2024-09-07"), False),  # a Saturday
        (a_late_arrival("2024-09-05"), False),  # on leave
        (a_late_arrival("2024-09-06"), False),  # exempt
        (a_late_arrival("2024-07-31"), False),  # not enrolled, and last year's
    ],
)
def test_which_late_marks_count(third, counts):
    words = [
        an_enrolment(),
        a_leave("2024-09-05", "2024-09-05"),
        an_exemption("2024-09-06", "2024-09-06"),
        a_late_arrival("2024-09-02"),
        a_late_arrival("2024-09-03"),
    ]
    assert bool(rungs(*words, third)) is counts


def test_the_ladder_begins_anew_with_the_school_year():
    before = [a_late_arrival(on) for on in ("2025-07-30", "2025-07-31")]
    assert rungs(before, a_late_arrival("2025-08-01")) == []
    assert rungs(before, a_late_arrival("2025-07-29")) == [(1, 3)]


def test_no_obligation_is_asked_and_the_marks_up_to_the_rung_are_told():
    finding, _ = found(a_birth("1990-01-01"), [a_late_arrival(on) for on in DAYS[:7]])
    assert finding.obligation == "none"
    assert (finding.at, finding.window) == (DAYS[2], (DAYS[0], DAYS[2]))
    assert [(row.date, row.hours) for row in finding.counted] == [(on, None) for on in DAYS[:3]]
    assert (finding.measured.unit, finding.measured.operator, finding.measured.threshold) == (
        "times",
        ">=",
        3,
    )
    assert finding.not_counted == ()
