"""The sixteen narrated cases (`docs/narrated.md`): what is told gives exactly what is concluded, and never what is not."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from aanwezig.contracts.outcomes import OUTCOMES
from support.narrated import SCENARIOS
from support.narrated.desk import Desk, Telling, findings_of, known_by, name_of, of_child, take_in
from support.narrated.story import Decided, Several
from support.oracle import oracle

TOLD = {one.case: Telling(one) for one in SCENARIOS}
BY_CASE = [pytest.param(one, id=one.case) for one in SCENARIOS]
EVERY_CONCLUSION = [
    pytest.param(one, concluded, id=f"{one.case}-{number}-{concluded.on}-{concluded.definition}")
    for one in SCENARIOS
    for number, concluded in enumerate(one.concluded, start=1)
]
EVERY_DECISION = [
    pytest.param(one, decided, id=f"{one.case}-{decided.on}-{decided.track}")
    for one in SCENARIOS
    for decided in one.done
    if isinstance(decided, Decided)
]


def standing(scenario, concluded):
    return TOLD[scenario.case].findings(concluded)


def named(scenario, rows):
    """Findings as a story writes them: who, where it matters, kind, ordinal, date, value, what it names, by which rule."""
    names = {json.dumps(child.ref): child.name for child in scenario.children}
    known = {row["finding"]: name_of(row) for row in rows}
    return [
        (
            names.get(json.dumps(row["pupil"])), row["kind"], row["ordinal"], row["at"], row["measured"]["value"],
            known.get(row.get("about")), row["rule"]["id"],
        )
        for row in rows
    ]  # fmt: skip


def expected(found):
    who = None if found.child is None else found.child.name
    return (who, found.kind, found.ordinal, found.at, found.value, found.about, found.rule or found.kind)


def split(rows, several):
    """The findings that a `Several` speaks of, and the others."""
    mine = [row for row in rows if row[:2] == (several.child.name, several.kind)]
    return mine, [row for row in rows if row not in mine]


@pytest.mark.parametrize(("scenario", "concluded"), EVERY_CONCLUSION)
def test_exactly_what_the_story_concludes_stands(scenario, concluded):
    rows = named(scenario, standing(scenario, concluded))
    for several in (one for one in concluded.findings if isinstance(one, Several)):
        mine, rows = split(rows, several)
        assert [row[2] for row in mine] == list(range(1, several.how_many + 1))
        assert (mine[0][3:5], mine[-1][3:5]) == (several.first, several.last)
    singles = [expected(one) for one in concluded.findings if not isinstance(one, Several)]
    assert sorted(rows, key=repr) == sorted(singles, key=repr)


@pytest.mark.parametrize("scenario", BY_CASE)
def test_what_must_not_be_concluded_never_is(scenario):
    assert scenario.never_kinds or scenario.never_tracks
    for concluded in scenario.concluded:
        rows = standing(scenario, concluded)
        assert {row["kind"] for row in rows}.isdisjoint(scenario.never_kinds), concluded.on
        for child in scenario.children:
            if of_child(rows, child) and (answers := Desk(scenario, child, rows, concluded.day).answers()):
                tracks = {answer.track for answer in answers}
                assert tracks.isdisjoint(scenario.never_tracks), concluded.on


@pytest.mark.parametrize("scenario", BY_CASE)
def test_the_table_sends_each_case_where_the_story_says(scenario):
    assert any(concluded.answers for concluded in scenario.concluded) or not any(
        concluded.findings for concluded in scenario.concluded
    )
    for concluded in scenario.concluded:
        rows = standing(scenario, concluded) if concluded.answers else []
        for answered in concluded.answers:
            desk = Desk(scenario, answered.child, rows, concluded.day)
            given = desk.answer()
            assert (given.rule, given.track, given.subject) == (
                answered.row,
                answered.track,
                answered.subject,
            )
            assert (given.mode == "proposed") == (answered.track in {"halt", "police-report"})
            rules = desk.by_row()
            assert {name: rules[name] for name in answered.by} == answered.by


@pytest.mark.parametrize(("scenario", "decided"), EVERY_DECISION)
def test_what_an_officer_decides_is_taken_or_refused_with_its_reason(scenario, decided):
    before = [one for one in scenario.concluded if one.on <= decided.on]
    concluded = max(before, key=lambda one: (one.on, bool(one.answers)))
    rows = standing(scenario, concluded)
    refusal = Desk(scenario, decided.child, rows, concluded.day).refusal(decided)
    assert (refusal.reason if refusal else None) == decided.refused


@pytest.mark.parametrize("scenario", BY_CASE)
def test_told_in_another_order_and_twice_it_ends_the_same(scenario):
    last = scenario.concluded[-1]
    told = known_by(scenario, last)
    again = [*told, *Random(7).sample(told, len(told) // 3)]
    Random(7).shuffle(again)
    assert findings_of(take_in(again), last) == standing(scenario, last)


@pytest.mark.parametrize("scenario", BY_CASE)
def test_the_text_of_the_rules_read_naively_says_the_same(scenario):
    last = scenario.concluded[-1]
    told = known_by(scenario, last)
    naive = json.loads(json.dumps(oracle(told, as_of=last.day, definition=last.definition)))
    shown = (
        "pupil",
        "school",
        "kind",
        "ordinal",
        "at",
        "obligation",
        "window",
        "measured",
        "counted",
        "not_counted",
    )
    rows = standing(scenario, last)
    assert [{key: row[key] for key in shown} for row in rows] == [
        {key: row[key] for key in shown} for row in naive
    ]


def test_the_sixteen_cases_are_told_and_every_filled_gap_says_so():
    assert {scenario.case.split("/")[0] for scenario in SCENARIOS} == {
        f"C{number}" for number in range(1, 17)
    }
    for scenario in SCENARIOS:
        for one in scenario.told:
            assert one.when != "?" or not one.facts or one.assumed, (scenario.case, one.told)


def test_the_page_of_the_cases_tells_each_of_them():
    page = (Path(__file__).parents[2] / "docs" / "narrated.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (C\d+) (.*?) \(", page, re.MULTILINE)
    assert told == [(scenario.case, scenario.title) for scenario in SCENARIOS if "/" not in scenario.case]


def test_the_page_tells_how_each_lived_case_is_left():
    page = (Path(__file__).parents[2] / "docs" / "narrated.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (C\d+) \| .* \| (.*) \|$", page, re.MULTILINE))
    lived = [scenario for scenario in SCENARIOS if scenario.left]
    assert rows.keys() == {scenario.case.split("/")[0] for scenario in lived}
    for scenario in lived:
        for one in scenario.left:
            row = rows[scenario.case.split("/")[0]].replace("taken note", "taken-note")
            assert one.status.replace("in-progress", "in progress") in row
            assert one.outcome is None or (one.outcome in OUTCOMES and one.outcome in row)
