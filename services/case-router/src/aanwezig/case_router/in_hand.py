"""The dossiers in hand during one batch: loaded once, changed event by event, written once."""

from collections.abc import Iterable, Sequence
from datetime import date

from aanwezig.case_router.dossier import Dossier
from aanwezig.case_router.draft import Turn
from aanwezig.case_router.saying import Voice
from aanwezig.chassis import metrics
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept, Shelf


class InHand:
    """Dossiers by pupil. What each input does is said as if it came alone: where a batch ends makes no difference."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._kept: dict[str, Kept] = {}
        self._dossiers: dict[str, Dossier] = {}
        self._changed: set[str] = set()
        self._happened: list[str] = []

    def take(self, kept: Iterable[Kept]) -> None:
        """Takes dossiers in hand; one that is in hand already stays as it is."""
        for one in kept:
            self._kept.setdefault(one.id, one)

    def dossier(self, pupil: str, partition: int) -> Dossier:
        """The dossier of a pupil; an empty one of this partition where there was none."""
        kept = self._kept.setdefault(pupil, Kept(pupil, partition))
        known = self._dossiers.get(pupil)
        if known is None:
            known = Dossier.from_state(kept.state) if kept.state else Dossier(pupil)
            self._dossiers[pupil] = known
        return known

    def apply(self, turn: Turn, answers: Sequence[Outgoing] = ()) -> None:
        """Takes over what an input did to a dossier, and owes what it says."""
        pupil = turn.dossier.pupil
        if turn.dossier == self._dossiers[pupil]:
            return
        self._dossiers[pupil] = turn.dossier
        self._changed.add(pupil)
        kept = self._kept[pupil]
        for happened in turn.events:
            kept.owed.extend(self._voice.records(happened))
            self._happened.append(happened.name)
        kept.owed.extend(answers)

    def waiting(self, partition: int, closed: date) -> list[Dossier]:
        """The dossiers of a partition with something to look at once this date is closed."""
        mine = (
            self.dossier(kept.id, partition) for kept in self._kept.values() if kept.partition == partition
        )
        text = closed.isoformat()
        return [dossier for dossier in mine if (due := dossier.index["due"]) is not None and due <= text]

    async def keep_and_say(self, shelf: Shelf) -> None:
        """Writes the changed dossiers with what they owe, then says it."""
        changed = [self._kept[pupil] for pupil in sorted(self._changed)]
        for kept in changed:
            dossier = self._dossiers[kept.id]
            kept.state, kept.index = dossier.as_state(), self._voice.index(dossier)
        await shelf.keep_and_say(changed)
        for name in self._happened:
            metrics.CASES.labels(name).inc()
