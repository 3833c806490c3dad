"""The oracle, against cases computed by hand from a paper calendar: hours, lateness, obligation, context."""

from datetime import date

import pytest

from support.oracle import oracle
from support.paper import (
    CHILD,
    SCHOOL,
    SIXTEEN,
    TOWN,
    a_mark,
    an_event,
    ats,
    born,
    enrolled,
    findings,
    term,
    told,
    weekdays,
)


def test_sixteen_lessons_are_sixteen_hours():
    events = [enrolled(), born("2010-03-01"), *[a_mark(on, slot) for on, slot in SIXTEEN]]
    (found,) = findings(events, "statutory")
    assert ats([found]) == [("2024-09-11", 1, "16.00")]
    assert found["window"] == {"from": "2024-08-15", "until": "2024-09-11"}
    assert found["measured"]["exact"] == "16"
    assert [row["slot"] for row in found["counted"]] == ["lesson-1", "lesson-2"] * 8
    assert found["calendar"] == "assumed"
    assert (found["obligation"], found["age"], found["school_type"]) == ("leerplichtig", 14, "vo")
    assert found["known_at"] == "2024-09-11T15:00:00Z"
    assert found["context"]["hours_this_year"] == "16.00"


def test_just_below_sixteen_prints_as_sixteen_and_is_not():
    events = [
        enrolled(),
        told("school-reported", school=SCHOOL, kind="light", date="2024-09-11"),
        *[a_mark(on, slot) for on, slot in SIXTEEN[:15]],
        a_mark("2024-09-11", "lesson-2", minutes=480, missed=59),
        a_mark("2024-09-11", "lesson-3", minutes=60, missed=0),
    ]
    assert findings(events, "statutory") == []
    (found,) = findings(events, "light")
    assert found["measured"] == {
        "value": "15.98",
        "exact": "959/60",
        "unit": "hours",
        "operator": "<",
        "threshold": "16.00",
    }


def test_sixteen_hours_are_not_light_though_a_crossing_came_before():
    report = told("school-reported", school=SCHOOL, kind="light", date="2024-09-12")
    events = [enrolled(), report, *[a_mark(on, slot) for on, slot in SIXTEEN]]
    assert findings(events, "light") == []
    assert ats(findings(events[:-1], "light")) == [("2024-09-12", 1, "15.00")]


@pytest.mark.parametrize(
    ("school_type", "minutes", "crossed"),
    [("po", 60, True), ("po", 59, False), ("vo", 45, True), ("mbo", 1, True), ("so", 45, False)],
)
def test_the_unit_is_that_of_the_school_type(school_type, minutes, crossed):
    events = [enrolled(school_type), *[a_mark(on, slot, minutes=minutes) for on, slot in SIXTEEN]]
    assert bool(findings(events, "statutory")) is crossed


def test_long_lessons_and_day_parts_count_by_the_clock():
    events = [enrolled(), *[a_mark(on, "lesson-1", minutes=120) for on in weekdays("2024-09-02", 7)]]
    assert findings(events, "statutory") == []
    assert ats(findings([*events, a_mark("2024-09-11", "morning", minutes=120)], "statutory")) == [
        ("2024-09-11", 1, "16.00")
    ]


@pytest.mark.parametrize(("last", "crossed"), [("2024-11-05", True), ("2024-11-06", False)])
def test_a_holiday_week_is_cut_out_of_the_window(last, crossed):
    # 28 dates of lesson-week time ending on Tuesday 5 November reach back to Wednesday 2 October
    events = [term(), enrolled(), a_mark("2024-10-02", "morning", minutes=480)]
    events.append(a_mark(last, "morning", minutes=480))
    found = findings(events, "statutory")
    assert bool(found) is crossed
    if crossed:
        assert found[0]["window"] == {"from": "2024-10-02", "until": "2024-11-05"}
        assert "calendar" not in found[0]


