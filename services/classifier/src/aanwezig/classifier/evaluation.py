"""From one pupil's facts to what is to be said of it: the classifier's mind, pure.

One cause, one evaluation, one set of changes: however facts were batched, each event has one fact behind it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.crossing import Way, Ways
from aanwezig.classifier.memory import Pupil
from aanwezig.classifier.signals import SOURCE, measured, shared
from aanwezig.classifier.stays import stays_of
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded, PersonRecorded, Word, about_of, natural_key
from aanwezig.contracts.findings import Finding
from aanwezig.contracts.identifiers import derived_id
from aanwezig.law.attention import attentive
from aanwezig.law.calendar import Calendars
from aanwezig.law.classify import classify
from aanwezig.law.difference import Change, difference
from aanwezig.law.distance import Distance, distances
from aanwezig.law.packs import Governance
from aanwezig.law.shares import shares_of
from aanwezig.law.standing import Standing

_HAPPENINGS = {"mark-recorded", "school-reported", "care-signalled", "sick-reported"}


@dataclass(frozen=True, slots=True)
class Law:
    """What the law is asked with: calendars and packs as they are known now.

    `grounds` tells, of what stands of a pupil and its schools, what governs it (`governance.Register`).
    """

    calendars: Calendars
    governance: Governance
    grounds: Callable[[Standing, Iterable[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Cause:
    """What made us look: the event that is named as the cause, and whether its id may be told outside the school."""

    event: Event
    of_a_school: bool

    def named(self, way: Way) -> str:
        """The cause's id, as it may be told on a way."""
        return way.fact(self.event.id) if self.of_a_school or way.apart else self.event.id


def happened_on(word: Word) -> date | None:
    """The date of something that happened; None for facts that may be told beforehand (an enrolment, a leave)."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        return fact.date
    return about_of(natural_key(word)) if word.name in _HAPPENINGS else None


def as_of(pupil: Pupil, closed: date | None) -> date | None:
    """The date up to which a pupil's facts are seen: the last closed day, or a later one on which something happened."""
    return max((day for day in (pupil.latest, closed) if day is not None), default=None)


def evaluate(
    pseudonym: str, pupil: Pupil, *, partition: int, offset: int, closed: date | None, law: Law, cause: Cause, ways: Ways,
) -> list[Event]:  # fmt: skip
    """Computes the pupil's findings and, where anything changed, what its document says and owes from now on.

    Changes `pupil.attention`, `pupil.shares` and, where anything changed, `pupil.kept` (the caller keeps and says it).
    Gives the findings it owes more, each once, as their own domain hears them; all it owes stands in the document.
    """
    standing = pupil.standing or Standing()
    day = as_of(pupil, closed)
    found: tuple[Finding, ...] = ()
    away: list[Distance] = []
    if day is not None:
        found = classify(standing, calendars=law.calendars, governance=law.governance, as_of=day)
        away = list(distances(standing, calendars=law.calendars, governance=law.governance, as_of=day))
    pupil.attention = attentive(
        standing, found, calendars=law.calendars, governance=law.governance, as_of=day or date.min
    )
    wakes = min((on for on in (pupil.attention.wakes, *_leaving(away)) if on is not None), default=None)
    pupil.attention = replace(pupil.attention, wakes=wakes)
    pupil.shares = dict(shares_of(standing, law.calendars))
    kept = pupil.kept
    before: Mapping[str, Any] = {} if kept is None else kept.state
    said: dict[str, list[Any]] = before.get("said", {})
    last = {key: (row[0], row[1], row[2]) for key, row in said.items()}
    changes = difference(last, found, standing.remembered)
    events = [_events(change, said, cause, ways) for change in changes]
    owed = [_record(way, event) for told in events for way, event in told]
    in_school = cause.named(ways.school)
    told, more = measured(
        pseudonym, away, day or date.min, before.get("distances", {}), cause.event, in_school
    )
    owed += more
    shares, more = shared(pseudonym, pupil.shares, before.get("shares", {}), cause.event, in_school)
    owed += more
    index = _index(pupil, standing, law)
    stays = stays_of(standing)
    same = before.get("shares") == shares and before.get("stays") == stays
    if kept is not None and not owed and kept.index == index and same:
        return []
    if kept is None:
        # Of nobody of whom nothing can be found, whatever changes beside its facts: no school, no date to come, no home.
        if not (owed or shares or index["schools"] or index["wake"] or _lives_somewhere(standing)):
            return []
        kept = pupil.kept = Kept(pseudonym, partition)
    kept.partition = partition
    kept.state = {
        "said": _said_now(said, changes, events), "distances": told, "shares": shares, "stays": stays,
        "offset": offset,
    }  # fmt: skip
    kept.index = index
    kept.owed = [*kept.owed, *owed]
    return [told[0][1] for told in events]


def _leaving(away: Iterable[Distance]) -> Iterable[date]:
    """When the sum of a pupil changes although nothing is told."""
    return (distance.leaves[0][0] for distance in away if distance.leaves)


def _lives_somewhere(standing: Standing) -> bool:
    """Whether a residence was told: other packs there may find absence where there is no school."""
    return any(told.resident_from is not None for told in standing.facts(PersonRecorded))


def _index(pupil: Pupil, standing: Standing, law: Law) -> dict[str, Any]:
    """What the document is found by: the date it wakes, its schools, and the calendars and packs it was computed with.

    `schools` are those at which anything can be found, `shares` those with an enrolment or a mark.
    """
    schools = sorted(standing.schools())
    return {
        "wake": None if pupil.attention.wakes is None else pupil.attention.wakes.isoformat(),
        "schools": schools,
        "shares": sorted(pupil.shares),
        "calendars": {school: law.calendars.of(school).fingerprint for school in schools},
        "grounds": law.grounds(standing, schools),
    }


def _record(way: Way, event: Event) -> Outgoing:
    return Outgoing.event(way.topic.name, event.data[way.key], event)


def _events(
    change: Change, said: Mapping[str, list[Any]], cause: Cause, ways: Ways
) -> list[tuple[Way, Event]]:
    """The events that say a change, one on each way of the finding. What is withdrawn goes where it was said."""
    if change.finding is not None:
        told = [
            (way, way.finding(change.finding)) for way in ways.of(change.finding.kind, change.finding.school)
        ]
    else:
        last = said[change.finding_id][3:]
        told = list(zip(ways.of(last[0]["kind"], last[0]["school"]), last, strict=False))
    return [
        (way, finding_event(change, {**data, "revision": change.revision}, cause, way)) for way, data in told
    ]


def finding_event(change: Change, data: dict[str, Any], cause: Cause, way: Way) -> Event:
    """The event that says a change of a finding on one way.

    The hash of its content is the same on all: under the way's key it joins nothing that is said on two.
    """
    content = way.fact(change.content_hash)
    return Event(
        id=derived_id("finding-event", data["finding"], str(change.revision), change.what, content),
        source=SOURCE,
        name=f"finding-{change.what}",
        time=cause.event.time,
        data=data,
        causation=cause.named(way),
        traceparent=None if way.apart else cause.event.traceparent,
    )


def _said_now(
    said: Mapping[str, list[Any]], changes: list[Change], events: list[list[tuple[Way, Event]]]
) -> dict[str, list[Any]]:
    """Per finding: the last revision, its content hash, whether it stands, and on each way its data as last said."""
    now = dict(said)
    for change, told in zip(changes, events, strict=True):
        now[change.finding_id] = [
            change.revision,
            change.content_hash,
            change.finding is not None,
            *(event.data for _, event in told),
        ]
    return now
