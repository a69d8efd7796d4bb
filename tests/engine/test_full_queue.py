"""What waits for the disk is bounded: who comes when the queue is full is refused at once, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection, func, select

from syncd.engine.intake import MOST_WAITING, MOST_WAITING_BYTES, FullError
from syncd.store.tables import inbox

from .conftest import Shop, until
from .test_flow import fragment

pytestmark = pytest.mark.alone

MORE_THAN_FIT = 500
LARGE = "x" * 900_000


def count_webhooks(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(inbox.c.form == "webhook")).scalar_one()


async def send(shop: Shop, number: int, words: str = "hello") -> tuple[str, float]:
    """Send a webhook; give what came of it and after how many seconds."""
    began = time.monotonic()
    try:
        await shop.webhook(fragment(words, first_id=number))
    except FullError:
        return "refused", time.monotonic() - began
    return "taken", time.monotonic() - began


@asynccontextmanager
async def hanging(shop: Shop) -> AsyncIterator[None]:
    """Let the disk hang, with one webhook on its way to it."""
    is_held, may_go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        is_held.set()
        may_go_on.wait(10)

    holding = asyncio.create_task(shop.database.run(hold))
    await until(is_held.is_set)
    first = asyncio.create_task(send(shop, 0))
    await asyncio.sleep(0)
    yield
    may_go_on.set()
    await holding
    assert (await first)[0] == "taken"


async def test_a_full_queue_refuses_at_once_and_all_that_it_held_is_stored(shop: Shop) -> None:
    async with hanging(shop):
        sending = [asyncio.create_task(send(shop, number)) for number in range(1, MOST_WAITING + MORE_THAN_FIT)]
        await asyncio.sleep(0.2)
        refused = [task.result()[1] for task in sending if task.done()]
    outcomes = Counter(outcome for outcome, _ in await asyncio.gather(*sending))
    print(f"\n{dict(outcomes)}, refused within {max(refused) * 1000:.0f} ms")
    assert len(refused) == outcomes["refused"]
    assert outcomes == {"taken": MOST_WAITING, "refused": MORE_THAN_FIT - 1}
    assert await shop.database.run(count_webhooks) == outcomes["taken"] + 1
    assert max(refused) < 1


async def test_what_waits_for_a_disk_that_hangs_is_bounded_by_bytes_too_and_there_is_room_again_afterwards(
    shop: Shop,
) -> None:
    fit = MOST_WAITING_BYTES // len(fragment(LARGE))
    async with hanging(shop):
        sending = [asyncio.create_task(send(shop, number, LARGE)) for number in range(1, fit + 10)]
        await asyncio.sleep(0.2)
        assert [task.result()[0] for task in sending if task.done()] == ["refused"] * sum(t.done() for t in sending)
    outcomes = Counter(outcome for outcome, _ in await asyncio.gather(*sending))
    print(f"\n{len(LARGE)} bytes each: {dict(outcomes)}")
    assert abs(outcomes["taken"] - fit) <= 1
    assert outcomes.total() == fit + 9
    assert (await send(shop, 900, LARGE))[0] == "taken"
