"""Builders of words that speak: each says only what matters, and everything else is ordinary.

Ordinary is: one pupil of fourteen at one `vo` school, told by its own system on the evening of the date. Dates may be
written as text. Ids are taken from what a word is about, so that a row of a finding can be read; a second word about
the same thing takes `said=2` and is then later, under another id.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from aanwezig.contracts.facts import (
    ArrangementSet,
    CalendarRecorded,
    CareSignalled,
    EnrolmentRecorded,
    ExemptionGranted,
    Fact,
    Holiday,
    LeaveGranted,
    MarkRecorded,
    PersonRecorded,
    QualificationObtained,
    Retraction,
    SchoolReported,
    SickReported,
    Word,
    about_of,
    natural_key,
)

PUPIL = "pupil-1"
SCHOOL = "25PL00"
OTHER_SCHOOL = "16QW01"
SOURCE = "urn:nld:oin:000000070000000025PL:systeem:test"


def day(of: date | str) -> date:
    return date.fromisoformat(of) if isinstance(of, str) else of


def maybe(of: date | str | None) -> date | None:
    return None if of is None else day(of)


def word(
    fact: Fact | Retraction,
    *,
    said: int = 1,
    at: datetime | None = None,
    id: str | None = None,  # noqa: A002 - that is its name on the envelope
    source: str = SOURCE,
    sequence: int | None = None,
) -> Word:
    """A fact as it was said. `said` is how many times something was said about its key, `at` when (else: evening)."""
    probe = Word("", source, datetime.min.replace(tzinfo=UTC), None, fact)
    key = natural_key(probe)
    about = about_of(key) or date(2024, 8, 1)
    moment = at or datetime.combine(about, time(16, tzinfo=UTC)) + timedelta(minutes=said)
    parts = [part.isoformat() if isinstance(part, date) else str(part) for part in key[2:]]
    return Word(id or "/".join([key[0], *parts, str(said)]), source, moment, sequence, fact)


def retracted(of: Word, **how) -> Word:
    """The retraction of what a word is about."""
    name, *key = natural_key(of)
    return word(Retraction(name, tuple(key)), **{"said": 2, **how})


def a_mark(
    on, state, *, slot="lesson-1", minutes=60, authorised=None, reason=None, missed=None,
    pupil=PUPIL, school=SCHOOL, **how,
) -> Word:  # fmt: skip
    return word(MarkRecorded(pupil, school, day(on), slot, minutes, state, authorised, reason, missed), **how)


def an_absence(on, **how) -> Word:
    """An unauthorised absence in the first lesson, unless told otherwise."""
    return a_mark(on, "absent", **{"authorised": False, **how})


def a_presence(on, **how) -> Word:
    return a_mark(on, "present", **how)


def a_late_arrival(on, **how) -> Word:
    return a_mark(on, "late", **how)


def absences(on, lessons, **how) -> list[Word]:
    """Unauthorised absences in the first so many lessons of a day: an hour each."""
    return [an_absence(on, slot=f"lesson-{number}", **how) for number in range(1, lessons + 1)]


def an_enrolment(
    since="2024-08-01", *, school_type="vo", until=None, pupil=PUPIL, school=SCHOOL, **how
) -> Word:
    return word(EnrolmentRecorded(pupil, school, day(since), school_type, maybe(until)), **how)


def a_birth(on="2010-03-15", *, pupil=PUPIL, **how) -> Word:
    return word(PersonRecorded(pupil, day(on)), **how)


def a_residence(since, municipality="0637", *, born="2010-03-15", until=None, pupil=PUPIL, **how) -> Word:
    return word(PersonRecorded(pupil, day(born), municipality, day(since), maybe(until)), **how)


def a_diploma(on, level="mbo-2", *, pupil=PUPIL, **how) -> Word:
    return word(QualificationObtained(pupil, day(on), level), **how)


def a_leave(since, until, *, ground="11g", pupil=PUPIL, school=SCHOOL, **how) -> Word:
    return word(LeaveGranted(pupil, school, day(since), day(until), ground, "head"), **how)


def an_exemption(since, until, *, ground="5a", pupil=PUPIL, **how) -> Word:
    return word(ExemptionGranted(pupil, ground, day(since), day(until)), **how)


def an_arrangement(kind, since, until=None, *, school=None, pupil=PUPIL, **how) -> Word:
    return word(ArrangementSet(pupil, kind, day(since), school, maybe(until)), **how)


def a_sick_report(since, until=None, *, pupil=PUPIL, school=SCHOOL, **how) -> Word:
    return word(SickReported(pupil, school, day(since), maybe(until)), **how)


def a_report(on, kind="light", *, announced=False, pupil=PUPIL, school=SCHOOL, **how) -> Word:
    return word(SchoolReported(pupil, school, kind, day(on), None, announced), **how)


def a_signal(on, signal="family", *, help_in_place=False, pupil=PUPIL, school=None, **how) -> Word:
    return word(CareSignalled(pupil, signal, day(on), school, help_in_place), **how)


def a_calendar(
    since="2024-08-01", until="2025-07-31", *, weekdays=(1, 2, 3, 4, 5), holidays=(), extra_free=(), usual_slots=None,
    school=SCHOOL, **how,
) -> Word:  # fmt: skip
    """A calendar; `holidays` are pairs of first and last free day, `usual_slots` slots per weekday as text."""
    free = tuple(Holiday(day(first), day(last)) for first, last in holidays)
    fact = CalendarRecorded(
        school, day(since), day(until), tuple(weekdays), free, tuple(map(day, extra_free)), usual_slots
    )
    return word(fact, **how)


def weekdays_between(first, last) -> Iterator[date]:
    """Monday to Friday, both ends included."""
    current = day(first)
    while current <= day(last):
        if current.isoweekday() <= 5:
            yield current
        current += timedelta(days=1)


def absent_on(days: Iterable[date], **how) -> list[Word]:
    """An unauthorised absence in the first lesson of each day."""
    return [an_absence(on, **how) for on in days]
