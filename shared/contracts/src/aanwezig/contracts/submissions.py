"""What a sender submits, checked for form (`contract.md` 1 and 3): the one validator behind every door.

It knows no register, no clock and no store: whether a school exists, a key fits or a time lies in the future of the
door is asked by intake. Offline and live therefore refuse the same rows for the same reasons of form.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import orjson
from aanwezig.contracts.dates import amsterdam_date, utc_text
from aanwezig.contracts.envelope import MAX_EVENT_BYTES, TYPE_PREFIX, TYPE_SUFFIX
from aanwezig.contracts.facts import (
    ADAPTERS,
    FACT_TYPES,
    KEY_ADAPTERS,
    CalendarRecorded,
    Fact,
    LeaveGranted,
    MarkRecorded,
    PersonRecorded,
    Retraction,
    Word,
    data_of,
)
from aanwezig.contracts.identifiers import Sender, SenderKind, is_personal_number, sender_of
from aanwezig.contracts.refusals import Code, Refusal
from pydantic import ValidationError

_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_PLACEHOLDER: Final = "pupil"
_MAX_ID: Final = 1000
_MAX_LOCAL: Final = 200
_MUNICIPALITY_SAYS: Final = {"exemption-granted", "person-recorded", "leave-granted"}
_DATED_BY_THEIR_TIME: Final = {"mark-recorded", "school-reported", "care-signalled", "sick-reported"}


@dataclass(frozen=True, slots=True)
class PupilRef:
    """A pupil as its sender names it: by personal number, or by an id of the sender's own (then with its OIN)."""

    number: str | None = None
    local: str | None = None
    oin: str | None = None

    def as_given(self) -> dict[str, str]:
        """The reference as it was submitted."""
        return {"number": self.number} if self.number is not None else {"local": self.local or ""}

    @property
    def text(self) -> str:
        """One text for one pupil: two senders' equal local ids are two pupils (`contract.md` 3)."""
        return f"number:{self.number}" if self.number is not None else f"local:{self.oin}:{self.local}"


@dataclass(frozen=True, slots=True)
class Submission:
    """A record that has the form of the contract. `pupil` is None for facts about a school."""

    id: str
    source: str
    sender: Sender
    name: str
    time: datetime
    sequence: int | None
    traceparent: str | None
    pupil: PupilRef | None
    fact: Fact | Retraction

    def word(self, pupil: str | None) -> Word:
        """The word this record says, about the pupil by the name used where it is going."""
        fact = self.fact
        if self.pupil is not None and pupil is not None:
            if isinstance(fact, Retraction):
                at = FACT_TYPES[fact.name].KEY.index("pupil")
                fact = Retraction(fact.name, (*fact.key[:at], pupil, *fact.key[at + 1 :]))
            elif not isinstance(fact, CalendarRecorded):
                fact = replace(fact, pupil=pupil)
        return Word(self.id, self.source, self.time, self.sequence, fact)

    @property
    def content_hash(self) -> str:
        """Equal for two records with one meaning: type, time, sequence and data (`rules.md` 1, *natural key*)."""
        said = [
            self.name, utc_text(self.time), self.sequence,
            None if self.pupil is None else self.pupil.as_given(), data_of(self.fact),
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def school(self) -> str | None:
        """The school the record names, if any."""
        school: str | None = getattr(self.fact, "school", None)
        return school


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
    """As `examine`, for a record that was decoded already (its size was checked where it came in)."""
    if not isinstance(said, dict):
        return [Refusal("", Code.WRONG_TYPE, "{ ... }")]
    wrong: list[Refusal] = []
    name, sender, time = _envelope(said, wrong)
    data = said.get("data")
    if not isinstance(data, dict):
        wrong.append(Refusal("data", Code.REQUIRED if data is None else Code.WRONG_TYPE, "{ ... }"))
        return wrong
    if name is None:
        return wrong
    data = _without_nulls(data)
    retracted = data.pop("retracted", False)
    if not isinstance(retracted, bool):
        wrong.append(Refusal("retracted", Code.WRONG_TYPE, "true / false"))
        retracted = False
    pupil = _pupil(data, sender, wrong) if "pupil" in FACT_TYPES[name].KEY else None
    fact = _fact(name, data, retracted=retracted, wrong=wrong)
    if fact is not None:
        wrong.extend(_contradictions(name, fact, time))
        if sender is not None:
            wrong.extend(_not_theirs(name, fact, sender))
    if wrong or fact is None or sender is None or time is None:
        return wrong
    traceparent = said.get("traceparent")
    known_trace = isinstance(traceparent, str) and _TRACEPARENT.fullmatch(traceparent)
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
    if "id" not in named and len(said["id"]) > _MAX_ID:
        wrong.append(Refusal("id", Code.TOO_LARGE, f"{_MAX_ID}"))
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
        moment = datetime.fromisoformat(text.upper()) if _MOMENT.fullmatch(text) else None
        moment = moment.astimezone(UTC) if moment is not None else None
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
        value = str(value)
    return int(value) if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value) else None


