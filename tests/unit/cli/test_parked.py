"""An operator's commands about parked records: what is listed and shown, what is asked for, and how a command ends."""

import getpass
import json

import pytest
from click.testing import CliRunner

from aanwezig.cli import asking
from aanwezig.cli.homes import Home
from aanwezig.cli.main import main
from support.small_parked import a_letter, small_services

FACTS, CASES = "school.facts.v1", "chain.cases.v1"


@pytest.fixture
def services(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    with small_services("classifier", "notifier") as services:
        services["classifier"].put(
            a_letter(FACTS, 9, key="anna", reason="unexpected", error="KeyError"),
            a_letter(FACTS, 10, key="bob", reason="unprocessable", error="no-sense"),
            a_letter(FACTS, 11, key="anna"),
            a_letter(FACTS, 100, key="anna"),
        )
        services["notifier"].put(
            a_letter(CASES, 1, key=None, reason="not-the-contract", error="NotTheContract")
        )
        yield services


def parked(*arguments, code=0):
    done = CliRunner().invoke(main, ["parked", *arguments])
    assert done.exit_code == code, done.output
    return done


def ids_of(done):
    return [line.split()[0] for line in done.stdout.splitlines()[1:]]


def test_the_list_is_of_all_services_per_pupil_in_order(services):
    done = parked("list")
    assert ids_of(done) == [
        f"classifier/{FACTS}:0:9", f"classifier/{FACTS}:0:11", f"classifier/{FACTS}:0:100",
        f"classifier/{FACTS}:0:10", f"notifier/{CASES}:0:1",
    ]  # fmt: skip
    assert done.stdout.splitlines()[1].split()[1:] == [
        "unexpected", "KeyError", "2024-09-02T12:00:00", "parked", "anna",
    ]  # fmt: skip
    assert {key for one in services.values() for key in one.keys} == {
        f"Bearer {Home.found().keys()['operator_key']}"
    }


@pytest.mark.usefixtures("services")
def test_the_list_can_be_of_one_service_or_pupil_and_for_programs():
    assert len(ids_of(parked("list", "--service", "notifier"))) == 1
    rows = [json.loads(line) for line in parked("list", "--key", "anna", "--json").stdout.splitlines()]
    assert [(row["service"], row["offset"]) for row in rows] == [("classifier", n) for n in (9, 11, 100)]
    assert "nothing is parked" in parked("list", "--key", "cleo").stderr
    assert "nothing was closed" in parked("list", "--closed").stderr


@pytest.mark.usefixtures("services")
def test_one_is_shown_as_it_came_and_what_it_says_steers_no_terminal(services):
    told = parked("show", f"classifier/{FACTS}:0:9").stdout
    assert "reason  unexpected\nerror   KeyError\n" in told
    assert '"n": 9' in told
    services["classifier"].put(a_letter(FACTS, 12, key="\x1b[2J", said={"a": "\x1b[2J"}))
    assert "\x1b" not in parked("show", f"classifier/{FACTS}:0:12").stdout
    assert "\x1b" not in parked("list").stdout
    assert json.loads(parked("show", f"classifier/{FACTS}:0:12", "--json").stdout)["said"] == {"a": "\x1b[2J"}


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["show", "classifier/x:0:1"], 1, "Nothing is parked"), (["show", "x:0:1"], 2, "no id of a parked"),
        (["retry"], 2, "Say which"), (["retry", "classifier/x:0:1", "--all"], 2, "Say which"),
        (["retry", "classifier/x:0:1"], 1, "Nothing is parked"), (["discard", "--reason", "x"], 2, "Say which"),
        (["discard", "a/b:0:1", "--reason", " "], 2, "Say why"), (["discard", "a/b:0:1"], 2, "--reason"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("services")
def test_what_is_not_there_or_not_said_is_told(arguments, code, word):
    assert word in parked(*arguments, code=code).stderr


def test_a_retry_waits_until_it_is_done_and_tells_what_became_of_each(services):
    desk = services["classifier"]
    desk.after(2, f"{FACTS}:0:9", state="handled")
    done = parked("retry", f"classifier/{FACTS}:0:9")
    assert done.stdout == f"handled\tclassifier/{FACTS}:0:9\n"
    assert desk.said == [("retry", {"ids": [f"{FACTS}:0:9"], "by": getpass.getuser()})]
    assert services["notifier"].said == []


def test_what_is_parked_again_or_not_done_yet_is_exit_code_1(services):
    desk = services["classifier"]
    desk.after(1, f"{FACTS}:0:9", state="parked", reason="unprocessable", error="still-none")
    done = parked("retry", "--key", "bob", "--wait", "0", code=1)
    assert "not done yet" in done.stderr
    done = parked("retry", f"classifier/{FACTS}:0:9", code=1)
    assert done.stdout == f"parked\tclassifier/{FACTS}:0:9\tunprocessable still-none\n"


def test_a_retry_of_all_asks_every_service_and_tells_of_whom_it_cannot_be(services):
    services["notifier"].strangers = True
    for offset in (9, 10, 11, 100):
        services["classifier"].after(1, f"{FACTS}:0:{offset}", state="handled")
    done = parked("retry", "--all", code=1)
    assert len(done.stdout.splitlines()) == 4
    assert f"notifier/{CASES}:0:1 cannot be tried again" in done.stderr
    services["classifier"].letters.clear()
    services["notifier"].letters.clear()
    assert "nothing is parked" in parked("retry", "--all").stderr


def test_a_discard_says_who_and_why(services):
    desk = services["classifier"]
    desk.after(1, f"{FACTS}:0:9", state="discarded")
    done = parked("discard", f"classifier/{FACTS}:0:9", "--reason", "a test")
    assert done.stdout == f"discarded\tclassifier/{FACTS}:0:9\n"
    assert desk.said == [("discard", {"ids": [f"{FACTS}:0:9"], "reason": "a test", "by": getpass.getuser()})]
    assert "was discarded" in parked("discard", f"classifier/{FACTS}:0:9", "--reason", "x", code=1).stderr


def test_a_service_that_is_away_is_exit_code_3(services, monkeypatch):
    monkeypatch.setitem(asking.patiently.__kwdefaults__, "away", 0.2)
    services["notifier"].close()
    assert "notifier" in parked("list", code=3).stderr
