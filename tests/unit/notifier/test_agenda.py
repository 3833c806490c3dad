"""The home-sitter table's rows and agenda: both sides of each boundary."""

from datetime import date, timedelta

import pytest

from aanwezig.notifier.agenda import Agenda, CaseRow, agenda, heard
from support.agendas import HOME, TO_DIRECTOR, TO_TABLE, case_said, row_of

MONDAY, TUESDAY, BACK = date(2024, 10, 7), date(2024, 10, 8), date(2024, 10, 10)
AS_OF, SINCE = date(2024, 10, 13), date(2024, 10, 6)
LISTED = ("escalated", MONDAY, TO_TABLE)
GONE = {"home_since": None}


def one(row, as_of=AS_OF, since=SINCE, municipality=None):
    """The only child on the list."""
    (found,) = agenda([row], as_of, since, municipality).at_home
    return found


def test_a_case_comes_on_the_list_when_it_is_told_to_the_table_and_not_before():
    opened = row_of(("opened", MONDAY, {}))
    assert not opened.is_listed
    told = row_of(("opened", MONDAY, {}), ("escalated", TUESDAY, TO_TABLE))
    assert (told.is_listed, told.entered, told.came) == (True, TUESDAY, TUESDAY)
    assert not row_of(("escalated", MONDAY, TO_DIRECTOR)).is_listed


@pytest.mark.parametrize(
    ("as_of", "days"), [(HOME, 0), (HOME + timedelta(28), 28), (HOME + timedelta(29), 29)]
)
def test_days_at_home_are_calendar_days_from_the_first_to_the_date_of_the_agenda(as_of, days):
    assert one(row_of(LISTED), as_of).days == days


def test_who_is_longest_at_home_stands_first_and_equals_by_case():
    rows = [
        row_of(("escalated", MONDAY, TO_TABLE | {"home_since": HOME + timedelta(later)}), name=name)
        for name, later in (("a", 3), ("b", 0), ("c", 3))
    ]
    listed = agenda(rows, AS_OF, SINCE).at_home
    assert [entry.days for entry in listed] == [41, 38, 38]
    assert listed[1].case < listed[2].case


@pytest.mark.parametrize(
    ("on", "mark"), [(SINCE - timedelta(1), None), (SINCE, None), (SINCE + timedelta(1), "new")]
)
def test_new_is_who_came_after_the_date_of_the_agenda_before(on, mark):
    row = row_of(("escalated", on, TO_TABLE))
    assert one(row).mark == mark
    assert one(row, since=None).mark == "new"


@pytest.mark.parametrize(("on", "is_told"), [(SINCE, False), (SINCE + timedelta(1), True)])
def test_back_since_last_time_is_who_went_after_the_date_of_the_agenda_before(on, is_told):
    told = agenda([row_of(LISTED, ("finding-joined", on, GONE | {"news": "returned"}))], AS_OF, SINCE)
    assert told.at_home == ()
    assert [(gone.why, gone.on, gone.days) for gone in told.gone] == (
        [("returned", on, (on - HOME).days)] if is_told else []
    )
    assert len(told.returned) == is_told


@pytest.mark.parametrize(
    ("what", "said", "why"),
    [
        ("finding-joined", GONE | {"news": "returned"}, "returned"),
        ("closed", {"status": "closed"}, "closed"),
        ("closed", {"status": "taken-note"}, "taken-note"),
        ("withdrawn", {"status": "withdrawn"} | GONE, "withdrawn"),
        ("finding-left", GONE, "corrected"),
    ],
)
def test_why_a_child_went_off_the_list(what, said, why):
    row = row_of(LISTED, (what, BACK, said))
    assert (row.is_listed, row.went, row.why) == (False, BACK, why)


def test_presence_restored_of_who_is_still_at_home_takes_nobody_off_the_list():
    assert row_of(LISTED, ("finding-joined", BACK, {"news": "presence-restored"})).is_listed


def test_who_returned_and_whose_case_closes_later_went_when_it_returned():
    closed = row_of(LISTED, ("finding-joined", BACK, GONE | {"news": "returned"}),
                    ("closed", BACK + timedelta(9), GONE | {"status": "closed"}))  # fmt: skip
    assert (closed.went, closed.why) == (BACK, "returned")


def test_good_news_taken_back_puts_the_child_on_the_list_again():
    row = row_of(
        LISTED,
        ("finding-joined", BACK, GONE | {"news": "returned"}),
        ("finding-left", AS_OF, {"news": "returned"}),
    )
    assert (row.is_listed, row.went, row.why, row.came) == (True, None, None, AS_OF)
    assert one(row).mark == "again"
    assert agenda([row], AS_OF, SINCE).gone == ()
    assert one(row, since=AS_OF).mark is None


def test_the_last_step_is_the_newest_and_a_step_of_justice_is_not_for_the_table():
    row = row_of(LISTED, ("step-taken", TUESDAY, {"step": "plan-agreed"}),
                 ("step-taken", BACK, {"step": "halt-completed"}), ("closed", BACK, {"step": "verdict"}))  # fmt: skip
    assert (row.last_step, row.last_step_on) == ("plan-agreed", TUESDAY)
    assert one(row_of(LISTED)).last_step is None


