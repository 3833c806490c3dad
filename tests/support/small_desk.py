"""A quarantine in a few lines, in this process: what a clerk's commands ask of intake's door, with pages of two rows."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2
PATH = "/v1/quarantine"


def a_row(number, *, school="25PL00", code="year-too-early", file="september.csv", said=None):
    """An open row as the door tells it."""
    error = {"field": "data.date", "code": code, "message": f"Verbeter {code}."}
    return {
        "id": f"{number:032x}", "row_id": f"row-{number}", "type": "nl.attendance.mark-recorded.v1",
        "at": "2024-09-20T12:00:00Z", "ends": "2024-11-19T12:00:00Z", "school": school, "file": file, "row": number,
        "state": "open", "opens": True, "errors": [error], "said": said or {"id": f"row-{number}"},
    }  # fmt: skip


@dataclass
class SmallDesk:
    """The rows by id, and what was asked. `judge` gives the outcome of a row or an event."""

    rows: dict[str, dict] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)
    judge: object = None

    def put(self, *rows):
        for row in rows:
            self.rows[row["id"]] = row

    def answer(self, method, path, query, body):
        place = unquote(path.removeprefix(PATH).removeprefix("/"))
        if method == "GET" and not place:
            return 200, self.page(query)
        if method == "GET" and place == "counts":
            return 200, self.counts()
        if method == "POST" and place == "resubmit":
            ids = json.loads(body)["ids"]
            known = [one for one in ids if one in self.rows]
            opened = [one for one in known if self.rows[one]["opens"]]
            return 200, {
                "unknown": [one for one in ids if one not in known],
                "unopened": [one for one in known if one not in opened],
                "receipts": [self.judged(one, self.rows[one]["said"]) for one in opened],
            }
        if place not in self.rows:
            return 404, {"detail": "Onder dit nummer staat geen geweigerd record."}
        if method == "PUT":
            return 200, {"receipt": self.judged(place, json.loads(body))}
        if method == "DELETE":
            self.reasons.append(query["reason"])
            del self.rows[place]
            return 200, {}
        return 200, self.rows[place]

    def page(self, query):
        found = [
            row for row in self.rows.values()
            if query.get("school") in {None, row["school"]} and query.get("file") in {None, row["file"]}
            and query.get("code") in {None, *(error["code"] for error in row["errors"])}
            and row["id"] > query.get("after", "")
        ]  # fmt: skip
        shown = [{name: value for name, value in row.items() if name != "said"} for row in found[:PAGE]]
        return {"rows": shown, "next": shown[-1]["id"] if len(found) > PAGE else None}

    def counts(self):
        told = [
            {"school": row["school"], "code": row["errors"][0]["code"], "rows": 1, "oldest": row["at"]}
            for row in self.rows.values()
        ]
        full = len(told) >= 3
        return {
            "rows": len(told),
            "limit": 3,
            "school_limit": 2,
            "full": full,
            "full_schools": [],
            "counts": told,
        }

    def judged(self, place, said):
        outcome = self.judge(said)
        errors = self.rows[place]["errors"] if outcome == "refused" else []
        if outcome != "refused":
            del self.rows[place]
        return {"quarantine": place, "id": said.get("id"), "outcome": outcome, "errors": errors}


@contextmanager
def a_small_desk():
    """The desk for the length of a block; gives it and its address."""
    desk = SmallDesk()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            where = urlsplit(self.path)
            desk.asked.append(f"{self.command} {where.path}")
            desk.languages.add(self.headers["accept-language"])
            desk.keys.add(self.headers["authorization"])
            query = {name: values[0] for name, values in parse_qs(where.query).items()}
            status, said = desk.answer(self.command, where.path, query, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of the server

        def log_message(self, *_said):
            """A test says what it wants said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield desk, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
