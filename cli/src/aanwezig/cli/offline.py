"""Facts as submitted, read from files without any stack: which stand, which are refused, and what the law finds.

One pass; memory grows with the words that stand and with one short mark per event id, never with a file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import IO, Any, Final

import orjson

from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.facts import MarkRecorded
from aanwezig.contracts.findings import Finding, finding_data
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import PupilRef, Submission, examine
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.classify import classify
from aanwezig.law.kinds import silent_feed
from aanwezig.law.kinds.silent_feed import Feed, share_of
from aanwezig.law.packs import OnePack, Pack
from aanwezig.law.presence import Amounts, Place, presence_of
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LONGEST_READ: Final = 16 * MAX_EVENT_BYTES


@dataclass(slots=True)
class _Told:
    """A pupil, as named by its sender, and what stands of it."""

    ref: PupilRef
    text: str
    standing: Standing = field(default_factory=Standing)


class Facts:
    """The facts of some files: what stands of them."""

    def __init__(self) -> None:
        self._pupils: dict[str, _Told] = {}
        self._book = CalendarBook()
        self._contents: dict[bytes, int | bytes] = {}

    def take(self, raw: bytes) -> list[Refusal]:
        """Takes in one row; what is wrong with it, which is nothing for a good row and for one that was told before."""
        said = examine(raw)
        if isinstance(said, list):
            return said
        # Equal ids are one event where they say the same, else the first stands (rules.md 1, *natural key*).
        name = blake2b(f"{said.source}\x1f{said.id}".encode(), digest_size=16).digest()
        content = _content(said)
        before = self._contents.setdefault(name, content)
        if before is not content:
            return [] if before == content else [Refusal("id", Code.ID_REUSED)]
        self._apply(said)
        return []

    def standing(
        self, pack: Pack, as_of: date, definition: str | None = None
    ) -> Iterator[tuple[PupilRef, Finding]]:
        """The standing findings about pupils, with the pupil each is about, in no promised order of pupils."""
        governance = OnePack(pack)
        for told in self._pupils.values():
            for finding in classify(
                told.standing,
                calendars=self._book.calendars,
                governance=governance,
                as_of=as_of,
                definition=definition,
            ):
                yield told.ref, finding

    def presence(
        self, pack: Pack, first: date, last: date, as_of: date
    ) -> Iterator[tuple[PupilRef, dict[Place, Amounts]]]:
        """What was measured of each pupil's presence from `first` to `last`, by place."""
        for told in self._pupils.values():
            yield told.ref, presence_of(
                told.standing, calendars=self._book.calendars, governance=OnePack(pack), first=first, last=last, as_of=as_of
            )  # fmt: skip

    def findings(self, pack: Pack, as_of: date, definition: str | None = None) -> list[dict[str, Any]]:
        """The standing findings as their data objects, revision 1, in the order of `contract.md` 6."""
        rows: list[tuple[Any, ...]] = []
        for ref, finding in (*self.of_schools(pack, as_of), *self.standing(pack, as_of, definition)):
            pupil = None if ref is None else ref.as_given()
            place = (
                b"" if pupil is None else orjson.dumps(pupil), finding.school is not None, finding.school or "",
                finding.kind, finding.school_year, finding.ordinal, finding.definition or "",
                "" if ref is None else ref.text,
            )  # fmt: skip
            rows.append((place, finding_data(finding, revision=1, pupil=pupil)))
        rows.sort(key=lambda row: row[0])
        return [said for _, said in rows]

    def of_schools(self, pack: Pack, as_of: date) -> Iterator[tuple[None, Finding]]:
        """The standing findings about whole schools; every date up to `as_of` is closed."""
        calendars = self._book.calendars
        feeds = {school: Feed() for school in calendars}
        for told in self._pupils.values():
            seen = Seen(told.standing, as_of)
            for school in seen.schools_named() & feeds.keys():
                feeds[school].add(*share_of(seen, school, calendars.of(school)))
        for school, feed in feeds.items():
            silent = silent_feed.found(
                school, feed, calendars=calendars, governance=OnePack(pack), closed=as_of
            )
            for finding in silent:
                yield None, finding

    def _apply(self, said: Submission) -> None:
        if said.pupil is None:
            self._book.apply(said.word(None))
            return
        text = said.pupil.text
        told = self._pupils.get(text)
        if told is None:
            told = self._pupils[text] = _Told(said.pupil, text)
        told.standing.apply(said.word(told.text))


def _content(said: Submission) -> int | bytes:
    """Equal for two records with one meaning, within this process."""
    if isinstance(said.fact, MarkRecorded):
        return hash((said.time, said.sequence, said.pupil, said.fact))
    return bytes.fromhex(said.content_hash)


def rows_of(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The rows of NDJSON: line number, counted from 1, and bytes. Blank lines are passed over.

    Of a line far longer than a record may be, only the beginning is given: it is refused by its length anyway.
    """
    number = 0
    while line := file.readline(_LONGEST_READ):
        number += 1
        rest = line
        while len(rest) == _LONGEST_READ and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST_READ)
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        row = line.strip()
        if row:
            yield number, row


def said_of(refusals: Iterable[Refusal]) -> str:
    """Refusals of one row as text: field, code and sentence of each, all separated by tabs; `-` for the record itself."""
    parts = ((refusal.field or "-", refusal.code.value, refusal.message("en")) for refusal in refusals)
    return "\t".join(part for refusal in parts for part in refusal)
