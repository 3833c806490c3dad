"""The commands on a real stack of their own: up, register, send, close a day, look, down, and up again."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from pymongo import MongoClient

from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.cli.homes import Home
from aanwezig.cli.main import main
from aanwezig.contracts.topics import FACTS
from support.engines import engines_shelf

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.timeout(300)]

SOURCE = "urn:nld:oin:000000070000000025PL:systeem:vo-test"
SERVICES = {
    "intake", "classifier", "case-router", "case-router-health", "case-router-justice", "notifier", "notifier-school",
    "notifier-health", "notifier-justice",
}  # fmt: skip


class Command:
    """`aanwezig` with a home of its own: in this process, which is quicker, or as the program a user runs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._environment = {
            **os.environ,
            "AANWEZIG_HOME": str(home),
            "AANWEZIG_ENGINES": str(engines_shelf()),
        }

    def __call__(self, *arguments, stdin="", key=None):
        environment = self._environment | ({} if key is None else {"AANWEZIG_OFFICER_KEY": key})
        done = CliRunner(env=environment).invoke(main, arguments, input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    def program(self, *arguments):
        """What starts processes is a process of its own: they are nobody's children after it."""
        program = [sys.executable, "-c", "from aanwezig.cli.main import main; main(prog_name='aanwezig')"]
        done = subprocess.run(
            [*program, *arguments], capture_output=True, text=True, timeout=240, check=False,
            env=self._environment,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="module")
def aanwezig(tmp_path_factory):
    command = Command(tmp_path_factory.mktemp("cli") / "home")
    try:
        up = command.program("up", "--free-ports")
        assert up.returncode == 0, up.stderr
        yield command
    finally:
        command.program("down")


def an_absence(on, slot, number="999990019"):
    return json.dumps({
        "specversion": "1.0", "id": f"{number}-{on}-{slot}", "source": SOURCE, "time": f"{on}T16:00:00Z",
        "type": "nl.attendance.mark-recorded.v1",
        "data": {
            "pupil": {"number": number}, "school": "25PL00", "date": on, "slot": slot, "minutes": 60,
            "state": "absent", "authorised": False,
        },
    })  # fmt: skip


def test_the_stack_takes_facts_in_and_answers_for_them(aanwezig, tmp_path):
    rows = aanwezig("status", "--json")
    assert rows.exit_code == 0
    told = {row["name"]: row for row in json.loads(rows.stdout)}
    assert set(told) == {"kafka", "mongo", *SERVICES}
    assert all(told[name]["live"] and told[name]["parked"] == 0 for name in SERVICES)

    added = aanwezig(
        "systems", "add", "vo-test", "--brin", "25PL", "--school", "25PL00=De Linde, noord,vo,0637"
    )
    assert added.exit_code == 0, added.stderr
    key = added.stdout.rsplit(" ", 1)[1].strip()
    assert aanwezig("systems", "add", "vo-test", "--brin", "16QW", "--school", "16QW00").exit_code == 1
    listed = aanwezig("systems", "list").stdout
    assert listed == "vo-test\t000000070000000025PL\t25PL00\t1\t-\t-\n"
    assert key not in listed
    assert json.loads(aanwezig("schools", "list", "--json").stdout)["name"] == "De Linde, noord"

    facts = tmp_path / "facts.ndjson"
    days = ("2024-09-02", "2024-09-03", "2024-09-04", "2024-09-05")
    facts.write_text("\n".join([an_absence(on, f"lesson-{n}") for on in days for n in range(1, 5)] + ["x"]))
    first = aanwezig("send", str(facts))
    assert first.exit_code == 1
    assert "accepted   16" in first.stdout
    assert first.stderr.startswith(f"{facts}\t17\t-\tnot-json\t")
    again = aanwezig("send", str(facts), "--as", "vo-test")
    assert "duplicate  16" in again.stdout

    closed = aanwezig("day", "close", "2024-09-05")
    assert (closed.exit_code, closed.stdout) == (0, "closed up to and including 2024-09-05\n")
    assert aanwezig("day", "close", "2029-01-01").exit_code == 1

    stranger = aanwezig("send", "-", stdin=an_absence("2024-09-06", "lesson-1").replace("25PL00", "25PL01"))
    assert (stranger.exit_code, "school-unknown" in stranger.stderr) == (1, True)


def until(holds, seconds=10):
    """Whether something comes true within seconds: a register is read by whom it concerns, not by us."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return held


def test_an_officer_sees_a_case_acts_in_it_and_its_journal_proves_itself(aanwezig):
    added = aanwezig("officers", "add", "mw-jansen", "--municipality", "0637")
    key = added.stdout.rsplit(" ", 1)[1].strip()
    assert until(lambda: aanwezig("cases", "list", "--json", key=key).stdout)
    (row,) = aanwezig("cases", "list", "--json", key=key).stdout.splitlines()
    case = json.loads(row)["case"]
    assert (json.loads(row)["track"], json.loads(row)["status"]) == ("prevention", "registered")

    assert aanwezig("step", case, "talk-held", "--date", "2024-09-06", key=key).exit_code == 0
    refused = aanwezig("decide", case, "--track", "halt", "--consent-youngster", "--motive", "x", key=key)
    assert (refused.exit_code, "The pupil's age is not known." in refused.stderr) == (1, True)
    told = aanwezig("why", case, "--language", "en").stdout
    assert "Step taken: talk-held (mw-jansen)." in told
    assert "16 hours" in told

    holds = aanwezig("verify", "--journal", case)
    assert (holds.exit_code, "\tholds\t" in holds.stdout) == (0, True), holds.stderr
    changed = _with_another_motive(aanwezig, case)
    assert (changed.exit_code, "line 3: it was changed after it was written" in changed.stderr) == (1, True)
    assert aanwezig("verify", "--journal", "0" * 32).exit_code == 1
    assert aanwezig("verify", "--journal", "x").exit_code == 1
    assert aanwezig("verify").exit_code == 2


def _with_another_motive(aanwezig, case):
    """What `verify` says while somebody who can reach the store has changed a line; then the line is as it was."""
    running = Home.found(aanwezig.home).reachable()
    with MongoClient(running.mongo) as client:
        dossiers = client["aanwezig-case-router"]["dossiers"]
        line = "state.cases.0.journal.2.details.note_code"
        try:
            assert dossiers.update_one({"x.cases": case}, {"$set": {line: "otherwise"}}).modified_count == 1
            return aanwezig("verify", "--journal", case)
        finally:
            dossiers.update_one({"x.cases": case}, {"$set": {line: None}})


def test_a_clerk_sets_a_refused_row_right(aanwezig, tmp_path):
    wrong = an_absence("2024-09-10", "lesson-1").replace('"date": "2024-', '"date": "0209-')
    abroad = an_absence("2024-09-10", "lesson-2").replace("25PL00", "25PL02")
    facts = tmp_path / "september.ndjson"
    facts.write_text(f"{wrong}\n{abroad}\n")
    assert aanwezig("send", str(facts)).exit_code == 1
    rows = [
        json.loads(line)
        for line in aanwezig("quarantine", "list", "--file", facts.name, "--json").stdout.splitlines()
    ]
    assert [row["row"] for row in rows] == [1, 2]
    shown = aanwezig("quarantine", "show", rows[0]["id"])
    assert "year-too-early" in shown.stdout
    assert '"date": "0209-09-10"' in shown.stdout

    assert aanwezig("quarantine", "correct", rows[0]["id"], "-", stdin=wrong).exit_code == 1
    right = aanwezig("quarantine", "correct", rows[0]["id"], "-", stdin=wrong.replace("0209", "2024"))
    assert (right.exit_code, right.stdout.split()[0]) == (0, "accepted")

    assert aanwezig("quarantine", "resubmit", rows[1]["id"]).exit_code == 1
    assert aanwezig("systems", "add", "vo-test", "--school", "25PL02=De Iep,vo,0637").exit_code == 0
    assert until(lambda: aanwezig("quarantine", "resubmit", "--file", facts.name).exit_code == 0)
    assert aanwezig("quarantine", "list", "--file", facts.name).stdout == ""

    left = [json.loads(line)["id"] for line in aanwezig("quarantine", "list", "--json").stdout.splitlines()]
    for row in left:
        assert aanwezig("quarantine", "discard", row, "--reason", "a line that was cut off").exit_code == 0
    assert json.loads(aanwezig("quarantine", "counts", "--json").stdout)["rows"] == 0
    assert left


def test_a_school_that_moves_is_looked_at_again_by_itself(aanwezig):
    address = Home.found(aanwezig.home).reachable().services["classifier"]
    looked = 'aanwezig_evaluations_total{cause="register"} 1.0'
    page = httpx.get(f"{address}/metrics", trust_env=False)
    assert looked not in page.text
    assert aanwezig("schools", "add", "25PL00=De Linde,vo,0344").exit_code == 0
    assert until(lambda: looked in httpx.get(f"{address}/metrics", trust_env=False).text)


def test_what_is_parked_is_tried_again_and_discarded(aanwezig):
    async def spoil():
        publisher = Publisher([Home.found(aanwezig.home).reachable().kafka], "spoils")
        await publisher.start()
        await publisher.say(Outgoing(FACTS.name, "nobody", row, 0) for row in (b"{", b"[]"))
        await publisher.stop()

    def listed(*arguments):
        lines = aanwezig("parked", "list", "--json", *arguments).stdout.splitlines()
        return [(row["id"], row["reason"], row["state"]) for row in map(json.loads, lines)]

    asyncio.run(spoil())
    assert until(lambda: len(listed()) == 2)
    (first, *one), (second, *other) = listed("--service", "classifier")
    assert (one, other) == (["not-the-contract", "parked"], ["behind", "parked"])
    assert json.loads(aanwezig("parked", "show", second, "--json").stdout)["said"] == []
    again = aanwezig("parked", "retry", first)
    assert (again.exit_code, again.stdout) == (1, f"parked\t{first}\tnot-the-contract NotTheContract\n")
    assert aanwezig("parked", "discard", first, "--reason", "a test").exit_code == 0
    assert until(lambda: listed() == [(second, "not-the-contract", "parked")])
    assert aanwezig("parked", "discard", second, "--reason", "a test").stdout == f"discarded\t{second}\n"
    assert listed() == []
    assert {row[2] for row in listed("--closed")} == {"discarded"}


def test_keys_change_without_a_gap_and_who_is_removed_is_refused_at_once(aanwezig):
    home = Home.found(aanwezig.home)
    address = home.reachable().services["intake"]

    def asked(what, key):
        headers = {"authorization": f"Bearer {key}"}
        return httpx.get(f"{address}/v1/{what}", headers=headers, trust_env=False)

    def status(key):
        return asked("receipts/any", key).status_code

    first = home.senders()["vo-test"]
    assert aanwezig("systems", "add", "vo-test", "--map", "255901001=25PL00").exit_code == 0
    assert until(lambda: asked("system", first).json()["map"] == {"255901001": "25PL00"})
    assert aanwezig("systems", "rotate", "vo-test").exit_code == 0
    second = home.senders()["vo-test"]
    assert [status(key) for key in (first, second)] == [404, 404]
    assert aanwezig("systems", "retire-key", "vo-test").exit_code == 0
    assert until(lambda: status(first) == 401)
    assert status(second) == 404
    sent = aanwezig("send", "-", stdin=an_absence("2024-09-06", "lesson-1"))
    assert (sent.exit_code, "accepted   1" in sent.stdout) == (0, True)
    assert aanwezig("systems", "remove", "vo-test").exit_code == 0
    assert until(lambda: status(second) == 401)
    assert home.senders() == {}


def test_the_other_registers_are_added_listed_and_removed(aanwezig):
    hook = (
        "--role",
        "chain-director",
        "--organisation",
        "Keten",
        "--channel",
        "webhook",
        "--address",
        "http://127.0.0.1:9/",
    )
    added = aanwezig("recipients", "add", "director", *hook)
    assert "whsec_" in added.stdout
    assert aanwezig("recipients", "list").stdout.startswith("director\tchain-director\tKeten\t-\twebhook")
    assert "whsec_" not in aanwezig("recipients", "list", "--json").stdout
    assert aanwezig("recipients", "remove", "director").exit_code == 0
    assert aanwezig("recipients", "remove", "director").exit_code == 1
    assert aanwezig("recipients", "list").stdout == ""
    assert aanwezig("officers", "add", "jan", "--municipality", "0637").exit_code == 0
    assert "jan\t0637\tattendance-officer\t1\n" in aanwezig("officers", "list").stdout
    assert aanwezig("municipalities", "add", "0637", "--pack", "nl-2024=2024-08-01").exit_code == 0
    assert aanwezig("municipalities", "list").stdout == "0637\tnl-2024 from 2024-08-01\n"


def test_up_again_starts_nothing_and_data_survive_down(aanwezig):
    before = {row["name"]: row["pid"] for row in json.loads(aanwezig("status", "--json").stdout)}
    assert "everything ran already" in aanwezig.program("up").stdout
    assert {row["name"]: row["pid"] for row in json.loads(aanwezig("status", "--json").stdout)} == before
    kept = aanwezig("officers", "add", "piet", "--municipality", "0637")
    assert kept.exit_code == 0
    assert aanwezig("down").exit_code == 0
    assert aanwezig("status").exit_code == 3
    assert aanwezig("systems", "list").exit_code == 3
    assert aanwezig.program("up").returncode == 0
    assert "piet\t0637" in aanwezig("officers", "list").stdout


def test_a_killed_service_is_shown_and_started_again(aanwezig):
    rows = json.loads(aanwezig("status", "--json").stdout)
    [notifier] = [row for row in rows if row["name"] == "notifier"]
    os.kill(notifier["pid"], 9)
    assert until(lambda: "ended without being stopped" in aanwezig("status").stdout)
    assert aanwezig("status").exit_code == 1
    assert "started: notifier" in aanwezig.program("up").stdout
    assert aanwezig("status").exit_code == 0
