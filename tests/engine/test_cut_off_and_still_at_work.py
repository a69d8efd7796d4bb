"""A helpdesk that goes on with a call although the daemon that made it was killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import DeliveryKey, Receipt, TicketId

from .conftest import ANN, Shop, until
from .faulty_ends import FaultyHelpdesk
from .test_adversity_doubt import opened, until_state

AT_WORK_SECONDS = 0.1


class LateHelpdesk(FaultyHelpdesk):
    """Takes no keys, and has a comment some time after it was sent, whether the sender is still there or not."""

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        await self.faults.enter(ticket, key)
        asyncio.get_running_loop().call_later(AT_WORK_SECONDS, self._have, ticket, text, key)
        while key not in self.world.taken:
            await asyncio.sleep(0.01)
        return self.world.taken[key]

    def _have(self, ticket: TicketId, text: str, key: DeliveryKey) -> None:
        self.world.taken.pop(key, None)
        self._put_once(ticket, text, key, public=True)


class LateShop(Shop):
    """A shop with such a helpdesk."""

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = LateHelpdesk(MemorySettings(poll_seconds=0.02), http)


async def test_a_line_that_the_helpdesk_still_works_on_at_the_restart_is_there_once(tmp_path: Path) -> None:
    async with opened(LateShop, tmp_path) as shop:
        shop.chat.visitor_says(ANN, "hello")
        await until(lambda: shop.shown() and shop.notes())
        shop.chat.visitor_says(ANN, "only once please")
        await until(lambda: shop.helpdesk.faults.calls)
        await shop.kill()
        await shop.start()
        await until_state(shop, "add_comment", "in_doubt")
        while ("add_comment", "in_doubt") in await shop.states() or ("add_comment", "sending") in await shop.states():
            await asyncio.sleep(0.01)
        await asyncio.sleep(2 * AT_WORK_SECONDS)
        assert "".join(shop.shown()).count("only once please") == 1
