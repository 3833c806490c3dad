"""The CloudEvents 1.0 envelope under the NL GOV profile 1.1 (`contract.md` 1, `domain.md` 6.1), structured JSON.

`time` is when the event was logged. Nothing personal stands outside `data`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from aanwezig.contracts.dates import utc_text

CONTENT_TYPE: Final = "application/cloudevents+json; charset=UTF-8"
BATCH_CONTENT_TYPE: Final = "application/cloudevents-batch+json"
TYPE_PREFIX: Final = "nl.attendance."
TYPE_SUFFIX: Final = ".v1"
MAX_EVENT_BYTES: Final = 64 * 1024


class NotTheContract(ValueError):
    """A record between our own services that is not a message of the published language."""


def type_of(name: str) -> str:
    """The CloudEvents `type` of a short name: `finding-raised` gives `nl.attendance.finding-raised.v1`."""
    return f"{TYPE_PREFIX}{name}{TYPE_SUFFIX}"


def name_of(event_type: str) -> str:
    """The short name in a CloudEvents `type`.

    Raises:
        NotTheContract: the type is not of the form `nl.attendance.<name>.v1`.

    """
    if not (event_type.startswith(TYPE_PREFIX) and event_type.endswith(TYPE_SUFFIX)):
        raise NotTheContract("the type is not one of ours")
    return event_type[len(TYPE_PREFIX) : -len(TYPE_SUFFIX)]


@dataclass(frozen=True, slots=True)
class Event:
    """One message: its envelope and its data as plain JSON values.

    `name` is the short name of the type (`finding-raised`); `time` is aware; `sequence`, where there is one, an
    integer; `causation` the id of the event that caused this one; `traceparent` that of the first cause.
    """

    id: str
    source: str
    name: str
    time: datetime
    data: dict[str, Any] = field(hash=False)
    sequence: int | None = None
    causation: str | None = None
    traceparent: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The structured form, as a JSON object."""
        said: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": type_of(self.name),
            "time": utc_text(self.time),
            "datacontenttype": "application/json",
        }
        if self.sequence is not None:
            said["sequence"] = str(self.sequence)
        if self.causation is not None:
            said["causationid"] = self.causation
        if self.traceparent is not None:
            said["traceparent"] = self.traceparent
        said["data"] = self.data
        return said

    def as_bytes(self) -> bytes:
        """The structured form as UTF-8 JSON, keys in one order: equal events are equal bytes."""
        return orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)


def event_from(value: bytes | None) -> Event:
    """The event in a record between our own services.

    Raises:
        NotTheContract: not JSON, a tombstone, or an envelope that lacks what every message carries.

    """
    if not value:
        raise NotTheContract("an empty record")
    try:
        said = orjson.loads(value)
        return Event(
            id=_text(said["id"]),
            source=_text(said["source"]),
            name=name_of(_text(said["type"])),
            time=_moment(said["time"]),
            data=said["data"] if isinstance(said["data"], dict) else _wrong("data"),
            sequence=int(said["sequence"]) if said.get("sequence") is not None else None,
            causation=None if said.get("causationid") is None else _text(said["causationid"]),
            traceparent=None if said.get("traceparent") is None else _text(said["traceparent"]),
        )
    except NotTheContract:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as wrong:
        raise NotTheContract(f"not an event of ours: {type(wrong).__name__}") from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value else _wrong("text")


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    return moment.astimezone(UTC) if moment.tzinfo is not None else _wrong("time")


def _wrong(what: str) -> Any:
    raise NotTheContract(f"{what} is missing or has the wrong form")
