"""The oracle, against cases computed by hand: what goes by days, and what follows another finding."""

import pytest

from support.paper import CHILD, SCHOOL, SIXTEEN, TOWN, a_mark, ats, enrolled, findings, term, told, weekdays


def a_spell(since, until=None):
    return told("sick-reported", **{"school": SCHOOL, "from": since, "until": until})


def test_an_exemption_takes_its_days_out():
    spared = {"ground": "5a", "from": "2024-09-12", "until": "2024-09-12"}
    exempt = told("exemption-granted", source=TOWN, **spared)
    events = [term(), enrolled(), *[a_mark(on, minutes=40) for on in weekdays("2024-09-02", 21)]]
    assert findings(events, "home-sitter")
    assert findings([*events, exempt], "home-sitter") == []
    (found,) = findings([*events, exempt], "statutory")
    assert found["not_counted"][0]["reason"] == "exempt"
    assert found["at"] == "2024-09-24"
    living = {"birth_date": "2012-05-05", "resident_from": "2022-01-01", "resident_until": "2022-09-15"}
    town_says = told("person-recorded", source=TOWN, **living)
    assert ats(findings([town_says], "absolute")) == [("2022-08-29", 1, "28.00")]  # observed from 1 August
    spared = {"ground": "5a", "from": "2022-08-20", "until": "2022-08-20"}
    assert findings([town_says, told("exemption-granted", source=TOWN, **spared)], "absolute") == []


def test_four_weeks_at_home_by_three_definitions():
    # Monday 2 September: the 28th day is Sunday 29, reached on Monday 30 with 29 days
    days = weekdays("2024-09-02", 20)
    unauthorised = [a_mark(on) for on in days]
    events = [term(), enrolled(), *unauthorised]
    assert findings(events, "home-sitter") == []
    monday = a_mark("2024-09-30")
    (found,) = findings([*events, monday, a_mark("2024-10-01")], "home-sitter")
    assert (found["at"], found["measured"]["value"], found["measured"]["operator"]) == (
        "2024-09-30",
        "30.00",
        ">=",
    )
    assert found["definition"] == "thuiszitter@zoetermeer-2024"
    assert len(found["counted"]) == 22
    assert [row["at"] for row in findings([*events, monday], "long-term")] == ["2024-09-30"]
    excused = a_mark("2024-09-10", authorised=True, time="2024-09-10T16:00:00Z")
    assert findings([*events, monday, excused], "home-sitter")
    assert findings([*events, monday, excused], "long-term") == []
    assert findings([*events, monday, excused], "home-sitter", definition="deventer-2022") == []
    (beside,) = findings([*events, monday], "home-sitter", definition="thuiszitter@ocw-2016")
    assert (beside["at"], beside["definition"]) == ("2024-09-30", "thuiszitter@ocw-2016")
    assert beside["measured"] == findings([*events, monday], "long-term")[0]["measured"]


def test_silent_days_and_the_days_off_after_them_do_not_lengthen():
    # as above with Friday 6 September silent: that day, Saturday and Sunday fall out, 28 days on Wednesday 2 October
    days = weekdays("2024-09-02", 23, without=("2024-09-06",))
    events = [term(), enrolled(), *[a_mark(on) for on in days]]
    assert [row["at"] for row in findings(events, "home-sitter")] == ["2024-10-02"]
    assert [row["at"] for row in findings(events, "long-term")] == ["2024-10-03"]
    present = a_mark("2024-09-06", state="present")
    assert findings([*events, present], "home-sitter") == []


@pytest.mark.parametrize(
    ("kind", "zoetermeer", "deventer"), [("education-care", False, False), ("day-activity", True, False)]
)
def test_arrangements_that_end_a_streak(kind, zoetermeer, deventer):
    arranged = told("arrangement-set", **{"kind": kind, "from": "2024-09-12", "until": "2024-09-12"})
    events = [term(), enrolled(), arranged, *[a_mark(on) for on in weekdays("2024-09-02", 21)]]
    assert bool(findings(events, "home-sitter")) is zoetermeer
    assert bool(findings(events, "home-sitter", definition="deventer-2022")) is deventer
    assert findings(events, "long-term")


def test_luxury_runs():
    events = [
        term(),
        enrolled(),
        *[a_mark(on, reason="luxury") for on in ("2024-10-25", "2024-11-04", "2024-11-06")],
    ]
    assert ats(findings(events, "luxury")) == [("2024-10-25", 1, "2.00"), ("2024-11-06", 2, "1.00")]
    here = a_mark("2024-11-04", "lesson-2", state="present")
    assert ats(findings([*events, here], "luxury")) == [("2024-10-25", 1, "1.00"), ("2024-11-06", 2, "1.00")]


