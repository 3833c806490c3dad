"""The officers who follow the region's script: which act is due in which case, and the command that carries it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from aanwezig.contracts.dates import AMSTERDAM, amsterdam_date
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import DecisionTaken, Message, OutcomeRecorded, StepRecorded
from aanwezig.contracts.topics import CASE_EVENTS
from aanwezig.region import OfficerAct, School
from aanwezig.region.officer import officer_of

_SOURCE: Final = f"{PLATFORM_SOURCE}-demo-officer"
_ACTS_AT: Final = time(15)
_ENDED: Final = frozenset({"closed", "taken-note", "withdrawn"})
_ANSWERS: Final = frozenset({"case-track-proposed", "case-track-decided"})
_NAMES_A_ROW: Final = _ANSWERS | {"case-opened", "case-finding-joined"}


@dataclass(slots=True)
class CaseSeen:
    """A case as its last event told it. `since`: per routing row the date on which it first answered for the case."""

    id: str
    pupil: str
    school: str | None
    municipality: str | None = None
    revision: int = 0
    track: str | None = None
    status: str = "registered"
    rule: str | None = None
    since: dict[str, date] = field(default_factory=dict)
    rows: set[str] = field(default_factory=set)
    done: set[int] = field(default_factory=set)


class Desk:
    """The officers' desk. `pseudonyms` are the chain's, by `PupilRef.text`; lesson days those of the schools."""

    def __init__(
        self, script: Iterable[OfficerAct], pseudonyms: Mapping[str, str], schools: Iterable[School]
    ) -> None:
        self._script = tuple(script)
        self._pseudonyms = pseudonyms
        self._lesson_days = {school.id: school.lesson_days() for school in schools}
        self.cases: dict[str, CaseSeen] = {}

    def hear(self, event: Event, open_since: date) -> None:
        """Takes in one event of `chain.cases.v1`. It happened on its own date, or on `open_since` where that is later."""
        if event.name not in CASE_EVENTS:
            return
        data = event.data
        case = self.cases.get(data["case"])
        if case is None:
            case = self.cases[data["case"]] = CaseSeen(data["case"], data["pupil"], data["school"])
        case.revision, case.track, case.status = data["revision"], data["track"], data["status"]
        case.municipality = data["municipality"]
        row = _row(event)
        if row is None:
            return
        case.rows.add(row)
        if event.name in _ANSWERS:
            case.rule = row
            case.since.setdefault(row, max(amsterdam_date(event.time), open_since))

    def due(self, today: date) -> list[tuple[str, Event]]:
        """The commands due by a date, each with its case as key; at most one a case, so that none is overtaken."""
        acts = (self._next(case, today) for case in self.cases.values() if case.status not in _ENDED)
        return [act for act in acts if act is not None]

    def _next(self, case: CaseSeen, today: date) -> tuple[str, Event] | None:
        waiting = []
        for number, act in enumerate(self._script):
            if number in case.done or act.rule not in case.since or not self._is_about(act, case):
                continue
            day = self._later(case.school, case.since[act.rule], act.after_lesson_days)
            if day is not None and day <= today:
                waiting.append((day, number, act))
        for day, number, act in sorted(waiting, key=lambda one: one[:2]):
            case.done.add(number)
            if act.rule == case.rule:
                return case.id, _event(number, case, act, day)
        return None

    def _is_about(self, act: OfficerAct, case: CaseSeen) -> bool:
        if act.pupil is not None:
            return self._pseudonyms.get(act.pupil) == case.pupil
        return all(self._pseudonyms.get(text) != case.pupil for text in act.excepted)

    def _later(self, school: str | None, since: date, lesson_days: int) -> date | None:
        days = self._lesson_days.get(school or "")
        if days is None:
            days = [
                day
                for day in (since + timedelta(number) for number in range(1, 366))
                if day.isoweekday() <= 5
            ]
        after = [day for day in days if day > since]
        return after[lesson_days - 1] if len(after) >= lesson_days else None


def _row(event: Event) -> str | None:
    """The routing row an event names: that of the proposal, else of the rule that acted."""
    if event.name not in _NAMES_A_ROW:
        return None
    actor = event.data["actor"]
    if event.name == "case-track-proposed" and event.data.get("proposed"):
        return str(event.data["proposed"]["rule"])
    return str(actor["id"]).partition("@")[0] if actor["kind"] == "rule" else None


def _event(number: int, case: CaseSeen, act: OfficerAct, day: date) -> Event:
    name, message = _command(case, act, day)
    return Event(
        id=derived_id("demo-officer", case.id, str(number)),
        source=_SOURCE,
        name=name,
        time=datetime.combine(day, _ACTS_AT, AMSTERDAM).astimezone(UTC),
        data=message.said(),
    )


def _command(case: CaseSeen, act: OfficerAct, day: date) -> tuple[str, Message]:
    officer = officer_of(case.municipality)
    actor = {"kind": "person", "id": officer}
    if act.command == "step":
        step = {"case": case.id, "step": act.step, "date": day, "actor": actor}
        return "step-recorded", StepRecorded.model_validate(step)
    if act.command == "outcome":
        outcome = {"case": case.id, "outcome": act.outcome, "actor": actor}
        return "outcome-recorded", OutcomeRecorded.model_validate(outcome)
    said: dict[str, Any] = {
        "case": case.id, "revision": case.revision, "track": act.track, "subject": act.subject, "officer": officer,
    }  # fmt: skip
    if act.motive is not None:
        said["motive"] = act.motive
    if act.consent is not None:
        youngster, parents = act.consent
        said["consent"] = {"youngster": youngster, "parents": parents}
    return "decision-taken", DecisionTaken.model_validate(said)
