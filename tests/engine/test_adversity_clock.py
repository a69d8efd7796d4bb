"""A clock that was wrong once, and lines that may wait for ever without anything being wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from syncd.contract.errors import RetryableError
from syncd.contract.model import Role
from syncd.store import reports

from .clock_set import clock_set
from .conftest import ANN, SHOP, Shop, until
from .test_adversity_doubt import grow_old, until_state
from .test_flow import fragment


async def test_a_clock_that_was_years_ahead_for_a_while_holds_up_no_line_after_a_restart(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.faults.before.append(RetryableError("refused", certain=True))
    with freeze_time(datetime.now(UTC) + timedelta(days=3650), tick=True, real_asyncio=True):
        shop.chat.visitor_says(ANN, "first")
        await until(lambda: shop.helpdesk.faults.calls)
        await until_state(shop, "add_comment", "waiting")
        await shop.stop()
    await shop.start()
    shop.chat.visitor_says(ANN, "second")
    await until(lambda: "second" in "".join(shop.shown()))
    words = "".join(shop.shown())
    assert words.index("first") < words.index("second")


async def test_a_held_greeting_is_neither_waiting_nor_late(shop: Shop) -> None:
    await shop.webhook(fragment("Can we help?", role=Role.AUTOMATIC))
    await until_state(shop, "add_comment", "held")
    await grow_old(shop, days=40)
    found = await shop.database.run(lambda connection: reports.ends_of(connection, [SHOP]))
    assert [(report.waiting, report.oldest_at) for report in found] == [(0, None), (0, None)]


async def test_a_clock_that_is_set_days_ahead_makes_no_delivery_old(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.faults.before += [RetryableError("busy", certain=True)] * 2
    shop.chat.visitor_says(ANN, "young")
    await until(lambda: shop.helpdesk.faults.calls)
    await until_state(shop, "add_comment", "waiting")
    with clock_set(timedelta(days=4)):
        await until(lambda: "young" in "".join(shop.shown()), 8)
    assert len(shop.helpdesk.faults.calls) == 3
    assert not any("given up" in note for note in shop.notes())
