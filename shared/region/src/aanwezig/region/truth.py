"""What is true of the region at the end of the year, counted from its own records.

Plain and slow on purpose: every rule of `rules.md` 1 to 3 that is needed here is written out once more as a person
would count it with the class register and a calendar on the table, without the law package and without the events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from aanwezig.region.people import Pupil, Standing
from aanwezig.region.places import FIRST, LAST, YEAR, School, year

AS_OF: Final = LAST
HOME_DEFINITION: Final = "thuiszitter@zoetermeer-2024"
COUNTED_KINDS: Final = frozenset({"statutory", "eighteen-plus", "lateness", "light", "home-sitter"})
"""The kinds of findings that are counted here."""
_SLOTS: Final = ("morning", *(f"lesson-{number}" for number in range(1, 17)), "afternoon")
_RUNGS: Final = (3, 6, 9, 12, 15, 30, 61)
_ENDS_HOME_SITTING: Final = ("partial-timetable", "education-care")


class StandingFinding(NamedTuple):
    """One finding that stands: `pupil` as `PupilRef.text`, `at` an ISO date, `value` an exact fraction as text."""

    pupil: str
    school: str
    kind: str
    definition: str | None
    school_year: str
    ordinal: int
    at: str
    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What must come of the year.

    `accepted`, `duplicates` and `refused` (by code) count records; `findings` are those that stand as of 2025-07-31,
    of the `COUNTED_KINDS` (`home-sitter` by `thuiszitter@zoetermeer-2024`).
    `cases_expected` names for each character the rows of the routing table that answer for it some time in the year;
    `characters` says which pupil it is.
    """

    accepted: int
    duplicates: int
    refused: Mapping[str, int]
    findings: frozenset[StandingFinding]
    cases_expected: Mapping[str, frozenset[str]]
    characters: Mapping[str, str]


