"""Which facts stand: the newest word, in any order, any number of times."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.facts import EnrolmentRecorded, LeaveGranted
from aanwezig.law.standing import Standing
from support.facts import (
    SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_leave,
    a_mark,
    a_presence,
    a_report,
    a_sick_report,
    an_absence,
    an_enrolment,
    day,
    retracted,
)

MOMENT = datetime(2024, 9, 2, 12, tzinfo=UTC)


def notable(words) -> list[str]:
    return [said.id for said in Standing.of(words).marks()[SCHOOL].notable()]


@pytest.mark.parametrize(
    ("loser", "winner"),
    [
        ({"at": MOMENT}, {"at": MOMENT.replace(second=1)}),  # the later time
        ({"at": MOMENT}, {"at": MOMENT, "sequence": 0}),  # then the sequence: none is lowest
        ({"at": MOMENT, "sequence": 9}, {"at": MOMENT, "sequence": 10}),  # as a number
        ({"at": MOMENT, "id": "a"}, {"at": MOMENT, "id": "b"}),  # then the id
        (
            {"at": MOMENT, "id": "a", "source": "urn:a"},
            {"at": MOMENT, "id": "a", "source": "urn:b"},
        ),  # then who
    ],
)
def test_the_newest_of_two_words_stands(loser, winner):
    lost = an_absence("2024-09-02", minutes=45, **loser)
    won = an_absence("2024-09-02", minutes=50, **winner)
    for words in ([lost, won], [won, lost], [won, lost, lost, won]):
        (stands,) = Standing.of(words).marks()[SCHOOL]
        assert stands.fact.minutes == 50


def test_while_a_retraction_is_the_newest_nothing_stands():
    said = an_absence("2024-09-02")
    again = an_absence("2024-09-02", said=3)
    for words in ([said, retracted(said)], [retracted(said), said]):
        assert notable(words) == []
    for words in ([said, retracted(said), again], [again, retracted(said), said]):
        assert notable(words) == [again.id]


def test_not_recorded_replaces_and_is_no_mark():
    standing = Standing.of([an_absence("2024-09-02"), a_mark("2024-09-02", "not-recorded", said=2)])
    assert list(standing.marks()[SCHOOL]) == []
    assert standing.marks()[SCHOOL].days() == []


def test_apply_tells_whether_what_stands_changed():
    standing = Standing()
    leave = a_leave("2024-09-02", "2024-09-03")
    assert standing.apply(leave)
    assert not standing.apply(leave)
    assert standing.apply(retracted(leave))
    assert not standing.apply(retracted(leave, said=3))  # retracted twice: still nothing
    assert not standing.apply(a_mark("2024-09-02", "not-recorded"))  # of a slot of which nothing was said
    assert standing.apply(a_presence("2024-09-02", said=2))
    assert standing.apply(a_mark("2024-09-02", "not-recorded", said=3))
    assert list(standing.facts(LeaveGranted)) == []
    assert standing.apply(a_presence("2024-09-03"))
    assert not standing.apply(a_presence("2024-09-03"))


def test_a_corrected_mark_leaves_no_trace_in_days_and_attendance():
    standing = Standing.of(
        [a_presence("2024-09-02"), an_absence("2024-09-02", said=2), a_presence("2024-09-03")]
    )
    marks = standing.marks()[SCHOOL]
    assert marks.days() == [day("2024-09-02"), day("2024-09-03")]
    assert not marks.attended(day("2024-09-02"))
    assert marks.attended(day("2024-09-03"))


def test_a_day_that_comes_or_goes_after_it_was_asked_for_is_noticed():
    standing = Standing.of([a_presence("2024-09-02")])
    marks = standing.marks()[SCHOOL]
    assert marks.days() == [day("2024-09-02")]
    standing.apply(a_presence("2024-09-03"))
    assert marks.days() == [day("2024-09-02"), day("2024-09-03")]
    standing.apply(retracted(a_presence("2024-09-02")))
    assert marks.days() == [day("2024-09-03")]


def test_notable_marks_are_in_order_of_date_and_slot():
    slots = ["afternoon", "lesson-10", "lesson-2", "morning"]
    words = [an_absence("2024-09-03", slot=slot) for slot in slots] + [
        an_absence("2024-09-02", slot="afternoon")
    ]
    told = [said.fact.slot for said in Standing.of(words).marks()[SCHOOL].notable()]
    assert told == ["afternoon", "morning", "lesson-2", "lesson-10", "afternoon"]


def test_a_word_about_another_pupil_is_refused():
    standing = Standing.of([a_birth()])
    with pytest.raises(ValueError, match="another pupil"):
        standing.apply(a_birth(pupil="pupil-2"))
    assert standing.pupil == "pupil-1"
    with pytest.raises(ValueError, match="another pupil"):
        Standing().apply(a_calendar())


def test_the_next_date_is_the_first_of_a_fact_not_yet_seen():
    standing = Standing.of(
        [a_birth(), an_enrolment("2024-10-01"), an_absence("2024-09-20"), an_absence("2024-09-02")]
    )
    assert standing.next_after(day("2024-09-02")) == day("2024-09-20")  # a mark
    assert standing.next_after(day("2024-09-20")) == day("2024-10-01")  # an enrolment
    assert standing.next_after(day("2024-10-01")) is None
    standing.apply(retracted(an_enrolment("2024-10-01")))
    assert standing.next_after(day("2024-09-20")) is None  # what was taken back is never seen


EVENING = datetime(2024, 9, 2, 16, tzinfo=UTC)
NIGHT = datetime(2024, 9, 2, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ([an_absence("2024-09-02", at=EVENING)], 16),
        ([an_absence("2024-09-02", at=EVENING), an_absence("2024-09-02", at=NIGHT, id="again")], 16),
        ([a_presence("2024-09-02", at=EVENING), an_absence("2024-09-02", at=NIGHT)], 22),
        (
            [an_absence("2024-09-02", at=EVENING), a_presence("2024-09-02", at=NIGHT)],
            16,
        ),  # whatever came since
        ([an_absence("2024-09-02", at=EVENING, authorised=None), an_absence("2024-09-02", at=NIGHT)], 22),
        ([an_absence("2024-09-02", at=EVENING, authorised=True)], None),
        ([a_late_arrival("2024-09-02", at=EVENING, authorised=False)], None),
        ([an_absence("2024-09-02", at=EVENING), retracted(an_absence("2024-09-02"), at=NIGHT)], 16),
        ([retracted(an_absence("2024-09-02"), at=EVENING)], None),
        ([an_absence("2024-09-02", at=EVENING, slot="lesson-2")], None),
    ],
)
def test_when_a_mark_was_first_said_to_be_unauthorised(words, hour):
    for order in (words, list(reversed(words))):
        told = Standing.of(order).marks()[SCHOOL].first_unauthorised(day("2024-09-02"), "lesson-1")
        assert (told and told.hour) == hour


def test_an_older_word_that_was_told_earlier_changes_what_stands():
    standing = Standing.of([a_presence("2024-09-02", at=NIGHT)])
    assert standing.apply(an_absence("2024-09-02", at=EVENING))
    assert not standing.apply(an_absence("2024-09-02", at=EVENING))


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        (
            [a_presence("2024-09-02", slot="lesson-10"), a_late_arrival("2024-09-02", slot="lesson-2")],
            "lesson-2",
        ),
        ([a_presence("2024-09-02", slot="afternoon"), an_absence("2024-09-02", slot="morning")], "afternoon"),
        ([an_absence("2024-09-02")], None),
        ([a_presence("2024-09-02"), retracted(a_presence("2024-09-02"))], None),
        ([a_presence("2024-09-03")], None),
    ],
)
def test_the_first_attended_mark_of_a_day(words, slot):
    marks = Standing.of(words).marks()[SCHOOL]
    first = marks.first_attended(day("2024-09-02"))
    assert (first and first.fact.slot) == slot


def test_how_many_marks_a_day_has():
    words = [a_presence("2024-09-02"), an_absence("2024-09-02", slot="lesson-2"), a_presence("2024-09-03")]
    marks = Standing.of([*words, retracted(a_presence("2024-09-03"))]).marks()[SCHOOL]
    assert [marks.recorded(day(on)) for on in ("2024-09-02", "2024-09-03", "2024-09-04")] == [2, 0, 0]


def test_the_schools_at_which_anything_can_be_found():
    words = [
        an_enrolment(school="16QW00"), a_leave("2024-09-02", "2024-09-02", school="16QW01"), a_sick_report("2024-09-02"),
        a_report("2024-09-02", school="16QW02"), a_presence("2024-09-02", school="16QW03"),
    ]  # fmt: skip
    assert Standing.of(words).schools() == {SCHOOL, "16QW02", "16QW03"}


WORDS = [
    built
    for said in (1, 2, 3)
    for built in (
        an_absence("2024-09-02", said=said),
        a_presence("2024-09-02", said=said, id=f"p{said}"),
        retracted(an_absence("2024-09-02"), said=said, id=f"r{said}"),
        a_mark("2024-09-03", "late", said=said),
        an_enrolment(said=said, school_type=("vo", "po", "mbo")[said - 1]),
        retracted(an_enrolment(), said=said, id=f"e{said}"),
    )
]


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.randoms())
def test_order_and_duplicates_make_no_difference(words, random):
    shuffled = words + random.choices(words, k=3) if words else []
    random.shuffle(shuffled)
    one, other = Standing.of(words), Standing.of(shuffled)

    def all_of(standing):
        marks = standing.marks()
        return (
            {school: (sorted(said.id for said in marks[school]), marks[school].days()) for school in marks},
            {school: notable_ids(marks[school]) for school in marks},
            sorted(fact.school_type for fact in standing.facts(EnrolmentRecorded)),
        )

    assert all_of(one) == all_of(other)


def notable_ids(marks) -> list[str]:
    return [said.id for said in marks.notable()]
