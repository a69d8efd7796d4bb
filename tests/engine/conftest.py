"""A daemon on a real SQLite file between two ends in memory, which outlive its crashes and fail to order."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from httpx import AsyncClient
from sqlalchemy import Connection, select

from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import (
    BridgeName,
    TicketId,
    Visitor,
)
from syncd.contract.ports import HelpdeskConnector
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import Database, writer
from syncd.store.inbox import Received
from syncd.store.tables import outbox

from .faulty_ends import TAG, FaultyChat, FaultyHelpdesk

SHOP = BridgeName("shop")
ANN = Visitor("ann", "Ann", "ann@example.com")


class Shop:
    """One bridge's ends and database, and the daemon between them, which may be started, stopped and killed."""

    def __init__(self, path: Path, http: Http) -> None:
        settings = MemorySettings(poll_seconds=0.02)
        self.chat = FaultyChat(settings, http)
        self.helpdesk = FaultyHelpdesk(settings, http)
        self.doubt_seconds = 0.3
        self.on_doubt: Literal["park", "resend"] = "park"
        self.policy = Policy(tag=TAG)
        self.trusted_hosts: frozenset[str] = frozenset()
        self._path = path

    @property
    def desk(self) -> HelpdeskConnector:
        """The helpdesk as the daemon has it."""
        return self.helpdesk

    async def start(self) -> None:
        engine = writer(self._path)
        migrations.bring_up_to_date(engine)
        self.database = Database(engine)
        chosen = (self.policy, self.doubt_seconds, self.on_doubt, self.trusted_hosts)
        bridge = Bridge(SHOP, self.chat, self.desk, "s" * 16, *chosen)
        self.storage = Storage(self.database)
        self.metrics = Metrics()
        self.daemon = Daemon({SHOP: bridge}, self.storage, self.metrics)
        await self.daemon.start()
        await until(lambda: all(health.state == "ok" for health in self.daemon.healths.values()))

    def other_connection(self) -> sqlite3.Connection:
        """Open the database as another program would: a backup, say."""
        return sqlite3.connect(self._path, isolation_level=None)

    async def stop(self) -> None:
        await self.daemon.stop()
        self.database.close()

    async def kill(self) -> None:
        """End everything at once: calls under way are cut, nothing is settled."""
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.stop()

    async def webhook(self, body: bytes, bridge: BridgeName = SHOP) -> None:
        await self.daemon.intake.receive(Received(bridge, "chat", "webhook", "{}", body, 0.0))

    async def states(self) -> list[tuple[str, str]]:
        """Give the kind and state of every delivery, in the order of the outbox."""

        def read(connection: Connection) -> list[tuple[str, str]]:
            query = select(outbox.c.kind, outbox.c.state).order_by(outbox.c.id)
            return [(kind, state) for kind, state in connection.execute(query)]

        return await self.database.run(read)

    async def comes_to(self, kind: str, state: str, count: int = 1) -> None:
        """Wait until so many deliveries of a kind are in a state."""
        async with asyncio.timeout(5.0):
            while (await self.states()).count((kind, state)) < count:
                await asyncio.sleep(0.005)

    @property
    def ticket(self) -> TicketId:
        (only,) = self.helpdesk.tickets
        return only

    def shown(self) -> list[str]:
        """Give the public comments on the only ticket."""
        return self._comments(public=True)

    def notes(self) -> list[str]:
        """Give the private notes on the only ticket."""
        return self._comments(public=False)

    def _comments(self, *, public: bool) -> list[str]:
        comments = self.helpdesk.tickets[self.ticket].comments if self.helpdesk.tickets else []
        return [comment.text for comment in comments if comment.public == public]

    def heard(self) -> list[str]:
        """Give what the visitors were told by us."""
        said = [event.message for event in self.chat.world.events if event.kind == "chat_message_added"]
        return [message.text for message in said if message.tag == TAG]


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def planned(shop: Shop, kind: str, count: int) -> None:
    """Wait until so many events of a kind are planned."""
    query = "SELECT count(*) FROM inbox JOIN payload ON inbox_id = id WHERE state = 'done' AND instr(body, ?)"
    with closing(shop.other_connection()) as other:
        await until(lambda: other.execute(query, (f'"kind":"{kind}"'.encode(),)).fetchone()[0] == count)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with AsyncClient() as client:
        made = Shop(tmp_path / "syncd.db", Http(client))
        await made.start()
        yield made
        await made.stop()
