"""The journal of a case: a chain of hashes whose lines add up to the case; any change of a line is seen."""

from copy import deepcopy

import pytest

from aanwezig.contracts.journals import ORIGIN, Disagreement, first_disagreement, folded, hash_of


def a_journal() -> list[dict]:
    """Three lines: opened, a note without an event, a step."""
    lines: list[dict] = []
    for revision, changed in (
        (1, {"id": "c", "status": "registered"}),
        (1, {"told": ["x"]}),
        (2, {"status": "closed"}),
    ):
        line = {
            "number": len(lines) + 1, "revision": revision, "name": "happened", "changed": changed,
            "previous": lines[-1]["hash"] if lines else ORIGIN,
        }  # fmt: skip
        lines.append({**line, "hash": hash_of(line)})
    return lines


STATE = {"id": "c", "status": "closed", "told": ["x"], "revision": 2}


def witnessed(lines: list[dict]) -> dict[int, str]:
    return {1: lines[0]["hash"], 2: lines[2]["hash"]}


def test_a_true_journal_agrees_with_the_case_and_with_what_was_said():
    lines = a_journal()
    assert folded(lines) == STATE
    assert first_disagreement(lines, STATE, witnessed(lines)) is None


def rehashed(lines: list[dict]) -> list[dict]:
    for number, line in enumerate(lines, 1):
        line["number"], line["previous"] = number, lines[number - 2]["hash"] if number > 1 else ORIGIN
        line["hash"] = hash_of(line)
    return lines


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("number", 7, "number"), ("previous", "1" * 64, "previous"), ("name", "otherwise", "hash"),
        ("changed", {}, "hash"), ("hash", "1" * 64, "hash"), ("revision", 2, "hash"),
    ],
)  # fmt: skip
def test_a_changed_line_is_named(field, value, what):
    lines = a_journal()
    lines[1][field] = value
    assert first_disagreement(lines, STATE) == Disagreement(2, what)


@pytest.mark.parametrize("left_out", [0, 1])
def test_a_line_left_out_is_seen(left_out):
    lines = a_journal()
    del lines[left_out]
    wrong = first_disagreement(lines, STATE)
    assert wrong is not None
    assert wrong.line == left_out + 1


def test_a_journal_hashed_anew_still_disagrees_with_the_case():
    lines = deepcopy(a_journal())
    lines[2]["changed"] = {"status": "withdrawn"}
    assert first_disagreement(rehashed(lines), STATE) == Disagreement(0, "state", "status")


def test_a_journal_and_a_case_made_anew_still_disagree_with_what_was_said():
    lines = a_journal()
    told = witnessed(lines)
    lines[2]["changed"] = {"status": "withdrawn"}
    wrong = first_disagreement(rehashed(lines), {**STATE, "status": "withdrawn"}, told)
    assert wrong == Disagreement(3, "witness", "2")


def test_a_last_line_cut_off_is_seen_by_what_was_said():
    lines = a_journal()
    told = witnessed(lines)
    assert first_disagreement(lines[:2], folded(lines[:2]), told) == Disagreement(0, "witness", "2")


def test_a_revision_that_jumps_is_seen():
    lines = a_journal()
    lines[2]["revision"] = 3
    assert first_disagreement(rehashed(lines)) == Disagreement(3, "revision")
