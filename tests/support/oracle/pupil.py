"""What holds for a pupil on a date, and what a mark counts for."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from support.oracle.facts import Fact, Who, day
from support.oracle.school import ONE_DAY, School, first_of_school_year, last_of_school_year

LEERPLICHT_FROM_AGE = 5
LEERPLICHT_TO_AGE = 16
KWALIFICATIEPLICHT_TO_AGE = 18
EIGHTEEN_PLUS_TO_AGE = 23
EIGHTEEN_PLUS_TO_AGE_LATER = 27
EIGHTEEN_PLUS_LATER_FROM = date(2026, 1, 1)
CLOCK_HOUR_SCHOOL_TYPES = {"po", "sbo", "so"}
LONGEST_LESSON_OF_ONE_HOUR = 60
UNDER_OBLIGATION = {"leerplichtig", "kwalificatieplichtig", "unknown"}

SLOTS = ["morning", *[f"lesson-{n}" for n in range(1, 17)], "afternoon"]


def birthday(born: date, age: int) -> date:
    """The date somebody reaches an age; of 29 February it is 1 March in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def slot_rank(mark: Fact) -> int:
    """The place of a mark within its date."""
    return SLOTS.index(mark.data["slot"])


class Pupil:
    """What is known of one pupil, at whatever school."""

    def __init__(self, who: Who, as_given: dict[str, str], facts: list[Fact]) -> None:
        self.who = who
        self.as_given = as_given
        self.facts = facts

    def of_type(self, kind: str) -> list[Fact]:
        """The pupil's standing facts of a type."""
        return [fact for fact in self.facts if fact.type == kind]

    @property
    def born(self) -> date | None:
        """
        What the newest standing fact tells.

        reading: newest in the order of section 1, among the facts that stand for keys of their own.
        """
        people = self.of_type("person-recorded")
        if not people:
            return None
        return day(max(people, key=lambda fact: fact.age_rank).data["birth_date"])

    def age(self, on: date) -> int | None:
        """In full years."""
        if self.born is None:
            return None
        age = on.year - self.born.year
        return age if birthday(self.born, age) <= on else age - 1

    def obligation(self, on: date) -> str:
        """The word of the contract."""
        born = self.born
        if born is None:
            return "unknown"
        fifth = birthday(born, LEERPLICHT_FROM_AGE)
        begins = (fifth.replace(day=1) + timedelta(days=32)).replace(day=1)
        ends = last_of_school_year(birthday(born, LEERPLICHT_TO_AGE))
        if begins <= on <= ends:
            return "leerplichtig"
        qualified = any(fact.dated <= on for fact in self.of_type("qualification-obtained"))
        if qualified or on <= ends:
            return "none"
        if on < birthday(born, KWALIFICATIEPLICHT_TO_AGE):
            return "kwalificatieplichtig"
        later = on >= EIGHTEEN_PLUS_LATER_FROM
        if on < birthday(born, EIGHTEEN_PLUS_TO_AGE_LATER if later else EIGHTEEN_PLUS_TO_AGE):
            return "eighteen-plus"
        return "none"

    def residences(self) -> list[Fact]:
        """The facts that tell an interval of residence."""
        return [fact for fact in self.of_type("person-recorded") if "resident_from" in fact.data]

    def resident(self, on: date) -> bool:
        """Whether a told interval covers the date."""
        for fact in self.residences():
            until = day(fact.data.get("resident_until"))
            if date.fromisoformat(fact.data["resident_from"]) <= on and (until is None or on <= until):
                return True
        return False

    def municipality(self, on: date) -> str | None:
        """
        That of the latest `resident_from` not after the date.

        reading: also after that residence has ended, for the text asks only where it began.
        """
        begun = [fact for fact in self.residences() if date.fromisoformat(fact.data["resident_from"]) <= on]
        if not begun:
            return None
        municipality: str | None = max(begun, key=lambda fact: fact.data["resident_from"]).data.get(
            "municipality"
        )
        return municipality

    def exempt(self, on: date) -> bool:
        """Whether a granted exemption covers the date."""
        return any(fact.covers(on) for fact in self.of_type("exemption-granted"))

    def schools(self) -> set[str]:
        """Every school a standing fact of the pupil names."""
        return {fact.data["school"] for fact in self.facts if "school" in fact.data}


