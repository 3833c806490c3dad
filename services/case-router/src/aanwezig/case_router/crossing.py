"""Where a case event goes, and what of it may cross into justice: the only place that knows both sides.

Chain and justice exclude each other (`domain.md` 5, P-1 and P-2): own pseudonyms, own ids, and only after an officer
decided. What crosses is an allow-list, of events and of fields; everything else stays. Back come Halt's results alone, as
commands under the id that justice knows.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from aanwezig.case_router.dossier import Case
from aanwezig.case_router.draft import CaseEvent
from aanwezig.case_router.grounds import Refusal
from aanwezig.case_router.journal import decided_on
from aanwezig.chassis.errors import Unprocessable
from aanwezig.contracts.allowed import ALLOWED, FOR_OFFICERS, not_allowed
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, crossed, derived_id
from aanwezig.contracts.messages import (
    Actor,
    CaseSaid,
    DecisionTaken,
    OutcomeRecorded,
    Proposal,
    Status,
    Step,
    StepRecorded,
    Track,
)
from aanwezig.contracts.topics import (
    CASES_CARE_MEETING,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CASES_PREVENTION,
    CROSSINGS,
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
JUSTICE_EVENTS: Final = ALLOWED[CROSSINGS.name].events
JUSTICE_STEPS: Final[frozenset[Step]] = frozenset({
    "halt-referred", "halt-completed", "halt-failed", "halt-refused", "report-sent", "verdict",
})  # fmt: skip
JUSTICE_FIELDS: Final = ALLOWED[CROSSINGS.name].fields
"""`findings` is always empty; `proposed` holds the decided track and its subject; no motive, no outcome, no cause."""
STEPS_BACK: Final[frozenset[Step]] = frozenset({"halt-completed", "halt-failed", "halt-refused", "verdict"})
"""What may be recorded under the id that justice knows: what became of it there."""
NOT_FROM_JUSTICE: Final = "not-from-justice"
PARTNER_FIELDS: Final = ALLOWED[CASES_PREVENTION.name].fields
"""What a partner's task needs: which case, of whom, how it stands, what was done and what is due.

`actor` is without names, and `findings` empty: which absence it was is the officer's to tell.
"""
_DECISION: Final = "decision"
_OURS: Final = Actor(kind="rule", id="case-router")


def event_of(happened: CaseEvent) -> Event:
    """The event that says what happened to a case: its id depends on case, revision and name alone."""
    said, cause = happened.said, happened.cause
    return Event(
        id=derived_id("case-event", said.case, str(said.revision), happened.name), source=SOURCE, name=happened.name,
        time=cause.time, data=said.said(), sequence=said.revision, causation=cause.id, traceparent=cause.traceparent,
    )  # fmt: skip


def to_partners(happened: CaseEvent) -> list[tuple[str, Event]]:
    """What the partners of the case's track hear, with their topic: an event of its own, with only `PARTNER_FIELDS`.

    What is an officer's alone (a proposal, what speaks against a decision, the term to decide, its motive) and what the
    meldcode desk is told are not for partners; nor is the name of the rule, which may tell of a signal.
    """
    said = happened.said
    topic = None if said.track is None else CHAIN_TOPIC.get(said.track)
    for_officers = happened.name in FOR_OFFICERS or said.timer == _DECISION or said.to == "meldcode-desk"
    if topic is None or for_officers:
        return []
    data = {name: value for name, value in said.said().items() if name in PARTNER_FIELDS}
    data["findings"] = []
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


def to_justice(happened: CaseEvent, key: bytes) -> list[Event]:
    """What crosses into justice: nothing before a person decided for Halt or a police report.

    When an officer takes the case off such a track, that track hears that the case is withdrawn from it.
    """
    said, before = happened.said, happened.before
    crossing: list[Event] = []
    if before in JUSTICE_TOPIC and said.track != before:
        crossing.append(_crossed(happened, before, key, name="case-withdrawn", status="withdrawn"))
    if said.track in JUSTICE_TOPIC and _may_cross(happened):
        crossing.append(_crossed(happened, said.track, key, name=happened.name, status=said.status))
    return crossing


def admitted(event: Event, key: str | None) -> CaseSaid:
    """What crossed, as the justice instance takes it in: once more only what is on the list.

    Raises:
        Unprocessable: it is no word about a case of justice, or holds what may not cross.
    """
    try:
        said = CaseSaid.model_validate(event.data)
    except ValidationError:
        raise Unprocessable("not-the-contract") from None
    allowed = (
        not not_allowed(CROSSINGS.name, event.as_json())
        and said.case == key
        and said.track in JUSTICE_TOPIC
        and not said.findings
        and (said.step is None or said.step in JUSTICE_STEPS)
        and (said.actor.kind == "person" or said.actor == _OURS)
    )
    if not allowed:
        raise Unprocessable("may-not-cross")
    return said


def track_of(said: CaseSaid) -> Track:
    """The track of what was admitted.

    Raises:
        ValueError: it was not.
    """
    if said.track is None:
        raise ValueError("nothing without a track crosses")
    return said.track


def names_of(cases: Sequence[Case], key: bytes) -> dict[str, str]:
    """The ids under which justice knows those of these cases that crossed, each with the id it has here."""
    return {
        crossed(case.id, "justice", key): case.id
        for case in cases
        if any(decided_on(entry, track) for entry in case.journal for track in JUSTICE_TOPIC)
    }


def refusal_from_justice(said: DecisionTaken | StepRecorded | OutcomeRecorded) -> Refusal | None:
    """Why a command under the id that justice knows is refused: it is not about what became of the case there."""
    if isinstance(said, StepRecorded) and said.step in STEPS_BACK and said.blocked_by is None:
        return None
    return Refusal(NOT_FROM_JUSTICE, "domain 5, P-1: only what became of it comes back")


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
    return actor if actor.kind == "person" else _OURS
