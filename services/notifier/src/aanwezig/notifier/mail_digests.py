"""The digests by mail: which notices are one mail, written down before it is sent.

The mail of a digest is made from what is frozen here alone: after a kill it is the same bytes under the same
`Message-ID`, whatever has come since. Kept of a notice is what its line in a mail needs, and nothing that is personal.

A digest is one document, `mail-digest` of recipient, slot and number. A notice lies in one digest of its slot at most; what
came too late for one is in the next number. Two instances that serve one recipient have a digest each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.store import Collection
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.notifier.channels.doors import Parcel

KEPT: Final = timedelta(days=30)
"""How long a digest is kept: longer than any notice in it is tried."""

_TRIES: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Frozen:
    """The notices of one mail, in the order of their ids. `taken`: the mail server has taken it.

    The event of a parcel holds of its notice only what a mail says of it.
    """

    id: str
    recipient: str
    slot: date
    number: int
    parcels: tuple[Parcel, ...]
    taken: bool

    @property
    def notices(self) -> frozenset[str]:
        """The ids of the notices in it."""
        return frozenset(parcel.notice for parcel in self.parcels)


class MailDigests:
    """The digests in one collection; `now` is the clock on the wall."""

    def __init__(self, collection: Collection, *, now: Callable[[], datetime]) -> None:
        self._collection = collection
        self._now = now

    async def start(self) -> None:
        """Makes the indexes: the digests of a recipient, and when one is forgotten."""
        await self._collection.index([("recipient", 1), ("slot", 1)])
        await self._collection.index([("made", 1)], expire=int(KEPT.total_seconds()))

    async def freeze(self, recipient: str, slot: date, parcels: Sequence[Parcel]) -> Frozen:
        """The first digest of the slot that has one of these notices, whoever made it; else a new one of all of them.

        Notices that are not in what is given back are asked for again, in a next call.

        Raises:
            ValueError: there are no parcels.
            Unavailable: not now.
        """
        if not parcels:
            raise ValueError("a digest of nothing")
        wanted = {parcel.notice for parcel in parcels}
        for _ in range(_TRIES):
            there = await self._of(recipient, slot)
            found = next((one for one in there if one.notices & wanted), None)
            if found is not None:
                return found
            number = there[-1].number + 1 if there else 1
            # The first writer of a number wins; who loses looks what it says.
            await self._collection.insert_new([self._document(recipient, slot, number, parcels)])
        raise OwnershipLost("others make digests of this slot all the time")

    async def done(self, digest: str) -> None:
        """Notes that the mail server has taken it: before its notices are noted, and in every attempt the same.

        Raises:
            Unavailable: not now; it may be sent again, as the same mail.
        """
        await self._collection.update_each([({"_id": digest}, {"$set": {"taken": True}})])

    async def open(self, recipient: str) -> list[Frozen]:
        """The digests to this recipient that no mail server has taken yet, the oldest slot first."""
        query = {"recipient": recipient, "taken": False}
        found = await self._collection.find(query, sort=[("slot", 1), ("number", 1)])
        return [_frozen(document) for document in found]

    async def _of(self, recipient: str, slot: date) -> list[Frozen]:
        query = {"recipient": recipient, "slot": slot.isoformat()}
        return [_frozen(document) for document in await self._collection.find(query, sort=[("number", 1)])]

    def _document(self, recipient: str, slot: date, number: int, parcels: Sequence[Parcel]) -> dict[str, Any]:
        again = [] if number == 1 else [str(number)]
        unique = {parcel.notice: parcel for parcel in parcels}
        return {
            "_id": derived_id("mail-digest", recipient, slot.isoformat(), *again), "recipient": recipient,
            "slot": slot.isoformat(), "number": number, "taken": False, "made": self._now(),
            "notices": [_kept(unique[notice]) for notice in sorted(unique)],
        }  # fmt: skip


def _kept(parcel: Parcel) -> dict[str, Any]:
    data = parcel.event.data
    return {
        "id": parcel.notice, "event": parcel.event.id, "source": parcel.event.source, "name": parcel.event.name,
        "time": (parcel.event.time - _EPOCH) // _MICROSECOND, "subject": data["subject"],
        "urgency": data["urgency"], "takes_back": data.get("takes_back", False),
    }  # fmt: skip


def _frozen(document: Mapping[str, Any]) -> Frozen:
    return Frozen(
        document["_id"], document["recipient"], date.fromisoformat(document["slot"]), document["number"],
        tuple(_parcel(kept) for kept in document["notices"]), document["taken"],
    )  # fmt: skip


def _parcel(kept: Mapping[str, Any]) -> Parcel:
    data = {
        "notice": kept["id"], "subject": kept["subject"], "urgency": kept["urgency"],
        "takes_back": kept["takes_back"],
    }  # fmt: skip
    made = _EPOCH + kept["time"] * _MICROSECOND
    return Parcel(kept["id"], Event(kept["event"], kept["source"], kept["name"], made, data))
