"""The whole: order, ordinals, context, as of, and packs that change in between."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aanwezig.contracts.findings import ReportSeen, SignalSeen
from aanwezig.law.classify import next_change
from aanwezig.law.packs import ByMunicipality, OnePack
from aanwezig.law.standing import Standing
from support.facts import (
    OTHER_SCHOOL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_presence,
    a_report,
    a_residence,
    a_sick_report,
    a_signal,
    absences,
    absent_on,
    an_absence,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.law import NL_2024, book_of, found

CHILD = [a_birth(), an_enrolment()]
FOR_LONG = an_enrolment("2022-08-01")


def test_findings_come_in_canonical_order():
    words = [
        *CHILD,
        an_enrolment(school=OTHER_SCHOOL),
        absences("2024-09-02", 16),
        absences("2024-09-03", 16, school=OTHER_SCHOOL),
        absences("2025-09-02", 16),
        [a_late_arrival(on) for on in weekdays_between("2024-10-01", "2024-10-08")],
    ]
    assert [(one.school, one.kind, one.school_year, one.ordinal) for one in found(*words)] == [
        (OTHER_SCHOOL, "statutory", "2024-2025", 1),
        (SCHOOL, "lateness", "2024-2025", 1),
        (SCHOOL, "lateness", "2024-2025", 2),
        (SCHOOL, "statutory", "2024-2025", 1),
        (SCHOOL, "statutory", "2025-2026", 1),
    ]


def test_two_crossings_on_one_day_are_numbered_by_their_marks():
    words = [
        an_absence("2024-09-02", slot=slot, minutes=480)
        for slot in ("afternoon", "morning", "lesson-2", "lesson-1")
    ]
    first, second = found(*CHILD, words)
    assert [row.slot for row in first.counted] == ["morning", "lesson-1"]
    assert ([row.slot for row in second.counted], second.ordinal) == (["lesson-2", "afternoon"], 2)


class TestContext:
    def context(self, *words, **how):
        findings = found(*CHILD, absences("2024-09-03", 16), *words, **how)
        return next(one.context for one in findings if one.kind == "statutory")

    def test_hours_and_times_late_this_year_up_to_and_including_the_date(self):
        context = self.context(
            an_absence("2024-07-31"),  # last year
            an_absence("2024-08-01", missed=20),  # not in the window, but this year: see below
            a_late_arrival("2024-09-02"),
            a_late_arrival("2024-09-03", slot="afternoon"),  # the same day counts, whatever the slot
            a_late_arrival("2024-09-04"),
            an_absence("2024-09-04"),
            an_absence("2024-09-03", school=OTHER_SCHOOL),
        )
        assert context.hours_this_year == 16 + Fraction(1, 3)
        assert context.times_late_this_year == 2

    def test_signals_of_all_schools_only_the_latest_of_each(self):
        context = self.context(
            a_signal("2024-07-31", "safety"),  # before 1 August
            a_signal("2024-08-02", "illness"),
            a_signal("2024-07-31", "family"),
            a_signal("2024-08-01", "family"),  # told again below, after the illness
            a_signal("2024-09-01", "family"),
            a_signal("2025-09-01", "family", help_in_place=True, school=OTHER_SCHOOL),  # later, without end
            as_of="2025-09-01",
        )
        assert context.signals == (
            SignalSeen("illness", date(2024, 8, 2), help_in_place=False),
            SignalSeen("family", date(2025, 9, 1), help_in_place=True),
        )

    def test_a_signal_not_yet_seen_leaves_the_earlier_one(self):
        words = [a_signal("2024-09-01"), a_signal("2025-09-01", help_in_place=True)]
        (signal,) = self.context(*words, as_of="2025-08-31").signals
        assert signal.date == date(2024, 9, 1)

    def test_reports_of_the_school_from_this_year_on(self):
        context = self.context(
            a_report("2024-07-31", "luxury"),
            a_report("2024-10-01", "luxury", announced=True),
            a_report("2024-10-01", "lateness"),
            a_report("2024-10-02", "luxury", school=OTHER_SCHOOL),
        )
        assert context.reports == (
            ReportSeen("lateness", date(2024, 10, 1), announced=False),
            ReportSeen("luxury", date(2024, 10, 1), announced=True),
        )


class TestPersons:
    def test_the_birth_date_that_stands_is_the_newest_told(self):
        moment = datetime(2024, 8, 1, tzinfo=UTC)
        old = a_residence("2024-01-01", born="2010-03-15", at=moment, id="z")
        new = a_birth("2011-03-15", at=moment.replace(hour=1))
        for words in ([old, new], [new, old]):
            assert found(*words, FOR_LONG, absences("2024-09-02", 16))[0].age == 13
        back = retracted(new, at=moment.replace(hour=2))
        (finding,) = found(old, new, back, FOR_LONG, absences("2024-09-02", 16))
        assert finding.age == 14

    @pytest.mark.parametrize(
        ("residences", "municipality"),
        [
            ([], None),
            ([("2024-09-02", "0637")], "0637"),  # from the day itself
            ([("2024-09-03", "0637")], None),  # from tomorrow
            ([("2024-01-01", "0637"), ("2024-09-02", "0150")], "0150"),  # moved
            ([("2024-01-01", "0637"), ("2024-09-02", None)], None),  # to where nobody told
        ],
    )
    def test_the_municipality_on_the_day(self, residences, municipality):
        words = [a_residence(since, code) for since, code in residences]
        assert found(*words, FOR_LONG, absences("2024-09-02", 16))[0].municipality == municipality

    def test_after_resident_until_it_is_still_that_of_the_latest(self):
        words = [a_residence("2024-01-01", "0637", until="2024-06-30"), FOR_LONG, *absences("2024-09-02", 16)]
        assert found(*words)[0].municipality == "0637"


class TestPacksThatChangeInBetween:
    STRICT = replace(
        NL_2024.pack, id="strict", crossing=replace(NL_2024.pack.crossing, threshold=Fraction(8))
    )
    GOVERNANCE = ByMunicipality(NL_2024.pack, {"0150": [(date(2000, 1, 1), STRICT)]}, {SCHOOL: "0150"})

    def test_each_walks_all_facts_and_keeps_what_it_governs_and_ordinals_come_after(self):
        moved = [a_residence("2024-01-01", "0637"), a_residence("2024-09-10", "0150"), FOR_LONG]
        words = [absences("2024-09-02", 16), absences("2024-09-10", 8)]
        findings = found(*moved, *words, governance=self.GOVERNANCE)
        # By the national pack a crossing on 2 September; by the strict one two that day, not governed, and one later.
        assert [(one.rule.pack, str(one.at), one.ordinal) for one in findings] == [
            ("nl-2024", "2024-09-02", 1),
            ("strict", "2024-09-10", 2),
        ]

    def test_residence_unknown_the_schools_municipality_governs_and_is_told(self):
        (finding,) = found(a_birth(), absences("2024-09-02", 8), governance=self.GOVERNANCE)
        assert (finding.rule.pack, finding.municipality) == ("strict", "0150")

    def test_an_identity_is_given_once_where_ladders_meet(self):
        steep = replace(self.STRICT, lateness=replace(self.STRICT.lateness, rungs=(5, 6, 9)))
        governance = ByMunicipality(NL_2024.pack, {"0150": [(date(2000, 1, 1), steep)]}, {})
        late = [a_late_arrival(on) for on in weekdays_between("2024-09-02", "2024-09-06")]
        moved = [a_residence("2024-01-01", "0637"), a_residence("2024-09-05", "0150"), FOR_LONG]
        findings = found(*moved, late, governance=governance)
        assert [(one.rule.pack, one.ordinal, one.measured.value) for one in findings] == [("nl-2024", 1, 3)]

    def test_presence_is_restored_once_by_the_earlier_of_two_packs(self):
        eager = replace(
            NL_2024.pack,
            id="eager",
            presence_restored=replace(NL_2024.pack.presence_restored, threshold=Fraction(5)),
        )
        governance = ByMunicipality(NL_2024.pack, {"0150": [(date(2000, 1, 1), eager)]}, {})
        moved = [a_residence("2024-01-01", "0150"), a_residence("2024-09-11", "0637"), FOR_LONG]
        days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-20")]
        findings = found(*moved, absences("2024-09-02", 16), days, governance=governance)
        told = [(one.kind, one.rule.pack, str(one.at)) for one in findings]
        # Five days on the 9th by the one pack, ten on the 16th by the other.
        assert told == [
            ("presence-restored", "eager", "2024-09-09"),
            ("statutory", "eager", "2024-09-02"),
        ]

    def test_and_whichever_pack_it_is(self):
        rule = replace(NL_2024.pack.presence_restored, threshold=Fraction(5))
        eager = replace(NL_2024.pack, id="eager", presence_restored=rule)
        governance = ByMunicipality(eager, {"0637": [(date(2000, 1, 1), NL_2024.pack)]}, {})
        moved = [a_residence("2024-01-01", "0150"), a_residence("2024-09-11", "0637"), FOR_LONG]
        days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-20")]
        findings = found(*moved, absences("2024-09-02", 16), days, governance=governance)
        assert [str(one.at) for one in findings if one.kind == "presence-restored"] == ["2024-09-09"]

    def test_what_follows_is_judged_by_the_pack_of_its_own_date(self):
        moved = [a_residence("2024-01-01", "0637"), a_residence("2024-09-10", "0150"), FOR_LONG]
        days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-20")]
        findings = found(*moved, absences("2024-09-02", 16), days, governance=self.GOVERNANCE)
        told = [(one.kind, one.rule.pack, str(one.at)) for one in findings]
        assert told == [
            ("presence-restored", "strict", "2024-09-16"),
            ("statutory", "nl-2024", "2024-09-02"),
        ]
        assert findings[0].about == findings[1].identity


def test_a_pack_finds_only_the_kinds_it_knows():
    few = OnePack(replace(NL_2024.pack, kinds=("lateness", "presence-restored")))
    days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-20")]
    assert found(*CHILD, absences("2024-09-02", 16), days, governance=few) == ()


def test_what_follows_at_a_school_follows_beside_what_has_no_school():
    days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-20")]
    findings = found(a_residence("2024-05-01"), an_enrolment(), absences("2024-09-02", 16), days)
    assert [one.kind for one in findings] == ["absolute", "presence-restored", "statutory"]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-09-01", "2024-09-02"),  # the sick report itself is seen
        ("2024-09-02", "2024-09-10"),  # and has lasted seven lesson days
        ("2024-09-10", "2024-10-01"),  # then the enrolment is seen: the next of all, and after the date
        ("2024-10-01", None),
    ],
)
def test_the_next_date_on_which_more_may_stand(as_of, expected):
    standing = Standing.of([a_sick_report("2024-09-02"), an_enrolment("2024-10-01")])
    change = next_change(standing, day(as_of), (), calendars=book_of([]).calendars, governance=NL_2024)
    assert (change and str(change)) == expected


def test_without_facts_there_is_nothing():
    assert found() == ()
    assert found(a_birth()) == ()


DAYS = list(weekdays_between("2024-09-02", "2024-10-11"))
POOL = [
    a_birth(),
    a_birth("2006-09-20", said=2),
    an_enrolment(),
    an_enrolment("2024-09-16", school_type="po"),
    a_calendar(holidays=[("2024-09-21", "2024-09-29")]),
    a_calendar(weekdays=[1, 2, 3], said=2),
    a_signal("2024-09-05"),
    a_report("2024-09-20"),
    *absent_on(DAYS, slot="morning", minutes=240),
    *[a_presence(on, slot="morning", minutes=240, said=2) for on in DAYS[::4]],
    *[retracted(an_absence(on, slot="morning"), said=3) for on in DAYS[::8]],
    *[a_late_arrival(on, slot="afternoon") for on in DAYS[::5]],
]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, len(POOL) - 1)), st.randoms(use_true_random=False))
def test_order_and_duplicates_make_no_difference(chosen, random):
    words = [POOL[place] for place in sorted(set(range(len(POOL))) - chosen)]
    shuffled = words + random.choices(words, k=5) if words else []
    random.shuffle(shuffled)
    assert found(*words) == found(*shuffled)
