"""`aanwezig send`: rows of files of any kind to a real small door, receipts back, told per file and row."""

import gzip
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aanwezig.cli.filerows import in_layers, with_time
from aanwezig.cli.given import WHOLE_BYTES, Given
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.sending import Form, Row, batches
from support.small_door import KEY, TABLE

pytestmark = pytest.mark.usefixtures("home")
MOMENT = "2024-09-02T16:00:00+02:00"
HTML = b"<!doctype html><html><body>502 Bad Gateway</body></html>"


@pytest.fixture
def file_of(tmp_path):
    def write(*lines, name="facts.ndjson"):
        path = tmp_path / name
        if isinstance(lines[0], bytes):
            path.write_bytes(b"".join(lines))
        else:
            path.write_text("\n".join(lines) + "\n")
        return str(path)

    return write


def send(*arguments, **how):
    return CliRunner().invoke(main, ["send", *arguments], **how)


def summary(result):
    return {name: int(count) for name, count in (line.split() for line in result.stdout.splitlines()[:4])}


def test_rows_are_sent_with_the_systems_key_and_summed_up(intake, file_of):
    result = send(file_of('{"id": "1"}', "", '{"id": "2"}', '{"id": "1"}'))
    assert result.exit_code == 0
    assert summary(result) == {"rows": 3, "accepted": 2, "duplicate": 1, "refused": 0}
    assert intake.keys == {f"Bearer {KEY}"}


def test_a_refused_row_is_named_by_file_and_line_and_the_exit_code_is_one(file_of):
    good, bad = file_of('{"id": "1"}'), file_of("", '{"id": "2"}', "x", name="bad.ndjson")
    result = send(good, bad)
    assert result.exit_code == 1
    assert result.stderr.split("\t") == [bad, "3", "id", "required", "The field 'id' is missing.\n"]
    assert "1 x id required" in result.stdout


def test_only_the_first_refusals_are_shown_and_the_rest_counted(file_of):
    result = send(file_of('{"id": "1"}', *["x"] * 50))
    assert len(result.stderr.splitlines()) == 21
    assert result.stderr.splitlines()[-1] == "and 30 more refused rows"


def test_rows_go_in_batches_and_keep_their_order(intake, file_of):
    send(file_of(*[json.dumps({"id": str(number)}) for number in range(25)]), "--batch", "10")
    assert [len(body) for body in intake.bodies] == [10, 10, 5]
    assert [json.loads(row)["id"] for body in intake.bodies for row in body] == [str(n) for n in range(25)]


def test_a_batch_is_also_bounded_in_bytes():
    file = Given("f")
    rows = [Row(file, number, b"x" * 60_000) for number in range(100)]
    sizes = [sum(len(row.raw) for row in batch) for batch in batches(rows)]
    assert len(sizes) > 1
    assert max(sizes) <= 4 * 1024 * 1024
    assert sum(sizes) == 100 * 60_000


def test_not_now_is_asked_again(intake, file_of):
    intake.not_now = 2
    result = send(file_of('{"id": "1"}'))
    assert (result.exit_code, summary(result)["accepted"]) == (0, 1)


def test_a_door_that_refuses_the_whole_is_told_in_its_own_words(intake, file_of):
    intake.whole = 401
    result = send(file_of('{"id": "1"}'))
    assert result.exit_code == 1
    assert "We do not know this key. (401)" in result.stderr


def test_a_door_that_is_away_is_exit_code_three(home, file_of):
    home.remember(Running(kafka="", mongo="", services={"intake": "http://127.0.0.1:9"}))
    result = send(file_of('{"id": "1"}'), "--patience", "0")
    assert result.exit_code == 3
    assert "aanwezig up" in result.stderr


def test_recorded_at_fills_the_time_of_rows_that_have_none(intake, file_of):
    moment = MOMENT
    send(file_of('{"id": "1"}', '{"id": "2", "time": "2024-01-01T00:00:00Z"}', "x"), "--recorded-at", moment)
    [rows] = intake.bodies
    assert [json.loads(row)["time"] for row in rows[:2]] == [moment, "2024-01-01T00:00:00Z"]
    assert rows[2] == b"x"
    assert with_time(b"[1]", moment) == b"[1]"


@pytest.mark.parametrize("moment", ["2024-09-02", "2024-09-02T16:00:00", "yesterday"])
def test_a_moment_without_its_zone_is_wrong_usage(file_of, moment):
    result = send(file_of("{}"), "--recorded-at", moment)
    assert result.exit_code == 2
    assert "time zone" in result.stderr


