"""Where the walk happens: a real Request Tracker, the Chatra stand-in, the daemon between them, and the people."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess
from tests.walk.desk import AgentDesk, text_of
from tests.walk.visitor_page import PRODUCT, SHOP, visitor_page

PATIENCE_SECONDS = 60.0
CHOSEN = {
    "BRIDGE_DEBOUNCE_SECONDS": "0.5",
    "BRIDGE_DOUBT_MINUTES": "0.03",
    "BRIDGE_ATTACHMENT_HOSTS": "127.0.0.1",
    "RT_POLL_SECONDS": "0.3",
}
"""What the walk's bridge has besides the defaults: nobody should wait minutes for it, and its files are on loopback."""
AGENTS = {"priya": "Priya Raman", "tomas": "Tomás Ferreira"}
"""Logins and names."""
PASSWORD = "only-for-the-walk"


class Stage:
    """Both ends with what people do there, and what each of them has on the screen."""

    def __init__(self, desk: RequestTrackerServer, chat: ChatProcess, daemon: DaemonProcess) -> None:
        self.desk = desk
        self.chat = chat
        self.daemon = daemon
        page = {"link": "https://shop.example.com/lamps/anker", "title": f"{PRODUCT} – {SHOP}"}
        visit = {"startedAt": int(time.time() * 1000), "viewedPages": [page]}
        self.visitor = str(chat.ask("POST", "/visitors", facts={"latestVisit": visit})["id"])
        self.agents: dict[str, AgentDesk] = {}

    def visitor_says(self, *lines: str) -> None:
        for line in lines:
            self.chat.ask("POST", f"/visitors/{self.visitor}/says", text=line)

    def visitor_fills(self, **info: str) -> None:
        """Fill the chat's form about oneself."""
        self.chat.ask("PUT", f"/visitors/{self.visitor}", facts={"basicInfo": info})

    def visitor_sends(self, name: str, picture: Path, width: int, height: int) -> None:
        content = picture.read_bytes()
        kept = self.chat.ask("POST", "/files", content=base64.b64encode(content).decode(), kind="image/png")
        file = {"name": name, "size": len(content), "url": f"{self.chat.url}{kept}", "width": width, "height": height}
        self.chat.ask("POST", f"/visitors/{self.visitor}/attaches", file=file)

    def chat_ends(self, missed: int = 0) -> None:
        """End the session; nobody saw its last `missed` messages."""
        ids = [message["id"] for message in self.messages()]
        self.chat.ask("POST", f"/chats/{self.visitor}/end", missed=ids[len(ids) - missed :])

    def next_reply_is_cut_off(self) -> None:
        self.chat.ask("POST", "/faults", kind="cut_before")

    @property
    def ticket(self) -> str:
        """Give the conversation's ticket; wait for it."""
        query = "SELECT ticket FROM link WHERE conversation = ? AND ticket IS NOT NULL"
        until(lambda: self.daemon.rows(query, self.visitor))
        return str(self.daemon.rows(query, self.visitor)[0][0])

    def status(self) -> str:
        return str(self.desk.ticket(self.ticket)["Status"])

    def last_line(self, words: str) -> str:
        """Give the transaction on the ticket that says something."""
        return next(line.id for line in self.desk.history(self.ticket) if words in line.text)

    def messages(self) -> list[dict[str, Any]]:
        held: list[dict[str, Any]] = self.chat.ask("GET", f"/chats/{self.visitor}/messages")
        return held

    def agents_screen(self) -> str:
        """Give what an agent reads in the history on the ticket's page."""
        return text_of(self.agents["priya"].history(self.ticket))

    def visitors_screen(self) -> str:
        """Give what the visitor reads in the chat."""
        return text_of(visitor_page(self.messages()))

    def is_settled(self) -> bool:
        """Say whether nothing is under way any more, but what agents have said since the last poll."""
        self.chat.ask("POST", "/webhooks/settled")
        queries = (
            "SELECT 1 FROM inbox WHERE state = 'new'",
            "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')",
        )
        return not any(map(self.daemon.rows, queries))


def until(condition: Callable[[], object], what: str = "") -> None:
    """Look until something is so. Raises AssertionError that says what was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.1)


@contextmanager
def stage(desk: RequestTrackerServer, folder: Path) -> Iterator[Stage]:
    """Set everything up around a Request Tracker that runs."""
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    with chat, DaemonProcess(folder, {**chat.bridge, **desk.bridge, **CHOSEN}) as daemon, ExitStack() as logged_in:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success, "both ends are ready")
        on_stage = Stage(desk, chat, daemon)
        for login, name in AGENTS.items():
            hire(desk, login, name)
            on_stage.agents[login] = logged_in.enter_context(AgentDesk(desk.url, login, PASSWORD))
        yield on_stage


def hire(desk: RequestTrackerServer, login: str, name: str) -> None:
    """Make somebody an agent, with a password for the pages and a signature."""
    known = {"Name": login, "RealName": name, "EmailAddress": f"{login}@harbour-lights.example", "Privileged": 1}
    signature = f"{name}\n{SHOP} Support"
    desk.ask("POST", "user", {**known, "Password": PASSWORD, "Signature": signature}, by="admin")
    limit = json.dumps([{"field": "Name", "value": "Agents"}])
    (group,) = desk.ask("GET", "groups", by="admin", query=limit).json()["items"]
    desk.ask("PUT", f"group/{group['id']}/members", [int(desk.number_of(login))], by="admin")
