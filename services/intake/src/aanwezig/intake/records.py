"""A record of the Kafka door as read: its rows, or the problem with it as a whole; the language and the trace of its sender.

Formats and limits are those of the HTTP door, named by the record's headers `content-type` and `content-encoding`. Without
them a record is one CloudEvent in structured JSON, and one that is no JSON is a refused row like a bad line of a file. A list
where one event is said to be is a problem of the whole, as at the HTTP door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aanwezig.chassis.lanes import Submitted
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import TRACEPARENT
from aanwezig.intake.bodies import MEDIA_TYPES, NotOurs, label_of, rows_of, unpacked_body, weight_of
from aanwezig.intake.formats import NotOne, NotReadable, Row, TooManyRows
from aanwezig.intake.problems import Language, Problem, WholeRefused, language_of
from aanwezig.intake.readings import NotTaken

SINGLE: Final = "application/cloudevents+json"
_STRUCTURED: Final = "application/cloudevents"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one record may hold: rows, bytes when unpacked, and bytes of memory while it is read."""

    rows: int
    bytes: int
    weight: int


@dataclass(frozen=True, slots=True)
class Asked:
    """How the sender of a record is answered: in which language, and within which trace (None: it told none)."""

    language: Language
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """A record as read. `problem`: why nothing of it is taken; then there are no rows. `weight`: bytes its rows take in memory."""

    record: Submitted
    asked: Asked
    rows: Sequence[Row] = ()
    weight: int = 0
    problem: Problem | None = None


def asked_by(record: Submitted) -> Asked:
    """What the headers of a record say of its answer."""
    headers = _headers(record)
    said = headers.get("traceparent", "")
    trace = said if TRACEPARENT.fullmatch(said) else None
    return Asked(language_of(headers.get("accept-language")), trace)


def read(record: Submitted, bounds: Bounds, *, source: str) -> Read:
    """What a record holds; what no format can read is a problem for its sender. `source`: who speaks in a table's rows."""
    asked = asked_by(record)
    if not record.readable:
        return Read(record, asked, problem=Problem(HTTPStatus.BAD_REQUEST, "unreadable-record"))
    try:
        rows, weight = _rows(record.value, _headers(record), bounds, source)
    except Problem as problem:
        return Read(record, asked, problem=problem)
    return Read(record, asked, rows, weight)


def _rows(
    value: bytes | None, headers: dict[str, str], bounds: Bounds, source: str
) -> tuple[Sequence[Row], int]:
    """The rows, and what they weigh in memory."""
    if not value:
        raise Problem(HTTPStatus.BAD_REQUEST, "empty-record")
    if "ce_specversion" in headers and not headers.get("content-type", "").lower().startswith(_STRUCTURED):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "binary-mode")
    if len(value) > bounds.bytes:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-bytes", f"{bounds.bytes}")
    try:
        label = label_of({"content-type": SINGLE, **headers})
        body = unpacked_body(value, label, bounds.bytes)
        weight = weight_of(body)
        if weight > bounds.weight:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-values")
        return [one.row for one in rows_of(body, label, bounds.rows, source=source)], weight
    except NotOurs:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", ", ".join(MEDIA_TYPES)) from None
    except NotTaken as refused:
        raise WholeRefused(refused.refusal) from None
    except NotReadable as wrong:
        if label.media_type == SINGLE and not isinstance(wrong, NotOne):
            return [Row(None, value, Refusal("", Code.NOT_JSON))], len(value)
        raise Problem(HTTPStatus.BAD_REQUEST, "not-readable") from None
    except TooManyRows:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-rows", f"{bounds.rows}") from None


def _headers(record: Submitted) -> dict[str, str]:
    """The headers by lower-case name, the first of each; what is no text reads as something that is no word of ours."""
    found: dict[str, str] = {}
    for name, value in record.headers:
        found.setdefault(name.lower(), (value or b"").decode("utf-8", "replace"))
    return found
