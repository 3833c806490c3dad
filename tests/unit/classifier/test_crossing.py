"""What a finding may take along from the school's domain to the chain's."""

import json
from datetime import UTC, datetime

import pytest

from aanwezig.classifier.crossing import ToChain
from aanwezig.contracts.findings import finding_data
from aanwezig.contracts.messages import FindingSaid
from support.classifying import CROSSING, TO_HEALTH, WAYS
from support.facts import (
    OTHER_SCHOOL,
    PUPIL,
    SCHOOL,
    a_birth,
    a_late_arrival,
    a_leave,
    a_mark,
    a_residence,
    a_sick_report,
    absences,
    an_absence,
    an_enrolment,
    an_exemption,
)
from support.law import found

# One row of each reason a mark is not counted for, within the window of a finding.
SURROUNDED = found(
    a_birth(),
    an_enrolment(),
    absences("2024-09-02", 16),
    an_absence("2024-08-29", authorised=True, reason="illness", id="a-sick-day"),
    an_absence("2024-08-28", authorised=True, reason="family-event", id="a-funeral"),
    a_mark("2024-08-30", "absent", authorised=None, id="not-judged"),
    a_late_arrival("2024-08-27", id="too-late"),
    a_leave("2024-08-26", "2024-08-26"),
    an_absence("2024-08-26", id="on-leave-that-day"),
    an_exemption("2024-08-23", "2024-08-23"),
    an_absence("2024-08-23", id="exempt-that-day"),
)
(FINDING,) = SURROUNDED


def test_rows_that_tell_why_a_pupil_was_rightly_away_become_numbers():
    school = {row.reason for row in FINDING.not_counted}
    assert school == {"authorised", "on-leave", "exempt", "undetermined", "late"}
    said = CROSSING.finding(FINDING)["not_counted"]
    assert [row for row in said if "count" in row] == [
        {"reason": "authorised", "count": 2},
        {"reason": "on-leave", "count": 1},
        {"reason": "exempt", "count": 1},
    ]
    assert {row["reason"] for row in said if "fact" in row} == {"undetermined", "late"}


def test_no_name_of_the_school_domain_crosses():
    text = json.dumps(CROSSING.finding(FINDING))
    assert PUPIL in json.dumps(finding_data(FINDING, revision=1, pupil=FINDING.pupil))
    rows = [*FINDING.counted, *FINDING.not_counted]
    for secret in (PUPIL, *(row.fact for row in rows), "illness", "family-event", "2024-08-29", "2024-08-26"):
        assert secret not in text, secret


def test_a_finding_says_no_more_to_the_chain_than_these_fields():
    said = CROSSING.finding(FINDING)
    assert set(said) == set(finding_data(FINDING, revision=1, pupil="x"))
    assert said["school"] == SCHOOL
    assert {key for row in said["counted"] for key in row} <= {
        "fact", "date", "slot", "hours", "value", "minutes", "missed", "state", "unit", "exact", "school",
    }  # fmt: skip


CONTRADICTED = found(
    a_birth(id="birth-by-school"),
    a_residence("2015-01-01", born="2010-03-16", id="birth-by-town"),
    an_enrolment(id="here"),
    an_enrolment("2024-08-20", school_type="po", id="here-too"),
    an_enrolment("2024-08-21", school=OTHER_SCHOOL, id="elsewhere"),
    absences("2024-09-02", 16, at=datetime(2024, 12, 2, tzinfo=UTC)),
    [a_sick_report(on, on) for on in ("2024-09-09", "2024-09-16", "2024-09-23", "2024-09-30")],
)


@pytest.mark.parametrize(
    ("kind", "into"), [("statutory", CROSSING), ("sickness", TO_HEALTH)], ids=["chain", "health"]
)
def test_of_facts_that_contradict_only_hashes_and_what_about_cross(kind, into):
    (finding,) = [one for one in CONTRADICTED if one.kind == kind]
    said = into.finding(finding)
    assert [row["about"] for row in said["contradictions"]] == ["birth-date", "school-type", "enrolment"]
    assert {frozenset(row) for row in said["contradictions"]} == {frozenset({"about", "stands", "against"})}
    assert [(row["stands"], row["against"]) for row in said["contradictions"]] == [
        (into.fact("birth-by-town"), into.fact("birth-by-school")),
        (into.fact("here-too"), into.fact("here")),
        (into.fact("here-too"), into.fact("elsewhere")),
    ]
    text = json.dumps(said)
    for secret in (
        OTHER_SCHOOL,
        "2010-03-1",
        "birth-by",
        "here-too",
        "elsewhere",
        "2024-08-20",
        "2024-08-21",
    ):
        assert secret not in text, secret
    FindingSaid.model_validate(said)


def test_a_school_is_told_of_no_fact_of_others():
    (late,) = [one for one in CONTRADICTED if one.kind == "late-report"]
    assert late.contradictions == ()
    told = json.dumps(WAYS.school.finding(late))
    (statutory,) = [one for one in CONTRADICTED if one.kind == "statutory"]
    said = WAYS.school.finding(statutory)
    assert [row["about"] for row in said["contradictions"]] == ["birth-date", "school-type", "enrolment"]
    for text in (told, json.dumps(said)):
        assert "elsewhere" not in text
        assert "birth-by-town" not in text
    FindingSaid.model_validate(said)


def test_its_own_school_reads_a_finding_in_full():
    said = WAYS.school.finding(FINDING)
    assert said == finding_data(FINDING, revision=1, pupil=PUPIL)
    assert {"a-sick-day", "on-leave-that-day"} <= {row["fact"] for row in said["not_counted"]}
    assert {row["fact"] for row in said["counted"]} == {row.fact for row in FINDING.counted}


def test_ids_are_hashes_under_the_chains_key():
    other = ToChain(b"\x01" * 32)
    assert CROSSING.fact("the-id") == ToChain(bytes.fromhex("17" * 32)).fact("the-id")
    for made in (CROSSING.fact, CROSSING.pupil):
        assert len(made("the-id")) == 32
        assert made("the-id") != made("another-id")
    assert CROSSING.fact("the-id") != other.fact("the-id")
    assert CROSSING.pupil("p") != other.pupil("p")
    assert CROSSING.pupil("p") != CROSSING.fact("p")


def test_a_finding_of_another_pupils_key_has_another_id():
    assert CROSSING.finding(FINDING)["finding"] != ToChain(b"\x01" * 32).finding(FINDING)["finding"]
