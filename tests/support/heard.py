"""What a listener makes of everything the classifier says: what stands, and whether it was said in good order."""

from collections.abc import Iterable
from typing import Any

from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.findings import NOT_OF_THE_CHAIN
from aanwezig.contracts.topics import FINDING_EVENTS, FINDINGS, SIGNALS, TOPICS, Domain
from support.classifying import CROSSING, TO_HEALTH, WAYS
from support.years import Known, Measures, Standings, Year

_DOMAIN = {topic.name: topic.domain for topic in TOPICS}


class Heard:
    """Listens to all topics of one life, in the order of saying; refuses what no listener could follow.

    Per finding the revisions are 1, 2, 3, ...; it is raised where it does not stand, amended where it does and says
    something else, withdrawn where it does. `at_closing` is what stood when a partition told the chain that a day is closed.
    """

    def __init__(self, year: Year) -> None:
        self.at_closing: dict[tuple[int, str], Known] = {}
        self.kinds: set[str] = set()
        self._partitions = {
            name: year.partition_of(pupil)
            for pupil in year.pupils
            for name in (pupil, CROSSING.pupil(pupil), TO_HEALTH.pupil(pupil))
        }
        self._findings: dict[str, tuple[int, dict[str, Any] | None]] = {}
        self._measures: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._shares: dict[tuple[str, str], int] = {}
        self._ids: dict[str, bytes | None] = {}

    def listen(self, said: Iterable[Outgoing]) -> "Heard":
        """Takes in what was said since."""
        for one in said:
            event = event_from(one.value)
            assert self._ids.setdefault(event.id, one.value) == one.value, "an id with two contents"
            if event.name in FINDING_EVENTS:
                self._finding(one, event)
            elif event.name == "distance-measured":
                self._distance(one, event)
            elif event.name == "feed-enrolled":
                self._follows(self._shares, event)
            elif one.topic == FINDINGS.name:
                assert event.name == "day-closed"
                place = event.data["origin"]
                key = (place, event.data["date"])
                if one.partition == 0:
                    assert key not in self.at_closing
                    self.at_closing[key] = Known(self._standing(place), {}, self._measured(place))
        return self

    @property
    def now(self) -> Known:
        """What stands after all that was said."""
        return Known(self._standing(None), self._of_schools(), self._measured(None))

    def _finding(self, one: Outgoing, event: Event) -> None:
        data = dict(event.data)
        kind, revision = data["kind"], data.pop("revision")
        ways = {way.topic.name: way for way in WAYS.of(kind, data["school"])}
        assert one.topic in ways
        assert one.key == data[ways[one.topic].key]
        assert _DOMAIN[one.topic] is not Domain.CHAIN or kind not in NOT_OF_THE_CHAIN
        known, stood = self._findings.get(data["finding"], (0, None))
        assert revision == known + 1, (kind, known, revision)
        assert (event.name == "finding-raised") == (stood is None)
        assert event.name != "finding-amended" or stood != data, "amended into the same words"
        assert event.name != "finding-withdrawn" or stood == data, "something else was withdrawn than stood"
        self._findings[data["finding"]] = (revision, None if event.name == "finding-withdrawn" else data)
        self.kinds.add(data["rule"]["id"])

    def _distance(self, one: Outgoing, event: Event) -> None:
        assert (one.topic, one.key) == (SIGNALS.name, event.data["school"])
        data = event.data
        self._follows({key: known for key, (known, _) in self._measures.items()}, event)
        self._measures[data["pupil"], data["school"]] = (
            data["revision"],
            {
                "pack": data["rule"]["pack"],
                "exact": data["measured"]["exact"],
                "left": data["distance"]["exact"],
                "leaves": [(row["on"], row["exact"]) for row in data["leaves"]],
            },
        )

    def _follows(self, revisions: dict[tuple[str, str], int], event: Event) -> None:
        key = (event.data["pupil"], event.data["school"])
        assert event.data["revision"] == revisions.get(key, 0) + 1
        revisions[key] = event.data["revision"]

    def _standing(self, place: int | None) -> Standings:
        return {
            name: data
            for name, (_, data) in self._findings.items()
            if data is not None and (at := self._place(data)) is not None and place in {None, at}
        }

    def _place(self, data: dict[str, Any]) -> int | None:
        """The partition of the pupil a finding is about; None: it is about a school."""
        return None if data["pupil"] is None else self._partitions[data["pupil"]]

    def _of_schools(self) -> Standings:
        return {
            name: data
            for name, (_, data) in self._findings.items()
            if data is not None and self._place(data) is None
        }

    def _measured(self, place: int | None) -> Measures:
        return {
            key: content
            for key, (_, content) in self._measures.items()
            if place in {None, self._partitions[key[0]]}
        }
