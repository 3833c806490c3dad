"""What became of a row or a file, asked for later: by the id of a row, or by the name of a file.

The answer is what is true now: `accepted` where the row is in, whether it was accepted then, known already (`duplicate`), or
corrected since; else `refused`, with why. So a file that was sent twice is accepted as it was the first time. A row that was
accepted first and refused later under the same id stays accepted: what was received first stands.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from aanwezig.contracts.refusals import Code
from aanwezig.intake.admit import Keyring
from aanwezig.intake.quarantine import Quarantine
from aanwezig.intake.receipts import Receipt, Receipts, Told
from aanwezig.intake.reservations import Reservations
from aanwezig.intake.senders import System
from aanwezig.intake.sendings import Span, standing

MOST_PARTS: Final = 5_000
"""Newest requests of a file that are looked at."""
MOST_ERRORS: Final = 10_000
"""About so many faults are told in one answer: the rest of its rows is the next page's."""
_OF_AN_ID: Final = {Code.ID_REUSED, Code.ID_UNCONFIRMED}
_REMEMBERED: Final = 4


class Unconfirmed(Exception):
    """The row came in, but nobody can say yet that it was accepted: it has no receipt, and is to be sent again."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The rows of a file: how many, and how many of them are in."""

    rows: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the receipts of a file in the order of its rows. `next`: the last row told, where there are more.

    `at`: when the newest of all was told. `counts` stand on the first page alone.
    """

    receipts: list[Told]
    next: int | None
    at: datetime
    counts: Counts | None


class Lookup:
    """Finds what became of rows; strictly read-only."""

    def __init__(
        self, keyring: Keyring, reservations: Reservations, receipts: Receipts, quarantine: Quarantine
    ) -> None:
        self._keyring = keyring
        self._reservations = reservations
        self._receipts = receipts
        self._quarantine = quarantine

    async def by_id(self, system: System, row_id: str) -> Receipt | None:
        """What became of the row this system gave this id; None: it is not known, or not any more.

        Raises:
            Unconfirmed: it has no receipt yet.
            SealedAway: it was kept under a key that is no longer there.
            Unavailable: not now.
        """
        key = self._keyring.receipt(system, row_id)
        decided = await self._reservations.decided([key])
        if decided.get(key):
            return Receipt(row_id, "accepted")
        if key in decided:
            raise Unconfirmed
        receipt = await self._receipts.refused(key)
        if receipt is not None:
            return receipt
        # The quarantine may keep a row for longer than its receipt.
        errors = await self._quarantine.why(key)
        return None if errors is None else Receipt(row_id, "refused", errors)

    async def by_file(
        self, system: System, file: str, *, only_refused: bool, after: int | None, limit: int
    ) -> Page | None:
        """At most `limit` rows of a file of this system beyond row `after`; None: there is no such file.

        Raises:
            SealedAway: it was kept under a key that is no longer there.
            Unavailable: not now.
        """
        parts = await self._receipts.parts(system.id, file, most=MOST_PARTS)
        if not parts:
            return None
        spans = standing(parts)
        reading = _Reading(self._receipts)
        counts = await self._counts(spans, reading) if after is None else None
        page: list[Told] = []
        errors = 0
        for span in spans:
            if span.last <= (after or 0) or (only_refused and not span.part.refused):
                continue
            rows = [told for told in await reading.rows(span) if told.row > (after or 0)]
            for told in await self._now(rows):
                if only_refused and told.receipt.outcome != "refused":
                    continue
                if len(page) == limit or errors >= MOST_ERRORS:
                    return Page(page, page[-1].row, parts[0].at, counts)
                page.append(told)
                errors += len(told.receipt.errors)
        return Page(page, None, parts[0].at, counts)

    async def _counts(self, spans: Sequence[Span], reading: "_Reading") -> Counts:
        rows = refused = 0
        for span in spans:
            if span.is_whole and not span.part.refused:
                rows += span.part.rows
                continue
            told = await reading.rows(span)
            rows += len(told)
            refused += sum(one.receipt.outcome == "refused" for one in await self._now(told))
        return Counts(rows, rows - refused)

    async def _now(self, rows: Sequence[Told]) -> list[Told]:
        """The same rows with what is true of them now; the quarantine's id only where the row is still open there."""
        refused = [one for one in rows if one.receipt.outcome == "refused"]
        keys = {one.key for one in refused if one.key is not None and not _is_of_an_id(one.receipt)}
        entries = {one.entry for one in refused if one.entry is not None}
        decided = await self._reservations.decided(keys) if keys else {}
        states = await self._quarantine.states(entries) if entries else {}
        now = []
        for one in rows:
            state = None if one.entry is None else states.get(one.entry)
            is_in = one.key in keys and decided.get(one.key or "", False)
            if one.receipt.outcome != "refused" or is_in or state == "corrected":
                now.append(Told(one.row, Receipt(one.receipt.id, "accepted")))
            else:
                now.append(one if state == "open" else replace(one, entry=None))
        return now


class _Reading:
    """The kept receipts as one look-up reads them: a part that is needed for counts and for rows is opened once."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts
        self._opened: OrderedDict[str, list[Told]] = OrderedDict()

    async def rows(self, span: Span) -> list[Told]:
        """The rows of a span, in the order of the file."""
        id_ = span.part.id
        if id_ not in self._opened:
            told = await self._receipts.told(id_)
            self._opened[id_] = sorted(told, key=lambda one: one.row)
            if len(self._opened) > _REMEMBERED:
                self._opened.popitem(last=False)
        return [told for told in self._opened[id_] if span.first <= told.row <= span.last]


def _is_of_an_id(receipt: Receipt) -> bool:
    return any(error.code in _OF_AN_ID for error in receipt.errors)
