"""A school reports absence below the threshold."""

import pytest

from support.facts import a_birth, a_calendar, a_report, absences, an_absence, an_enrolment
from support.law import found, told

CHILD = [a_birth(), an_enrolment()]


@pytest.mark.parametrize(
    ("lessons", "expected"),
    [
        (0, [("2024-09-20", "0.00")]),  # a report is a report
        (15, [("2024-09-20", "15.00")]),
        (16, []),  # that is statutory, not light
    ],
)
def test_light_is_below_sixteen(lessons, expected):
    words = absences("2024-09-02", min(lessons, 8)) + absences("2024-09-03", max(lessons - 8, 0))
    assert told(found(*CHILD, words, a_report("2024-09-20")), "light") == expected


def test_neither_crossings_nor_school_years_cut_its_sum():
    calendar = a_calendar(until="2026-07-31")
    words = [absences("2025-07-31", 4), absences("2025-08-01", 4), a_report("2025-08-01")]
    assert told(found(*CHILD, calendar, *words), "light") == [("2025-08-01", "8.00")]
    crossed = [absences("2024-09-02", 16), absences("2024-09-03", 2), a_report("2024-09-03")]
    assert told(found(*CHILD, *crossed), "light") == []


def test_the_report_may_be_on_a_day_without_lessons():
    holiday = a_calendar(holidays=[("2024-10-26", "2024-11-03")])
    words = [
        an_absence("2024-10-07"),
        an_absence("2024-09-29"),
        an_absence("2024-09-30"),
        a_report("2024-10-30"),
    ]
    (finding,) = found(*CHILD, holiday, *words)
    assert [str(on) for on in finding.window] == ["2024-09-30", "2024-10-27"]
    assert finding.measured.value == 2
    assert finding.not_counted == ()  # 29 September is before the window


def test_only_light_reports_up_to_as_of():
    assert found(*CHILD, a_report("2024-09-20", kind="luxury")) == ()
    assert found(*CHILD, a_report("2024-09-20"), as_of="2024-09-19") == ()


def test_before_the_calendar_begins_there_is_no_window():
    (finding,) = found(*CHILD, a_calendar("2024-09-02"), a_report("2024-08-20"))
    assert (finding.window, finding.measured.value, finding.known_at) == (None, 0, None)


def test_a_report_that_is_not_light_hides_no_later_one():
    words = [absences("2024-09-02", 16), a_report("2024-09-02"), a_report("2024-12-02")]
    assert told(found(*CHILD, *words), "light") == [("2024-12-02", "0.00")]


def test_it_tells_hours_and_what_is_not_counted():
    words = [an_absence("2024-09-02"), an_absence("2024-09-03", authorised=True), a_report("2024-09-20")]
    (finding,) = found(*CHILD, *words)
    assert [row.hours for row in finding.counted] == [1]
    assert [(str(row.date), row.reason) for row in finding.not_counted] == [("2024-09-03", "authorised")]
