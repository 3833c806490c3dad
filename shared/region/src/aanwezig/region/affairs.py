"""All that is told beside the marks: calendars, persons, enrolments, leave, exemptions, care, and bad records."""

import random
from datetime import date, timedelta
from typing import Any, Final

from aanwezig.contracts.refusals import Code
from aanwezig.region.people import ORDINARY, Note, Period, Pupil, Stay, failing
from aanwezig.region.places import FIRST, LAST, School, System, calendar_data
from aanwezig.region.telling import Book, some_days_later

_SCHOOL_SPEAKS: Final = 32_400
_TOWN_SPEAKS: Final = 36_000
_TOLD_LATE: Final = 0.04
_TAKEN_BACK: Final = 0.015
_LIGHT: Final = 0.05
_EACH_FAULT: Final = 3


class Affairs:
    """Tells what is not a mark. Schools speak for their own pupils, municipalities for their residents."""

    def __init__(
        self, rng: random.Random, book: Book, schools: tuple[School, ...], systems: tuple[System, ...]
    ) -> None:
        self._rng, self._book = rng, book
        self._schools = {school.id: school for school in schools}
        self.system_of = {school: system.name for system in systems for school in system.schools}
        self._town_of = {system.municipality: system.name for system in systems if not system.schools}

    def calendars(self) -> None:
        """Each school's calendars on the first date; one tells afterwards that a day was free."""
        for school in self._schools.values():
            system = self.system_of[school.id]
            for calendar in school.calendars:
                data = calendar_data(school, calendar, first_telling=True)
                self._book.say(system, FIRST, "calendar-recorded", data, second=28_800)
                if school.declared_free is not None:
                    on = school.declared_free + timedelta(days=2)
                    data = calendar_data(school, calendar, first_telling=False)
                    self._book.say(system, on, "calendar-recorded", data, second=28_800)

    def of(self, pupil: Pupil) -> None:
        """Everything about one pupil but its marks. Ordinary pupils may gain a light report."""
        self._person(pupil)
        for stay in pupil.stays:
            if stay.told:
                self._enrolment(pupil, stay)
        if pupil.character == ORDINARY:
            self._ordinary_paper(pupil)
        for period in pupil.periods:
            self._period(pupil, period)
        for note in pupil.notes:
            self._note(pupil, note)
        if pupil.qualified is not None:
            data = _about(pupil) | {"date": pupil.qualified.isoformat(), "level": "mbo-2"}
            self._book.say(self._own(pupil), pupil.qualified, "qualification-obtained", data)

    def bad(self, pupils: list[Pupil]) -> None:
        """A few records of each fault, none of which may ever count."""
        known = [pupil for pupil in pupils if pupil.character == ORDINARY and pupil.ref.number is not None]
        known = known or [pupil for pupil in pupils if pupil.ref.number is not None]
        for code in _FAULTS:
            for _ in range(_EACH_FAULT):
                pupil = self._rng.choice(known)
                school = self._schools[pupil.stays[0].school]
                day = self._rng.choice(school.lesson_days())
                name, data = self._faulty(code, pupil, school, day)
                self._book.say(self.system_of[school.id], day, name, data, refused=code.value)

    def _own(self, pupil: Pupil) -> str:
        return self.system_of[pupil.stays[-1].school]

    def _person(self, pupil: Pupil) -> None:
        if pupil.birth is None:
            return
        book, right = self._book, _about(pupil) | {"birth_date": pupil.birth.isoformat()}
        for stay in pupil.stays:
            said = dict(right)
            if pupil.misspelt_birth is not None:
                said["birth_date"] = pupil.misspelt_birth.isoformat()
            on = max(stay.first, FIRST)
            book.say(self.system_of[stay.school], on, "person-recorded", said, second=_SCHOOL_SPEAKS)
        if pupil.municipality is None:
            return
        town = self._town_of[pupil.municipality]
        # The town tells who lives there from when the schools tell who is enrolled: before that nobody would be.
        begun = pupil.stays[0].first.isoformat()
        here = right | {"municipality": pupil.municipality, "resident_from": begun}
        book.say(town, FIRST, "person-recorded", here, second=_TOWN_SPEAKS)
        gone = pupil.stays[-1].last
        if gone is not None:
            left = here | {"resident_until": gone.isoformat(), "left_because": "moved"}
            book.say(town, gone + timedelta(days=1), "person-recorded", left, second=_TOWN_SPEAKS)
        if pupil.moved is not None:
            code, since = pupil.moved
            until = (since - timedelta(days=1)).isoformat()
            left = here | {"resident_until": until, "left_because": "moved"}
            book.say(town, since, "person-recorded", left, second=_TOWN_SPEAKS)
            there = right | {"municipality": code, "resident_from": since.isoformat()}
            book.say(self._town_of[code], since, "person-recorded", there, second=_TOWN_SPEAKS)

    def _enrolment(self, pupil: Pupil, stay: Stay) -> None:
        system, on = self.system_of[stay.school], max(stay.first, FIRST)
        data = _about(pupil) | {
            "school": stay.school,
            "school_type": stay.type,
            "from": stay.first.isoformat(),
        }
        if pupil.character == ORDINARY and self._rng.random() < _TOLD_LATE:
            on = date(2024, 9, 2) + timedelta(days=self._rng.randrange(7, 45))
        self._book.say(system, on, "enrolment-recorded", data, second=_SCHOOL_SPEAKS)
        if stay.last is not None:
            ended = data | {"until": stay.last.isoformat()}
            after = stay.last + timedelta(days=1)
            self._book.say(system, after, "enrolment-recorded", ended, second=_SCHOOL_SPEAKS)

    def _ordinary_paper(self, pupil: Pupil) -> None:
        """A light report now and then; a leave that is taken back, and so never becomes part of the records."""
        rng, stay = self._rng, pupil.stays[0]
        days = [day for day in self._schools[stay.school].lesson_days() if day in pupil.marks[stay.school]]
        if stay.type != "po" and rng.random() < _LIGHT:
            pupil.notes.append(Note("report", "light", rng.choice(days[10:] or days), stay.school))
        if rng.random() < _TAKEN_BACK:
            first = rng.choice(days[15:] or days)
            self._period(pupil, Period("leave", "11e", first, first, stay.school, "head"))
            taken_back = _about(pupil) | {"school": stay.school, "from": first.isoformat(), "retracted": True}
            on = some_days_later(rng, first, 12)
            self._book.say(self.system_of[stay.school], on, "leave-granted", taken_back, second=61_200)

    def _period(self, pupil: Pupil, period: Period) -> None:
        book, rng = self._book, self._rng
        school = period.school or pupil.stays[0].school
        data = _about(pupil) | {"from": period.first.isoformat()}
        ends = {} if period.last is None else {"until": period.last.isoformat()}
        own, town = self.system_of[school], self._town_of.get(pupil.municipality or "", "")
        before = max(FIRST, period.first - timedelta(days=rng.randrange(3, 15)))
        match period.kind:
            case "leave":
                said = data | ends | {"school": school, "ground": period.what, "decided_by": period.by}
                book.say(town if period.by == "officer" else own, before, "leave-granted", said)
            case "exemption":
                book.say(town, before, "exemption-granted", data | ends | {"ground": period.what})
            case "arrangement":
                said = data | ends | {"school": school, "kind": period.what, "hours_a_week": 12.0}
                book.say(own, period.first, "arrangement-set", said)
            case "sick":
                said = data | {"school": school}
                book.say(own, period.first, "sick-reported", said)
                over = min((period.last or LAST) + timedelta(days=1), LAST)
                book.say(own, over, "sick-reported", said | ends, second=61_200)

    def _note(self, pupil: Pupil, note: Note) -> None:
        data = _about(pupil) | {"school": note.school, "date": note.day.isoformat()}
        system = self.system_of[note.school]
        if note.kind == "signal":
            said = data | {"signal": note.what, "help_in_place": note.yes}
            self._book.say(system, note.day, "care-signalled", said)
        else:
            said = data | {"kind": note.what, "announced": note.yes, "actions": "Gesprek op school gevoerd."}
            self._book.say(system, note.day, "school-reported", said)

    def _faulty(self, code: Code, pupil: Pupil, school: School, day: date) -> tuple[str, dict[str, Any]]:
        lesson = school.timetable[day.isoweekday()][0]
        base = _about(pupil) | {"school": school.id}
        mark = base | {
            "date": day.isoformat(),
            "slot": lesson.slot,
            "minutes": lesson.minutes,
            "state": "absent",
            "authorised": False,
        }
        if code is Code.TYPE_NOT_YOURS:
            exempt = {"ground": "5a", "from": day.isoformat(), "until": LAST.isoformat()}
            return "exemption-granted", _about(pupil) | exempt
        if code is Code.UNTIL_BEFORE_FROM:
            ended = {"from": day.isoformat(), "until": (day - timedelta(days=3)).isoformat()}
            return "leave-granted", base | ended | {"ground": "11e", "decided_by": "head"}
        return "mark-recorded", mark | self._fault(code, pupil, school, day)

    def _fault(self, code: Code, pupil: Pupil, school: School, day: date) -> dict[str, Any]:
        """What is wrong in a mark that is refused for this reason, and nothing else."""
        minutes = school.timetable[day.isoweekday()][0].minutes
        other = next(name for name in self._schools if name[:4] != school.id[:4])
        faults: dict[Code, dict[str, Any]] = {
            Code.YEAR_TOO_EARLY: {"date": f"0209-{day:%m-%d}"},
            Code.OUT_OF_RANGE: {"minutes": 30 * 60},
            Code.NUMBER_FAILS_TEST: {"pupil": {"number": failing(pupil.ref.number or "")}},
            Code.UNKNOWN_WORD: {"reason": "vergeten"},
            Code.SCHOOL_NOT_YOURS: {"school": other},
            Code.MISSED_ABOVE_MINUTES: {"missed": minutes + 5},
            Code.UNKNOWN_FIELD: {"lokaal": "B12"},
            Code.NOT_A_DATE: {"date": "2025-02-30"},
            Code.WRONG_TYPE: {"minutes": str(minutes)},
            Code.DATE_IN_FUTURE: {"date": (day + timedelta(days=9)).isoformat()},
        }
        return faults[code]


_FAULTS: Final = (
    Code.YEAR_TOO_EARLY,
    Code.OUT_OF_RANGE,
    Code.NUMBER_FAILS_TEST,
    Code.UNKNOWN_WORD,
    Code.SCHOOL_NOT_YOURS,
    Code.MISSED_ABOVE_MINUTES,
    Code.UNKNOWN_FIELD,
    Code.NOT_A_DATE,
    Code.WRONG_TYPE,
    Code.DATE_IN_FUTURE,
    Code.TYPE_NOT_YOURS,
    Code.UNTIL_BEFORE_FROM,
)


def _about(pupil: Pupil) -> dict[str, Any]:
    return {"pupil": pupil.ref.as_given()}
