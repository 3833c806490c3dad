"""The cheap question: `False` is a promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aanwezig.law.attention import UNKNOWN_PUPIL, Attention, attentive, may_change, noted
from aanwezig.law.classify import classify
from aanwezig.law.packs import ByMunicipality, OnePack
from aanwezig.law.standing import Standing
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_diploma,
    a_late_arrival,
    a_leave,
    a_mark,
    a_presence,
    a_report,
    a_residence,
    a_sick_report,
    absences,
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

A_MONTH_LATER = datetime(2024, 9, 30, 12, tzinfo=UTC)
SEPTEMBER_TWENTIETH = datetime(2024, 9, 20, 12, tzinfo=UTC)
AT_HOME = absent_on(weekdays_between("2024-09-02", "2024-10-04"), authorised=True)


def attention_of(*words, as_of="2030-12-31", governance=NL_2024, definition=None) -> Attention:
    standing = Standing.of(said for said in words if not about_calendar(said))
    how = {
        "calendars": book_of(words).calendars, "governance": governance, "as_of": day(as_of),
        "definition": definition,
    }  # fmt: skip
    return attentive(standing, classify(standing, **how), **how)


STATUTORY = absences("2024-09-02", 16)
HERE = [a_residence("2024-09-01"), a_presence("2024-09-03"), a_presence("2024-09-10")]
NINE = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-13")]
BACK = a_presence("2024-10-08")
NINE_BACK = [a_presence(on) for on in weekdays_between("2024-10-07", "2024-10-17")]
EVERY_DAY = a_calendar(weekdays=[1, 2, 3, 4, 5, 6, 7])
TWENTY_EIGHT = [day("2024-09-02") + timedelta(days=number) for number in range(29) if number != 14]


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
        ([*AT_HOME[:20], *AT_HOME[21:]], a_presence("2024-09-30"), True),  # within one that reached it
        # Within one that has just the 28 days of the limit, where every day is a lesson day and one of them silent.
        ([EVERY_DAY, *absent_on(TWENTY_EIGHT, authorised=True)], a_presence("2024-09-16"), True),
        ([EVERY_DAY, *absent_on(TWENTY_EIGHT[:-1], authorised=True)], a_presence("2024-09-16"), False),
        # Back from it for nine days: the tenth may restore presence.
        ([a_birth(), *AT_HOME, *NINE_BACK], a_presence("2024-10-18"), True),
        (
            [a_birth("1990-01-01"), *AT_HOME[:20], *AT_HOME[21:]],
            a_presence("2024-09-30"),
            True,
        ),  # though nothing was said
        (
            [a_birth("1990-01-01"), *AT_HOME],
            a_presence("2024-10-07"),
            False,
        ),  # after it, with nothing to return from
        (AT_HOME, a_presence("2024-08-30"), False),  # before it
        (AT_HOME, a_presence("2024-10-07"), True),  # the return
        ([*AT_HOME, BACK], a_presence("2024-10-07"), True),  # an earlier one
        ([*AT_HOME, BACK], a_presence("2024-10-08", slot="morning"), True),
        ([*AT_HOME, BACK], a_presence("2024-10-09"), False),  # after the return
        ([*AT_HOME, BACK], a_presence("2024-10-09", school=OTHER_SCHOOL), False),
        (STATUTORY, a_presence("2024-09-03"), False),  # the first of ten days
        ([*STATUTORY, *NINE[:8]], a_presence("2024-09-16"), False),  # the ninth
        ([*STATUTORY, *NINE], a_presence("2024-09-16"), True),  # the tenth
        ([*STATUTORY, *NINE], a_presence("2024-09-13", slot="lesson-2"), False),  # the ninth once more
        ([*STATUTORY, *NINE], a_presence("2024-08-30"), False),  # before it
        ([*STATUTORY, *NINE, a_presence("2024-09-17")], a_presence("2024-09-16"), True),  # it was the 17th
        ([*STATUTORY, *NINE, a_presence("2024-09-17")], a_presence("2024-09-18"), False),  # restored already
        ([*STATUTORY, *NINE, *absences("2024-09-16", 16)], a_presence("2024-09-17"), False),  # counted anew
        (HERE, a_presence("2024-09-04"), False),  # between the marks that imply an enrolment
        (HERE, a_presence("2024-09-02"), True),  # before them
        (HERE, a_presence("2025-07-31"), False),  # the school year of the last one
        (HERE, a_presence("2025-08-01"), True),
        (HERE, a_presence("2024-09-04", school=OTHER_SCHOOL), True),  # implies another
        ([*HERE, an_enrolment()], a_presence("2024-09-02"), False),  # told: nothing is implied
        ([a_birth(), *HERE[1:]], a_presence("2024-09-02"), False),  # residence unknown: never absolute
        ([], an_absence("2024-09-02"), True),
        ([], a_late_arrival("2024-09-02"), True),
        ([], an_enrolment(), True),
        ([], a_report("2024-09-02"), True),
        ([], a_sick_report("2024-09-02"), True),
        ([], retracted(an_enrolment()), True),
        ([a_presence("2024-09-02")], a_mark("2024-09-02", "not-recorded", said=2), False),
        ([a_presence("2024-09-02")], retracted(a_presence("2024-09-02")), False),
        (HERE, retracted(a_presence("2024-09-03")), True),  # the enrolment it implied may end
        ([an_absence("2024-09-02")], retracted(a_presence("2024-09-03")), True),  # it may mend a streak
        ([a_report("2024-09-02")], retracted(a_presence("2024-09-03")), True),
        ([a_report("2024-09-02")], a_mark("2024-09-03", "not-recorded"), True),
    ],
)
def test_may_change(before, word, expected):
    assert may_change(attention_of(*before), word) is expected


@pytest.mark.parametrize("silent", [1, 14, 27])
def test_within_a_streak_every_silent_day_matters_up_to_the_day_it_is(silent):
    days = [day("2024-09-02") + timedelta(days=number) for number in range(29)]
    absent = absent_on([on for on in days if on != days[silent]], authorised=True)
    attention = attention_of(EVERY_DAY, *absent, as_of=days[-1])
    assert may_change(attention, a_presence(days[silent]))


def test_an_enrolment_marks_imply_may_end_though_nothing_was_found_yet():
    attention = attention_of(*HERE, as_of="2024-09-20")
    assert not attention.findings
    assert may_change(attention, retracted(a_presence("2024-09-03")))
    told = attention_of(*HERE, an_enrolment(), as_of="2024-09-20")
    assert not may_change(told, retracted(a_presence("2024-09-03")))


def test_what_is_found_at_another_school_ends_no_row_of_good_days_here():
    there = absences("2024-09-06", 16, school=OTHER_SCHOOL)
    attention = attention_of(*STATUTORY, *NINE, *there)
    assert may_change(attention, a_presence("2024-09-16"))


def test_of_several_packs_the_one_that_asks_least_is_enough():
    soon = replace(
        NL_2024.pack,
        id="soon",
        presence_restored=replace(NL_2024.pack.presence_restored, threshold=Fraction(5)),
    )
    governance = ByMunicipality(NL_2024.pack, {"0637": [(day("2000-01-01"), soon)]}, {})
    child = [a_residence("2020-01-01", "0637"), an_enrolment(), *STATUTORY]
    assert not may_change(attention_of(*child, *NINE[:3], governance=governance), NINE[3])
    assert may_change(attention_of(*child, *NINE[:4], governance=governance), NINE[4])


@pytest.mark.parametrize(
    ("definition", "expected"), [("zoetermeer-2024", True), ("deventer-2022", False), ("ocw-2016", False)]
)
def test_the_definition_asked_for_holds_instead_of_the_packs(definition, expected):
    deventer = OnePack(
        replace(NL_2024.pack, home_sitter=replace(NL_2024.pack.home_sitter, definition="deventer-2022"))
    )
    absent = absent_on(TWENTY_EIGHT, authorised=True)
    attention = attention_of(EVERY_DAY, *absent, governance=deventer, definition=definition)
    assert may_change(attention, a_presence("2024-09-16")) is expected


def test_noting_a_quiet_mark_changes_nothing():
    attention = attention_of(a_presence("2024-09-02"), an_absence("2024-09-03"))
    for on in ("2024-09-04", "2025-08-01", "2024-08-30"):
        assert noted(attention, a_presence(on)) is attention
    assert noted(attention, a_mark("2024-08-01", "not-recorded")) is attention
    assert noted(attention, retracted(a_presence("2024-09-02"))) is attention


def test_noting_an_absence_remembers_its_day():
    attention = noted(UNKNOWN_PUPIL, an_absence("2024-09-03"))
    assert attention.schools[SCHOOL].days == {day("2024-09-03")}
    assert may_change(attention, a_presence("2024-09-03"))
    assert noted(attention, a_late_arrival("2024-09-03")) is attention


def test_noting_quiet_days_after_a_finding_counts_them_until_they_may_restore_presence():
    attention = attention_of(*STATUTORY)
    for said in NINE:
        assert not may_change(attention, said)
        after = noted(attention, said)
        assert noted(after, a_presence(said.fact.date, slot="lesson-2")) is after
        attention = after
    assert may_change(attention, a_presence("2024-09-16"))


@pytest.mark.parametrize(
    ("said", "word", "expected"),
    [
        ([("statutory", SCHOOL, "2024-09-02")], a_presence("2024-09-03"), True),
        ([("statutory", SCHOOL, "2024-09-02")], a_presence("2024-09-02"), False),
        ([("statutory", SCHOOL, "2024-09-02")], a_presence("2024-09-03", school=OTHER_SCHOOL), False),
        ([("home-sitter", SCHOOL, "2024-09-02")], a_presence("2025-09-03"), True),
        ([("lateness", SCHOOL, "2024-09-02")], a_presence("2024-09-03"), False),
        ([("home-sitter", None, "2024-09-02")], a_presence("2024-09-03"), False),
    ],
)
def test_of_findings_that_stand_as_far_as_is_known_every_later_mark_matters(said, word, expected):
    attention = attentive(
        Standing(), (), calendars=book_of([]).calendars, governance=NL_2024, as_of=day("2024-09-30"),
        said=[(kind, school, day(at)) for kind, school, at in said],
    )  # fmt: skip
    assert may_change(attention, word) is expected


@pytest.mark.parametrize(
    ("words", "wakes"),
    [
        ([a_presence("2024-08-30"), an_enrolment("2025-01-01")], "2025-01-01"),  # a fact becomes seen
        ([a_residence("2024-09-01")], "2024-09-29"),  # enrolled nowhere for so long
        ([a_residence("2024-09-01"), an_enrolment("2024-08-01", until="2024-10-31")], "2024-11-29"),
        ([a_residence("2024-09-01", born="2019-09-15")], "2024-10-29"),  # under the law from 1 October
        ([a_residence("2024-09-01"), an_enrolment("2024-08-01")], None),
        ([a_sick_report("2024-08-30")], "2024-09-09"),  # the seventh school day
        ([a_sick_report("2024-08-30", "2024-09-06")], None),  # it will have ended
        (absences("2024-08-30", 16, at=A_MONTH_LATER), "2024-09-30"),  # known, and too late
    ],
)
def test_when_it_wakes(words, wakes):
    assert attention_of(*words, as_of="2024-09-01").wakes == (wakes and day(wakes))


def test_it_knows_whether_anything_stands():
    assert attention_of(*AT_HOME).findings
    assert not attention_of(*AT_HOME[:3]).findings


DAYS = list(weekdays_between("2024-08-26", "2024-10-25"))
SCHOOLS = st.sampled_from([SCHOOL, SCHOOL, SCHOOL, OTHER_SCHOOL])
MARKS = st.builds(
    lambda state, on, slot, said, authorised, school: a_mark(
        on,
        state,
        slot=slot,
        minutes=240,
        said=said,
        id=f"{state}{on}{slot}{said}{authorised}{school}",
        authorised=authorised,
        reason="luxury" if on.day % 3 else None,
        school=school,
    ),
    st.sampled_from(["present", "present", "absent", "late", "not-recorded"]),
    st.sampled_from(DAYS),
    st.sampled_from(["morning", "afternoon"]),
    st.integers(1, 3),
    st.sampled_from([True, False, None]),
    SCHOOLS,
)
PRESENT = st.builds(
    lambda on, slot, school: a_presence(on, slot=slot, minutes=240, school=school),
    st.sampled_from(
        [*DAYS, *[DAYS[5 + place] for place in (5, 11, 12, 17)] * 5, day("2025-07-31"), day("2025-08-01")]
    ),
    st.sampled_from(["morning", "afternoon", "lesson-3"]),
    SCHOOLS,
)
OTHERS = st.sampled_from(
    [
        a_birth(),
        a_birth("2006-09-20", said=2),
        a_residence("2024-08-01"),
        a_residence("2024-09-01", "0150", born="2007-03-01", until="2024-10-20"),
        a_diploma("2024-10-01"),
        an_enrolment(),
        an_enrolment(until="2024-09-20", said=2),
        an_enrolment("2024-10-18"),
        an_enrolment(school=OTHER_SCHOOL, until="2024-09-09"),
        a_leave("2024-09-09", "2024-09-13"),
        an_exemption("2024-09-01", "2024-09-10"),
        an_arrangement("partial-timetable", "2024-09-16", "2024-09-16"),
        a_report("2024-10-10"),
        a_sick_report("2024-09-05"),
        a_sick_report("2024-10-01", "2024-10-09"),
        *[a_sick_report(f"2024-09-0{number}", f"2024-09-0{number}") for number in (2, 3, 4)],
    ]
)
ABSENT_FOR_LONG = [
    an_absence(on, slot="morning", minutes=240, authorised=True)
    for on in weekdays_between("2024-09-02", "2024-10-04")
]
TRUANT_FOR_LONG = [
    an_absence(on, slot="morning", minutes=240) for on in weekdays_between("2024-09-02", "2024-10-04")
]
TRUANT = [
    an_absence(on, slot=slot, minutes=480, at=SEPTEMBER_TWENTIETH if slot == "afternoon" else None)
    for on in ("2024-09-03", "2024-09-04") for slot in ("morning", "afternoon")
]  # fmt: skip
THEN_PRESENT = [
    a_presence(on, slot="morning", minutes=240) for on in weekdays_between("2024-09-05", "2024-09-20")
]


GAPS = (5, 11, 12, 17)
"""Places in a story that may stay silent: later words fill some of them."""


def some_of(words):
    """A story with a few words left out."""
    return st.sets(
        st.sampled_from([place for place in GAPS if place < len(words)]), min_size=1, max_size=3
    ).map(lambda gaps: [said for place, said in enumerate(words) if place not in gaps])


HISTORY = st.tuples(
    st.one_of(
        st.just(ABSENT_FOR_LONG), some_of(ABSENT_FOR_LONG), some_of(TRUANT_FOR_LONG), st.just(TRUANT),
        some_of([*TRUANT, *THEN_PRESENT]), st.just([]),
    ),
    st.lists(st.one_of(MARKS, PRESENT), max_size=6),
    st.lists(OTHERS, max_size=4),
).map(lambda parts: [one for part in parts for one in part])  # fmt: skip
SOON_OR_LATE = st.sampled_from([35, 60, 90, 20, 7]).map(lambda days: day("2024-08-26") + timedelta(days=days))
WAY_BACK = st.builds(
    lambda start, number, slot, school: [
        a_presence(on, slot=slot, minutes=240, school=school, said=4) for on in DAYS[start : start + number]
    ],
    st.sampled_from([30, 31, 26, 8, 6, 0]),
    st.sampled_from([1, 11, 4, 16]),
    st.sampled_from(["morning", "lesson-3"]),
    SCHOOLS,
)
"""Day after day at school, as most streams are."""
CALENDAR = st.sampled_from([[], [a_calendar()], [a_calendar(holidays=[("2024-09-14", "2024-09-22")])]])
DEFINITION = st.sampled_from([None, "deventer-2022", "ocw-2016"])


@settings(max_examples=250, deadline=None)
@given(
    HISTORY, st.one_of(st.just([]), WAY_BACK), st.lists(st.one_of(PRESENT, PRESENT, MARKS, MARKS.map(retracted), PRESENT.map(retracted)), max_size=8),
    WAY_BACK, SOON_OR_LATE, CALENDAR, DEFINITION,
)  # fmt: skip
def test_when_it_says_no_the_findings_stay_the_same(
    history, there, now_and_then, back, as_of, calendar, definition
):
    stream = [*there, *now_and_then, *back]
    how = {
        "calendars": book_of(calendar).calendars, "governance": NL_2024, "as_of": as_of, "definition": definition,
    }  # fmt: skip
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


@settings(max_examples=200, deadline=None)
@given(HISTORY, WAY_BACK, st.lists(PRESENT, max_size=8), SOON_OR_LATE, CALENDAR)
def test_without_the_present_marks_it_rather_says_yes(history, back, now_and_then, as_of, calendar):
    """As after a start: what stands without them, and what was said before."""
    stream = [*back, *now_and_then]
    how = {"calendars": book_of(calendar).calendars, "governance": NL_2024, "as_of": as_of}
    standing = Standing.of(history)
    findings = classify(standing, **how)
    notable = Standing.of(said for said in history if getattr(said.fact, "state", "") != "present")
    attention = attentive(notable, (), **how, said=[(one.kind, one.school, one.at) for one in findings])
    for said in stream:
        if may_change(attention, said):
            break
        standing.apply(said)
        assert classify(standing, **how) == findings
        attention = noted(attention, said)


@settings(max_examples=60, deadline=None)
@given(HISTORY, CALENDAR, DEFINITION)
def test_waking_finds_all_that_arises_by_time(history, calendar, definition):
    standing = Standing.of(history)
    calendars = book_of(calendar).calendars
    said = wakes = None
    for number in range(100):
        as_of = day("2024-08-20") + timedelta(days=number)
        how = {"calendars": calendars, "governance": NL_2024, "as_of": as_of, "definition": definition}
        findings = classify(standing, **how)
        if said is None or (wakes is not None and as_of >= wakes):
            said, wakes = findings, attentive(standing, findings, **how).wakes
        assert said == findings
