"""A helpdesk that can be asked neither what is new nor whether a delivery happened: at least once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx import AsyncClient

from connectors.memory import MemoryChat
from connectors.memory.world import MemorySettings
from syncd.contract.errors import RetryableError
from syncd.contract.http import Http
from syncd.contract.model import DeliveryKey, Receipt, TicketDraft, TicketId
from syncd.contract.ports import HelpdeskConnector
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import Database, opened, writer

from .conftest import ANN, SHOP, until
from .faulty_ends import TAG, Faults


class BlindHelpdesk(HelpdeskConnector):
    """Takes tickets and comments, with faults to order, and tells of nothing."""

    Settings = MemorySettings

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        del http
        self._name = settings.name
        self.faults = Faults()
        self.opened: list[TicketDraft] = []
        self.comments: list[str] = []

    @property
    def account(self) -> str:
        return self._name

    async def check(self) -> str:
        return "ok"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter("", key)
        self.opened.append(draft)
        return Receipt(ticket=TicketId(f"T{len(self.opened)}"))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter(ticket, key)
        self.comments.append(text)
        return Receipt(ticket=ticket)


@dataclass
class BlindShop:
    """One bridge to such a helpdesk."""

    bridge: Bridge
    chat: MemoryChat
    helpdesk: BlindHelpdesk
    database: Database

    async def start(self) -> Daemon:
        daemon = Daemon({SHOP: self.bridge}, Storage(self.database), Metrics())
        await daemon.start()
        await until(lambda: daemon.healths[SHOP, "chat"].state == "ok")
        return daemon


@pytest.fixture
async def blind(tmp_path: Path) -> AsyncIterator[BlindShop]:
    engine = writer(tmp_path / "syncd.db")
    migrations.bring_up_to_date(engine)
    settings = MemorySettings(poll_seconds=0.02)
    policy = Policy(tag=TAG, notes=False)
    async with AsyncClient() as client:
        chat, helpdesk = MemoryChat(settings, Http(client)), BlindHelpdesk(settings, Http(client))
        bridge = Bridge(SHOP, chat, helpdesk, "s" * 16, policy, doubt_seconds=0.1, on_doubt="park")
        with opened(engine) as database:
            yield BlindShop(bridge, chat, helpdesk, database)


async def test_an_opening_that_was_cut_off_is_made_again_where_no_look_is_possible(blind: BlindShop) -> None:
    blind.helpdesk.faults.before.append(RetryableError("POST failed: ReadTimeout (no answer)", certain=False))
    daemon = await blind.start()
    blind.chat.visitor_says(ANN, "hello")
    await until(lambda: blind.helpdesk.opened)
    blind.chat.visitor_says(ANN, "anyone?")
    await until(lambda: "anyone?" in "".join(blind.helpdesk.comments))
    await daemon.stop()
    keys = [key for target, key, _ in blind.helpdesk.faults.calls if not target]
    assert keys == [keys[0]] * 2


async def test_an_opening_that_was_under_way_when_the_daemon_was_killed_is_made_again(blind: BlindShop) -> None:
    blind.helpdesk.faults.held.add("")
    killed = await blind.start()
    blind.chat.visitor_says(ANN, "hello")
    await until(lambda: blind.helpdesk.faults.calls)
    mine = asyncio.current_task()
    cut = [task for task in asyncio.all_tasks() if task is not mine]
    for task in cut:
        task.cancel()
    await asyncio.gather(*cut, return_exceptions=True)
    await killed.stop()
    blind.helpdesk.faults.held.clear()
    daemon = await blind.start()
    await until(lambda: blind.helpdesk.opened)
    await daemon.stop()
    assert "hello" in blind.helpdesk.opened[0].text
