"""`aanwezig send --watch` ended by a signal, killed, or before a door that is away: nothing is lost and nothing doubled."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from aanwezig.cli.homes import Running
from aanwezig.cli.stopping import Stop, Stopped
from support.inbox import LOOKS, a_row, an_interchange, files, put, receipts, watch


class Watching:
    """`aanwezig send --watch` as a process of its own."""

    def __init__(self, inbox):
        program = "from aanwezig.cli.main import main; main(prog_name='aanwezig')"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "send", "--watch", str(inbox), "--every", LOOKS, "--patience", "0.2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stdout.readline().startswith("watching ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def line(self):
        return self.process.stdout.readline()

    def end(self, number):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_a_second_watcher_is_refused(inbox, number):
    with Watching(inbox) as first:
        put(inbox, "a.ndjson", a_row(1))
        assert "accepted 1" in first.line()
        second = watch(inbox)
        assert second.exit_code == 1
        assert "Another command is watching" in second.stderr
        code, out, err = first.end(number)
        assert (code, out) == (0, "")
        assert "ended" in err


def test_a_signal_in_the_middle_of_a_file_waits_for_the_answer_and_leaves_the_file(inbox, intake):
    met = threading.Event()
    answered = threading.Event()

    def slowly(_request):
        met.set()
        answered.wait(10)

    intake.hear = slowly
    with Watching(inbox) as watching:
        put(inbox, "a.ndjson", a_row(1))
        assert met.wait(10)
        watching.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            watching.process.wait(0.3)
        answered.set()
        assert watching.process.wait(10) == 0
    assert files(inbox) == ["a.ndjson"]
    intake.hear = None
    assert watch(inbox).exit_code == 0
    assert [one["outcome"] for one in receipts(inbox, "done/a.ndjson")] == ["duplicate"]


def test_the_door_comes_back_and_the_files_are_sent(inbox, home, intake):
    home.remember(Running(kafka="", mongo="", services={"intake": intake.address}))
    intake.not_now = 10**6
    with Watching(inbox) as watching:
        put(inbox, "a.ndjson", a_row(1))
        while intake.not_now > 10**6 - 3:
            time.sleep(0.02)
        assert files(inbox) == ["a.ndjson"]
        intake.not_now = 0
        assert "accepted 1" in watching.line()


def killed_at(inbox, intake, request):
    """Watches until this request has come in, counted from 1, and is killed before it is answered; whether it came so far."""
    met, died = threading.Event(), threading.Event()
    before = len(intake.requests)

    def hear(_request):
        if len(intake.requests) - before == request:
            met.set()
            died.wait(10)

    intake.hear = hear
    with Watching(inbox) as watching:
        while not met.is_set() and any(not name.startswith("done/") for name in files(inbox)):
            time.sleep(0.01)
        watching.process.kill()
        watching.process.wait(10)
    died.set()
    intake.hear = None
    return met.is_set()


def ids_of_pupils(intake):
    """How many different events were said of each pupil."""
    ids = {}
    for one in (json.loads(row) for body in intake.bodies for row in body):
        if "data" in one:
            ids.setdefault(one["data"]["pupil"]["local"], set()).add(one["id"])
    return {pupil: len(found) for pupil, found in ids.items()}


def test_killed_in_the_middle_of_any_request_it_loses_nothing_and_doubles_nothing(inbox, intake):
    intake.system["map"] = {"901": "25PL00"}
    put(inbox, "lines.ndjson", "\n".join(a_row(number) for number in range(1500)))
    for name, kind in (
        ("school", "StudentSchoolAttendanceEvent"),
        ("section", "StudentSectionAttendanceEvent"),
    ):
        put(inbox, f"{name}.xml", an_interchange(("1", "901"), ("2", "901"), kind=kind))
    kills = 0
    while killed_at(inbox, intake, kills + 1):
        kills += 1
        assert kills < 10
    assert kills >= 3
    assert files(inbox) == sorted(
        f"done/{name}{end}"
        for name in ("lines.ndjson", "school.xml", "section.xml")
        for end in ("", ".receipts.ndjson")
    )
    assert len(receipts(inbox, "done/lines.ndjson")) == 1500
    assert {f"{number}" for number in range(1500)} <= intake.seen
    assert ids_of_pupils(intake) == {"1": 1, "2": 1}


def test_what_comes_in_after_a_kill_belongs_to_no_reading_that_was_begun_before_it(inbox, intake):
    """Else the moment of the files, and with it the ids of what was said already, would be others."""
    intake.system["map"] = {"901": "25PL00"}
    put(inbox, "school.xml", an_interchange(("1", "901")), changed=1_725_000_000)
    put(
        inbox,
        "section.xml",
        an_interchange(("1", "901"), kind="StudentSectionAttendanceEvent"),
        changed=1_725_000_000,
    )
    assert killed_at(inbox, intake, 2)
    put(inbox, "later.xml", an_interchange(("2", "901")))
    put(inbox, "later.ndjson", a_row(1))
    assert watch(inbox).exit_code == 0
    assert len(files(inbox)) == 2 * 4
    assert ids_of_pupils(intake) == {"1": 1, "2": 1}
    assert [one["outcome"] for one in receipts(inbox, "done/school.xml")] == ["duplicate"]


def test_a_step_is_done_to_its_end_and_waiting_is_not():
    reached = []

    def ask(*numbers):
        for number in numbers:
            os.kill(os.getpid(), number)
        reached.append(numbers)

    def in_a_step(stop, *numbers):
        with stop.held():
            ask(*numbers)

    for numbers in ((signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)):
        with Stop() as stop, pytest.raises(Stopped):
            in_a_step(stop, *numbers)
        with Stop(), pytest.raises(Stopped):
            ask(*numbers)
    assert reached == [(signal.SIGTERM,)]
