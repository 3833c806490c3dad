"""Timers in lesson days: they pause in holidays, pass with a closed day, and are told once per cause."""

from datetime import date, timedelta

import pytest

from aanwezig.case_router import terms
from aanwezig.case_router.days import ClosedDays
from aanwezig.contracts.facts import CalendarRecorded, Holiday
from aanwezig.contracts.messages import DayClosed
from aanwezig.law.calendar import Calendars, SchoolCalendar
from support.case_desk import Desk, names
from support.chain_events import SCHOOL, a_finding, day_closed_event, finding_event

AUTUMN = Holiday(from_=date(2024, 10, 26), until=date(2024, 11, 3), name="herfst")
YEAR = CalendarRecorded(
    school=SCHOOL, from_=date(2024, 9, 2), until=date(2025, 7, 18), weekdays=(1, 2, 3, 4, 5), holidays=(AUTUMN,)
)  # fmt: skip
SCHOOLS = Calendars({SCHOOL: SchoolCalendar([YEAR])})
TUESDAY = date(2024, 10, 1)


def stagnated(events):
    return [(event.said.timer, event.said.due) for event in events if event.name == "case-stagnated"]


def test_first_contact_is_due_on_the_fifth_lesson_day_and_not_a_day_earlier():
    desk = Desk()
    desk.hears("statutory", at=TUESDAY)
    assert desk.events[-1].said.due == date(2024, 10, 8)
    assert desk.closes(date(2024, 10, 7)) == []
    assert stagnated(desk.closes(date(2024, 10, 8))) == [("first-contact", date(2024, 10, 8))]
    assert desk.closes(date(2024, 10, 9)) == []  # told once


def test_a_holiday_pauses_a_term():
    desk = Desk(SCHOOLS)
    desk.hears("statutory", at=date(2024, 10, 24))
    assert desk.case.due == date(2024, 11, 7)


def test_a_holiday_told_later_moves_a_term_that_seemed_to_have_passed():
    desk = Desk()
    desk.hears("statutory", at=date(2024, 10, 24))
    desk.calendars = SCHOOLS
    assert desk.closes(date(2024, 10, 31)) == []
    assert desk.case.due == date(2024, 11, 7)
    assert stagnated(desk.closes(date(2024, 11, 7))) == [("first-contact", date(2024, 11, 7))]


def test_a_term_beyond_the_calendar_is_paused_until_a_new_one_is_told():
    desk = Desk(SCHOOLS)
    desk.hears("statutory", at=date(2025, 7, 15))
    assert desk.case.due is None
    assert desk.dossier.index["due"] == "2025-07-15"
    assert desk.closes(date(2025, 9, 30)) == []
    following = CalendarRecorded(
        school=SCHOOL, from_=date(2025, 9, 1), until=date(2026, 7, 17), weekdays=(1, 2, 3, 4, 5)
    )
    desk.calendars = Calendars({SCHOOL: SchoolCalendar([YEAR, following])})
    assert stagnated(desk.closes(date(2025, 10, 1))) == [("first-contact", date(2025, 9, 2))]


@pytest.mark.parametrize("step", ["first-contact", "talk-held", "home-visit", "letter-sent", "warning-given"])
def test_a_contact_meets_the_first_term_of_prevention(step):
    desk = Desk()
    desk.hears("statutory", at=TUESDAY)
    desk.steps(step)
    assert (desk.case.due, desk.closes(date(2024, 12, 31))) == (None, [])


def test_a_care_meeting_is_held_within_fifteen_lesson_days_then_evaluated_every_thirty():
    desk = Desk()
    desk.hears("statutory", age=11, at=TUESDAY)
    assert desk.case.due == date(2024, 10, 22)
    desk.steps("meeting-held", date(2024, 10, 15))
    assert desk.case.due == date(2024, 11, 26)
    desk.steps("plan-agreed", date(2024, 10, 17))
    assert desk.case.due == date(2024, 11, 26)
    desk.steps("plan-evaluated", date(2024, 11, 20))
    assert desk.case.due == date(2025, 1, 1)
    assert stagnated(desk.closes(date(2025, 1, 1))) == [("evaluation", date(2025, 1, 1))]
    desk.steps("plan-evaluated", date(2025, 1, 6))
    assert stagnated(desk.closes(date(2025, 2, 17))) == [("evaluation", date(2025, 2, 17))]


def test_a_proposal_is_decided_within_ten_and_halt_reports_within_sixty():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00", at=TUESDAY)
    assert stagnated(desk.closes(date(2024, 10, 15))) == [("decision", date(2024, 10, 15))]
    desk.decides("halt", consent=(True, True), on=date(2024, 10, 16))
    assert desk.case.due == date(2025, 1, 8)
    assert stagnated(desk.closes(date(2025, 1, 8))) == [("halt-result", date(2025, 1, 8))]


def test_the_result_of_halt_meets_its_term():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00", at=TUESDAY)
    desk.decides("halt", consent=(True, True), on=date(2024, 10, 2))
    desk.steps("halt-completed", date(2024, 11, 1))
    assert desk.closes(date(2025, 3, 3)) == []


def test_a_case_that_closed_has_no_terms():
    desk = Desk()
    desk.hears("statutory", at=TUESDAY)
    desk.concludes()
    assert (desk.closes(date(2025, 3, 3)), desk.dossier.index["due"]) == ([], None)


def test_the_chain_director_hears_of_a_child_at_home_after_ninety_one_days_once():
    desk = Desk()
    desk.hears("home-sitter", at=TUESDAY)
    desk.steps("meeting-held", date(2024, 10, 10))
    day = TUESDAY + timedelta(days=91)
    assert names(desk.closes(day - timedelta(days=1))) == ["stagnated"]
    (told,) = desk.closes(day)
    assert (told.said.to, told.said.about) == ("chain-director", desk.case.findings[0])
    assert desk.closes(day + timedelta(days=1)) == []


def test_a_late_finding_begins_its_terms_on_the_day_that_is_open():
    desk = Desk()
    desk.closes(date(2024, 11, 4))
    desk.hears("statutory", at=TUESDAY)
    assert (desk.case.opened, desk.case.due) == (date(2024, 11, 5), date(2024, 11, 12))


def test_a_commanded_clock_is_the_clock_of_an_officers_command():
    closed = date(2024, 10, 1)
    assert terms.day_of_command(date(2026, 11, 22), closed) == date(2024, 10, 2)
    assert terms.day_of_command(date(2024, 10, 3), closed) == date(2024, 10, 3)
    assert terms.day_of_command(date(2024, 10, 3), None) == date(2024, 10, 3)


def test_a_date_is_closed_when_every_origin_has_spoken():
    days = ClosedDays()
    for origin, day, closed in [
        (0, 5, None), (1, 4, date(2024, 10, 4)), (0, 6, date(2024, 10, 4)), (1, 3, date(2024, 10, 4)),
        (1, 6, date(2024, 10, 6)),
    ]:  # fmt: skip
        days = days.with_word(DayClosed(date=date(2024, 10, day), origin=origin, origins=2))
        assert days.closed == closed
    assert ClosedDays.from_state(days.as_state()) == days


def test_a_day_closed_again_and_a_finding_said_again_change_nothing():
    desk = Desk()
    desk.hears("statutory", at=TUESDAY)
    desk.closes(date(2024, 10, 8))
    before = desk.dossier
    for event in (
        finding_event(a_finding(desk.dossier.pupil, at=TUESDAY)),
        day_closed_event(date(2024, 10, 8)),
    ):
        assert desk.takes(event) == []
    assert desk.dossier == before
