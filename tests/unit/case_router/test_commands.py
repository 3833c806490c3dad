"""What officers decide, record and conclude; and what is refused, with its reason."""

from datetime import date

import pytest

from support.case_desk import PUPIL, Desk, names
from support.chain_events import a_finding, a_signal, a_step, command_event, finding_event

AGREED = (True, True)


def proposed(**more):
    """A case with Halt proposed, on track prevention."""
    desk = Desk()
    desk.hears("statutory", **{**more, "hours": "16.00"})
    desk.hears("statutory", ordinal=2, **{"hours": "32.00", **more})
    return desk


def decided():
    desk = proposed()
    desk.decides("halt", consent=AGREED)
    return desk


def test_a_decision_for_what_was_proposed_needs_no_motive():
    desk = proposed()
    (event,) = desk.decides("halt", consent=AGREED)
    assert (event.name, event.said.track, event.said.status) == ("case-track-decided", "halt", "in-progress")
    assert event.said.actor.model_dump() == {"kind": "person", "id": "mw-van-dijk"}
    assert (event.said.proposed, event.said.motive) == (None, None)


def test_a_decision_otherwise_needs_a_motive_which_is_kept():
    desk = proposed()
    assert desk.decides("care-meeting", motive="  ") == []
    assert desk.refusals == ["motive-missing"]
    (event,) = desk.decides("care-meeting", motive="Thuis is hulp begonnen.")
    assert (event.said.track, event.said.motive) == ("care-meeting", "Thuis is hulp begonnen.")


def test_another_subject_than_proposed_needs_a_motive_too():
    desk = Desk()
    desk.hears("luxury", value=2)
    desk.decides("police-report", subject="pupil")
    assert desk.refusals == ["motive-missing"]
    assert names(desk.decides("police-report", subject="parents")) == ["track-decided"]


@pytest.mark.parametrize(
    ("age", "consent", "refusals"),
    [
        (15, None, ["consent-missing"]),
        (15, (False, True), ["consent-missing"]),
        (15, (True, False), ["consent-missing"]),
        (15, (True, True), []),
        (16, (True, False), []),
        (16, (False, True), ["consent-missing"]),
    ],
)
def test_halt_asks_consent_of_the_youngster_and_under_sixteen_of_the_parents(age, consent, refusals):
    desk = proposed(age=age)
    desk.decides("halt", consent=consent)
    assert desk.refusals == refusals


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"age": 11}, "under-twelve"),
        ({"age": 12}, None),
        ({"age": None, "obligation": "unknown"}, "age-unknown"),
        ({"age": 17}, None),
        ({"age": 18, "obligation": "eighteen-plus"}, "eighteen-or-over"),
        ({"hours": "8.99", "times": "11.00"}, "halt-condition:enough-absence"),
        ({"hours": "9.00"}, None),
        ({"times": "12.00", "hours": "0.00"}, None),
        ({"hours": "60.00"}, None),
        ({"hours": "60.01"}, "halt-condition:at-most-60-hours"),
        ({"times": "60.00"}, None),
        ({"times": "61.00"}, "halt-condition:at-most-60-times"),
        ({"signals": [a_signal("psychological")]}, "halt-condition:no-psychological-need"),
        ({"signals": [a_signal("psychological", help_in_place=True)]}, None),
        ({"signals": [a_signal("own-initiative-doubted")]}, "halt-condition:own-initiative"),
    ],
)
def test_a_decision_for_halt_holds_to_every_condition_of_halt(context, reason):
    desk = Desk()
    desk.hears("statutory", ordinal=2, **{"hours": "32.00", **context})
    desk.decides("halt", consent=AGREED, motive="Dit past hier.")
    assert desk.refusals == ([] if reason is None else [reason])
    assert (desk.case.track == "halt") is (reason is None)


def test_a_second_halt_is_refused_in_the_same_and_in_a_later_case():
    desk = decided()
    desk.decides("halt", consent=AGREED)
    desk.concludes("halt")
    desk.hears("statutory", ordinal=3, hours="48.00", at=date(2025, 2, 3))
    assert (desk.case.number, desk.case.track) == (2, "care-meeting")
    desk.decides("halt", consent=AGREED, motive="Nog een keer.")
    assert desk.refusals == ["halt-condition:first-halt"] * 2


@pytest.mark.parametrize(
    ("age", "subject", "reason"),
    [
        (11, "pupil", "under-twelve"),
        (12, "pupil", None),
        (11, "parents", None),
        (None, "parents", "age-unknown"),
        (None, "pupil", "age-unknown"),
    ],
)
def test_nobody_under_twelve_is_the_subject_of_a_police_report(age, subject, reason):
    desk = Desk()
    desk.hears("statutory", age=age)
    desk.decides("police-report", subject=subject, motive="Hulp is geweigerd.")
    assert desk.refusals == ([] if reason is None else [reason])


def test_an_adult_is_never_reported():
    desk = Desk()
    desk.hears("eighteen-plus", age=18, obligation="eighteen-plus")
    desk.decides("police-report", motive="Hij blijft weg.")
    assert desk.refusals == ["eighteen-or-over"]


def test_of_two_officers_deciding_at_once_one_wins_and_the_other_is_told():
    desk = proposed()
    revision = desk.case.revision
    desk.decides("halt", revision=revision, consent=AGREED)
    assert desk.decides("prevention", revision=revision, motive="Eerst praten.") == []
    assert (desk.refusals, desk.case.track) == (["stale-revision"], "halt")