def test_which_system_speaks_must_be_clear(home, file_of):
    path = file_of('{"id": "1"}')
    home.change_senders(lambda kept: kept.update({"po-test": "another"}))
    assert "po-test, vo-test" in send(path).stderr
    assert send(path, "--as", "nobody").exit_code == 2
    assert send(path, "--as", "vo-test").exit_code == 0
    home.change_senders(lambda kept: kept.clear())
    assert "aanwezig systems add" in send(path).stderr


def test_without_a_stack_the_answer_is_a_sentence(tmp_path, monkeypatch, file_of):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "nothing"))
    Home.found().change_senders(lambda kept: kept.update({"vo-test": KEY}))
    result = send(file_of("{}"))
    assert result.exit_code == 3
    assert "aanwezig up" in result.stderr


def a_row(number, **more):
    return json.dumps({"id": f"{number}", "type": "nl.attendance.mark-recorded.v1", **more})


CSV = "id;time;type;data.school\r\n1;2024-09-02T16:00:00Z;mark-recorded;25PL00\r\n2;;mark-recorded;25PL00\r\n"
FORMS = {
    "lines": "\n".join([a_row(1), a_row(2)]).encode(),
    "lines-with-a-mark": b"\xef\xbb\xbf" + "\r\n".join([a_row(1), a_row(2)]).encode(),
    "list": json.dumps([{"id": "1"}, {"id": "2"}], indent=1).encode(),
    "table": CSV.encode(),
    "table-of-windows": CSV.replace("id;", "Id;").encode("cp1252"),
    "table-of-excel": b"\xef\xbb\xbfsep=;\r\n" + CSV.encode(),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_told_by_what_is_in_it_packed_or_not(intake, file_of, form, packed):
    content = gzip.compress(FORMS[form]) if packed else FORMS[form]
    result = send(file_of(content, name="export.dat"))
    assert summary(result) == {"rows": 2, "accepted": 2, "duplicate": 0, "refused": 0}, result.stderr
    [request] = intake.requests
    assert [json.loads(row)["id"] for row in request.rows] == ["1", "2"]
    assert (request.file, request.first) == ("export.dat", 2 if "table" in form else 1)


def test_an_event_that_a_person_wrote_over_several_lines_is_one_row(intake, file_of):
    result = send(file_of(json.dumps({"id": "1", "data": {"a": 1}}, indent=2).encode()))
    assert summary(result)["accepted"] == 1
    assert intake.requests[0].form == Form.VALUES


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["lines", "list", "table"])
def test_what_comes_in_by_a_pipe_is_read_once(intake, form, packed):
    body = gzip.compress(FORMS[form]) if packed else FORMS[form]
    result = send("-", input=body)
    assert summary(result)["accepted"] == 2
    assert [request.file for request in intake.requests] == [None]


WHOLE = {
    "html-page": HTML,
    "broken-gzip": gzip.compress("\n".join(a_row(n) for n in range(30_000)).encode())[:-9],
    "spreadsheet": b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml",
    "pdf-document": b"%PDF-1.7\n",
    "empty-file": b"",
    "unknown-file": b"Geachte mevrouw\n",
    "not-json": b'[{"id": "1"},',
    "header-missing": b"naam;klas\nJan;3b\n",
    "column-missing": b"id;type\n1;mark-recorded\n",
    "broken-xml": b"<InterchangeStudentAttendance><a>",
}


@pytest.mark.parametrize("code", WHOLE)
def test_a_file_that_is_not_what_it_says_is_refused_whole_with_one_sentence_and_others_are_sent(
    intake, file_of, code
):
    wrong, good = file_of(WHOLE[code], name="export.csv"), file_of(a_row(1), name="good")
    result = send(wrong, good, *(("--recorded-at", MOMENT) if code == "broken-xml" else ()))
    assert result.exit_code == 1
    told = result.stderr.splitlines()[0].split("\t")
    assert [told[0], told[1], told[3]] == [wrong, "-", code]
    assert "files of which nothing was taken: 1" in result.stdout
    assert [request.file for request in intake.requests] == ["good"]


def test_the_sentence_is_dutch_or_english(intake, file_of):
    page = file_of(HTML, name="page.csv")
    assert "Dit is een webpagina" in send(page).stderr
    assert "This is a web page" in send(page, "--language", "en").stderr
    send(file_of(a_row(1)), "--language", "en")
    assert [request.language for request in intake.requests] == ["en"]


