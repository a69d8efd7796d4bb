"""Connectors to the live servers, and shops that use them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from tests.live.request_tracker.drafts import Connect
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until


class Shop:
    """A chat, a Request Tracker and the daemon between them."""

    def __init__(self, chat: ChatProcess, desk: RequestTrackerServer, daemon: DaemonProcess) -> None:
        self.chat = chat
        self.desk = desk
        self.daemon = daemon

    def meet(self, visitor: str, **facts: object) -> None:
        self.chat.ask("POST", "/visitors", visitor_id=visitor, facts=facts)

    def says(self, visitor: str, text: str) -> None:
        self.chat.ask("POST", f"/visitors/{visitor}/says", text=text)

    def keeps(self, content: bytes, kind: str) -> str:
        """Store a file at the chat; give its path there."""
        path: str = self.chat.ask("POST", "/files", content=base64.b64encode(content).decode(), kind=kind)
        return path

    def sends(self, visitor: str, path: str, name: str, size: int) -> None:
        """Let a visitor send a file that the chat keeps."""
        file = {"name": name, "size": size, "url": f"{self.chat.url}{path}"}
        self.chat.ask("POST", f"/visitors/{visitor}/attaches", file=file)

    def ends(self, visitor: str, *missed: str) -> None:
        """Let a chat end, and its transcript come twice."""
        self.chat.ask("POST", "/faults", kind="doubled", times=1)
        self.chat.ask("POST", f"/chats/{visitor}/end", missed=list(missed))

    def ticket(self, visitor: str) -> str:
        """Wait for the visitor's ticket."""
        query = "SELECT ticket FROM link WHERE conversation = ? AND ticket IS NOT NULL"
        until(lambda: self.daemon.rows(query, visitor))
        return str(self.daemon.rows(query, visitor)[0][0])

    def shown(self, visitor: str) -> str:
        """Give all texts on the visitor's ticket."""
        return "\n".join(line.text for line in self.desk.history(self.ticket(visitor)))

    def files(self, visitor: str) -> list[Upload]:
        """Give the files on the visitor's ticket."""
        return self.desk.files(self.ticket(visitor))

    def fetches(self, path: str) -> int:
        """Count how often a file was fetched from the chat."""
        fetched: list[str] = self.chat.ask("GET", "/files")
        return fetched.count(path)

    def messages(self, visitor: str) -> list[dict[str, Any]]:
        """Give what was said in the chat."""
        found: list[dict[str, Any]] = self.chat.ask("GET", f"/chats/{visitor}/messages")
        return found

    def replies(self, visitor: str) -> list[str]:
        """Give what agents said in the chat."""
        return [message["text"] for message in self.messages(visitor) if message["type"] == "agent"]

    def is_quiet(self) -> bool:
        """Say whether nothing waits to be planned or delivered."""
        (waiting,) = self.daemon.rows("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')")[
            0
        ]
        (unplanned,) = self.daemon.rows("SELECT count(*) FROM inbox WHERE state = 'new'")[0]
        return not waiting and not unplanned


@contextmanager
def opened(folder: Path, desk: RequestTrackerServer, **chosen: str) -> Iterator[Shop]:
    """Open a shop whose bridge has some settings of ops."""
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    with chat, DaemonProcess(folder, {**chat.bridge, **desk.bridge, **chosen}) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Shop(chat, desk, daemon)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as one:
        yield one


@pytest.fixture
def asked(client: httpx.AsyncClient) -> list[str]:
    """The calls that were made, as `METHOD /path`."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(f"{request.method} {request.url.path}")

    client.event_hooks["request"].append(note)
    return seen


@pytest.fixture
def connect(request_tracker: RequestTrackerServer, client: httpx.AsyncClient) -> Connect:
    def make(**changes: Any) -> RequestTracker:
        values = {"url": request_tracker.url, "token": request_tracker.tokens["syncd"], "queue": "Support", **changes}
        return RequestTracker(RequestTracker.Settings(**values), Http(client))

    return make


@pytest.fixture
def connector(connect: Connect) -> RequestTracker:
    return connect()
