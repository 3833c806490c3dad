"""Who lives in the region and what their year is: the characters by their parts, the rest with ordinary absence.

How often the ordinary pupils are absent follows the proportions of the published reports (`report-tables.json`):
statutory absence is rare in primary schools (TWR-2: 15 reports on 2,656 pupils), a few per cent in secondary schools
(61 on 2,046) and common in colleges (171 on 567), and comes from few pupils again and again (DEV-3: a third repeats).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aanwezig.contracts.submissions import PupilRef
from aanwezig.region.characters import CHARACTERS, FEWEST_PUPILS, Character, attend, play
from aanwezig.region.people import ORDINARY, Numbers, Period, Pupil, Standing, Stay
from aanwezig.region.places import FIRST, School, System


@dataclass(frozen=True, slots=True)
class Habit:
    """How an ordinary pupil of a school type is absent.

    `share` of the ordinary pupils; ages on 1 August 2024; chances per lesson day (`sick`: a spell begins) or per
    slot; `truant` and `late` are means over pupils who differ much from one another; `drifts` is the chance that a
    pupil drifts away for some weeks in the year.
    """

    share: int
    ages: tuple[int, int]
    sick: float
    truant: float
    late: float
    drifts: float


HABITS: Final = {
    "po": Habit(62, (4, 11), 0.011, 0.0004, 0.003, 0.006),
    "vo": Habit(11, (12, 17), 0.012, 0.004, 0.010, 0.06),
    "mbo": Habit(27, (16, 22), 0.013, 0.020, 0.016, 0.22),
}
_EXCUSES: Final = (
    (True, "medical"),
    (True, "appointment"),
    (True, "family-event"),
    (None, "unknown"),
    (None, None),
)
_EXCUSED: Final = 0.003
_FREE_OF_SCHOOL: Final = 0.02
_LEAVES_THE_REGION: Final = 0.012
_MOVES: Final = 0.01
_DRIFTING: Final = 0.75


def population(
    rng: random.Random, wanted: int, schools: tuple[School, ...], systems: tuple[System, ...]
) -> list[Pupil]:
    """All pupils with their year, the characters first.

    Raises:
        ValueError: fewer pupils are wanted than there are parts.

    """
    if wanted < FEWEST_PUPILS:
        raise ValueError(f"a region has at least {FEWEST_PUPILS} pupils")
    numbers = Numbers(rng)
    named = {school.type: school for school in schools}
    oins = {school: system.oin for system in systems for school in system.schools}
    pupils = [_character(part, numbers, named, oins) for part in CHARACTERS]
    for place, kind in enumerate(_kinds(wanted - len(pupils))):
        school = named[kind]
        pupil = _ordinary(rng, school, _reference(place, numbers, oins[school.id]))
        _live(rng, pupil, school)
        pupils.append(pupil)
    return pupils


def _kinds(wanted: int) -> Iterator[str]:
    total = sum(habit.share for habit in HABITS.values())
    given = 0
    for name, habit in HABITS.items():
        number = wanted - given if name == "mbo" else wanted * habit.share // total
        given += number
        yield from [name] * number


def _reference(place: int, numbers: Numbers, oin: str) -> PupilRef:
    if place % 17 == 5:
        return PupilRef(local=f"leerling-{place:04}", oin=oin)
    return numbers.education() if place % 11 == 3 else numbers.citizen()


def _character(part: Character, numbers: Numbers, schools: dict[str, School], oins: dict[str, str]) -> Pupil:
    school = schools[part.school]
    ref = PupilRef(local=f"rol-{part.name}", oin=oins[school.id]) if part.local else numbers.citizen()
    stay = Stay(school.id, school.type, date(2024, 8, 1), told=part.enrolled)
    home = None if part.local else school.municipality
    pupil = Pupil(ref, part.name, part.birth, home, [stay])
    attend(pupil, school)
    play(part, pupil, schools)
    return pupil


def _ordinary(rng: random.Random, school: School, ref: PupilRef) -> Pupil:
    youngest, oldest = HABITS[school.type].ages
    age = rng.randint(youngest, oldest)
    birth = FIRST - timedelta(days=age * 365 + age // 4 + rng.randrange(365))
    first = date(2024 - rng.randint(0, 3), 8, 1)
    last = None
    if rng.random() < _LEAVES_THE_REGION:
        last = FIRST + timedelta(days=rng.randrange(90, 270))
    town = rng.choices(("9901", "9902"), (8, 2) if school.municipality == "9901" else (2, 8))[0]
    pupil = Pupil(
        ref, ORDINARY, birth, None if ref.local else town, [Stay(school.id, school.type, first, last)]
    )
    if not ref.local and last is None and rng.random() < _MOVES:
        pupil.moved = ("9902" if town == "9901" else "9901", FIRST + timedelta(days=rng.randrange(60, 300)))
    attend(pupil, school, FIRST, last)
    return pupil


def _live(rng: random.Random, pupil: Pupil, school: School) -> None:
    habit = HABITS[school.type]
    marks = pupil.marks[school.id]
    truant = habit.truant * rng.gammavariate(0.5, 2)
    late = habit.late * rng.gammavariate(0.6, 1.7)
    adrift = _drift(rng, habit, list(marks))
    ill: Period | None = None
    for day in list(marks):
        if ill is None and rng.random() < habit.sick:
            ill = Period("sick", "", day, day + timedelta(days=_spell(rng)), school.id)
            pupil.periods.append(ill)
        elif ill is not None and day > (ill.last or day):
            ill = None
        for lesson in school.timetable[day.isoweekday()]:
            if ill is not None:
                standing = Standing("absent", lesson.minutes, authorised=True, reason="illness")
                pupil.put(school.id, day, lesson.slot, standing)
            elif (
                other := _lapse(rng, lesson.minutes, _DRIFTING if day in adrift else truant, late)
            ) is not None:
                pupil.put(school.id, day, lesson.slot, other)
    _take_leave(rng, pupil, school)


def _drift(rng: random.Random, habit: Habit, days: list[date]) -> frozenset[date]:
    """The dates of some bad weeks, two to five of them, for the few who have such weeks."""
    if rng.random() >= habit.drifts or not days:
        return frozenset()
    first = rng.choice(days)
    last = first + timedelta(weeks=rng.randint(2, 5))
    return frozenset(day for day in days if first <= day <= last)


def _spell(rng: random.Random) -> int:
    """Dates a spell of illness lasts after its first; seldom longer than a week and never near four."""
    return rng.choice((0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 8, 10))


def _lapse(rng: random.Random, minutes: int, truant: float, late: float) -> Standing | None:
    dice = rng.random()
    if dice < truant:
        missed = rng.randrange(10, minutes) if rng.random() < 0.15 else None
        reason = rng.choice(("truancy", "truancy", "overslept", "unknown", None))
        return Standing("absent", minutes, authorised=False, reason=reason, missed=missed)
    dice -= truant
    if dice < late:
        excused = True if rng.random() < 0.08 else None
        missed = rng.randrange(2, 25) if rng.random() < 0.7 else None
        return Standing("late", minutes, excused, "transport" if excused else None, missed)
    dice -= late
    if dice < _EXCUSED:
        authorised, reason = rng.choice(_EXCUSES)
        return Standing("absent", minutes, authorised, reason)
    return None


def _take_leave(rng: random.Random, pupil: Pupil, school: School) -> None:
    """Some are granted a few days; their school marks those days without much care."""
    if rng.random() >= _FREE_OF_SCHOOL:
        return
    days = list(pupil.marks[school.id])
    start = rng.randrange(15, max(16, len(days) - 5))
    free = days[start : start + rng.randint(1, 4)]
    if not free:
        return
    pupil.periods.append(Period("leave", rng.choice(("11e", "11g")), free[0], free[-1], school.id, "head"))
    for day in free:
        for lesson in school.timetable[day.isoweekday()]:
            authorised = rng.choice((True, True, False))
            pupil.put(school.id, day, lesson.slot, Standing("absent", lesson.minutes, authorised, "weighty"))
