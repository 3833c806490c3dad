"""The operators' doors of some services in a few lines, in this process: parked records, and what was asked for."""

import json
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from aanwezig.cli.homes import Home, Running

PATH = "/v1/parked"


def a_letter(topic, offset, *, key="anna", reason="behind", error="Behind", said=None):
    """A parked record as its service tells it."""
    return {
        "id": f"{topic}:0:{offset}", "topic": topic, "partition": 0, "offset": offset, "key": key,
        "reason": reason, "error": error, "at": "2024-09-02T12:00:00+00:00", "closed": None, "ends": None,
        "state": "parked", "by": None, "why": None, "said": {"n": offset} if said is None else said,
    }  # fmt: skip


class SmallParked:
    """One service's parked records, in pages of two. What is asked is done after so many looks (`after`), or never."""

    def __init__(self):
        self.letters, self.said, self.keys = {}, [], set()
        self.strangers = False
        self._then = {}

    def put(self, *letters):
        self.letters |= {one["id"]: one for one in letters}

    def after(self, looks, id_, **becomes):
        """So many looks after it was asked for, a record is like this."""
        self._then[id_] = [looks, becomes]

    def answer(self, method, path, query, body):
        place = unquote(path.removeprefix(PATH).removeprefix("/"))
        if method == "POST":
            self.said.append((place, body))
            if self.strangers:
                return 200, {"asked": [], "unknown": [], "not_retried": body["ids"]}
            for one in body["ids"]:
                self.letters[one]["state"] = f"{place}-asked"
            return 200, {"asked": body["ids"], "unknown": [], "not_retried": []}
        if place:
            return self._shown(place)
        closed = "closed" in query
        rows = [
            one for one in self.letters.values()
            if (one["state"] in ("handled", "discarded")) is closed and query.get("key", one["key"]) == one["key"]
        ]  # fmt: skip
        names = [one["id"] for one in rows]
        start = names.index(query["after"]) + 1 if "after" in query else 0
        more = len(rows) > start + 2
        return 200, {"rows": rows[start : start + 2], "next": names[start + 1] if more else None}

    def _shown(self, id_):
        if id_ not in self.letters:
            return 404, {"detail": "Nothing is parked under this id."}
        letter = self.letters[id_]
        if letter["state"].endswith("-asked") and id_ in self._then:
            self._then[id_][0] -= 1
            if self._then[id_][0] <= 0:
                letter |= self._then[id_][1]
        return 200, letter


@contextmanager
def small_services(*names):
    """A home whose stack are these services; gives them by name."""
    with ExitStack() as stack:
        services = {name: SmallParked() for name in names}
        addresses = {name: stack.enter_context(_listening(one)) for name, one in services.items()}
        home = Home.found()
        home.remember(Running(kafka="127.0.0.1:9", mongo="mongodb://127.0.0.1:9", services=addresses))
        home.keys()
        yield services


@contextmanager
def _listening(service):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(None)

        def do_POST(self):
            self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def _answer(self, body):
            service.keys.add(self.headers["authorization"])
            asked = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            status, said = service.answer(self.command, asked.path, query, body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def close():
        server.shutdown()
        thread.join()
        server.server_close()

    service.close = close
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        if thread.is_alive():
            close()
