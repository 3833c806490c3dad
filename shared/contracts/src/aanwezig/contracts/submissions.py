"""What a sender submits, checked for form (`contract.md` 1 and 3): the one validator behind every door.

It knows no register, no clock and no store: whether a school exists, a key fits or a time lies in the future of the
door is asked by intake. Offline and live therefore refuse the same rows for the same reasons of form.
"""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import ValidationError

from aanwezig.contracts.admissible import contradictions, not_theirs
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.envelope import MAX_EVENT_BYTES, TYPE_PREFIX, TYPE_SUFFIX
from aanwezig.contracts.explaining import refusals_of
from aanwezig.contracts.facts import ADAPTERS, FACT_TYPES, Fact, Holiday, Retraction, retraction_from
from aanwezig.contracts.identifiers import Sender, is_personal_number, sender_of
from aanwezig.contracts.ordinary import ordinary_mark
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submission import (
    MAX_ID,
    MAX_LOCAL,
    MAX_SEQUENCE,
    MOMENT,
    MOMENT_PATTERN,
    SEQUENCE_PATTERN,
    TRACEPARENT,
    WHOLE_NUMBER,
    PupilRef,
    Submission,
)

__all__ = [
    "MAX_ID",
    "MAX_LOCAL",
    "MAX_REFUSALS",
    "MOMENT_PATTERN",
    "SEQUENCE_PATTERN",
    "TRACEPARENT",
    "PupilRef",
    "Submission",
    "examine",
    "examine_object",
]

_PLACEHOLDER: Final = "pupil"
_MAX_LEVELS: Final = 100
MAX_REFUSALS: Final = 100
"""Most refusals told of one record: a receipt stays within bounds, whatever was sent."""


def examine(raw: bytes) -> Submission | list[Refusal]:
    """One submitted record (a CloudEvent as UTF-8 JSON, at most 64 KiB), or everything that is wrong with its form."""
    if len(raw) > MAX_EVENT_BYTES:
        return [Refusal("", Code.TOO_LARGE, f"{MAX_EVENT_BYTES // 1024} KiB")]
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return [Refusal("", Code.NOT_JSON)]
    return examine_object(said)


def examine_object(said: Any) -> Submission | list[Refusal]:
    """As `examine`, for a record that was decoded already (its size was checked where it came in).

    It never raises, and tells `MAX_REFUSALS` at most.
    """
    if not isinstance(said, dict):
        return [Refusal("", Code.WRONG_TYPE, "{ ... }")]
    ordinary = ordinary_mark(said)
    if ordinary is not None:
        return ordinary
    unsayable = _unsayable(said)
    if unsayable is not None:
        return [unsayable]
    examined = _examined(said)
    return examined if isinstance(examined, Submission) else examined[:MAX_REFUSALS]


def _unsayable(said: dict[str, Any]) -> Refusal | None:
    """Why a decoded record could not have come as JSON in UTF-8, or is nested beyond all sense; mostly None, and quickly."""
    try:
        orjson.dumps(said)
    except orjson.JSONEncodeError:
        pass
    else:
        return None
    levels = [(said, 1)]
    while levels:
        value, level = levels.pop()
        if isinstance(value, str) and not _is_unicode(value):
            return Refusal("", Code.NOT_JSON)
        if isinstance(value, dict | list):
            if level > _MAX_LEVELS:
                return Refusal("data", Code.WRONG_TYPE, "{ ... }")
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            levels.extend((one, level + 1) for one in inner)
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _examined(said: dict[str, Any]) -> Submission | list[Refusal]:
    wrong: list[Refusal] = []
    name, sender, time = _envelope(said, wrong)
    data = said.get("data")
    if not isinstance(data, dict):
        wrong.append(Refusal("data", Code.REQUIRED if data is None else Code.WRONG_TYPE, "{ ... }"))
        return wrong
    if name is None:
        return wrong
    data = _without_nulls(name, data)
    retracted = data.pop("retracted", False)
    if not isinstance(retracted, bool):
        wrong.append(Refusal("retracted", Code.WRONG_TYPE, "true of false / true or false"))
        retracted = False
    pupil = _pupil(data, sender, wrong) if "pupil" in FACT_TYPES[name].KEY else None
    fact = _fact(name, data, retracted=retracted, wrong=wrong)
    if fact is not None:
        wrong.extend(contradictions(name, fact, time))
        if sender is not None:
            wrong.extend(not_theirs(name, fact, sender))
    if wrong or fact is None or sender is None or time is None:
        return wrong
    traceparent = said.get("traceparent")
    known_trace = isinstance(traceparent, str) and TRACEPARENT.fullmatch(traceparent)
    return Submission(
        id=said["id"],
        source=said["source"],
        sender=sender,
        name=name,
        time=time,
        sequence=_sequence(said.get("sequence")),
        traceparent=traceparent if known_trace else None,
        pupil=pupil,
        fact=fact,
    )


