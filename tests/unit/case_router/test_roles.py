"""What each role may do in a case, on both sides of every limit; the attempt of who may not stands in the journal."""

from datetime import date
from typing import get_args

import pytest

from aanwezig.case_router.grounds import GROUNDS
from aanwezig.case_router.people import Speaker
from aanwezig.case_router.refusing import REASONS, sentence_of_condition
from aanwezig.case_router.roles import OFFICERS, PARTNERS, PERSON_GROUNDS
from aanwezig.case_router.route import HALT_CONDITIONS
from aanwezig.cli.recipients import ROLES
from aanwezig.contracts.messages import OfficerRole, Step
from support.case_desk import Desk
from support.chain_events import command_event

ANNA = Speaker("mw-van-dijk", "attendance-officer", "0637")
STEPS = [step for step in get_args(Step) if step not in {"halt-referred", "report-sent"}]


def a_desk(speaker: Speaker | None = ANNA, **finding) -> Desk:
    """A case of Zoetermeer, and who speaks in it."""
    desk = Desk(speaker=speaker)
    desk.hears("statutory", **finding)
    return desk


def partner(role: str, municipality: str | None = None) -> Speaker:
    return Speaker("mw-van-dijk", role, municipality, decides=False)


def test_nobody_who_is_not_registered_is_believed():
    desk = a_desk(None)
    desk.decides("care-meeting", motive="because")
    desk.steps("talk-held")
    desk.concludes()
    assert desk.refusals == ["unknown-person"] * 3
    assert [line.details.reason for line in desk.case.journal[-3:]] == ["unknown-person"] * 3
    assert (desk.case.track, desk.case.is_open) == ("prevention", True)


@pytest.mark.parametrize(
    ("officer", "case", "may"),
    [("0637", "0637", True), ("0501", "0637", False), ("0501", None, True), (None, "0637", True)],
)
def test_an_officer_acts_in_cases_of_its_own_municipality(officer, case, may):
    desk = a_desk(Speaker("mw-van-dijk", "attendance-officer", officer), municipality=case)
    desk.steps("talk-held")
    assert desk.refusals == ([] if may else ["other-municipality"])


def test_a_case_that_moved_is_its_new_officers():
    desk = a_desk()
    desk.hears("light", municipality="0501", at=date(2024, 10, 3))
    desk.steps("talk-held")
    assert (desk.case.municipality, desk.refusals) == ("0501", ["other-municipality"])
    desk.speaker = Speaker("mw-van-dijk", "attendance-officer", "0501")
    assert desk.steps("home-visit") != []


@pytest.mark.parametrize("role", [*PARTNERS, "chain-director", "meldcode-desk", "attendance-officer"])
@pytest.mark.parametrize("step", STEPS)
def test_a_partner_records_the_steps_of_its_role_and_no_others(role, step):
    adult = {"age": 18, "obligation": "eighteen-plus"} if role == "doorstroompunt" else {}
    desk = a_desk(partner(role), **adult)
    desk.steps(step)
    may = role in PARTNERS and step in PARTNERS[role].steps
    assert desk.refusals == ([] if may else ["not-for-this-role"])


@pytest.mark.parametrize("role", PARTNERS)
def test_a_partner_neither_decides_nor_concludes(role):
    desk = a_desk(partner(role))
    desk.decides("care-meeting", motive="because")
    desk.concludes()
    assert desk.refusals == ["not-for-this-role"] * 2


@pytest.mark.parametrize("step", STEPS)
def test_an_attendance_officer_records_every_step(step):
    assert a_desk().steps(step) != []


@pytest.mark.parametrize("track", ["halt", "police-report"])
@pytest.mark.parametrize("role", ["doorstroompunt", "youth-health-care"])
def test_only_an_attendance_officer_decides_for_force(role, track):
    desk = a_desk(Speaker("mw-van-dijk", role, "0637"), age=18, obligation="eighteen-plus")
    desk.decides(track, motive="because")
    assert desk.refusals == ["not-for-this-role"]


@pytest.mark.parametrize(
    ("age", "obligation", "may"), [(17, "leerplichtig", False), (18, "eighteen-plus", True)]
)
def test_the_doorstroompunt_is_there_from_eighteen_on(age, obligation, may):
    desk = a_desk(Speaker("mw-van-dijk", "doorstroompunt", "0637"), age=age, obligation=obligation)
    desk.steps("talk-held")
    assert desk.refusals == ([] if may else ["not-for-this-role"])


def test_the_doorstroompunt_acts_in_a_case_that_was_handed_to_it():
    desk = a_desk()
    handed = {"case": desk.case.id, "step": "handed-over", "date": "2024-10-04", "to": "doorstroompunt"}
    desk.takes(command_event("step-recorded", _by(handed), command="over", on=date(2024, 10, 4)))
    desk.speaker = Speaker("mw-van-dijk", "doorstroompunt", "0637")
    assert desk.steps("talk-held") != []


@pytest.mark.parametrize(
    ("step", "may"), [("letter-sent", True), ("talk-held", False), ("handed-over", False)]
)
def test_a_rule_from_outside_tells_of_letters_only(step, may):
    desk = a_desk(None)
    said = {
        "case": desk.case.id,
        "step": step,
        "date": "2024-10-04",
        "actor": {"kind": "rule", "id": "letters"},
    }
    desk.takes(command_event("step-recorded", said, command="c", on=date(2024, 10, 4)))
    ended = {"case": desk.case.id, "outcome": "halt", "actor": {"kind": "rule", "id": "letters"}}
    desk.takes(command_event("outcome-recorded", ended, command="d", on=date(2024, 10, 4)))
    assert desk.refusals == ([] if may else ["not-for-this-role"]) + ["not-for-this-role"]


def test_every_role_of_the_register_has_its_rights_and_every_partner_can_be_registered():
    assert set(OFFICERS) == set(get_args(OfficerRole))
    assert set(PARTNERS) <= set(ROLES)


def test_every_ground_has_a_sentence_in_both_languages():
    reasons = {ground.reason for ground in (*GROUNDS, *PERSON_GROUNDS)}
    assert reasons <= set(REASONS)
    assert all(dutch != english for dutch, english in REASONS.values())
    for condition in HALT_CONDITIONS:
        assert sentence_of_condition(condition.name, "nl") != sentence_of_condition(condition.name, "en")


def _by(said: dict) -> dict:
    return said | {"actor": {"kind": "person", "id": "mw-van-dijk"}}
