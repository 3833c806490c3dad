"""What a finding proves by itself: every kind holds, and what was changed in one is named (`contract.md` 4)."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aanwezig.contracts.findings import finding_data
from aanwezig.law import packs
from aanwezig.law.packs import OnePack
from aanwezig.law.verify import Disagreement, against, from_itself
from support.facts import (
    PUPIL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_presence,
    a_report,
    a_residence,
    a_sick_report,
    absences,
    an_absence,
    an_enrolment,
    weekdays_between,
)
from support.law import NL_2024, found

NATIONAL = NL_2024.pack
ENGLAND, FLANDERS = packs.load("en-2024"), packs.load("vl-discimus")
OF_FOURTEEN_DAYS = replace(NATIONAL, light=replace(NATIONAL.light, window_days=14))
TWO_YEARS = an_enrolment("2024-08-01", until="2026-07-31")
CHILD = [a_birth(), TWO_YEARS]
LONG_AFTER = datetime(2024, 10, 1, 16, tzinfo=UTC)
HOLIDAYS = a_calendar("2024-08-12", holidays=[("2024-09-09", "2024-09-15"), ("2024-10-07", "2024-10-13")])
OCW = "ocw-2016"


def said_of(kind, *words, pack=NATIONAL, definition=None, as_of="2026-07-31"):
    """The first finding of a kind, as it is said."""
    told = found(*words, governance=OnePack(pack), definition=definition, as_of=as_of)
    one = next(one for one in told if one.kind == kind)
    return finding_data(one, revision=1, pupil=one.pupil)


def verdict(said, pack=NATIONAL):
    named = said.get("definition")
    definition = packs.definition(named.removeprefix("thuiszitter@")) if named else None
    return from_itself(said, pack=pack, definition=definition, pupils=[PUPIL, None])


def part(said, pack=NATIONAL):
    return verdict(said, pack).part


def changed(said, *changes):
    """The finding with other values, each at a path of keys and places."""
    copy = json.loads(json.dumps(said))
    for path, value in changes:
        *way, last = path
        inner = copy
        for step in way:
            inner = inner[step]
        inner[last] = value
    return copy


def sessions(first, last, **how):
    """A missed morning and afternoon on each weekday."""
    days = weekdays_between(first, last)
    return [an_absence(on, slot=slot, **how) for on in days for slot in ("morning", "afternoon")]


def days_away(first, last, **how):
    return [an_absence(on, **how) for on in weekdays_between(first, last)]


# Fifteen hours on a Monday, then a lesson of two: at fifteen nothing was reached, at seventeen it is.
LONG_LESSON = said_of(
    "statutory", *CHILD, absences("2024-09-02", 15), an_absence("2024-09-03", minutes=120, slot="morning")
)
# Eight lessons of two hours: the hours are not the number of marks.
GROWN = said_of(
    "eighteen-plus", a_birth("2006-03-15"), TWO_YEARS, absences("2024-09-02", 4, minutes=120),
    absences("2024-09-04", 4, minutes=120),
)  # fmt: skip
LIGHT = said_of("light", *CHILD, absences("2024-09-02", 2, minutes=120), a_report("2024-09-04"))
NEVER_AWAY = said_of("light", *CHILD, a_report("2024-09-04"))
# Ten sessions in five days; eleven are told where one was added.
OF_ENGLAND = said_of("statutory", *CHILD, sessions("2024-09-02", "2024-09-06"), pack=ENGLAND)
OF_FLANDERS = said_of("statutory", *CHILD, sessions("2024-09-02", "2024-09-06"), pack=FLANDERS)
# Sixteen hours on the first Monday of a school year; a mark of the year before lies in the window, uncounted.
IN_AUGUST = said_of(
    "statutory", *CHILD, an_absence("2025-07-31", authorised=True), absences("2025-08-04", 16)
)
LATENESS = said_of("lateness", [a_late_arrival(f"2024-09-{number:02}") for number in (2, 3, 4)])
LONG_TERM = said_of("long-term", *CHILD, days_away("2024-09-02", "2024-10-25"))
SICK = said_of("sickness", *CHILD, [a_sick_report(f"2024-09-0{n}", f"2024-09-0{n}") for n in (2, 3, 4, 5)])
RETURNED = said_of("returned", *CHILD, days_away("2024-09-02", "2024-10-25"), a_presence("2024-10-28"))
RESTORED = said_of(
    "presence-restored", *CHILD, absences("2024-09-02", 16),
    [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-16")],
)  # fmt: skip
LATE_REPORT = said_of(
    "late-report",
    *CHILD,
    absences("2024-09-02", 15),
    an_absence("2024-09-02", slot="lesson-16", at=LONG_AFTER),
)
BESIDE = said_of("home-sitter", *CHILD, days_away("2024-09-02", "2024-10-25"), definition=OCW)
NO_SCHOOL = said_of("home-sitter", a_residence("2024-09-01"), definition=OCW)

# A lesson week in front, so that the window of a light report can begin in it.
LIGHT_IN_A_HOLIDAY = said_of("light", *CHILD, HOLIDAYS, an_absence("2024-09-02"), a_report("2024-09-11"))
LIGHT_BEFORE_ALL_LESSONS = said_of("light", *CHILD, HOLIDAYS, a_report("2024-08-08"))
LIGHT_IN_AUGUST = said_of("light", *CHILD, an_absence("2025-07-31"), a_report("2025-08-04"))
LIGHT_OF_FOURTEEN = said_of(
    "light", *CHILD, an_absence("2024-09-02"), a_report("2024-09-04"), pack=OF_FOURTEEN_DAYS
)
OVER_A_HOLIDAY = said_of("statutory", *CHILD, HOLIDAYS, absences("2024-09-02", 8), absences("2024-09-16", 8))
# Tuesday to the Monday four weeks later: the window from its first date to its last.
EDGE_TO_EDGE = said_of("statutory", *CHILD, absences("2024-09-03", 8), absences("2024-09-30", 8))
OVER_TWO_YEARS = said_of("statutory", *CHILD, sessions("2025-07-28", "2025-08-01"), pack=ENGLAND)
# Authorised marks may be told as a number only.
TOTALLED = changed(LONG_LESSON, (("not_counted",), [{"reason": "authorised", "count": 2}]))


@pytest.mark.parametrize(
    ("said", "pack"),
    [
        (LONG_LESSON, NATIONAL), (GROWN, NATIONAL), (LIGHT, NATIONAL), (NEVER_AWAY, NATIONAL),
        (OF_ENGLAND, ENGLAND), (OVER_TWO_YEARS, ENGLAND), (OF_FLANDERS, FLANDERS),
        (IN_AUGUST, NATIONAL), (OVER_A_HOLIDAY, NATIONAL), (EDGE_TO_EDGE, NATIONAL), (TOTALLED, NATIONAL),
        (LIGHT_IN_A_HOLIDAY, NATIONAL), (LIGHT_BEFORE_ALL_LESSONS, NATIONAL), (LIGHT_IN_AUGUST, NATIONAL),
        (LIGHT_OF_FOURTEEN, OF_FOURTEEN_DAYS),
        (LATENESS, NATIONAL), (LONG_TERM, NATIONAL), (SICK, NATIONAL), (RETURNED, NATIONAL), (RESTORED, NATIONAL),
        (LATE_REPORT, NATIONAL), (BESIDE, NATIONAL), (NO_SCHOOL, NATIONAL),
    ],
)  # fmt: skip
def test_what_was_found_holds(said, pack):
    assert verdict(said, pack) is None


EXTRA = {"fact": "x", "date": "2024-09-06", "slot": "lesson-1", "hours": None, "exact": None}
OUTSIDE = {"fact": "x", "date": "2024-08-01", "slot": "lesson-1", "reason": "authorised"}


@pytest.mark.parametrize(
    ("said", "changes", "named"),
    [
        # A finding about another one names it, and no other finding does.
        (RETURNED, [(("about",), None)], "about"),
        (RESTORED, [(("about",), None)], "about"),
        (LATE_REPORT, [(("about",), None)], "about"),
        (LATENESS, [(("about",), "0" * 32)], "about"),
        # The sum is that of the hours, and not the number of marks.
        (GROWN, [(("counted", 0, "exact"), "1"), (("counted", 0, "hours"), "1.00")], "measured.exact"),
        (LIGHT, [(("counted", 0, "exact"), "1"), (("counted", 0, "hours"), "1.00")], "measured.exact"),
        (LIGHT, [(("measured", "exact"), "5"), (("measured", "value"), "5.00")], "measured.exact"),
        (LATENESS, [(("counted", 0, "hours"), "1.00")], "counted, row 1, exact"),
        (LATENESS, [(("counted", 0, "exact"), "1")], "counted, row 1, exact"),
        (LATENESS, [(("counted", 1), LATENESS["counted"][0])], "counted, row 2"),
        # The last mark reaches the sum, on the date of the finding.
        (GROWN, [(("at",), "2024-09-05")], "at"),
        (LONG_LESSON, [(("at",), "2024-09-04")], "at"),
        # The window: to the date of the finding, and only of light before it.
        (LONG_LESSON, [(("window", "until"), "2024-09-02")], "window.until"),
        (LONG_LESSON, [(("window", "until"), "2024-09-04")], "window.until"),
        (LIGHT, [(("window", "until"), "2024-09-05")], "window.until"),
        (LIGHT, [(("window", "from"), "2024-08-09")], "window.from"),
        (EDGE_TO_EDGE, [(("counted", 0, "date"), "2024-09-02")], "counted, row 1"),
        (TOTALLED, [(("not_counted",), [*TOTALLED["not_counted"], OUTSIDE])], "not_counted, row 2"),
        # Hours of the year before are in no sum of this one.
        (IN_AUGUST, [(("counted", 0, "date"), "2025-07-31"), (("not_counted",), [])], "counted, row 1"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(said, changes, named):
    assert part(changed(said, *changes)) == named


@pytest.mark.parametrize(
    ("said", "changes", "named"),
    [
        # Ten times, or eleven: each mark is once.
        (OF_ENGLAND, [(("measured", "exact"), "11"), (("measured", "value"), "11.00")], "measured.exact"),
        (
            OF_ENGLAND,
            [
                (("counted",), [{**EXTRA, "date": "2024-09-01"}, *OF_ENGLAND["counted"]]),
                (("measured", "exact"), "11"),
                (("measured", "value"), "11.00"),
            ],
            "at",
        ),
    ],
)
def test_of_times_too(said, changes, named):
    assert part(changed(said, *changes), ENGLAND) == named


def test_light_and_eighteen_plus_are_measured_in_times_where_the_pack_says_so():
    in_times = replace(
        NATIONAL,
        crossing=replace(NATIONAL.crossing, unit="times"),
        light=replace(NATIONAL.light, unit="times"),
    )
    for kind, words in (
        ("light", [a_birth(), absences("2024-09-02", 2), a_report("2024-09-04")]),
        ("eighteen-plus", [a_birth("2006-03-15"), absences("2024-09-02", 16)]),
    ):
        said = said_of(kind, TWO_YEARS, *words, pack=in_times)
        assert verdict(said, in_times) is None
        number = len(said["counted"]) + 1
        more = changed(said, (("measured", "exact"), f"{number}"), (("measured", "value"), f"{number}.00"))
        assert part(more, in_times) == "measured.exact"


def test_the_rules_of_a_kind_are_named_in_order():
    told = verdict(changed(SICK, (("rule", "id"), "sickness")))
    assert told == Disagreement("rule.id", "sickness", "sickness-frequent or sickness-long")


def test_rows_that_are_missing_altogether_are_no_rows_to_compare():
    told = against(LATENESS, {**LATENESS, "counted": None})
    assert told == Disagreement("counted", str(LATENESS["counted"]), "None")


@pytest.mark.parametrize(
    ("said", "pack", "changes", "named"),
    [
        # Only light absence may be reported before the first lesson week, and counts nothing then.
        (LONG_LESSON, NATIONAL, [(("window",), None)], "window"),
        (LIGHT, NATIONAL, [(("window",), None)], "window"),
        (OF_ENGLAND, ENGLAND, [(("window",), None)], "window"),
        # Where the window is the school year it runs from 1 August to the date of the finding.
        (OF_FLANDERS, FLANDERS, [(("window", "from"), "2020-01-01")], "window.from"),
        (OF_FLANDERS, FLANDERS, [(("window", "until"), "2030-01-01")], "window.until"),
        (OF_FLANDERS, FLANDERS, [(("counted", 0, "date"), "2023-09-01")], "counted, row 1"),
        # A sum that goes on reaches its threshold once: at its last mark.
        (
            OF_FLANDERS, FLANDERS,
            [
                (("counted",), [{**EXTRA, "date": "2024-08-30"}, *OF_FLANDERS["counted"]]),
                (("measured", "exact"), "6"), (("measured", "value"), "6.00"),
            ],
            "at",
        ),
    ],
)  # fmt: skip
def test_a_window_left_out_or_of_a_school_year_proves_itself_too(said, pack, changes, named):
    found = verdict(changed(said, *changes), pack)
    assert found is not None
    assert found.part == named
