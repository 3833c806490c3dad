"""`aanwezig classify`: files in, findings out, refusals said, exit codes kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aanwezig.cli.main import main

SOURCE = "urn:nld:oin:000000070000000025PL:systeem:test"
OTHER = "urn:nld:oin:000000070000000016QW:systeem:test"
MONDAY = "2024-09-02"


def an_event(name="mark-recorded", *, id="1", source=SOURCE, time="2024-09-02T16:00:00Z", **data):  # noqa: A002
    return {
        "specversion": "1.0", "id": id, "source": source, "type": f"nl.attendance.{name}.v1", "time": time,
        "data": data,
    }  # fmt: skip


def an_absence(number=1, *, on=MONDAY, slot="lesson-1", pupil=None, school="25PL00", **how):
    return an_event(
        **{"id": f"{on}-{slot}-{number}", "time": f"{on}T16:00:00Z", **how},
        pupil=pupil or {"local": "p1"}, school=school, date=on, slot=slot, minutes=60, state="absent", authorised=False,
    )  # fmt: skip


def sixteen_hours(**how):
    days = ("2024-09-02", "2024-09-03", "2024-09-04", "2024-09-05")
    return [an_absence(on=on, slot=f"lesson-{lesson}", **how) for on in days for lesson in range(1, 5)]


def late_three_times(**how):
    days = ("2024-09-02", "2024-09-03", "2024-09-04")
    events = [an_absence(on=on, **how) for on in days]
    for event in events:
        event["data"]["state"] = "late"
    return events


@pytest.fixture
def file_of(tmp_path):
    def write(*rows, name="facts.ndjson"):
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        path = tmp_path / name
        path.write_bytes(b"\n".join(lines) + b"\n")
        return str(path)

    return write


def ask(*arguments, as_of="2025-07-31", pack="nl-2024", stdin=None):
    return CliRunner().invoke(main, ["classify", *arguments, "--pack", pack, "--as-of", as_of], input=stdin)


def findings(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def refusals(result):
    return [tuple(line.split("\t")[:4]) for line in result.stderr.splitlines()]


def test_sixteen_hours_are_a_finding_with_the_pupil_as_given(file_of):
    result = ask(file_of(*sixteen_hours()))
    [finding] = findings(result)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert (finding["kind"], finding["pupil"], finding["revision"]) == ("statutory", {"local": "p1"}, 1)
    assert (finding["measured"]["exact"], finding["at"], finding["municipality"]) == (
        "16",
        "2024-09-05",
        None,
    )


def test_a_refused_row_is_named_and_the_rest_is_classified(file_of):
    bad = an_absence(on="2024-09-06")
    bad["data"]["minutes"] = 1800
    path = file_of(b"not json", b"", bad, *sixteen_hours(), b"\xff\xfe", b"   ", b"[]")
    result = ask(path)
    assert result.exit_code == 1
    assert [finding["kind"] for finding in findings(result)] == ["statutory"]
    assert refusals(result) == [
        (path, "1", "-", "not-json"),
        (path, "3", "minutes", "out-of-range"),
        (path, "20", "-", "not-json"),
        (path, "22", "-", "wrong-type"),
    ]


def test_all_faults_of_a_row_stand_on_its_one_line(file_of):
    bad = an_absence()
    bad["data"] |= {"minutes": 0, "colour": "blue"}
    line = ask(file_of(bad)).stderr.splitlines()
    assert len(line) == 1
    assert {"minutes", "out-of-range", "colour", "unknown-field"} <= set(line[0].split("\t"))


def test_the_same_event_again_is_one_event_and_another_under_its_id_is_refused(file_of):
    first, again = an_absence(), an_absence()
    again["data"]["reason"] = None  # says the same
    other = an_absence()
    other["data"]["minutes"] = 50
    path, second = file_of(first, again), file_of(other, first, name="second.ndjson")
    result = ask(path, second)
    assert refusals(result) == [(second, "1", "id", "id-reused")]
    assert result.exit_code == 1


def test_the_first_in_order_of_files_stands(file_of):
    rows = sixteen_hours()
    changed = json.loads(json.dumps(rows[0]))
    changed["data"]["authorised"] = True
    good, other = file_of(*rows), file_of(changed, name="other.ndjson")
    assert len(findings(ask(good, other))) == 1
    assert findings(ask(other, good)) == []


def test_equal_ids_of_two_sources_are_two_events(file_of):
    result = ask(file_of(an_absence(), an_absence(source=OTHER, school="16QW00")))
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_refused_row_does_not_reserve_its_id(file_of):
    bad = an_absence()
    bad["data"]["minutes"] = 0
    rows = sixteen_hours()
    result = ask(file_of({**bad, "id": rows[0]["id"]}, *rows))
    assert [code for *_, code in refusals(result)] == ["out-of-range"]
    assert len(findings(result)) == 1


def test_findings_are_sorted_by_pupil_school_kind_year_and_ordinal(file_of):
    by_number = {"number": "999990019"}
    rows = [
        *sixteen_hours(pupil=by_number), *late_three_times(pupil={"local": "b"}),
        *late_three_times(pupil={"local": "a"}, school="25PL01", number=2),
        *late_three_times(pupil={"local": "a"}, number=3),
    ]  # fmt: skip
    for place, row in enumerate(rows):
        row["id"] = str(place)
    found = findings(ask(file_of(*rows)))
    assert [(one["pupil"], one["school"], one["kind"]) for one in found] == [
        ({"local": "a"}, "25PL00", "lateness"),
        ({"local": "a"}, "25PL01", "lateness"),
        ({"local": "b"}, "25PL00", "lateness"),
        (by_number, "25PL00", "statutory"),
    ]


def test_equal_local_ids_of_two_senders_are_two_pupils(file_of):
    here = late_three_times()
    there = late_three_times(source=OTHER, school="16QW00")
    one, two = findings(ask(file_of(*here, *there)))
    assert one["pupil"] == two["pupil"]
    assert one["finding"] != two["finding"]


def test_as_of_hides_what_comes_later(file_of):
    path = file_of(*sixteen_hours())
    assert findings(ask(path, as_of="2024-09-04")) == []
    assert len(findings(ask(path, as_of="2024-09-05"))) == 1


def a_calendar(*, weekdays=(1, 2, 3, 4, 5)):
    return an_event(
        "calendar-recorded", id="calendar", school="25PL00", until="2025-07-31", weekdays=list(weekdays),
        **{"from": "2024-08-01"},
    )  # fmt: skip


def test_calendars_in_the_file_hold_wherever_they_stand(file_of):
    no_mondays = a_calendar(weekdays=(2, 3, 4, 5))
    found = findings(ask(file_of(*sixteen_hours(), no_mondays), as_of="2024-09-05"))
    assert found == []


def test_what_is_said_of_a_whole_school_comes_first_and_of_no_pupil(file_of):
    enrolled = an_event(
        "enrolment-recorded", id="e", pupil={"local": "p1"}, school="25PL00", school_type="vo",
        **{"from": "2024-08-29"},
    )  # fmt: skip
    other = {**enrolled, "id": "f", "data": {**enrolled["data"], "pupil": {"local": "a0"}}}
    found = findings(ask(file_of(*sixteen_hours(), enrolled, other, a_calendar()), as_of="2024-09-06"))
    assert [(one["kind"], one["pupil"], one["at"], one["measured"]["value"]) for one in found] == [
        ("silent-feed", None, "2024-08-29", "2.00"),
        ("silent-feed", None, "2024-09-06", "1.00"),
        ("statutory", {"local": "p1"}, "2024-09-05", "16.00"),
    ]
    assert [
        found[0][name] for name in ("obligation", "age", "municipality", "school_type", "context", "window")
    ] == [None] * 6


def test_a_finding_at_no_school_comes_before_those_at_one(file_of):
    lives = an_event(
        "person-recorded", id="p", source="urn:nld:oin:00000099000000000637", pupil={"number": "999990019"},
        birth_date="2010-01-01", municipality="0637", resident_from="2024-01-01",
    )  # fmt: skip
    ill = an_event(
        "sick-reported", id="s", pupil={"number": "999990019"}, school="25PL00", **{"from": "2024-09-02"}
    )
    found = findings(ask(file_of(lives, ill), as_of="2024-09-10"))
    assert [(one["kind"], one["school"], one["at"]) for one in found] == [
        ("absolute", None, "2024-01-29"),
        ("sickness", "25PL00", "2024-09-10"),
    ]


@pytest.mark.parametrize("name", ["ocw-2016", "thuiszitter@ocw-2016"])
def test_the_definition_of_the_ministry_stands_beside(file_of, name):
    days = [f"2024-09-{day:02}" for day in range(2, 31) if day not in {7, 8, 14, 15, 21, 22, 28, 29}]
    found = findings(ask(file_of(*[an_absence(on=on) for on in days]), "--definition", name))
    beside = {one["kind"]: one for one in found}
    assert beside["home-sitter"]["definition"] == "thuiszitter@ocw-2016"
    for same in ("at", "school", "measured", "counted", "window"):
        assert beside["home-sitter"][same] == beside["long-term"][same]


@pytest.mark.parametrize("name", ["deventer-2022", "thuiszitter@deventer-2022"])
def test_a_definition_is_named_with_or_without_its_prefix(file_of, name):
    days = [f"2024-09-{day:02}" for day in range(2, 31) if day not in {7, 8, 14, 15, 21, 22, 28, 29}]
    rows = [an_absence(on=on) for on in [*days, "2024-10-01"]]
    said = [
        one["definition"]
        for one in findings(ask(file_of(*rows), "--definition", name))
        if "definition" in one
    ]
    assert said == ["thuiszitter@deventer-2022"]


def test_stdin_is_a_file_called_dash():
    facts = "\n".join(json.dumps(row) for row in [*sixteen_hours(), "x"])
    result = ask("-", stdin=facts)
    assert refusals(result) == [("-", "17", "-", "wrong-type")]
    assert len(findings(result)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pack", "nl-1901", "--as-of", MONDAY], "Known: deventer-2022, en-2024, nl-2024"),
        (["--pack", "nl-2024", "--as-of", "2024-02-30"], "not an existing date"),
        (["--pack", "nl-2024", "--as-of", "20240902"], "not an existing date"),
        (["--pack", "nl-2024", "--as-of", MONDAY, "--definition", "x"], "deventer-2022"),
        (["--pack", "nl-2024"], "--as-of"),
        (["--as-of", MONDAY], "--pack"),
    ],
)
def test_wrong_usage_is_exit_code_two_and_a_sentence(file_of, arguments, said):
    result = CliRunner().invoke(main, ["classify", file_of(an_absence()), *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path):
    for path in (tmp_path / "nowhere.ndjson", tmp_path):
        result = ask(str(path))
        assert result.exit_code == 2
        assert str(path) in result.stderr
    assert ask().exit_code == 2


def test_an_empty_file_is_fine(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    result = ask(str(path))
    assert (result.exit_code, result.output) == (0, "")


def test_rows_deeper_or_longer_than_a_record_are_refused_and_harm_nothing(file_of):
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    event = json.dumps(an_event(school="25PL00")).encode().replace(b'"25PL00"', deep)
    result = ask(file_of(event, b"x" * 3_000_000, *sixteen_hours()))
    assert [(row, code) for _, row, _, code in refusals(result)] == [("1", "wrong-type"), ("2", "too-large")]
    assert len(findings(result)) == 1


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(file_of):
    rows = [json.dumps(row).encode() + b"\r" for row in sixteen_hours()]
    result = ask(file_of(b"\xef\xbb\xbf" + rows[0], *rows[1:]))
    assert (result.exit_code, len(findings(result))) == (0, 1)


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_time_are_dates_too(file_of, as_of):
    assert ask(file_of(*sixteen_hours()), as_of=as_of).exit_code == 0


def test_the_command_starts_without_any_broker_or_database_library():
    forbidden = ("faststream", "aiokafka", "motor", "pymongo", "httpx", "uvicorn", "opentelemetry")
    code = f"import sys, aanwezig.cli.main, aanwezig.cli.classify; print([m for m in {forbidden} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "[]"
