"""What findings do to a case: it opens, is joined, routed, told of, withdrawn."""

from datetime import date

from aanwezig.contracts.identifiers import derived_id
from support.case_desk import PUPIL, Desk, names
from support.chain_events import TRACE, a_finding, a_signal, finding_event, finding_id

OTHER_SCHOOL = "17QA02"


def test_a_first_finding_opens_a_case_and_routes_it_at_once():
    desk = Desk()
    opened, decided = desk.hears("statutory")
    assert (opened.name, opened.said.track, opened.said.status) == ("case-opened", None, "registered")
    assert opened.said.case == derived_id("case", PUPIL, "1")
    assert (decided.name, decided.said.track, decided.said.actor.id) == (
        "case-track-decided",
        "prevention",
        "first@1",
    )
    assert (decided.said.status, decided.said.findings) == ("registered", [finding_id(PUPIL, "statutory")])
    assert [event.said.revision for event in desk.events] == [1, 2]


def test_an_event_takes_time_trace_and_cause_from_what_caused_it():
    desk = Desk()
    cause = finding_event(a_finding(PUPIL))
    for event in desk.takes(cause):
        assert (event.cause.id, event.cause.time, event.cause.traceparent) == (cause.id, cause.time, TRACE)


def test_a_second_finding_joins_and_halt_is_only_proposed():
    desk = Desk()
    desk.hears("statutory")
    joined, proposed = desk.hears("statutory", ordinal=2, hours="32.00")
    assert names([joined, proposed]) == ["finding-joined", "track-proposed"]
    assert len(desk.dossier.cases) == 1
    assert proposed.said.track == "prevention"
    assert proposed.said.proposed.model_dump() == {"track": "halt", "rule": "halt", "subject": "pupil"}


def test_a_proposal_is_replaced_by_a_heavier_one_until_it_is_decided():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00")
    (_, proposed) = desk.hears("statutory", ordinal=4, hours="64.00", at=date(2024, 12, 2))
    assert (proposed.said.proposed.rule, proposed.said.proposed.track) == ("halt-over", "police-report")
    assert proposed.said.motive == "officer of justice decides with you"


def test_a_revision_that_is_not_newer_changes_nothing():
    desk = Desk()
    desk.hears("statutory", revision=3, happened="amended")
    before = desk.dossier
    assert desk.hears("statutory", revision=3, happened="amended") == []
    assert desk.hears("statutory", revision=3, happened="withdrawn") == []
    assert desk.hears("statutory", revision=2, happened="withdrawn") == []
    assert desk.dossier == before


def test_an_amended_finding_never_raised_counts_as_raised():
    assert names(Desk().hears("statutory", happened="amended", revision=2)) == ["opened", "track-decided"]


def test_a_withdrawal_that_arrives_first_opens_nothing_and_what_it_overtook_stays_away():
    desk = Desk()
    assert desk.hears("statutory", happened="withdrawn", revision=2) == []
    assert desk.hears("statutory") == []
    assert desk.dossier.cases == ()


def test_a_case_no_person_touched_is_withdrawn_with_its_last_finding():
    desk = Desk()
    desk.hears("statutory")
    (withdrawn,) = desk.hears("statutory", happened="withdrawn", revision=2)
    assert (withdrawn.name, withdrawn.said.status, withdrawn.said.findings) == (
        "case-withdrawn",
        "withdrawn",
        [],
    )
    assert withdrawn.said.due is None


def test_a_finding_raised_again_after_its_case_was_withdrawn_opens_a_new_one():
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", happened="withdrawn", revision=2)
    opened, _ = desk.hears("statutory", revision=3)
    assert opened.said.case == derived_id("case", PUPIL, "2")


def test_a_case_a_person_acted_in_goes_to_the_officer_with_both_sides():
    desk = Desk()
    desk.hears("statutory")
    desk.steps("talk-held")
    (contradicted,) = desk.hears("statutory", happened="withdrawn", revision=2)
    assert (contradicted.name, contradicted.said.status) == ("case-contradicted", "in-progress")
    assert contradicted.said.about == finding_id(PUPIL, "statutory")
    assert desk.dossier.open_case is not None


def test_one_finding_of_two_withdrawn_lets_an_undecided_proposal_fall_back():
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00")
    left, fallen = desk.hears("statutory", ordinal=2, happened="withdrawn", revision=2)
    assert (left.name, left.said.about) == ("case-finding-left", finding_id(PUPIL, "statutory", 2))
    assert (fallen.name, fallen.said.track, fallen.said.proposed) == (
        "case-proposal-dropped",
        "prevention",
        None,
    )
    assert fallen.said.actor.kind == "rule"


def test_a_track_never_becomes_lighter_by_itself():
    desk = Desk()
    desk.hears("home-sitter")
    desk.hears("statutory")
    assert names(desk.hears("home-sitter", happened="withdrawn", revision=2)) == ["finding-left"]
    assert desk.case.track == "care-meeting"


