"""Files of every kind through the real door: the same receipts as over HTTP, and the public Ed-Fi sample to its last event."""

import asyncio
import csv
import gzip
import io
import json
import os
import shlex
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.identifiers import school_source
from support.engines import engines_shelf
from support.pages import missing, steps
from support.road import a_road, key_of

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.timeout(300)]

SAMPLE_VARIABLE = "AANWEZIG_EDFI"
BESIDE = ROOT.parent / "shared" / "data" / "edfi"
ATTENDANCE, TARDY, CALENDAR, STUDENTS = (
    f"{name}.xml"
    for name in ("StudentSchoolAttendance", "StudentSectionAttendance-Tardy", "EducationOrgCalendar", "Student")
)  # fmt: skip
RECORDED = "2022-06-01T18:00:00+02:00"
NUMBER = "999990019"
"""Passes the eleven-test, and is nobody's; the page has another pupil: it has one school only."""
DOORS = {
    "json": "25PA",
    "lines": "25PB",
    "table": "25PC",
    "http-table": "25PD",
    "packed": "25PE",
    "watched": "25PF",
}


@pytest.fixture(scope="module")
def sample():
    folder = Path(os.environ.get(SAMPLE_VARIABLE, BESIDE))
    if not folder.is_dir():
        pytest.skip(
            f"the public Ed-Fi sample is neither beside the checkout nor where {SAMPLE_VARIABLE} says"
        )
    return folder


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    with a_road(tmp_path_factory.mktemp("files"), engines_shelf(), names=("intake",)) as road:
        asyncio.run(registered(road))
        yield road


async def registered(road):
    schools = [f"{brin}00" for brin in DOORS.values()] + ["25PL00", "25PX00", "25PX01", "25PX02"]
    systems = [(door, school_source(brin), [f"{brin}00"]) for door, brin in DOORS.items()]
    systems.append(("example", school_source("25PL"), ["25PL00"]))
    systems.append(("edfi", school_source("25PX"), ["25PX00", "25PX01", "25PX02"]))
    await road.register(schools=[(school, "vo", "0637") for school in schools], systems=systems)


def a_home(road, folder, *systems):
    """The home of somebody who has the keys of these systems."""
    home = Home.found(folder)
    home.remember(
        Running(
            kafka=road.engines.kafka_bootstrap,
            mongo=road.engines.mongo_uri,
            services={"intake": road.url("intake", "")},
        )
    )
    home.change_senders(lambda kept: kept.update({name: key_of(name) for name in systems}))
    for name in systems:
        asked(road, name, "/v1/system", until=200)
    return {**os.environ, "AANWEZIG_HOME": str(home.places.home)}


