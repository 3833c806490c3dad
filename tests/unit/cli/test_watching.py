"""`aanwezig send --watch`: what is put into a folder is sent to a real small door, answered and put away."""

import gzip
import json
import os
import threading

import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import Running
from aanwezig.cli.main import main
from support.inbox import a_row, an_interchange, files, put, receipts, watch

PAGE = b"<!doctype html><html><body>502 Bad Gateway</body></html>"
WORKBOOK = b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml"


def test_every_kind_of_file_is_sent_or_refused_and_put_away_with_its_receipts(inbox, intake):
    put(inbox, "good.ndjson", "\n".join([a_row(1), a_row(2)]))
    put(inbox, "partly.ndjson", "\n".join([a_row(3), "", '{"bad": "row"}', a_row(4), "x"]))
    put(inbox, "partly.csv", 'id;time;type\r\n5;2024-09-02T16:00:00Z;mark-recorded\r\n6;"a;b"\r\n')
    put(inbox, "page.csv", PAGE)
    put(inbox, "half.ndjson.gz", gzip.compress(os.urandom(50_000))[:-100])
    put(inbox, "workbook.csv", WORKBOOK)
    put(inbox, "empty.csv", "", changed=1_700_000_000)
    put(inbox, ".hidden", a_row(9))
    put(inbox, "coming.csv.part", a_row(9))
    result = watch(inbox)
    assert result.exit_code == 1
    assert files(inbox) == sorted([
        ".hidden", "coming.csv.part",
        "done/good.ndjson", "done/good.ndjson.receipts.ndjson",
        "done/partly.csv", "done/partly.csv.receipts.ndjson", "done/partly.csv.refused.csv",
        "done/partly.ndjson", "done/partly.ndjson.receipts.ndjson", "done/partly.ndjson.refused.ndjson",
        *(f"refused/{name}{end}" for name in ("empty.csv", "half.ndjson.gz", "page.csv", "workbook.csv")
          for end in ("", ".receipts.ndjson")),
    ])  # fmt: skip
    assert intake.seen == {"1", "2", "3", "4", "5"}
    told = [(one["file"], one["row"], one["outcome"]) for one in receipts(inbox, "done/partly.ndjson")]
    assert told == [
        ("partly.ndjson", 1, "accepted"), ("partly.ndjson", 3, "refused"),
        ("partly.ndjson", 4, "accepted"), ("partly.ndjson", 5, "refused"),
    ]  # fmt: skip
    assert (inbox / "done/partly.ndjson.refused.ndjson").read_text() == '{"bad": "row"}\nx\n'
    corrected = (inbox / "done/partly.csv.refused.csv").read_bytes()
    assert corrected == b'\xef\xbb\xbfid;time;type\r\n6;"a;b"\r\n'
    codes = {
        name: [error["code"] for one in receipts(inbox, f"refused/{name}") for error in one["errors"]]
        for name in ("empty.csv", "half.ndjson.gz", "page.csv", "workbook.csv")
    }
    assert codes == {
        "empty.csv": ["empty-file"], "half.ndjson.gz": ["broken-gzip"], "page.csv": ["html-page"],
        "workbook.csv": ["spreadsheet"],
    }  # fmt: skip
    assert receipts(inbox, "refused/page.csv")[0]["row"] is None
    assert (
        "good.ndjson: rows 2, accepted 2, duplicate 0, refused 0; moved to done/good.ndjson" in result.stdout
    )
    assert "page.csv: nothing of it was taken: Dit is een webpagina" in result.stdout


def test_a_second_file_of_the_same_name_gets_a_number_and_a_corrected_one_is_taken(inbox):
    put(inbox, "a.ndjson", a_row(1))
    assert watch(inbox).exit_code == 0
    put(inbox, "a.ndjson", f"{a_row(1)}\n{{}}")
    assert watch(inbox).exit_code == 1
    assert [one["outcome"] for one in receipts(inbox, "done/a.ndjson")] == ["accepted"]
    assert [one["outcome"] for one in receipts(inbox, "done/a-2.ndjson")] == ["duplicate", "refused"]
    (inbox / "done/a-2.ndjson.refused.ndjson").rename(inbox / "a-2.ndjson")
    (inbox / "a-2.ndjson").write_text(a_row(2))
    assert watch(inbox).exit_code == 0
    assert [one["outcome"] for one in receipts(inbox, "done/a-2-2.ndjson")] == ["accepted"]


def test_ed_fi_files_that_lie_there_together_are_read_together_of_the_moment_of_the_last(inbox, intake):
    intake.system["map"] = {"901": "25PL00"}
    put(
        inbox,
        "section.xml",
        an_interchange(("1", "901"), kind="StudentSectionAttendanceEvent"),
        changed=1_725_000_000,
    )
    put(
        inbox,
        "school.xml",
        an_interchange(("1", "901"), ("2", "902"), more="<Person/>"),
        changed=1_725_006_000,
    )
    result = watch(inbox)
    said = [json.loads(row) for body in intake.bodies for row in body]
    assert {one["time"] for one in said} == {"2024-08-30T08:20:00Z"}
    assert len({one["id"] for one in said}) == 1
    assert [one["outcome"] for one in receipts(inbox, "done/section.xml")] == ["duplicate"]
    assert [one["outcome"] for one in receipts(inbox, "done/school.xml")] == ["accepted", "refused"]
    assert (inbox / "done/school.xml.refused.xml").read_text() == an_interchange(("2", "902"))
    assert "passed over 1 Person" in result.stdout
    assert "aanwezig systems add vo-test --map 902=OURS" in result.stderr


