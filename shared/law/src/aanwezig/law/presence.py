"""How present pupils were: attended minutes of recorded minutes, with the coverage beside it (`rules.md` 5). Pure.

What is measured of one pupil adds up: over months, schools, municipalities, the region. Small groups have no rate, and
that is decided last, on the sums.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeVar

from aanwezig.contracts.facts import MarkRecorded
from aanwezig.law.calendar import CalendarsOf, SchoolCalendar
from aanwezig.law.packs import Governance, SmallCells
from aanwezig.law.seen import Seen, Span
from aanwezig.law.standing import Standing

_DAY: Final = timedelta(days=1)
_Key = TypeVar("_Key", bound=tuple[Any, ...])


class Place(NamedTuple):
    """Where and when something was measured: `month` as `2024-09`; `municipality` None where it is unknown."""

    school: str
    municipality: str | None
    month: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was measured. `attended` and `recorded` in minutes, `marks` in slots, `days` in recorded lesson days of a pupil.

    `scheduled` in slots; None: a school or a day of it does not tell its usual slots. `pupils` with at least one mark.
    """

    attended: int = 0
    recorded: int = 0
    marks: int = 0
    days: int = 0
    scheduled: int | None = 0
    pupils: int = 0

    @property
    def rate(self) -> Fraction | None:
        """Attended of recorded minutes; None where nothing was recorded."""
        return Fraction(self.attended, self.recorded) if self.recorded else None

    @property
    def coverage(self) -> Fraction | None:
        """Recorded of scheduled slots; None where what was scheduled is unknown, or nothing was."""
        return Fraction(self.marks, self.scheduled) if self.scheduled else None

    def with_more(self, other: "Amounts") -> "Amounts":
        """Both together; of the same pupil, so the pupil counts once."""
        return self._sum(other, max(self.pupils, other.pupils))

    def beside(self, other: "Amounts") -> "Amounts":
        """Both together; of different pupils."""
        return self._sum(other, self.pupils + other.pupils)

    def _sum(self, other: "Amounts", pupils: int) -> "Amounts":
        unknown = self.scheduled is None or other.scheduled is None
        return Amounts(
            attended=self.attended + other.attended,
            recorded=self.recorded + other.recorded,
            marks=self.marks + other.marks,
            days=self.days + other.days,
            scheduled=None if unknown else (self.scheduled or 0) + (other.scheduled or 0),
            pupils=pupils,
        )


NOTHING: Final = Amounts()
"""Nothing measured."""

_A_RECORDED_DAY: Final = Amounts(days=1, pupils=1)


def presence_of(
    standing: Standing,
    *,
    calendars: CalendarsOf,
    governance: Governance,
    first: date,
    last: date,
    as_of: date,
) -> dict[Place, Amounts]:
    """What one pupil was recorded and scheduled for from `first` to `last`, both included, by place.

    Facts about dates after `as_of` are not seen, and nothing is scheduled on them.
    """
    end = min(last, as_of)
    seen = Seen(standing, as_of)
    measured: dict[Place, Amounts] = {}
    for school in sorted({*seen.schools(), *seen.enrolled_at()}):
        calendar = calendars.of(school)
        stay = Stay(tuple(seen.enrolments(school, calendar)), seen.exempt, seen.municipality)
        measured |= presence_at(
            school, _marks(seen, school), stay,
            calendar=calendar, home=governance.school_municipality(school), first=first, last=end,
        )  # fmt: skip
    return measured


class Stay(NamedTuple):
    """When a pupil is enrolled at one school, and on a date whether it is exempt and where it lives (None: unknown)."""

    enrolled: tuple[Span, ...]
    exempt: Callable[[date], bool]
    municipality: Callable[[date], str | None]

    def covers(self, day: date) -> bool:
        """Whether the pupil is enrolled on a date."""
        return any(start <= day and (end is None or day <= end) for start, end in self.enrolled)


def presence_at(
    school: str, marks: Iterable[MarkRecorded], stay: Stay, *,
    calendar: SchoolCalendar, home: str | None, first: date, last: date,
) -> dict[Place, Amounts]:  # fmt: skip
    """What one pupil was recorded and scheduled for at one school from `first` to `last`, both included, by place.

    `marks` that stand at that school; those of other dates are passed over. `home`: the municipality of the school.
    """
    recorded = _recorded(marks, stay, calendar, first, last)
    measured: dict[Place, Amounts] = {}
    for day in _lesson_days(stay, calendar, first, last):
        municipality = stay.municipality(day)
        if municipality is None:
            municipality = home
        place = Place(school, municipality, f"{day:%Y-%m}")
        here = recorded.get(day, NOTHING).with_more(Amounts(scheduled=_usual(calendar, day)))
        measured[place] = measured.get(place, NOTHING).with_more(here)
    return measured


