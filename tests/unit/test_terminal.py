"""Who follows a page keeps what was exported, copies a printed key, and has a `curl` that asks what curl asks."""

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.guide import GUIDE
from support.pages import steps
from support.terminal import Terminal, stand_in

BODY = b"one\r\ntwo \xe2\x82\xac\n"


@pytest.fixture
def echo():
    """A server that keeps what it is asked, and answers 202."""
    asked = []

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self):
            size = int(self.headers.get("content-length", 0))
            kept = {name: self.headers[name] for name in ("authorization", "content-type", "accept-language")}
            asked.append((self.command, self.path, kept, self.rfile.read(size)))
            self.send_response(202)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"told")

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_):
            """Says nothing: the test looks at what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


ASKED = [
    ["-sS", "-H", "@key", "URL/v1/system?file=a&limit=2"],
    ["-sS", "-H", "@key", "-H", "Content-Type: text/csv", "-H", "Accept-Language: en", "--data-binary", "@body", "URL/v1/facts"],
    ["-sS", "-X", "PUT", "-H", "@key", "-H", "Content-Type: text/csv", "--data-binary", "@body", "URL/v1/quarantine/1"],
    ["-sS", "--data-binary", "a=b", "URL/v1/facts"],
]  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here to compare with")
@pytest.mark.parametrize("arguments", ASKED, ids=["get", "post", "put", "form"])
def test_the_stand_in_asks_what_curl_asks(echo, tmp_path, arguments):
    url, asked = echo
    (tmp_path / "key").write_text("Authorization: Bearer secret\n")
    (tmp_path / "body").write_bytes(BODY)
    words = [word.replace("URL", url) for word in arguments]
    printed = [
        subprocess.run([program, *words], cwd=tmp_path, capture_output=True, check=True, timeout=30).stdout
        for program in (shutil.which("curl"), stand_in(tmp_path))
    ]
    assert printed == [b"told", b"told"]
    real, ours = asked
    assert ours == real


def test_the_stand_in_knows_every_option_of_the_pages():
    known = {word for arguments in ASKED for word in arguments if word.startswith("-")}
    used = {
        word
        for page in GUIDE.glob("*.md")
        for step in steps(page.read_text("utf-8"))
        for line in step.commands.replace("\\\n", " ").splitlines()
        if "curl " in line
        for word in line.partition("curl ")[2].partition(" | ")[0].split()
        if word.startswith("-")
    }
    assert used
    assert used <= known


def test_the_stand_in_says_when_nobody_answers(tmp_path):
    asked = subprocess.run(
        [stand_in(tmp_path), "-sS", "http://127.0.0.1:1/"], capture_output=True, check=False, timeout=30
    )
    assert (asked.returncode, asked.stdout) == (7, b"")
    assert asked.stderr.startswith(b"curl: (7)")


def test_what_was_exported_stays_and_a_printed_key_is_copied(tmp_path):
    terminal = Terminal(tmp_path, {}, {"http://there": "http://here"})
    assert terminal.run("export DOOR=http://there; OTHER=1; echo 'its key, shown this once: s3cret'")[0] == 0
    assert terminal.run('echo "$DOOR the-key-that-was-printed ${OTHER:-gone}"') == (
        0,
        "http://here s3cret gone\n",
    )
    assert terminal.run("false; echo on") == (1, "")


def test_a_promise_that_is_not_kept_is_told(tmp_path):
    terminal = Terminal(tmp_path, {}, {})
    (step,) = steps("```sh\necho one\n```\n```text\ntwo\n```\n")
    with pytest.raises(AssertionError, match="not printed: 'two'"):
        terminal.follow(step)
