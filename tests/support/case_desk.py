"""One pupil's dossier as a test works with it: inputs in, case events out, without a store or a broker."""

from datetime import date
from typing import Any, Final

from aanwezig.case_router import commands, days, findings, terms
from aanwezig.case_router.commands import Command
from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.draft import CaseEvent, Cause, Turn
from aanwezig.case_router.people import Speaker
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.journals import first_disagreement
from aanwezig.contracts.messages import DecisionTaken, FindingSaid, OutcomeRecorded, StepRecorded
from aanwezig.law.calendar import Calendars
from support.chain_events import (
    a_decision,
    a_finding,
    a_step,
    an_outcome,
    command_event,
    day_closed_event,
    finding_event,
)

OFFICER: Final = Speaker("mw-van-dijk", "attendance-officer", None)
"""An officer of the whole region."""
PUPIL = "11111111111111111111111111111111"
_FORMS: Final[dict[str, type[DecisionTaken | StepRecorded | OutcomeRecorded]]] = {
    "decision-taken": DecisionTaken,
    "step-recorded": StepRecorded,
    "outcome-recorded": OutcomeRecorded,
}


class Desk:
    """Everything said so far stands in `events`; what the last input said is given back."""

    def __init__(self, calendars: Calendars | None = None, speaker: Speaker | None = OFFICER) -> None:
        self.speaker = speaker
        self.dossier = Dossier(PUPIL)
        self.calendars = calendars or Calendars()
        self.closed: date | None = None
        self.events: list[CaseEvent] = []
        self.refusals: list[str] = []
        self._commands = 0

    @property
    def case(self) -> Case:
        """The newest case."""
        return self.dossier.cases[-1]

    def hears(self, kind: str = "statutory", happened: str = "raised", **more: Any) -> list[CaseEvent]:
        """A finding about the pupil."""
        return self.takes(finding_event(a_finding(PUPIL, kind, **more), happened))

    def decides(self, track: str, *, on: date = date(2024, 10, 3), **more: Any) -> list[CaseEvent]:
        """An officer decides on the case as it stands, unless told otherwise."""
        case, revision = more.pop("case", self.case.id), more.pop("revision", self.case.revision)
        return self._commands_in("decision-taken", a_decision(case, revision, track, **more), on)

    def steps(self, step: str, on: date = date(2024, 10, 4)) -> list[CaseEvent]:
        """An officer records a step."""
        return self._commands_in("step-recorded", a_step(self.case.id, step, on), on)

    def concludes(self, outcome: str = "naar-school", on: date = date(2024, 11, 1)) -> list[CaseEvent]:
        """An officer records how it ended."""
        return self._commands_in("outcome-recorded", an_outcome(self.case.id, outcome), on)

    def closes(self, day: date) -> list[CaseEvent]:
        """A date closes."""
        return self.takes(day_closed_event(day))

    def takes(self, event: Event) -> list[CaseEvent]:
        """Any event of the two topics."""
        turn = self._turn(event)
        # Through the store's form and back: what a dossier remembers is what is kept of it.
        self.dossier = Dossier.from_state(turn.dossier.as_state())
        assert self.dossier == turn.dossier
        for case in self.dossier.cases:
            assert Case.of_journal(case.journal) == case
            assert (
                first_disagreement(
                    [entry.as_line() for entry in case.journal], {"revision": case.revision, **case.fields()}
                )
                is None
            )
        self.events.extend(turn.events)
        if turn.refused is not None:
            self.refusals.append(turn.refused.reason)
        return list(turn.events)

    def _turn(self, event: Event) -> Turn:
        if event.name == "day-closed":
            self.closed = max(self.closed or date.min, date.fromisoformat(event.data["date"]))
            return days.day_closed(self.dossier, self.closed, self._cause(event, self.closed), self.calendars)
        if event.name.startswith("finding-"):
            said = FindingSaid.model_validate(event.data)
            cause = self._cause(event, terms.day_of_finding(said.at, self.closed))
            stands = event.name != "finding-withdrawn"
            return findings.heard(self.dossier, said, cause, self.calendars, stands=stands)
        command = Command(
            f"{event.source} {event.id}", event.id, _FORMS[event.name].model_validate(event.data)
        )
        cause = self._cause(event, terms.day_of_command(event.time.date(), self.closed))
        return commands.carried_out(self.dossier, command, cause, self.calendars, self.speaker)

    def _cause(self, event: Event, day: date) -> Cause:
        return Cause(event.id, event.time, event.traceparent, day)

    def _commands_in(self, name: str, data: dict[str, Any], on: date) -> list[CaseEvent]:
        self._commands += 1
        return self.takes(command_event(name, data, command=f"command-{self._commands}", on=on))


def names(events: list[CaseEvent]) -> list[str]:
    """What happened, in short names."""
    return [event.name.removeprefix("case-") for event in events]
