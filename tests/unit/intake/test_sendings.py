"""Which receipts of a file stand, whatever was sent under its name before."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aanwezig.intake.receipts import Part
from aanwezig.intake.sendings import AT_ONCE, standing

EIGHT = datetime(2024, 9, 3, 8, tzinfo=UTC)
NIGHT = 24 * 60 * 60


def part(name, first, last, *, at=0.0):
    """The receipts of rows `first` to `last`, told so many seconds after eight."""
    return Part(name, first, last, EIGHT + timedelta(seconds=at), last - first + 1, 0)


def stands(*parts):
    return [(span.part.id, span.first, span.last) for span in standing(parts)]


@pytest.mark.parametrize(
    ("says", "parts", "expected"),
    [
        ("nothing was sent", [], []),
        ("a file in parts", [part("a", 1, 5), part("b", 6, 9, at=60)], [("a", 1, 5), ("b", 6, 9)]),
        ("a table begins at row 2, and has empty rows", [part("a", 2, 5), part("b", 9, 9, at=60)],
         [("a", 2, 5), ("b", 9, 9)]),
        ("a part that was sent again", [part("a", 1, 5), part("b", 6, 9, at=60), part("c", 6, 9, at=180)],
         [("a", 1, 5), ("c", 6, 9)]),
        ("the first part sent again before the second", [part("a", 1, 5), part("b", 1, 5, at=90), part("c", 6, 9, at=180)],
         [("b", 1, 5), ("c", 6, 9)]),
        ("parts sent at once come in any order", [part("b", 6, 9), part("a", 1, 5, at=3), part("c", 10, 12, at=1)],
         [("a", 1, 5), ("b", 6, 9), ("c", 10, 12)]),
        ("a shorter file the next night", [part("a", 1, 5), part("b", 6, 9, at=60), part("c", 1, 3, at=NIGHT)],
         [("c", 1, 3)]),
        ("a shorter file in one part the next night", [part("a", 1, 5), part("b", 1, 3, at=NIGHT)], [("b", 1, 3)]),
        ("a longer file the next night", [part("a", 1, 5), part("b", 1, 5, at=NIGHT), part("c", 6, 9, at=NIGHT + 60)],
         [("b", 1, 5), ("c", 6, 9)]),
        ("the whole file again in other parts", [part("a", 1, 9), part("b", 1, 4, at=NIGHT), part("c", 5, 9, at=NIGHT + 60)],
         [("b", 1, 4), ("c", 5, 9)]),
        ("a part told twice at once in other sizes", [part("a", 1, 9), part("b", 3, 4, at=2)],
         [("a", 1, 2), ("b", 3, 4), ("a", 5, 9)]),
    ],
)  # fmt: skip
def test_the_newest_sending_stands(says, parts, expected):
    assert stands(*parts) == expected, says
    assert stands(*reversed(parts)) == expected, says


@pytest.mark.parametrize(("apart", "expected"), [(0, [("b", 1, 3), ("a", 4, 9)]), (1, [("b", 1, 3)])])
def test_where_at_once_ends(apart, expected):
    between = AT_ONCE.total_seconds() + apart
    assert stands(part("a", 4, 9), part("b", 1, 3, at=between)) == expected


SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=8)


@given(nights=st.lists(SIZES, min_size=1, max_size=4), again=st.data())
def test_of_every_row_of_the_last_night_the_newest_word_stands_and_of_no_other(nights, again):
    parts, told = [], {}
    for night, sizes in enumerate(nights):
        told, first, at = {}, 1, float(night * NIGHT)
        for size in sizes:
            for time in range(again.draw(st.integers(1, 3), label="times sent")):
                at += 30
                made = part(f"{night}/{first}/{time}", first, first + size - 1, at=at)
                parts.append(made)
                told |= dict.fromkeys(range(first, first + size), made.id)
            first += size
    found = {row: span.part.id for span in standing(parts) for row in range(span.first, span.last + 1)}
    assert found == told


@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 20), st.floats(0, AT_ONCE.total_seconds())), max_size=20
    )
)
def test_whatever_comes_at_once_every_row_has_its_newest_word(given_parts):
    parts = [
        part(f"{name}", first, first + more, at=at) for name, (first, more, at) in enumerate(given_parts)
    ]
    newest = {}
    for one in sorted(parts, key=lambda one: (one.at, one.first)):
        newest |= dict.fromkeys(range(one.first, one.last + 1), one.at)
    spans = standing(parts)
    found = {row: span.part.at for span in spans for row in range(span.first, span.last + 1)}
    assert found == newest
    assert sum(span.last - span.first + 1 for span in spans) == len(found), "no row is told twice"
