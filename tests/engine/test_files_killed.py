"""Files whose daemon is killed again and again while they are fetched, uploaded and settled: each is there once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import httpx
import pytest

from connectors.memory.world import MemorySettings
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import DeliveryKey, File, Receipt, TicketId
from syncd.core.plan import Policy

from .conftest import ANN, Shop
from .faulty_ends import TAG, FaultyHelpdesk
from .file_host import PNG, answer, file_host

FILES = 5


class SlowHelpdesk(FaultyHelpdesk):
    """Takes no keys, so that what is sent twice is there twice, and its time; but it can be asked."""

    def __init__(self, settings: MemorySettings, http: Http, chances: random.Random) -> None:
        super().__init__(settings, http)
        self.chances = chances
        self.uploads = 0

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        await asyncio.sleep(self.chances.uniform(0, 0.04))
        self.world.taken.pop(key, None)
        self.uploads += 1
        receipt = await super().upload_file(ticket, text, file, key=key)
        await asyncio.sleep(self.chances.uniform(0, 0.04))
        return receipt


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_file_is_on_the_ticket_once_however_often_the_daemon_is_killed(tmp_path: Path, seed: int) -> None:
    chances = random.Random(seed)
    async with httpx.AsyncClient() as client, file_host() as host:
        shop = Shop(tmp_path / "syncd.db", Http(client))
        shop.helpdesk = helpdesk = SlowHelpdesk(MemorySettings(poll_seconds=0.02), Http(client), chances)
        shop.policy, shop.trusted_hosts = Policy(tag=TAG, uploads=True), frozenset({"127.0.0.1"})
        await shop.start()
        names = [f"{number}.png" for number in range(FILES)]
        for name in names:
            url = host.gives(f"/{name}", answer(PNG, "Content-Type: image/png"))
            shop.chat.visitor_says(ANN, "", files=(File(name, url, len(PNG)),))
        kills = 0
        while len(on_ticket(shop)) < FILES:
            before = helpdesk.uploads + len(host.asked)
            while helpdesk.uploads + len(host.asked) == before:
                await asyncio.sleep(0.005)
            await asyncio.sleep(chances.uniform(0, 0.1))
            await shop.kill()
            await shop.start()
            kills += 1
        while {state for kind, state in await shop.states() if kind == "attach_file"} != {"sent"}:
            await asyncio.sleep(0.02)
        files = on_ticket(shop)
        print(f"\n{kills} kills, {len(host.asked)} fetches, {helpdesk.uploads} uploads")
        assert sorted(file.name for file in files) == names
        assert {file.content for file in files} == {PNG}
        await shop.stop()


def on_ticket(shop: Shop) -> list[Upload]:
    return shop.helpdesk.tickets[shop.ticket].files if shop.helpdesk.tickets else []
