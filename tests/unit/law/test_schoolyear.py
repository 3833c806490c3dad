"""The school year, and where time ends."""

from datetime import date

import pytest

from aanwezig.law.schoolyear import first_day, last_day, school_year


@pytest.mark.parametrize(
    ("on", "name", "first", "last"),
    [
        (date(2025, 7, 31), "2024-2025", date(2024, 8, 1), date(2025, 7, 31)),
        (date(2025, 8, 1), "2025-2026", date(2025, 8, 1), date(2026, 7, 31)),
        (date(1, 3, 1), "0-1", date.min, date(1, 7, 31)),  # before the first August there is
        (date(2, 3, 1), "1-2", date(1, 8, 1), date(2, 7, 31)),
        (date(9999, 7, 31), "9998-9999", date(9998, 8, 1), date(9999, 7, 31)),
        (date(9999, 8, 1), "9999-10000", date(9999, 8, 1), date.max),
    ],
)
def test_from_august_to_july(on, name, first, last):
    assert (school_year(on), first_day(on), last_day(on)) == (name, first, last)
