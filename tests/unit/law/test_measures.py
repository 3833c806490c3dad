"""What owners say of presence adds up to what is true of pupils: each once in every group."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.law.measures import LEVELS, Measures, counted_for, months_of, row_of, year_of
from aanwezig.law.presence import Amounts, Groups, Place

SIDES = ("school", "municipality", "month")
TABLES = list(chain.from_iterable(combinations(SIDES, size) for size in range(4)))
MONTHS = ("2024-07", "2024-08", "2024-12", "2025-01", "2025-07", "2025-08")
PLACES = st.builds(
    Place,
    st.sampled_from(["25PL00", "16QW01"]),
    st.sampled_from([None, "0637", "0599"]),
    st.sampled_from(MONTHS),
)
CELLS = st.builds(
    lambda slots, scheduled: Amounts(slots * 40, slots * 50, slots, slots, scheduled, min(slots, 1)),
    st.integers(0, 3),
    st.none() | st.integers(0, 5),
)
PUPILS = st.lists(st.dictionaries(PLACES, CELLS, max_size=5), max_size=6)


def said_by(pupils, origin, revision=1):
    """What one owner says of these pupils."""
    cells = {}
    for pupil in pupils:
        counted = counted_for(place for place, amounts in pupil.items() if amounts.pupils)
        for place, amounts in pupil.items():
            rows = cells.setdefault((place.school, place.month), {})
            rows.setdefault(place.municipality, []).append((amounts, counted.get(place, ())))
    return [
        PresenceMeasured(
            school=school, month=month, origin=origin, revision=revision, as_of="2025-08-01",
            rows=[row_of(municipality, told) for municipality, told in rows.items()],
        )
        for (school, month), rows in cells.items()
    ]  # fmt: skip


def in_period(pupil, period):
    months = {period, *(months_of(period) if len(period) > 7 else ())}
    return {place: amounts for place, amounts in pupil.items() if place.month in months}


@given(pupils=PUPILS, split=st.integers(0, 6), period=st.sampled_from(["2024-2025", "2023-2024", *MONTHS]))
def test_every_table_is_that_of_the_pupils_together(pupils, split, period):
    measures = Measures()
    for said in (*said_by(pupils[:split], 0), *said_by(pupils[split:], 1)):
        assert measures.take(said)
    for sides in TABLES:
        groups = Groups(lambda place, sides=sides: tuple(getattr(place, side) for side in sides))
        for pupil in pupils:
            groups.add(in_period(pupil, period))
        assert measures.groups(sides, period) == dict(groups)


@given(st.lists(PLACES, max_size=8))
def test_a_pupil_is_counted_here_in_every_month_and_in_one_cell_of_a_year(places):
    counted = counted_for(places)
    assert set(counted) == set(places)
    assert all(("month", "here") in levels for levels in counted.values())
    of_the_region = [
        year_of(place.month) for place, levels in counted.items() if ("year", "region") in levels
    ]
    assert sorted(of_the_region) == sorted({year_of(place.month) for place in places})


def test_the_first_by_month_then_school_then_municipality_is_the_one():
    first, later = Place("25PL00", "0637", "2024-09"), Place("16QW01", None, "2024-10")
    assert counted_for([later, first])[first] == frozenset(LEVELS)
    assert ("year", "region") not in counted_for([later, first])[later]
    beside = Place("25PL00", None, "2024-09")
    assert counted_for([first, beside])[first] == {("month", "here"), ("year", "here"), ("month", "municipality"), ("year", "municipality")}  # fmt: skip


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_later_revision_takes_the_place_of_an_earlier_in_whatever_order(newest_first):
    pupil = {Place("25PL00", None, "2024-09"): Amounts(40, 50, 1, 1, 2, 1)}
    (one,), (two,) = said_by([pupil], 0), said_by([pupil, pupil], 0, revision=2)
    measures = Measures()
    assert [measures.take(said) for said in ((two, one) if newest_first else (one, two))] == [
        True,
        not newest_first,
    ]
    assert not measures.take(two)
    assert measures.groups((), "2024-09")[()].pupils == 2
    measures.take(
        PresenceMeasured(school="25PL00", month="2024-09", origin=0, revision=3, as_of="2024-10-01", rows=[])
    )
    assert measures.groups((), "2024-09") == {}


def test_a_school_year_has_twelve_months_from_august_on():
    months = months_of("2024-2025")
    assert (len(months), months[0], months[-1]) == (12, "2024-08", "2025-07")
    assert {year_of(month) for month in months} == {"2024-2025"}
