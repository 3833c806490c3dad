"""Any course a case can take: findings come, change and go, days close, officers decide, and what must hold holds."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aanwezig.case_router import crossing, route
from aanwezig.case_router.dossier import DOORSTROOMPUNT, Case
from aanwezig.case_router.journal import decided_on, person_acted
from aanwezig.contracts.messages import Proposal
from aanwezig.contracts.outcomes import OUTCOMES
from support.case_desk import PUPIL, Desk
from support.chain_events import (
    a_decision,
    a_finding,
    a_signal,
    a_step,
    command_event,
    finding_event,
    finding_id,
)

FORCE = ("halt", "police-report")
KINDS = (
    "statutory", "statutory", "statutory", "lateness", "luxury", "light", "long-term", "home-sitter", "absolute", "eighteen-plus", "returned",
    "presence-restored", "late-report",
)  # fmt: skip
STEPS = (
    "letter-sent", "first-contact", "talk-held", "meeting-held", "plan-agreed", "plan-evaluated", "help-accepted",
    "help-refused", "enrolment-refused", "halt-referred", "halt-completed", "halt-failed", "report-sent", "verdict",
)  # fmt: skip
SIGNALS = ("safety", "psychological", "family", "illness", "own-initiative-doubted")
START = date(2024, 9, 2)


class ACase(RuleBasedStateMachine):
    """One pupil. `today` only goes on; a finding may be dated before it, a step at most at it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.today = START
        self.said: dict[str, dict] = {}
        self.stands: dict[str, bool] = {}
        self.commands = 0
        self.new = []

    @rule(
        kind=st.sampled_from(KINDS), ordinal=st.sampled_from((1, 2, 3, 4)), back=st.integers(0, 40),
        age=st.sampled_from((14, 15, 17, 11, 18, None)), hours=st.sampled_from(("8.99", "9.00", "16.00", "60.00", "60.01")),
        times=st.sampled_from(("0.00", "11.00", "12.00", "60.00", "61.00")),
        signals=st.just([]) | st.lists(st.sampled_from(SIGNALS), max_size=2, unique=True), helped=st.booleans(),
        town=st.sampled_from((None, "0637", "0150")),
    )  # fmt: skip
    def hears(self, kind, ordinal, back, age, hours, times, signals, helped, town):
        obligation = "eighteen-plus" if age == 18 else "unknown" if age is None else "leerplichtig"
        known = self.desk.dossier.findings
        finding = finding_id(PUPIL, kind, ordinal)
        revision = self.said[finding]["revision"] + 1 if finding in self.said else 1
        at = self.today - timedelta(days=back)
        if finding in self.said and self.stands[finding]:
            at = date.fromisoformat(self.said[finding]["at"])
        data = a_finding(
            PUPIL, kind, ordinal=ordinal, revision=revision, at=at, age=age, obligation=obligation, hours=hours,
            times=times, signals=[a_signal(one, help_in_place=helped) for one in signals], municipality=town,
        )  # fmt: skip
        happened = "amended" if self.stands.get(finding) else "raised"
        assert finding not in known or known[finding].revision < revision
        self.said[finding], self.stands[finding] = data, True
        self._takes(finding_event(data, happened))

    @rule(
        ordinal=st.sampled_from((2, 3)),
        hours=st.sampled_from(("32.00", "60.00", "8.99")),
        age=st.sampled_from((14, 15)),
    )
    def hears_of_a_repeat(self, ordinal, hours, age):
        """What Halt is there for, more often than chance would have it."""
        self.hears("statutory", ordinal, 0, age, hours, "0.00", [], False, "0637")  # noqa: FBT003

    @precondition(lambda self: any(self.stands.values()))
    @rule(data=st.data())
    def withdraws(self, data):
        self._withdraw(
            data.draw(st.sampled_from(sorted(one for one, stands in self.stands.items() if stands)))
        )

    @precondition(lambda self: self.desk.dossier.open_case)
    @rule()
    def withdraws_all_of_the_case(self):
        for finding in self.desk.dossier.open_case.findings:
            if self.stands[finding]:
                self._withdraw(finding)

    def _withdraw(self, finding):
        self.said[finding] = {**self.said[finding], "revision": self.said[finding]["revision"] + 1}
        self.stands[finding] = False
        self._takes(finding_event(self.said[finding], "withdrawn"))

    @rule(days=st.sampled_from((1, 3, 11, 40, 100)))
    def closes(self, days):
        self.today += timedelta(days=days)
        self.new = self.desk.closes(self.today - timedelta(days=1))

    @precondition(lambda self: self.desk.dossier.open_case and self.desk.dossier.open_case.proposed)
    @rule()
    def agrees(self):
        case = self.desk.case
        data = a_decision(
            case.id, case.revision, case.proposed.track, subject=case.proposed.subject, consent=(True, True)
        )
        self._commands("decision-taken", data)

    @precondition(lambda self: self.desk.dossier.cases)
    @rule(
        track=st.sampled_from(("prevention", "care-meeting", *FORCE)), subject=st.sampled_from(("pupil", "parents")),
        consent=st.sampled_from((None, (True, False), (True, True))), motive=st.sampled_from((None, "because")),
        stale=st.booleans(),
    )  # fmt: skip
    def decides(self, track, subject, consent, motive, stale):
        case = self.desk.case
        revision = max(1, case.revision - stale)
        data = a_decision(case.id, revision, track, subject=subject, consent=consent, motive=motive)
        self._commands("decision-taken", data)

    @precondition(lambda self: self.desk.dossier.cases)
    @rule(step=st.sampled_from(STEPS), to=st.none() | st.sampled_from(("0637", "0150", DOORSTROOMPUNT)))
    def steps(self, step, to):
        data = a_step(self.desk.case.id, "handed-over" if to else step, self.today)
        self._commands("step-recorded", {**data, "to": to} if to else data)

    @precondition(lambda self: self.desk.dossier.cases)
    @rule(outcome=st.sampled_from(sorted(OUTCOMES)), seldom=st.integers(0, 3))
    def concludes(self, outcome, seldom):
        if not seldom:
            self.new = self.desk.concludes(outcome, on=self.today)

    def _commands(self, name, data):
        self.commands += 1
        self._takes(command_event(name, data, command=f"machine-{self.commands}", on=self.today))

    def _takes(self, event):
        self.new = self.desk.takes(event)
        after = self.desk.dossier
        assert self.desk.takes(event) == [], "the same again says nothing"
        assert self.desk.dossier == after

    @invariant()
    def there_are_never_two_open_cases(self):
        assert sum(case.is_open for case in self.desk.dossier.cases) <= 1

    @invariant()
    def force_is_a_persons_decision(self):
        for case in self.desk.dossier.cases:
            if case.track in FORCE:
                assert any(decided_on(entry, case.track) for entry in case.journal)
        for happened in self.new:
            if crossing.to_justice(happened, b"k" * 32):
                case = self.desk.dossier.case(happened.said.case)
                so_far = [entry for entry in case.journal if entry.revision <= happened.said.revision]
                assert any(decided_on(entry, track) for entry in so_far for track in FORCE)

    @invariant()
    def an_open_case_has_a_date_or_a_reason_why_not(self):
        for case in self.desk.dossier.cases:
            assert ((case.due is None) == (case.no_due is not None)) if case.is_open else case.no_due is None

    @invariant()
    def what_was_withdrawn_has_no_effect(self):
        for case in self.desk.dossier.cases:
            if not any(self._is_routed(finding) for finding in case.findings):
                assert (case.proposed, case.terms if case.status == "withdrawn" else ()) == (None, ())
                assert person_acted(case.journal) or case.status == "withdrawn"
            elif case.is_open:
                assert case.proposed == self._wanted(case)

    def _is_routed(self, finding: str) -> bool:
        return self.stands[finding] and self.said[finding]["kind"] not in {"returned", "presence-restored"}

    def _wanted(self, case: Case) -> Proposal | None:
        """What waits for the officer, from nothing but the findings that stand and what was decided."""
        dossier = self.desk.dossier
        given = [route.answer(dossier.asked(case, known), known.id) for known in dossier.routed_in(case)]
        best = route.combined(given)
        assert best is not None
        if best.mode == "routed" or best.key in case.weighed or DOORSTROOMPUNT in case.told:
            return None
        if case.track is not None and route.WEIGHT[best.track] <= route.WEIGHT[case.track]:
            return None
        return Proposal(track=best.track, rule=best.rule, subject=best.subject)


TestACase = ACase.TestCase
TestACase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