def test_what_blocks_is_what_was_said_and_else_the_term_that_passed_since_its_last_day():
    due = date(2024, 10, 9)
    stuck = ("stagnated", BACK, {"timer": "meeting", "due": due})
    late = one(row_of(LISTED, stuck))
    assert (late.blocked_by, late.timer, late.blocked_since, late.due) == (None, "meeting", due, due)
    said = {"blocked": {"by": "no-place", "since": TUESDAY}, "due": due, "step": "home-visit"}
    blocked = one(row_of(LISTED, stuck, ("step-taken", BACK, said)))
    assert (blocked.blocked_by, blocked.timer, blocked.blocked_since) == ("no-place", None, TUESDAY)
    assert one(row_of(LISTED)).blocked_since is None


def test_a_term_that_was_met_blocks_no_more():
    due, next_due = date(2024, 10, 9), date(2024, 11, 20)
    stuck = ("stagnated", BACK, {"timer": "meeting", "due": due})
    met = one(row_of(LISTED, stuck, ("step-taken", BACK, {"step": "meeting-held", "due": next_due})))
    assert (met.timer, met.blocked_since, met.due) == (None, None, next_due)
    assert one(row_of(LISTED, stuck, ("step-taken", BACK, {"step": "meeting-held"}))).timer is None


def test_of_two_terms_the_one_that_passed_first_blocks():
    first, second = date(2024, 10, 9), date(2024, 10, 11)
    row = row_of(LISTED, ("stagnated", BACK, {"timer": "meeting", "due": first}),
                 ("stagnated", AS_OF, {"timer": "decision", "due": second}))  # fmt: skip
    assert (row.due, row.passed.timer) == (first, "meeting")
    decided = heard(row, "case-proposal-dropped", case_said(revision=9, due=first), AS_OF)
    assert decided.passed.timer == "meeting"


def test_that_halt_did_not_answer_is_not_for_the_table():
    row = row_of(LISTED, ("stagnated", BACK, {"timer": "halt-result", "due": BACK}))
    assert (one(row).timer, one(row).blocked_since) == (None, None)


def test_a_table_sees_the_cases_of_its_municipality_and_one_of_the_region_all():
    rows = [row_of(("escalated", MONDAY, TO_TABLE | {"municipality": place}), name=name)
            for name, place in (("a", "0637"), ("b", "0150"), ("c", None))]  # fmt: skip
    assert [entry.municipality for entry in agenda(rows, AS_OF, SINCE, "0637").at_home] == ["0637"]
    assert len(agenda(rows, AS_OF, SINCE).at_home) == 3


@pytest.mark.parametrize(("on", "is_told"), [(SINCE, False), (SINCE + timedelta(1), True)])
def test_who_moved_left_one_table_and_is_new_to_the_other(on, is_told):
    came = ("escalated", date(2024, 9, 30), TO_TABLE)
    row = row_of(came, ("handed-over", on, {"municipality": "0150", "left": "0637"}))
    old, new, region = (agenda([row], AS_OF, SINCE, place) for place in ("0637", "0150", None))
    assert (old.at_home, [moved.on for moved in old.moved_away]) == ((), [on] if is_told else [])
    assert [entry.mark for entry in new.at_home] == (["new"] if is_told else [None])
    assert ([entry.mark for entry in region.at_home], region.moved_away) == ([None], ())


def test_a_case_that_never_was_on_the_list_moves_in_silence():
    row = row_of(("opened", MONDAY, {}), ("handed-over", TUESDAY, {"municipality": "0150"}))
    assert agenda([row], AS_OF, SINCE, "0637").moved_away == ()


def test_a_case_that_came_on_the_list_where_it_is_now_left_nobodys_list():
    row = row_of(("opened", MONDAY, {}), ("handed-over", TUESDAY, {"municipality": "0150"}),
                 ("escalated", BACK, TO_TABLE | {"municipality": "0150"}))  # fmt: skip
    assert agenda([row], AS_OF, SINCE, "0637").moved_away == ()
    assert len(agenda([row], AS_OF, SINCE, "0150").new) == 1


def test_who_is_back_at_school_stands_before_who_went_for_another_reason():
    closed = row_of(LISTED, ("closed", TUESDAY, {"status": "closed"}), name="a")
    back = row_of(LISTED, ("finding-joined", BACK, GONE | {"news": "returned"}), name="b")
    assert [gone.why for gone in agenda([closed, back], AS_OF, SINCE).gone] == ["returned", "closed"]


def test_a_municipality_that_becomes_known_is_no_move():
    row = row_of(("opened", MONDAY, {"municipality": None}), ("escalated", TUESDAY, TO_TABLE))
    assert (row.municipality, row.moves) == ("0637", ())


def test_an_event_heard_twice_or_late_changes_nothing():
    row = row_of(LISTED, ("finding-joined", BACK, GONE))
    assert heard(row, "case-escalated", case_said(revision=1, **TO_TABLE), AS_OF) is row
    assert heard(row, "case-finding-joined", case_said(revision=2), AS_OF) is row


def test_rows_and_agendas_are_kept_as_plain_values_and_read_back_the_same():
    row = row_of(LISTED, ("stagnated", BACK, {"timer": "meeting", "due": BACK, "blocked": {"by": "health", "since": BACK}}),
                 ("handed-over", AS_OF, {"municipality": "0150", "left": "0637", "step": "handed-over"}))  # fmt: skip
    assert CaseRow.from_state(row.as_state()) == row
    made = agenda([row, row_of(LISTED, ("closed", BACK, {"status": "closed"}), name="b")], AS_OF, SINCE)
    assert Agenda.from_state(made.as_state()) == made
