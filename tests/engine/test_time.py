"""What is given up, and when."""

from __future__ import annotations

from syncd.contract.errors import RetryableError
from syncd.contract.model import Author, Role

from .conftest import ANN, Shop, until
from .test_adversity_doubt import grow_old, until_state

BO = Author(Role.AGENT, "Bo", "bo@example.com")


async def test_a_reply_is_tried_for_a_day_and_then_parked_with_one_note(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.chat.faults.before += [RetryableError("away", certain=True)] * 2
    shop.helpdesk.agent_replies(shop.ticket, BO, "too late")
    await until(lambda: shop.chat.faults.calls)
    await until_state(shop, "post_message", "waiting")
    await grow_old(shop, days=25 / 24)
    await until(lambda: len(shop.notes()) == 2)
    assert "given up after 25 hours: away" in shop.notes()[1]
    assert len(shop.chat.faults.calls) == 2
    assert ("post_message", "parked") in await shop.states()
