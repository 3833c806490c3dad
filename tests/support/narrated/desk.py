"""A story told again offline: its facts to the law as `aanwezig classify` asks it, its findings to the routing table."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from aanwezig.case_router import route
from aanwezig.case_router.dossier import HEALTH, Case, Dossier, Known
from aanwezig.case_router.grounds import Refusal, refusal_of_decision
from aanwezig.case_router.journal import Details, Entry
from aanwezig.case_router.route import Answer
from aanwezig.cli.offline import Facts
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import Actor, Consent, DecisionTaken, FindingSaid, Proposal, Track
from aanwezig.law import packs
from support.narrated.places import Child, Event
from support.narrated.story import About, AsOf, Decided, Ended, Scenario, Took

PACK = packs.load("nl-2024")
OFFICER = Actor(kind="person", id="officer")
Row = dict[str, Any]


def take_in(events: Iterable[Event]) -> Facts:
    """The facts, all of which the validator must accept."""
    facts = Facts()
    for event in events:
        refusals = facts.take(json.dumps(event).encode())
        assert refusals == [], (event, refusals)
    return facts


def known_by(scenario: Scenario, one: AsOf) -> list[Event]:
    """What had been logged by the date, if the conclusion names one; otherwise everything."""
    if one.known is None:
        return scenario.events
    return [event for event in scenario.events if event["time"][:10] <= one.known]


def findings_of(facts: Facts, one: AsOf) -> list[Row]:
    """The findings that stand as of the date, as the command line prints them."""
    return json.loads(json.dumps(facts.findings(PACK, one.day, one.definition)))  # type: ignore[no-any-return]


class Telling:
    """One story told: what is known by each date is taken in once, and each conclusion is asked for once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._facts: dict[str | None, Facts] = {}
        self._rows: dict[int, list[Row]] = {}

    def findings(self, one: AsOf) -> list[Row]:
        """What stands by a conclusion of this story."""
        if id(one) not in self._rows:
            if one.known not in self._facts:
                self._facts[one.known] = take_in(known_by(self._scenario, one))
            self._rows[id(one)] = findings_of(self._facts[one.known], one)
        return self._rows[id(one)]


def of_child(rows: Iterable[Row], child: Child) -> list[Row]:
    return [row for row in rows if row["pupil"] == child.ref]


def name_of(row: Row) -> About:
    return row["kind"], row["ordinal"]


class Desk:
    """One child's dossier as the router would keep it, were all findings of a date one case with the steps so far."""

    def __init__(self, scenario: Scenario, child: Child, rows: Iterable[Row], day: date) -> None:
        own = [row for row in of_child(rows, child) if row["kind"] != "late-report"]
        known = [Known.of(FindingSaid.model_validate(row | {"pupil": "p"}), stands=True) for row in own]
        self._names = {row["finding"]: name_of(row) for row in own}
        chain = sorted((one for one in known if one.kind not in HEALTH), key=lambda one: one.order)
        self._health = [one for one in known if one.kind in HEALTH]
        first = chain[0] if chain else known[0]
        self.case = Case(
            id=derived_id("case", child.ref["number"], "1"), number=1, opened=first.at, revision=1, track="prevention",
            school_year=first.school_year, school=first.school, municipality=first.municipality,
            findings=tuple(one.id for one in chain),
            journal=tuple(self._entry(one) for one in scenario.done if not isinstance(one, Ended) and _happened(one, child, day)),
        )  # fmt: skip
        self.dossier = Dossier("p", {one.id: one for one in known}, (self.case,))

    def answers(self) -> list[Answer]:
        """For each finding the table is asked for, what it says."""
        asked = self.dossier.routed_in(self.case)
        return [route.answer(self.dossier.asked(self.case, known), known.id) for known in asked]

    def answer(self) -> Answer:
        """For the case; of a child with findings for health alone, for that case."""
        combined = route.combined(self.answers() or self.health())
        assert combined is not None
        return combined

    def health(self) -> list[Answer]:
        return [route.answer(self.dossier.asked(self.case, known), known.id) for known in self._health]

    def by_row(self) -> dict[About, str]:
        """Which row answers for which finding."""
        return {self._names[one.about]: one.rule for one in (*self.answers(), *self.health())}

    def refusal(self, decided: Decided) -> Refusal | None:
        """Whether the router would refuse a decision on what is proposed now, and why."""
        said = self.answer()
        waiting = Proposal(track=said.track, rule=said.rule, subject=said.subject)
        consent = decided.consent
        taken = DecisionTaken(
            case=self.case.id, revision=1, track=decided.track, subject=decided.subject, officer="officer",
            motive=decided.motive,
            consent=None if consent is None else Consent(youngster=consent[0], parents=consent[1]),
        )  # fmt: skip
        shown = Case(**{field: getattr(self.case, field) for field in Case.__slots__} | {"proposed": waiting})
        return refusal_of_decision(shown, taken, self.dossier.asked_for_decision(shown))

    @staticmethod
    def _entry(one: Took | Decided) -> Entry:
        moment = datetime.combine(date.fromisoformat(one.on), datetime.min.time(), UTC)
        if isinstance(one, Took):
            details = Details(step=one.step, on=date.fromisoformat(one.on))
            return _line("case-step-taken", moment, None, details)
        return _line("case-track-decided", moment, one.track, Details(motive=one.motive))


def _line(name: str, moment: datetime, track: Track | None, details: Details) -> Entry:
    return Entry(1, 1, name, moment, "cause", OFFICER, "attendance-officer", track, None, details, {})


def _happened(one: Took | Decided, child: Child, day: date) -> bool:
    refused = isinstance(one, Decided) and one.refused is not None
    return one.child == child and not refused and date.fromisoformat(one.on) <= day
