"""The order findings come in, and how they are numbered."""

from dataclasses import replace
from datetime import date

import pytest

from aanwezig.law.inquiry import UNNUMBERED
from aanwezig.law.ordinals import canonical, newest, numbered
from support.facts import OTHER_SCHOOL, SCHOOL, absences, day
from support.law import found

(STATUTORY,) = found(absences("2024-09-02", 16))
ROWS = STATUTORY.counted
MORNING = replace(ROWS[0], slot="morning")


def a_draft(on="2024-09-02", *, rule=None, ordinal=UNNUMBERED, **said):
    kind = said.get("kind", "statutory")
    of_rule = replace(STATUTORY.rule, id=rule or kind)
    return replace(STATUTORY, at=day(on), rule=of_rule, ordinal=ordinal, **said)


def test_the_canonical_order_is_by_school_none_first_kind_year_ordinal_definition():
    in_order = [
        a_draft(kind="statutory", school=None),
        a_draft(kind="statutory", school=OTHER_SCHOOL, ordinal=2),
        a_draft(kind="home-sitter", definition="thuiszitter@a"),
        a_draft(kind="home-sitter", definition="thuiszitter@b"),
        a_draft(kind="statutory", school_year="2024-2025", ordinal=2),
        a_draft(kind="statutory", school_year="2024-2025", ordinal=10),
        a_draft(kind="statutory", school_year="2025-2026", ordinal=1),
    ]
    backwards = list(reversed(in_order))
    assert sorted(backwards, key=canonical) == in_order


def test_the_newest_is_the_last_by_date_kind_and_ordinal():
    in_order = [
        a_draft("2024-09-02", kind="statutory", ordinal=9),
        a_draft("2024-09-03", kind="home-sitter", ordinal=2),
        a_draft("2024-09-03", kind="statutory", ordinal=1),
        a_draft("2024-09-03", kind="statutory", ordinal=2),
    ]
    backwards = list(reversed(in_order))
    assert sorted(backwards, key=newest) == in_order


@pytest.mark.parametrize(
    "in_order",
    [
        [a_draft("2024-09-02"), a_draft("2024-09-03")],
        [a_draft(kind="sickness", rule="sickness-frequent"), a_draft(kind="sickness", rule="sickness-long")],
        [a_draft(counted=ROWS[:1]), a_draft(counted=ROWS[1:2])],  # by their first slot
        [a_draft(counted=(replace(ROWS[1], slot=None),)), a_draft(counted=ROWS[:1])],  # none before any
        [a_draft(counted=(replace(ROWS[1], date=date(2024, 8, 30)),)), a_draft(counted=ROWS[:1])],
        [a_draft(counted=(ROWS[0], ROWS[5])), a_draft(counted=ROWS[1:3])],
        [a_draft(counted=()), a_draft(counted=(MORNING,))],  # what counts nothing begins at its own date
        [a_draft(counted=(replace(ROWS[1], date=date(2024, 8, 30)),)), a_draft(counted=())],
    ],
)
def test_numbers_go_by_date_then_rule_then_first_mark(in_order):
    for drafts in (in_order, in_order[::-1]):
        assert [(one.ordinal, one.counted, one.rule.id, one.at) for one in numbered(drafts)] == [
            (place, one.counted, one.rule.id, one.at) for place, one in enumerate(in_order, start=1)
        ]


def test_on_equal_dates_by_the_finding_named():
    first, second = a_draft("2024-08-30", ordinal=2), a_draft("2024-08-31", ordinal=1)
    named = {one.identity: one for one in (first, second)}
    drafts = [a_draft(kind="returned", about=one.identity) for one in (second, first)]
    told = [(one.ordinal, one.about) for one in numbered(drafts, named)]
    assert told == [(1, first.identity), (2, second.identity)]


@pytest.mark.parametrize(
    "other",
    [
        {"school": OTHER_SCHOOL},
        {"school": None},
        {"kind": "light"},
        {"school_year": "2025-2026"},
        {"definition": "x"},
    ],
)
def test_each_series_begins_at_one(other):
    drafts = [a_draft("2024-09-02"), a_draft("2024-09-03", **other), a_draft("2024-09-04")]
    assert sorted((one.at.day, one.ordinal) for one in numbered(drafts)) == [(2, 1), (3, 1), (4, 2)]


def test_a_rung_keeps_its_number_and_is_given_once():
    drafts = [
        a_draft("2024-09-05", kind="lateness", ordinal=3),
        a_draft("2024-09-04", kind="lateness", ordinal=1),
    ]
    again = a_draft("2024-09-06", kind="lateness", ordinal=1)
    told = [(one.at.day, one.ordinal) for one in numbered([again, *drafts])]
    assert told == [(4, 1), (5, 3)]
    assert {one.school for one in numbered(drafts)} == {SCHOOL}
