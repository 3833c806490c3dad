"""A door of intake in a few lines, in this process: it accepts what has an id, and can say *not now* or refuse the whole."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aanwezig.cli.homes import Home, Running

KEY = "the key of vo-test"
LINES = "application/x-ndjson"
VALUES = "application/cloudevents-batch+json"
TABLE = "text/csv; charset=utf-8"


@dataclass
class Request:
    """One request as it came: its rows, their form, and what the address said of them."""

    rows: list[bytes]
    form: str
    file: str | None
    first: int | None
    language: str


@dataclass
class SmallDoor:
    """Rows without an id are refused; an id that was seen before is a duplicate. `hear` is called with each request."""

    not_now: int = 0
    whole: int | None = None
    not_lines: bytes | None = None
    """What stands in no request of lines: the whole of it is refused."""
    no: str | None = None
    """A form of which every request is refused as a whole."""
    hear: object = None
    requests: list[Request] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    system: dict = field(
        default_factory=lambda: {
            "system": "vo-test",
            "oin": "000000070000000025PL",
            "schools": ["25PL00"],
            "map": {},
        }
    )

    @property
    def bodies(self):
        return [one.rows for one in self.requests]

    def answer(self, request):
        if self.not_now:
            self.not_now -= 1
            return 503, {"detail": "Not now."}, {"retry-after": "0"}
        if self.whole is not None:
            return self.whole, {"detail": "We do not know this key."}, {}
        if (self.not_lines in request.rows and request.form == LINES) or self.no == request.form:
            return 400, {"detail": "This is a page."}, {}
        self.requests.append(request)
        if self.hear is not None:
            self.hear(request)
        return 202, {"receipts": [self.receipt(row) for row in request.rows]}, {}

    def receipt(self, row):
        try:
            name = json.loads(row)["id"]
        except (ValueError, KeyError, TypeError):
            error = {"field": "id", "code": "required", "message": "The field 'id' is missing."}
            return {"id": None, "outcome": "refused", "errors": [error]}
        outcome = "duplicate" if name in self.seen else "accepted"
        self.seen.add(name)
        return {"id": name, "outcome": outcome, "errors": []}


@contextmanager
def a_small_door():
    """The door for the length of a block; gives it and its address."""
    door = SmallDoor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            door.keys.add(self.headers["authorization"])
            form = self.headers["content-type"]
            rows = (
                [json.dumps(one).encode() for one in json.loads(body)]
                if form == VALUES
                else body.splitlines()[form == TABLE :]
            )
            said = parse_qs(urlsplit(self.path).query)
            file, first = said.get("file", [None])[0], said.get("row", [None])[0]
            self.say(
                *door.answer(Request(rows, form, file, first and int(first), self.headers["accept-language"]))
            )

        def do_GET(self):
            assert self.path == "/v1/system"
            self.say(200, door.system, {})

        def say(self, status, said, headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_said):
            """A test says what it wants said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield door, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_home(address):
    """The home that AANWEZIG_HOME names, with one system and a stack of which only the door is real."""
    home = Home.found()
    home.remember(Running(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", services={"intake": address}))
    home.change_senders(lambda kept: kept.update({"vo-test": KEY}))
    return home