@pytest.mark.parametrize("door_keeps_it", [True, False])
def test_a_row_of_a_table_with_too_few_cells_goes_to_the_door_as_it_is_written(
    intake, file_of, door_keeps_it
):
    intake.no = None if door_keeps_it else TABLE
    table = CSV.encode() + b'3;"x"\r\n4;2024-09-02T16:00:00Z;mark-recorded;25PL00\r\n'
    result = send(file_of(table))
    assert summary(result) == {"rows": 4, "accepted": 3, "duplicate": 0, "refused": 1}
    told = [(one.first, len(one.rows)) for one in intake.requests if one.form != TABLE]
    assert told == [(2, 2), (5, 1)]
    assert result.stderr.split("\t")[1:4] == (
        ["4", "id", "required"] if door_keeps_it else ["4", "-", "cells"]
    )
    assert [one.rows for one in intake.requests if one.form == TABLE] == (
        [[b'3;"x"']] if door_keeps_it else []
    )


def test_rows_of_a_request_count_up_one_by_one_in_their_file(intake, file_of):
    first = file_of(a_row(1), a_row(2), "", "", a_row(3), name="a.ndjson")
    send(first, file_of(a_row(4), name="b.ndjson"))
    told = [(one.file, one.first, len(one.rows)) for one in intake.requests]
    assert told == [("a.ndjson", 1, 2), ("a.ndjson", 5, 1), ("b.ndjson", 1, 1)]


def test_the_second_rows_of_records_stand_behind_all_first_ones():
    rows = [Row(None, number, b"") for number in (1, 1, 2, 3, 3, 3)]
    assert [row.number for row in in_layers(rows)] == [1, 2, 3, 1, 3, 3]
    assert [len(batch) for batch in batches(in_layers(rows))] == [3, 1, 1, 1]


def test_every_receipt_is_written_with_its_file_and_row(file_of, tmp_path):
    receipts = tmp_path / "receipts.ndjson"
    facts, page = file_of(a_row(1), "", "x"), file_of(HTML, name="page")
    assert send(facts, page, "--receipts", str(receipts)).exit_code == 1
    told = [json.loads(line) for line in receipts.read_text().splitlines()]
    assert [(one["file"], one["row"], one["id"], one["outcome"]) for one in told] == [
        (page, None, None, "refused"), (facts, 1, "1", "accepted"), (facts, 3, None, "refused"),
    ]  # fmt: skip
    assert [error["code"] for error in told[0]["errors"]] == ["html-page"]


def test_a_place_for_receipts_that_cannot_be_written_is_wrong_usage_and_nothing_is_sent(
    intake, file_of, tmp_path
):
    result = send(file_of(a_row(1)), "--receipts", str(tmp_path / "no" / "receipts"))
    assert (result.exit_code, intake.requests) == (2, [])
    assert "cannot be written" in result.stderr


def test_what_was_and_was_not_sent_is_told_when_the_door_goes_away(intake, file_of):
    first = file_of(*[a_row(n) for n in range(3)], name="first")
    second = file_of(a_row(9), name="second")
    intake.hear = lambda _request: setattr(intake, "whole", 401)
    result = send(first, second, "--batch", "2")
    assert result.exit_code == 1
    assert f"{first}: sent up to row 2, the rest was not" in result.stderr
    assert f"{second}: nothing of it was sent" in result.stderr
    assert summary(result)["rows"] == 2


EVENT = (
    "<StudentSchoolAttendanceEvent><StudentReference><StudentUniqueId>{student}</StudentUniqueId></StudentReference>"
    "<AttendanceEvent><EventDate>2024-09-02</EventDate><AttendanceEventCategory>uri://x#{category}"
    "</AttendanceEventCategory></AttendanceEvent><SchoolReference><SchoolId>{school}</SchoolId></SchoolReference>"
    "</StudentSchoolAttendanceEvent>"
)


def an_interchange(*events, kind="StudentAttendance", more=""):
    inner = "".join(
        EVENT.format(student=student, school=school, category=category)
        for student, school, category in events
    )
    return f"<Interchange{kind}>{inner}{more}</Interchange{kind}>".encode()


def test_ed_fi_needs_to_be_told_when_it_was_recorded_and_nothing_is_sent_before(intake, file_of):
    result = send(file_of(a_row(1)), file_of(an_interchange(("1", "901", "Tardy")), name="attendance.xml"))
    assert (result.exit_code, intake.requests) == (2, [])
    assert "--recorded-at" in result.stderr


