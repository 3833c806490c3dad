"""An officer's commands, against a small door that answers as the case-router does."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from aanwezig.cli.main import main

CASE = "c" * 32
DONE = {"outcome": "carried-out", "command": "x", "case": CASE, "revision": 5}
LINE = {
    "case": CASE, "revision": 4, "status": "in-progress", "track": "prevention", "pupil": "p" * 32, "due": None,
    "proposed": {"track": "halt", "rule": "halt", "subject": "pupil"},
}  # fmt: skip


@contextmanager
def a_door(*answers):
    """Gives its address and what it was asked; answers one after the other."""
    waiting, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.do_POST()

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append((self.path, json.loads(body) if body else None, dict(self.headers)))
            status, said = waiting.pop(0)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_said):
            """A test says what it wants said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def run(address, *words, key="the key"):
    env = {"AANWEZIG_CASES_DOOR": address, "AANWEZIG_OFFICER_KEY": key.replace(" ", "-")}
    return CliRunner().invoke(main, list(words), env=env)


@pytest.mark.parametrize(
    ("words", "path", "said"),
    [
        (
            ["decide", CASE, "--track", "halt", "--consent-youngster", "--revision", "4", "--motive", "why"],
            "/v1/decisions",
            {
                "case": CASE, "revision": 4, "track": "halt", "subject": "pupil", "motive": "why",
                "consent": {"youngster": True, "parents": False},
            },
        ),
        (
            ["step", CASE, "handed-over", "--date", "2024-10-04", "--to", "0501"],
            "/v1/steps",
            {"case": CASE, "step": "handed-over", "date": "2024-10-04", "to": "0501"},
        ),
        (
            ["step", CASE, "meeting-held", "--date", "2024-10-11", "--blocked-by", "no-place"],
            "/v1/steps",
            {"case": CASE, "step": "meeting-held", "date": "2024-10-11", "blocked_by": "no-place"},
        ),
        (["outcome", CASE, "halt"], "/v1/outcomes", {"case": CASE, "outcome": "halt"}),
    ],
)  # fmt: skip
def test_a_command_says_what_was_meant_with_the_key_and_an_id_of_its_own(words, path, said):
    with a_door((200, DONE)) as (address, asked):
        told = run(address, *words)
    assert (told.exit_code, told.stdout) == (0, "carried out; the case is at revision 5\n")
    ((where, body, headers),) = asked
    assert (where, body, headers["authorization"]) == (path, said, "Bearer the-key")
    assert len(headers["idempotency-key"]) == 36


def test_a_decision_without_a_revision_is_made_on_that_of_now():
    with a_door((200, LINE), (200, DONE)) as (address, asked):
        assert run(address, "decide", CASE, "--track", "prevention").exit_code == 0
    assert [where for where, *_ in asked] == [f"/v1/cases/{CASE}", "/v1/decisions"]
    assert asked[1][1]["revision"] == 4


def test_a_busy_door_is_asked_again_under_the_same_id():
    with a_door((503, {"detail": "Not now."}), (200, DONE)) as (address, asked):
        assert run(address, "outcome", CASE, "halt").exit_code == 0
    assert asked[0][2]["idempotency-key"] == asked[1][2]["idempotency-key"]


def test_a_refusal_is_told_with_its_article():
    problem = {"detail": "The consent is missing.", "article": "Halt: consent"}
    with a_door((422, problem)) as (address, _):
        told = run(address, "outcome", CASE, "halt")
    assert told.exit_code == 1
    assert "The consent is missing. (422) [Halt: consent]" in told.stderr


def test_cases_are_listed_page_by_page():
    pages = [(200, {"cases": [LINE], "next": "a" * 32}), (200, {"cases": [LINE], "next": None})]
    with a_door(*pages) as (address, asked):
        told = run(address, "cases", "list")
    assert told.stdout.splitlines() == [f"{CASE}\t4\tin-progress\tprevention\thalt?\t-\t{'p' * 32}"] * 2
    assert [where for where, *_ in asked] == [
        "/v1/cases?open=true", f"/v1/cases?open=true&after={'a' * 32}",
    ]  # fmt: skip
    with a_door((200, LINE)) as (address, _):
        assert json.loads(run(address, "cases", "show", CASE).stdout) == LINE


def test_without_a_key_nothing_is_asked():
    with a_door() as (address, asked):
        told = run(address, "cases", "list", key="")
    assert (told.exit_code, asked) == (2, [])
    assert "AANWEZIG_OFFICER_KEY" in told.stderr
