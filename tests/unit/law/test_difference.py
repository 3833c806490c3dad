"""What is said of a change: raised, amended, withdrawn."""

from dataclasses import replace

from aanwezig.contracts.findings import finding_data
from aanwezig.law.difference import content_hash, difference
from support.facts import a_birth, a_late_arrival, absences, an_enrolment, weekdays_between
from support.law import found

(FINDING,) = found(a_birth(), an_enrolment(), absences("2024-09-02", 16))
AMENDED = replace(FINDING, age=15)
SAID = {FINDING.id: (3, content_hash(FINDING), True)}


def test_a_new_identity_is_raised():
    (change,) = difference({}, [FINDING])
    assert (change.what, change.revision, change.finding) == ("raised", 1, FINDING)
    assert (change.finding_id, change.content_hash) == (FINDING.id, content_hash(FINDING))


def test_the_same_again_is_not_mentioned():
    assert difference(SAID, [FINDING]) == []


def test_other_content_is_amended():
    (change,) = difference(SAID, [AMENDED])
    assert (change.what, change.revision, change.finding) == ("amended", 4, AMENDED)


def test_what_is_gone_is_withdrawn_once():
    (change,) = difference(SAID, [])
    assert (change.what, change.revision, change.finding, change.finding_id) == (
        "withdrawn",
        4,
        None,
        FINDING.id,
    )
    assert difference({FINDING.id: (4, content_hash(FINDING), False)}, []) == []


def test_what_comes_back_is_raised_with_the_next_revision():
    for back in (FINDING, AMENDED):
        (change,) = difference({FINDING.id: (4, content_hash(FINDING), False)}, [back])
        assert (change.what, change.revision) == ("raised", 5)


def test_changes_come_in_one_order():
    days = list(weekdays_between("2024-09-02", "2024-09-30"))[:6]
    three, six = found([a_late_arrival(on) for on in days])
    changes = difference({"z": (1, "", True), "a": (1, "", True)}, [three, six])
    assert [change.finding_id for change in changes] == [three.id, six.id, "a", "z"]


def test_the_hash_is_of_all_that_is_said_but_the_revision():
    data = finding_data(FINDING, revision=1, pupil=FINDING.pupil)
    assert len(content_hash(FINDING)) == 32
    assert content_hash(replace(FINDING)) == content_hash(FINDING)
    assert content_hash(replace(FINDING, known_at=None)) != content_hash(FINDING)
    assert "revision" in data