def test_the_sum_starts_anew_after_a_crossing_and_in_a_new_school_year():
    days = weekdays("2024-09-02", 5)
    events = [enrolled(), *[a_mark(on, "morning", minutes=480) for on in days]]
    assert ats(findings(events, "statutory")) == [("2024-09-03", 1, "16.00"), ("2024-09-05", 2, "16.00")]
    over_summer = [a_mark("2024-07-31", "morning", minutes=480), a_mark("2024-08-01", "morning", minutes=480)]
    assert findings([enrolled(since="2024-01-01"), *over_summer], "statutory", "2024-08-31") == []


def test_who_is_eighteen_or_qualified():
    marks = [a_mark(on, slot) for on, slot in SIXTEEN]
    events = [enrolled("mbo"), born("2006-09-11"), *marks]
    assert findings(events, "statutory") == []
    (found,) = findings(events, "eighteen-plus")
    assert (found["at"], found["obligation"], found["rule"]["id"]) == (
        "2024-09-11",
        "eighteen-plus",
        "eighteen-plus",
    )
    assert findings([*events, born("2006-09-12")], "eighteen-plus") == []  # same key, later id
    qualified = told("qualification-obtained", date="2024-09-11", level="havo")
    assert findings([*events, qualified], "eighteen-plus") == []


@pytest.mark.parametrize(
    ("birth_date", "at", "word"),
    [
        ("2019-08-31", "2024-08-31", "none"),  # five on the last of August: from 1 September
        ("2019-08-31", "2024-09-01", "leerplichtig"),
        ("2019-09-01", "2024-09-30", "none"),  # five on the first of September: from 1 October
        ("2008-07-31", "2024-07-31", "leerplichtig"),  # sixteen on the last day of a school year
        ("2008-07-31", "2024-08-01", "kwalificatieplichtig"),
        ("2008-08-01", "2025-07-31", "leerplichtig"),
        ("2008-02-29", "2026-02-28", "kwalificatieplichtig"),  # a leap child is eighteen on 1 March
        ("2008-02-29", "2026-03-01", "eighteen-plus"),
        ("2002-01-02", "2025-01-01", "eighteen-plus"),
        ("2002-01-02", "2025-01-02", "none"),  # twenty-three
        ("2002-01-02", "2026-01-01", "eighteen-plus"),  # the new limit of twenty-seven
        ("1999-01-02", "2026-01-01", "eighteen-plus"),
        ("1999-01-02", "2026-01-02", "none"),
    ],
)
def test_obligation_on_a_date(birth_date, at, word):
    report = told("school-reported", school=SCHOOL, kind="light", date=at)
    (found,) = findings([born(birth_date), report], "light", as_of=at)
    assert (found["obligation"], found["measured"]["value"]) == (word, "0.00")


def test_what_is_not_counted_and_why():
    events = [
        enrolled(since="2024-09-03"),
        *[a_mark(on, "morning", minutes=480) for on in ("2024-09-09", "2024-09-10")],
        a_mark("2024-09-02"),
        a_mark("2024-09-03", authorised=True),
        a_mark("2024-09-04", authorised=None),
        a_mark("2024-09-05", state="late", missed=5),
        a_mark("2024-09-06"),
        a_mark("2024-09-07"),
        a_mark("2024-09-10", "lesson-2", state="present"),
        a_mark("2024-09-10", "lesson-1"),
        told(
            "leave-granted",
            **{"school": SCHOOL, "ground": "11g", "from": "2024-09-06", "until": "2024-09-06"},
        ),
    ]
    (found,) = findings(events, "statutory")
    assert [(row["date"], row["reason"]) for row in found["not_counted"]] == [
        ("2024-09-02", "not-enrolled"),
        ("2024-09-03", "authorised"),
        ("2024-09-04", "undetermined"),
        ("2024-09-05", "late"),
        ("2024-09-06", "on-leave"),
        ("2024-09-07", "no-lesson-day"),
    ]