def test_help_comes_before_force_for_the_whole_case():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00")
    joined, decided, told = desk.hears("home-sitter")
    assert (joined.said.proposed.track, decided.said.proposed) == ("halt", None)
    assert (decided.said.track, decided.said.actor.id) == ("care-meeting", "home@1")
    assert told.said.to == "home-sitter-table"


def test_the_home_sitter_table_hears_of_each_finding_once():
    desk = Desk()
    desk.hears("home-sitter")
    told = [event.said for event in desk.events if event.name == "case-escalated"]
    assert [(said.to, said.about) for said in told] == [
        ("home-sitter-table", finding_id(PUPIL, "home-sitter"))
    ]
    assert desk.hears("home-sitter", happened="amended", revision=2, value=35) == []
    again = desk.hears("home-sitter", ordinal=2, at=date(2025, 2, 3))
    assert [event.said.about for event in again if event.said.to] == [finding_id(PUPIL, "home-sitter", 2)]


def test_the_meldcode_desk_hears_of_a_safety_signal_once_however_many_findings_carry_it():
    desk = Desk()
    signals = [a_signal("safety")]
    desk.hears("statutory", signals=signals)
    desk.hears("statutory", ordinal=2, signals=signals)
    assert [event.said.to for event in desk.events if event.said.to] == ["meldcode-desk"]
    assert desk.case.track == "care-meeting"


def test_a_child_at_home_with_a_safety_signal_reaches_both_desks():
    desk = Desk()
    desk.hears("home-sitter", signals=[a_signal("safety")])
    assert {event.said.to for event in desk.events if event.said.to} == {
        "home-sitter-table",
        "meldcode-desk",
    }


def test_what_is_about_a_school_or_nobody_obliged_opens_no_case():
    desk = Desk()
    assert desk.hears("late-report") == []
    assert desk.hears("light", obligation="none") == []
    assert desk.hears("returned") == []
    assert desk.hears("presence-restored") == []
    assert desk.dossier.cases == ()


def test_a_return_joins_the_open_case_and_is_not_routed():
    desk = Desk()
    desk.hears("home-sitter")
    assert names(desk.hears("returned", at=date(2024, 11, 4))) == ["finding-joined"]
    assert desk.case.track == "care-meeting"


def test_a_case_whose_only_standing_finding_is_a_return_is_withdrawn():
    desk = Desk()
    desk.hears("home-sitter")
    desk.hears("presence-restored", at=date(2024, 11, 4))
    assert names(desk.hears("home-sitter", happened="withdrawn", revision=2)) == ["withdrawn"]


def test_after_a_case_is_closed_a_new_finding_opens_another_and_an_old_one_opens_nothing():
    desk = Desk()
    desk.hears("statutory")
    desk.concludes()
    assert desk.hears("statutory", happened="amended", revision=2) == []
    opened, *_ = desk.hears("light")
    assert (opened.name, opened.said.revision, len(desk.dossier.cases)) == ("case-opened", 1, 2)


def test_findings_of_two_schools_are_one_case():
    desk = Desk()
    desk.hears("statutory")
    assert names(desk.hears("statutory", school=OTHER_SCHOOL)) == ["finding-joined"]
    assert desk.case.school == "25PL00"


def test_a_second_luxury_day_at_any_school_is_a_proposal_about_the_parents():
    desk = Desk()
    desk.hears("luxury", value=1)
    assert desk.case.track == "prevention"
    desk.hears("luxury", value=1, school=OTHER_SCHOOL, at=date(2025, 1, 6))
    assert desk.case.proposed.model_dump() == {
        "track": "police-report",
        "rule": "luxury",
        "subject": "parents",
    }


def test_a_finding_that_stands_again_after_its_case_was_closed_opens_a_new_case():
    desk = Desk()
    desk.hears("statutory")
    desk.steps("talk-held")
    desk.concludes()
    desk.hears("statutory", "withdrawn", revision=2)
    assert [case.status for case in desk.dossier.cases] == ["closed"]
    desk.hears("statutory", "raised", revision=3)
    assert [case.status for case in desk.dossier.cases] == ["closed", "registered"]


def test_an_amended_finding_of_a_closed_case_opens_nothing():
    desk = Desk()
    desk.hears("statutory")
    desk.concludes()
    assert desk.hears("statutory", "amended", revision=2) == []
    assert len(desk.dossier.cases) == 1


def test_help_that_answers_at_equal_weight_is_about_the_pupil():
    desk = Desk()
    desk.hears("statutory", age=11)
    assert (desk.case.track, desk.case.subject) == ("care-meeting", "parents")
    desk.hears("home-sitter", age=11)
    assert (desk.case.track, desk.case.subject) == ("care-meeting", "pupil")
