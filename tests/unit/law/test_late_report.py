"""Statutory absence that the school told only long after it arose."""

from datetime import UTC, datetime

import pytest

from support.facts import a_birth, a_calendar, a_late_arrival, a_presence, absences, an_absence, retracted
from support.law import found

# Monday 2 September: sixteen hours on one day. Then Tuesday is the first working day, Monday the 9th the fifth.
ON = "2024-09-02"


def at(on, hour=16, minute=0):
    return datetime.fromisoformat(f"{on}T{hour:02}:{minute:02}:00").replace(tzinfo=UTC)


def told(last, **how):
    """Sixteen hours, the last of them told at a moment."""
    return [*absences(ON, 15), an_absence(ON, slot="lesson-16", at=last, **how)]


def late(*words, **how):
    return [
        (str(one.at), int(one.measured.value)) for one in found(*words, **how) if one.kind == "late-report"
    ]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (at("2024-09-02"), []),
        (at("2024-09-09"), []),  # the fifth working day
        (at("2024-09-10"), [("2024-09-10", 6)]),  # the sixth
        (at("2024-09-14"), [("2024-09-14", 9)]),  # on a Saturday: no working day more
        (at("2024-09-09", 21, 59), []),  # 23:59 in Amsterdam
        (at("2024-09-09", 22), [("2024-09-10", 6)]),  # midnight
        (at("2024-10-01"), [("2024-10-01", 21)]),
    ],
)
def test_more_than_five_working_days(last, expected):
    assert late(told(last)) == expected


def test_days_without_lessons_and_lessons_at_weekends_are_no_working_days():
    holiday = a_calendar(holidays=[("2024-09-05", "2024-09-11")])
    assert late(holiday, told(at("2024-09-16"))) == []
    assert late(holiday, told(at("2024-09-17"))) == [("2024-09-17", 6)]
    saturdays = a_calendar(weekdays=[1, 2, 3, 4, 5, 6])
    assert late(saturdays, told(at("2024-09-09"))) == []


def test_where_the_calendar_ends_no_more_days_are_counted():
    assert late(a_calendar(until="2024-09-09"), told(at("2024-10-01"))) == []
    assert late(a_calendar(until="2024-09-10"), told(at("2024-10-01"))) == [("2024-10-01", 6)]


def test_other_findings_of_the_pupil_hide_none():
    times_late = [a_late_arrival(f"2024-08-{number}") for number in (28, 29, 30)]
    assert late(times_late, told(at("2024-09-10"))) == [("2024-09-10", 6)]


def test_it_stands_only_when_its_date_has_come():
    assert late(told(at("2024-09-10")), as_of="2024-09-09") == []
    assert late(told(at("2024-09-10")), as_of="2024-09-10") == [("2024-09-10", 6)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # An earlier word that said the same: known then, whatever was said between.
        ([an_absence(ON, slot="lesson-16", at=at(ON), id="first")], []),
        (
            [
                an_absence(ON, slot="lesson-16", at=at("2024-09-05"), id="first"),
                a_presence(ON, slot="lesson-16", at=at("2024-09-06")),
            ],
            [],
        ),
        # Earlier words that said something else.
        ([an_absence(ON, slot="lesson-16", at=at(ON), id="first", authorised=None)], [("2024-09-12", 8)]),
        ([a_presence(ON, slot="lesson-16", at=at(ON))], [("2024-09-12", 8)]),
        ([retracted(an_absence(ON, slot="lesson-16"), at=at(ON))], [("2024-09-12", 8)]),
        # Said again later: known since the first time.
        ([an_absence(ON, slot="lesson-16", at=at("2024-09-20"), id="again")], [("2024-09-12", 8)]),
    ],
)
def test_a_mark_is_known_since_it_was_first_said(more, expected):
    words = [*told(at("2024-09-12")), *more]
    assert late(words) == late(list(reversed(words))) == expected


def test_it_names_the_finding_counts_nothing_and_is_numbered_by_its_own_date():
    words = [
        *told(at("2024-10-01")),
        *[an_absence("2024-09-03", slot=f"lesson-{n}", at=at("2024-09-30")) for n in range(1, 17)],
    ]
    findings = found(words)
    first, second = (one for one in findings if one.kind == "late-report")
    statutory = [one for one in findings if one.kind == "statutory"]
    assert (first.about, second.about) == (statutory[1].identity, statutory[0].identity)
    assert (first.ordinal, second.ordinal) == (1, 2)
    assert (first.counted, first.window, first.known_at) == ((), None, None)
    assert (first.measured.unit, first.measured.operator, first.measured.threshold) == ("days", ">", 5)


def test_of_eighteen_plus_there_is_none():
    assert late(a_birth("2004-01-01"), told(at("2024-10-01"))) == []