def together(cells: Iterable[Amounts]) -> Amounts:
    """The sum over different pupils."""
    total = NOTHING
    for cell in cells:
        total = total.beside(cell)
    return total


class Groups(dict[_Key, Amounts]):
    """Sums by whatever `group_of` makes of a place: one cell for each group, each pupil once in it."""

    def __init__(self, group_of: Callable[[Place], _Key]) -> None:
        super().__init__()
        self._group_of = group_of

    def add(self, pupil: Mapping[Place, Amounts]) -> None:
        """Takes in what was measured of one pupil; of each pupil once."""
        own: dict[_Key, Amounts] = {}
        for place, amounts in pupil.items():
            group = self._group_of(place)
            own[group] = own.get(group, NOTHING).with_more(amounts)
        for group, amounts in own.items():
            self[group] = self.get(group, NOTHING).beside(amounts)


def told_of_pupil(amounts: Amounts, rules: SmallCells) -> bool:
    """Whether a rate of this one pupil may be told: over enough recorded lesson days."""
    return amounts.days >= rules.pupil_days


def told_of_groups(cells: Mapping[_Key, Amounts], rules: SmallCells) -> set[_Key]:
    """Of the cells of a table, those whose figures may leave the platform. A key has one part for each side of the table.

    A cell with too few pupils is left out. Cells that differ in one part of their keys alone have a sum; where exactly
    one of such a row is left out the next smallest is too, because the others and the sum would tell it. A cell without
    any pupil tells nothing of anyone: it is neither.
    """
    if not rules.suppress:
        return set(cells)
    small = {key for key, cell in cells.items() if 0 < cell.pupils < rules.group_pupils}
    rows: dict[tuple[int, tuple[Any, ...]], list[_Key]] = {}
    for key, cell in cells.items():
        for side in range(len(key) if cell.pupils else 0):
            rows.setdefault((side, key[:side] + key[side + 1 :]), []).append(key)
    lonely = True
    while lonely:
        lonely = False
        for row in rows.values():
            others = [key for key in row if key not in small]
            if len(row) - len(others) == 1 and others:
                small.add(min(others, key=lambda key: (cells[key].pupils, str(key))))
                lonely = True
    return set(cells) - small


def _lesson_days(stay: Stay, calendar: SchoolCalendar, first: date, last: date) -> Iterator[date]:
    """The lesson days of these dates on which the pupil is enrolled."""
    if not stay.enrolled:
        return
    day = max(first, min(start for start, _ in stay.enrolled))
    while day <= last:
        if calendar.is_lesson_day(day) and stay.covers(day):
            yield day
        day += _DAY


def _recorded(
    marks: Iterable[MarkRecorded], stay: Stay, calendar: SchoolCalendar, first: date, last: date
) -> dict[date, Amounts]:
    """Per lesson day what the marks say; those of a pupil that is not enrolled, or exempt, are left out."""
    days: dict[date, Amounts] = {}
    for mark in marks:
        day = mark.date
        if first <= day <= last and calendar.is_lesson_day(day) and stay.covers(day) and not stay.exempt(day):
            before = days.get(day, _A_RECORDED_DAY)
            days[day] = before.with_more(
                Amounts(attended=_attended(mark), recorded=mark.minutes, marks=1, pupils=1)
            )
    return days


def _marks(seen: Seen, school: str) -> Iterator[MarkRecorded]:
    return (word.fact for word in seen.marks(school) if isinstance(word.fact, MarkRecorded))


def _attended(mark: MarkRecorded) -> int:
    """Attended minutes of a mark."""
    if mark.state == "present":
        return mark.minutes
    unsaid = mark.minutes if mark.state == "absent" else 0
    return mark.minutes - (unsaid if mark.missed is None else mark.missed)


def _usual(calendar: SchoolCalendar, day: date) -> int | None:
    """The usual slots of a lesson day, by the record with the latest `from` that covers it; None where it tells none."""
    holding = [record for record in calendar.records if record.from_ <= day <= record.until]
    usual = holding[-1].usual_slots if holding else None
    return None if usual is None else usual.get(str(day.isoweekday()), 0)
