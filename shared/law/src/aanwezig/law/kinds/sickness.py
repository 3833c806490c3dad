"""`sickness`: ill often, or for long (`rules.md` 3; MAZL). Said in the health domain alone. No obligation is asked."""

from collections import deque
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from aanwezig.contracts.facts import SickReported, Word
from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import Inquiry
from aanwezig.law.packs import least

_Spells = list[tuple[Word, SickReported]]


def found(inquiry: Inquiry) -> Iterator[Finding]:
    """Both rules. A spell that is still open is long on its day, also where that lies ahead if nothing more is told."""
    spells = inquiry.seen.sick_reports(inquiry.school)
    if spells:
        yield from _frequent(inquiry, spells)
        yield from _long(inquiry, spells)


def _frequent(inquiry: Inquiry, spells: _Spells) -> Iterator[Finding]:
    """So many spells that begin within the window; then the count starts anew."""
    rule = inquiry.pack.sickness_frequent
    enough = least(rule.operator, rule.threshold)
    counted: deque[tuple[Word, date]] = deque()
    for word, spell in spells:
        if not inquiry.calendar.in_lesson_week(spell.from_):
            continue
        counted.append((word, spell.from_))
        while inquiry.calendar.days_between(counted[0][1], spell.from_) > rule.window_days:
            counted.popleft()
        if len(counted) < enough:
            continue
        yield inquiry.finding(
            "sickness",
            at=spell.from_,
            article=rule.article,
            measured=Measured(Fraction(enough), rule.unit, rule.operator, rule.threshold),
            window=(counted[0][1], spell.from_),
            words=[said for said, _ in counted],
            rule="sickness-frequent",
        )
        if rule.starts_anew:
            counted.clear()
        else:
            counted.popleft()


def _long(inquiry: Inquiry, spells: _Spells) -> Iterator[Finding]:
    """Each spell that lasts so many lesson days; attended marks do not end it."""
    rule = inquiry.pack.sickness_long
    enough = least(rule.operator, rule.threshold)
    for word, spell in spells:
        at = _lesson_day(inquiry, spell, enough)
        if at is not None:
            yield inquiry.finding(
                "sickness",
                at=at,
                article=rule.article,
                measured=Measured(Fraction(enough), rule.unit, rule.operator, rule.threshold),
                window=(spell.from_, spell.from_),
                words=[word],
                rule="sickness-long",
            )


def _lesson_day(inquiry: Inquiry, spell: SickReported, number: int) -> date | None:
    """The so-many-th lesson day of a spell; None: it has fewer."""
    day: date | None = spell.from_
    if not inquiry.calendar.is_lesson_day(spell.from_):
        day = inquiry.calendar.next_lesson_day(spell.from_)
    for _ in range(number - 1):
        day = None if day is None else inquiry.calendar.next_lesson_day(day)
    return day if day is not None and (spell.until is None or day <= spell.until) else None
