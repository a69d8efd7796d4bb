"""Bodies with more messages than one commit has room for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
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

from .conftest import ANN, Shop, until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = 600
LOOKS = 20
BOB = Visitor("bob", "Bob")
BO = Author(Role.AGENT, "Bo", "bo@example.com")


def lines(visitor: Visitor, count: int) -> Iterator[ChatMessageAdded]:
    """Give so many numbered lines of a visitor."""
    for number in range(count):
        at = NOON + timedelta(seconds=number)
        message = Message(MessageId(f"{visitor.id}-{number}"), Author(Role.VISITOR, visitor.name), f"<{number}>", at)
        yield ChatMessageAdded(ConversationId(visitor.id), message, ChatContext(visitor))


def body(visitor: Visitor, count: int) -> bytes:
    """Make a webhook with them."""
    return write_webhook_body(lines(visitor, count))


def planned(shop: Shop) -> int:
    with closing(shop.other_connection()) as other:
        (count,) = other.execute("SELECT count(*) FROM outbox WHERE kind = 'add_comment'").fetchone()
        return int(count)


def duplicates(shop: Shop) -> int:
    found = re.search(r'verdict="duplicate"} (\d+)', shop.metrics.render([], 0).decode())
    return int(found[1]) if found else 0


async def begun(shop: Shop) -> None:
    """Let a long body come in and wait until the first of its lines are planned."""
    await shop.webhook(body(ANN, MANY))
    await until(lambda: planned(shop) > 0)


async def test_a_webhook_is_stored_while_a_long_body_is_planned(shop: Shop) -> None:
    await begun(shop)
    await shop.webhook(body(BOB, 1))
    assert planned(shop) < MANY


async def test_a_kill_while_a_long_body_is_planned_loses_and_doubles_no_line(shop: Shop) -> None:
    await begun(shop)
    await shop.kill()
    assert planned(shop) < MANY
    await shop.start()
    await until(lambda: f"<{MANY - 1}>" in "".join(shop.shown()), 30)
    assert re.findall(r"<(\d+)>", "".join(shop.shown())) == [str(number) for number in range(MANY)]


async def test_what_comes_behind_a_long_body_of_its_conversation_stays_behind_it(shop: Shop) -> None:
    await begun(shop)
    for number in range(3):
        shop.chat.visitor_says(ANN, "<last>", at=NOON + timedelta(days=1, seconds=number))
    await until(lambda: "".join(shop.shown()).count("<last>") == 3, 30)
    told = re.findall(r"<(\w+)>", "".join(shop.shown()))
    assert told == [*(str(number) for number in range(MANY)), *["last"] * 3]


async def test_lines_before_one_that_must_wait_are_looked_at_once(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.chat.faults.held.add(ANN.id)
    shop.helpdesk.agent_replies(shop.ticket, BO, "on its way")
    await until(lambda: shop.chat.faults.calls)
    maybe_ours = Message(MessageId("ours"), BO, "on its way", NOON, tag="syncd-shop")
    await shop.webhook(
        write_webhook_body([*lines(ANN, 5), ChatMessageAdded(ConversationId(ANN.id), maybe_ours, ChatContext(ANN))])
    )
    await until(lambda: planned(shop) == 6)
    before = duplicates(shop)
    for _ in range(LOOKS):
        shop.daemon.planner.wake()
        await asyncio.sleep(0.02)
    # Our own comments come back by the helpdesk's poll: they are duplicates.
    assert duplicates(shop) - before < LOOKS
    shop.chat.faults.held.clear()
    await until(shop.heard)
    assert re.findall(r"<(\d)>", "".join(shop.shown())) == ["0", "1", "2", "3", "4"]
