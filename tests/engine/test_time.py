"""What is given up, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from syncd.contract.errors import RetryableError
from syncd.contract.model import Author, Role

from .conftest import ANN, Shop, until

BO = Author(Role.AGENT, "Bo", "bo@example.com")


async def test_a_reply_is_tried_for_a_day_and_then_parked_with_one_note(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.chat.faults.before += [RetryableError("away", certain=True)] * 2
    shop.helpdesk.agent_replies(shop.ticket, BO, "too late")
    await until(lambda: shop.chat.faults.calls)
    with freeze_time(datetime.now(UTC) + timedelta(hours=25), tick=True, real_asyncio=True):
        await until(lambda: len(shop.notes()) == 2)
    assert "given up after 25 hours: away" in shop.notes()[1]
    assert len(shop.chat.faults.calls) == 2
    assert ("post_message", "parked") in await shop.states()
