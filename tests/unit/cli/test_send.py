"""`aanwezig send`: rows to a real small door, receipts back, told per file and row."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.send import with_time
from aanwezig.cli.sending import Row, batches

pytestmark = pytest.mark.usefixtures("home")
KEY = "the key of vo-test"


class Intake:
    """A door that accepts what has an id not seen before, refuses rows without one, and can say *not now* first."""

    def __init__(self):
        self.not_now = 0
        self.whole = None
        self.bodies: list[list[bytes]] = []
        self.seen: set[str] = set()
        self.keys: set[str] = set()
        intake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                intake.keys.add(self.headers["authorization"])
                status, said, headers = intake.answer(body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, *_said):
                """A test says what it wants said."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, body):
        if self.not_now:
            self.not_now -= 1
            return 503, {"detail": "Not now."}, {"retry-after": "0"}
        if self.whole is not None:
            return self.whole, {"detail": "We do not know this key."}, {}
        rows = body.splitlines()
        self.bodies.append(rows)
        return 202, {"receipts": [self.receipt(row) for row in rows]}, {}

    def receipt(self, row):
        try:
            name = json.loads(row)["id"]
        except (ValueError, KeyError):
            error = {"field": "id", "code": "required", "message": "The field 'id' is missing."}
            return {"id": None, "outcome": "refused", "errors": [error]}
        outcome = "duplicate" if name in self.seen else "accepted"
        self.seen.add(name)
        return {"id": name, "outcome": outcome, "errors": []}


@pytest.fixture
def intake():
    door = Intake()
    thread = threading.Thread(target=door.server.serve_forever, daemon=True)
    thread.start()
    yield door
    door.server.shutdown()
    door.server.server_close()
    thread.join()


@pytest.fixture
def home(tmp_path, monkeypatch, intake):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    home = Home.found()
    home.remember(
        Running(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", services={"intake": intake.address})
    )
    home.change_senders(lambda kept: kept.update({"vo-test": KEY}))
    return home


@pytest.fixture
def file_of(tmp_path):
    def write(*lines, name="facts.ndjson"):
        path = tmp_path / name
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
    result = send(file_of(*["x"] * 50))
    assert len(result.stderr.splitlines()) == 21
    assert result.stderr.splitlines()[-1] == "and 30 more refused rows"


def test_rows_go_in_batches_and_keep_their_order(intake, file_of):
    send(file_of(*[json.dumps({"id": str(number)}) for number in range(25)]), "--batch", "10")
    assert [len(body) for body in intake.bodies] == [10, 10, 5]
    assert [json.loads(row)["id"] for body in intake.bodies for row in body] == [str(n) for n in range(25)]


def test_a_batch_is_also_bounded_in_bytes():
    rows = [Row("f", number, b"x" * 60_000) for number in range(100)]
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
    moment = "2024-09-02T16:00:00+02:00"
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
