"""The four transactions between two ends in memory, on a real SQLite file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from connectors.memory.chat import write_webhook_body
from syncd.contract.errors import RejectedError, RetryableError
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
)
from syncd.store.tables import inbox, payload

from .conftest import ANN, Shop, until

BO = Author(Role.AGENT, "Bo", "bo@example.com")
BOB = Visitor("bob", "Bob")


def fragment(*texts: str, role: Role = Role.VISITOR, first_id: int | None = 1, visitor: Visitor = ANN) -> bytes:
    """Make a webhook with one message for each text."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return write_webhook_body(
        ChatMessageAdded(
            ConversationId(visitor.id),
            Message(
                None if first_id is None else MessageId(f"m{first_id + n}"),
                Author(role, visitor.name),
                text,
                at.replace(second=n),
            ),
            ChatContext(visitor),
        )
        for n, text in enumerate(texts)
    )


def stored(connection: Connection) -> list[Any]:
    """Give everything that came in, with its body, but for our own comments seen again."""
    query = inbox.join(payload).select().order_by(inbox.c.id)
    return [row for row in connection.execute(query) if b'"ours":true' not in row.body]


async def test_a_line_reaches_the_ticket_and_a_reply_the_chat_but_a_note_does_not(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "Do you ship to Cork?")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.agent_notes(shop.ticket, BO, "regular customer")
    shop.helpdesk.agent_replies(shop.ticket, BO, "Yes, we do.")
    await until(lambda: shop.heard() == ["Yes, we do."])
    await asyncio.sleep(0.1)
    assert shop.heard() == ["Yes, we do."]
    assert shop.shown() == ["Ann (visitor) · 2020-01-01 00:00:01 UTC\nDo you ship to Cork?", "Yes, we do."]
    assert shop.notes() == ["Name: Ann\nE-mail: ann@example.com", "regular customer"]


async def test_the_same_webhook_five_times_is_one_line(shop: Shop) -> None:
    for _ in range(5):
        await shop.webhook(fragment("hello"))
    await until(lambda: len(shop.shown()) == 1)
    await asyncio.sleep(0.1)
    assert len(shop.shown()) == 1


async def test_messages_without_ids_are_never_taken_for_each_other(shop: Shop) -> None:
    body = fragment("ok", "ok", first_id=None)
    await shop.webhook(body)
    await shop.webhook(body)
    await until(lambda: "\n".join(shop.shown()).count("ok") >= 2)
    await asyncio.sleep(0.1)
    assert "\n".join(shop.shown()).count("ok") == 2


async def test_lines_that_wait_while_the_helpdesk_is_busy_go_out_together_and_in_order(shop: Shop) -> None:
    await shop.webhook(fragment("first"))
    await until(shop.shown)
    shop.helpdesk.faults.held.add(shop.ticket)
    for n in range(20):
        await shop.webhook(fragment(f"line {n:02}", first_id=10 + n))
    await until(lambda: shop.helpdesk.faults.calls)
    await asyncio.sleep(0.2)
    shop.helpdesk.faults.held.clear()
    await until(lambda: "line 19" in "".join(shop.shown()))
    words = "\n".join(shop.shown())
    places = [words.index(f"line {n:02}") for n in range(20)]
    assert places == sorted(places)
    assert len(shop.shown()) <= 4


async def test_a_stuck_conversation_holds_no_other(shop: Shop) -> None:
    await shop.webhook(fragment("ann one"))
    await until(shop.shown)
    stuck = shop.ticket
    shop.helpdesk.faults.held.add(stuck)
    await shop.webhook(fragment("ann two", first_id=2))
    await until(lambda: shop.helpdesk.faults.calls)
    await shop.webhook(fragment("bob one", first_id=50, visitor=BOB))
    await until(lambda: len(shop.helpdesk.tickets) == 2)
    await shop.webhook(fragment("bob two", first_id=51, visitor=BOB))
    (other,) = set(shop.helpdesk.tickets) - {stuck}
    await until(lambda: any("bob two" in comment.text for comment in shop.helpdesk.tickets[other].comments))
    assert not any("ann two" in comment.text for comment in shop.helpdesk.tickets[stuck].comments)
    shop.helpdesk.faults.held.clear()


