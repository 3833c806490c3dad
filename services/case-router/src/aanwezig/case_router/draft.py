"""One input's work on one dossier: cases change, and each change is an event and a line of the journal, in one stroke."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from aanwezig.case_router import route, terms
from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.journal import Details, Entry
from aanwezig.case_router.route import Answer
from aanwezig.contracts.messages import Actor, CaseSaid, DecisionRefused, Proposal, Subject, Track
from aanwezig.law.calendar import Calendars, SchoolCalendar

NOTHING: Final = Details()


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that causes: its id, time and trace are carried on. `day` is the date on which it takes effect."""

    id: str
    time: datetime
    traceparent: str | None
    day: date


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """A case event that happened: its name, the case after it, for whom the track is, and the track it came from."""

    name: str
    said: CaseSaid
    subject: Subject
    before: Track | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Turn:
    """What one input did: the dossier after it, the events of its cases, and the refusal of a command."""

    dossier: Dossier
    events: tuple[CaseEvent, ...] = ()
    refused: DecisionRefused | None = None


class Draft:
    """Collects what one cause does to one dossier."""

    def __init__(self, dossier: Dossier, cause: Cause, calendars: Calendars) -> None:
        self.dossier = dossier
        self.cause = cause
        self._calendars = calendars
        self._events: list[CaseEvent] = []

    def calendar(self, case: Case) -> SchoolCalendar:
        """The calendar of the school of the case's first finding; none: Monday to Friday."""
        return self._calendars.of(case.school or "")

    def keep(self, case: Case) -> Case:
        """Changes a case without an event."""
        self.dossier = self.dossier.with_case(case)
        return case

    def say(self, case: Case, name: str, actor: Actor, details: Details = NOTHING) -> Case:
        """Raises the revision of a case and says what happened to it; gives the case with the line in its journal."""
        entry = Entry(
            case.revision + 1, name, self.cause.time, self.cause.id, actor, case.track, case.proposed, details
        )
        before = self.dossier.case(case.id)
        after = replace(case, revision=entry.revision, journal=(*case.journal, entry))
        self.dossier = self.dossier.with_case(after)
        said = self._said(after, actor, details)
        self._events.append(
            CaseEvent(name, said, after.subject, None if before is None else before.track, self.cause)
        )
        return after

    def _said(self, case: Case, actor: Actor, details: Details) -> CaseSaid:
        optional: dict[str, Any] = {
            "proposed": case.proposed,
            "motive": details.motive,
            "step": details.step,
            "outcome": case.outcome,
            "due": details.due or case.due,
            "timer": details.timer,
            "to": details.to,
            "about": details.about,
        }
        return CaseSaid(
            case=case.id, revision=case.revision, pupil=self.dossier.pupil, school=case.school,
            municipality=case.municipality, track=case.track, status=case.status,
            findings=[known.id for known in self.dossier.standing_in(case)], actor=actor,
            **{name: value for name, value in optional.items() if value is not None},
        )  # fmt: skip

    def ask_table(self, case: Case) -> Case:
        """Asks the routing table for every finding of a case, and does what it answers (`rules.md` 4)."""
        given = [
            route.answer(self.dossier.asked(case, known), known.id) for known in self.dossier.routed_in(case)
        ]
        answer = route.combined(given)
        if answer is None:
            return case
        heavier = case.track is None or route.WEIGHT[answer.track] > route.WEIGHT[case.track]
        if case.track == answer.track and answer.mode == "routed" and answer.rule in route.HELP_FIRST:
            case = self.keep(replace(case, subject=answer.subject))
        acts = heavier and answer.key not in case.weighed
        if acts and answer.mode == "routed":
            return self._decided_by_rule(case, answer)
        wanted = Proposal(track=answer.track, rule=answer.rule, subject=answer.subject) if acts else None
        if wanted == case.proposed:
            return case
        if wanted is None:
            # What waited for an officer is no longer proposed: the case falls back to the track it has.
            dropped = replace(
                case, proposed=None, terms=terms.on_proposal(case.terms, None, self.calendar(case))
            )
            return self.say(dropped, "case-track-decided", by_rule(answer.rule))
        proposing = terms.on_proposal(case.terms, self.cause.day, self.calendar(case))
        return self.say(
            replace(case, proposed=wanted, terms=proposing),
            "case-track-proposed", by_rule(answer.rule), Details(motive=answer.note),
        )  # fmt: skip

    def _decided_by_rule(self, case: Case, answer: Answer) -> Case:
        calendar = self.calendar(case)
        running = terms.on_proposal(case.terms, None, calendar)
        routed = replace(
            case, track=answer.track, subject=answer.subject, proposed=None,
            terms=terms.on_track(running, answer.track, self.cause.day, calendar),
        )  # fmt: skip
        return self.say(routed, "case-track-decided", by_rule(answer.rule))

    def done(self, *, handled: str | None = None, refused: DecisionRefused | None = None) -> Turn:
        """What was done. `handled` is the id of the command this was for."""
        dossier = self.dossier
        if handled is not None:
            dossier = replace(dossier, handled=(*dossier.handled, handled))
        return Turn(dossier, tuple(self._events), refused)


def by_rule(rule: str) -> Actor:
    """The actor that a row of the table, or another rule of ours, is: its id with the table's version."""
    return Actor(kind="rule", id=f"{rule}@{route.VERSION}")
