"""Events and rows that cannot be stored, read or planned stop nobody else's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Connection, text

from connectors.memory.chat import write_webhook_body
from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatMessageAdded,
    ConversationId,
    Message,
    MessageId,
    Role,
    TicketId,
    Visitor,
    WebhookRequest,
)
from syncd.engine.bridge import Bridge
from syncd.engine.hooks import Hooks
from syncd.engine.intake import FullError
from syncd.engine.metrics import Metrics
from syncd.store.inbox import Received
from syncd.store.tables import outbox

from .conftest import ANN, SHOP, Shop, until
from .faulty_ends import FaultyChat
from .test_adversity_doubt import until_state
from .test_adversity_limits import logged
from .test_flow import fragment, stored

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOB = Visitor("bob", "Bob")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "s" * 16


class StumblingChat(FaultyChat):
    """Falls over every webhook that it is to look at."""

    def admit_webhook(self, request: WebhookRequest) -> None:
        raise KeyError(request.body.decode())


def said(visitor: Visitor, id_: str | None, words: str, second: int, role: Role = Role.VISITOR) -> ChatMessageAdded:
    author = Author(role, visitor.name)
    message = Message(None if id_ is None else MessageId(id_), author, words, NOON.replace(second=second))
    return ChatMessageAdded(ConversationId(visitor.id), message, ChatContext(visitor))


def ticket_of(shop: Shop, visitor: Visitor) -> TicketId:
    return next(id_ for id_, ticket in shop.helpdesk.tickets.items() if ticket.draft.requester == visitor)


async def test_an_event_of_a_poll_that_cannot_be_stored_is_in_quarantine_and_the_next_one_flows(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.agent_replies(shop.ticket, BO, "broken \ud83d emoji")
    shop.helpdesk.agent_replies(shop.ticket, BO, "fine")
    await until(lambda: shop.heard() == ["fine"])
    assert shop.daemon.healths[SHOP, "helpdesk"].state == "ok"
    assert [row.state for row in await shop.database.run(stored)].count("quarantined") == 1


async def test_two_equal_messages_without_ids_in_one_poll_are_two_lines(shop: Shop) -> None:
    shop.chat.visitors[ConversationId(ANN.id)] = ANN
    shop.chat.world.events += [said(ANN, None, "ok", 0)] * 2
    await until(lambda: "\n".join(shop.shown()).count("ok") == 2)


async def test_a_webhook_that_cannot_be_stored_is_refused_and_those_beside_it_are_taken(shop: Shop) -> None:
    odd = Received(SHOP, "chat", "webhook", "{}", b"x", 0.0, "quarantined", "odd key '\ud800'")
    async with asyncio.timeout(3):
        good, bad = await asyncio.gather(
            shop.webhook(fragment("good")), shop.daemon.intake.receive(odd), return_exceptions=True
        )
    assert good is None
    assert isinstance(bad, FullError)
    await until(shop.shown)


async def test_a_webhook_that_the_connector_stumbles_over_is_answered_and_kept_and_no_word_of_it_logged(
    shop: Shop,
) -> None:
    async with AsyncClient() as client:
        chat = StumblingChat(MemorySettings(), Http(client))
    bridge = Bridge(SHOP, chat, shop.helpdesk, SECRET, shop.policy, doubt_seconds=1, on_doubt="park")
    hooks = Hooks({SHOP: bridge}, shop.daemon.intake, Metrics())
    body = fragment("my card is 4111")
    with logged() as lines:
        async with AsyncClient(transport=ASGITransport(hooks), base_url="http://syncd") as sender:
            answer = await sender.post(f"/hooks/shop/chat/{SECRET}", content=body)
    assert answer.status_code == 200
    assert next(row.body for row in await shop.database.run(stored)) == body
    assert any("this is a bug: KeyError" in line for line in lines)
    assert "4111" not in "".join(lines)


DAMAGES = {
    "not text": "CAST(x'7b22ff' AS TEXT)",
    "not JSON": "x'7b22'",
    "odd shape": """CAST('{"kind":"add_comment","text":["my card is 4111"]}' AS BLOB)""",
    "odd text": """'{"kind":"add_comment","text":["my card is 4111"]}'""",
}


@pytest.mark.parametrize("damaged", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_row_is_parked_and_holds_nobody_else_and_no_word_of_it_is_logged(
    shop: Shop, damaged: str
) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.helpdesk.faults.held.add(shop.ticket)
    await shop.webhook(fragment("under way", first_id=2))
    await until(lambda: shop.helpdesk.faults.calls)
    await shop.webhook(fragment("my card is 4111", first_id=3))
    await until_state(shop, "add_comment", "waiting")

    def damage(connection: Connection) -> None:
        connection.execute(outbox.update().where(outbox.c.state == "waiting").values(body=text(damaged)))

    await shop.database.run(damage)
    with logged() as lines:
        shop.helpdesk.faults.held.clear()
        await shop.webhook(fragment("hello", first_id=50, visitor=BOB))
        await until(lambda: len(shop.helpdesk.tickets) == 2)
        await until_state(shop, "add_comment", "parked")
        await shop.webhook(fragment("goes on", first_id=4))
        await until(lambda: any("goes on" in c.text for c in shop.helpdesk.tickets[ticket_of(shop, ANN)].comments))
    assert shop.daemon.failed_loop() is None
    assert "4111" not in "".join(lines)


async def test_a_line_behind_another_conversations_event_that_must_wait_is_not_overtaken(shop: Shop) -> None:
    shop.chat.visitors[ConversationId(BOB.id)] = BOB
    await shop.webhook(write_webhook_body([said(BOB, "b1", "hi", 0), said(ANN, "a0", "zero", 0)]))
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    shop.chat.faults.held.add(BOB.id)
    shop.helpdesk.agent_replies(ticket_of(shop, BOB), BO, "reply")
    await until(lambda: shop.chat.faults.calls)
    waits = said(BOB, "b2", "from an agent in the chat", 5, Role.AGENT)
    await shop.webhook(write_webhook_body([waits, said(ANN, "a1", "first", 6)]))
    await shop.webhook(write_webhook_body([said(ANN, "a2", "second", 7)]))
    await asyncio.sleep(0.2)
    shop.chat.faults.held.clear()
    comments = shop.helpdesk.tickets[ticket_of(shop, ANN)].comments
    await until(lambda: "second" in "".join(comment.text for comment in comments))
    words = "".join(comment.text for comment in comments)
    assert words.index("first") < words.index("second")
