"""What the home-sitter table must hear of a case: the good news, since when a child is at home, and what blocks."""

from dataclasses import replace
from datetime import date

import pytest

from aanwezig.case_router import crossing
from aanwezig.case_router.commands import Command
from aanwezig.case_router.dossier import Dossier
from aanwezig.case_router.roles import refusal_of_person
from aanwezig.contracts.journals import first_disagreement
from aanwezig.contracts.messages import StepRecorded
from support.case_desk import PUPIL, Desk, names
from support.chain_events import a_finding, a_step, command_event, finding_event

AT, BACK, AGAIN = date(2024, 10, 1), date(2024, 11, 4), date(2025, 1, 13)


def at_home(desk, *, since, at=AT, ordinal=1, revision=1, happened="raised", school="25PL00"):
    """A child is at home: the first date of what was counted lies before the date of the finding."""
    data = a_finding(PUPIL, "home-sitter", at=at, ordinal=ordinal, revision=revision, school=school)
    window = {"from": since.isoformat(), "until": at.isoformat()} if since else None
    return desk.takes(finding_event({**data, "window": window}, happened))


def blocked(event):
    """What an event says that blocks."""
    said = event.said.blocked
    return said and (said.by, said.since)


def step(desk, taken, on, blocked_by=None):
    """An officer records a step, and what blocks."""
    data = a_step(desk.case.id, taken, on) | ({} if blocked_by is None else {"blocked_by": blocked_by})
    return desk.takes(command_event("step-recorded", data, command=f"{taken}-{on}-{blocked_by}", on=on))


@pytest.mark.parametrize("kind", ["returned", "presence-restored"])
def test_good_news_travels_with_the_finding_that_brings_it_and_is_taken_back_with_it(kind):
    desk = Desk()
    (opened, *_) = at_home(desk, since=date(2024, 9, 2))
    (joined,) = desk.hears(kind, at=BACK)
    (left,) = desk.hears(kind, "withdrawn", at=BACK, revision=2)
    (again,) = desk.hears(kind, at=BACK, revision=3)
    assert names([joined, left, again]) == ["finding-joined", "finding-left", "finding-joined"]
    assert [one.said.news for one in (opened, joined, left, again)] == [None, kind, kind, kind]


def test_a_finding_that_is_no_good_news_brings_none_when_it_joins_or_leaves():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    (joined, *_) = desk.hears("statutory")
    (left, *_) = desk.hears("statutory", "withdrawn", revision=2)
    assert (joined.name, left.name) == ("case-finding-joined", "case-finding-left")
    assert joined.said.news is None
    assert left.said.news is None


def test_the_table_hears_that_a_child_is_not_at_home_after_all_and_again_when_it_is():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    desk.hears("lateness")
    (left, *_) = at_home(desk, since=date(2024, 9, 2), revision=2, happened="withdrawn")
    assert (left.name, left.said.to) == ("case-finding-left", "home-sitter-table")
    again = at_home(desk, since=date(2024, 9, 2), revision=3)
    assert [one.said.to for one in again if one.name == "case-escalated"] == ["home-sitter-table"]
    (other, *_) = desk.hears("lateness", "withdrawn", revision=2)
    assert (other.name, other.said.to) == ("case-finding-left", None)


def test_every_event_says_since_when_a_child_is_at_home_and_the_earliest_of_several():
    desk = Desk()
    events = at_home(desk, since=date(2024, 9, 3))
    assert {one.said.home_since for one in events} == {date(2024, 9, 3)}
    (joined, *_) = at_home(desk, since=date(2024, 9, 2), school="17QA02")
    assert joined.said.home_since == date(2024, 9, 2)


def test_of_a_child_enrolled_nowhere_it_is_the_length_before_the_finding():
    desk = Desk()
    data = {**a_finding(PUPIL, "home-sitter", at=AT, school=None, value=28), "window": None}
    (opened, *_) = desk.takes(finding_event(data))
    assert opened.said.home_since == date(2024, 9, 3)


def test_who_returned_is_not_at_home_until_it_is_again_from_the_first_day_of_that():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    (back,) = desk.hears("returned", at=BACK)
    assert back.said.home_since is None
    (joined, *_) = at_home(desk, since=date(2024, 12, 16), at=AGAIN, ordinal=2)
    assert joined.said.home_since == date(2024, 12, 16)
    (left,) = desk.hears("returned", "withdrawn", at=BACK, revision=2)
    assert left.said.home_since == date(2024, 9, 2)


def test_a_return_on_the_day_of_the_finding_is_before_it_and_one_at_another_school_is_no_return():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    (same_day,) = desk.hears("returned", at=AT)
    (elsewhere,) = desk.hears("returned", at=BACK, school="17QA02")
    assert [one.said.home_since for one in (same_day, elsewhere)] == [date(2024, 9, 2)] * 2


