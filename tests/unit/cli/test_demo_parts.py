"""The parts of the demo that can be wrong by themselves: the officer, the receiver, the comparison, the page."""

from datetime import UTC, date, datetime
from http import HTTPStatus

import httpx
import pytest
from click.testing import CliRunner
from standardwebhooks.webhooks import Webhook

from aanwezig.cli.comparing import (
    Crossing,
    live_against_offline,
    live_findings,
    offline_against_truth,
    receipts_against_truth,
    rows_against_truth,
)
from aanwezig.cli.homes import Home
from aanwezig.cli.main import main
from aanwezig.cli.officer import Desk
from aanwezig.cli.page import agreement
from aanwezig.cli.receiver import Receiver
from aanwezig.cli.registers import a_secret
from aanwezig.cli.year import Receipts
from aanwezig.contracts.envelope import Event
from aanwezig.local.locking import exclusive
from aanwezig.region import OfficerAct, StandingFinding, Truth
from aanwezig.region.places import schools
from support.facts import absences
from support.law import found

CASE = "c" * 32
MONDAY = date(2024, 9, 2)
DECIDE = OfficerAct("halt", 2, "decision", pupil=None, track="halt", subject="pupil", consent=(True, False))
STEP = OfficerAct("halt", 3, "step", step="halt-referred")
TRUTH = Truth(2, 1, {"not-json": 1}, frozenset(), {}, {})


def a_case_event(
    name="case-track-proposed", *, rule="halt", revision=2, status="registered", at="2024-09-02", pupil="p"
):
    data = {
        "case": CASE, "revision": revision, "pupil": pupil, "school": "99BB01", "municipality": "9901", "track": None,
        "status": status, "findings": [], "actor": {"kind": "rule", "id": f"{rule}@1"},
    }  # fmt: skip
    if name == "case-track-proposed":
        data["proposed"] = {"track": "halt", "rule": rule, "subject": "pupil"}
    return Event(f"{name}-{revision}", "urn:x", name, datetime.fromisoformat(f"{at}T14:00:00+00:00"), data)


def a_desk(*script, pseudonyms=None):
    return Desk(script, pseudonyms or {}, schools())


def test_an_act_is_due_its_lesson_days_after_the_rule_first_answered():
    desk = a_desk(DECIDE)
    desk.hear(a_case_event(), MONDAY)
    assert desk.due(date(2024, 9, 3)) == []
    [(case, event)] = desk.due(date(2024, 9, 4))
    assert (case, event.name) == (CASE, "decision-taken")
    assert event.data["revision"] == 2
    assert event.data["consent"] == {"youngster": True, "parents": False}
    assert event.time == datetime(2024, 9, 4, 13, tzinfo=UTC)
    assert desk.due(date(2024, 9, 4)) == []


def test_of_several_acts_in_one_case_the_next_waits_for_the_answer_to_the_first():
    desk = a_desk(DECIDE, STEP)
    desk.hear(a_case_event(), MONDAY)
    assert [event.name for _, event in desk.due(date(2024, 9, 30))] == ["decision-taken"]
    [(_, step)] = desk.due(date(2024, 9, 30))
    assert (step.data["step"], step.data["date"]) == ("halt-referred", "2024-09-05")


def test_a_closed_day_among_the_cases_is_no_case():
    desk = a_desk(DECIDE)
    data = {"date": "2024-09-02", "origin": 0, "origins": 12}
    desk.hear(Event("d", "urn:x", "day-closed", datetime(2024, 9, 3, 4, tzinfo=UTC), data), MONDAY)
    assert desk.cases == {}


def test_an_act_is_left_out_when_another_rule_answers_or_the_case_is_closed():
    desk = a_desk(DECIDE)
    desk.hear(a_case_event(), MONDAY)
    desk.hear(a_case_event("case-track-decided", rule="home", revision=3), MONDAY)
    assert desk.due(date(2024, 9, 30)) == []
    closed = a_desk(DECIDE)
    closed.hear(a_case_event(), MONDAY)
    closed.hear(a_case_event("case-closed", revision=3, status="closed"), MONDAY)
    assert closed.due(date(2024, 9, 30)) == []


def test_an_act_for_one_pupil_is_for_that_pupil_alone():
    theirs = OfficerAct("halt", 2, "step", pupil="number:1", step="halt-referred")
    others = OfficerAct("halt", 2, "step", step="halt-failed", excepted=frozenset({"number:1"}))
    for pupil, step in (("one", "halt-referred"), ("two", "halt-failed")):
        desk = a_desk(theirs, others, pseudonyms={"number:1": "one"})
        desk.hear(a_case_event(pupil=pupil), MONDAY)
        assert [event.data["step"] for _, event in desk.due(date(2024, 9, 30))] == [step]