@pytest.mark.parametrize(("until", "found"), [("2024-09-27", 0), ("2024-09-28", 1)])
def test_absolute_after_twenty_eight_dates(until, found):
    living = told(
        "person-recorded",
        birth_date="2012-05-05",
        municipality="0637",
        resident_from="2024-09-01",
        resident_until=until,
        source=TOWN,
    )
    told_of = findings([living], "absolute")
    assert len(told_of) == found
    if found:
        (first,) = told_of
        assert (first["at"], first["school"], first["municipality"]) == ("2024-09-29", None, "0637")
        assert first["measured"]["value"] == "28.00"
        assert (first["window"], first["known_at"], first["counted"]) == (None, None, [])
        assert findings([living], "absolute", as_of="2024-09-28") == []
        (beside,) = findings([living], "home-sitter", definition="ocw-2016")
        assert (beside["at"], beside["school"]) == ("2024-09-29", None)
        assert findings([living, enrolled(since="2024-09-15")], "absolute") == []


@pytest.mark.parametrize(("fourth", "found"), [("2024-12-01", 1), ("2024-12-02", 0)])
def test_the_fourth_sick_report_within_twelve_lesson_weeks(fourth, found):
    # from Monday 2 September, with one week cut out, day 84 is Sunday 1 December
    days = ["2024-09-02", "2024-09-09", "2024-09-16", fourth]
    spells = [a_spell(on, on) for on in days] + [a_spell("2024-10-30", "2024-10-30")]
    told_of = findings([term(), *spells], "sickness")
    assert len(told_of) == found
    if found:
        assert told_of[0]["rule"]["id"] == "sickness-frequent"
        assert [row["date"] for row in told_of[0]["counted"]] == days
        assert told_of[0]["counted"][0]["slot"] is None


def test_the_seventh_lesson_day_of_a_spell():
    events = [term(), a_spell("2024-09-05", "2024-09-12"), a_spell("2024-09-14")]
    (found,) = findings(events, "sickness", as_of="2024-09-24")
    assert (found["at"], found["rule"]["id"], found["measured"]["value"]) == (
        "2024-09-24",
        "sickness-long",
        "7.00",
    )
    assert found["window"] == {"from": "2024-09-14", "until": "2024-09-14"}
    assert findings(events, "sickness", as_of="2024-09-23") == []


@pytest.mark.parametrize(
    ("recorded", "found"),
    [("2024-09-18T21:59:59Z", []), ("2024-09-18T22:00:00Z", [("2024-09-19", 1, "6.00")])],
)
def test_known_too_late(recorded, found):
    # the threshold is reached on Wednesday 11 September: the fifth working day after it is the 18th
    events = [enrolled(), *[a_mark(on, slot) for on, slot in SIXTEEN[:15]]]
    events.append(a_mark("2024-09-11", "lesson-2", time=recorded))
    events.append(a_mark("2024-09-11", "lesson-2", time="2024-12-01T12:00:00Z", minutes=60))
    told_of = findings(events, "late-report")
    assert ats(told_of) == found
    if found:
        assert told_of[0]["about"] == (CHILD, SCHOOL, "statutory", None, "2024-2025", 1)


def test_a_silent_feed():
    events = [term(), enrolled(since="2024-09-02"), a_mark("2024-09-05", state="present")]
    found = findings(events, "silent-feed", as_of="2024-09-09")
    assert ats(found) == [("2024-09-02", 1, "3.00"), ("2024-09-06", 2, "2.00")]
    assert (found[0]["pupil"], found[0]["context"], found[0]["obligation"]) == (None, None, None)
    assert findings(events[1:], "silent-feed") == []


def test_returned_and_restored():
    home = [a_mark(on) for on in weekdays("2024-09-02", 22)]
    back = [a_mark(on, state="present") for on in weekdays("2024-10-02", 10)]
    events = [term(), enrolled(), a_mark("2024-08-28", state="present"), *home, *back]
    (found,) = [row for row in findings(events, "returned") if row["about"][2] == "home-sitter"]
    assert (found["at"], found["measured"]["value"], found["measured"]["operator"]) == (
        "2024-10-02",
        "30.00",
        None,
    )
    assert [row["date"] for row in found["counted"]] == ["2024-10-02"]
    (restored,) = findings(events, "presence-restored")
    # long-term and home-sitter both arise on 30 September; the later word in the alphabet is the newest
    assert (restored["at"], restored["about"][2]) == ("2024-10-15", "long-term")
    assert findings(events[:-1], "presence-restored") == []
    more = [a_mark(on, state="present") for on in weekdays("2024-10-16", 5)]
    assert len(findings([*events, *more], "presence-restored")) == 1
    again = [a_mark("2024-11-20", "morning", minutes=480), a_mark("2024-11-20", "afternoon", minutes=480)]
    assert ats(findings([*events, *again], "presence-restored")) == ats([restored])
