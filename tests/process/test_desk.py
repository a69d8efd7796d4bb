"""A conversation between the chat and the embedded helpdesk, whose daemon is killed in between."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from connectors.desk import Desk
from syncd.contract.http import Http
from syncd.contract.model import TicketId
from tests.connectors.desk_pages import MOUNT, DeskPages, text_of
from tests.process.programs import ChatProcess, DaemonProcess

LINES = 12
KILLED_AFTER = (2, 5, 9)
PATIENCE_SECONDS = 60.0


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.1)


class Talk:
    """What the visitor and the agent say, and what each of them sees."""

    def __init__(self, chat: ChatProcess, pages: DeskPages) -> None:
        self.chat = chat
        self.pages = pages
        self.ticket = TicketId("")

    async def has_ticket(self) -> bool:
        links = (await self.pages.see(MOUNT)).css(".tickets a")
        self.ticket = TicketId(str(links[0].attributes["href"]).partition("/")[2].partition("?")[0] if links else "")
        return bool(links)

    def visitor_says(self, number: int) -> None:
        self.chat.ask("POST", "/visitors/ann/says", text=f"<line {number:02}>")

    async def on_ticket(self) -> list[str]:
        texts = [line.text() for line in (await self.pages.ticket(self.ticket)).css(".line.chat .text")]
        return re.findall(r"<line (\d\d)>", "\n".join(texts))

    def in_chat(self) -> list[str]:
        return [str(one["text"]) for one in self.chat.ask("GET", "/chats/ann/messages") if "<line" not in one["text"]]

    async def shows(self, *texts: str) -> bool:
        return self.in_chat() == list(texts)


async def hold(talk: Talk, daemon: DaemonProcess) -> None:
    """Let the visitor speak, and kill the daemon at work; return when the last line is on the ticket."""
    talk.chat.ask("POST", "/visitors", visitor_id="ann", facts={"basicInfo": {"name": "Ann"}})
    for number in range(LINES):
        talk.visitor_says(number)
        if number in KILLED_AFTER:
            talk.chat.ask("POST", "/webhooks/settled")
            daemon.kill()
            daemon.start()
    await until(talk.has_ticket)

    async def is_there() -> bool:
        return f"{LINES - 1:02}" in await talk.on_ticket()

    await until(is_there)


async def test_a_conversation_with_the_desk_is_whole_on_both_sides_through_kills(tmp_path: Path) -> None:
    settings = {"DESK_DATABASE": str(tmp_path / "desk.db"), "DESK_AGENTS": "Bo Berg <bo@example.com>"}
    bridge = {**settings, "BRIDGE_HELPDESK": "desk"}
    desk = Desk(
        Desk.Settings(database=tmp_path / "desk.db", agents="Bo Berg <bo@example.com>"), Http(httpx.AsyncClient())
    )
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/")
    with chat, DaemonProcess(tmp_path, {**chat.bridge, **bridge}, hold_socket=True) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        talk = Talk(chat, DeskPages(desk))
        await hold(talk, daemon)
        assert await talk.on_ticket() == [f"{number:02}" for number in range(LINES)]
        await talk.pages.post(talk.ticket, act="note", text="PRIVATE")
        await talk.pages.post(talk.ticket, act="reply", text="On its way")
        await until(lambda: talk.shows("On its way"))
        await talk.pages.post(talk.ticket, act="status", status="solved")
        talk.visitor_says(LINES)
        await until(lambda: is_open(talk))
        assert "PRIVATE" not in str(chat.ask("GET", "/chats/ann/messages"))
        assert daemon.end() == 0


async def is_open(talk: Talk) -> bool:
    page = await talk.pages.ticket(talk.ticket)
    return text_of(page, "#status option[selected]") == "open" and f"{LINES:02}" in await talk.on_ticket()
