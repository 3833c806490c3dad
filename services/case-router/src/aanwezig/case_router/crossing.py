"""Where a case event goes, and what of it may cross into justice: the only place that knows both sides.

Chain and justice exclude each other (`domain.md` 5, P-1 and P-2): own pseudonyms, own ids, and only after an officer
decided. What crosses is an allow-list, of events and of fields; everything else stays.
"""

from typing import Final

from aanwezig.case_router.draft import CaseEvent
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, crossed, derived_id
from aanwezig.contracts.messages import Actor, CaseSaid, Proposal, Status, Step, Track
from aanwezig.contracts.topics import (
    CASES_CARE_MEETING,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CASES_PREVENTION,
)

SOURCE: Final = f"{PLATFORM_SOURCE}-case-router"
CHAIN_TOPIC: Final[dict[Track, str]] = {
    "prevention": CASES_PREVENTION.name,
    "care-meeting": CASES_CARE_MEETING.name,
}
JUSTICE_TOPIC: Final[dict[Track, str]] = {
    "halt": CASES_HALT.name,
    "police-report": CASES_POLICE_REPORT.name,
}
JUSTICE_EVENTS: Final = frozenset({
    "case-track-decided", "case-step-taken", "case-outcome-recorded", "case-closed", "case-withdrawn",
})  # fmt: skip
JUSTICE_STEPS: Final[frozenset[Step]] = frozenset({
    "halt-referred", "halt-completed", "halt-failed", "halt-refused", "report-sent", "verdict",
})  # fmt: skip
JUSTICE_FIELDS: Final = frozenset({
    "case", "revision", "pupil", "school", "municipality", "track", "proposed", "status", "findings", "actor", "step",
    "due",
})  # fmt: skip
"""`findings` is always empty; `proposed` holds the decided track and its subject; no motive, no outcome, no cause."""
PARTNER_FIELDS: Final = frozenset({
    "case", "revision", "pupil", "school", "municipality", "track", "status", "findings", "actor", "step", "due", "timer",
    "to",
})  # fmt: skip
"""What a partner's task needs: which case, of whom, how it stands, what was done and what is due. `actor` without names."""
_DECISION: Final = "decision"


def event_of(happened: CaseEvent) -> Event:
    """The event that says what happened to a case: its id depends on case, revision and name alone."""
    said, cause = happened.said, happened.cause
    return Event(
        id=derived_id("case-event", said.case, str(said.revision), happened.name), source=SOURCE, name=happened.name,
        time=cause.time, data=said.said(), sequence=said.revision, causation=cause.id, traceparent=cause.traceparent,
    )  # fmt: skip


def to_partners(happened: CaseEvent) -> list[tuple[str, Event]]:
    """What the partners of the case's track hear, with their topic: an event of its own, with only `PARTNER_FIELDS`.

    A proposal for force and the term to decide on it, the motive of an officer, and what the meldcode desk is told are not
    for partners; nor is the name of the rule, which may tell of a signal.
    """
    said = happened.said
    topic = None if said.track is None else CHAIN_TOPIC.get(said.track)
    for_officers = (
        happened.name == "case-track-proposed" or said.timer == _DECISION or said.to == "meldcode-desk"
    )
    if topic is None or for_officers:
        return []
    data = {name: value for name, value in said.said().items() if name in PARTNER_FIELDS}
    data["actor"] = {
        "kind": said.actor.kind,
        "id": "officer" if said.actor.kind == "person" else "case-router",
    }
    if said.proposed is not None:
        # Of two dates due, the nearer may be that of the decision: only a term of the track itself is told.
        data.pop("due", None)
    event = Event(
        id=derived_id("partner-event", said.case, str(said.revision), happened.name), source=SOURCE,
        name=happened.name, time=happened.cause.time, data=data, sequence=said.revision,
        causation=happened.cause.id, traceparent=happened.cause.traceparent,
    )  # fmt: skip
    return [(topic, event)]


def to_justice(happened: CaseEvent, key: bytes) -> list[tuple[str, Event]]:
    """What crosses into justice, with its topics: nothing before a person decided for Halt or a police report.

    When an officer takes the case off such a track, that track hears that the case is withdrawn from it.
    """
    said, before = happened.said, happened.before
    crossing: list[tuple[str, Event]] = []
    if before in JUSTICE_TOPIC and said.track != before:
        crossing.append(
            (
                JUSTICE_TOPIC[before],
                _crossed(happened, before, key, name="case-withdrawn", status="withdrawn"),
            )
        )
    if said.track in JUSTICE_TOPIC and _may_cross(happened):
        crossing.append(
            (
                JUSTICE_TOPIC[said.track],
                _crossed(happened, said.track, key, name=happened.name, status=said.status),
            )
        )
    return crossing


def _may_cross(happened: CaseEvent) -> bool:
    step = happened.said.step
    return happened.name in JUSTICE_EVENTS and (step is None or step in JUSTICE_STEPS)


def _crossed(happened: CaseEvent, track: Track, key: bytes, *, name: str, status: Status) -> Event:
    said = happened.said
    case = crossed(said.case, "justice", key)
    data = CaseSaid(
        case=case, revision=said.revision, pupil=crossed(said.pupil, "justice", key), school=said.school,
        municipality=said.municipality, track=track, status=status, findings=[], actor=_actor(said.actor),
        proposed=Proposal(track=track, rule=_DECISION, subject=happened.subject),
    ).said()  # fmt: skip
    if said.step is not None:
        data["step"] = said.step
    if said.due is not None:
        data["due"] = said.due.isoformat()
    # No trace and no cause: neither domain may find the other's events by them.
    return Event(
        id=derived_id("justice-event", case, track, str(said.revision), name), source=SOURCE, name=name,
        time=happened.cause.time, data=data, sequence=said.revision,
    )  # fmt: skip


def _actor(actor: Actor) -> Actor:
    """The officer who decided is known to justice; which rule of the chain spoke is not."""
    return actor if actor.kind == "person" else Actor(kind="rule", id="case-router")
