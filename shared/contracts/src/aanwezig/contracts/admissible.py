"""What no single field of a fact shows: whether it contradicts itself, and whether its sender may say it (`contract.md` 3)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.facts import (
    FACT_TYPES,
    CalendarRecorded,
    Fact,
    LeaveGranted,
    MarkRecorded,
    PersonRecorded,
    Retraction,
)
from aanwezig.contracts.identifiers import Sender, SenderKind
from aanwezig.contracts.refusals import Code, Refusal

_MUNICIPALITY_SAYS: Final = {"exemption-granted", "person-recorded", "leave-granted"}
_DATED_BY_THEIR_TIME: Final = {"mark-recorded", "school-reported", "care-signalled", "sick-reported"}


def contradictions(name: str, fact: Fact | Retraction, time: datetime | None) -> Iterator[Refusal]:
    """What no single field shows: an end before its beginning, more missed than there was, a day still to come."""
    if time is not None and name in _DATED_BY_THEIR_TIME:
        about = _about(fact)
        if about - timedelta(days=1) > amsterdam_date(time):
            yield Refusal("from" if name == "sick-reported" else "date", Code.DATE_IN_FUTURE)
    if isinstance(fact, Retraction):
        return
    if isinstance(fact, MarkRecorded) and fact.missed is not None and fact.missed > fact.minutes:
        yield Refusal("missed", Code.MISSED_ABOVE_MINUTES)
    if isinstance(fact, PersonRecorded):
        if fact.resident_until is not None and fact.resident_from is None:
            yield Refusal("resident_from", Code.RESIDENT_FROM_MISSING)
        elif (
            fact.resident_until is not None
            and fact.resident_from
            and fact.resident_until < fact.resident_from
        ):
            yield Refusal("resident_until", Code.UNTIL_BEFORE_FROM)
    until: date | None = getattr(fact, "until", None)
    if until is not None and until < getattr(fact, "from_", until):
        yield Refusal("until", Code.UNTIL_BEFORE_FROM)
    if isinstance(fact, CalendarRecorded):
        for place, holiday in enumerate(fact.holidays):
            if holiday.until < holiday.from_:
                yield Refusal(f"holidays.{place}.until", Code.UNTIL_BEFORE_FROM)


def _about(fact: Fact | Retraction) -> date:
    if isinstance(fact, Retraction):
        fields: tuple[str, ...] = FACT_TYPES[fact.name].KEY
        about: date = fact.key[fields.index("date" if "date" in fields else "from_")]
        return about
    day: date = fact.date if hasattr(fact, "date") else fact.from_  # type: ignore[union-attr]
    return day


def not_theirs(name: str, fact: Fact | Retraction, sender: Sender) -> Iterator[Refusal]:
    """Who may say what, as far as the form of the sender's OIN tells (`contract.md` 3)."""
    school: str | None = getattr(fact, "school", None)
    if sender.kind is SenderKind.SCHOOL:
        if school is not None and not school.startswith(sender.brin or ""):
            yield Refusal("school", Code.SCHOOL_NOT_YOURS)
        yield from not_of_this_kind(name, fact, municipality=False)
    elif sender.kind is SenderKind.MUNICIPALITY:
        yield from not_of_this_kind(name, fact, municipality=True)


def not_of_this_kind(name: str, fact: Fact | Retraction, *, municipality: bool) -> Iterator[Refusal]:
    """What a municipality (else a school) may not say: for senders whose kind a register knows and their OIN does not."""
    heads_leave = isinstance(fact, LeaveGranted) and fact.decided_by == "head"
    if municipality and (name not in _MUNICIPALITY_SAYS or heads_leave):
        yield Refusal("type", Code.TYPE_NOT_YOURS, "de school / the school")
    if not municipality and _municipality_alone(name, fact):
        yield Refusal("type", Code.TYPE_NOT_YOURS, "de gemeente / the municipality")


def _municipality_alone(name: str, fact: Fact | Retraction) -> bool:
    if name == "exemption-granted":
        return True
    if isinstance(fact, LeaveGranted):
        return fact.decided_by == "officer"
    if isinstance(fact, PersonRecorded):
        return any((fact.resident_from, fact.resident_until, fact.left_because))
    return name == "person-recorded" and isinstance(fact, Retraction) and fact.key[1] is not None
