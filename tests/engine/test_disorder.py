"""Webhooks that come again and again and in any order (R5)."""

from __future__ import annotations

import asyncio
import random
import re
from datetime import UTC, datetime, timedelta

from connectors.memory.chat import write_webhook_body
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatMessageAdded,
    ConversationId,
    Message,
    MessageId,
    Role,
    Visitor,
)
from syncd.store.operations import Pause, Resume, carry_out

from .conftest import SHOP, Shop, until

CONVERSATIONS, LINES = 20, 50
AT = datetime(2026, 3, 1, tzinfo=UTC)


def webhook(visitor: str, number: int) -> bytes:
    author = Author(Role.VISITOR, visitor)
    message = Message(MessageId(f"{visitor}-{number}"), author, f"<{number:03}>", AT + timedelta(seconds=number))
    return write_webhook_body([ChatMessageAdded(ConversationId(visitor), message, ChatContext(Visitor(visitor)))])


async def test_each_line_is_on_its_ticket_once_and_in_order_of_time(shop: Shop) -> None:
    chance = random.Random(7)
    everything = [(f"visitor{who}", number) for who in range(CONVERSATIONS) for number in range(LINES)]
    sent = [what for what in everything for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    await shop.database.run(lambda c: carry_out(c, Pause(SHOP), 0.0))
    await asyncio.gather(*(shop.webhook(webhook(visitor, number)) for visitor, number in sent))
    while await unplanned(shop):
        await asyncio.sleep(0.05)
    await shop.database.run(lambda c: carry_out(c, Resume(SHOP), 0.0))
    shop.daemon.wake(SHOP, "helpdesk")
    await until(lambda: sum(len(shown) for shown in on_tickets(shop).values()) >= len(everything), 30)
    wrong = [visitor for visitor, shown in on_tickets(shop).items() if shown != sorted(set(shown))]
    print(f"\n{len(sent)} webhooks for {len(everything)} lines, {len(wrong)} conversations with a wrong")
    assert wrong == []


async def unplanned(shop: Shop) -> int:
    query = "SELECT count(*) FROM inbox WHERE state = 'new'"
    return await shop.database.run(lambda connection: int(connection.exec_driver_sql(query).scalar_one()))


def on_tickets(shop: Shop) -> dict[str, list[int]]:
    """Give the numbers of the lines on each visitor's ticket, in the order shown."""
    return {
        ticket.draft.requester.id: [
            int(number) for comment in ticket.comments for number in re.findall(r"<(\d+)>", comment.text)
        ]
        for ticket in shop.helpdesk.tickets.values()
    }
