"""Rules are data: England counts sessions, Flanders half days; both on either side of their thresholds."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from aanwezig.law import packs
from aanwezig.law.packs import OnePack
from support.facts import (
    a_birth,
    a_calendar,
    a_late_arrival,
    an_absence,
    an_enrolment,
    day,
    weekdays_between,
)
from support.law import found, told

ENGLAND = OnePack(packs.load("en-2024"))
FLANDERS = OnePack(packs.load("vl-discimus"))
CHILD = [a_birth(), an_enrolment("2024-08-01", until="2026-07-31")]


def sessions(first, count, **how):
    """So many missed sessions: mornings and afternoons of successive weekdays."""
    days = list(weekdays_between(first, str(day(first) + timedelta(days=2 * count))))
    slots = [(on, slot) for on in days for slot in ("morning", "afternoon")]
    return [an_absence(on, slot=slot, minutes=150, **how) for on, slot in slots[:count]]


def of_england(*words):
    return told(found(*CHILD, *words, governance=ENGLAND), "statutory")


def of_flanders(*words):
    return told(found(*CHILD, *words, governance=FLANDERS), "statutory")


class TestEngland:
    def test_ten_sessions_and_not_nine(self):
        assert of_england(sessions("2024-09-02", 9)) == []
        assert of_england(sessions("2024-09-02", 10)) == [("2024-09-06", "10.00")]

    def test_a_finding_counts_times_and_says_no_hours(self):
        (finding,) = found(*CHILD, sessions("2024-09-02", 10), governance=ENGLAND)
        measured = finding.measured
        assert (measured.unit, measured.operator, measured.threshold) == ("times", ">=", 10)
        assert len(finding.counted) == measured.value == 10
        assert {row.hours for row in finding.counted} == {None}
        assert (finding.rule.pack, finding.obligation) == ("en-2024", "leerplichtig")

    @pytest.mark.parametrize(
        ("tenth", "expected"),
        [
            ("2024-11-10", [("2024-11-10", "10.00")]),  # the 70th date: a Sunday, in a school open every day
            ("2024-11-11", []),  # the 71st
        ],
    )
    def test_within_ten_school_weeks(self, tenth, expected):
        every_day = a_calendar(weekdays=[1, 2, 3, 4, 5, 6, 7])
        nine = sessions("2024-09-02", 1) + sessions("2024-09-09", 8)
        assert of_england(every_day, nine, an_absence(tenth, slot="morning")) == expected

    def test_weeks_without_a_session_are_no_school_weeks_and_terms_and_years_are_spanned(self):
        two_years = a_calendar("2024-09-02", "2026-07-17", holidays=[("2025-07-12", "2025-08-31")])
        before, after = sessions("2025-07-10", 2), sessions("2025-09-01", 8)
        assert of_england(two_years, before, after) == [("2025-09-04", "10.00")]

    def test_an_absence_without_an_established_reason_counts_an_authorised_one_does_not(self):
        assert of_england(sessions("2024-09-02", 9), sessions("2024-09-09", 1, authorised=None)) != []
        assert of_england(sessions("2024-09-02", 9), sessions("2024-09-09", 1, authorised=True)) == []

    def test_lessons_and_late_arrivals_are_no_sessions_and_the_finding_says_so(self):
        lesson = an_absence("2024-09-02", slot="lesson-1")
        late = a_late_arrival("2024-09-09", slot="morning")
        assert of_england(sessions("2024-09-02", 9), lesson, late) == []
        (finding,) = found(*CHILD, sessions("2024-09-02", 10), lesson, governance=ENGLAND)
        assert [(row.slot, row.reason) for row in finding.not_counted] == [("lesson-1", "other-slot")]

    def test_at_sixteen_it_ends(self):
        child = [a_birth("2008-10-01"), an_enrolment("2024-08-01", until="2026-07-31")]
        assert len(found(*child, sessions("2025-06-02", 10), governance=ENGLAND)) == 1
        assert found(*child, sessions("2025-09-01", 10), governance=ENGLAND) == ()

    def test_nothing_else_is_looked_for(self):
        (finding,) = found(*CHILD, sessions("2024-09-02", 19), governance=ENGLAND)
        assert finding.kind == "statutory"
        # The same words are a home-sitter and more under the national pack.
        assert {one.kind for one in found(*CHILD, sessions("2024-09-02", 60))} > {"statutory", "home-sitter"}


class TestFlanders:
    def test_five_half_days_and_not_four(self):
        assert of_flanders(sessions("2024-09-02", 4)) == []
        assert of_flanders(sessions("2024-09-02", 5)) == [("2024-09-04", "5.00")]

    def test_the_ladder_says_each_rung_once(self):
        assert of_flanders(sessions("2024-09-02", 29)) == [("2024-09-04", "5.00")]
        assert of_flanders(sessions("2024-09-02", 40)) == [("2024-09-04", "5.00"), ("2024-09-20", "30.00")]

    def test_each_rung_tells_its_own_threshold_and_all_half_days_up_to_it(self):
        findings = found(*CHILD, sessions("2024-09-02", 30), governance=FLANDERS)
        assert [(one.ordinal, one.measured.threshold, len(one.counted)) for one in findings] == [
            (1, 5, 5),
            (2, 30, 30),
        ]
        assert {one.measured.unit for one in findings} == {"times"}
        assert {one.window for one in findings} == {
            (date(2024, 8, 1), date(2024, 9, 4)),
            (date(2024, 8, 1), date(2024, 9, 20)),
        }

    def test_half_days_all_over_the_year_add_up_and_the_next_year_begins_anew(self):
        spread = [an_absence(f"2024-{month:02}-02", slot="morning") for month in (9, 10, 12)]
        spread += [an_absence("2025-04-02", slot="afternoon")]
        assert of_flanders(spread, an_absence("2025-06-02", slot="morning")) == [("2025-06-02", "5.00")]
        assert of_flanders(spread, an_absence("2025-09-02", slot="morning")) == []
        assert of_flanders(sessions("2024-09-02", 5), sessions("2025-09-01", 5)) == [
            ("2024-09-04", "5.00"),
            ("2025-09-03", "5.00"),
        ]

    def test_what_the_school_has_not_judged_is_no_code_b(self):
        assert of_flanders(sessions("2024-09-02", 4), sessions("2024-09-09", 1, authorised=None)) == []

    @pytest.mark.parametrize(("born", "count"), [("2007-09-05", 1), ("2006-09-05", 0)])
    def test_until_eighteen(self, born, count):
        child = [a_birth(born), an_enrolment("2024-08-01")]
        assert len(found(*child, sessions("2024-09-09", 5), governance=FLANDERS)) == count


def test_a_kind_the_pack_does_not_name_is_not_looked_for():
    national = packs.load("nl-2024")
    days = [an_absence(on) for on in weekdays_between("2024-09-02", "2024-10-04")]
    for kinds in (("long-term",), ("long-term", "home-sitter")):
        governance = OnePack(replace(national, kinds=kinds))
        findings = found(*CHILD, days, governance=governance, definition="ocw-2016")
        assert sorted(one.kind for one in findings) == sorted(kinds)


def test_one_mark_may_reach_two_rungs_of_a_ladder_in_hours():
    flemish = packs.load("vl-discimus")
    rule = replace(flemish.crossing, unit="hours", further=(Fraction(6),))
    in_hours = OnePack(replace(flemish, crossing=rule))
    day_part = an_absence("2024-09-02", slot="morning", minutes=390)
    findings = found(*CHILD, day_part, governance=in_hours)
    assert [(one.ordinal, str(one.measured.threshold)) for one in findings] == [(1, "5"), (2, "6")]
    assert {str(one.measured.value) for one in findings} == {"13/2"}


@pytest.mark.parametrize("name", ["en-2024", "vl-discimus"])
def test_what_is_not_carried_is_said(name):
    pack = packs.load(name)
    assert len(pack.not_carried) >= 7
    assert any("UNVERIFIED" in text for text in (*pack.not_carried, *pack.sources.values()))
