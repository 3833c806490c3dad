"""The pupils with a part in the year: at least one for each track and each row of the routing table.

A part is a table row: when born, at which school, what happens. Days are counted in lesson days of the school from
the first of the year (0 = Monday 2 September 2024), so that every date can be found by hand. Nothing else ever
happens to these pupils.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aanwezig.region.people import Note, Period, Pupil, Standing, Stay
from aanwezig.region.places import FIRST, School


@dataclass(frozen=True, slots=True)
class Skips:
    """Absent for so many successive slots from a lesson day on; `corrected_after` that many dates: then authorised."""

    day: int
    slots: int
    authorised: bool | None = False
    reason: str | None = "truancy"
    missed: int | None = None
    corrected_after: int | None = None


@dataclass(frozen=True, slots=True)
class ComesLate:
    """Late in the first slot of so many successive lesson days."""

    day: int
    times: int


@dataclass(frozen=True, slots=True)
class FallsSilent:
    """The school says nothing of this pupil on so many successive lesson days."""

    day: int
    days: int


@dataclass(frozen=True, slots=True)
class Has:
    """A leave, exemption or arrangement from one lesson day through another (None: open)."""

    kind: str
    what: str
    day: int
    until: int | None = None
    by: str = "head"


@dataclass(frozen=True, slots=True)
class IsNoted:
    """A care signal or a school report."""

    kind: str
    what: str
    day: int
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaves for the school of this type on a lesson day; the old school goes on saying `marks_after` days."""

    day: int
    to: str
    marks_after: int = 0


Doing = Skips | ComesLate | FallsSilent | Has | IsNoted | Leaves


@dataclass(frozen=True, slots=True)
class Character:
    """A part: `rules` are the rows of the routing table that answer for this pupil at some time in the year.

    `local`: known to its school's own system only. `enrolled`: the school says so. `misspelt` a birth date the
    school first gets wrong; `qualified` a lesson day.
    """

    name: str
    school: str
    birth: date | None
    doings: tuple[Doing, ...]
    rules: frozenset[str]
    local: bool = False
    enrolled: bool = True
    misspelt: date | None = None
    qualified: int | None = None


def _part(
    name: str, school: str, birth: date | None, doings: tuple[Doing, ...], rules: str = "", **more: object
) -> Character:
    return Character(name, school, birth, doings, frozenset(rules.split()), **more)  # type: ignore[arg-type]


def _ill(day: int, slots: int) -> Skips:
    return Skips(day, slots, authorised=True, reason="illness")


_AT_14: Final = date(2010, 5, 17)
_AT_15: Final = date(2009, 6, 3)
_AT_17: Final = date(2008, 1, 9)
_AT_19: Final = date(2005, 9, 30)

CHARACTERS: Final = (
    # one track each
    _part("first-once", "vo", _AT_14, (Skips(20, 16),), "first"),
    _part("stagnating", "vo", _AT_14, (Skips(33, 16),), "first"),
    _part("halt", "vo", _AT_14, (Skips(15, 16), Skips(50, 16)), "first halt"),
    _part("halt-otherwise", "vo", _AT_15, (Skips(18, 16), Skips(55, 16)), "first halt"),
    _part("undecided", "vo", _AT_15, (Skips(22, 16), Skips(60, 16)), "first halt"),
    _part("force", "vo", _AT_15, (Skips(10, 16), Skips(30, 16), Skips(110, 16)), "first halt force"),
    _part("after-halt", "vo", _AT_15, (Skips(12, 16), Skips(32, 16), Skips(120, 16)), "first halt else"),
    _part("halt-over-hours", "vo", _AT_17, (Skips(12, 64),), "first halt halt-over"),
    _part("halt-over-late", "vo", _AT_14, (ComesLate(5, 61),), "first halt halt-over"),
    _part("late-ladder", "vo", _AT_14, (ComesLate(40, 13),), "first halt"),
    _part("young", "po", date(2015, 3, 12), (Skips(25, 8),), "young"),
    _part("care-first", "vo", _AT_14, (IsNoted("signal", "psychological", 18), Skips(20, 16)), "care-first"),
    _part("safety", "po", date(2014, 4, 2), (IsNoted("signal", "safety", 28), Skips(30, 9)), "safety"),
    _part(
        "help-in-place",
        "vo",
        _AT_15,
        (IsNoted("signal", "psychological", 9, yes=True), Skips(14, 16), Skips(48, 16)),
        "first halt",
    ),
    _part(
        "doubted",
        "vo",
        _AT_15,
        (IsNoted("signal", "own-initiative-doubted", 15), Skips(17, 16), Skips(52, 16)),
        "first else",
    ),
    _part("light", "vo", _AT_14, (Skips(40, 5), IsNoted("report", "light", 44, yes=True)), "first"),
    # at home
    _part("home-holiday", "vo", _AT_15, (_ill(30, 126),), "home"),
    _part(
        "home-leave",
        "po",
        date(2013, 2, 20),
        (Has("leave", "11g", 60, 88, by="officer"), Skips(60, 46, authorised=True, reason="weighty")),
        "home",
    ),
    _part(
        "home-ended",
        "vo",
        _AT_15,
        (_ill(62, 132), Has("arrangement", "partial-timetable", 87)),
        "home",
    ),
    _part("home-silent", "vo", _AT_15, (_ill(80, 140), FallsSilent(93, 3)), "home"),
    _part("home-truant", "mbo", _AT_17, (Skips(30, 40),), "first home"),
    # eighteen and over
    _part("adult", "mbo", _AT_19, (Skips(24, 26),), "adult"),
    _part("turns-eighteen", "mbo", date(2007, 1, 20), (Skips(20, 13), Skips(75, 14)), "first adult"),
    # who or when is odd
    _part("withdrawn", "vo", _AT_14, (Skips(70, 16, corrected_after=16),), "first"),
    _part("birth-unknown", "vo", None, (Skips(16, 16), Skips(58, 16)), "first else", local=True),
    _part("birth-misspelt", "vo", date(2012, 9, 30), (Skips(35, 16),), "first", misspelt=date(2013, 9, 30)),
    _part("not-enrolled", "vo", _AT_14, (Skips(24, 16),), "first", local=True, enrolled=False),
    _part("over-christmas", "vo", _AT_14, (Skips(70, 8), Skips(82, 8)), "first"),
    # nothing may come of these
    _part("just-below", "vo", _AT_14, (Skips(20, 15), Skips(25, 1, missed=49))),
    _part("too-far-apart", "vo", _AT_14, (Skips(5, 8), Skips(29, 8))),
    _part("exempt", "vo", _AT_14, (Has("exemption", "5b", 40, 70), Skips(42, 100))),
    _part("on-leave", "po", date(2016, 1, 25), (Has("leave", "11f", 45, 52), Skips(45, 12, reason="luxury"))),
    _part("qualified", "mbo", _AT_19, (Skips(24, 13),), qualified=10),
    _part("too-old", "mbo", date(2000, 11, 2), (Skips(24, 13),)),
    _part("four-years-old", "po", date(2020, 7, 8), (Skips(12, 10, reason="luxury"),)),
    _part("transfer", "vo", _AT_17, (Skips(70, 10), Leaves(76, "mbo", marks_after=4))),
)
"""Every part, in the order of the routing table as far as there is one."""

