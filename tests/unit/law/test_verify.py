"""Which part of a finding differs from the one the facts give."""

import pytest

from aanwezig.contracts.findings import finding_data
from aanwezig.law.verify import Disagreement, against, from_itself
from support.facts import a_birth, a_late_arrival, absences, an_absence, an_enrolment
from support.law import NL_2024, found

CHILD = [a_birth(), an_enrolment()]
(FINDING,) = found(*CHILD, absences("2024-09-02", 16), an_absence("2024-09-03", authorised=True))
SAID = {
    **finding_data(FINDING, revision=1, pupil=FINDING.pupil),
    "about": None,
    "definition": None,
    "calendar": None,
}


def test_the_same_but_for_the_revision_agrees():
    assert against(SAID, SAID) is None
    assert against({**SAID, "revision": 2}, SAID) is None


@pytest.mark.parametrize("part", sorted(set(SAID) - {"revision", "pupil", "finding_id"}))
def test_every_part_is_compared(part):
    found = against({**SAID, part: "other"}, SAID)
    assert found == Disagreement(part, "other", str(SAID[part]))


def test_of_rows_the_first_that_differs_is_named_or_their_number():
    rows = SAID["counted"]
    one_off = {**SAID, "counted": [rows[0], "other", *rows[2:]]}
    assert against(one_off, SAID) == Disagreement("counted, row 2", "other", str(rows[1]))
    fewer = {**SAID, "counted": rows[:-1]}
    assert against(fewer, SAID) == Disagreement("counted, number of rows", "15", "16")


def test_a_finding_the_facts_do_not_give():
    assert against(SAID, None) == Disagreement("finding", SAID["finding"], "no such finding from these facts")


(LATENESS,) = found([a_late_arrival(f"2024-09-{number:02}") for number in (2, 3, 4)])
LATE = finding_data(LATENESS, revision=1, pupil=LATENESS.pupil)


def itself(said):
    return from_itself(said, pack=NL_2024.pack, definition=None, pupils=[FINDING.pupil])


def test_what_was_found_holds_from_itself():
    assert (itself(SAID), itself(LATE)) == (None, None)


def test_times_late_are_the_marks_it_counts_and_its_window_theirs():
    four = itself({**LATE, "measured": {**LATE["measured"], "exact": "4"}})
    assert four == Disagreement("measured.exact", "4", "3")
    for end, other in (("from", "2024-09-03"), ("until", "2024-09-03")):
        wrong = itself({**LATE, "window": {**LATE["window"], end: other}})
        assert (wrong.part, wrong.expected) == ("window", str({"from": "2024-09-02", "until": "2024-09-04"}))


def test_the_row_without_hours_is_named():
    rows = list(SAID["counted"])
    rows[2] = {**rows[2], "exact": None, "hours": None}
    assert itself({**SAID, "counted": rows}).part == "counted, row 3, exact"