def test_ed_fi_is_of_the_moment_that_was_told(inbox, intake):
    intake.system["map"] = {"901": "25PL00"}
    put(inbox, "school.xml", an_interchange(("1", "901")), changed=1_725_000_000)
    assert watch(inbox, "--recorded-at", "2024-09-02T16:00:00+02:00").exit_code == 0
    assert json.loads(intake.bodies[0][0])["time"] == "2024-09-02T14:00:00Z"


def test_links_and_folders_are_passed_over(inbox, tmp_path):
    (inbox / "link.ndjson").symlink_to(put(tmp_path, "elsewhere", a_row(1)))
    (inbox / "sub").mkdir()
    put(inbox / "sub", "a.ndjson", a_row(2))
    put(inbox, "z.ndjson", a_row(3))
    assert watch(inbox).exit_code == 0
    assert files(inbox) == ["done/z.ndjson", "done/z.ndjson.receipts.ndjson", "link.ndjson", "sub/a.ndjson"]


def test_a_file_that_cannot_be_read_is_told_and_does_not_stop_the_rest(inbox):
    locked = put(inbox, "locked.ndjson", a_row(1))
    locked.chmod(0)
    put(inbox, "z.ndjson", a_row(2))
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    result = watch(inbox)
    assert result.exit_code == 1
    assert "locked.ndjson: cannot be read: Permission denied; it stays where it is" in result.stderr
    assert files(inbox) == ["done/z.ndjson", "done/z.ndjson.receipts.ndjson", "locked.ndjson"]


def test_a_file_that_is_taken_away_while_it_is_sent_is_told(inbox, intake):
    put(inbox, "a.ndjson", a_row(1))
    put(inbox, "b.ndjson", a_row(2))
    intake.hear = lambda request: (inbox / request.file).unlink() if request.file == "a.ndjson" else None
    result = watch(inbox)
    assert result.exit_code == 1
    assert "a.ndjson: somebody took it away" in result.stderr
    assert files(inbox) == ["done/b.ndjson", "done/b.ndjson.receipts.ndjson"]


def test_a_file_that_changes_while_it_is_sent_is_sent_again(inbox, intake):
    path = put(inbox, "a.ndjson", f"{a_row(1)}\n")

    def grow(_request):
        if len(intake.requests) == 1:
            path.write_text(f"{a_row(1)}\n{a_row(2)}\n")

    intake.hear = grow
    assert "changed while it was sent" in watch(inbox).stderr
    assert files(inbox) == ["a.ndjson"]
    assert watch(inbox).exit_code == 0
    assert [one["outcome"] for one in receipts(inbox, "done/a.ndjson")] == ["duplicate", "accepted"]


def test_a_file_that_is_still_being_written_is_left(inbox):
    path = put(inbox, "a.ndjson", a_row(1))
    stop = threading.Event()

    def write():
        with path.open("a") as out:
            while not stop.wait(0.01):
                out.write("\n")
                out.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        result = watch(inbox)
    finally:
        stop.set()
        writer.join()
    assert (result.exit_code, files(inbox)) == (0, ["a.ndjson"])
    assert "left for the next time" in result.stderr


def test_a_door_that_is_away_leaves_the_files_and_is_exit_code_three(inbox, home):
    put(inbox, "a.ndjson", a_row(1))
    home.remember(Running(kafka="", mongo="", services={"intake": "http://127.0.0.1:9"}))
    result = watch(inbox, "--patience", "0")
    assert (result.exit_code, files(inbox)) == (3, ["a.ndjson"])


def test_a_door_that_does_not_know_us_ends_it_and_another_fault_leaves_the_file_for_later(inbox, intake):
    put(inbox, "a.ndjson", a_row(1))
    for status, told in ((401, "Error: The door"), (500, "a.ndjson: The door")):
        intake.whole = status
        result = watch(inbox)
        assert (result.exit_code, files(inbox)) == (1, ["a.ndjson"])
        assert result.stderr.startswith(told)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--once", "x"], "--once belongs to --watch"),
        ([], "Name the files"),
        (["--watch", ".", "facts"], "not both"),
        (["--watch", ".", "--receipts", "r"], "beside each file"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(inbox, monkeypatch, arguments, said):
    monkeypatch.chdir(inbox)
    for name in ("x", "facts"):
        put(inbox, name, "{}")
    result = CliRunner().invoke(main, ["send", *arguments])
    assert (result.exit_code, said in result.stderr) == (2, True)
