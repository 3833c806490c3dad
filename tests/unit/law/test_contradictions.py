"""Which facts a finding goes by, and against which others (docs/adr/0010-facts-that-contradict.md)."""

from datetime import timedelta

import pytest

from aanwezig.contracts.findings import finding_data
from aanwezig.law.difference import difference
from support.facts import (
    OTHER_SCHOOL,
    SOURCE,
    a_birth,
    a_calendar,
    a_leave,
    a_report,
    a_residence,
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
from support.law import found

# Sixteen hours on Monday 2 September 2024: the window runs from Tuesday 6 August to that day.
SIXTEEN = absences("2024-09-02", 16)
FIRST, LAST = "2024-08-06", "2024-09-02"


def listed(*words, kind="statutory", **how):
    """What the one finding of this kind lists, as (about, stands, against)."""
    (finding,) = [one for one in found(*words, **how) if one.kind == kind]
    return [(row.about, row.stands, row.against) for row in finding.contradictions]


def by_school(on="2010-03-15", **how):
    return a_birth(on, **{"id": "by-school", "at": moment(1), **how})


def by_town(born="2010-03-15", since="2015-01-01", **how):
    return a_residence(since, born=born, **{"id": "by-town", "at": moment(2), **how})


def moment(number):
    return SIXTEEN[0].time - timedelta(days=60) + timedelta(hours=number)


class TestBirthDates:
    @pytest.mark.parametrize(
        ("words", "rows"),
        [
            ([], []),
            ([by_school()], []),
            ([by_school(), by_town()], []),  # told twice, and the same
            ([by_school(), by_town("2010-03-16")], [("birth-date", "by-town", "by-school")]),
            # Which is the newer is a matter of when it was recorded, not of who says it or of when it is about.
            ([by_school(at=moment(3)), by_town("2010-03-16")], [("birth-date", "by-school", "by-town")]),
            # Of one natural key only the newest stands: a correction contradicts nothing.
            ([by_school("2011-01-01"), by_school(id="corrected", at=moment(2))], []),
            (
                [by_school("2011-01-01"), by_school(id="corrected", at=moment(2)), by_town("2010-03-16", at=moment(3))],
                [("birth-date", "by-town", "corrected")],
            ),
            # All others that tell another date than the newest, the oldest first; not those that tell the same.
            (
                [
                    by_school("2009-01-01", at=moment(5)),
                    by_town("2010-03-15", "2017-01-01", id="b", at=moment(4)),
                    by_town("2009-01-01", "2016-01-01", id="same", at=moment(3)),
                    by_town("2010-03-16", id="a"),
                ],
                [("birth-date", "by-school", "a"), ("birth-date", "by-school", "b")],
            ),
        ],
    )  # fmt: skip
    def test_the_newest_stands_against_every_other(self, words, rows):
        assert listed(*words, *SIXTEEN) == rows
        assert listed(*SIXTEEN, *reversed(words)) == rows

    def test_a_retraction_ends_it(self):
        assert listed(by_school(), by_town("2010-03-16"), retracted(by_town(), at=moment(4)), *SIXTEEN) == []

    def test_two_residences_contradict_nothing(self):
        assert listed(by_town(), by_town(since="2016-01-01", municipality="0150", id="moved"), *SIXTEEN) == []

    def test_one_id_of_two_senders_is_two_facts(self):
        words = [
            by_school(at=moment(9)),
            by_town("2010-03-16", id="x"),
            by_town("2010-03-17", "2016-01-01", id="x", source=SOURCE.replace("test", "other"), at=moment(3)),
        ]
        assert listed(*words, *SIXTEEN) == [("birth-date", "by-school", "x")] * 2

    def test_at_no_school_it_is_told_and_of_a_school_it_is_not(self):
        words = by_school(), by_town("2010-03-16")
        told = found(*words, as_of="2023-09-30")
        assert [(one.kind, one.contradictions != ()) for one in told] == [("absolute", True)]
        late = found(
            *words, [an_absence("2024-09-02", slot=f"lesson-{n}", at=moment(24 * 90)) for n in range(1, 17)]
        )
        assert {one.kind: one.contradictions != () for one in late if one.school is not None} == {
            "statutory": True, "late-report": False,
        }  # fmt: skip


def at_school(since, until=None, school_type="vo", **how):
    return an_enrolment(since, until=until, school_type=school_type, id=f"here-{since}", **how)


def elsewhere(since, until=None, school_type="vo", school=OTHER_SCHOOL):
    return an_enrolment(since, until=until, school_type=school_type, school=school, id=f"there-{since}")


HERE = at_school("2024-08-01")


class TestTypesOfOneSchool:
    @pytest.mark.parametrize(
        ("words", "rows"),
        [
            ([HERE, at_school("2024-08-20")], []),  # of one type: it is enrolled, and nothing else is said
            ([HERE, at_school("2024-08-20", school_type="po")], [("here-2024-08-20", "here-2024-08-01")]),
            # The one that holds on a date is that with the latest `from`, whatever was recorded later.
            ([at_school("2024-08-01", at=SIXTEEN[0].time), at_school("2024-08-20", school_type="po")],
             [("here-2024-08-20", "here-2024-08-01")]),
            # On the last of the finding's dates, and on the day after it.
            ([HERE, at_school(LAST, school_type="po")], [(f"here-{LAST}", "here-2024-08-01")]),
            ([HERE, at_school("2024-09-03", school_type="po")], []),
            # On the first of its dates, and on the day before it.
            ([at_school("2024-01-01", FIRST, "po"), HERE], [("here-2024-08-01", "here-2024-01-01")]),
            ([at_school("2024-01-01", "2024-08-05", "po"), HERE], []),
            # One ends on the day the next begins, or on the day before.
            ([at_school("2024-08-01", "2024-08-20", "po"), at_school("2024-08-20")],
             [("here-2024-08-20", "here-2024-08-01")]),
            ([at_school("2024-08-01", "2024-08-19", "po"), at_school("2024-08-20")], []),
            # A shorter one within a longer: it holds while it lasts.
            ([HERE, at_school("2024-08-20", "2024-08-21", "po")], [("here-2024-08-20", "here-2024-08-01")]),
            # Of three each that is told against is listed once, beside the one that held last.
            ([at_school("2024-07-01", school_type="po"), HERE, at_school("2024-08-20", school_type="pro")],
             [("here-2024-08-20", "here-2024-07-01"), ("here-2024-08-20", "here-2024-08-01")]),
            # After the second ends the first holds again, and the third stands against nothing before it began.
            ([HERE, at_school("2024-08-07", "2024-08-08", "po"), at_school("2024-08-20")],
             [("here-2024-08-07", "here-2024-08-01")]),
            # The day after one ends the other holds again, and stands against a third.
            ([at_school("2024-07-01", school_type="pro"), HERE, at_school("2024-08-05", "2024-09-01", "po")],
             [("here-2024-08-01", "here-2024-07-01"), ("here-2024-08-05", "here-2024-08-01")]),
            ([HERE, at_school("2024-08-20", "9999-12-31", "po")], [("here-2024-08-20", "here-2024-08-01")]),
            # Two of another type held in turn: listed beside the one that held on the latest of the dates.
            ([HERE, at_school("2024-08-10", "2024-08-21", "po"), at_school("2024-08-20", "2024-08-30", "po")],
             [("here-2024-08-20", "here-2024-08-01")]),
            ([HERE, at_school("2024-08-10", "2024-08-25", "po"), at_school("2024-08-20", "2024-08-21", "po")],
             [("here-2024-08-10", "here-2024-08-01")]),
        ],
    )  # fmt: skip
    def test_on_the_dates_of_the_finding_the_latest_that_began_stands(self, words, rows):
        expected = [("school-type", stands, against) for stands, against in rows]
        assert listed(*words, *SIXTEEN) == expected
        assert listed(*SIXTEEN, *reversed(words)) == expected

    def test_a_correction_of_the_type_contradicts_nothing(self):
        assert listed(HERE, at_school("2024-08-01", school_type="po", said=2), *SIXTEEN) == []


class TestTwoSchools:
    @pytest.mark.parametrize(
        ("words", "rows"),
        [
            ([HERE, elsewhere("2024-01-01", "2024-07-31")], []),
            ([HERE, elsewhere("2024-01-01", FIRST)], [("here-2024-08-01", "there-2024-01-01")]),
            ([HERE, elsewhere("2024-01-01", "2024-08-05")], []),  # ended the day before the finding's dates
            ([HERE, elsewhere(LAST)], [("here-2024-08-01", f"there-{LAST}")]),
            ([HERE, elsewhere("2024-09-03")], []),
            ([HERE, elsewhere("2024-08-20", "2024-08-20")], [("here-2024-08-01", "there-2024-08-20")]),
            # Of another type or not: it is at another school.
            ([HERE, elsewhere("2024-08-20", school_type="po")], [("here-2024-08-01", "there-2024-08-20")]),
            # Enrolled there in the only days it is not enrolled here.
            ([at_school("2024-08-01", "2024-08-09"), elsewhere("2024-08-10", "2024-08-11"), at_school("2024-08-12")], []),
            # Of two there the one that holds there, whatever their types, and beside each the one that holds here on the last such date.
            ([HERE, elsewhere("2024-07-01"), elsewhere("2024-08-01")], [("here-2024-08-01", "there-2024-08-01")]),
            ([HERE, elsewhere("2024-07-01", school_type="po"), elsewhere("2024-08-01")],
             [("here-2024-08-01", "there-2024-08-01")]),
            ([HERE, at_school("2024-08-20"), elsewhere("2024-07-01")], [("here-2024-08-20", "there-2024-07-01")]),
            # At two others.
            ([HERE, elsewhere("2024-08-02"), elsewhere("2024-08-03", school="17QA02")],
             [("here-2024-08-01", "there-2024-08-02"), ("here-2024-08-01", "there-2024-08-03")]),
            # Nothing was told here: what marks imply is no fact that could be contradicted.
            ([elsewhere("2024-08-20")], []),
        ],
    )  # fmt: skip
    def test_enrolled_at_both_on_a_date_of_the_finding(self, words, rows):
        expected = [("enrolment", stands, against) for stands, against in rows]
        assert listed(*words, *SIXTEEN) == expected
        assert listed(*SIXTEEN, *reversed(words)) == expected

    def test_at_each_of_two_schools_its_own_enrolment_stands(self):
        there = [
            an_absence("2024-09-02", slot=f"lesson-{number}", school=OTHER_SCHOOL) for number in range(1, 17)
        ]
        told = {
            one.school: one.contradictions for one in found(HERE, elsewhere("2024-08-20"), *SIXTEEN, *there)
        }
        rows = {school: [(row.stands, row.against) for row in told[school]] for school in told}
        assert rows[OTHER_SCHOOL] == [("there-2024-08-20", "here-2024-08-01")]
        assert list(rows.values()).count([("here-2024-08-01", "there-2024-08-20")]) == 1

    def test_both_count_as_enrolled(self):
        words = [by_town(), elsewhere("2022-08-01", "2024-08-31"), at_school("2024-08-20", "2024-10-31")]
        (absolute,) = found(*words, as_of="2024-12-31")
        # The day after the last of both, and 28 more; what overlapped before it is not listed: enrolled nowhere then.
        assert (absolute.kind, absolute.at, absolute.contradictions) == ("absolute", day("2024-11-29"), ())


def test_all_three_in_their_order():
    # The newer the later within each, and not over them.
    words = [elsewhere("2024-07-02"), HERE, at_school("2024-08-03", school_type="po")]
    words += [by_school(at=moment(24 * 90)), by_town("2009-01-01", at=moment(24 * 91))]
    assert listed(*words, *SIXTEEN) == [
        ("birth-date", "by-town", "by-school"),
        ("school-type", "here-2024-08-03", "here-2024-08-01"),
        ("enrolment", "here-2024-08-03", "there-2024-07-02"),
    ]


def test_what_combines_contradicts_nothing():
    words = [
        a_leave("2024-08-06", "2024-08-10"), a_leave("2024-08-08", "2024-08-12", id="again"),
        an_exemption("2024-08-06", "2024-08-10"), an_exemption("2024-08-08", "2024-08-12", ground="5b"),
        an_arrangement("day-activity", "2024-08-06"), an_arrangement("partial-timetable", "2024-08-07", "2024-08-09"),
    ]  # fmt: skip
    assert listed(HERE, *words, *SIXTEEN) == []


@pytest.mark.parametrize(("ends", "is_listed"), [("2024-08-31", False), ("2024-09-02", True)])
def test_a_streak_is_about_its_days_also_those_after_it_arose(ends, is_listed):
    at_home = absent_on(weekdays_between("2024-09-02", "2024-10-11"))
    before = elsewhere("2024-08-01", ends)
    assert bool(listed(HERE, before, *at_home, kind="long-term")) is is_listed
    # On 11 October, after `at`: the last of its days.
    assert bool(listed(HERE, elsewhere("2024-10-11"), *at_home, kind="long-term"))
    assert not listed(HERE, elsewhere("2024-10-12"), *at_home, kind="long-term")


@pytest.mark.parametrize(("since", "is_listed"), [("2024-10-30", True), ("2024-10-31", False)])
def test_the_day_itself_counts_where_the_window_ended_before_it(since, is_listed):
    # A report in the middle of weeks without lessons: the window of `light` ends before them.
    words = [
        a_calendar(holidays=[("2024-10-21", "2024-11-03")]),
        a_report("2024-10-30"),
        HERE,
        elsewhere(since),
    ]
    assert bool(listed(*words, kind="light")) is is_listed


def test_a_contradiction_amends_and_its_retraction_amends_back():
    def said(*words):
        return [one for one in found(*words, HERE, *SIXTEEN) if one.kind == "statutory"]

    other = by_town("2010-03-16", at=moment(0))
    (raised,) = difference({}, said(by_school()))
    (amended,) = difference({raised.finding_id: (1, raised.content_hash, True)}, said(by_school(), other))
    assert (amended.what, amended.finding_id, amended.revision) == ("amended", raised.finding_id, 2)
    taken_back = said(by_school(), other, retracted(other, at=moment(5)))
    (back,) = difference({raised.finding_id: (2, amended.content_hash, True)}, taken_back)
    assert (back.what, back.revision, back.content_hash) == ("amended", 3, raised.content_hash)


def test_without_any_the_data_have_no_such_part():
    (calm,) = [one for one in found(HERE, by_school(), *SIXTEEN) if one.kind == "statutory"]
    assert "contradictions" not in finding_data(calm, revision=1, pupil="p")
    (finding,) = [
        one for one in found(HERE, by_school(), by_town("2009-01-01"), *SIXTEEN) if one.kind == "statutory"
    ]
    rows = finding_data(finding, revision=1, pupil="p")["contradictions"]
    assert rows == [{"about": "birth-date", "stands": "by-town", "against": "by-school"}]
