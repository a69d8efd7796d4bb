"""A wall clock that is set while the monotonic one goes on, and a shop whose daemon is watched as in a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import freezegun.api
from httpx import AsyncClient

from connectors.memory.world import MemorySettings
from syncd.app import Running, watch
from syncd.contract.http import Http
from syncd.contract.model import Cursor, EventPage
from syncd.engine.bridge import Bridge

from .conftest import SHOP, Shop
from .faulty_ends import FaultyChat, FaultyHelpdesk

POLL_SECONDS = 0.3
JUMPS = {
    "an hour back": timedelta(hours=-1),
    "an hour ahead": timedelta(hours=1),
    "a day back": timedelta(days=-1),
    "a day ahead": timedelta(days=1),
    "ten years ahead": timedelta(days=3652),
}


@contextmanager
def clock_set(by: timedelta) -> Iterator[None]:
    """Let the wall clock be set by so much, and set right again afterwards."""
    with freezegun.freeze_time(datetime.now(UTC) + by, tick=True, real_asyncio=True):
        # It is frozen along, but is a clock that nobody can set.
        time.monotonic = freezegun.api.real_monotonic
        yield


class Polls(list[float]):
    """When an end was polled, in monotonic seconds."""

    def longest_gap(self) -> float:
        """Give the longest time between two polls, and between the last one and now."""
        now: float = time.monotonic()
        gaps: list[float] = [later - earlier for earlier, later in pairwise([*self, now])]
        return max(gaps)


class TimedChat(FaultyChat):
    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.polls = Polls()

    async def poll(self, after: Cursor | None) -> EventPage:
        self.polls.append(time.monotonic())
        return await super().poll(after)


class TimedHelpdesk(FaultyHelpdesk):
    def __init__(self, settings: MemorySettings, http: Http) -> None:
        super().__init__(settings, http)
        self.polls = Polls()

    async def poll(self, after: Cursor | None) -> EventPage:
        self.polls.append(time.monotonic())
        return await super().poll(after)


class WatchedShop(Shop):
    """A shop whose daemon looks at the clock by itself."""

    chat: TimedChat
    helpdesk: TimedHelpdesk

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        settings = MemorySettings(poll_seconds=POLL_SECONDS)
        self.chat, self.helpdesk = TimedChat(settings, http), TimedHelpdesk(settings, http)

    async def start(self) -> None:
        await super().start()
        bridge = Bridge(SHOP, self.chat, self.helpdesk, "s" * 16, self.policy, self.doubt_seconds, self.on_doubt)
        running = Running({SHOP: bridge}, self.daemon, self.storage, (self.database,), "")
        self._watching = asyncio.create_task(watch(running, asyncio.Event()))

    async def stop(self) -> None:
        self._watching.cancel()
        await super().stop()

    def on_tickets(self) -> str:
        """Give all that visitors read on all tickets, in order."""
        return "\n".join(comment.text for ticket in self.helpdesk.tickets.values() for comment in ticket.comments)


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[WatchedShop]:
    async with AsyncClient() as client:
        shop = WatchedShop(folder / "syncd.db", Http(client))
        await shop.start()
        try:
            yield shop
        finally:
            await shop.stop()