def test_the_receiver_counts_what_is_signed_and_refuses_the_rest():
    secret = a_secret()
    body = b'{"id":"1"}'
    now = datetime.now(UTC)
    headers = {"webhook-id": "n1", "webhook-timestamp": str(int(now.timestamp()))}
    signed = {**headers, "webhook-signature": Webhook(secret).sign("n1", now, body.decode())}
    with Receiver(secret) as receiver, httpx.Client(trust_env=False) as client:
        posted = [
            client.post(receiver.address, content=body, headers=how).status_code
            for how in (signed, signed, headers)
        ]
    assert posted == [HTTPStatus.NO_CONTENT, HTTPStatus.NO_CONTENT, HTTPStatus.FORBIDDEN]
    assert (receiver.arrived, receiver.unsigned) == ({"n1": 2}, 1)


def said(name, finding="f1", revision=1, **data):
    return Event(f"{finding}-{revision}", "urn:x", name, datetime(2024, 9, 2, tzinfo=UTC), {"finding": finding, "revision": revision, **data})  # fmt: skip


def test_what_stands_live_is_the_last_revision_that_is_not_withdrawn():
    events = [
        said("finding-raised", value=1), said("finding-amended", revision=2, value=2),
        said("finding-raised", "f2"), said("finding-withdrawn", "f2", revision=2), said("day-closed", "f3"),
    ]  # fmt: skip
    assert live_findings(events) == {"f1": {"finding": "f1", "revision": 2, "value": 2}}


def test_a_difference_between_live_and_offline_names_the_field():
    one = {"finding": "f", "kind": "light", "at": "2024-09-02", "revision": 3, "municipality": "0637"}
    same = {**one, "revision": 1, "municipality": None}
    assert list(live_against_offline({"f": one}, {"f": same})) == []
    [line] = live_against_offline({"f": one}, {"f": {**same, "at": "2024-09-03"}})
    assert "at: live 2024-09-02, classify 2024-09-03" in line
    assert "only live" in next(live_against_offline({"f": one}, {}))
    assert "only by classify" in next(live_against_offline({}, {"f": one}))


def test_a_finding_crosses_without_the_pupil_and_without_any_fact_id():
    crossing = Crossing({"pseudonym_key": "11" * 32, "chain_key": "22" * 32})
    [finding] = found([one for day in range(2, 6) for one in absences(f"2024-09-0{day}", 4)])
    crossed = crossing.finding("number:1", finding)
    assert crossed["pupil"] == crossing.pupil("number:1") != crossing.pupil("number:2")
    assert not {row["fact"] for row in crossed["counted"]} & {row.fact for row in finding.counted}
    assert crossed["measured"]["exact"] == "16"


def test_the_regions_own_count_is_compared_finding_by_finding():
    [finding] = found([one for day in range(2, 6) for one in absences(f"2024-09-0{day}", 4)])
    true = StandingFinding("p", "25PL00", "statutory", None, "2024-2025", 1, "2024-09-05", "16")
    truth = Truth(0, 0, {}, frozenset({true}), {}, {})
    assert list(offline_against_truth([("p", finding)], truth)) == []
    assert len(list(offline_against_truth([("q", finding)], truth))) == 2
    assert len(list(offline_against_truth([], truth))) == 1


def test_receipts_are_compared_by_outcome_and_code():
    assert list(receipts_against_truth({"accepted": 2, "duplicate": 1}, {"not-json": 1}, TRUTH)) == []
    assert len(list(receipts_against_truth({"accepted": 3, "duplicate": 1}, {"too-large": 1}, TRUTH))) == 3


def test_a_row_that_never_answered_is_a_difference():
    crossing = Crossing({"pseudonym_key": "11" * 32, "chain_key": "22" * 32})
    truth = Truth(0, 0, {}, frozenset(), {"skipper": frozenset({"halt"})}, {"skipper": "number:1"})
    assert list(rows_against_truth({crossing.pupil("number:1"): {"first", "halt"}}, truth, crossing)) == []
    assert "halt never answered" in next(rows_against_truth({}, truth, crossing))


def test_a_receipt_with_another_fate_than_expected_is_remembered():
    receipts = Receipts()
    refusal = {"outcome": "refused", "errors": [{"code": "not-json", "message": "No JSON."}]}
    accepted = {"outcome": "accepted", "errors": []}
    for receipt, expected in (
        (accepted, "accepted"),
        (refusal, "not-json"),
        (accepted, "not-json"),
        (refusal, "accepted"),
    ):
        receipts.take({}, receipt, expected)
    assert len(receipts.unexpected) == 2
    assert (receipts.outcomes["accepted"], receipts.refused["not-json"]) == (2, 2)


def test_agreement_is_said_in_one_line_and_differences_are_listed():
    assert len(agreement([])) == 1
    assert agreement([f"line {number}" for number in range(20)])[-1] == "  and 8 more"


def test_two_demos_do_not_share_a_home(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    with exclusive(Home.found(tmp_path / "demo").places.home / "demo.lock"):
        result = CliRunner().invoke(main, ["demo", "--pupils", "40"])
    assert result.exit_code == 3
    assert "--home" in result.stderr


@pytest.mark.parametrize("pupils", ["0", "3", "many"])
def test_a_region_too_small_for_its_parts_is_wrong_usage(tmp_path, monkeypatch, pupils):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["demo", "--pupils", pupils]).exit_code == 2
