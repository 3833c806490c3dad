"""One refused row as the quarantine keeps it, read back: what a clerk sees of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from aanwezig.chassis.sealing import Seal
from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.formats import Row

State = Literal["open", "corrected", "discarded"]
_MOST_TYPE: Final = 200


@dataclass(frozen=True, slots=True)
class About:
    """What is sealed beside a row: what its sender calls it, and what is wrong with it.

    `unread`: why it could not be read as a record at all, where that is so.
    """

    row_id: str | None
    type: str | None
    file: str | None
    errors: tuple[Refusal, ...]
    unread: Refusal | None

    @classmethod
    def of(cls, row: Row, file: str | None, errors: tuple[Refusal, ...]) -> "About":
        """About a row from this file that was refused for these reasons."""
        kind = row.said.get("type") if isinstance(row.said, dict) else None
        named = kind if isinstance(kind, str) and 0 < len(kind) <= _MOST_TYPE else None
        return cls(row.id, named, file, errors, row.unread)

    def written(self) -> bytes:
        """The bytes to seal."""
        return orjson.dumps(
            {
                "id": self.row_id,
                "type": self.type,
                "file": self.file,
                "errors": [_written(error) for error in self.errors],
                "unread": None if self.unread is None else _written(self.unread),
            }
        )

    @classmethod
    def read(cls, plain: bytes) -> "About":
        """What `written` gave."""
        kept = orjson.loads(plain)
        unread = kept["unread"]
        return cls(
            kept["id"], kept["type"], kept["file"], tuple(_read(error) for error in kept["errors"]),
            None if unread is None else _read(unread),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A refused row in the quarantine. `about` is None where it was sealed under a key that is no longer there.

    `errors` are then its codes alone. `reason`: why it was discarded.
    """

    id: str
    receipt: str | None
    state: State
    school: str | None
    row: int
    place: str
    at: datetime
    ends: datetime
    errors: tuple[Refusal, ...]
    about: About | None
    reason: str | None

    def said(self, language: str) -> dict[str, Any]:
        """The row as the quarantine's routes tell it, with sentences in `nl` or `en`."""
        about = self.about
        return {
            "id": self.id,
            "row_id": about and about.row_id,
            "type": about and about.type,
            "at": utc_text(self.at),
            "ends": utc_text(self.ends),
            "school": self.school,
            "file": about and about.file,
            "row": self.row,
            "state": self.state,
            "opens": about is not None,
            "errors": [
                {"field": error.field, "code": error.code.value, "message": error.message(language)}
                for error in self.errors
            ],
        }


def entry_of(document: Mapping[str, Any], seal: Seal) -> Entry:
    """The entry in a document of the quarantine. It never raises: what cannot be opened any more is told as such."""
    about = about_of(document, seal)
    closed = document.get("closed") or {}
    sealed_reason = closed.get("reason")
    reason = None if sealed_reason is None else seal.try_open(sealed_reason, document["_id"])
    return Entry(
        id=document["_id"],
        receipt=document["receipt"],
        state=state_of(document),
        school=document["school"],
        row=document["row"],
        place=document["place"],
        at=document["at"],
        ends=document["ends"],
        errors=about.errors if about is not None else tuple(Refusal("", Code(code)) for code in document["codes"]),
        about=about,
        reason=None if reason is None else reason.decode(),
    )  # fmt: skip


def about_of(document: Mapping[str, Any], seal: Seal) -> About | None:
    """What is sealed beside the row in a document; None: under a key that is no longer there."""
    plain = seal.try_open(document["why"], document["_id"])
    return None if plain is None else About.read(plain)


def state_of(document: Mapping[str, Any]) -> State:
    """What became of the row in a document."""
    state: State = "open" if document["open"] else document["closed"]["state"]
    return state


def _written(refusal: Refusal) -> list[str]:
    return [refusal.field, refusal.code.value, refusal.detail]


def _read(kept: list[str]) -> Refusal:
    field, code, detail = kept
    return Refusal(field, Code(code), detail)
