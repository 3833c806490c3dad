"""A case that goes to others: to the municipality a pupil moved to, to the Doorstroompunt at eighteen."""

from datetime import date

import pytest

from support.case_desk import PUPIL, Desk, names
from support.chain_events import a_step, finding_id

LATER = date(2024, 11, 12)


def opened(**more) -> Desk:
    desk = Desk()
    desk.hears("statutory", **more)
    return desk


def test_a_newer_finding_from_elsewhere_moves_the_case_with_its_journal():
    desk = opened()
    lines = len(desk.case.journal)
    joined, moved, *_ = desk.hears("lateness", ordinal=2, at=LATER, municipality="0150")
    assert (joined.name, moved.name) == ("case-finding-joined", "case-handed-over")
    assert (moved.said.left, moved.said.municipality, moved.said.step) == ("0637", "0150", "handed-over")
    assert moved.said.about == finding_id(PUPIL, "lateness", 2)
    assert len(desk.dossier.cases) == 1
    assert len(desk.case.journal) > lines


def test_an_amended_finding_that_tells_of_a_move_moves_the_case():
    desk = opened()
    (moved,) = desk.hears("statutory", happened="amended", revision=2, municipality="0150")
    assert (moved.name, moved.said.left) == ("case-handed-over", "0637")


def test_an_older_finding_moves_nothing():
    desk = opened(at=LATER)
    assert names(desk.hears("lateness", ordinal=2, at=date(2024, 9, 20), municipality="0150")) == [
        "finding-joined"
    ]
    assert desk.case.municipality == "0637"


def test_a_municipality_that_becomes_known_is_no_move():
    desk = opened(municipality=None)
    assert desk.hears("statutory", happened="amended", revision=2, municipality="0150") == []
    assert desk.case.municipality == "0150"


def hand_over(desk: Desk, to: str | None, on: date = LATER) -> list:
    data = a_step(desk.case.id, "handed-over", on)
    return desk._commands_in("step-recorded", data if to is None else {**data, "to": to}, on)


def test_a_person_hands_over_and_an_older_word_does_not_take_it_back():
    desk = opened()
    (moved,) = hand_over(desk, "0150")
    assert (moved.said.left, moved.said.municipality) == ("0637", "0150")
    assert names(desk.hears("lateness", ordinal=2, at=date(2024, 11, 1))) == ["finding-joined"]
    assert desk.case.municipality == "0150"


def test_a_newer_word_moves_it_again():
    desk = opened()
    hand_over(desk, "0150")
    assert names(desk.hears("lateness", ordinal=2, at=date(2024, 12, 2))) == ["finding-joined", "handed-over"]
    assert desk.case.municipality == "0637"


def test_the_first_finding_over_eighteen_goes_to_the_doorstroompunt_once():
    desk = opened(age=17, obligation="kwalificatieplichtig")
    adult = {"age": 18, "obligation": "eighteen-plus"}
    happened = desk.hears("eighteen-plus", at=LATER, **adult)
    assert names(happened)[:2] == ["finding-joined", "handed-over"]
    assert happened[1].said.to == "doorstroompunt"
    assert "handed-over" not in names(desk.hears("eighteen-plus", ordinal=2, at=date(2024, 12, 2), **adult))


def test_a_case_of_an_adult_from_the_start_is_not_handed_over():
    desk = opened(age=18, obligation="eighteen-plus")
    assert "handed-over" not in names(desk.events)
    assert "handed-over" not in names(
        desk.hears("statutory", ordinal=2, age=18, obligation="eighteen-plus", at=LATER)
    )


@pytest.mark.parametrize(
    ("age", "at", "before", "on"),
    [
        (17, date(2024, 10, 1), date(2025, 9, 30), date(2025, 10, 1)),
        (16, date(2024, 10, 1), date(2026, 9, 30), date(2026, 10, 1)),
        (17, date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1)),
    ],
)
def test_without_a_finding_the_case_goes_when_the_pupil_is_eighteen_for_certain(age, at, before, on):
    desk = opened(age=age, at=at, obligation="kwalificatieplichtig")
    desk.closes(before)
    assert "handed-over" not in names(desk.events)
    assert desk.dossier.index["due"] <= on.isoformat()
    assert names(desk.closes(on)) == ["handed-over"]
    assert desk.closes(date(on.year, on.month, on.day + 1)) == []


def test_at_the_doorstroompunt_a_proposal_of_force_falls_and_none_comes():
    desk = opened(age=17, ordinal=2, hours="32.00", obligation="kwalificatieplichtig")
    assert desk.case.proposed.track == "halt"
    (given,) = hand_over(desk, "doorstroompunt")
    assert (given.said.to, given.said.proposed, desk.case.terms) == ("doorstroompunt", None, ())
    desk.hears(
        "statutory", ordinal=3, hours="48.00", at=date(2024, 12, 2), age=17, obligation="kwalificatieplichtig"
    )
    assert desk.case.proposed is None
    desk.decides("halt", consent=(True, True), motive="toch", on=date(2024, 12, 3))
    assert desk.refusals == ["eighteen-or-over"]
