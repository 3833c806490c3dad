"""Facts that leave what a person decided: nothing is overturned, the officer sees both sides."""

from datetime import date

import pytest

from support.case_desk import PUPIL, Desk, names
from support.chain_events import a_signal, finding_id

FIRST, SECOND = finding_id(PUPIL, "statutory"), finding_id(PUPIL, "statutory", 2)
LATER = date(2024, 11, 12)


def in_halt() -> Desk:
    """Thirty-two hours: an officer decided for Halt."""
    desk = Desk()
    desk.hears("statutory")
    desk.hears("statutory", ordinal=2, hours="32.00", at=LATER)
    desk.decides("halt", consent=(True, True), on=LATER)
    assert desk.case.track == "halt"
    return desk


def test_a_weighed_finding_that_is_withdrawn_contradicts_the_decision_and_leaves_it():
    desk = in_halt()
    left, contradicted = desk.hears("statutory", ordinal=2, at=LATER, happened="withdrawn", revision=2)
    both = contradicted.said.contradiction
    assert (left.name, contradicted.name) == ("case-finding-left", "case-contradicted")
    assert (both.finding, both.stands) == (SECOND, False)
    assert (both.decided.track, both.decided.officer, both.decided.subject) == (
        "halt",
        "mw-van-dijk",
        "pupil",
    )
    assert (both.now.track, both.now.rule) == ("prevention", "first")
    assert (contradicted.said.track, contradicted.said.findings) == ("halt", [FIRST])


def test_when_nothing_stands_the_other_side_is_empty():
    desk = in_halt()
    desk.hears("statutory", ordinal=2, at=LATER, happened="withdrawn", revision=2)
    (contradicted,) = desk.hears("statutory", happened="withdrawn", revision=2)
    assert contradicted.said.contradiction.now is None
    assert contradicted.said.contradiction.decided.track == "halt"
    assert contradicted.said.status == "in-progress"


def test_a_weighed_finding_that_weighs_less_contradicts_once():
    desk = in_halt()
    less = {"ordinal": 2, "at": LATER, "hours": "8.00", "happened": "amended"}
    (contradicted,) = desk.hears("statutory", revision=2, **less)
    assert contradicted.name == "case-contradicted"
    assert contradicted.said.contradiction.stands
    assert contradicted.said.contradiction.now.track == "care-meeting"
    assert desk.hears("statutory", revision=3, **less) == []


def test_a_finding_that_nobody_weighed_only_leaves():
    desk = in_halt()
    desk.hears("light", at=date(2024, 12, 3))
    gone = desk.hears("light", at=date(2024, 12, 3), happened="withdrawn", revision=2)
    assert names(gone) == ["finding-left"]


def test_a_finding_that_weighs_as_much_as_was_decided_contradicts_nothing():
    desk = in_halt()
    assert desk.hears("statutory", ordinal=2, at=LATER, hours="40.00", happened="amended", revision=2) == []


def test_what_a_rule_decided_contradicts_no_person():
    desk = Desk()
    desk.hears("statutory", signals=[a_signal("family")])
    assert desk.case.track == "care-meeting"
    assert desk.hears("statutory", happened="amended", revision=2) == []


def test_steps_alone_are_a_side_without_a_decision_and_a_proposal_without_ground_falls():
    desk = Desk()
    desk.hears("statutory", ordinal=2, hours="32.00")
    desk.steps("talk-held")
    (contradicted,) = desk.hears("statutory", ordinal=2, happened="withdrawn", revision=2)
    assert contradicted.said.contradiction.decided is None
    assert (contradicted.said.proposed, desk.case.terms) == (None, ())


@pytest.mark.parametrize("ordinal", [1, 2])
def test_a_closed_case_is_contradicted_too(ordinal):
    desk = in_halt()
    desk.concludes("halt", on=date(2024, 12, 1))
    at = LATER if ordinal == 2 else date(2024, 10, 1)
    (contradicted,) = desk.hears("statutory", ordinal=ordinal, at=at, happened="withdrawn", revision=2)
    assert (contradicted.name, contradicted.said.status) == ("case-contradicted", "closed")


def test_a_finding_that_comes_back_joins_again():
    desk = in_halt()
    desk.hears("statutory", ordinal=2, at=LATER, happened="withdrawn", revision=2)
    back = desk.hears("statutory", ordinal=2, at=LATER, hours="32.00", revision=3)
    assert names(back) == ["finding-joined"]
    assert back[0].said.findings == [FIRST, SECOND]
    assert len(desk.case.findings) == 2
