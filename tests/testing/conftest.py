from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from syncd.testing.chatra import ChatraStandIn, Options, serve

HEARD: dict[str, list[Any]] = {}
"""What came to each path of the target; a path like `/503/…` is answered with that status."""


class Target(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        HEARD.setdefault(self.path, []).append(json.loads(body))
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def target() -> Iterator[str]:
    """Give the base URL of a server that takes webhooks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Target)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook(target: str, request: pytest.FixtureRequest) -> str:
    """Give a webhook URL that is this test's own."""
    return f"{target}/200/{request.node.name}"


@pytest.fixture
def heard(hook: str) -> list[Any]:
    """Give the bodies that came to `hook`, in order."""
    return HEARD.setdefault("/200/" + hook.rpartition("/200/")[2], [])


@pytest.fixture
async def client(hook: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a new stand-in, with its keys."""
    keys = {"Authorization": "Chatra.Simple public:secret"}
    async with (
        serve(ChatraStandIn(Options("public", "secret", webhooks=[hook], seed=7))) as url,
        httpx.AsyncClient(base_url=url, headers=keys, timeout=5, trust_env=False) as stranger,
    ):
        yield stranger
