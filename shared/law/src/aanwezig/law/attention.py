"""May a word change what is found? A cheap and careful question, asked before anything is read or computed.

A `present` mark on a day on which nothing else was ever said of the pupil at that school changes a finding only where

* it falls into a streak of absent days that reached a limit (breaking a shorter one gives shorter ones);
* a return from a streak is awaited, or it comes before the mark that was taken for one;
* it may complete, or has helped to complete, the days after which presence is restored; or
* it moves the ends of an enrolment that is implied by marks alone, and the pupil could be found enrolled nowhere.

`Attention` holds just what this answer needs, and no more. It is computed with the findings (`attentive`) and is good
until the calendars or packs change; words that may change something call for a new one. `noted` keeps it right over the
quiet words in between, and leaves it as it is for nearly all of them. Whether a school's feed was silent is not asked
here: that is no question about a pupil.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import takewhile
from operator import attrgetter
from typing import Final

from aanwezig.contracts.facts import MarkRecorded, Retraction, Word
from aanwezig.contracts.findings import Finding
from aanwezig.law import packs
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.classify import next_change
from aanwezig.law.kinds import presence_restored, returned
from aanwezig.law.packs import Definition, Governance, Pack, least
from aanwezig.law.schoolyear import starting_year
from aanwezig.law.seen import Seen, Span
from aanwezig.law.standing import SchoolMarks, Standing
from aanwezig.law.streaks import longest_possible, streaks

_DAY: Final = timedelta(days=1)
_FOLLOWED: Final = returned.AFTER | presence_restored.AFTER


@dataclass(frozen=True, slots=True)
class Restoring:
    """Presence counts from the day after `after` until `until` (None: open); so far these days are recorded."""

    after: date
    until: date | None
    recorded: frozenset[date]
    enough: int

    def completes(self, day: date) -> bool:
        """Whether one more recorded day may complete the row, or change which day did."""
        return self.asks(day) and len(self.recorded) + 1 >= self.enough

    def asks(self, day: date) -> bool:
        """Whether this day counts and was not recorded yet."""
        return self.after < day and (self.until is None or day <= self.until) and day not in self.recorded


@dataclass(frozen=True, slots=True)
class AtSchool:
    """What matters of one school.

    `days`: those with any word `absent` or `late`; `held`: dates on which any mark matters; `restoring`: where marks on
    further days may; `implied`: the first date of the enrolment implied by marks and the calendar year in which the
    school year of its last mark begins.
    """

    days: frozenset[date] = frozenset()
    held: tuple[Span, ...] = ()
    restoring: tuple[Restoring, ...] = ()
    implied: tuple[date, int] | None = None


_NOTHING: Final = AtSchool()


@dataclass(frozen=True, slots=True)
class Attention:
    """What `may_change` has to know of one pupil.

    `wakes`: when more may stand although nothing more is told (None: never). `watched`: whether the pupil could be found
    enrolled nowhere; `enrolled_at`: the schools at which marks imply no enrolment, since one was told.
    """

    schools: Mapping[str, AtSchool] = field(default_factory=dict)
    wakes: date | None = None
    findings: bool = False
    watched: bool = False
    enrolled_at: frozenset[str] = frozenset()


UNKNOWN_PUPIL: Final = Attention()
"""Of a pupil of whom nothing was said yet."""


def attentive(
    standing: Standing,
    findings: Sequence[Finding],
    *,
    calendars: CalendarsOf,
    governance: Governance,
    as_of: date,
    definition: str | None = None,
    said: Iterable[tuple[str, str | None, date]] = (),
) -> Attention:
    """The attention a pupil needs, of whom these findings were just classified from what stands.

    Where they were not, or where marks that say `present` are left out of `standing`, `said` tells (kind, school, `at`)
    of the findings that stand: then every mark at that school after one that others follow on may change something.
    """
    seen = Seen(standing, as_of)
    enrolled_at = seen.enrolled_at()
    after: dict[str, list[date]] = defaultdict(list)
    for kind, name, at in said:
        if name is not None and kind in _FOLLOWED:
            after[name].append(at)
    limit, enough = _shortest(governance, definition), _least_days(governance.packs)
    schools = {}
    for school in {*standing.marks(), *after}:
        calendar = calendars.of(school)
        there = [finding for finding in findings if finding.school == school]
        implied = seen.implied_enrolment(school, calendar)
        schools[school] = AtSchool(
            days=_notable(seen.marks(school)),
            held=(
                *_long_streaks(seen, school, calendar, limit),
                *_returns(there),
                *((at + _DAY, None) for at in after[school]),
            ),
            restoring=tuple(_restoring(there, seen, calendar, enough)),
            implied=None if implied is None else (implied[0], starting_year(implied[1])),
        )
    wakes = next_change(standing, as_of, findings, calendars=calendars, governance=governance)
    watched = seen.born is not None and bool(seen.residences())
    return Attention(schools, wakes, bool(findings), watched, enrolled_at)


def may_change(attention: Attention, word: Word) -> bool:
    """Whether this word may change what is found of the pupil. False is a promise, True is not."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        if fact.state != "present":
            return fact.state != "not-recorded" or _unsafe_to_unsay(attention, fact.school)
        day, school = fact.date, attention.schools.get(fact.school, _NOTHING)
        return (
            day in school.days
            or any(first <= day and (last is None or day <= last) for first, last in school.held)
            or any(row.completes(day) for row in school.restoring)
            or (_by_marks(attention, fact.school) and _moves(school.implied, day))
        )
    if isinstance(fact, Retraction) and fact.name == "mark-recorded":
        return _unsafe_to_unsay(attention, fact.school or "")
    return True