async def test_automatic_lines_alone_open_no_ticket_and_come_along_once_with_the_first_real_line(shop: Shop) -> None:
    await shop.webhook(fragment("Can we help?", role=Role.AUTOMATIC))
    await asyncio.sleep(0.1)
    assert shop.helpdesk.tickets == {}
    await shop.webhook(fragment("Can we help?", "Yes please", role=Role.VISITOR))
    await until(shop.shown)
    await asyncio.sleep(0.1)
    (text,) = shop.shown()
    assert text.index("Can we help?") < text.index("Yes please")
    assert text.count("Can we help?") == 1


async def test_a_body_that_cannot_be_read_is_kept_and_the_next_one_flows(shop: Shop) -> None:
    await shop.webhook(b'{"events": [{"kind": "nonsense"}]}')
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    rows = await shop.database.run(stored)
    assert [row.state for row in rows] == ["quarantined", "done"]
    assert rows[0].body == b'{"events": [{"kind": "nonsense"}]}'
    assert rows[0].reason


async def test_replies_on_tickets_that_are_not_ours_go_nowhere_and_are_not_kept(shop: Shop) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    foreign = TicketId("foreign")
    shop.helpdesk.tickets[foreign] = shop.helpdesk.tickets[shop.ticket]
    shop.helpdesk.agent_replies(foreign, BO, "for somebody else")

    async def states() -> list[tuple[str, bytes]]:
        rows = await shop.database.run(stored)
        return [(row.state, row.body) for row in rows]

    while "foreign" not in [state for state, _ in await states()]:
        await asyncio.sleep(0.01)
    assert dict(await states())["foreign"] == b""
    assert shop.heard() == []


async def test_a_rejected_line_is_parked_with_one_note_and_the_lane_goes_on(shop: Shop) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.helpdesk.faults.before.append(RejectedError("POST answered 422"))
    await shop.webhook(fragment("too strange", first_id=2))
    await until(lambda: len(shop.notes()) == 2)
    await shop.webhook(fragment("goes on", first_id=3))
    await until(lambda: len(shop.shown()) == 2)
    assert "POST answered 422" in shop.notes()[1]
    assert "goes on" in shop.shown()[1]
    assert ("add_comment", "parked") in await shop.states()


async def test_a_vanished_ticket_is_replaced_once_for_all_that_waits(shop: Shop) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.helpdesk.delete_ticket(shop.ticket)
    for n in range(10):
        await shop.webhook(fragment(f"line {n}", first_id=10 + n))
    await until(lambda: shop.shown() and "line 9" in "".join(shop.shown()))
    words = "\n".join(shop.shown())
    assert [words.count(f"line {n}") for n in range(10)] == [1] * 10
    assert shop.helpdesk.tickets[shop.ticket].draft.requester == ANN


async def test_an_error_before_the_effect_is_tried_again(shop: Shop) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.helpdesk.faults.before.append(RetryableError("refused", certain=True))
    await shop.webhook(fragment("again", first_id=2))
    await until(lambda: len(shop.shown()) == 2)
    assert len(shop.helpdesk.faults.calls) == 2


async def test_a_call_into_the_helpdesk_that_was_cut_after_its_effect_is_found_and_not_repeated(shop: Shop) -> None:
    await shop.webhook(fragment("hello"))
    await until(shop.shown)
    shop.helpdesk.faults.after.append(RetryableError("reset", certain=False))
    await shop.webhook(fragment("once", first_id=2))
    await until(lambda: len(shop.shown()) == 2)
    while ("add_comment", "in_doubt") in await shop.states():
        await asyncio.sleep(0.05)
    assert len(shop.helpdesk.faults.calls) == 1
    assert "".join(shop.shown()).count("once") == 1


async def test_every_body_can_be_read_back_byte_for_byte(shop: Shop) -> None:
    body = b'  {"events" : [] , "odd": "\\u00e9 \\ud83d\\ude00"}\n'
    await shop.webhook(body)
    (row,) = await shop.database.run(stored)
    assert row.body == body