def test_a_refused_attempt_changes_nothing_and_stands_in_the_journal():
    desk = proposed()
    before = desk.case
    desk.decides("halt")
    assert (desk.case.revision, desk.case.track, desk.case.proposed) == (
        before.revision,
        before.track,
        before.proposed,
    )
    assert (desk.case.journal[-1].name, desk.case.journal[-1].details.reason) == (
        "decision-refused",
        "consent-missing",
    )


def test_a_closed_case_takes_no_command():
    desk = proposed()
    desk.concludes()
    assert desk.decides("prevention", motive="Toch nog.") == []
    assert desk.steps("talk-held") == []
    assert desk.concludes() == []
    assert desk.refusals == ["closed-case"] * 3


def test_the_same_command_again_changes_nothing_accepted_or_refused():
    desk = proposed()
    data = {"case": desk.case.id, "step": "talk-held", "date": "2024-10-04"}
    step = command_event(
        "step-recorded",
        data | {"actor": {"kind": "person", "id": "x"}},
        command="a",
        on=date(2024, 10, 4),
    )
    assert names(desk.takes(step)) == ["step-taken"]
    desk.decides("halt")
    before = desk.dossier
    assert desk.takes(step) == []
    assert desk.dossier == before


def test_an_officer_who_chose_otherwise_is_not_asked_the_same_again_but_a_new_finding_is():
    desk = proposed()
    desk.decides("prevention", motive="Eerst een gesprek.")
    assert desk.hears("statutory", ordinal=2, hours="32.00", happened="amended", revision=2) == []
    assert desk.case.proposed is None
    desk.hears("statutory", ordinal=3, hours="48.00", at=date(2024, 12, 2))
    assert desk.case.proposed.rule == "halt"


def test_halt_that_failed_lays_a_police_report_before_the_officer():
    desk = decided()
    taken, force = desk.steps("halt-failed", date(2024, 11, 20))
    assert (taken.said.step, force.name) == ("halt-failed", "case-track-proposed")
    assert force.said.proposed.model_dump() == {
        "track": "police-report",
        "rule": "force",
        "subject": "pupil",
    }
    assert force.said.track == "halt"


def test_refused_enrolment_lays_a_police_report_on_the_parents_before_the_officer():
    desk = Desk()
    desk.hears("absolute", school=None)
    assert desk.case.track == "prevention"
    desk.steps("enrolment-refused")
    assert (desk.case.proposed.rule, desk.case.proposed.subject) == ("not-enrolled-refused", "parents")


@pytest.mark.parametrize(
    ("years", "rule"), [("2024-2025", "force"), ("2025-2026", "force"), ("2026-2027", "halt")]
)
def test_a_refusal_counts_in_this_and_the_next_school_year(years, rule):
    desk = Desk()
    desk.hears("statutory")
    desk.steps("help-refused")
    desk.concludes()
    later = a_finding(PUPIL, "statutory", ordinal=2, hours="32.00", at=date(int(years[:4]), 11, 2))
    desk.takes(finding_event(later | {"school_year": years}))
    assert desk.case.proposed.rule == rule


@pytest.mark.parametrize("step", ["halt-referred", "report-sent"])
def test_nobody_is_referred_or_reported_by_a_step_without_a_decision(step):
    desk = proposed()
    assert desk.steps(step) == []
    assert desk.refusals == ["no-decision"]


def test_a_referral_after_the_decision_is_a_step():
    desk = decided()
    assert names(desk.steps("halt-referred")) == ["step-taken"]


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [("halt", "halt", "closed"), ("Ter kennisname dossier", "taken-note", "taken-note")],
)
def test_an_outcome_closes_the_case(outcome, code, status):
    desk = proposed()
    recorded, closed = desk.concludes(outcome)
    assert (recorded.name, recorded.said.outcome) == ("case-outcome-recorded", code)
    assert (closed.name, closed.said.status, closed.said.due) == ("case-closed", status, None)
    assert desk.dossier.open_case is None


def test_an_outcome_that_no_report_counts_is_refused():
    desk = proposed()
    assert desk.concludes("all is well") == []
    assert desk.refusals == ["unknown-outcome"]
    assert desk.dossier.open_case is not None


def test_a_case_that_moves_is_handed_over_and_goes_on():
    desk = proposed()
    (event,) = desk.steps("handed-over")
    assert (event.name, event.said.step, event.said.status) == (
        "case-handed-over",
        "handed-over",
        "in-progress",
    )


def test_a_decision_on_a_case_that_nothing_stands_for_any_more_cannot_be_force():
    desk = Desk()
    desk.hears("statutory")
    desk.steps("talk-held")
    desk.hears("statutory", happened="withdrawn", revision=2)
    desk.decides("halt", consent=AGREED, motive="Toch.")
    assert desk.refusals == ["nothing-stands"]


def test_a_step_cannot_be_dated_after_tomorrow():
    desk = Desk()
    desk.hears("statutory")
    step = a_step(desk.case.id, "talk-held", date(2035, 1, 1))
    assert desk._commands_in("step-recorded", step, date(2024, 10, 4)) == []
    assert desk.refusals[-1] == "date-in-future"
