"""Who is under the law on a date: both sides of every boundary."""

from dataclasses import replace

import pytest

from aanwezig.law import packs
from aanwezig.law.obligation import age_on, obligation_on, turning_points
from support.facts import day, maybe

RULES = packs.load("nl-2024").obligation


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        ("2015-03-01", "2020-03-31", "none"),  # five on the 1st: the month must be over
        ("2015-03-01", "2020-04-01", "leerplichtig"),
        ("2015-03-31", "2020-04-01", "leerplichtig"),  # five on the 31st: the same first day
        ("2014-09-15", "2019-09-30", "none"),  # and where the year of the birthday is no leap year
        ("2014-09-15", "2019-10-01", "leerplichtig"),
        ("2015-12-15", "2020-12-31", "none"),
        ("2015-12-15", "2021-01-01", "leerplichtig"),  # over the turn of the year
        ("2020-02-29", "2025-03-31", "none"),  # the fifth birthday is 1 March, its month March
        ("2020-02-29", "2025-04-01", "leerplichtig"),
        ("2008-07-31", "2024-07-31", "leerplichtig"),  # sixteen on 31 July: that very day is the last
        ("2008-07-31", "2024-08-01", "kwalificatieplichtig"),
        ("2008-08-01", "2024-08-01", "leerplichtig"),  # sixteen on 1 August: a whole year more
        ("2008-08-01", "2025-07-31", "leerplichtig"),
        ("2008-08-01", "2025-08-01", "kwalificatieplichtig"),
        ("2007-02-10", "2025-02-09", "kwalificatieplichtig"),  # the day before eighteen
        ("2007-02-10", "2025-02-10", "eighteen-plus"),
        ("2004-02-29", "2022-02-28", "kwalificatieplichtig"),  # born on 29 February: eighteen on 1 March
        ("2004-02-29", "2022-03-01", "eighteen-plus"),
        ("2002-06-15", "2025-06-14", "eighteen-plus"),  # 23 before 2026
        ("2002-06-15", "2025-06-15", "none"),
        ("2002-06-15", "2025-12-31", "none"),
        ("2002-06-15", "2026-01-01", "eighteen-plus"),  # and back until 27 from that day
        ("1999-01-02", "2026-01-01", "eighteen-plus"),
        ("1999-01-01", "2026-01-01", "none"),
        (None, "2024-09-02", "unknown"),
    ],
)
def test_obligation(born, on, expected):
    assert obligation_on(day(on), born=maybe(born), qualified=None, rules=RULES) == expected


@pytest.mark.parametrize(
    ("born", "on", "qualified", "expected"),
    [
        ("2008-01-01", "2025-01-09", "2025-01-10", "kwalificatieplichtig"),  # the day before the diploma
        ("2008-01-01", "2025-01-10", "2025-01-10", "none"),  # from its date on
        ("2006-01-01", "2025-01-10", "2025-01-10", "none"),  # it ends eighteen-plus too
        ("2010-01-01", "2025-01-10", "2025-01-10", "leerplichtig"),  # but not leerplicht
    ],
)
def test_a_startkwalificatie(born, on, qualified, expected):
    assert obligation_on(day(on), born=day(born), qualified=day(qualified), rules=RULES) == expected


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [("2012-02-29", "2025-02-28", 12), ("2012-02-29", "2025-03-01", 13), ("2012-05-05", "2024-05-05", 12)],
)
def test_age(born, on, age):
    assert age_on(day(on), day(born)) == age


def test_a_birth_date_at_the_end_of_time_overflows_nothing():
    assert obligation_on(day("2024-09-02"), born=day("9999-12-31"), qualified=None, rules=RULES) == "none"


def test_the_dates_on_which_it_may_change():
    points = turning_points(born=day("2007-12-15"), qualified=day("2025-06-01"), rules=RULES)
    assert {str(one) for one in points} >= {
        "2013-01-01",  # five in December
        "2024-08-01",  # sixteen in the school year before
        "2025-06-01",  # the diploma
        "2025-12-15",  # eighteen
        "2026-01-01",  # the age changes
        "2030-12-15",  # 23
        "2034-12-15",  # 27
    }


@pytest.mark.parametrize(
    ("born", "until", "birthday"),
    [
        ("2004-02-29", 18, "2022-03-01"),  # no 29 February that year
        ("2004-02-29", 20, "2024-02-29"),  # and in this one there is
        ("2004-02-28", 18, "2022-02-28"),
        ("9981-06-01", 18, "9999-06-01"),  # in the last year there is
    ],
)
def test_a_birthday_is_such_a_date(born, until, birthday):
    rules = replace(RULES, qualification_until_birthday=until)
    points = set(turning_points(born=day(born), qualified=None, rules=rules))
    assert day(birthday) in points
    if until == 20:
        eve = obligation_on(day("2024-02-28"), born=day(born), qualified=None, rules=rules)
        assert eve != obligation_on(day(birthday), born=day(born), qualified=None, rules=rules)
