"""Many conversations at a time over ends that lose answers, in time that is skipped, and what is wrong afterwards."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.model import Author, ChatMessageAdded, Role, TicketId, Visitor
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import writer
from tests.torture.count import answered, said

from . import talk_count
from .conftest import SHOP
from .faulty_ends import TAG
from .kill_memory import NOBODY
from .lossy_ends import BlindHelpdesk, LossyChat
from .skipped_time import InPlaceDatabase

A_CONVERSATION = 6
PAUSE_SECONDS = 0.5
DOUBT_SECONDS = 60.0
PATIENCE_SECONDS = 12 * 3600.0
BO = Author(Role.AGENT, "Bo", "bo@example.com")


class Talk:
    """Conversations of about six messages each, lines and replies as chance has it."""

    def __init__(self, path: Path, kind: type[BlindHelpdesk], messages: int) -> None:
        settings = MemorySettings(poll_seconds=2.0)
        self._chat, self._helpdesk = MemoryChat(settings, NOBODY), MemoryHelpdesk(settings, NOBODY)
        self.chat, self.helpdesk = LossyChat(self._chat, 1), kind(self._helpdesk, 2)
        engine = writer(path)
        migrations.bring_up_to_date(engine)
        self._database = InPlaceDatabase(engine)
        self._messages = messages
        self._chance = random.Random(3)
        self._visitors = [f"visitor{number}" for number in range(messages // A_CONVERSATION)]
        self.lines: Counter[str] = Counter()
        self.replies: Counter[str] = Counter()

    async def hold(self) -> None:
        """Let everybody talk, and wait until everything has come to its end."""
        ends = self.chat, self.helpdesk
        bridge = Bridge(SHOP, *ends, "s" * 16, Policy(tag=TAG), doubt_seconds=DOUBT_SECONDS, on_doubt="park")
        daemon = Daemon({SHOP: bridge}, Storage(self._database), Metrics())
        await daemon.start()
        await self._until(lambda: all(health.state == "ok" for health in daemon.healths.values()))
        for _ in range(self._messages):
            self._speak(self._chance.choice(self._visitors))
            await asyncio.sleep(self._chance.expovariate(1 / PAUSE_SECONDS))
        await self._until(lambda: talk_count.is_through(self._rows, self.lines.total(), self.replies.total()))
        await daemon.stop()

    def close(self) -> None:
        self._database.close()

    def _speak(self, visitor: str) -> None:
        """Let a visitor say a line, or where there is a ticket perhaps an agent reply."""
        ticket = self._rows("SELECT ticket FROM link WHERE conversation = ? AND ticket IS NOT NULL", visitor)
        if ticket and self._chance.random() < 0.5:
            reply = answered("agent1", visitor, self.replies[visitor])
            self._helpdesk.agent_replies(TicketId(ticket[0][0]), BO, reply, at=datetime.now(UTC))
            self.replies[visitor] += 1
        else:
            self._chat.visitor_says(Visitor(visitor), said(visitor, self.lines[visitor]), at=datetime.now(UTC))
            self.lines[visitor] += 1

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(5)

    def _rows(self, query: str, *values: str) -> list[Any]:
        return self._database.transact(lambda connection: list(connection.exec_driver_sql(query, values)))

    def figures(self) -> Counter[str]:
        """Count what is wrong, and what was parked."""
        told: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for event in self._chat.world.events:
            if isinstance(event, ChatMessageAdded):
                kind = "agent" if event.message.author.role is Role.AGENT else "client"
                told[event.conversation].append({"type": kind, "text": event.message.text})
        return talk_count.figures(self._rows, self.lines, self.replies, self._helpdesk, told)