def test_a_withdrawn_finding_ends_it_and_a_case_about_lateness_has_none():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    desk.hears("lateness")
    (left, *_) = at_home(desk, since=date(2024, 9, 2), revision=2, happened="withdrawn")
    assert left.said.home_since is None
    assert Desk().hears("lateness")[0].said.home_since is None


def test_what_blocks_is_said_by_a_step_and_stands_until_another_word():
    desk = Desk()
    desk.hears("home-sitter")
    (first,) = step(desk, "meeting-held", date(2024, 10, 7), "no-place")
    (silent,) = step(desk, "plan-agreed", date(2024, 10, 9))
    (same,) = step(desk, "plan-evaluated", date(2024, 10, 14), "no-place")
    (other,) = step(desk, "plan-evaluated", date(2024, 10, 21), "funding")
    (free,) = step(desk, "plan-evaluated", date(2024, 10, 28), "nothing")
    (still,) = step(desk, "plan-evaluated", date(2024, 10, 29), "nothing")
    place = ("no-place", date(2024, 10, 7))
    assert [blocked(one) for one in (first, silent, same)] == [place] * 3
    assert blocked(other) == ("funding", date(2024, 10, 21))
    assert [blocked(one) for one in (free, still)] == [None, None]
    assert desk.case.blocks is None


def test_a_case_that_nothing_ever_blocked_stays_as_it_was():
    desk = Desk()
    desk.hears("home-sitter")
    (free,) = step(desk, "meeting-held", date(2024, 10, 7), "nothing")
    assert free.said.blocked is None
    assert "blocked" not in desk.case.fields()


def test_the_end_of_a_case_ends_what_blocked_it():
    desk = Desk()
    desk.hears("home-sitter")
    step(desk, "meeting-held", date(2024, 10, 7), "health")
    recorded, closed = desk.concludes()
    assert (blocked(recorded), blocked(closed)) == (("health", date(2024, 10, 7)), None)
    assert desk.case.blocks is None


def test_a_hand_over_says_what_blocks_too():
    desk = Desk()
    desk.hears("home-sitter")
    (handed,) = step(desk, "handed-over", date(2024, 10, 7), "housing")
    assert (handed.name, blocked(handed)) == ("case-handed-over", ("housing", date(2024, 10, 7)))


def test_partners_and_justice_hear_of_none_of_it():
    desk = Desk()
    at_home(desk, since=date(2024, 9, 2))
    (taken,) = step(desk, "meeting-held", date(2024, 10, 7), "parents-disagree")
    ((_, told),) = crossing.to_partners(taken)
    assert {"news", "home_since", "blocked"}.isdisjoint(told.data)
    assert {"home_since", "blocked"} <= crossing.event_of(taken).data.keys()


def test_what_blocks_does_not_come_back_from_justice_and_is_no_word_of_a_machine():
    desk = Desk()
    desk.hears("home-sitter")
    back = a_step(desk.case.id, "halt-completed", AT)
    assert crossing.refusal_from_justice(StepRecorded.model_validate(back)) is None
    told = StepRecorded.model_validate({**back, "blocked_by": "health"})
    assert crossing.refusal_from_justice(told).reason == "not-from-justice"
    letter = {**a_step(desk.case.id, "letter-sent", AT), "actor": {"kind": "rule", "id": "post"}}
    for said, reason in ((letter, None), ({**letter, "blocked_by": "health"}, "not-for-this-role")):
        refusal = refusal_of_person(desk.dossier, desk.case, StepRecorded.model_validate(said), None)
        assert (refusal and refusal.reason) == reason


def test_a_dossier_from_before_there_were_blockers_reads_adds_up_and_goes_on():
    desk = Desk()
    desk.hears("home-sitter")
    state = desk.dossier.as_state()
    for case in state["cases"]:
        del case["blocked"]
    desk.dossier = Dossier.from_state(state)
    lines = [entry.as_line() for entry in desk.case.journal]
    assert "blocked" not in lines[0]["changed"]
    assert first_disagreement(lines, {"revision": desk.case.revision, **desk.case.fields()}) is None
    (taken,) = step(desk, "meeting-held", date(2024, 10, 7), "no-place")
    assert blocked(taken) == ("no-place", date(2024, 10, 7))


def test_a_step_of_before_is_the_same_command_when_it_comes_again():
    said = StepRecorded.model_validate(a_step("c" * 32, "talk-held", AT))
    command = Command("key", "id", said)
    # As it was kept before a step could say what blocks.
    assert command.asked == "4fb70ef8aa7b2d23c6218a22d99321ed4be9a70cb7687792f63a3bda58b033ac"
    blocks = replace(command, said=said.model_copy(update={"blocked_by": "health"}))
    assert blocks.asked != command.asked
