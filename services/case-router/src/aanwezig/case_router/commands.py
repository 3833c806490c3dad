"""What a command does to a dossier: a decision, a step, an outcome; or why it is refused.

A command is carried out once: what became of it stays in the dossier, under its key.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from aanwezig.case_router import grounds, handovers, journal, terms
from aanwezig.case_router.dossier import NOT_BLOCKED, Case, Dossier, Handled
from aanwezig.case_router.draft import Cause, Draft, Turn
from aanwezig.case_router.grounds import CLOSED_CASE, Refusal
from aanwezig.case_router.journal import Details
from aanwezig.case_router.people import Speaker
from aanwezig.case_router.roles import refusal_of_person
from aanwezig.contracts import outcomes
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


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it came: `key` tells it from every other, `id` is what its sender calls it."""

    key: str
    id: str
    said: Said

    @property
    def asked(self) -> str:
        """A hash of what is asked: the same id may not ask two things."""
        said = self.said.model_dump(mode="json")
        if said.get("blocked_by") is None:
            # As before this field was there: what was asked then is the same as what is asked again now.
            said.pop("blocked_by", None)
        form = [type(self.said).__name__, said]
        return hashlib.sha256(orjson.dumps(form, option=orjson.OPT_SORT_KEYS)).hexdigest()


def carried_out(
    dossier: Dossier,
    command: Command,
    cause: Cause,
    calendars: Calendars,
    speaker: Speaker | None,
    ground: Refusal | None = None,
) -> Turn:
    """What a command about a case of this dossier does; nothing when it was handled before.

    `speaker`: who is registered under the name that the command's actor says; None for nobody, and for a rule.

    Raises:
        KeyError: no such case in this dossier.
    """
    if command.key in dossier.handled:
        return Turn(dossier)
    said = command.said
    case = dossier.case(said.case)
    if case is None:
        raise KeyError("no such case in this dossier")
    draft = Draft(dossier, cause, calendars, role=None if speaker is None else speaker.role)
    refusal = ground or refusal_of_person(dossier, case, said, speaker) or _acted(draft, case, said)
    answer: DecisionRefused | None = None
    if refusal is not None:
        _note_attempt(draft, case, said, refusal)
        answer = refused(command, refusal, case.revision)
    turn = draft.done(refused=answer)
    after = turn.dossier.case(said.case) or case
    became = Handled(
        case.id, after.revision, command.asked,
        None if refusal is None else refusal.reason, None if refusal is None else refusal.article,
    )  # fmt: skip
    return replace(turn, dossier=turn.dossier.with_handled(command.key, became))


def _acted(draft: Draft, case: Case, said: Said) -> Refusal | None:
    if isinstance(said, DecisionTaken):
        return _decide(draft, case, said)
    return _step(draft, case, said) if isinstance(said, StepRecorded) else _conclude(draft, case, said)


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
    laid_before = [answer.key for answer in draft.answers(case)]
    decided = replace(
        case, track=said.track, subject=said.subject, proposed=None, status="in-progress", terms=running,
        weighed=tuple(sorted({*case.weighed, *laid_before})),
    )  # fmt: skip
    officer = Actor(kind="person", id=said.officer)
    details = Details(motive=said.motive, subject=said.subject, consent=said.consent)
    draft.say(decided, journal.TRACK_DECIDED, officer, details)
    return None


def _step(draft: Draft, case: Case, said: StepRecorded) -> Refusal | None:
    refusal = grounds.refusal_of_step(case, said)
    if refusal is None and said.date > draft.cause.day + timedelta(days=1):
        refusal = Refusal(grounds.DATE_IN_FUTURE)
    if refusal is not None:
        return refusal
    status: Status = "in-progress" if said.actor.kind == "person" else case.status
    running = terms.on_step(case.terms, said.step, said.date, draft.calendar(case))
    case = replace(case, status=status, terms=running).with_blocker(said.blocked_by, said.date)
    if said.step == "handed-over":
        handovers.by_person(draft, case, said)
        return None
    details = Details(step=said.step, on=said.date, note_code=said.note_code)
    case = draft.say(case, "case-step-taken", said.actor, details)
    if said.step in journal.READ_BY_THE_TABLE:
        # The table reads refusals and Halt results: rows `force` and `not-enrolled-refused` may answer from now on.
        draft.ask_table(case)
    return None


def _conclude(draft: Draft, case: Case, said: OutcomeRecorded) -> Refusal | None:
    if not case.is_open:
        return Refusal(CLOSED_CASE)
    code = outcomes.code_of(said.outcome)
    if code is None:
        return Refusal(grounds.UNKNOWN_OUTCOME, "domain 4.1: an outcome that the reports count")
    details = Details(outcome=code)
    case = draft.say(
        replace(case, outcome=code, status="in-progress"),
        "case-outcome-recorded",
        said.actor,
        details,
    )
    status: Status = "taken-note" if code == outcomes.TAKEN_NOTE else "closed"
    ended = replace(case, status=status, proposed=None, terms=()).with_blocker(NOT_BLOCKED, draft.cause.day)
    draft.say(ended, "case-closed", said.actor, details)
    return None


def _note_attempt(draft: Draft, case: Case, said: Said, refusal: Refusal) -> None:
    """A refused attempt stands in the journal; the case itself does not change."""
    actor = Actor(kind="person", id=said.officer) if isinstance(said, DecisionTaken) else said.actor
    draft.note(case, journal.REFUSED_COMMAND, actor, Details(reason=refusal.reason))
