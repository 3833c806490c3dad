"""Distance to the threshold: how far a pupil is from the hours at which its school must report (`rules.md` 3, end).

For the school alone. The sum is that of the walk of `statutory`, as of a date: the counted marks after the last crossing
that lie in the window ending on it, and in its school year.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from aanwezig.law import packs
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.counting import Mark, order
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.kinds.statutory import crossings
from aanwezig.law.packs import CrossingRule, Governance, Pack, holds
from aanwezig.law.schoolyear import last_day, starting_year
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing

_DAY: Final = timedelta(days=1)
_LONGEST_AHEAD: Final = 4_000
"""Dates: further ahead no calendar is searched for the end of a window."""


@dataclass(frozen=True, slots=True)
class Distance:
    """The sum of one pupil at one school as of a date, and when parts of it leave the window (date, amount), in order."""

    school: str
    pack: Pack
    value: Fraction
    threshold: Fraction
    leaves: tuple[tuple[date, Fraction], ...]

    @property
    def left(self) -> Fraction:
        """What is left to the threshold; never below nothing."""
        return max(self.threshold - self.value, Fraction(0))


def distances(
    standing: Standing, *, calendars: CalendarsOf, governance: Governance, as_of: date
) -> Iterator[Distance]:
    """One for each school with a mark of the pupil, in order; also where nothing is counted."""
    seen = Seen(standing, as_of)
    for school in sorted(standing.marks()):
        pack = governance.pack_for(seen.municipality(as_of), school, as_of)
        named = packs.definition(pack.home_sitter.definition)
        yield _of(Inquiry(seen, pack, named, governance, calendars, school, calendars.of(school)), as_of)


def _of(inquiry: Inquiry, as_of: date) -> Distance:
    rule = inquiry.pack.crossing
    summed = _summed(inquiry, rule, as_of)
    value = sum((mark.amount(rule.unit) for mark in summed), Fraction(0))
    ahead = (limit for limit in (rule.threshold, *rule.further) if not holds(value, rule.operator, limit))
    leaving: dict[date, Fraction] = defaultdict(Fraction)
    for mark in summed:
        on = _leaves_on(mark, inquiry.calendar, rule)
        if on is not None and mark.amount(rule.unit):
            leaving[on] += mark.amount(rule.unit)
    threshold = next(ahead, (rule.threshold, *rule.further)[-1])
    return Distance(inquiry.school, inquiry.pack, value, threshold, tuple(sorted(leaving.items())))


def _summed(inquiry: Inquiry, rule: CrossingRule, as_of: date) -> list[Mark]:
    marks = inquiry.tally.counted
    if not marks:
        return []
    if rule.starts_anew:
        crossed = crossings(inquiry)
        last = order(crossed[-1].marks[-1]) if crossed else None
        marks = [mark for mark in marks if last is None or order(mark) > last]
    today = inquiry.calendar.position(as_of)
    return [
        mark
        for mark in marks
        if (rule.window_days is None or inquiry.calendar.position(mark.date) > today - rule.window_days)
        and (not rule.same_school_year or starting_year(mark.date) == starting_year(as_of))
    ]


def _leaves_on(mark: Mark, calendar: SchoolCalendar, rule: CrossingRule) -> date | None:
    """The first date on which a mark is out of the sum; None: as far as the calendar is known it stays."""
    ends = []
    if rule.same_school_year and last_day(mark.date) < date.max:
        ends.append(last_day(mark.date) + _DAY)
    if rule.window_days is not None:
        over = calendar.position(mark.date) + rule.window_days
        first = mark.date.toordinal()
        dates = range(first, min(first + _LONGEST_AHEAD, date.max.toordinal()))
        place = bisect_left(dates, over, key=lambda day: calendar.position(date.fromordinal(day)))
        if place < len(dates):
            ends.append(date.fromordinal(dates[place]))
    return min(ends, default=None)
