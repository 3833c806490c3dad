"""The course of a case in words, made by the case-router's own rules."""

from datetime import date
from typing import get_args

import pytest

from aanwezig.case_router.route import HALT_CONDITIONS
from aanwezig.cli import case_course
from aanwezig.cli.case_course import course, halt_condition, track_name
from aanwezig.contracts.messages import Desk as DeskName
from aanwezig.contracts.messages import Timer, Track
from aanwezig.contracts.topics import CASE_EVENTS
from support.case_desk import Desk
from support.chain_events import a_signal

LATER = date(2024, 11, 12)


def told(desk: Desk, language: str) -> str:
    events = [(one.name, one.cause.time.date().isoformat(), one.said.said()) for one in desk.events]
    return "\n".join(course(events, language))


def in_halt() -> Desk:
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00", at=LATER)
    desk.decides("care-meeting", motive="help is near", on=LATER)
    return desk


def test_who_did_what_and_why_is_told():
    text = told(in_halt(), "en")
    assert "2024-11-12  Proposed: Halt for the pupil (rule halt@1). A person decides." in text
    assert "2024-11-12  The track is care meeting (mw-van-dijk).\n            Motive: help is near" in text


def test_both_sides_of_a_contradiction_are_told():
    desk = in_halt()
    desk.hears("statutory", ordinal=2, at=LATER, happened="withdrawn", revision=2)
    assert (
        "Besloten was: zorgoverleg, mw-van-dijk\n            Wat er nu uit de gegevens volgt: preventie"
        in told(desk, "nl")
    )


def test_why_not_halt_names_the_condition_that_failed():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="60.01")
    assert "Waarom geen Halt: meer dan 60 uur afwezig" in told(desk, "nl")


def test_why_not_halt_names_the_row_that_came_first():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00", signals=[a_signal("family")])
    assert "Why not Halt: an earlier rule answers: care-first" in told(desk, "en")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_event_condition_desk_timer_and_track_has_words(language):
    assert set(case_course._WORDS[language]) == set(CASE_EVENTS)
    assert set(case_course._DESKS[language]) == set(get_args(DeskName))
    assert set(case_course._TIMERS[language]) == set(get_args(Timer))
    assert all(halt_condition(one.name, language) != one.name for one in HALT_CONDITIONS)
    assert all(track_name(one, language) for one in get_args(Track))
