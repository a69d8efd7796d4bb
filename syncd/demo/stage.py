"""Who plays in the demo, and the troubles that they can be given."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Any, Literal, Self

from syncd.demo.child import Child
from syncd.testing.chatra import ChatraStandIn, Fault

BRIDGE = "shop"
VISITOR = "ann"
PUBLIC_KEY, SECRET_KEY = "demo-public", "demo-secret"
WHO = {"basicInfo": {"name": "Ann Visitor", "email": "ann@example.com"}}
SECRET = "only-for-the-demo"  # noqa: S105  (of a webhook that only this machine can reach)
DOWN_SECONDS = 3.0
"""Time to see that syncd is down, and to say something meanwhile."""
OFTEN = 1_000_000

Trouble = Literal["helpdesk", "chat", "kill"]


class Stage(AbstractAsyncContextManager["Stage"]):
    """The chat, the daemon and the desk of one demo."""

    def __init__(self, stand_in: ChatraStandIn, chat_url: str, folder: Path) -> None:
        self._stand_in = stand_in
        self._desk = folder / "desk.db"
        self._lock: sqlite3.Connection | None = None
        self._refuses = False
        self.is_down = False
        self._restart: asyncio.Task[None] | None = None
        bridges = folder / "bridges"
        bridges.mkdir()
        (bridges / f"{BRIDGE}.env").write_text(self._bridge(chat_url))
        self.child = Child(
            {
                "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
                "SYNCD_BRIDGES_DIR": str(bridges),
                "SYNCD_LOG_LEVEL": "ERROR",
            }
        )

    def _bridge(self, chat_url: str) -> str:
        chat = ["BRIDGE_CHAT=chatra", f"CHATRA_PUBLIC_KEY={PUBLIC_KEY}", f"CHATRA_SECRET_KEY={SECRET_KEY}"]
        desk = [
            "BRIDGE_HELPDESK=desk",
            f"DESK_DATABASE={self._desk}",
            "DESK_AGENTS='Bo Berg <bo@example.com>, Bea Lee'",
        ]
        return "\n".join([*chat, f"CHATRA_API_URL={chat_url}/api", *desk, f"BRIDGE_WEBHOOK_SECRET={SECRET}", ""])

    async def __aenter__(self) -> Self:
        await self.child.start()
        await self._stand_in.visitor(VISITOR, WHO)
        await self._stand_in.send_webhooks_to([f"{self.child.url}/hooks/{BRIDGE}/chat/{SECRET}"])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open_desk()
        if self._restart is not None:
            await self._restart
        await self.child.stop()

    async def say(self, text: str) -> None:
        """Let the visitor say something."""
        await self._stand_in.visitor_says(VISITOR, text)

    async def told(self) -> dict[str, Any]:
        """Give what the page shows: the chat's messages, and which troubles are on."""
        lines = [_line(message) for message in await self._stand_in.messages(VISITOR)]
        troubles = {"helpdesk": self._lock is not None, "chat": self._refuses, "kill": self.is_down}
        return {"messages": lines, "troubles": troubles}

    async def turn(self, trouble: Trouble) -> None:
        """Begin a trouble, or end it where it is on; after a kill the daemon comes back by itself."""
        match trouble:
            case "helpdesk":
                await asyncio.to_thread(self._open_desk if self._lock else self._shut_desk)
            case "chat":
                await self._turn_chat()
            case "kill":
                if not self.is_down:
                    self._restart = asyncio.create_task(self._kill())

    async def _turn_chat(self) -> None:
        await self._stand_in.clear_faults()
        self._refuses = not self._refuses
        if self._refuses:
            await self._stand_in.order_fault(Fault("too_many_requests", times=OFTEN, retry_after=2))

    async def _kill(self) -> None:
        self.is_down = True
        await self.child.kill()
        await asyncio.sleep(DOWN_SECONDS)
        await self.child.start()
        self.is_down = False

    def _shut_desk(self) -> None:
        lock = sqlite3.connect(self._desk, timeout=10, isolation_level=None, check_same_thread=False)
        lock.execute("BEGIN IMMEDIATE").close()
        self._lock = lock

    def _open_desk(self) -> None:
        if self._lock is not None:
            with closing(self._lock):
                self._lock = None


def _line(message: Mapping[str, Any]) -> dict[str, str]:
    return {"id": message["id"], "who": message.get("agentName", ""), "text": message["text"]}