def _without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    """Null in an optional field is the same as leaving it out; in a required one it is then missing."""
    return {
        field: _without_nulls_within(value) if isinstance(value, dict | list) else value
        for field, value in data.items()
        if value is not None
    }


def _without_nulls_within(value: dict[str, Any] | list[Any]) -> Any:
    if isinstance(value, dict):
        return _without_nulls(value)
    return [_without_nulls(item) if isinstance(item, dict) else item for item in value]


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
        number = said["number"]
        if not isinstance(number, str) or not is_personal_number(number):
            wrong.append(Refusal("pupil.number", Code.NUMBER_FAILS_TEST))
            return None
        return PupilRef(number=number)
    local = said["local"]
    if not isinstance(local, str) or not local.strip():
        wrong.append(Refusal("pupil.local", Code.WRONG_TYPE, "tekst / text"))
        return None
    if len(local) > _MAX_LOCAL:
        wrong.append(Refusal("pupil.local", Code.TOO_LARGE, f"{_MAX_LOCAL}"))
        return None
    return PupilRef(local=local, oin=sender.oin if sender else None)


def _fact(
    name: str, data: dict[str, Any], *, retracted: bool, wrong: list[Refusal]
) -> Fact | Retraction | None:
    try:
        if retracted:
            fields = FACT_TYPES[name].KEY
            given = {
                field.rstrip("_"): data[field.rstrip("_")] for field in fields if field.rstrip("_") in data
            }
            known = KEY_ADAPTERS[name].validate_python(given)
            return Retraction(name, tuple(getattr(known, field) for field in fields))
        fact: Fact = ADAPTERS[name].validate_python(data)
    except ValidationError as invalid:
        wrong.extend(_refusals(invalid))
        return None
    return fact


def _refusals(invalid: ValidationError) -> Iterator[Refusal]:
    for error in invalid.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in error["loc"])
        context = error.get("ctx", {})
        match error["type"]:
            case "missing":
                yield Refusal(field, Code.REQUIRED)
            case "unexpected_keyword_argument" | "extra_forbidden":
                yield Refusal(field, Code.UNKNOWN_FIELD)
            case "literal_error":
                yield Refusal(field, Code.UNKNOWN_WORD, str(context.get("expected", "")).replace("'", ""))
            case "not-a-date":
                yield Refusal(field, Code.NOT_A_DATE)
            case "year-too-early":
                yield Refusal(field, Code.YEAR_TOO_EARLY, str(context["year"]))
            case "school-form":
                yield Refusal(field, Code.SCHOOL_FORM)
            case "greater_than_equal":
                yield Refusal(field, Code.OUT_OF_RANGE, f">= {context['ge']}")
            case "less_than_equal":
                yield Refusal(field, Code.OUT_OF_RANGE, f"<= {context['le']}")
            case "string_too_long":
                yield Refusal(field, Code.TOO_LARGE, f"{context['max_length']}")
            case other:
                yield Refusal(
                    field,
                    Code.WRONG_TYPE,
                    _EXPECTED.get(other, "de vorm van het contract / the contract's form"),
                )


_EXPECTED: Final = {
    "int_type": "geheel getal / whole number",
    "int_from_float": "geheel getal / whole number",
    "bool_type": "true / false",
    "string_type": "tekst / text",
    "float_type": "getal / number",
    "finite_number": "getal / number",
    "tuple_type": "[ ... ]",
    "dict_type": "{ ... }",
    "dataclass_type": "{ ... }",
    "string_pattern_mismatch": "vier cijfers / four digits",
}


def _contradictions(name: str, fact: Fact | Retraction, time: datetime | None) -> Iterator[Refusal]:
    """What no single field shows: an end before its beginning, more missed than there was, a day still to come."""
    if time is not None and name in _DATED_BY_THEIR_TIME:
        about = _about(fact)
        if about > amsterdam_date(time) + timedelta(days=1):
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


def _not_theirs(name: str, fact: Fact | Retraction, sender: Sender) -> Iterator[Refusal]:
    """Who may say what, as far as the form of the sender's OIN tells (`contract.md` 3)."""
    school: str | None = getattr(fact, "school", None)
    if sender.kind is SenderKind.SCHOOL:
        if school is not None and not school.startswith(sender.brin or ""):
            yield Refusal("school", Code.SCHOOL_NOT_YOURS)
        if _municipality_alone(name, fact):
            yield Refusal("type", Code.TYPE_NOT_YOURS, "de gemeente / the municipality")
    elif sender.kind is SenderKind.MUNICIPALITY and (
        name not in _MUNICIPALITY_SAYS or (isinstance(fact, LeaveGranted) and fact.decided_by == "head")
    ):
        yield Refusal("type", Code.TYPE_NOT_YOURS, "de school / the school")


def _municipality_alone(name: str, fact: Fact | Retraction) -> bool:
    if name == "exemption-granted":
        return True
    if isinstance(fact, LeaveGranted):
        return fact.decided_by == "officer"
    if isinstance(fact, PersonRecorded):
        return any((fact.resident_from, fact.resident_until, fact.left_because))
    return name == "person-recorded" and isinstance(fact, Retraction) and fact.key[1] is not None
