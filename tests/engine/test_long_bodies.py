"""Bodies with more messages than one commit has room for."""

from __future__ import annotations

import re
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
BOB = Visitor("bob", "Bob")


def body(visitor: Visitor, count: int) -> bytes:
    """Make a webhook with so many numbered lines of a visitor."""
    return write_webhook_body(
        ChatMessageAdded(
            ConversationId(visitor.id),
            Message(
                MessageId(f"{visitor.id}-{number}"),
                Author(Role.VISITOR, visitor.name),
                f"<{number}>",
                NOON + timedelta(seconds=number),
            ),
            ChatContext(visitor),
        )
        for number in range(count)
    )


def planned(shop: Shop) -> int:
    with closing(shop.other_connection()) as other:
        (count,) = other.execute("SELECT count(*) FROM outbox WHERE kind = 'add_comment'").fetchone()
        return int(count)


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
