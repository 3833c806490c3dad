"""From one pupil's facts to what is to be said of it: the classifier's mind, pure.

One cause, one evaluation, one set of changes: however facts were batched, each event has one fact behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.crossing import ToChain
from aanwezig.classifier.memory import Pupil
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded, SchoolReported, Word, about_of, natural_key
from aanwezig.contracts.findings import Finding
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.topics import FINDINGS
from aanwezig.law.attention import attentive
from aanwezig.law.calendar import Calendars
from aanwezig.law.classify import classify
from aanwezig.law.difference import Change, difference
from aanwezig.law.packs import Governance
from aanwezig.law.standing import Standing

SOURCE = f"{PLATFORM_SOURCE}-classifier"
_HAPPENINGS = {"mark-recorded", "school-reported", "care-signalled", "sick-reported"}


@dataclass(frozen=True, slots=True)
class Law:
    """What the law is asked with: calendars and packs as they are known now."""

    calendars: Calendars
    governance: Governance


@dataclass(frozen=True, slots=True)
class Cause:
    """What made us look: the event that is named as the cause, and whether its id may be told outside the school."""

    event: Event
    of_a_school: bool


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
    pseudonym: str, pupil: Pupil, *, partition: int, offset: int, closed: date | None, law: Law, cause: Cause,
    crossing: ToChain,
) -> list[Event]:  # fmt: skip
    """Computes the pupil's findings and, where they changed, what its document says and owes from now on.

    Changes `pupil.attention` and, where anything changed, `pupil.kept` (the caller keeps and says it). Gives the events it owes more.
    """
    standing = pupil.standing or Standing()
    day = as_of(pupil, closed)
    found: tuple[Finding, ...] = ()
    if day is not None:
        found = classify(standing, calendars=law.calendars, governance=law.governance, as_of=day)
    pupil.attention = attentive(
        standing, found, calendars=law.calendars, governance=law.governance, as_of=day or date.min
    )
    kept = pupil.kept
    said: dict[str, list[Any]] = {} if kept is None else kept.state["said"]
    changes = difference({key: (row[0], row[1], row[2]) for key, row in said.items()}, found)
    index = _index(pupil, standing, law.calendars)
    if kept is not None and not changes and kept.index == index:
        return []
    if kept is None:
        if not changes and not index["schools"] and index["wake"] is None:
            return []
        kept = pupil.kept = Kept(pseudonym, partition)
    kept.partition = partition
    events = [_event(change, said, cause, crossing) for change in changes]
    kept.state = {"said": _said_now(said, changes, events), "offset": offset}
    kept.index = index
    kept.owed = [*kept.owed, *(Outgoing.event(FINDINGS.name, event.data["pupil"], event) for event in events)]
    return events


def _index(pupil: Pupil, standing: Standing, calendars: Calendars) -> dict[str, Any]:
    """What the document is found by: the date it wakes, its schools, and the calendars it was computed with."""
    reported = (report.school for report in standing.facts(SchoolReported))
    schools = sorted({*standing.marks(), *reported})
    return {
        "wake": None if pupil.attention.wakes is None else pupil.attention.wakes.isoformat(),
        "schools": schools,
        "calendars": {school: calendars.of(school).fingerprint for school in schools},
    }


def _event(change: Change, said: Mapping[str, list[Any]], cause: Cause, crossing: ToChain) -> Event:
    if change.finding is not None:
        data = {**crossing.finding(change.finding), "revision": change.revision}
    else:
        data = {**said[change.finding_id][3], "revision": change.revision}
    return Event(
        id=derived_id(
            "finding-event", data["finding"], str(change.revision), change.what, change.content_hash
        ),
        source=SOURCE,
        name=f"finding-{change.what}",
        time=cause.event.time,
        data=data,
        causation=crossing.fact(cause.event.id) if cause.of_a_school else cause.event.id,
        traceparent=cause.event.traceparent,
    )


def _said_now(
    said: Mapping[str, list[Any]], changes: list[Change], events: list[Event]
) -> dict[str, list[Any]]:
    """Per finding: the last revision, its content hash, whether it stands, and its data as the chain last heard it."""
    now = dict(said)
    for change, event in zip(changes, events, strict=True):
        now[change.finding_id] = [
            change.revision,
            change.content_hash,
            change.finding is not None,
            event.data,
        ]
    return now
