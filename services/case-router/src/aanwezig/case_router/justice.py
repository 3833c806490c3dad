"""The justice instance: what crossed is kept in a dossier of its own, then told to Halt or the officer of justice (ADR 9).

It knows a case and a pupil by the pseudonyms of justice alone, and never learns others. A dossier holds each word once, by
its id, in the order it came.
"""

from collections.abc import Sequence

from aanwezig.case_router import crossing
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import CaseSaid


class CrossingsHandler:
    """What an officer decided, and what follows: kept by compare-and-set, then said on the topic of its track."""

    def __init__(self, dossiers: Shelf) -> None:
        self._dossiers = dossiers

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Keeps what is new of each case with what it owes, and says it."""
        crossed = [(one, crossing.admitted(one.event, one.key)) for one in batch]
        dossiers = await self._dossiers.load({said.case for _, said in crossed})
        changed: dict[str, Kept] = {}
        for one, said in crossed:
            dossier = dossiers.setdefault(said.case, Kept(said.case, one.partition))
            if one.event.id not in dossier.state.get("words", {}):
                _take_in(dossier, one.event, said)
                changed[dossier.id] = dossier
        await self._dossiers.keep_and_say(changed.values())

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what dossiers of these partitions still owe."""
        await self._dossiers.settle(partitions)

    def forget(self) -> None:
        """Nothing is remembered between two batches."""


def _take_in(dossier: Kept, event: Event, said: CaseSaid) -> None:
    """Adds a word to a dossier: the state of the case on its track, and the word as it came."""
    words = dossier.state.get("words", {})
    tracks = dossier.state.get("tracks", {})
    track = crossing.track_of(said)
    dossier.state = {
        "pupil": said.pupil,
        # The terms of the Wpg count from the first processing (`domain.md` 5, P-4).
        "since": dossier.state.get("since", event.as_json()["time"]),
        "tracks": {**tracks, track: {"status": said.status, "revision": said.revision}},
        "words": {**words, event.id: event.as_json()},
    }
    dossier.owed = [*dossier.owed, Outgoing.event(crossing.JUSTICE_TOPIC[track], said.case, event)]
