"""Nineteen records of twenty are an ordinary mark: read here in one step. Whatever is not, is left to the whole validator.

This is no second validator: it never refuses. It says what `submissions.examine_object` would say of a mark in which
nothing is wrong or odd, and nothing at all of any other record; tests hold the two to each other.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec

from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.facts import MarkRecorded, Reason, Slot, State
from aanwezig.contracts.identifiers import Sender, SenderKind, is_personal_number, is_school, sender_of
from aanwezig.contracts.submission import (
    MAX_ID,
    MAX_LOCAL,
    MAX_SEQUENCE,
    MOMENT,
    TRACEPARENT,
    WHOLE_NUMBER,
    PupilRef,
    Submission,
)

_TYPE: Final = "nl.attendance.mark-recorded.v1"
_KNOWN: Final = frozenset({
    "specversion", "id", "source", "type", "time", "data", "sequence", "traceparent", "datacontenttype",
})  # fmt: skip
_MARK_YEARS: Final = 2000
_DAY: Final = timedelta(days=1)
_LONGEST_MARK: Final = 480


class _Pupil(msgspec.Struct, forbid_unknown_fields=True):
    number: str | None = None
    local: str | None = None


class _Data(msgspec.Struct, forbid_unknown_fields=True):
    pupil: _Pupil
    school: str
    date: str
    slot: Slot
    minutes: int
    state: State
    authorised: bool | None = None
    reason: Reason | None = None
    missed: int | None = None


class _Event(msgspec.Struct):
    specversion: str
    id: str
    source: str
    type: str
    time: str
    data: _Data
    sequence: int | str | None = None
    traceparent: str | None = None
    datacontenttype: str | None = None


def ordinary_mark(said: dict[str, Any]) -> Submission | None:
    """A decoded record that is a mark as it should be; None where it is anything else, right or wrong."""
    if said.get("type") != _TYPE or not said.keys() <= _KNOWN:
        return None
    try:
        event = msgspec.convert(said, _Event)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None
    data = event.data
    speaker, moment, day = _speaker(event.source), _moment(event.time), _day(data.date)
    if speaker is None or moment is None or day is None or not _is_right(event):
        return None
    sender, source, brin = speaker
    sequence = _sequence(event.sequence)
    if sequence is None and event.sequence is not None:
        return None
    recorded, latest = moment
    pupil, school = _pupil(data.pupil, sender), _school(data.school, brin)
    if pupil is None or school is None or day > latest:
        return None
    return Submission(
        event.id, source, sender, "mark-recorded", recorded, sequence, event.traceparent, pupil,
        MarkRecorded(
            "pupil", school, day, data.slot, data.minutes, data.state, data.authorised, data.reason, data.missed
        ),
    )  # fmt: skip


def _is_right(event: _Event) -> bool:
    data = event.data
    missed = data.missed
    return (
        event.specversion == "1.0"
        and 0 < len(event.id) <= MAX_ID
        # Text that is no Unicode cannot be said on; the whole validator looks for it.
        and event.id.isascii()
        and (event.datacontenttype is None or event.datacontenttype.isascii())
        and (event.traceparent is None or TRACEPARENT.fullmatch(event.traceparent) is not None)
        and 1 <= data.minutes <= _LONGEST_MARK
        and (missed is None or 0 <= missed <= data.minutes)
    )


def _sequence(said: int | str | None) -> int | None:
    if isinstance(said, str):
        return int(said) if WHOLE_NUMBER.fullmatch(said) else None
    return said if said is not None and abs(said) < MAX_SEQUENCE else None


def _pupil(said: _Pupil, sender: Sender) -> PupilRef | None:
    number, local = said.number, said.local
    if local is None:
        return PupilRef(number=number) if number is not None and _is_number(number) else None
    if number is not None or not local.isascii() or not local.strip() or len(local) > MAX_LOCAL:
        return None
    return PupilRef(local=local, oin=sender.oin)


# What repeats in a million marks is read once, and is then one object in memory.


@lru_cache(maxsize=4096)
def _speaker(source: str) -> tuple[Sender, str, str] | None:
    """Who speaks, in which source, and how the ids of its schools begin; None: nobody who says marks."""
    sender = sender_of(source) if source.isascii() else None
    if sender is None or sender.kind is SenderKind.MUNICIPALITY:
        return None
    return sender, source, (sender.brin or "") if sender.kind is SenderKind.SCHOOL else ""


@lru_cache(maxsize=16_384)
def _school(text: str, brin: str) -> str | None:
    return text if is_school(text) and text.startswith(brin) else None


@lru_cache(maxsize=65_536)
def _is_number(text: str) -> bool:
    return is_personal_number(text)


@lru_cache(maxsize=8192)
def _day(text: str) -> date | None:
    if len(text) != len("2024-09-02") or text[4] != "-" or text[7] != "-":
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= _MARK_YEARS else None


@lru_cache(maxsize=8192)
def _moment(text: str) -> tuple[datetime, date] | None:
    """When it was recorded, and the last date a mark recorded then may be about."""
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC) if MOMENT.fullmatch(text) else None
        latest = amsterdam_date(moment) + _DAY if moment is not None else None
    except (ValueError, OverflowError):
        return None
    if moment is None or latest is None or moment.year < _MARK_YEARS:
        return None
    return moment, latest