class Desk:
    """One pupil at one school."""

    def __init__(self, pupil: Pupil, name: str, school: School) -> None:
        self.pupil = pupil
        self.name = name
        self.school = school
        here = [fact for fact in pupil.facts if fact.data.get("school") == name]
        self.enrolments = [fact for fact in here if fact.type == "enrolment-recorded"]
        self.leaves = [fact for fact in here if fact.type == "leave-granted"]
        self.sick_reports = [fact for fact in here if fact.type == "sick-reported"]
        self.reports = [fact for fact in here if fact.type == "school-reported"]
        self.arrangements = [
            fact for fact in pupil.of_type("arrangement-set") if fact.data.get("school", name) == name
        ]
        self.all_marks = sorted(
            (
                fact
                for fact in here
                if fact.type == "mark-recorded" and fact.data["state"] in {"present", "absent", "late"}
            ),
            key=lambda mark: (mark.dated, slot_rank(mark)),
        )
        self.marks = [mark for mark in self.all_marks if school.lesson_day(mark.dated)]
        self._by_date: dict[date, list[Fact]] = {}
        for mark in self.marks:
            self._by_date.setdefault(mark.dated, []).append(mark)
        self.counted = [mark for mark in self.marks if self.reason(mark) is None]
        self.lates = [mark for mark in self.marks if self._is_late(mark)]

    def marks_on(self, on: date) -> list[Fact]:
        """The marks of a lesson day, in slot order."""
        return self._by_date.get(on, [])

    def enrolled(self, on: date) -> bool:
        """
        By what was told, or, where nothing was, by the marks.

        reading: the last mark, too, is the last on a lesson day, for other marks are not looked at.
        """
        if self.enrolments:
            return any(fact.covers(on) for fact in self.enrolments)
        if not self.marks:
            return False
        return self.marks[0].dated <= on <= last_of_school_year(self.marks[-1].dated)

    def school_type(self, on: date) -> str | None:
        """That of the covering enrolment with the latest `from`."""
        covering = [fact for fact in self.enrolments if fact.covers(on)]
        if not covering:
            return None
        school_type: str = max(covering, key=lambda fact: fact.dated).data["school_type"]
        return school_type

    def reason(self, mark: Fact) -> str | None:
        """Why a mark is not counted, the first that holds; None: it is. Attended without lateness: `present`."""
        state, authorised = mark.data["state"], mark.data.get("authorised")
        if state == "present":
            return "present"
        if state == "absent" and authorised is True:
            return "authorised"
        if state == "absent" and authorised is None:
            return "undetermined"
        if state == "late":
            return "late"
        if not self.school.lesson_day(mark.dated):
            return "no-lesson-day"
        return self._kept_away(mark.dated)

    def first_reason(self, mark: Fact) -> str | None:
        """What `not_counted` tells of an absent or late mark."""
        return None if mark.data["state"] == "present" else self.reason(mark)

    def _kept_away(self, on: date) -> str | None:
        if not self.enrolled(on):
            return "not-enrolled"
        if any(fact.covers(on) for fact in self.leaves):
            return "on-leave"
        if self.pupil.exempt(on):
            return "exempt"
        return None

    def _is_late(self, mark: Fact) -> bool:
        return (
            mark.data["state"] == "late"
            and mark.data.get("authorised") is not True
            and self._kept_away(mark.dated) is None
        )

    def hours(self, mark: Fact) -> Fraction:
        """What a counted mark adds, exactly. The unit is that of the school type on its own date."""
        minutes = mark.data["minutes"]
        missed = mark.data.get("missed", minutes)
        short_lesson = mark.data["slot"].startswith("lesson-") and minutes <= LONGEST_LESSON_OF_ONE_HOUR
        if self.school_type(mark.dated) not in CLOCK_HOUR_SCHOOL_TYPES and short_lesson:
            return Fraction(missed, minutes)
        return Fraction(missed, 60)

    def hours_of(self, marks: list[Fact]) -> Fraction:
        """The exact sum of counted marks."""
        return sum((self.hours(mark) for mark in marks), Fraction(0))

    def this_year(self, marks: list[Fact], at: date) -> list[Fact]:
        """
        Those from 1 August up to and including a date.

        reading: every slot of that date, also those after the mark at which a finding arose.
        """
        return [mark for mark in marks if first_of_school_year(at) <= mark.dated <= at]

    def recorded_days(self) -> list[date]:
        """The lesson days with a mark, in order."""
        return sorted({mark.dated for mark in self.marks})

    def next_lesson_day(self, on: date, last: date) -> date | None:
        """The first lesson day after a date, not after the last."""
        on += ONE_DAY
        while on <= last:
            if self.school.lesson_day(on):
                return on
            on += ONE_DAY
        return None


def signals_of(pupil: Pupil, at: date) -> list[dict[str, Any]]:
    """The care signals from 1 August on, without end, per signal only the latest."""
    latest: dict[str, Fact] = {}
    for fact in pupil.of_type("care-signalled"):
        name = fact.data["signal"]
        if fact.dated >= first_of_school_year(at) and (name not in latest or fact.dated > latest[name].dated):
            latest[name] = fact
    return [
        {"signal": name, "date": fact.data["date"], "help_in_place": fact.data.get("help_in_place", False)}
        for name, fact in sorted(latest.items(), key=lambda item: (item[1].dated, item[0]))
    ]


def reports_of(pupil: Pupil, school: str | None, at: date) -> list[dict[str, Any]]:
    """The school's reports from 1 August on, without end; of every school where the finding has none."""
    told = [
        fact
        for fact in pupil.of_type("school-reported")
        if fact.dated >= first_of_school_year(at) and (school is None or fact.data["school"] == school)
    ]
    told.sort(key=lambda fact: (fact.dated, fact.data["kind"], fact.data["school"]))
    return [
        {"kind": fact.data["kind"], "date": fact.data["date"], "announced": fact.data.get("announced", False)}
        for fact in told
    ]
