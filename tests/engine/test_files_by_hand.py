"""What ops see of files, and what they can do with one that was given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from syncd import clock
from syncd.contract.http import Http
from syncd.contract.model import File
from syncd.core.plan import Policy
from syncd.store import operations
from syncd.store.operations import Retry
from syncd.store.reports import ends_of
from syncd.store.trace import moments

from .conftest import ANN, SHOP, Shop, until
from .faulty_ends import TAG
from .file_host import PNG, FileHost, answer, file_host


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as made:
        yield made


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with httpx.AsyncClient() as client:
        made = Shop(tmp_path / "syncd.db", Http(client))
        made.policy = Policy(tag=TAG, uploads=True)
        made.trusted_hosts = frozenset({"127.0.0.1"})
        await made.start()
        yield made
        await made.stop()


async def test_a_file_that_was_given_up_is_listed_counted_traced_and_retried(shop: Shop, host: FileHost) -> None:
    shop.chat.visitor_says(ANN, "", files=(File("receipt.png", host.url(), len(PNG)),))
    await until(lambda: any("receipt.png from the chat could not be" in note for note in shop.notes()))
    [parked] = await shop.database.run(operations.parked)
    assert (parked.end, parked.kind) == ("helpdesk", "attach_file")
    assert "receipt.png" not in parked.reason
    reports = await shop.database.run(partial(ends_of, names=[SHOP]))
    assert {report.end: report.parked for report in reports} == {"chat": 0, "helpdesk": 1}
    told = [moment.what for moment in await shop.database.run(partial(moments, wanted=parked.key))]
    assert any(f"attach_file {parked.key} to the helpdesk parked it is not there any more" in what for what in told)

    host.gives("/file", answer(PNG))
    retry = partial(operations.carry_out, operation=Retry((parked.key,)), now=clock.now())
    touched = await shop.database.run(retry)
    for bridge, name in touched.lanes:
        shop.daemon.wake(bridge, name)
    await until(lambda: shop.helpdesk.tickets[shop.ticket].files)
    assert (await shop.database.run(operations.parked)) == []


async def test_a_paused_bridge_fetches_nothing_and_goes_on_when_it_is_resumed(shop: Shop, host: FileHost) -> None:
    host.gives("/file", answer(PNG))
    pause = operations.Pause(SHOP)
    await shop.database.run(partial(operations.carry_out, operation=pause, now=clock.now()))
    shop.chat.visitor_says(ANN, "", files=(File("receipt.png", host.url(), len(PNG)),))
    while not await shop.states():
        pass
    assert host.asked == []
    resume = partial(operations.carry_out, operation=operations.Resume(SHOP), now=clock.now())
    for bridge, name in (await shop.database.run(resume)).lanes:
        shop.daemon.wake(bridge, name)
    await until(lambda: shop.helpdesk.tickets and shop.helpdesk.tickets[shop.ticket].files)
