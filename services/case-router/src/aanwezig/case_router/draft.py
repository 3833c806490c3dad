"""One input's work on one dossier: cases change, and each change is an event and a line of the journal, in one stroke."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from aanwezig.case_router import journal, route, terms
from aanwezig.case_router.dossier import DOORSTROOMPUNT, JOIN_ONLY, Case, Dossier
from aanwezig.case_router.journal import Details, Entry
from aanwezig.case_router.route import Answer
from aanwezig.contracts.messages import Actor, CaseSaid, DecisionRefused, Proposal, Subject, Track
from aanwezig.law.calendar import Calendars, SchoolCalendar

NOTHING: Final = Details()
_JOINED_OR_LEFT: Final = frozenset({"case-finding-joined", "case-finding-left"})


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
    """Collects what one cause does to one dossier. `role` is that of the person who acts, where one does."""

    def __init__(
        self, dossier: Dossier, cause: Cause, calendars: Calendars, *, role: str | None = None
    ) -> None:
        self.dossier = dossier
        self.cause = cause
        self._calendars = calendars
        self._role = role
        self._events: list[CaseEvent] = []

    def calendar(self, case: Case) -> SchoolCalendar:
        """The calendar of the school of the case's first finding; none: Monday to Friday."""
        return self._calendars.of(case.school or "")

    def note(self, case: Case, name: str, actor: Actor, details: Details = NOTHING) -> Case:
        """Writes a line in the journal of a case without saying anything; gives the case with the line."""
        return self._written(case, name, actor, details, case.revision)

    def say(self, case: Case, name: str, actor: Actor, details: Details = NOTHING) -> Case:
        """Raises the revision of a case and says what happened to it; gives the case with the line in its journal."""
        before = self.dossier.case(case.id)
        after = self._written(case, name, actor, details, case.revision + 1)
        said = self._said(after, name, actor, details)
        self._events.append(
            CaseEvent(name, said, after.subject, None if before is None else before.track, self.cause)
        )
        return after

    def _written(self, case: Case, name: str, actor: Actor, details: Details, revision: int) -> Case:
        before = self.dossier.case(case.id)
        changed = case.fields() if before is None else case.fields_beyond(before)
        role = self._role if actor.kind == "person" else None
        line = Entry(
            0, revision, name, self.cause.time, self.cause.id, actor, role, case.track, case.proposed, details, changed
        ).after(case.journal)  # fmt: skip
        after = replace(case, revision=revision, journal=(*case.journal, line))
        self.dossier = self.dossier.with_case(after)
        return after

    def _said(self, case: Case, name: str, actor: Actor, details: Details) -> CaseSaid:
        optional: dict[str, Any] = {
            "proposed": case.proposed,
            "motive": details.motive,
            "step": details.step,
            "outcome": case.outcome,
            "due": details.due or case.due,
            "timer": details.timer,
            "to": details.to,
            "about": details.about,
            "left": details.left,
            "no_due": case.no_due,
            "not_halt": list(details.not_halt) or None,
            "contradiction": details.contradiction,
            "news": self._news(name, details),
            "home_since": self.dossier.home_since(case),
            "blocked": case.blocks,
            "adult": self.dossier.is_of_an_adult(case) or None,
            "day": self.cause.day,
            "journal": case.journal[-1].hash,
        }
        return CaseSaid(
            case=case.id, revision=case.revision, pupil=self.dossier.pupil, school=case.school,
            municipality=case.municipality, track=case.track, status=case.status,
            findings=[known.id for known in self.dossier.standing_in(case)], actor=actor,
            **{field: value for field, value in optional.items() if value is not None},
        )  # fmt: skip

    def _news(self, name: str, details: Details) -> str | None:
        """The good news that the finding brings which joined or left; None where it brings none."""
        if name not in _JOINED_OR_LEFT or details.about is None:
            return None
        kind = self.dossier.findings[details.about].kind
        return kind if kind in JOIN_ONLY else None

    def answers(self, case: Case) -> list[Answer]:
        """What the table answers for each finding of a case, from old to new."""
        return [
            route.answer(self.dossier.asked(case, known), known.id) for known in self.dossier.routed_in(case)
        ]

    def ask_table(self, case: Case) -> Case:
        """Asks the routing table for every finding of a case, and does what it answers (`rules.md` 4)."""
        answer = route.combined(self.answers(case))
        if answer is None:
            return case
        heavier = case.track is None or route.WEIGHT[answer.track] > route.WEIGHT[case.track]
        if case.track == answer.track and answer.mode == "routed" and answer.rule in route.HELP_FIRST:
            case = self._about(case, answer)
        acts = heavier and answer.key not in case.weighed
        if acts and answer.mode == "routed":
            return self._decided_by_rule(case, answer)
        # Over eighteen the case is the Doorstroompunt's: no force is proposed to it any more.
        acts = acts and DOORSTROOMPUNT not in case.told
        wanted = Proposal(track=answer.track, rule=answer.rule, subject=answer.subject) if acts else None
        if wanted == case.proposed:
            return case
        if wanted is None:
            return self.drop(case, answer.rule)
        proposing = terms.on_proposal(case.terms, self.cause.day, self.calendar(case))
        return self.say(
            replace(case, proposed=wanted, terms=proposing), "case-track-proposed", by_rule(answer.rule),
            Details(motive=answer.note, about=answer.about, not_halt=self._not_halt(case, answer)),
        )  # fmt: skip

    def drop(self, case: Case, rule: str) -> Case:
        """What waited for an officer is no longer proposed: the case keeps the track it has."""
        ended = terms.on_proposal(case.terms, None, self.calendar(case))
        return self.say(replace(case, proposed=None, terms=ended), "case-proposal-dropped", by_rule(rule))

    def _about(self, case: Case, answer: Answer) -> Case:
        if case.subject == answer.subject:
            return case
        return self.note(replace(case, subject=answer.subject), "subject-changed", by_rule(answer.rule))

    def _decided_by_rule(self, case: Case, answer: Answer) -> Case:
        calendar = self.calendar(case)
        running = terms.on_proposal(case.terms, None, calendar)
        routed = replace(
            case, track=answer.track, subject=answer.subject, proposed=None,
            terms=terms.on_track(running, answer.track, self.cause.day, calendar),
        )  # fmt: skip
        details = Details(about=answer.about, not_halt=self._not_halt(case, answer))
        return self.say(routed, journal.TRACK_DECIDED, by_rule(answer.rule), details)

    def _not_halt(self, case: Case, answer: Answer) -> tuple[str, ...]:
        known = self.dossier.findings[answer.about]
        return route.not_halt(self.dossier.asked(case, known), answer)

    def done(self, *, refused: DecisionRefused | None = None) -> Turn:
        """What was done. `refused`: the answer to a command that was not carried out."""
        return Turn(self.dossier, tuple(self._events), refused)


def by_rule(rule: str) -> Actor:
    """The actor that a row of the table, or another rule of ours, is: its id with the table's version."""
    return Actor(kind="rule", id=f"{rule}@{route.VERSION}")
