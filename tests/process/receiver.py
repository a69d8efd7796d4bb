"""Who is told the alerts: a web server that takes them or does not."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.process.programs import free_port

CANARY = "T0CANARY-5d1e"


class Receiver(AbstractContextManager["Receiver"]):
    """A web server whose URL is a secret. While it is `away` it cannot be reached; it answers with `status`."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/hooks/{CANARY}?key={CANARY}"
        self.status = 200
        self.refused: set[str] = set()
        """Alarms that it does not take."""
        self.posts: list[dict[str, Any]] = []
        self.tries = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {"SYNCD_ALERT_URL": self.url}

    def told(self, what: str = "") -> list[tuple[str, str, str]]:
        """Give what it has taken: alarm, end and state, in order."""
        return [(one["what"], one["end"], one["state"]) for one in self.posts if what in {"", one["what"]}]

    def take(self, body: dict[str, Any]) -> int:
        self.tries += 1
        status = 422 if body["what"] in self.refused else self.status
        if status == 200:
            self.posts.append(body)
        return status

    def come(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status = receiver.take(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def go(self) -> None:
        """Be away from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        self.go()
