"""The routing table, row by row, on both sides of every boundary (`rules.md` 4)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from aanwezig.case_router.route import TABLE, Answer, Asked, answer, combined, why_not_halt
from aanwezig.contracts.messages import ReportRow, SignalRow

AT = date(2024, 10, 1)


def asked(kind="statutory", ordinal=2, *, age=14, obligation="leerplichtig", hours="32", times="0", **more):
    return Asked(kind, ordinal, AT, age, obligation, hours=Fraction(hours), times=Fraction(times), **more)


def signal(name, *, help_in_place=False):
    return (SignalRow(signal=name, date=AT, help_in_place=help_in_place),)


def announced(on, *, announced=True, kind="luxury"):
    return (ReportRow(kind=kind, date=on, announced=announced),)


def luxury(**more):
    return asked("luxury", 1, days=Fraction(1), run=(AT, AT), **more)


SAFE = ("care-meeting", "routed", "pupil")
FORCE = ("police-report", "proposed", "pupil")
HALT = ("halt", "proposed", "pupil")
BEGIN = ("prevention", "routed", "pupil")

ROWS = [
    # what is asked, the row that answers, and what it says
    (asked(signals=signal("safety")), "safety", SAFE),
    (asked(signals=signal("safety", help_in_place=True)), "safety", SAFE),
    (asked("home-sitter", 1, signals=signal("safety")), "safety", SAFE),
    (asked("eighteen-plus", 1, age=18, obligation="eighteen-plus"), "adult", BEGIN),
    (asked("eighteen-plus", 2, age=18, obligation="eighteen-plus"), "adult", SAFE),
    (asked("lateness", 4, age=19, obligation="eighteen-plus", times="12"), "adult", SAFE),
    (asked("home-sitter", 1), "home", SAFE),
    (asked("long-term", 1), "home", SAFE),
    (asked("home-sitter", 1, age=9), "home", SAFE),
    (asked("absolute", 1), "not-enrolled", ("prevention", "routed", "parents")),
    (asked("absolute", 1, refused=True), "not-enrolled-refused", ("police-report", "proposed", "parents")),
    (luxury(), "luxury-first-day", ("prevention", "routed", "parents")),
    (luxury(earlier_luxury=True), "luxury", ("police-report", "proposed", "parents")),
    (replace(luxury(), days=Fraction(2)), "luxury", ("police-report", "proposed", "parents")),
    (luxury(reports=announced(AT)), "luxury", ("police-report", "proposed", "parents")),
    (luxury(reports=announced(date(2024, 10, 29))), "luxury", ("police-report", "proposed", "parents")),
    (luxury(reports=announced(date(2024, 10, 30))), "luxury-first-day", ("prevention", "routed", "parents")),
    (luxury(reports=announced(date(2024, 9, 30))), "luxury-first-day", ("prevention", "routed", "parents")),
    (luxury(reports=announced(AT, announced=False)), "luxury-first-day", ("prevention", "routed", "parents")),
    (
        luxury(reports=announced(AT, kind="statutory")),
        "luxury-first-day",
        ("prevention", "routed", "parents"),
    ),
    (luxury(age=None, earlier_luxury=True), "else", SAFE),  # age unknown: never a police report
    (asked(signals=signal("psychological")), "care-first", SAFE),
    (asked(signals=signal("family")), "care-first", SAFE),
    (asked(signals=signal("illness")), "care-first", SAFE),
    (asked(signals=signal("psychological", help_in_place=True)), "halt", HALT),
    (asked(age=11), "young", ("care-meeting", "routed", "parents")),
    (asked(age=12), "halt", HALT),
    (asked(age=11, forced=True), "young", ("care-meeting", "routed", "parents")),
    (asked(forced=True), "force", FORCE),
    (asked(ordinal=1, forced=True), "force", FORCE),
    (asked(age=None, forced=True), "else", SAFE),  # age unknown: never a police report
    (asked("lateness", 3, times="9", forced=True), "first", BEGIN),
    (asked("lateness", 4, times="12", forced=True), "force", FORCE),
    (asked("light", 1, forced=True), "first", BEGIN),
    (asked(ordinal=1), "first", BEGIN),
    (asked("light", 3), "first", BEGIN),
    (asked("lateness", 1, times="3"), "first", BEGIN),
    (asked("lateness", 3, times="9"), "first", BEGIN),
    (asked("lateness", 4, hours="0", times="12"), "halt", HALT),
    (asked(ordinal=2), "halt", HALT),
    (asked(age=17), "halt", HALT),
    (asked(age=18), "else", SAFE),
    (asked(age=None), "else", SAFE),
    (asked(hours="60.00"), "halt", HALT),
    (asked(hours="60.01"), "halt-over", FORCE),
    (asked("lateness", 6, hours="0", times="60"), "halt", HALT),
    (asked("lateness", 7, hours="0", times="61"), "halt-over", FORCE),
    (asked(hours="61", times="61"), "halt-over", FORCE),
    (asked(hours="61", halt_before=True), "else", SAFE),
    (asked(hours="61", age=None), "else", SAFE),
    (asked(halt_before=True), "else", SAFE),
    (asked(signals=signal("own-initiative-doubted")), "else", SAFE),
    (asked(signals=signal("own-initiative-doubted", help_in_place=True)), "else", SAFE),
    (asked("lateness", 4, hours="8.99", times="11"), "else", SAFE),  # neither 9 hours nor 12 times
    (asked("eighteen-plus", 1), "else", SAFE),
]


@pytest.mark.parametrize(("value", "rule", "says"), ROWS)
def test_the_first_row_that_matches_answers(value, rule, says):
    given = answer(value)
    assert (given.rule, (given.track, given.mode, given.subject)) == (rule, says)


def test_every_row_but_the_one_for_health_answers_somewhere():
    assert {row.id for row in TABLE} - {rule for _, rule, _ in ROWS} == {"health"}


def test_above_sixty_hours_the_officer_of_justice_is_named():
    assert answer(asked(hours="60.01")).note == "officer of justice decides with you"


@pytest.mark.parametrize(
    ("value", "failing"),
    [
        (asked(), ()),
        (asked(age=11), ("twelve-or-over",)),
        (asked(age=12), ()),
        (asked(age=17), ()),
        (asked(age=18), ("under-eighteen",)),
        (asked(age=None), ("age-known",)),
        (asked(hours="9"), ()),
        (asked(hours="8.99", times="11"), ("enough-absence",)),
        (asked(hours="8.99", times="12"), ()),
        (asked(hours="60"), ()),
        (asked(hours="60.01"), ("at-most-60-hours",)),
        (asked(times="60"), ()),
        (asked(times="61"), ("at-most-60-times",)),
        (asked(signals=signal("own-initiative-doubted")), ("own-initiative",)),
        (asked(signals=signal("psychological")), ("no-psychological-need",)),
        (asked(signals=signal("psychological", help_in_place=True)), ()),
        (asked(signals=signal("family")), ()),
        (asked(halt_before=True), ("first-halt",)),
        (asked(age=11, hours="61", halt_before=True), ("twelve-or-over", "at-most-60-hours", "first-halt")),
    ],
)
def test_why_not_halt_names_each_condition_that_fails(value, failing):
    assert why_not_halt(value) == failing


def said(rule, track, about="f"):
    mode = "proposed" if track in {"halt", "police-report"} else "routed"
    return Answer(rule, track, mode, "pupil", about=about)


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ([said("first", "prevention"), said("halt", "halt")], "halt"),
        ([said("halt", "halt"), said("else", "care-meeting")], "halt"),
        ([said("halt", "halt"), said("halt-over", "police-report")], "halt-over"),
        (
            [said("force", "police-report"), said("halt-over", "police-report")],
            "force",
        ),  # equal weight: upper row
        ([said("young", "care-meeting"), said("else", "care-meeting")], "young"),
        ([said("halt-over", "police-report"), said("home", "care-meeting")], "home"),  # help before force
        ([said("care-first", "care-meeting"), said("home", "care-meeting")], "home"),
        ([said("home", "care-meeting"), said("safety", "care-meeting")], "safety"),
        ([said("adult", "prevention"), said("else", "care-meeting")], "adult"),
    ],
)
def test_the_answers_for_all_findings_give_one_for_the_case(answers, rule):
    assert combined(answers).rule == rule
    assert combined(reversed(answers)).rule == rule


def test_of_two_answers_by_one_row_the_heaviest_and_then_the_newest_speaks():
    assert combined([said("adult", "care-meeting", "old"), said("adult", "prevention", "new")]).about == "old"
    assert combined([said("halt", "halt", "old"), said("halt", "halt", "new")]).about == "new"


def test_nothing_standing_gives_no_answer():
    assert combined([]) is None