FEWEST_PUPILS: Final = len(CHARACTERS)


def play(character: Character, pupil: Pupil, schools: dict[str, School]) -> None:
    """Write the character's year into the pupil's records; the pupil was present everywhere until now."""
    school = schools[character.school]
    days = school.lesson_days()
    for doing in character.doings:
        match doing:
            case Skips():
                _skip(doing, pupil, school, days)
            case ComesLate():
                for day in days[doing.day : doing.day + doing.times]:
                    lesson = school.timetable[day.isoweekday()][0]
                    pupil.put(school.id, day, lesson.slot, Standing("late", lesson.minutes, missed=10))
            case FallsSilent():
                for day in days[doing.day : doing.day + doing.days]:
                    del pupil.marks[school.id][day]
            case Has():
                last = None if doing.until is None else days[doing.until]
                where = None if doing.kind == "exemption" else school.id
                pupil.periods.append(Period(doing.kind, doing.what, days[doing.day], last, where, doing.by))
            case IsNoted():
                pupil.notes.append(Note(doing.kind, doing.what, days[doing.day], school.id, doing.yes))
            case Leaves():
                _leave(doing, pupil, school, schools[doing.to], days)
    if character.qualified is not None:
        pupil.qualified = days[character.qualified]
    if character.misspelt is not None:
        pupil.misspelt_birth = character.misspelt


def attend(pupil: Pupil, school: School, first: date = FIRST, last: date | None = None) -> None:
    """Present in every slot of a school between two dates."""
    for day in school.marked_days():
        if first <= day <= (last or date.max):
            for lesson in school.timetable[day.isoweekday()]:
                pupil.put(school.id, day, lesson.slot, present(lesson.minutes))


def present(minutes: int) -> Standing:
    """Present for the whole slot."""
    return _PRESENT.setdefault(minutes, Standing("present", minutes))


_PRESENT: Final[dict[int, Standing]] = {}


def _skip(doing: Skips, pupil: Pupil, school: School, days: list[date]) -> None:
    left = doing.slots
    for day in days[doing.day :]:
        for lesson in school.timetable[day.isoweekday()][:left]:
            absent = Standing("absent", lesson.minutes, doing.authorised, doing.reason, doing.missed)
            if doing.corrected_after is not None:
                pupil.misheard[day, lesson.slot] = (absent, doing.corrected_after)
                absent = Standing("absent", lesson.minutes, authorised=True, reason="medical")
            pupil.put(school.id, day, lesson.slot, absent)
            left -= 1
        if not left:
            return


def _leave(doing: Leaves, pupil: Pupil, school: School, to: School, days: list[date]) -> None:
    gone = days[doing.day]
    pupil.stays[0] = Stay(school.id, school.type, pupil.stays[0].first, gone - timedelta(days=1))
    pupil.stays.append(Stay(to.id, to.type, gone))
    still = set(days[doing.day : doing.day + doing.marks_after])
    for day in [day for day in pupil.marks[school.id] if day >= gone]:
        del pupil.marks[school.id][day]
        if day in still:
            for lesson in school.timetable[day.isoweekday()]:
                standing = Standing("absent", lesson.minutes, authorised=False, reason="unknown")
                pupil.put(school.id, day, lesson.slot, standing)
    attend(pupil, to, gone)
    after = [day for day in to.lesson_days() if day >= gone]
    for day in after[2:6]:
        for lesson in to.timetable[day.isoweekday()]:
            standing = Standing("absent", lesson.minutes, authorised=False, reason="truancy")
            pupil.put(to.id, day, lesson.slot, standing)
