"""May a word change what is found? A cheap and careful question, asked before anything is read or computed.

The law looks at presence only where it breaks a streak of absent days. So a `present` mark on a day on which nothing
else was ever said of the pupil at that school changes no finding, unless a streak there has reached a limit already:
breaking a shorter one gives shorter ones. `Attention` holds just what this answer needs, and no more.

It is computed with the findings (`attentive`) and is good until the calendars or packs change; words that may change
something call for a new one. `noted` keeps it right over the quiet words in between, and leaves it as it is for
nearly all of them: only the first date with a mark and the school year of the last one are kept, because an enrolment
implied by marks (`rules.md` 1, *Enrolled*) runs from the first to the end of the school year of the last. A quiet word
moves them once in a pupil's life and once a year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from aanwezig.contracts.facts import MarkRecorded, Retraction, Word
from aanwezig.contracts.findings import Finding
from aanwezig.law import packs
from aanwezig.law.classify import CalendarsOf, next_change
from aanwezig.law.packs import Governance
from aanwezig.law.schoolyear import starting_year
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from aanwezig.law.streaks import longest_possible, streaks


@dataclass(frozen=True, slots=True)
class AtSchool:
    """What matters of one school.

    `days`: those with any word `absent` or `late`; `first`: the first date with a mark; `last_year`: the calendar
    year in which the school year of the last one begins; `streak`: whether one reached a limit, said or not.
    """

    days: frozenset[date] = frozenset()
    first: date | None = None
    last_year: int | None = None
    streak: bool = False


_NOTHING: Final = AtSchool()


@dataclass(frozen=True, slots=True)
class Attention:
    """What `may_change` has to know of one pupil. `wakes`: when a fact not yet seen becomes seen (None: never)."""

    schools: Mapping[str, AtSchool] = field(default_factory=dict)
    wakes: date | None = None
    findings: bool = False


UNKNOWN_PUPIL: Final = Attention()
"""Of a pupil of whom nothing was said yet."""


def attentive(
    standing: Standing,
    findings: Iterable[Finding],
    *,
    calendars: CalendarsOf,
    governance: Governance,
    as_of: date,
    definition: str | None = None,
) -> Attention:
    """The attention a pupil needs, of whom these findings were just classified from what stands."""
    named = [packs.definition(definition or pack.home_sitter.definition) for pack in governance.packs]
    limit = min(rule.threshold for rule in named)
    seen = Seen(standing, as_of)
    schools = {}
    for school, marks in standing.marks().items():
        days = marks.days()
        if not days:
            continue
        notable = frozenset(word.fact.date for word in marks.notable() if isinstance(word.fact, MarkRecorded))
        calendar = calendars.of(school)
        # The widest of all streaks: whatever else a definition asks or lets break it only makes them shorter.
        absent = sorted(
            day
            for day in notable
            if day <= seen.as_of and not marks.attended(day) and calendar.is_lesson_day(day)
        )
        long_ones = longest_possible(absent, calendar) >= limit and any(
            streak.length >= limit for streak in streaks(absent, recorded=days, calendar=calendar)
        )
        schools[school] = AtSchool(notable, days[0], starting_year(days[-1]), long_ones)
    return Attention(schools, next_change(standing, as_of), any(True for _ in findings))


def may_change(attention: Attention, word: Word) -> bool:
    """Whether this word may change what is found of the pupil. False is a promise, True is not."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        school = attention.schools.get(fact.school, _NOTHING)
        if fact.state == "present":
            return school.streak or fact.date in school.days
        return fact.state != "not-recorded" or _unsafe_to_unsay(attention, school)
    if isinstance(fact, Retraction) and fact.name == "mark-recorded":
        return _unsafe_to_unsay(attention, attention.schools.get(fact.school or "", _NOTHING))
    return True


def noted(attention: Attention, word: Word) -> Attention:
    """The attention after a mark; the same object where nothing that matters moved."""
    fact = word.fact
    if not isinstance(fact, MarkRecorded) or fact.state == "not-recorded":
        return attention
    school = attention.schools.get(fact.school, _NOTHING)
    year = starting_year(fact.date)
    days = school.days if fact.state == "present" or fact.date in school.days else school.days | {fact.date}
    first = fact.date if school.first is None else min(school.first, fact.date)
    last_year = year if school.last_year is None else max(school.last_year, year)
    if days is school.days and first == school.first and last_year == school.last_year:
        return attention
    after = replace(school, days=days, first=first, last_year=last_year)
    return replace(attention, schools={**attention.schools, fact.school: after})


def _unsafe_to_unsay(attention: Attention, school: AtSchool) -> bool:
    """Taking a mark away may mend a streak it broke, or take away what was counted."""
    return attention.findings or bool(school.days)
