"""From which date on a pupil has to be measured again, and where it belongs."""

from dataclasses import replace
from datetime import date

import pytest

from aanwezig.classifier.stays import Late, Stays, late_of, stays_of
from aanwezig.law.shares import Share
from aanwezig.law.standing import Standing
from support.facts import (
    SCHOOL,
    a_birth,
    a_leave,
    a_presence,
    a_residence,
    an_enrolment,
    an_exemption,
    day,
    retracted,
)

NEVER = None
ALL = (date.min, None)


def a_share(*enrolments, firsts=()):
    spans = [(day(first), None if last is None else day(last)) for first, last in enrolments]
    return Share(tuple(spans), tuple(day(first) for first in firsts))


def of(share):
    return Stays({SCHOOL: share}, (), ())


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (a_presence("2024-09-02"), Late("mark", SCHOOL, day("2024-09-02"))),
        (retracted(a_presence("2024-09-02")), Late("mark", SCHOOL, day("2024-09-02"))),
        (an_enrolment("2024-08-01"), Late("enrolment", SCHOOL, day("2024-08-01"))),
        (retracted(an_enrolment("2024-08-01")), Late("enrolment", SCHOOL, day("2024-08-01"))),
        (a_residence("2020-01-01"), Late("from", None, day("2020-01-01"))),
        (an_exemption("2024-09-02", "2024-09-03"), Late("from", None, day("2024-09-02"))),
        (a_birth(), None),
        (a_leave("2024-09-02", "2024-09-03"), None),
    ],
)
def test_presence_rests_on_marks_enrolments_homes_and_exemptions(said, about):
    assert late_of(said) == about


@pytest.mark.parametrize(
    ("what", "on", "share", "expected"),
    [
        # A mark of an enrolled pupil is about its own date.
        ("mark", "2024-09-02", a_share(("2024-08-01", None)), (day("2024-09-02"), day("2024-09-02"))),
        # One that may imply an enrolment is about every date; one after another of its school year is not.
        ("mark", "2024-09-02", a_share(("2024-09-03", None)), ALL),
        ("mark", "2024-09-02", a_share(firsts=["2024-09-02"]), ALL),
        ("mark", "2024-09-03", a_share(firsts=["2024-09-02"]), (day("2024-09-03"), day("2024-09-03"))),
        ("mark", "2024-09-03", a_share(firsts=["2024-07-01"]), ALL),
        # The first enrolment ends what marks implied; a later one does not.
        ("enrolment", "2024-09-02", a_share(("2024-09-02", None)), ALL),
        ("enrolment", "2024-09-02", a_share(), ALL),
        ("enrolment", "2024-09-02", a_share(("2024-09-01", None)), (day("2024-09-02"), None)),
        ("from", "2024-09-02", a_share(), (day("2024-09-02"), None)),
    ],
)
def test_how_far_a_late_word_reaches(what, on, share, expected):
    late = Late(what, None if what == "from" else SCHOOL, day(on))
    assert late.concerns(SCHOOL, share) == expected
    assert what == "from" or replace_school(late).concerns(SCHOOL, share) is NEVER


def replace_school(late):
    return late._replace(school="16QW01")


@pytest.mark.parametrize(
    ("share", "before", "now", "expected"),
    [
        (a_share(("2024-08-01", None)), "2024-09-02", "2024-09-03", None),
        (a_share(("2024-08-01", "2024-09-02"), ("2024-09-03", None)), "2024-09-02", "2024-09-03", None),
        # From its first day on an enrolment that was told hides what marks implied.
        (a_share(("2024-09-03", None), firsts=["2024-09-02"]), "2024-09-02", "2024-09-03", date.min),
        # The first mark of another school year lengthens the implied one: over the summer.
        (a_share(firsts=["2024-06-03", "2024-09-03"]), "2024-09-02", "2024-09-03", day("2024-08-01")),
        (a_share(firsts=["2024-09-03"]), "2024-09-02", "2024-09-03", None),
    ],
)
def test_what_becomes_seen_moves_closed_dates_only_where_marks_implied_an_enrolment(
    share, before, now, expected
):
    assert of(share).moved(SCHOOL, day(before), day(now)) == expected


def test_homes_and_exemptions_stand_as_they_were_told():
    standing = Standing.of([
        a_residence("2024-09-10", "0599"), a_residence("2020-01-01", "0637"), an_exemption("2024-09-02", "2024-09-03"),
        replace(an_exemption("2024-10-02", "2024-10-03"), id="gone"), retracted(an_exemption("2024-10-02", "2024-10-03")),
    ])  # fmt: skip
    stay = Stays.read({"shares": {SCHOOL: [1, [["2024-08-01", None]], []]}}, stays_of(standing)).at(
        SCHOOL, day("2024-09-02")
    )
    assert [stay.municipality(day(on)) for on in ("2019-12-31", "2024-09-09", "2024-09-10")] == [
        None,
        "0637",
        "0599",
    ]
    assert [stay.exempt(day(on)) for on in ("2024-09-01", "2024-09-02", "2024-09-03", "2024-10-02")] == [
        False,
        True,
        True,
        False,
    ]
    assert stay.covers(day("2024-08-01"))
    assert not stay.covers(day("2024-07-31"))
