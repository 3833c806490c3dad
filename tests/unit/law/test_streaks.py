"""Streaks of absent days by themselves (`rules.md` 3, *Streak*); the kinds that are made of them have tests of their own."""

from aanwezig.law.streaks import streaks
from support.facts import day
from support.law import book_of

CALENDAR = book_of([]).calendars.of("25PL00")


def lengths(absent, recorded, *ended):
    told = streaks(
        [day(on) for on in absent], recorded=[day(on) for on in recorded], calendar=CALENDAR, ended=ended
    )
    return [streak.lengths for streak in told]


def test_of_no_absent_day_there_is_no_streak():
    assert lengths([], ["2024-09-02"]) == []
    # Nor of one that an arrangement covers.
    assert lengths(["2024-09-02"], ["2024-09-02"], (day("2024-09-02"), None)) == []


def test_a_silent_day_lengthens_nothing_and_a_recorded_one_ends_it():
    absent = ["2024-09-02", "2024-09-03", "2024-09-05"]
    assert lengths(absent, absent) == [(1, 2, 3)]
    assert lengths(absent, [*absent[:2], "2024-09-04", absent[2]]) == [(1, 2), (1,)]
