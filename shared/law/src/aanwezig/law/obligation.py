"""Who is under the law on a date (`rules.md` 1, *Obligation*; `domain.md` 1.1)."""

import calendar
from collections.abc import Iterator
from datetime import MAXYEAR, date

from aanwezig.contracts.findings import Obligation
from aanwezig.law.packs import ObligationRules

_FEBRUARY, _MARCH, _JULY = 2, 3, 7
_MONTHS = 12


def obligation_on(
    day: date, *, born: date | None, qualified: date | None, rules: ObligationRules
) -> Obligation:
    """The obligation of a pupil on a date; `qualified` is the date of the first startkwalificatie, if any."""
    if born is None:
        return "unknown"
    if not _begun(day, born, rules.starts_after_birthday):
        return "none"
    if (day.year, day.month, day.day) <= (
        _last_july(born, rules.ends_after_school_year_of_birthday),
        _JULY,
        31,
    ):
        return "leerplichtig"
    if qualified is not None and qualified <= day:
        return "none"
    age = age_on(day, born)
    if age < rules.qualification_until_birthday:
        return "kwalificatieplichtig"
    until = max(
        (row for row in rules.eighteen_plus_until_birthday if row.from_ <= day), key=lambda row: row.from_
    )
    return "eighteen-plus" if age < until.age else "none"


def turning_points(*, born: date, qualified: date | None, rules: ObligationRules) -> Iterator[date]:
    """The dates on which an obligation may be another than the day before, in no order; none other is."""
    year, month, _ = _birthday(born, rules.starts_after_birthday)
    ages = (rules.qualification_until_birthday, *(row.age for row in rules.eighteen_plus_until_birthday))
    points = [
        (year + month // _MONTHS, month % _MONTHS + 1, 1),
        (_last_july(born, rules.ends_after_school_year_of_birthday), _JULY + 1, 1),
        *(_birthday(born, age) for age in ages),
    ]
    yield from (date(*point) for point in points if point[0] <= MAXYEAR)
    yield from (row.from_ for row in rules.eighteen_plus_until_birthday)
    if qualified is not None:
        yield qualified


def age_on(day: date, born: date) -> int:
    """Completed years. Born on 29 February: in other years the birthday is 1 March."""
    # 28 February is before (2, 29) and 1 March after it: the comparison needs no case of its own.
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _birthday(born: date, age: int) -> tuple[int, int, int]:
    year = born.year + age
    if (born.month, born.day) == (_FEBRUARY, 29) and not calendar.isleap(year):
        return year, _MARCH, 1
    return year, born.month, born.day


def _begun(day: date, born: date, age: int) -> bool:
    """Whether the month of this birthday is over."""
    year, month, _ = _birthday(born, age)
    return (day.year, day.month) > (year, month)


def _last_july(born: date, age: int) -> int:
    """The calendar year in which the school year of this birthday ends."""
    year, month, day = _birthday(born, age)
    return year if (month, day) <= (_JULY, 31) else year + 1
