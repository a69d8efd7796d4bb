"""Calls that were counted by a clock that was wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from httpx import AsyncClient

from connectors.memory.world import MemorySettings
from syncd import clock
from syncd.contract.http import Http
from syncd.contract.model import Quota
from syncd.store import ends
from syncd.store.ends import Calls

from .clock_set import clock_set
from .conftest import ANN, Shop, until
from .faulty_ends import FaultyHelpdesk


class ScarceHelpdesk(FaultyHelpdesk):
    quota = Quota(calls=5, seconds=0.1)


class ScarceShop(Shop):
    """A shop whose helpdesk allows few calls; it does not run yet."""

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.helpdesk = ScarceHelpdesk(MemorySettings(poll_seconds=0.3), http)


@pytest.fixture
async def scarce(tmp_path: Path) -> AsyncIterator[ScarceShop]:
    async with AsyncClient() as client:
        yield ScarceShop(tmp_path / "syncd.db", Http(client))


async def test_calls_made_while_the_clock_was_years_ahead_hold_up_nothing_after_a_restart(scarce: ScarceShop) -> None:
    await scarce.start()
    years_ahead = Calls((clock.now() + 10 * 365 * 86400.0,) * ScarceHelpdesk.quota.calls)
    await scarce.database.run(partial(ends.set_calls, name="ScarceHelpdesk memory", calls=years_ahead))
    await scarce.stop()
    await scarce.start()
    scarce.chat.visitor_says(ANN, "hello")
    await until(scarce.shown)
    await scarce.stop()


async def test_a_clock_that_is_set_gives_no_calls_away(scarce: ScarceShop) -> None:
    await scarce.start()
    made = Calls((clock.now(),) * ScarceHelpdesk.quota.calls)
    await scarce.storage.insist(partial(ends.set_calls, name="ScarceHelpdesk memory", calls=made))
    with clock_set(timedelta(hours=1)):
        found = await scarce.storage.insist(partial(ends.calls_of, name="ScarceHelpdesk memory"))
        assert len(found.times) >= ScarceHelpdesk.quota.calls
        assert all(abs(clock.now() - time) < 60 for time in found.times)
    await scarce.stop()
