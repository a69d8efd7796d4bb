"""`syncd demo`: one conversation going both ways, on embedded parts, told in the terminal as it happens."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from syncd import logs
from syncd.app import Running, running
from syncd.contract.model import Author, BridgeName, Comment, Role, TicketId
from syncd.settings.load import load
from syncd.testing.chatra import ChatraStandIn, Fault, Options, serve

PATIENCE_SECONDS = 10.0
BRIDGE = BridgeName("default")
VISITOR = "ann"
AGENT = Author(Role.AGENT, "Bo Agent", "bo@example.com")


class _Ticket(Protocol):
    comments: list[Comment]


class _Desk(Protocol):
    """What the demo does as an agent: the `memory` helpdesk can."""

    tickets: Mapping[TicketId, _Ticket]

    def agent_replies(self, ticket: TicketId, author: Author, text: str, *, html: bool = False) -> object: ...

    def agent_notes(self, ticket: TicketId, author: Author, text: str) -> object: ...


async def show() -> int:
    """Show the conversation; give 0 when all of it arrived once and in order, else 1."""
    logs.set_up("WARNING", "text")
    stand_in = ChatraStandIn(Options("demo-public", "demo-secret"))
    with tempfile.TemporaryDirectory(prefix="syncd-demo-") as folder:
        async with serve(stand_in) as chat_url, running(load(_settings(chat_url, Path(folder)))) as daemon:
            secret = daemon.bridges[BRIDGE].secret
            await stand_in.send_webhooks_to([f"{daemon.address}/hooks/{BRIDGE}/chat/{secret}"])
            try:
                return await _Demo(stand_in, daemon).play()
            except TimeoutError:
                print("something did not arrive in time: run `syncd demo` again, and tell us if it stays so")
                return 1


def _settings(chat_url: str, folder: Path) -> dict[str, str]:
    return {
        "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
        "SYNCD_LISTEN": "127.0.0.1:0",
        "BRIDGE_CHAT": "chatra",
        "BRIDGE_HELPDESK": "memory",
        "BRIDGE_WEBHOOK_SECRET": "only-for-the-demo",
        "CHATRA_PUBLIC_KEY": "demo-public",
        "CHATRA_SECRET_KEY": "demo-secret",
        "CHATRA_API_URL": f"{chat_url}/api",
    }


@dataclass
class _Demo:
    """The people at both ends, and what they see."""

    stand_in: ChatraStandIn
    daemon: Running
    shown_on_ticket: int = 0
    shown_in_chat: int = 0

    @property
    def desk(self) -> _Desk:
        return cast(_Desk, self.daemon.bridges[BRIDGE].helpdesk)

    @property
    def comments(self) -> list[Comment]:
        return [comment for ticket in self.desk.tickets.values() for comment in ticket.comments]

    async def play(self) -> int:
        print(f"A stand-in for Chatra, a helpdesk in memory, and syncd between them: {self.daemon.address}\n")
        await self.stand_in.visitor(VISITOR, {"basicInfo": {"name": "Ann", "email": "ann@example.com"}})
        await self._visitor("Hi! Do you ship to Cork?")
        print("\n   from here on the chat sends every webhook twice\n")
        await self.stand_in.order_fault(Fault("doubled", times=1000))
        await self._agent(
            "<p>Hello Ann, yes: <b>two days</b>, see <a href='https://shop.example/ship'>shipping</a></p>"
        )
        await self._note("she asked the same in May")
        await self._visitor("Great 👍 and to Galway?")
        await self._agent("<p>Galway too.</p>")
        await self.stand_in.end_chat(VISITOR)
        await self.stand_in.settled()
        await asyncio.sleep(0.3)
        return await self._sum_up()

    async def _visitor(self, words: str) -> None:
        before = len(self.comments)
        print(f"visitor, in the chat   > {words}")
        await self.stand_in.visitor_says(VISITOR, words)

        async def arrived() -> bool:
            return any(words in comment.text for comment in self.comments[before:])

        await _until(arrived)
        self._show_ticket()

    async def _agent(self, html: str) -> None:
        (ticket,) = self.desk.tickets
        print(f"agent, on the ticket   > {html}")
        self.desk.agent_replies(ticket, AGENT, html, html=True)
        self.shown_on_ticket = len(self.comments)
        await self._until_in_chat(self.shown_in_chat + 1)

    async def _note(self, words: str) -> None:
        (ticket,) = self.desk.tickets
        print(f"agent, private note    > {words}")
        self.desk.agent_notes(ticket, AGENT, words)
        self.shown_on_ticket = len(self.comments)
        print("   (stays on the ticket)")

    def _show_ticket(self) -> None:
        for comment in self.comments[self.shown_on_ticket :]:
            what = "comment" if comment.public else "note"
            print(f"   ticket shows, {what}: {comment.text.replace(chr(10), ' | ')}")
        self.shown_on_ticket = len(self.comments)

    async def _until_in_chat(self, count: int) -> None:
        async def arrived() -> bool:
            return len(await self._replies()) >= count

        await _until(arrived)
        print(f"   chat shows, from Bo: {(await self._replies())[-1]}")
        self.shown_in_chat = count

    async def _replies(self) -> list[str]:
        return [message["text"] for message in await self.stand_in.messages(VISITOR) if message["type"] == "agent"]

    async def _sum_up(self) -> int:
        lines = "\n".join(comment.text for comment in self.comments)
        replies = await self._replies()
        told = {
            "tickets": (len(self.desk.tickets), 1),
            "visitor's lines on the ticket, each once": (
                sum(lines.count(word) for word in ("to Cork?", "to Galway?")),
                2,
            ),
            "replies in the chat, each once": (len(replies), 2),
            "private notes in the chat": (sum("May" in reply for reply in replies), 0),
        }
        print(f"\n{len(await self.stand_in.webhooks())} webhooks came in:")
        for what, (found, wanted) in told.items():
            print(f"  {found} {what}" + ("" if found == wanted else f"  <- should be {wanted}"))
        return 0 if all(found == wanted for found, wanted in told.values()) else 1


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.02)
