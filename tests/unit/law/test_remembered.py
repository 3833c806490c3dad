"""What was come to over earlier days is taken up again only where it still holds; then the work is saved."""

from datetime import date

import pytest

from aanwezig.law import packs
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.classify import classify
from aanwezig.law.counting import Tally
from aanwezig.law.difference import difference
from aanwezig.law.packs import ByMunicipality
from aanwezig.law.remembered import Remembered, Settled
from aanwezig.law.seen import Seen
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
    a_residence,
    a_signal,
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
from support.law import NL_2024, about_calendar

STATUTORY = absences("2024-09-02", 16, minutes=50)
LATE = [a_late_arrival(on) for on in weekdays_between("2024-09-03", "2024-09-05")]
LUXURY = [an_absence("2024-09-06", reason="luxury"), an_absence("2024-09-09", reason="luxury")]
AT_HOME = absent_on(weekdays_between("2024-10-01", "2024-11-15"))
PRESENT = [a_presence(on) for on in weekdays_between("2024-11-18", "2024-12-06")]
LIVED = [an_enrolment(), *STATUTORY, *LATE, *LUXURY, *AT_HOME, *PRESENT]
AFTER = day("2024-12-20")
SCHOOLS: dict[str, str | None] = {}
BY_SCHOOL = ByMunicipality(packs.load("nl-2024"), {}, SCHOOLS)


class Desk:
    """A pupil of whom everything but the last word was evaluated once."""

    def __init__(self, words=LIVED, governance=NL_2024, as_of: date = AFTER):
        self.book = CalendarBook()
        self.standing = Standing.of(words)
        self.standing.remembered = Remembered()
        self.governance, self.as_of = governance, as_of
        self.before = self.found()

    def found(self):
        return classify(
            self.standing, calendars=self.book.calendars, governance=self.governance, as_of=self.as_of
        )

    def hear(self, word):
        if about_calendar(word):
            self.book.apply(word)
        else:
            self.standing.apply(word)

    def moved(self):
        """What is found now, and that it is not what was found before, whether anything was remembered or not."""
        found, self.standing.remembered = self.found(), None
        assert found == self.found()
        return found != self.before


@pytest.mark.parametrize(
    "word",
    [
        pytest.param(a_mark("2024-09-02", "absent", slot="lesson-3", authorised=True, said=2), id="excused"),
        pytest.param(retracted(STATUTORY[0]), id="taken back"),
        pytest.param(an_absence("2024-09-01", slot="lesson-1"), id="told late, of no lesson day"),
        pytest.param(an_absence("2024-09-12"), id="told late"),
        pytest.param(a_presence("2024-09-09", slot="lesson-2"), id="there after all"),
        pytest.param(a_presence("2024-10-16", slot="lesson-2"), id="there amid weeks at home"),
        pytest.param(a_leave("2024-09-01", "2024-09-03"), id="leave"),
        pytest.param(an_exemption("2024-10-10", "2024-10-11"), id="exemption"),
        pytest.param(an_arrangement("education-care", "2024-10-10", "2024-10-11"), id="arrangement"),
        pytest.param(an_enrolment("2024-08-02", school_type="po"), id="school type"),
        pytest.param(a_birth("2005-01-01"), id="birth date"),
        pytest.param(a_residence("2020-01-01"), id="residence"),
        pytest.param(a_signal("2024-09-03"), id="signal"),
        pytest.param(a_report("2024-09-03", "luxury"), id="report"),
        pytest.param(a_calendar(extra_free=("2024-09-02",)), id="calendar"),
    ],
)
def test_what_is_said_of_earlier_days_is_heard(word):
    desk = Desk()
    desk.hear(word)
    assert desk.moved()


@pytest.mark.parametrize("last", ["morning", "afternoon"])
def test_the_latest_day_may_go_on(last):
    desk = Desk(STATUTORY)
    desk.hear(an_absence("2024-09-02", slot=last))
    assert desk.moved()


@pytest.mark.parametrize("as_of", ["2024-09-02", "2024-10-31", "2024-11-20"])
def test_an_earlier_date_sees_less(as_of):
    desk = Desk()
    desk.as_of = day(as_of)
    assert desk.moved()


def test_a_fact_told_beforehand_counts_from_its_date_on():
    desk = Desk([*LIVED, an_enrolment("2024-12-10", school_type="po")], as_of=day("2024-12-06"))
    desk.hear(a_signal("2024-12-09", "safety"))
    desk.before = desk.found()
    desk.as_of = day("2024-12-09")
    assert desk.moved()


def test_another_pack_finds_anew():
    desk = Desk()
    desk.governance = packs.OnePack(packs.load("vl-discimus"))
    assert desk.moved()


def test_a_school_that_is_registered_elsewhere_is_noticed():
    SCHOOLS.clear()
    desk = Desk(governance=BY_SCHOOL)
    SCHOOLS[SCHOOL] = "0637"
    assert desk.moved()


def test_one_more_absence_weighs_one_mark_and_makes_no_finding_again(monkeypatch):
    desk = Desk()
    desk.hear(an_absence("2024-12-09", slot="lesson-2"))
    desk.found()
    weighed = []
    monkeypatch.setattr(Seen, "enrolled", lambda _, __, on, ___: not weighed.append(on))
    desk.hear(an_absence("2024-12-10", slot="lesson-2"))
    found = desk.found()
    assert set(weighed) == {day("2024-12-09"), day("2024-12-10")}
    crossed = [one for one in desk.before if one.kind == "lateness"]
    assert crossed
    assert all(any(one is again for again in found) for one in crossed)


def test_what_stays_equal_is_hashed_once():
    desk = Desk()
    remembered = desk.standing.remembered
    raised = difference({}, desk.before, remembered)
    hashes = dict(remembered.hashes)
    said = {change.finding_id: (1, change.content_hash, True) for change in raised}
    assert difference(said, desk.found(), remembered) == []
    assert all(remembered.hashes[identity] is known for identity, known in hashes.items())
    desk.hear(a_signal("2024-09-03"))
    changes = difference(said, desk.found(), remembered)
    assert changes
    assert changes == difference(said, desk.found())


def test_where_nothing_is_remembered_nothing_is_kept():
    settled = Settled()
    Tally(
        Seen(Standing.of(LIVED), AFTER),
        SCHOOL,
        CalendarBook().calendars.of(SCHOOL),
        packs.load("nl-2024").hours,
        settled,
    )
    settled.leave("walk", AFTER, 1)
    assert (settled.marks, settled.reached("walk", 0)) == ((), 0)
