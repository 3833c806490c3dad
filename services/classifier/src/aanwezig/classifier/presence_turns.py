"""One turn of measuring presence: what has to be measured of which pupil, and what comes of it (ADR 8). Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple

from aanwezig.classifier.stays import Late, Stays
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded
from aanwezig.law.calendar import SchoolCalendar
from aanwezig.law.presence import Amounts, presence_at
from aanwezig.law.standing import Standing

_DAY: Final = timedelta(days=1)
Ground = list[str | None]
"""What a school's months rest on beside the facts of pupils: its calendar up to the last closed date, its municipality."""
UNKNOWN: Final[Ground] = [None, None]


class Reached(NamedTuple):
    """How far a partition was measured: the last closed date, its offset, and the grounds of every school there."""

    day: date | None = None
    offset: int = -1
    grounds: Mapping[str, Ground] = {}


class AtSchool(NamedTuple):
    """A school as it is while one turn lasts; `again`: from which date on everything has to be measured again."""

    name: str
    calendar: SchoolCalendar
    home: str | None
    again: date | None

    def ground(self, until: date) -> Ground:
        """What its months up to a date rest on."""
        said = [
            (
                one.from_, min(one.until, until), sorted(one.weekdays), sorted((one.usual_slots or {"": 0}).items()),
                sorted((free.from_, min(free.until, until)) for free in one.holidays if free.from_ <= until),
                sorted(day for day in one.extra_free if day <= until),
            )
            for one in self.calendar.records if one.from_ <= until
        ]  # fmt: skip
        written = repr((self.calendar.assumed, said)).encode()
        return [hashlib.sha256(written).hexdigest()[:32], self.home]


@dataclass(slots=True)
class Turn:
    """One look at a partition: as of which closed date, over the words before which offset, and because of what.

    `offset`: that of the closed day; where no day closes, just after the one reached. `at`: the pupils of each school;
    `behind`: the schools whose pupils were not all looked at with the calendar of now.
    """

    partition: int
    reached: Reached
    as_of: date
    offset: int
    before: int
    cause: Event
    closes: bool
    pupils: dict[str, Stays] = field(default_factory=dict)
    at: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    behind: set[str] = field(default_factory=set)
    late: dict[str, list[Late]] = field(default_factory=lambda: defaultdict(list))


class Wanted(NamedTuple):
    """Dates of a pupil at a school; `again`: they take the place of what was measured, otherwise they come beside it."""

    pupil: str
    school: AtSchool
    first: date
    last: date
    again: bool


def wanted_of(turn: Turn, pupil: str, school: AtSchool) -> Iterable[Wanted]:
    """What has to be measured of a pupil at a school in a turn."""
    stays, day = turn.pupils[pupil], turn.reached.day
    share = stays.shares[school.name]
    since = [] if school.again is None else [school.again]
    months: set[str] = set()
    if day is not None and (moved := stays.moved(school.name, day, turn.as_of)) is not None:
        since.append(moved)
    for late in turn.late.get(pupil, ()):
        first, last = late.concerns(school.name, share) or (None, None)
        if first is not None and last is None:
            since.append(first)
        elif first is not None:
            months.add(month_of(first))
    again = min(since, default=None)
    for month in sorted(months):
        if again is None or month < month_of(again):
            yield Wanted(pupil, school, _first_of(month), min(_last_of(month), turn.as_of), again=True)
    if again is not None:
        yield Wanted(pupil, school, _first_of(month_of(again)), turn.as_of, again=True)
    elif (
        day is not None and share.spans(turn.as_of) and school.calendar.has_lesson_day(day + _DAY, turn.as_of)
    ):
        for month in months_between(day + _DAY, turn.as_of):
            if month not in months:
                first, last = max(day + _DAY, _first_of(month)), min(turn.as_of, _last_of(month))
                yield Wanted(pupil, school, first, last, again=False)


def told_of(want: Wanted, turn: Turn, standing: Standing | None) -> dict[str, dict[str | None, Amounts]]:
    """What was measured of a pupil on the wanted dates: by month and municipality."""
    school = want.school
    marks = None if standing is None else standing.marks().get(school.name)
    told: dict[str, dict[str | None, Amounts]] = {}
    for place, amounts in presence_at(
        school.name, (word.fact for word in marks or () if isinstance(word.fact, MarkRecorded)),
        turn.pupils[want.pupil].at(school.name, turn.as_of),
        calendar=school.calendar, home=school.home, first=want.first, last=want.last,
    ).items():  # fmt: skip
        told.setdefault(place.month, {})[place.municipality] = amounts
    return told


def month_of(day: date) -> str:
    """The month of a date: `2024-09`."""
    return f"{day.year:04}-{day.month:02}"


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _last_of(month: str) -> date:
    return (_first_of(month) + 31 * _DAY).replace(day=1) - _DAY


def months_between(first: date, last: date) -> list[str]:
    """The months from one date to another."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in months]
