"""The classifier whole, without a broker: facts in, what the owners of facts say of schools handed on, signals out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.store import Store
from aanwezig.chassis.telemetry import Tracing
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.governance import Register
from aanwezig.classifier.schools import Schools
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.topics import FEEDS, SIGNALS
from support.classifying import EVERYWHERE, PARTITIONS, WAYS, RecordingPublisher


class FeedsTopic:
    """The feeds topic: gives each record its place. A school's partition follows from its name."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = defaultdict(int)
        self._taken = 0

    def of(self, said: Sequence[Outgoing]) -> list[Arrived]:
        """What was said on it since the last look, as it arrives."""
        fresh, self._taken = said[self._taken :], len(said)
        return [self._record(one) for one in fresh if one.topic == FEEDS.name]

    def _record(self, one: Outgoing) -> Arrived:
        place = one.partition if one.partition is not None else sum((one.key or "").encode()) % PARTITIONS
        self._ends[place] += 1
        return Arrived(FEEDS.name, place, self._ends[place] - 1, one.key, one.value, event_from(one.value))


async def some_schools(
    store: Store, publisher: RecordingPublisher, calendars: CalendarDesk, register: Register | None = None
) -> Schools:
    """The second handler, started and owning every partition; it remembers nothing."""
    schools = Schools(
        store, publisher, Tracing("classifier", "0", None),
        register=register or Register("nl-2024"), calendars=calendars, way=WAYS.school,
    )  # fmt: skip
    await schools.start()
    await schools.on_assigned(EVERYWHERE)
    return schools


def silent(said: Iterable[Outgoing]) -> dict[str, list[tuple[str, str]]]:
    """Per school the silent runs that stand after all that was said: first day and number of lesson days."""
    newest = {}
    for one in said:
        event = event_from(one.value)
        if one.topic != SIGNALS.name or event.data.get("kind") != "silent-feed":
            continue
        known = newest.get(event.data["finding"])
        if known is None or known.data["revision"] < event.data["revision"]:
            newest[event.data["finding"]] = event
    runs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in newest.values():
        if event.name != "finding-withdrawn":
            runs[event.data["school"]].append((event.data["at"], event.data["measured"]["exact"]))
    return {school: sorted(found) for school, found in runs.items()}