def noted(attention: Attention, word: Word) -> Attention:
    """The attention after a mark; the same object where nothing that matters moved."""
    fact = word.fact
    if not isinstance(fact, MarkRecorded) or fact.state == "not-recorded":
        return attention
    day, school = fact.date, attention.schools.get(fact.school, _NOTHING)
    notable = fact.state != "present" and day not in school.days
    if not notable and not any(row.asks(day) for row in school.restoring):
        return attention
    after = replace(
        school,
        days=school.days | {day} if notable else school.days,
        restoring=tuple(
            replace(row, recorded=row.recorded | {day}) if row.asks(day) else row for row in school.restoring
        ),
    )
    return replace(attention, schools={**attention.schools, fact.school: after})


def _unsafe_to_unsay(attention: Attention, school: str) -> bool:
    """Taking a mark away may mend a streak it broke, take away what was counted, or end an enrolment it implied."""
    return (
        attention.findings
        or bool(attention.schools.get(school, _NOTHING).days)
        or _by_marks(attention, school)
    )


def _by_marks(attention: Attention, school: str) -> bool:
    return attention.watched and school not in attention.enrolled_at


def _moves(implied: tuple[date, int] | None, day: date) -> bool:
    return implied is None or day < implied[0] or starting_year(day) > implied[1]


def _notable(marks: SchoolMarks) -> frozenset[date]:
    return frozenset(map(attrgetter("fact.date"), marks.notable()))


def _shortest(governance: Governance, definition: str | None) -> int:
    """The shortest streak that is any finding."""
    rules = [pack.long_term.streak for pack in governance.packs]
    rules += [named.streak for named in _definitions(governance, definition) if named.streak is not None]
    return min(least(rule.operator, rule.threshold) for rule in rules)


def _definitions(governance: Governance, definition: str | None) -> Iterator[Definition]:
    return (packs.definition(definition or pack.home_sitter.definition) for pack in governance.packs)


def _least_days(governing: Iterable[Pack]) -> int:
    rules = (pack.presence_restored for pack in governing)
    return min(least(rule.operator, rule.threshold) for rule in rules)


def _long_streaks(seen: Seen, school: str, calendar: SchoolCalendar, limit: int) -> Iterator[Span]:
    """The dates of the streaks that reached a limit, said or not, in the widest sense.

    Whatever else a definition asks, or lets break a streak, only makes them shorter.
    """
    marks = seen.marks(school)
    absent = sorted(
        day
        for day in _notable(marks)
        if day <= seen.as_of and not marks.attended(day) and calendar.is_lesson_day(day)
    )
    if longest_possible(absent, calendar) < limit:
        return
    for streak in streaks(absent, recorded=marks.days(), calendar=calendar):
        if streak.length >= limit:
            yield streak.days[0], streak.days[-1]


def _returns(findings: Sequence[Finding]) -> Iterator[Span]:
    """From the day after each finding of a streak to the return from it."""
    back = {finding.about: finding.at for finding in findings if finding.kind == "returned"}
    for finding in findings:
        if finding.kind in returned.AFTER:
            yield finding.at + _DAY, back.get(finding.identity)


def _restoring(
    findings: Sequence[Finding], seen: Seen, calendar: SchoolCalendar, enough: int
) -> Iterator[Restoring]:
    """For each finding that was the newest for a while: until presence was restored after it, or the next came."""
    if not findings:
        return
    restored = {finding.about: finding.at for finding in findings if finding.kind == "presence-restored"}
    settled = seen.settled(findings[0].school or "", ("attention",), calendar)
    for finding, following in presence_restored.newest_in_turn(findings):
        until = restored.get(finding.identity, following)
        make = partial(_recorded, seen, finding, until, calendar)
        recorded = settled.made(("recorded", finding.at), until, until or date.max, make)
        yield Restoring(finding.at, until, recorded, enough)


def _recorded(seen: Seen, finding: Finding, until: date | None, calendar: SchoolCalendar) -> frozenset[date]:
    """The recorded lesson days after a finding, up to a date."""
    days = seen.recorded(finding.school or "", finding.at, calendar)
    return frozenset(takewhile(lambda day: until is None or day <= until, days))