def _envelope(
    said: Mapping[str, Any], wrong: list[Refusal]
) -> tuple[str | None, Sender | None, datetime | None]:
    for field in ("specversion", "id", "source", "type", "time"):
        value = said.get(field)
        if value is None or value == "":
            wrong.append(Refusal(field, Code.REQUIRED))
        elif not isinstance(value, str):
            wrong.append(Refusal(field, Code.WRONG_TYPE, "tekst / text"))
    named = {refusal.field for refusal in wrong}
    if "specversion" not in named and said["specversion"] != "1.0":
        wrong.append(Refusal("specversion", Code.UNKNOWN_WORD, "1.0"))
    if "id" not in named and len(said["id"]) > MAX_ID:
        wrong.append(Refusal("id", Code.TOO_LARGE, f"{MAX_ID}"))
    name = sender = time = None
    if "type" not in named:
        name = _name(said["type"])
        if name is None:
            wrong.append(Refusal("type", Code.UNKNOWN_TYPE))
    if "source" not in named:
        sender = sender_of(said["source"])
        if sender is None:
            wrong.append(Refusal("source", Code.SOURCE_FORM))
    if "time" not in named:
        time = _time(said["time"], wrong)
    if said.get("sequence") is not None and _sequence(said["sequence"]) is None:
        wrong.append(Refusal("sequence", Code.WRONG_TYPE, "geheel getal / whole number"))
    return name, sender, time


def _name(event_type: str) -> str | None:
    if event_type.startswith(TYPE_PREFIX) and event_type.endswith(TYPE_SUFFIX):
        name = event_type[len(TYPE_PREFIX) : -len(TYPE_SUFFIX)]
        return name if name in FACT_TYPES else None
    return None


def _time(text: str, wrong: list[Refusal]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper()) if MOMENT.fullmatch(text) else None
        moment = moment.astimezone(UTC) if moment is not None else None
        if moment is not None:
            amsterdam_date(moment)  # at the end of the year 9999 there is no such date
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        wrong.append(Refusal("time", Code.NOT_A_TIME))
        return None
    if moment.year < 2000:
        wrong.append(Refusal("time", Code.YEAR_TOO_EARLY, "2000"))
        return None
    return moment


def _sequence(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < MAX_SEQUENCE else None
    return int(value) if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) else None


def _fields(kind: type[Any]) -> frozenset[str]:
    return frozenset(field.name.rstrip("_") for field in dataclasses.fields(kind))


_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    name: _fields(kind) | {"retracted"} for name, kind in FACT_TYPES.items()
}
_KNOWN_WITHIN: Final[Mapping[str, frozenset[str]]] = {
    "pupil": frozenset({"number", "local"}),
    "holidays": _fields(Holiday),
    "usual_slots": frozenset("1234567"),
}


def _without_nulls(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Null in a field we know is the same as leaving it out: in a required one it is then missing. Others stay unknown."""
    given = _told(data, _KNOWN[name])
    for field, known in _KNOWN_WITHIN.items():
        value = given.get(field)
        if isinstance(value, dict):
            given[field] = _told(value, known)
        elif isinstance(value, list):
            given[field] = [_told(item, known) if isinstance(item, dict) else item for item in value]
    return given


def _told(data: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {field: value for field, value in data.items() if value is not None or field not in known}


def _pupil(data: dict[str, Any], sender: Sender | None, wrong: list[Refusal]) -> PupilRef | None:
    said = data.get("pupil")
    if said is None:
        wrong.append(Refusal("pupil", Code.REQUIRED))
        data["pupil"] = _PLACEHOLDER
        return None
    data["pupil"] = _PLACEHOLDER
    if not isinstance(said, dict):
        wrong.append(Refusal("pupil", Code.PUPIL_FORM))
        return None
    unknown = [
        Refusal(f"pupil.{field}", Code.UNKNOWN_FIELD) for field in said if field not in {"number", "local"}
    ]
    wrong.extend(unknown)
    if len(set(said) & {"number", "local"}) != 1:
        wrong.append(Refusal("pupil", Code.PUPIL_FORM))
        return None
    if "number" in said:
        return _by_number(said["number"], wrong)
    local = said["local"]
    if not isinstance(local, str) or not local.strip():
        wrong.append(Refusal("pupil.local", Code.WRONG_TYPE, "tekst / text"))
        return None
    if len(local) > MAX_LOCAL:
        wrong.append(Refusal("pupil.local", Code.TOO_LARGE, f"{MAX_LOCAL}"))
        return None
    return PupilRef(local=local, oin=sender.oin if sender else None)


def _by_number(number: Any, wrong: list[Refusal]) -> PupilRef | None:
    if not isinstance(number, str):
        wrong.append(Refusal("pupil.number", Code.WRONG_TYPE, "tekst / text"))
        return None
    if not is_personal_number(number):
        wrong.append(Refusal("pupil.number", Code.NUMBER_FAILS_TEST))
        return None
    return PupilRef(number=number)


def _fact(
    name: str, data: dict[str, Any], *, retracted: bool, wrong: list[Refusal]
) -> Fact | Retraction | None:
    try:
        if retracted:
            return retraction_from(name, data)
        fact: Fact = ADAPTERS[name].validate_python(data)
    except ValidationError as invalid:
        wrong.extend(refusals_of(invalid))
        return None
    return fact
