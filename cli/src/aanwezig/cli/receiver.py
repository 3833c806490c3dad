"""A partner's side of a webhook, on this machine: it checks the signature and counts what arrives (Standard Webhooks)."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from aanwezig.local.ports import HOST


class Receiver:
    """Listens on a free port of 127.0.0.1 for the length of the block. `arrived` counts attempts by webhook-id."""

    def __init__(self, secret: str) -> None:
        self.arrived: dict[str, int] = {}
        self.unsigned = 0
        self._hook = Webhook(secret)
        self._counting = threading.Lock()
        receiver = self

        class _Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(receiver.take(dict(self.headers.items()), body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_said: Any) -> None:
                """Nothing: the page at the end tells what arrived."""

        self._server = ThreadingHTTPServer((HOST, 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="webhooks")

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._server.server_address[1]}/notices"

    def take(self, headers: dict[str, str], body: bytes) -> HTTPStatus:
        """One delivery: counted under its id when its signature holds."""
        known = {name.lower(): value for name, value in headers.items()}
        try:
            self._hook.verify(body, known)
        except WebhookVerificationError:
            with self._counting:
                self.unsigned += 1
            return HTTPStatus.FORBIDDEN
        with self._counting:
            self.arrived[known["webhook-id"]] = self.arrived.get(known["webhook-id"], 0) + 1
        return HTTPStatus.NO_CONTENT

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
