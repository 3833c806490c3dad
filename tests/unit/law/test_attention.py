"""The cheap question: `False` is a promise."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aanwezig.law.attention import (
    UNKNOWN_PUPIL,
    Attention,
    attentive,
    may_change,
    noted,
)
from aanwezig.law.classify import classify
from aanwezig.law.standing import Standing
from support.facts import (
    SCHOOL,
    a_birth,
    a_late_arrival,
    a_leave,
    a_mark,
    a_presence,
    a_report,
    absent_on,
    an_absence,
    an_arrangement,
    an_enrolment,
    an_exemption,
    day,
    retracted,
    weekdays_between,
)
from support.law import NL_2024, about_calendar, book_of

AT_HOME = absent_on(weekdays_between("2024-09-02", "2024-10-04"), authorised=True)


def attention_of(*words, as_of="2030-12-31") -> Attention:
    standing = Standing.of(said for said in words if not about_calendar(said))
    how = {"calendars": book_of(words).calendars, "governance": NL_2024, "as_of": day(as_of)}
    return attentive(standing, classify(standing, **how), **how)


@pytest.mark.parametrize(
    ("before", "word", "expected"),
    [
        ([], a_presence("2024-09-02"), False),  # of a pupil of whom nothing was said
        ([an_absence("2024-09-02")], a_presence("2024-09-03"), False),  # on another day
        ([an_absence("2024-09-02")], a_presence("2024-09-02", said=2), True),  # on that day
        ([an_absence("2024-09-02")], a_presence("2024-09-02", slot="lesson-2"), True),
        ([an_absence("2024-09-02")], a_presence("2024-09-02", school="16QW01"), False),  # elsewhere
        ([a_late_arrival("2024-09-02")], a_presence("2024-09-02", said=2), True),
        (AT_HOME[:10], a_presence("2024-09-09", slot="lesson-2"), True),
        (AT_HOME[:10], a_presence("2024-10-01"), False),  # a streak below the limit
        (AT_HOME, a_presence("2024-10-01"), True),  # one that reached it
        ([a_birth("1990-01-01"), *AT_HOME], a_presence("2024-10-01"), True),  # though nothing was said of it
        ([], an_absence("2024-09-02"), True),
        ([], a_late_arrival("2024-09-02"), True),
        ([], an_enrolment(), True),
        ([], a_report("2024-09-02"), True),
        ([], retracted(an_enrolment()), True),
        ([a_presence("2024-09-02")], a_mark("2024-09-02", "not-recorded", said=2), False),
        ([a_presence("2024-09-02")], retracted(a_presence("2024-09-02")), False),
        ([an_absence("2024-09-02")], retracted(a_presence("2024-09-03")), True),  # it may mend a streak
        ([a_report("2024-09-02")], retracted(a_presence("2024-09-03")), True),
        ([a_report("2024-09-02")], a_mark("2024-09-03", "not-recorded"), True),
    ],
)
def test_may_change(before, word, expected):
    assert may_change(attention_of(*before), word) is expected


def test_noting_a_quiet_mark_changes_nothing_but_where_marks_begin_and_end():
    attention = attention_of(a_presence("2024-09-02"), an_absence("2024-09-03"))
    for on in ("2024-09-04", "2025-07-31", "2024-09-02"):
        assert noted(attention, a_presence(on)) is attention
    earlier = noted(attention, a_presence("2024-08-30"))
    assert earlier.schools[SCHOOL].first == day("2024-08-30")
    assert noted(attention, a_presence("2025-08-01")).schools[SCHOOL].last_year == 2025
    assert noted(attention, a_mark("2024-08-01", "not-recorded")) is attention
    assert noted(attention, retracted(a_presence("2024-09-02"))) is attention


def test_noting_an_absence_remembers_its_day():
    attention = noted(UNKNOWN_PUPIL, an_absence("2024-09-03"))
    assert attention.schools[SCHOOL].days == {day("2024-09-03")}
    assert may_change(attention, a_presence("2024-09-03"))
    assert noted(attention, a_late_arrival("2024-09-03")) is attention


def test_it_knows_when_a_pupil_wakes_and_whether_anything_stands():
    words = [*AT_HOME, a_presence("2024-09-06", slot="lesson-2"), an_enrolment("2025-01-01")]
    assert attention_of(*words, as_of="2024-12-31").wakes == day("2025-01-01")
    assert attention_of(*AT_HOME).findings


DAYS = list(weekdays_between("2024-08-26", "2024-10-25"))
MARKS = st.builds(
    lambda state, on, slot, said, authorised: a_mark(
        on,
        state,
        slot=slot,
        minutes=240,
        said=said,
        id=f"{state}{on}{slot}{said}{authorised}",
        authorised=authorised,
    ),
    st.sampled_from(["present", "present", "absent", "late", "not-recorded"]),
    st.sampled_from(DAYS),
    st.sampled_from(["morning", "afternoon"]),
    st.integers(1, 3),
    st.sampled_from([True, False, None]),
)
OTHERS = st.sampled_from(
    [
        a_birth(),
        a_birth("2006-09-20", said=2),
        an_enrolment(),
        an_enrolment(until="2024-09-20", said=2),
        a_leave("2024-09-09", "2024-09-13"),
        an_exemption("2024-09-01", "2024-09-10"),
        an_arrangement("partial-timetable", "2024-09-16", "2024-09-16"),
        a_report("2024-10-10"),
    ]
)
ABSENT_FOR_LONG = [
    an_absence(on, slot="morning", minutes=240, authorised=True)
    for on in weekdays_between("2024-09-02", "2024-10-04")
]
LONG_WITH_GAPS = st.sets(st.integers(0, len(ABSENT_FOR_LONG) - 1), max_size=3).map(
    lambda gaps: [said for place, said in enumerate(ABSENT_FOR_LONG) if place not in gaps]
)
HISTORY = st.tuples(
    st.one_of(st.just([]), st.just(ABSENT_FOR_LONG), LONG_WITH_GAPS), st.lists(st.one_of(MARKS, MARKS, OTHERS), max_size=15)
).map(lambda parts: [*parts[0], *parts[1]])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(HISTORY, st.lists(st.one_of(MARKS, MARKS.map(retracted)), min_size=1, max_size=12), st.integers(0, 60))
def test_when_it_says_no_the_findings_stay_the_same(history, stream, days):
    as_of = day("2024-08-26") + timedelta(days=days)
    how = {"calendars": book_of([]).calendars, "governance": NL_2024, "as_of": as_of}
    standing = Standing.of(history)
    findings = classify(standing, **how)
    attention = attentive(standing, findings, **how)
    for said in stream:
        answer = may_change(attention, said)
        standing.apply(said)
        after = classify(standing, **how)
        if not answer:
            assert after == findings
            attention = noted(attention, said)
        else:
            attention = attentive(standing, after, **how)
        findings = after
