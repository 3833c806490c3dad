"""The watched folder's own rules: which files are meant, when one has settled, and where it is put."""

import pytest

from aanwezig.cli.exits import AtFault
from aanwezig.cli.filing import Folder, Move, free_name, is_meant, settled


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("facts.ndjson", True), ("export", True), ("a.partial", True), (".facts", False), ("facts.csv.part", False),
        ("a.TMP", False), ("Unconfirmed 1.crdownload", False),
    ],
)  # fmt: skip
def test_hidden_and_unfinished_files_are_not_meant(name, meant):
    assert is_meant(name) is meant


def test_a_file_has_settled_when_two_looks_see_the_same():
    before = {
        "same": (5, 1, 1),
        "grown": (5, 1, 2),
        "touched": (5, 1, 3),
        "replaced": (5, 1, 4),
        "gone": (5, 1, 5),
    }
    now = {
        "same": (5, 1, 1),
        "grown": (6, 1, 2),
        "touched": (5, 2, 3),
        "replaced": (5, 1, 6),
        "new": (5, 1, 7),
    }
    assert settled(before, now, 100) == ["same"]


@pytest.mark.parametrize(("moment", "told"), [(129.9, []), (130.0, ["empty"])])
def test_an_empty_file_is_waited_for_on_both_sides_of_thirty_seconds(moment, told):
    look = {"empty": (0, 100 * 10**9, 1)}
    assert settled(look, look, moment) == told


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("a.csv", [], "a.csv"),
        ("a.csv", ["b.csv", "aa.csv"], "a.csv"),
        ("a.csv", ["a.csv"], "a-2.csv"),
        ("a.ndjson.gz", ["a.ndjson.gz", "a-2.ndjson.gz"], "a-3.ndjson.gz"),
        ("a", ["a"], "a-2"),
        ("a.csv", ["a.csv.receipts.ndjson"], "a-2.csv"),
        ("a.csv", ["a.csv.refused.csv"], "a-2.csv"),
        ("x" * 250 + ".csv", [], "x" * 196 + ".csv"),
    ],
)
def test_a_name_that_is_taken_gets_a_number(name, taken, free):
    assert free_name(name, taken) == free


def in_folder(folder):
    return {
        str(path.relative_to(folder.path)): path.read_text()
        for path in folder.path.rglob("*")
        if path.is_file() and path.name != "lock"
    }


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path)
    with folder.watched():
        for place in ("done", "refused"):
            folder.taken(place)
        yield folder


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_filing_that_was_cut_off_is_carried_out_to_its_end(folder, moved):
    """The list of moves is written before the first of them: wherever it is cut off, the end is the same."""
    (folder.path / "a.csv").write_text("facts")
    folder.scratch("receipts-0").write_text("receipts")
    signature = folder.signature("a.csv")
    moves = [
        Move(".aanwezig-watch/receipts-0", "done/a.csv.receipts.ndjson"),
        Move("a.csv", "done/a.csv", signature),
    ]

    class Cut(Folder):
        """Is killed after so many moves."""

        def finish(self):
            for move in moves[:moved]:
                (self.path / move.source).rename(self.path / move.target)

    Cut(folder.path).put_away(moves)
    (folder.path / "other.csv").write_text("later")
    folder.finish()
    folder.finish()
    assert in_folder(folder) == {
        "done/a.csv": "facts",
        "done/a.csv.receipts.ndjson": "receipts",
        "other.csv": "later",
    }


@pytest.mark.parametrize("moved", [0, 2])
def test_a_new_file_of_the_same_name_is_not_taken_for_the_old_one(folder, moved):
    (folder.path / "a.csv").write_text("facts")
    signature = folder.signature("a.csv")

    class Cut(Folder):
        def finish(self):
            if moved:
                (self.path / "a.csv").rename(self.path / "done/a.csv")

    Cut(folder.path).put_away([Move("a.csv", "done/a.csv", signature)])
    (folder.path / "a.csv").unlink(missing_ok=True)
    (folder.path / "a.csv").write_text("other facts")
    folder.finish()
    assert in_folder(folder)["a.csv"] == "other facts"


def test_nothing_is_overwritten_that_somebody_put_there_in_the_meantime(folder):
    (folder.path / "a.csv").write_text("facts")
    (folder.path / "done/a.csv").write_text("somebody's")
    folder.put_away([Move("a.csv", "done/a.csv", folder.signature("a.csv"))])
    assert in_folder(folder) == {"a.csv": "facts", "done/a.csv": "somebody's"}


def test_one_folder_is_watched_by_one(folder):
    with pytest.raises(AtFault, match="Another command is watching"), Folder(folder.path).watched():
        raise AssertionError
