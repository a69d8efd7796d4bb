"""A thousand times an end asks for a wait, in every form there is: no call is made before it is over."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import Author, BridgeName, Role, Visitor
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import Database, writer

from .limited_ends import POLL_SECONDS, LimitedChat, LimitedHelpdesk, Vendor

BRIDGES = 100
REFUSALS = 1000
LIFE_SECONDS = 3.0
MOST_SECONDS = 400.0
BO = Author(Role.AGENT, "Bo", "bo@example.com")


class Town:
    """A daemon with many bridges to one vendor, which is stopped or killed and started again now and then."""

    def __init__(self, path: Path, vendor: Vendor, seed: int, bridges: int) -> None:
        self._path = path
        self._vendor = vendor
        self._client = vendor.client
        self._chance = random.Random(seed)
        self.chats = [LimitedChat(_settings(n), Http(self._client)) for n in range(bridges)]
        self.helpdesks = [LimitedHelpdesk(_settings(n), Http(self._client)) for n in range(bridges)]
        self.starts = 0

    async def start(self) -> None:
        engine = writer(self._path)
        migrations.bring_up_to_date(engine)
        self._database = Database(engine)
        self._client = self._vendor.client
        bridges = {}
        for number, (chat, helpdesk) in enumerate(zip(self.chats, self.helpdesks, strict=True)):
            chat.caller.http, helpdesk.caller.http = Http(self._client), Http(self._client)
            name = BridgeName(f"shop{number}")
            policy = Policy(tag=f"syncd-{name}")
            bridges[name] = Bridge(name, chat, helpdesk, "s" * 16, policy, doubt_seconds=0.5, on_doubt="resend")
        self._daemon = Daemon(bridges, Storage(self._database), Metrics())
        await self._daemon.start()
        self.starts += 1

    async def end(self, *, kill: bool) -> None:
        """Stop as told by a signal, or with everything under way cut off."""
        if kill:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            # The schedule is still alive and may begin a poll: nobody who was killed calls anybody.
            await self._client.aclose()
            await asyncio.gather(*others, return_exceptions=True)
        await self._daemon.stop()
        await self._client.aclose()
        self._database.close()

    def waits(self) -> dict[str, float]:
        """Give until when each account waits, as the database has it."""
        with closing(sqlite3.connect(self._path)) as connection:
            return dict(connection.execute("SELECT name, blocked_until FROM account"))

    async def live(self, seconds: float) -> None:
        """Let visitors and agents talk here and there for so long."""
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            number = self._chance.randrange(len(self.chats))
            self.chats[number].visitor_says(Visitor("ann", "Ann"), "hello")
            helpdesk = self.helpdesks[self._chance.randrange(len(self.helpdesks))]
            for ticket in helpdesk.tickets:
                helpdesk.agent_replies(ticket, BO, "reply")
            await asyncio.sleep(0.02)


def _settings(number: int) -> MemorySettings:
    return MemorySettings(name=f"account{number}", poll_seconds=POLL_SECONDS)


@asynccontextmanager
async def moody(folder: Path, vendor: Vendor, bridges: int) -> AsyncIterator[Town]:
    town = Town(folder / "syncd.db", vendor, 1, bridges)
    await town.start()
    try:
        yield town
    finally:
        await town.end(kill=False)


@pytest.mark.alone
async def test_no_call_is_made_before_the_wait_that_an_end_asked_for_is_over(tmp_path: Path) -> None:
    vendor, began, forgotten = Vendor(1), time.monotonic(), [0.0]
    async with moody(tmp_path, vendor, BRIDGES) as town:
        while vendor.refused.total() < REFUSALS and time.monotonic() - began < MOST_SECONDS:
            await town.live(LIFE_SECONDS)
            is_kill = town.starts % 2 == 0
            await town.end(kill=is_kill)
            lost = vendor.not_in(town.waits())
            assert is_kill or lost == []
            # A kill takes with it what came in the moment before.
            forgotten += [vendor.forget(account) for account in lost]
            await town.start()
        took = time.monotonic() - began
        print(f"\n{vendor.refused.total()} refusals in {took:.0f} s with {town.starts} starts: {dict(vendor.refused)}")
        print(f"{len(forgotten) - 1} were not on disk yet at a kill, the oldest for {max(forgotten):.2f} s")
        print(f"{vendor.taken} calls taken, {len(vendor.early)} early")
        assert vendor.early == []
        assert vendor.refused.total() >= REFUSALS
        assert len(vendor.refused) == 8


async def test_the_control_without_the_word_of_the_end_calls_come_early(tmp_path: Path) -> None:
    vendor = Vendor(1, is_obeyed=False)
    async with moody(tmp_path, vendor, 10) as town:
        await town.live(4)
    print(f"\nwaits not told: {len(vendor.early)} of {vendor.taken + vendor.refused.total()} calls early")
    assert vendor.early
