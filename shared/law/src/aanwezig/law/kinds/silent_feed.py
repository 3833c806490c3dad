"""`silent-feed`: a school with pupils that said nothing at all (`rules.md` 3). About a school; no pupil is meant.

It is asked of what is known of a school's feed, `Feed`, which adds up: over pupils, over partitions, in any order. So it is
the same whoever holds which pupils.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from aanwezig.contracts.findings import Finding, Measured, Rule
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.inquiry import UNNUMBERED
from aanwezig.law.ordinals import canonical, numbered
from aanwezig.law.packs import Governance, Pack, holds
from aanwezig.law.schoolyear import school_year
from aanwezig.law.seen import Seen, Span

_KIND = "silent-feed"
_DAY = timedelta(days=1)


class Feed:
    """What is known of the feed of one school, from some of its pupils or from all.

    `marks`: per date the number of pupils with a mark. `enrolled`: per date by how many the number of enrolments differs
    from the day before (negative: fewer). Both are sums over pupils, and so is a feed over parts of a school; what is
    taken away again leaves no trace.
    """

    def __init__(self) -> None:
        self.marks: Counter[date] = Counter()
        self.enrolled: Counter[date] = Counter()

    def add(self, marks: Iterable[date], enrolments: Iterable[Span], times: int = 1) -> None:
        """Adds a pupil's share (`share_of`); with `times` -1 takes it away."""
        for day in marks:
            self.marks[day] += times
        for first, last in enrolments:
            if last is not None and last < first:
                continue  # covers no date
            self.enrolled[first] += times
            if last is not None and last < date.max:
                self.enrolled[last + _DAY] -= times

    def __add__(self, other: "Feed") -> "Feed":
        """Of two parts of a school, together."""
        both = Feed()
        for part in (self, other):
            for count, into in ((part.marks, both.marks), (part.enrolled, both.enrolled)):
                for day, number in count.items():
                    into[day] += number
        return both

    def spans(self, until: date) -> Iterator[tuple[date, date]]:
        """The dates up to and including this one on which at least one pupil is enrolled, first and last, in order."""
        number = 0
        begun: date | None = None
        for day in sorted(day for day in self.enrolled if day <= until):
            number += self.enrolled[day]
            if number > 0 and begun is None:
                begun = day
            elif number <= 0 and begun is not None:
                yield begun, day - _DAY
                begun = None
        if begun is not None:
            yield begun, until


def share_of(seen: Seen, school: str, calendar: SchoolCalendar) -> tuple[list[date], list[Span]]:
    """What one pupil adds to the feed of a school: the dates with a seen mark, and the enrolments there."""
    return seen.days(school), seen.enrolments(school, calendar)


def found(
    school: str, feed: Feed, *, calendars: CalendarsOf, governance: Governance, closed: date
) -> tuple[Finding, ...]:
    """Every run of silent lesson days of a school, in order of school year and ordinal. `closed`: the last closed date.

    A school with an assumed calendar has none.
    """
    calendar = calendars.of(school)
    if calendar.assumed:
        return ()
    runs = list(calendar.runs(_silent_days(feed, calendar, closed)))
    drafts = [
        draft
        for pack in governance.packs
        if _KIND in pack.kinds
        for draft in _by(pack, school, runs)
        if _governs(governance, pack, school, draft.at)
    ]
    return tuple(sorted(numbered(drafts), key=canonical))


def _silent_days(feed: Feed, calendar: SchoolCalendar, closed: date) -> Iterator[date]:
    """The closed lesson days on which somebody is enrolled and nobody has a mark, in order."""
    for first, last in feed.spans(closed):
        day: date | None = first if calendar.is_lesson_day(first) else calendar.next_lesson_day(first)
        while day is not None and day <= last:
            if feed.marks[day] <= 0:
                yield day
            day = calendar.next_lesson_day(day)


def _by(pack: Pack, school: str, runs: Iterable[list[date]]) -> Iterator[Finding]:
    rule = pack.silent_feed
    for run in runs:
        value = Fraction(len(run))
        if holds(value, rule.operator, rule.threshold):
            yield Finding(
                pupil=None,
                school=school,
                municipality=None,
                kind=_KIND,
                ordinal=UNNUMBERED,
                school_year=school_year(run[0]),
                at=run[0],
                obligation=None,
                rule=Rule(_KIND, pack.id, pack.version, rule.article),
                window=None,
                measured=Measured(value, rule.unit, rule.operator, rule.threshold),
            )


def _governs(governance: Governance, pack: Pack, school: str, at: date) -> bool:
    governing = governance.pack_for(None, school, at)
    return (governing.id, governing.version) == (pack.id, pack.version)
