"""The kinds that sum hours, count lateness, days of luxury, or sick reports."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from support.oracle.draft import Draft, at_desk, counting
from support.oracle.facts import Fact
from support.oracle.pupil import UNDER_OBLIGATION, Desk
from support.oracle.school import dates, first_of_school_year

STATUTORY_HOURS = 16
WINDOW_DAYS = 28
LATENESS_RUNGS = (3, 6, 9, 12, 15, 30, 61)
SICK_REPORTS = 4
SICK_WINDOW_DAYS = 84
SICK_LESSON_DAYS = 7


def _with_window(desk: Desk, draft: Draft, window: list[date]) -> Draft:
    draft.tells_hours = True
    # reading: a school whose calendar has no lesson-week time yet has no window to tell
    draft.window = (window[0], window[-1]) if window else None
    # reading: in order of date and slot, the slots after the crossing included; a present mark is never listed
    draft.not_counted = [
        mark
        for mark in desk.all_marks
        if window and mark.dated in window and desk.first_reason(mark) is not None
    ]
    return draft


def crossings(desk: Desk) -> list[Draft]:
    """The walk of `statutory` and `eighteen-plus`."""
    found = []
    since_crossing: list[Fact] = []
    for mark in desk.counted:
        since_crossing.append(mark)
        window = desk.school.days_ending_on(WINDOW_DAYS, mark.dated)
        summed = [
            other
            for other in since_crossing
            if other.dated in window and other.dated >= first_of_school_year(mark.dated)
        ]
        hours = desk.hours_of(summed)
        if hours < STATUTORY_HOURS:
            continue
        since_crossing = []
        obligation = desk.pupil.obligation(mark.dated)
        if obligation in UNDER_OBLIGATION:
            kind = "statutory"
        elif obligation == "eighteen-plus":
            kind = "eighteen-plus"
        else:
            continue
        draft = at_desk(desk, kind, mark.dated, (hours, "hours", ">=", STATUTORY_HOURS))
        draft.counted = summed
        found.append(_with_window(desk, draft, window))
    return found


def light(desk: Desk) -> list[Draft]:
    """What the school reports below the threshold."""
    found = []
    for report in desk.reports:
        if report.data["kind"] != "light":
            continue
        window = desk.school.days_ending_on(WINDOW_DAYS, report.dated)
        summed = [mark for mark in desk.counted if mark.dated in window]
        hours = desk.hours_of(summed)
        if hours < STATUTORY_HOURS:
            draft = at_desk(desk, "light", report.dated, (hours, "hours", "<", STATUTORY_HOURS))
            draft.counted = summed
            found.append(_with_window(desk, draft, window))
    return found


def lateness(desk: Desk) -> list[Draft]:
    """One finding per rung reached."""
    found = []
    for mark in desk.lates:
        year = [
            other
            for other in desk.lates
            if first_of_school_year(other.dated) == first_of_school_year(mark.dated)
        ]
        so_far = year[: year.index(mark) + 1]
        if len(so_far) in LATENESS_RUNGS:
            draft = at_desk(desk, "lateness", mark.dated, (len(so_far), "times", ">=", len(so_far)))
            # reading: "all late marks" are those that the rung counts
            found.append(counting(draft, so_far))
    return found


def luxury(desk: Desk) -> list[Draft]:
    """
    Each maximal run of lesson days of luxury.

    reading: each day of the run has all its marks counted *and* at least one with reason `luxury`.
    """
    runs: list[list[date]] = []
    previous: date | None = None
    for on in desk.recorded_days():
        marks = desk.marks_on(on)
        is_luxury = all(mark in desk.counted for mark in marks) and any(
            mark.data.get("reason") == "luxury" for mark in marks
        )
        if not is_luxury:
            continue
        if previous is not None and desk.next_lesson_day(previous, on) == on:
            runs[-1].append(on)
        else:
            runs.append([on])
        previous = on
    return [
        counting(
            at_desk(desk, "luxury", run[0], (len(run), "days", ">=", 1)),
            [mark for mark in desk.marks if mark.dated in run],
        )
        for run in runs
    ]


def sickness(desk: Desk, as_of: date) -> list[Draft]:
    """Often, and long."""
    found = []
    spells = sorted(desk.sick_reports, key=lambda spell: spell.dated)
    since_signal: list[Fact] = []
    for spell in spells:
        if not desk.school.in_lesson_week(spell.dated):
            continue
        since_signal.append(spell)
        window = desk.school.days_ending_on(SICK_WINDOW_DAYS, spell.dated)
        within = [other for other in since_signal if other.dated in window]
        if len(within) >= SICK_REPORTS:
            since_signal = []
            draft = at_desk(desk, "sickness", spell.dated, (SICK_REPORTS, "times", ">=", SICK_REPORTS))
            draft.rule = "sickness-frequent"
            found.append(counting(draft, within))
    for spell in spells:
        last = as_of if spell.until is None else min(spell.until, as_of)
        # reading: a spell that begins in a week without lessons is left out of the count above, not of this one
        lesson_days = [on for on in dates(spell.dated, last) if desk.school.lesson_day(on)]
        if len(lesson_days) >= SICK_LESSON_DAYS:
            seventh = lesson_days[SICK_LESSON_DAYS - 1]
            draft = at_desk(desk, "sickness", seventh, (SICK_LESSON_DAYS, "days", ">=", SICK_LESSON_DAYS))
            draft.rule = "sickness-long"
            found.append(counting(draft, [spell]))
    return found


def hours_and_times(desk: Desk, at: date) -> tuple[Fraction, Fraction]:
    """The counted hours and the times late of the school year of a date, up to and including it."""
    hours = desk.hours_of(desk.this_year(desk.counted, at))
    return hours, Fraction(len(desk.this_year(desk.lates, at)))