def test_the_newest_word_stands_and_a_retraction_takes_back():
    days = weekdays("2024-09-02", 2)
    excused = a_mark(days[0], "morning", minutes=480, authorised=True)["data"]
    tenth = an_event("mark-recorded", excused, time="2024-09-02T17:00:00+02:00", sequence="10")
    marks = [a_mark(on, "morning", minutes=480) for on in days]
    ninth = marks[0] | {"id": "z", "sequence": "9"}
    earlier = an_event("mark-recorded", excused, time="2024-09-02T14:00:00Z", sequence="11")
    assert findings([enrolled(), *marks, ninth, earlier], "statutory")
    assert findings([enrolled(), *marks, ninth, tenth], "statutory") == []
    key = {name: excused[name] for name in ("pupil", "school", "date", "slot")}
    gone = an_event("mark-recorded", key | {"retracted": True}, time="2024-09-02T15:00:00.5Z")
    assert findings([gone, enrolled(), *marks], "statutory") == []


def test_lateness_goes_by_rungs():
    events = [enrolled(), *[a_mark(on, state="late", authorised=None) for on in weekdays("2024-09-02", 7)]]
    events += [
        a_mark("2024-09-02", "lesson-2", state="late", authorised=True),
        a_mark("2024-09-07", state="late"),
    ]
    found = findings(events, "lateness")
    assert ats(found) == [("2024-09-04", 1, "3.00"), ("2024-09-09", 2, "6.00")]
    assert len(found[1]["counted"]) == 6
    assert found[1]["counted"][0]["hours"] is None
    assert found[1]["window"] == {"from": "2024-09-02", "until": "2024-09-09"}
    assert found[1]["context"]["times_late_this_year"] == "6.00"


def test_context_and_order_of_lines():
    other = {"local": "7"}
    events = [
        *[a_mark(on, reason="luxury") for on in weekdays("2024-09-02", 1)],
        an_event("mark-recorded", a_mark("2024-09-03", reason="luxury")["data"] | {"pupil": other}),
        told("care-signalled", signal="family", date="2024-08-01"),
        told("care-signalled", signal="family", date="2025-01-01", help_in_place=True),
        told("care-signalled", signal="safety", date="2024-07-31"),
        told("school-reported", school=SCHOOL, kind="luxury", date="2024-09-02", announced=True),
        told("school-reported", school=SCHOOL, kind="light", date="2024-07-31"),
        told("school-reported", school="25PL01", kind="light", date="2024-09-02"),
    ]
    lines = findings(events, "luxury")
    assert [line["pupil"] for line in lines] == [other, CHILD]
    assert lines[1]["context"] == {
        "hours_this_year": "1.00",
        "times_late_this_year": "0.00",
        "signals": [{"signal": "family", "date": "2025-01-01", "help_in_place": True}],
        "reports": [{"kind": "luxury", "date": "2024-09-02", "announced": True}],
    }
    (_, before) = findings(events, "luxury", as_of="2024-12-31")
    assert before["context"]["signals"] == [
        {"signal": "family", "date": "2024-08-01", "help_in_place": False}
    ]
    assert findings(events, "luxury", as_of="2024-09-01") == []


def test_lines_without_a_pupil_or_a_school_come_first():
    living = {"birth_date": "2012-05-05", "resident_from": "2024-01-01", "municipality": "0637"}
    events = [term(), told("person-recorded", source=TOWN, **living), enrolled(since="2024-09-02")]
    events.append(a_mark("2024-09-03", reason="luxury"))
    events.append(told("school-reported", school="25PL01", kind="light", date="2024-09-03"))
    lines = oracle(events, as_of=date(2024, 9, 4))
    assert [(line["pupil"], line["school"], line["kind"]) for line in lines] == [
        (None, SCHOOL, "silent-feed"),
        (None, SCHOOL, "silent-feed"),
        (CHILD, None, "absolute"),
        (CHILD, SCHOOL, "luxury"),
        (CHILD, "25PL01", "light"),
    ]