def test_ed_fi_without_a_map_prints_the_command_that_makes_one_and_sends_the_rest(intake, file_of):
    intake.system["schools"] = ["25PL00", "25PL01"]
    body = an_interchange(("1", "901", "Tardy"), ("2", "25PL01", "Tardy"), ("3", "9 02", "Tardy"))
    result = send(file_of(body, name="attendance.xml"), "--recorded-at", MOMENT)
    assert summary(result) == {"rows": 3, "accepted": 1, "duplicate": 0, "refused": 2}
    assert "2 x school school-not-mapped" in result.stdout
    [command] = [line for line in result.stderr.splitlines() if line.startswith("  aanwezig ")]
    assert shlex.split(command) == [
        "aanwezig", "systems", "add", "vo-test", "--map", "901=OURS", "--map", "9 02=OURS",
    ]  # fmt: skip
    assert "25PL00, 25PL01" in result.stderr


def test_the_one_school_that_is_left_is_filled_in(intake, file_of):
    file = file_of(an_interchange(("1", "901", "Tardy")), name="attendance.xml")
    result = send(file, "--recorded-at", MOMENT)
    assert "  aanwezig systems add vo-test --map 901=25PL00" in result.stderr.splitlines()
    intake.system["map"] = {"901": "25PL00"}
    again = send(file, "--recorded-at", MOMENT)
    assert (again.exit_code, "--map" in again.stderr) == (0, False)
    said = json.loads(intake.bodies[-1][0])
    assert said["source"] == "urn:nld:oin:000000070000000025PL"
    assert (said["time"], said["data"]["school"]) == ("2024-09-02T14:00:00Z", "25PL00")


def test_ed_fi_files_are_one_word_and_a_broken_one_does_not_stop_the_others(intake, file_of):
    intake.system["map"] = {"901": "25PL00"}
    own = file_of(an_interchange(("1", "901", "Excused Absence"), more="<Person/>"), name="school.xml")
    section = an_interchange(("1", "901", "Tardy")).replace(
        b"SchoolAttendanceEvent", b"SectionAttendanceEvent"
    )
    result = send(
        own, file_of(b"<Interchange><a>", name="broken"), file_of(section, name="section"), "--recorded-at", MOMENT,
    )  # fmt: skip
    assert summary(result) == {"rows": 3, "accepted": 2, "duplicate": 1, "refused": 0}
    assert f"{own}: passed over, for it says nothing of attendance: 1 Person" in result.stderr
    assert "broken-xml" in result.stderr


def test_a_large_file_of_lines_is_sent_in_little_memory(tmp_path):
    """Forty MiB of rows, packed, in a process that may grow by less than the half of that."""
    facts = tmp_path / "facts.ndjson.gz"
    row = a_row("same", note="x" * 900).encode() + b"\n"
    with gzip.open(facts, "wb", compresslevel=1) as out:
        out.writelines(row.replace(b"same", f"{number}".encode()) for number in range(40_000))
    program = """
import resource, sys
from aanwezig.cli.main import main
from aanwezig.cli import send
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
main(["send", sys.argv[1], "--batch", "5000"], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(facts)], capture_output=True, text=True, check=True
    )
    *told, grown = done.stdout.splitlines()
    assert "accepted   40000" in told
    assert int(grown) < 20 * 1024


def test_a_file_read_as_a_whole_has_a_bound(intake, file_of):
    table = file_of(CSV.encode() * 10_000)
    with Path(table).open("r+b") as out:
        out.truncate(WHOLE_BYTES + 1)
    result = send(table, "--language", "en")
    assert result.stderr.split("\t")[1:4] == ["-", "-", "too-large"]
    assert "64 MiB" in result.stderr
    assert intake.requests == []


def test_lines_that_the_door_takes_for_something_else_get_their_outcome_row_by_row(intake, file_of):
    """A door refuses a request of nothing but a page as a whole; in a file of rows it is one row that is wrong."""
    intake.not_lines = b"<html>"
    result = send(file_of(a_row(1), "", "<html>", "[1]", a_row(2), "", a_row(3)))
    assert summary(result) == {"rows": 5, "accepted": 3, "duplicate": 0, "refused": 2}
    told = [line.split("\t")[1:4] for line in result.stderr.splitlines()]
    assert told == [["3", "-", "not-json"], ["4", "id", "required"]]
