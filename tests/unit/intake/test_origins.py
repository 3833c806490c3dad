import pytest

from aanwezig.intake.origins import MOST_NAME, MOST_ROW, Origin


@pytest.mark.parametrize("file", [None, "verzuim.csv", "é" * MOST_NAME, "map/week 36.xml"])
def test_what_a_file_may_be_called(file):
    assert Origin("http", file).file == file


@pytest.mark.parametrize("file", ["", "a" * (MOST_NAME + 1), "a\nb", "a\x00", "\x85", "\ud800"])
def test_what_no_file_is_called(file):
    with pytest.raises(ValueError, match="file"):
        Origin("http", file)


@pytest.mark.parametrize("first", [0, -1, MOST_ROW + 1])
def test_rows_are_counted_from_one(first):
    with pytest.raises(ValueError, match="row"):
        Origin("http", "a", first)


def test_rows_follow_each_other_unless_their_numbers_are_given():
    assert [Origin("http", "a", 7).number(place) for place in range(3)] == [7, 8, 9]
    assert [Origin("http", "a", 7, (2, 5, 6)).number(place) for place in range(3)] == [2, 5, 6]
