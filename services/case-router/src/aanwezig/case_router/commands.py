"""What an officer's command does to a dossier: a decision, a step, an outcome; or why it is refused.

A command is carried out once: its id stays in the dossier, whatever became of it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from aanwezig.case_router import grounds, journal, route, terms
from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.draft import Cause, Draft, Turn
from aanwezig.case_router.grounds import CLOSED_CASE, Refusal
from aanwezig.case_router.journal import Details, Entry
from aanwezig.contracts.messages import (
    Actor,
    DecisionRefused,
    DecisionTaken,
    OutcomeRecorded,
    Status,
    StepRecorded,
)
from aanwezig.law.calendar import Calendars

Said = DecisionTaken | StepRecorded | OutcomeRecorded
_NOTED: Final = frozenset({"taken-note", "ter-kennisname", "ter-kennisname-dossier"})
"""Outcomes that mean: nothing needed now (`domain.md` 2.1, T2)."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it came: `key` tells it from every other, `id` is what its sender calls it."""

    key: str
    id: str
    said: Said


def carried_out(dossier: Dossier, command: Command, cause: Cause, calendars: Calendars) -> Turn:
    """What a command about a case of this dossier does; nothing when it was handled before.

    Raises:
        KeyError: no such case in this dossier.
    """
    if command.key in dossier.handled:
        return Turn(dossier)
    said = command.said
    case = dossier.case(said.case)
    if case is None:
        raise KeyError("no such case in this dossier")
    draft = Draft(dossier, cause, calendars)
    if isinstance(said, DecisionTaken):
        refusal = _decide(draft, case, said)
    elif isinstance(said, StepRecorded):
        refusal = _step(draft, case, said)
    else:
        refusal = _conclude(draft, case, said)
    if refusal is None:
        return draft.done(handled=command.key)
    _note_attempt(draft, case, said, refusal)
    return draft.done(handled=command.key, refused=refused(command, refusal, case.revision))


def refused(command: Command, refusal: Refusal, revision: int | None = None) -> DecisionRefused:
    """The answer to a command that is not carried out. `revision` is that of the case, where there is one."""
    return DecisionRefused(
        case=command.said.case,
        command=command.id,
        reason=refusal.reason,
        article=refusal.article,
        revision=revision,
    )


def _decide(draft: Draft, case: Case, said: DecisionTaken) -> Refusal | None:
    refusal = grounds.refusal_of_decision(case, said, draft.dossier.asked_for_decision(case))
    if refusal is not None:
        return refusal
    calendar = draft.calendar(case)
    running = terms.on_proposal(case.terms, None, calendar)
    if said.track != case.track:
        running = terms.on_track(running, said.track, draft.cause.day, calendar)
    laid_before = [
        route.answer(draft.dossier.asked(case, known), known.id).key
        for known in draft.dossier.routed_in(case)
    ]
    decided = replace(
        case, track=said.track, subject=said.subject, proposed=None, status="in-progress", terms=running,
        weighed=tuple(sorted({*case.weighed, *laid_before})),
    )  # fmt: skip
    officer = Actor(kind="person", id=said.officer)
    draft.say(decided, "case-track-decided", officer, Details(motive=said.motive, consent=said.consent))
    return None


def _step(draft: Draft, case: Case, said: StepRecorded) -> Refusal | None:
    refusal = grounds.refusal_of_step(case, said)
    if refusal is None and said.date > draft.cause.day + timedelta(days=1):
        refusal = Refusal(grounds.DATE_IN_FUTURE)
    if refusal is not None:
        return refusal
    status: Status = "in-progress" if said.actor.kind == "person" else case.status
    name = "case-handed-over" if said.step == "handed-over" else "case-step-taken"
    running = terms.on_step(case.terms, said.step, said.date, draft.calendar(case))
    details = Details(step=said.step, on=said.date, note_code=said.note_code)
    case = draft.say(replace(case, status=status, terms=running), name, said.actor, details)
    if said.step in journal.READ_BY_THE_TABLE:
        # The table reads refusals and Halt results: rows `force` and `not-enrolled-refused` may answer from now on.
        draft.ask_table(case)
    return None


def _conclude(draft: Draft, case: Case, said: OutcomeRecorded) -> Refusal | None:
    if not case.is_open:
        return Refusal(CLOSED_CASE)
    details = Details(outcome=said.outcome)
    case = draft.say(
        replace(case, outcome=said.outcome, status="in-progress"),
        "case-outcome-recorded",
        said.actor,
        details,
    )
    status: Status = "taken-note" if said.outcome.lower().replace(" ", "-") in _NOTED else "closed"
    draft.say(replace(case, status=status, proposed=None, terms=()), "case-closed", said.actor, details)
    return None


def _note_attempt(draft: Draft, case: Case, said: Said, refusal: Refusal) -> None:
    """A refused attempt stands in the journal; the case itself does not change."""
    actor = Actor(kind="person", id=said.officer) if isinstance(said, DecisionTaken) else said.actor
    attempt = Entry(
        case.revision, journal.REFUSED_COMMAND, draft.cause.time, draft.cause.id, actor, case.track, case.proposed,
        Details(reason=refusal.reason),
    )  # fmt: skip
    draft.keep(replace(case, journal=(*case.journal, attempt)))
