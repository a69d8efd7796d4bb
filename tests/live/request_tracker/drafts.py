"""What the tests of the connector to Request Tracker need again and again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from connectors.request_tracker import RequestTracker
from syncd.contract.model import (
    CommentAdded,
    ConversationId,
    Cursor,
    DeliveryKey,
    Receipt,
    TicketDraft,
    TicketId,
    Visitor,
)

Connect = Callable[..., RequestTracker]
"""Makes a connector as the account `syncd` in the queue Support; settings change by name."""


def new_key() -> DeliveryKey:
    return DeliveryKey(f"bridge-1.{uuid4().hex}")


def a_draft(subject: str = "Chat with Jane", text: str = "", queue: str = "", **visitor: str) -> TicketDraft:
    who = {"id": f"v{uuid4().hex}", "name": "Jane Doe", **visitor}
    return TicketDraft(subject, Visitor(**who), ConversationId("conversation-1"), text, queue)


def ticket_of(receipt: Receipt | None) -> TicketId:
    assert receipt is not None
    assert receipt.ticket is not None
    return receipt.ticket


async def a_ticket(connector: RequestTracker, **visitor: str) -> TicketId:
    return ticket_of(await connector.open_ticket(a_draft(**visitor), key=new_key()))


async def from_now(connector: RequestTracker) -> Cursor:
    page = await connector.poll(None)
    assert page.events == ()
    return page.cursor


async def replies(connector: RequestTracker, after: Cursor, *tickets: str) -> list[CommentAdded]:
    """Poll until nothing is waiting; give the replies on these tickets."""
    found: list[CommentAdded] = []
    more = True
    while more:
        page = await connector.poll(after)
        found += [one for one in page.events if isinstance(one, CommentAdded) and one.ticket in tickets]
        after, more = page.cursor, page.more
    return found