class Register:
    """The class register of one pupil at one school, as it stands in the end."""

    def __init__(self, pupil: Pupil, school: School, weeks: list[date]) -> None:
        self._pupil, self._school, self._weeks = pupil, school, weeks
        self._lessons = set(school.lesson_days())
        marks = pupil.marks.get(school.id, {})
        self._marks = {day: slots for day, slots in marks.items() if slots and day in self._lessons}

    def findings(self) -> Iterator[StandingFinding]:
        """All findings about this pupil at this school."""
        yield from self._sixteen_hours()
        yield from self._lateness()
        yield from self._light()
        yield from self._home_sitting()

    def _sixteen_hours(self) -> Iterator[StandingFinding]:
        counted = self._counted()
        after = 0
        ordinals = {"statutory": 0, "eighteen-plus": 0}
        for place, (day, _, _) in enumerate(counted):
            window = self._window(day)
            total = sum(
                (hours for when, _, hours in counted[after : place + 1] if when in window), Fraction(0)
            )
            if total < 16:
                continue
            after = place + 1
            duty = obligation(self._pupil, day)
            if duty == "none":
                continue
            kind = "eighteen-plus" if duty == "eighteen-plus" else "statutory"
            ordinals[kind] += 1
            yield self._finding(kind, ordinals[kind], day, total)

    def _lateness(self) -> Iterator[StandingFinding]:
        times = 0
        for day, _, standing in self._in_order():
            if standing.state == "late" and standing.authorised is not True and self._bound(day):
                times += 1
                if times in _RUNGS:
                    yield self._finding("lateness", _RUNGS.index(times) + 1, day, Fraction(times))

    def _light(self) -> Iterator[StandingFinding]:
        reported = {
            note.day
            for note in self._pupil.notes
            if (note.kind, note.what, note.school) == ("report", "light", self._school.id)
        }
        ordinal = 0
        for day in sorted(reported):
            window = self._window(day)
            total = sum((hours for when, _, hours in self._counted() if when in window), Fraction(0))
            if total < 16:
                ordinal += 1
                yield self._finding("light", ordinal, day, total)

    def _home_sitting(self) -> Iterator[StandingFinding]:
        ordinal = 0
        for streak in self._streaks():
            lengths = [(day, self._length(streak[0], day)) for day in streak]
            reached = [day for day, length in lengths if length >= 28]
            if reached and obligation(self._pupil, reached[0]) in {
                "leerplichtig",
                "kwalificatieplichtig",
                "unknown",
            }:
                ordinal += 1
                yield self._finding("home-sitter", ordinal, reached[0], Fraction(lengths[-1][1]))

    def _streaks(self) -> Iterator[list[date]]:
        """Runs of absent days; silent days lie in between without breaking them."""
        streak: list[date] = []
        for day in self._school.lesson_days():
            slots = self._marks.get(day)
            if self._helped(day):
                broken = True
            elif slots is None:
                continue
            else:
                away = all(standing.state == "absent" for standing in slots.values())
                broken = not (away and self._enrolled(day) and not self._exempt(day))
            if not broken:
                streak.append(day)
            elif streak:
                yield streak
                streak = []
        if streak:
            yield streak

    def _length(self, first: date, last: date) -> int:
        """Dates of lesson-week time from first to last, without silent days and the days off right after them."""
        length, silent = 0, False
        for day in self._weeks:
            if not first <= day <= last:
                continue
            if day in self._lessons:
                silent = day not in self._marks
            length += not silent
        return length

    def _in_order(self) -> Iterator[tuple[date, str, Standing]]:
        for day in sorted(self._marks):
            for slot in sorted(self._marks[day], key=_SLOTS.index):
                yield day, slot, self._marks[day][slot]

    def _counted(self) -> list[tuple[date, str, Fraction]]:
        return [
            (day, slot, self._hours(day, slot, standing))
            for day, slot, standing in self._in_order()
            if standing.state == "absent" and standing.authorised is False and self._bound(day)
        ]

    def _hours(self, day: date, slot: str, standing: Standing) -> Fraction:
        missed = standing.minutes if standing.missed is None else standing.missed
        if (
            slot.startswith("lesson-")
            and standing.minutes <= 60
            and self._type(day) not in {"po", "sbo", "so"}
        ):
            return Fraction(missed, standing.minutes)
        return Fraction(missed, 60)

    def _bound(self, day: date) -> bool:
        """Enrolled, not exempt and not on leave."""
        leave = self._pupil.holds("leave", self._school.id, day)
        return self._enrolled(day) and not leave and not self._exempt(day)

    def _exempt(self, day: date) -> bool:
        return bool(self._pupil.holds("exemption", self._school.id, day))

    def _helped(self, day: date) -> bool:
        arranged = self._pupil.holds("arrangement", self._school.id, day)
        return any(period.what in _ENDS_HOME_SITTING for period in arranged)

    def _enrolled(self, day: date) -> bool:
        told = self._told_stays()
        if told:
            return any(first <= day <= last for first, last, _ in told)
        return bool(self._marks) and min(self._marks) <= day <= AS_OF

    def _type(self, day: date) -> str | None:
        covering = [stay for stay in self._told_stays() if stay[0] <= day <= stay[1]]
        return max(covering)[2] if covering else None

    def _told_stays(self) -> list[tuple[date, date, str]]:
        return [
            (stay.first, stay.last or date.max, stay.type)
            for stay in self._pupil.stays
            if stay.school == self._school.id and stay.told and stay.first <= AS_OF
        ]

    def _window(self, day: date) -> set[date]:
        """The 28 days of lesson-week time ending on a date, as far as they lie in the school year."""
        return {when for when in [past for past in self._weeks if past <= day][-28:] if when >= FIRST}

    def _finding(self, kind: str, ordinal: int, day: date, value: Fraction) -> StandingFinding:
        definition = HOME_DEFINITION if kind == "home-sitter" else None
        return StandingFinding(
            self._pupil.ref.text,
            self._school.id,
            kind,
            definition,
            YEAR,
            ordinal,
            day.isoformat(),
            str(value),
        )


def standing_findings(pupils: list[Pupil], schools: tuple[School, ...]) -> frozenset[StandingFinding]:
    """Every finding that stands at the end of the year, counted pupil by pupil and school by school."""
    found: set[StandingFinding] = set()
    for school in schools:
        weeks = lesson_week_time(school)
        for pupil in pupils:
            if school.id in pupil.marks:
                found.update(Register(pupil, school, weeks).findings())
    return frozenset(found)


def lesson_week_time(school: School) -> list[date]:
    """All dates of the weeks from Monday to Sunday in which the school has at least one lesson day, in order."""
    mondays = {day - timedelta(days=day.weekday()) for day in year() if school.has_lessons(day)}
    return [monday + timedelta(days=number) for monday in sorted(mondays) for number in range(7)]


def obligation(pupil: Pupil, day: date) -> str:
    """What the law asks of a pupil on a date (`rules.md` 1, *obligation*), as under `nl-2024` before 2026."""
    born = pupil.birth
    if born is None:
        return "unknown"
    fifth = _birthday(born, 5)
    month = fifth.year * 12 + fifth.month  # counted from 1, so this is the month after
    begins = date(month // 12, month % 12 + 1, 1)
    sixteenth = _birthday(born, 16)
    ends = date(sixteenth.year + (sixteenth.month >= 8), 7, 31)
    if day < begins:
        return "none"
    if day <= ends:
        return "leerplichtig"
    if day >= _birthday(born, 23) or (pupil.qualified is not None and day >= pupil.qualified):
        return "none"
    return "eighteen-plus" if day >= _birthday(born, 18) else "kwalificatieplichtig"


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
