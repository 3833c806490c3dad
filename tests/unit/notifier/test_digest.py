"""The director's weekly digest: once per cause, what stands of earlier weeks, and the counts."""

from datetime import date, timedelta

import pytest

from aanwezig.notifier.digest import Count, Digest, digest
from support.agendas import HOME, TO_DIRECTOR, TO_TABLE, row_of

SATURDAY, FRIDAY = date(2024, 10, 5), date(2024, 10, 11)
DUE = date(2024, 10, 4)
LISTED = ("escalated", date(2024, 9, 30), TO_TABLE)


def stuck(on, *, due=DUE, timer="meeting", name="a", **more):
    """A case in which a term passed."""
    return row_of(
        ("opened", SATURDAY, {}), ("stagnated", on, {"timer": timer, "due": due, **more}), name=name
    )


@pytest.mark.parametrize(
    ("on", "where"),
    [
        (SATURDAY - timedelta(1), "earlier"), (SATURDAY, "stagnated"), (FRIDAY, "stagnated"),
        (FRIDAY + timedelta(1), None),
    ],
)  # fmt: skip
def test_a_week_runs_from_saturday_to_friday_and_what_stands_of_before_is_told_apart(on, where):
    made = digest([stuck(on)], SATURDAY, FRIDAY)
    assert {name: len(getattr(made, name)) for name in ("earlier", "stagnated")} == {
        "earlier": int(where == "earlier"), "stagnated": int(where == "stagnated"),
    }  # fmt: skip


def test_a_cause_is_new_in_one_week_only_and_a_term_that_begins_anew_is_another_cause():
    row = row_of(("stagnated", SATURDAY, {"timer": "evaluation", "due": DUE}),
                 ("stagnated", FRIDAY, {"timer": "evaluation", "due": DUE}),
                 ("stagnated", FRIDAY, {"timer": "evaluation", "due": FRIDAY}))  # fmt: skip
    assert [(one.due, one.on) for one in digest([row], SATURDAY, FRIDAY).stagnated] == [
        (DUE, SATURDAY),
        (FRIDAY, FRIDAY),
    ]
    later = digest([row], FRIDAY + timedelta(1), FRIDAY + timedelta(7))
    assert (later.stagnated, len(later.earlier)) == ((), 2)


def test_a_term_that_was_met_is_told_in_its_week_and_no_more_after_it():
    row = row_of(("stagnated", SATURDAY, {"timer": "meeting", "due": DUE}),
                 ("step-taken", FRIDAY, {"step": "meeting-held", "due": date(2024, 11, 20)}))  # fmt: skip
    (told,) = digest([row], SATURDAY, FRIDAY).stagnated
    assert not told.stands
    assert digest([row], FRIDAY + timedelta(1), FRIDAY + timedelta(7)).earlier == ()


@pytest.mark.parametrize("status", ["closed", "withdrawn", "taken-note"])
def test_what_stagnated_in_a_case_that_ended_stands_no_more(status):
    row = row_of(("stagnated", SATURDAY - timedelta(3), {"timer": "meeting", "due": DUE}),
                 ("closed", SATURDAY, {"status": status, "due": DUE}))  # fmt: skip
    assert digest([row], SATURDAY, FRIDAY).earlier == ()


def test_the_bottleneck_is_what_was_said_to_block_or_else_the_timer():
    blocked = {"blocked": {"by": "funding", "since": date(2024, 9, 20)}}
    made = digest([stuck(FRIDAY, name="a", **blocked), stuck(FRIDAY, name="b")], SATURDAY, FRIDAY)
    told = {one.bottleneck: one.since for one in made.stagnated}
    assert told == {"funding": date(2024, 9, 20), "meeting": DUE}


def test_the_counts_add_up_by_bottleneck_timer_and_school():
    blocked = {"blocked": {"by": "funding", "since": DUE}}
    rows = [
        stuck(FRIDAY, name="a", **blocked), stuck(FRIDAY, name="b", **blocked, school="17QA02"),
        stuck(FRIDAY, name="c", timer="decision"), stuck(SATURDAY - timedelta(2), name="d", school=None),
    ]  # fmt: skip
    made = digest(rows, SATURDAY, FRIDAY)
    assert made.by_bottleneck == (Count("funding", 2, 0), Count("decision", 1, 0), Count("meeting", 0, 1))
    assert made.by_timer == (Count("meeting", 2, 1), Count("decision", 1, 0))
    assert made.by_school == (Count("25PL00", 2, 0), Count("", 0, 1), Count("17QA02", 1, 0))
    for counts in (made.by_bottleneck, made.by_timer, made.by_school):
        assert (sum(one.new for one in counts), sum(one.earlier for one in counts)) == (3, 1)


@pytest.mark.parametrize(
    ("on", "is_new"), [(SATURDAY - timedelta(1), False), (SATURDAY, True), (FRIDAY, True)]
)
def test_a_child_at_home_whose_case_is_open_for_91_days_is_new_once_and_stays_while_it_is_at_home(on, is_new):
    row = row_of(LISTED, ("escalated", on, TO_DIRECTOR))
    (told,) = digest([row], SATURDAY, FRIDAY).long_home
    assert (told.is_new, told.home_days) == (is_new, (FRIDAY - HOME).days)
    back = row_of(LISTED, ("escalated", on, TO_DIRECTOR), ("finding-joined", FRIDAY, {"home_since": None}))
    left = digest([back], SATURDAY, FRIDAY).long_home
    assert [one.home_days for one in left] == ([None] if is_new else [])


def test_a_director_of_a_municipality_sees_its_cases_only():
    rows = [stuck(FRIDAY, name="a"), stuck(FRIDAY, name="b", municipality="0150")]
    assert [one.municipality for one in digest(rows, SATURDAY, FRIDAY, "0150").stagnated] == ["0150"]


def test_a_digest_is_kept_as_plain_values_and_read_back_the_same():
    rows = [
        stuck(FRIDAY),
        row_of(LISTED, ("escalated", FRIDAY, TO_DIRECTOR), name="b"),
        stuck(SATURDAY - timedelta(2), name="c"),
    ]
    made = digest(rows, SATURDAY, FRIDAY)
    assert Digest.from_state(made.as_state()) == made
