"""From one pupil's facts to what is to be said of it: the classifier's mind, pure.

One cause, one evaluation, one set of changes: however facts were batched, each event has one fact behind it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.crossing import ToChain
from aanwezig.classifier.memory import Pupil
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded, PersonRecorded, Word, about_of, natural_key
from aanwezig.contracts.findings import NOT_OF_THE_CHAIN, Finding
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


def happened_on(word: Word) -> date | None:
    """The date of something that happened; None for facts that may be told beforehand (an enrolment, a leave)."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        return fact.date
    return about_of(natural_key(word)) if word.name in _HAPPENINGS else None


def as_of(pupil: Pupil, closed: date | None) -> date | None:
    """The date up to which a pupil's facts are seen: the last closed day, or a later one on which something happened."""
    return max((day for day in (pupil.latest, closed) if day is not None), default=None)


def of_the_chain(kind: str) -> bool:
    """Whether findings of this kind are said to the chain: sickness is health's, what is about a school is the school's."""
    return kind not in NOT_OF_THE_CHAIN


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
    told = [finding for finding in found if of_the_chain(finding.kind)]
    changes = difference({key: (row[0], row[1], row[2]) for key, row in said.items()}, told)
    index = _index(pupil, standing, law)
    if kept is not None and not changes and kept.index == index:
        return []
    if kept is None:
        # Of nobody of whom nothing can be found, whatever changes beside its facts: no school, no date to come, no home.
        if not (changes or index["schools"] or index["wake"] or _lives_somewhere(standing)):
            return []
        kept = pupil.kept = Kept(pseudonym, partition)
    kept.partition = partition
    events = [_event(change, said, cause, crossing) for change in changes]
    kept.state = {"said": _said_now(said, changes, events), "offset": offset}
    kept.index = index
    kept.owed = [*kept.owed, *(Outgoing.event(FINDINGS.name, event.data["pupil"], event) for event in events)]
    return events


def _lives_somewhere(standing: Standing) -> bool:
    """Whether a residence was told: other packs there may find absence where there is no school."""
    return any(told.resident_from is not None for told in standing.facts(PersonRecorded))


def _index(pupil: Pupil, standing: Standing, law: Law) -> dict[str, Any]:
    """What the document is found by: the date it wakes, its schools, and the calendars and packs it was computed with."""
    schools = sorted(standing.schools())
    return {
        "wake": None if pupil.attention.wakes is None else pupil.attention.wakes.isoformat(),
        "schools": schools,
        "calendars": {school: law.calendars.of(school).fingerprint for school in schools},
        "grounds": law.grounds(standing, schools),
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
