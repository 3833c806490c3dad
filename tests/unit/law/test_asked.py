"""What a pack asks of each kind: the table of `rules.md` 3."""

from dataclasses import replace

import pytest

from aanwezig.law import packs
from aanwezig.law.asked import asked
from support.law import NL_2024

PACK = NL_2024.pack
LADDER = ("3.00", "6.00", "9.00", "12.00", "15.00", "30.00", "61.00")
OBLIGED = ("leerplichtig", "kwalificatieplichtig")


@pytest.mark.parametrize(
    ("kind", "rows", "of"),
    [
        ("statutory", [("statutory", "hours", ">=", "16.00")], OBLIGED),
        ("eighteen-plus", [("eighteen-plus", "hours", ">=", "16.00")], ("eighteen-plus",)),
        ("lateness", [("lateness", "times", ">=", rung) for rung in LADDER], None),
        ("luxury", [("luxury", "days", ">=", "1.00")], None),
        ("light", [("light", "hours", "<", "16.00")], None),
        ("long-term", [("long-term", "days", ">", "28.00")], OBLIGED),
        # The duty was on the dates of the run; on the day it arises, the day after them, it may be over.
        ("absolute", [("absolute", "days", ">=", "28.00")], None),
        (
            "sickness",
            [("sickness-frequent", "times", ">=", "4.00"), ("sickness-long", "days", ">=", "7.00")],
            None,
        ),
        ("late-report", [("late-report", "days", ">", "5.00")], None),
        ("silent-feed", [("silent-feed", "days", ">=", "1.00")], None),
        ("returned", [("returned", "days", None, None)], None),
        ("presence-restored", [("presence-restored", "days", ">=", "10.00")], None),
    ],
)
def test_rule_unit_operator_threshold_and_of_whom(kind, rows, of):
    told = asked(kind, PACK, None)
    assert [(row.rule, row.unit, row.operator, row.threshold) for row in told] == rows
    assert {row.obligations for row in told} == {of}
    assert asked(kind, replace(PACK, kinds=()), None) == []


@pytest.mark.parametrize(
    ("definition", "thresholds"),
    [
        ("zoetermeer-2024", [(">=", "28.00", OBLIGED)]),
        ("deventer-2022", [(">", "28.00", OBLIGED)]),
        ("ocw-2016", [(">", "28.00", OBLIGED), (">=", "28.00", None)]),  # beside long-term, beside absolute
        (None, []),
    ],
)
def test_of_a_home_sitter_by_definition(definition, thresholds):
    named = None if definition is None else packs.definition(definition)
    told = asked("home-sitter", PACK, named)
    assert [(row.operator, row.threshold, row.obligations) for row in told] == thresholds
    assert {(row.rule, row.unit, row.article) for row in told} == (
        {("home-sitter", "days", named.article)} if named else set()
    )
