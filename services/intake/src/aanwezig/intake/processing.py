"""The processing log: who was told, when and for what, who a child is (Logboek Dataverwerkingen, `domain.md` 6.6).

Its fields are those of the standard, one line per data subject, never sampled. Lines are added and never changed; they end
by setting. In clear stand ids of traces and activities, moments and outcomes; whom a line is about is sealed.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final, Literal, Self

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Collection, Document

ACTIVITY: Final = "dpl.core.processing_activity_id"
SUBJECT: Final = "dpl.core.data_subject_id"
OUTCOME: Final = "aanwezig.outcome"
ACTIVITY_NOT_TOLD: Final = "urn:aanwezig:activity:not-told"
"""What stands for the activity where a refused attempt named none."""
READING_THE_LOG: Final = "urn:aanwezig:activity:accountability"
_RESOURCE: Final = {"name": "aanwezig-intake"}

Outcome = Literal["told", "withheld", "unknown", "refused", "read"]


class Status(IntEnum):
    """The standard's `status_code`: how an operation ended."""

    UNKNOWN = 0
    OK = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class ForeignOperation:
    """The operation of another organisation that asked: its trace, its operation there, and which organisation (a URI)."""

    trace_id: bytes
    operation_id: bytes
    entity: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line: an operation on the data of one subject (None: of nobody, as in a refused attempt).

    `subject` is a text that names the child; `trace_id` has 16 bytes, `operation_id` 8; both moments are aware.
    """

    trace_id: bytes
    name: str
    start_time: datetime
    end_time: datetime
    activity: str
    outcome: Outcome
    subject: bytes | None = None
    foreign_operation: ForeignOperation | None = None
    operation_id: bytes = field(default_factory=lambda: os.urandom(8))

    @property
    def status(self) -> Status:
        """Whether it was done as asked; that a child is unknown or not the caller's to know is an answer, no error."""
        return Status.ERROR if self.outcome == "refused" else Status.OK

    @property
    def id(self) -> str:
        """The key of the line: its trace and its operation."""
        return f"{self.trace_id.hex()}-{self.operation_id.hex()}"

    def fields(self, subject: bytes | None) -> dict[str, Any]:
        """The fields of the standard, by its names; `subject` in the form it is to be told in."""
        foreign = self.foreign_operation
        attributes: list[dict[str, Any]] = [
            {"key": ACTIVITY, "value": self.activity}, {"key": OUTCOME, "value": self.outcome},
        ]  # fmt: skip
        if subject is not None:
            attributes.append({"key": SUBJECT, "value": subject})
        return {
            "trace_id": self.trace_id, "operation_id": self.operation_id, "status_code": int(self.status),
            "name": self.name, "start_time": self.start_time, "end_time": self.end_time,
            "parent_operation_id": None,
            "foreign_operation": None if foreign is None else {
                "trace_id": foreign.trace_id, "operation_id": foreign.operation_id, "entity": foreign.entity,
            },
            "resource": _RESOURCE, "attributes": attributes,
        }  # fmt: skip

    @classmethod
    def kept(cls, document: Document, subject: bytes | None) -> Self:
        """A line as it was kept, with its subject as the caller may see it."""
        told = {one["key"]: one["value"] for one in document["attributes"]}
        foreign = document["foreign_operation"]
        return cls(
            trace_id=document["trace_id"], name=document["name"], start_time=document["start_time"],
            end_time=document["end_time"], activity=told[ACTIVITY], outcome=told[OUTCOME], subject=subject,
            foreign_operation=None if foreign is None else ForeignOperation(**foreign),
            operation_id=document["operation_id"],
        )  # fmt: skip


class ProcessingLog:
    """The lines of this service. `days` they are kept."""

    def __init__(self, collection: Collection, seal: Seal, *, days: int) -> None:
        self._collection = collection
        self._seal = seal
        self._kept_for = timedelta(days=days)

    async def start(self) -> None:
        """Makes the indexes."""
        await self._collection.index([("start_time", 1)])
        await self._collection.index([("ends", 1)], expire=0)

    async def keep(self, lines: Sequence[Line]) -> None:
        """Adds lines; they survive a kill when this returns.

        Raises:
            Unavailable: they may not have been kept: do not answer.
        """
        there = await self._collection.insert_new([
            {
                "_id": line.id,
                **line.fields(None if line.subject is None else self._seal.seal(line.subject, line.id)),
                "ends": line.end_time + self._kept_for,
            }
            for line in lines
        ])  # fmt: skip
        if there:
            raise Unavailable("two lines of the processing log came by one id")

    async def between(self, first: datetime, last: datetime, *, subjects: bool) -> list[Line]:
        """The lines of operations begun from `first` to before `last`, in order; with whom they are about, if `subjects`.

        Raises:
            cryptography.exceptions.InvalidTag: subjects were sealed under another key.
        """
        query = {"start_time": {"$gte": first, "$lt": last}}
        found = await self._collection.find(query, sort=[("start_time", 1), ("_id", 1)])
        return [Line.kept(one, self._subject(one) if subjects else None) for one in found]

    def _subject(self, document: Document) -> bytes | None:
        sealed = next((one["value"] for one in document["attributes"] if one["key"] == SUBJECT), None)
        return None if sealed is None else self._seal.open(sealed, document["_id"])
