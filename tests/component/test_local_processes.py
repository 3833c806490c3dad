import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, replace

import psutil
import pytest

from aanwezig.local import processes
from aanwezig.local.failures import PortTakenError, StartFailedError
from aanwezig.local.places import Places
from aanwezig.local.ports import free_port
from aanwezig.local.processes import Launch, Process, State, recorded
from aanwezig.local.services import Services, ServiceSpec
from aanwezig.local.stack import Stack

SLEEPER = Launch([sys.executable, "-c", "import time; time.sleep(60)"], {}, "sleeper")
SERVER = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404); self.end_headers()
        self.wfile.write(os.environ["WORD"].encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf now", flush=True)
time.sleep(60)
"""


@pytest.fixture
def places(tmp_path):
    # Never the shelf that the environment may name: a test here takes everything off its shelf.
    found = Places.found(home=tmp_path / "home", engines=tmp_path / "home" / "engines")
    yield found
    for process in recorded(found):
        process.stop(grace=0)


@pytest.fixture
def stranger():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def a_service(name, port, word="here"):
    argv = (sys.executable, "-c", SERVER, str(port))
    return ServiceSpec(
        name, argv, {"WORD": word}, f"http://127.0.0.1:{port}/ready", start_limit=10, stop_grace=5
    )


def rewrite(places, process, **changes):
    record = replace(process.record(), **changes)
    (places.run / f"{process.name}.json").write_text(json.dumps(asdict(record)))


class TestAProcess:
    def test_is_found_again_by_another_run_in_a_session_of_its_own(self, places):
        Process(places, "one").spawn(SLEEPER, {"http": 1})

        other_run = Process(places, "one")

        assert other_run.state() is State.RUNNING
        pid = other_run.found().pid
        assert os.getsid(pid) == pid != os.getsid(0)

    def test_that_was_killed_is_stale_until_it_is_stopped(self, places):
        process = Process(places, "one")
        process.spawn(SLEEPER, {})
        os.kill(process.found().pid, signal.SIGKILL)
        psutil.Process(process.record().pid).wait(5)

        assert process.state() is State.STALE
        process.stop(grace=1)
        assert process.state() is State.STOPPED

    def test_is_never_a_stranger_with_its_pid_and_even_its_moment_of_creation(self, places, stranger):
        process = Process(places, "one")
        process.spawn(SLEEPER, {})
        process.send(signal.SIGKILL)
        rewrite(places, process, pid=stranger.pid, create_time=psutil.Process(stranger.pid).create_time())

        assert process.state() is State.STALE
        assert not process.send(signal.SIGKILL)
        process.stop(grace=0)
        assert stranger.poll() is None

    def test_is_never_another_one_of_the_same_stack(self, places):
        one, two = Process(places, "one"), Process(places, "two")
        one.spawn(SLEEPER, {})
        one.send(signal.SIGKILL)
        two.spawn(SLEEPER, {})
        rewrite(places, one, pid=two.record().pid, create_time=two.record().create_time)

        one.stop(grace=5)

        assert two.state() is State.RUNNING

    def test_is_never_one_of_another_stack(self, places, tmp_path):
        process = Process(places, "one")
        process.spawn(SLEEPER, {})
        elsewhere = Places.found(home=tmp_path / "other")
        elsewhere.prepare(elsewhere.run)
        (elsewhere.run / "one.json").write_text((places.run / "one.json").read_text())

        assert Process(elsewhere, "one").state() is State.STALE
        assert process.state() is State.RUNNING

    def test_whose_starter_crashed_before_noting_the_pid_is_found_by_its_token(self, places, stranger):
        process = Process(places, "one")
        process.spawn(SLEEPER, {})
        pid = process.record().pid
        rewrite(places, process, pid=None, create_time=None)

        assert process.found().pid == pid
        process.stop(grace=5)
        assert not psutil.pid_exists(pid)
        assert stranger.poll() is None

    def test_with_a_half_written_record_is_nobody(self, places):
        places.prepare(places.run)
        (places.run / "one.json").write_text('{"name": "on')

        assert Process(places, "one").state() is State.STALE
        assert Process(places, "one").stop(grace=0)

    def test_that_does_not_listen_to_sigterm_is_killed_after_the_grace(self, places):
        process = Process(places, "deaf")
        process.spawn(Launch([sys.executable, "-c", STUBBORN], {}, "deaf"), {})
        pid = process.found().pid
        while "deaf now" not in process.last_words():
            assert process.found() is not None

        assert not process.stop(grace=0.2)
        assert not psutil.pid_exists(pid)

    def test_that_is_paused_still_stops_in_order(self, places):
        process = Process(places, "one")
        process.spawn(SLEEPER, {})
        process.send(signal.SIGSTOP)
        assert process.state() is State.PAUSED

        assert process.stop(grace=5)

    def test_keeps_the_log_of_its_start_and_the_one_before(self, places):
        process = Process(places, "talker")
        for word in ("first", "second", "third"):
            process.spawn(Launch([sys.executable, "-c", f"print('{word}')"], {}, word), {})
            psutil.wait_procs([each for each in [process.found()] if each], timeout=5)
            while word not in process.last_words():
                pass
        assert process.log.read_text() == "third\n"
        assert process.log.with_suffix(".log.1").read_text() == "second\n"

    def test_whose_end_somebody_else_noticed_is_let_go_with_its_record(self, places):
        process, pids = Process(places, "brief"), []
        for word in ("older", "newer"):
            process.spawn(Launch([sys.executable, "-c", "pass"], {}, word), {})
            pids.append(process.record().pid)
            os.waitpid(pids[-1], 0)
        process.stop(grace=0)
        assert not processes._CHILDREN.keys() & set(pids)


class TestServices:
    def test_start_when_all_answer_and_a_second_start_does_nothing(self, places):
        services = Services(places, [a_service("one", free_port()), a_service("two", free_port())])

        assert services.start() == ["one", "two"]
        pids = [services[name].status().pid for name in ("one", "two")]
        assert services.start() == []
        assert [services[name].status().pid for name in ("one", "two")] == pids

    def test_with_other_settings_is_started_again(self, places):
        port = free_port()
        Services(places, [a_service("one", port, "before")]).start()
        said = []

        assert Services(places, [a_service("one", port, "after")], say=said.append).start() == ["one"]
        assert said == ["one: its settings changed, starting it again"]

    def test_one_is_killed_and_started_again_and_the_other_stays(self, places):
        services = Services(places, [a_service("one", free_port()), a_service("two", free_port())])
        services.start()
        other = services["two"].status()

        assert services.kill("one")
        assert services["one"].status().state is State.STALE
        assert services.start() == ["one"]
        services.restart("one")

        assert services["one"].status().state is State.RUNNING
        assert services["two"].status() == other

    def test_that_dies_while_starting_says_its_last_words(self, places):
        argv = (sys.executable, "-c", "import sys; sys.exit('no such setting')")
        spec = ServiceSpec("broken", argv, {}, f"http://127.0.0.1:{free_port()}/ready")

        with pytest.raises(StartFailedError, match=r"broken ended while starting(.|\n)*no such setting"):
            Services(places, [spec]).start()

    def test_that_is_never_ready_is_given_up_and_left_to_be_looked_at(self, places):
        port = free_port()
        spec = replace(a_service("slow", port), health_url=f"http://127.0.0.1:{port}/never", start_limit=0.5)
        services = Services(places, [spec])

        with pytest.raises(StartFailedError, match="slow was not ready after"):
            services.start()
        assert services["slow"].status().state is State.RUNNING

    def test_whose_port_is_taken_is_not_started(self, places):
        port = free_port()
        Services(places, [a_service("one", port)]).start()

        with pytest.raises(PortTakenError, match=rf"port {port} \(two, http\) is taken by pid \d+: .*python"):
            Services(places, [a_service("two", port)]).start()
        assert Process(places, "two").state() is State.STOPPED

    def test_that_cannot_be_run_at_all_leaves_no_record(self, places):
        spec = replace(a_service("absent", free_port()), argv=("/no/such/program",))

        with pytest.raises(StartFailedError, match="absent cannot be started"):
            Services(places, [spec]).start()
        assert Process(places, "absent").state() is State.STOPPED

    def test_two_of_one_name_are_refused(self, places):
        with pytest.raises(ValueError):
            Services(places, [a_service("one", 1), a_service("one", 2)])


class TestAStack:
    def test_down_stops_the_last_started_first_without_being_told_what_runs(self, places):
        Services(places, [a_service("one", free_port()), a_service("two", free_port())]).start()
        stack = Stack(places, kafka_port=0, mongo_port=0)

        assert [(each.name, each.state.value) for each in stack.status(["three"])] == [
            ("kafka", "stopped"),
            ("mongo", "stopped"),
            ("three", "stopped"),
            ("one", "running"),
            ("two", "running"),
        ]
        assert stack.down() == ["two", "one"]
        assert stack.down() == []

    def test_reset_stops_and_removes_all_but_the_engines(self, places):
        Services(places, [a_service("one", free_port())]).start()
        pid = Process(places, "one").found().pid
        for path in (places.kafka, places.mongo, places.engines / "kafka-0", places.home / "keys"):
            path.mkdir(parents=True)
        stack = Stack(places, kafka_port=0, mongo_port=0)

        stack.reset([places.home / "keys"])

        assert not psutil.pid_exists(pid)
        assert {path.name for path in places.home.iterdir()} == {"engines", "stack.lock"}
        stack.reset(engines=True)
        assert not places.engines.exists()

    @pytest.mark.parametrize("path", ["..", "../other", "/etc", "."])
    def test_reset_touches_nothing_outside_its_home(self, places, path):
        places.prepare(places.kafka)

        with pytest.raises(ValueError, match="does not lie inside"):
            Stack(places, kafka_port=0, mongo_port=0).reset([places.home / path])
        assert places.kafka.exists()
