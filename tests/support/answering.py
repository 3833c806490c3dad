"""A door that was told beforehand what to answer, on a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def an_answering_door(
    *answers: tuple[int, Any],
) -> Iterator[tuple[str, list[tuple[str, str, Any, dict[str, str]]]]]:
    """Gives its address and what it was asked (method, path, JSON, headers in lower case); answers one after the other."""
    waiting, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append((self.command, self.path, json.loads(body) if body else None, headers))
            status, said = waiting.pop(0)
            self.send_response(status)
            self.send_header("retry-after", "0")
            self.send_header(
                "content-type", "application/problem+json" if status >= 400 else "application/json"
            )
            self.end_headers()
            if said is not None:
                self.wfile.write(json.dumps(said).encode())

        def do_GET(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def log_message(self, *_said: Any) -> None:
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