@pytest.fixture(scope="module")
def aanwezig(road, tmp_path_factory):
    """The command, in this process, with the keys of all systems at hand."""
    environment = a_home(road, tmp_path_factory.mktemp("home"), *DOORS, "edfi")

    def run(*arguments):
        done = CliRunner(env=environment).invoke(main, [str(one) for one in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    return run


def asked(road, system, path, *, until=None, while_true=lambda _: False):
    """The answer to a question of a system; again while the register is on its way."""
    headers = {"authorization": f"Bearer {key_of(system)}", "accept-language": "nl"}
    deadline = time.monotonic() + 30
    while True:
        answer = httpx.get(road.url("intake", path), headers=headers, trust_env=False)
        if until in {None, answer.status_code} and not while_true(answer):
            return answer.json()
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


def a_mark(row_id, brin, **data):
    return {
        "specversion": "1.0", "id": row_id, "source": school_source(brin), "type": "nl.attendance.mark-recorded.v1",
        "time": "2024-09-02T16:00:00Z",
        "data": {
            "pupil": {"number": NUMBER}, "school": f"{brin}00", "date": "2024-09-02", "slot": "morning", "minutes": 240,
            "state": "absent", "authorised": False, **data,
        },
    }  # fmt: skip


def events(brin):
    """Good rows and bad ones of most kinds, of a school of this BRIN."""
    return [
        a_mark("1", brin),
        a_mark("2", brin, state="away", minutes=600),
        a_mark("3", brin, pupil={"number": "123456783"}, slot="afternoon"),
        a_mark("4", brin, minutes=60, missed=61, slot="lesson-1"),
        a_mark("5", brin, school="99ZZ99"),
        a_mark("6", brin, pupil={"local": "Zoë; 3b"}, reason="illness", authorised=True),
        a_mark("7", brin, date="2024-02-31"),
        a_mark("7", brin, slot="lesson-3", minutes=50),
        a_mark("8", brin, slot="lesson-4", minutes="vijftig"),
        {**a_mark("9", brin), "type": "nl.attendance.enrolment-recorded.v1",
         "data": {"pupil": {"number": NUMBER}, "school": f"{brin}00", "school_type": "vo", "from": "2024-08-01", "programme_hours": 25.5}},
        {**a_mark("10", brin), "time": "gisteren"},
        a_mark("1", brin),
        a_mark("1", brin, slot="afternoon"),
    ]  # fmt: skip


def flat(value, name=""):
    if isinstance(value, dict):
        return {
            key: text
            for part, one in value.items()
            for key, text in flat(one, f"{name}.{part}".strip(".")).items()
        }
    return {
        name: ""
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value).replace(".", ",")
        if isinstance(value, float)
        else str(value)
    }


def a_table(rows):
    """The events as Dutch Excel writes a table: semicolons, decimal commas, Windows-1252."""
    cells = [flat(row) for row in rows]
    columns = list(dict.fromkeys(name for row in cells for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", delimiter=";")
    writer.writeheader()
    writer.writerows(cells)
    return out.getvalue().encode("cp1252")


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def posted(road, system, body, media_type):
    answer = httpx.post(
        road.url("intake", "/v1/facts"), content=body, trust_env=False, timeout=60,
        headers={"authorization": f"Bearer {key_of(system)}", "content-type": media_type},
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    return answer.json()["receipts"]


def told(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def receipts(path):
    return [{name: one[name] for name in ("id", "outcome", "errors")} for one in told(path)]


def test_the_same_rows_give_the_same_receipts_by_every_file_and_over_http(road, aanwezig, tmp_path):
    short = b"11;kort\r\n"
    by_http = posted(road, "json", lines(events(DOORS["json"])), "application/x-ndjson")
    files = {
        "lines": lines(events(DOORS["lines"])),
        "table": a_table(events(DOORS["table"])) + short,
        "packed": gzip.compress(json.dumps(events(DOORS["packed"]), indent=1).encode()),
    }
    got = {}
    for system, content in files.items():
        file, out = tmp_path / f"{system}.txt", tmp_path / f"{system}.receipts"
        file.write_bytes(content)
        done = aanwezig("send", file, "--as", system, "--receipts", out)
        assert done.exit_code == 1, done.stderr
        got[system] = receipts(out)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "facts").write_bytes(lines(events(DOORS["watched"])))
    watched = aanwezig("send", "--watch", inbox, "--once", "--every", "0.1", "--as", "watched")
    assert watched.exit_code == 1, watched.stderr
    got["watched"] = receipts(inbox / "done/facts.receipts.ndjson")
    table = a_table(events(DOORS["http-table"])) + short
    http_table = posted(road, "http-table", table, "text/csv; charset=windows-1252")

    outcomes = Counter(one["outcome"] for one in by_http)
    assert outcomes == {"accepted": 4, "duplicate": 1, "refused": 8}
    assert got["lines"] == got["packed"] == got["watched"] == by_http
    assert got["table"] == http_table
    assert [error["code"] for error in got["table"].pop()["errors"]] == ["cells"]
    assert got["table"] == by_http


def test_receipts_are_found_by_the_file_and_refused_rows_are_kept_with_their_place(road, aanwezig, tmp_path):
    file = tmp_path / "week 36.csv"
    good, *_, bad = [
        {**one, "id": f"by-file-{place}"} for place, one in enumerate(events(DOORS["table"])[:2])
    ]
    head, *rows = a_table([good, bad]).splitlines(keepends=True)
    file.write_bytes(head + rows[0] + b";;;\r\n" + rows[1] + b"kort;\r\n")
    aanwezig("send", file, "--as", "table")
    kept = asked(road, "table", "/v1/quarantine?file=week%2036.csv")["rows"]
    codes = {one["row"]: [error["code"] for error in one["errors"]] for one in kept}
    assert codes == {4: ["out-of-range", "unknown-word"], 5: ["cells"]}
    found = asked(road, "table", "/v1/receipts?file=week%2036.csv")["receipts"]
    assert [(one["row"], one["outcome"]) for one in found] == [
        (2, "accepted"),
        (4, "refused"),
        (5, "refused"),
    ]


def test_the_public_ed_fi_sample_is_taken_to_its_last_event(road, aanwezig, sample, tmp_path):
    files = [sample / name for name in (ATTENDANCE, TARDY, CALENDAR, STUDENTS)]
    sending = ("send", *files, "--as", "edfi", "--recorded-at", RECORDED, "--language", "en")
    first = tmp_path / "first"
    unmapped = aanwezig(*sending, "--receipts", first)
    assert unmapped.exit_code == 1
    assert codes_of(told(first)) == {
        (ATTENDANCE, "school-not-mapped"): 3766, (ATTENDANCE, "day-part-unknown"): 1, (TARDY, "school-not-mapped"): 66,
        (CALENDAR, "school-not-mapped"): 6, (STUDENTS, "accepted"): 960,
    }  # fmt: skip
    assert f"{files[2]}: passed over, for it says nothing of attendance: 18 GradingPeriod" in unmapped.stderr

    [command] = [line for line in unmapped.stderr.splitlines() if line.startswith("  aanwezig ")]
    words = shlex.split(command)
    foreign = [word.removesuffix("=OURS") for word in words if word.endswith("=OURS")]
    assert sorted(foreign) == sorted({one.text for one in elements(sample / ATTENDANCE, "SchoolId")})
    ours = iter(("25PX00", "25PX01", "25PX02"))
    mapped = aanwezig(*(word.replace("OURS", next(ours)) if "OURS" in word else word for word in words[1:]))
    assert mapped.exit_code == 0, mapped.stderr
    asked(road, "edfi", "/v1/system", while_true=lambda answer: len(answer.json()["map"]) < 3)

    second = tmp_path / "second"
    again = aanwezig(*sending, "--receipts", second)
    assert again.exit_code == 1
    assert codes_of(told(second)) == {
        (ATTENDANCE, "accepted"): 3766, (ATTENDANCE, "day-part-unknown"): 1, (TARDY, "duplicate"): 66,
        (CALENDAR, "accepted"): 6, (STUDENTS, "duplicate"): 960,
    }  # fmt: skip
    said = list(ET.parse(sample / ATTENDANCE).getroot())  # noqa: S314 - a file of known content
    [(refused, error)] = [
        (one["row"], one["errors"][0]) for one in told(second) if one["outcome"] == "refused"
    ]
    assert error["field"] == "ArrivalTime"
    of_refused = {one.tag.rpartition("}")[2]: one.text for one in said[refused - 1].iter()}
    assert of_refused["AttendanceEventCategory"].endswith("#Partial")
    assert of_refused["SchoolAttendanceDuration"] == "10"
    assert not of_refused.keys() & {"ArrivalTime", "DepartureTime"}
    taken = {
        one["row"]
        for one in told(second)
        if one["file"].endswith(ATTENDANCE) and one["outcome"] == "accepted"
    }
    assert (len(said), len(taken)) == (1917, 1916)


def elements(path, name):
    return [one for one in ET.parse(path).getroot().iter() if one.tag.endswith(name)]  # noqa: S314 - known content


def codes_of(lines):
    return Counter(
        (one["file"].rpartition("/")[2], one["errors"][0]["code"] if one["errors"] else one["outcome"])
        for one in lines
    )


def test_the_page_on_files_is_followed_to_its_end(road, tmp_path):
    environment = a_home(road, tmp_path / ".home", "example")
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    followed = steps((ROOT / "docs/schools/files.md").read_text("utf-8"))
    assert len(followed) >= 8
    for step in followed:
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", step.commands], cwd=tmp_path, env=environment, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert (done.returncode, missing(step.promised, done.stdout)) == (step.exit_code, None), done.stdout
        if "systems add" in step.commands:
            asked(road, "example", "/v1/system", while_true=lambda answer: not answer.json()["map"])
