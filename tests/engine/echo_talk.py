"""Conversations both ways with a chat that echoes as it likes and a helpdesk that does not know ours from others'."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import Author, ConversationId, DeliveryKey, Receipt, Role, TicketDraft, TicketId
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import writer
from syncd.store.inbox import Received
from tests.torture.count import answered, said

from . import talk_count
from .conftest import SHOP
from .echoing_chat import EchoingChat
from .faulty_ends import TAG
from .kill_machine import cut_everything_off
from .kill_memory import NOBODY
from .skipped_time import InPlaceDatabase
from .test_adversity_echo import UnmarkedHelpdesk

REPLIES_A_CONVERSATION = 8
AT_A_TIME = 20
PHASE_STEPS = 60
LONGEST_CALL_SECONDS = 2.0
PAUSE_SECONDS = 0.3
DOUBT_SECONDS = 60.0
PATIENCE_SECONDS = 3600.0
BO = Author(Role.AGENT, "Bo", "bo@example.com")


class SlowHelpdesk(UnmarkedHelpdesk):
    """Shows what we wrote to those who poll, some time before it answers."""

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self._chance = random.Random(4)

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        receipt = await super().open_ticket(draft, key=key)
        await asyncio.sleep(self._chance.uniform(0, LONGEST_CALL_SECONDS))
        return receipt

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        receipt = await super().add_comment(ticket, text, key=key)
        await asyncio.sleep(self._chance.uniform(0, LONGEST_CALL_SECONDS))
        return receipt


class EchoTalk:
    """So many replies, and about as many lines. The daemon is stopped or killed now and then, and started again.

    `forgets` says whether the ledger loses our own ids all the time.
    """

    def __init__(self, path: Path, replies: int, *, forgets: bool = False) -> None:
        self.chat = EchoingChat(1)
        self.helpdesk = SlowHelpdesk(MemorySettings(poll_seconds=1.0), NOBODY)
        engine = writer(path)
        migrations.bring_up_to_date(engine)
        self._database = InPlaceDatabase(engine)
        self._forgets = forgets
        self._chance = random.Random(2)
        self._visitors = [f"visitor{number}" for number in range(replies // REPLIES_A_CONVERSATION)]
        self._wanted = replies
        self.lines: Counter[str] = Counter()
        self.replies: Counter[str] = Counter()
        self.kills = self.stops = 0

    async def hold(self) -> None:
        """Let everybody talk, and wait until everything has come to its end."""
        await self._start()
        step = 0
        while self.replies.total() < self._wanted:
            await self._speak()
            await self._pass(self._chance.expovariate(1 / PAUSE_SECONDS))
            step += 1
            if step % PHASE_STEPS == 0:
                await self._restart()
        for visitor in self._visitors:
            await self.chat.hook(self.chat.transcript(ConversationId(visitor)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.chat.due or not talk_count.is_through(self._rows, self.lines.total(), self.replies.total()):
                await self._pass(5)
        await self._daemon.stop()

    def close(self) -> None:
        self._database.close()

    async def _start(self) -> None:
        policy, ends = Policy(tag=TAG), (self.chat, self.helpdesk)
        bridge = Bridge(SHOP, *ends, "s" * 16, policy, doubt_seconds=DOUBT_SECONDS, on_doubt="park")
        self._daemon = Daemon({SHOP: bridge}, Storage(self._database), Metrics())
        self.chat.hook = self._receive
        self.chat.life += 1
        await self._daemon.start()
        await asyncio.sleep(2)

    async def _receive(self, body: bytes) -> None:
        await self._daemon.intake.receive(Received(SHOP, "chat", "webhook", "{}", body, 0.0))

    async def _restart(self) -> None:
        """Stop, or after a phase in which every echo has our tag, kill: then only the tag tells what was cut off."""
        if self.chat.loses_tags:
            await self._daemon.stop()
            self.stops += 1
        else:
            await cut_everything_off()
            await self._daemon.stop()
            self.kills += 1
        self.chat.loses_tags = not self.chat.loses_tags
        await self._start()

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._forgets:
            self._database.transact(lambda connection: connection.exec_driver_sql("DELETE FROM ledger WHERE ours"))
        await self.chat.tell_what_is_due()

    async def _speak(self) -> None:
        """Let one of those who talk at a time say a line, or be answered, or hear everything once more."""
        first = self.replies.total() // REPLIES_A_CONVERSATION
        visitor = self._chance.choice(self._visitors[first : first + AT_A_TIME] or self._visitors[-AT_A_TIME:])
        ticket = self._rows("SELECT ticket FROM link WHERE conversation = ? AND ticket IS NOT NULL", visitor)
        what = self._chance.random()
        if ticket and what < 0.05:
            await self.chat.hook(self.chat.transcript(ConversationId(visitor)))
        elif ticket and what < 0.5:
            reply = answered("agent1", visitor, self.replies[visitor])
            self.helpdesk.agent_replies(TicketId(ticket[0][0]), BO, reply, at=datetime.now(UTC))
            self.replies[visitor] += 1
        else:
            await self.chat.hook(self.chat.visitor_says(visitor, said(visitor, self.lines[visitor])))
            self.lines[visitor] += 1

    def _rows(self, query: str, *values: str) -> list[Any]:
        return self._database.transact(lambda connection: list(connection.exec_driver_sql(query, values)))

    def figures(self) -> Counter[str]:
        """Count what is wrong, and what was parked."""
        told = {
            str(conversation): [
                {"type": "client" if one.message.author.role is Role.VISITOR else "agent", "text": one.message.text}
                for one in messages
            ]
            for conversation, messages in self.chat.said.items()
        }
        return talk_count.figures(self._rows, self.lines, self.replies, self.helpdesk, told)
