"""How far a pupil is from sixteen hours, and when hours leave the window, naively."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from support.oracle.answer import _pupils, _schools
from support.oracle.facts import Fact, Who, each_once, standing
from support.oracle.hours import STATUTORY_HOURS, WINDOW_DAYS
from support.oracle.pupil import Desk
from support.oracle.school import first_of_school_year

Leaving = list[tuple[date, Fraction]]


def distance(
    events: list[dict[str, Any]], *, as_of: date
) -> dict[tuple[Who, str], tuple[Fraction, Fraction, Leaving]]:
    """
    Per pupil and school with a mark: the sum as of the date, 16 minus it, and which hours leave on which date.

    reading: a mark of today's date that stands is in the sum whatever its slot. A date on which hours leave is the
    first on which the sum, with nothing more told, is without them; it is looked for up to two years ahead.
    """
    said = each_once(events)
    facts = standing(said, as_of)
    schools = _schools(facts)
    found = {}
    for who, pupil in _pupils(said, facts).items():
        for name in pupil.schools():
            desk = Desk(pupil, name, schools[name])
            if desk.all_marks:
                left = _since_crossing(desk)
                now = _within(desk, left, as_of)
                value = desk.hours_of(now)
                found[who, name] = (value, STATUTORY_HOURS - value, _leaving(desk, now, as_of))
    return found


def _since_crossing(desk: Desk) -> list[Fact]:
    since: list[Fact] = []
    for mark in desk.counted:
        since.append(mark)
        if desk.hours_of(_within(desk, since, mark.dated)) >= STATUTORY_HOURS:
            since = []
    return since


def _within(desk: Desk, marks: list[Fact], on: date) -> list[Fact]:
    window = desk.school.days_ending_on(WINDOW_DAYS, on)
    return [mark for mark in marks if mark.dated in window and mark.dated >= first_of_school_year(on)]


def _leaving(desk: Desk, now: list[Fact], as_of: date) -> Leaving:
    found: Leaving = []
    inside = now
    for ahead in range(1, 800):
        if not inside:
            break
        on = as_of + timedelta(days=ahead)
        still = _within(desk, inside, on)
        gone = desk.hours_of(inside) - desk.hours_of(still)
        if gone:
            found.append((on, gone))
        inside = still
    return found
