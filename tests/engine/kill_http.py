"""A Chatra stand-in and a desk that speaks Request Tracker's REST2, through the real connectors, under the killer."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx
from pydantic import SecretStr

from connectors.chatra import Chatra
from connectors.request_tracker import RequestTracker
from syncd.contract.http import Http
from syncd.contract.ports import ChatConnector, HelpdeskConnector
from tests.live.request_tracker.server import Line
from tests.process.programs import SECRET, ChatProcess
from tests.torture.desk import Desk
from tests.torture.stand_in import StandInDesk

from .faulty_ends import TAG
from .kill_points import Killer, MortalTransport


class Letterbox(AbstractContextManager["Letterbox"]):
    """Where the chat's webhooks fall into: it answers each 200 and keeps it for whoever brings it on."""

    def __init__(self) -> None:
        self.bodies: defaultdict[str, list[bytes]] = defaultdict(list)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bodies = self.bodies

        class Slot(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bodies[json.loads(body)["client"]["id"]].append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Slot

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class HttpPair:
    """Both ends of one conversation, as people see them. `echoes` says whether webhooks tell of what we said."""

    longest = Chatra.longest_text

    def __init__(self, visitor: str, ends: HttpEnds, *, echoes: bool) -> None:
        self.visitor = visitor
        self._chat = ends.chat
        self._letterbox = ends.letterbox
        self._desk = ends.desk
        self._poll_seconds = ends.poll_seconds
        self._echoes = echoes
        self._before = ends.desk.tickets()

    def connect(self, killer: Killer, stack: AsyncExitStack) -> tuple[ChatConnector, HelpdeskConnector]:
        chat = Chatra.Settings(
            public_key="pub", secret_key=SecretStr(SECRET), api_url=self._chat.bridge["CHATRA_API_URL"]
        )
        desk = RequestTracker.Settings(
            url=self._desk.url, token=SecretStr(self._desk.token), queue="Support", poll_seconds=self._poll_seconds
        )
        ends = [httpx.AsyncClient(transport=MortalTransport(killer)) for _ in range(2)]
        for client in ends:
            stack.push_async_callback(client.aclose)
        return Chatra(chat, Http(ends[0])), RequestTracker(desk, Http(ends[1]))

    def says(self, text: str) -> None:
        self._chat.ask("POST", f"/visitors/{self.visitor}/says", text=text)

    def replies(self, ticket: str, paragraphs: Sequence[str]) -> None:
        self._desk.reply(ticket, "</p><p>".join(paragraphs), by="agent1")

    def notes(self, ticket: str, text: str) -> None:
        self._desk.note(ticket, text, by="agent1")

    def told(self, after: int) -> list[bytes]:
        bodies = self._letterbox.bodies[self.visitor][after:]
        return bodies if self._echoes else [without_ours(body) for body in bodies]

    def on_tickets(self, tickets: Sequence[str]) -> list[Line]:
        return [line for ticket in tickets for line in self._desk.history(ticket)]

    def opened(self) -> int:
        return len(self._desk.tickets() - self._before)

    def in_chat(self) -> list[dict[str, str]]:
        return list(self._chat.ask("GET", f"/chats/{self.visitor}/messages"))


def without_ours(body: bytes) -> bytes:
    """Give a webhook that does not tell of what we said."""
    told = json.loads(body)
    if "messages" in told:
        told["messages"] = [message for message in told["messages"] if message.get("receivedFrom") != TAG]
    return json.dumps(told).encode()


@dataclass(frozen=True)
class HttpEnds:
    """Makes such ends at one chat and one desk."""

    chat: ChatProcess
    letterbox: Letterbox
    desk: Desk
    poll_seconds: float = 0.03

    def pair(self, visitor: str, *, echoes: bool) -> HttpPair:
        return HttpPair(visitor, self, echoes=echoes)


@contextmanager
def http_ends(folder: Path) -> Iterator[HttpEnds]:
    """Give them at stand-ins of their own."""
    with Letterbox() as letterbox, ChatProcess(folder, letterbox.url, rate=100_000) as chat, StandInDesk() as desk:
        yield HttpEnds(chat, letterbox, desk)
