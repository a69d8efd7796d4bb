"""Webhooks that come again and again and in any order (R5)."""

from __future__ import annotations

import asyncio
import random
import re
from datetime import UTC, datetime, timedelta

import pytest

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

from .conftest import SHOP, Shop

CONVERSATIONS, CONVERSATIONS_LONG, LINES = 20, 200, 50
AT_A_TIME = 2000
MOST_SECONDS = 120.0
UNPLANNED = "SELECT count(*) FROM inbox WHERE state = 'new'"
UNDELIVERED = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def webhook(visitor: str, number: int) -> bytes:
    author = Author(Role.VISITOR, visitor)
    message = Message(MessageId(f"{visitor}-{number}"), author, f"<{number:03}>", AT + timedelta(seconds=number))
    return write_webhook_body([ChatMessageAdded(ConversationId(visitor), message, ChatContext(Visitor(visitor)))])


async def heard_in_disorder(shop: Shop, conversations: int) -> list[str]:
    """Let every webhook come up to five times and in any order; give the conversations in which something is wrong."""
    chance = random.Random(7)
    everything = [(f"visitor{who}", number) for who in range(conversations) for number in range(LINES)]
    sent = [what for what in everything for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    await shop.database.run(lambda c: carry_out(c, Pause(SHOP), 0.0))
    for first in range(0, len(sent), AT_A_TIME):
        together = sent[first : first + AT_A_TIME]
        await asyncio.gather(*(shop.webhook(webhook(visitor, number)) for visitor, number in together))
    await until_none(shop, UNPLANNED)
    await shop.database.run(lambda c: carry_out(c, Resume(SHOP), 0.0))
    shop.daemon.wake(SHOP, "helpdesk")
    await until_none(shop, UNDELIVERED)
    shown = on_tickets(shop)
    lost = sum(LINES - len(set(numbers)) for numbers in shown.values())
    doubled = sum(len(numbers) - len(set(numbers)) for numbers in shown.values())
    wrong = [visitor for visitor, numbers in shown.items() if numbers != sorted(set(numbers))]
    print(f"\n{len(sent)} webhooks for {len(everything)} lines: {lost} lost, {doubled} doubled, {len(wrong)} wrong")
    return wrong


async def test_each_line_is_on_its_ticket_once_and_in_order_of_time(shop: Shop) -> None:
    assert await heard_in_disorder(shop, CONVERSATIONS) == []


@pytest.mark.torture
async def test_each_of_ten_thousand_lines_is_on_its_ticket_once_and_in_order_of_time(shop: Shop) -> None:
    assert await heard_in_disorder(shop, CONVERSATIONS_LONG) == []


async def test_the_control_a_ledger_that_forgets_shows_doubles(shop: Shop) -> None:
    forget = "CREATE TRIGGER forget AFTER INSERT ON ledger BEGIN DELETE FROM ledger WHERE id = new.id; END"
    await shop.database.run(lambda connection: connection.exec_driver_sql(forget))
    assert len(await heard_in_disorder(shop, 2)) == 2


async def until_none(shop: Shop, query: str) -> None:
    """Wait until there is nothing left of what a query counts."""
    async with asyncio.timeout(MOST_SECONDS):
        while await shop.database.run(lambda connection: connection.exec_driver_sql(query).scalar_one()):
            await asyncio.sleep(0.05)


def on_tickets(shop: Shop) -> dict[str, list[int]]:
    """Give the numbers of the lines on each visitor's ticket, in the order shown."""
    return {
        ticket.draft.requester.id: [
            int(number) for comment in ticket.comments for number in re.findall(r"<(\d+)>", comment.text)
        ]
        for ticket in shop.helpdesk.tickets.values()
    }
