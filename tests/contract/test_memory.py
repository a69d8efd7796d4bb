"""The reference connectors pass the suites that they are the reference for."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.chat import write_webhook_body
from syncd.contract.errors import MissingTargetError
from syncd.contract.http import Http
from syncd.contract.model import ConversationId, TicketId, WebhookRequest
from syncd.testing.chat_suite import ChatEnd, ChatSuite, PollsSuite, ReceivesWebhooksSuite, SendsWebhooks, Shown
from syncd.testing.helpdesk_suite import AddsNotesSuite, FindsDeliveriesSuite, HelpdeskEnd, HelpdeskSuite
from syncd.testing.suite_ends import AGENT, VISITOR, draft, new_key, new_text, said


class MemoryChatEnd(ChatEnd, SendsWebhooks):
    """A chat in which one visitor has said hello."""

    connector: MemoryChat

    def __init__(self) -> None:
        self.settings = MemoryChat.Settings(name="suite")
        self.connector = MemoryChat(self.settings, Http(httpx.AsyncClient()))
        self.connector.visitor_says(VISITOR, "hello")
        self.conversation = ConversationId(VISITOR.id)

    async def people_say(self, text: str) -> None:
        self.connector.visitor_says(VISITOR, text)

    async def shown(self) -> Sequence[Shown]:
        return [Shown(message.text) for message in said(self.connector.world.events)]

    async def webhooks(self) -> Sequence[WebhookRequest]:
        events = self.connector.world.events
        return [WebhookRequest(write_webhook_body(events[at : at + 2])) for at in range(0, len(events), 2)]


class MemoryHelpdeskEnd(HelpdeskEnd):
    """A helpdesk with one ticket, and one that was deleted."""

    connector: MemoryHelpdesk

    def __init__(self) -> None:
        self.settings = MemoryHelpdesk.Settings(name="suite")
        self.connector = MemoryHelpdesk(self.settings, Http(httpx.AsyncClient()))

    async def begin(self) -> None:
        opened = [await self.connector.open_ticket(draft("hello"), key=new_key()) for _ in range(2)]
        self.ticket, self.gone = (one.ticket or TicketId("") for one in opened)
        self.connector.delete_ticket(self.gone)

    async def people_say(self, text: str) -> None:
        self.connector.agent_replies(self.ticket, AGENT, text)

    async def people_note(self, text: str) -> None:
        self.connector.agent_notes(self.ticket, AGENT, text)

    async def shown_on(self, ticket: TicketId) -> Sequence[Shown]:
        return [Shown(comment.text, not comment.public) for comment in self.connector.tickets[ticket].comments]

    async def requester(self, ticket: TicketId) -> str:
        return self.connector.tickets[ticket].draft.requester.email


class TestMemoryChat(ChatSuite, PollsSuite, ReceivesWebhooksSuite):
    connector_class = MemoryChat

    @pytest.fixture
    async def end(self) -> MemoryChatEnd:
        return MemoryChatEnd()

    async def test_a_key_that_comes_again_posts_nothing(self, end: MemoryChatEnd) -> None:
        receipts = [await end.deliver("once", key) for key in [new_key()] * 2]
        assert receipts[0] == receipts[1]
        assert [shown.text for shown in await end.shown()].count("once") == 1

    async def test_a_conversation_that_is_not_there_is_a_missing_target(self, end: MemoryChatEnd) -> None:
        end.conversation = ConversationId("nobody")
        with pytest.raises(MissingTargetError):
            await end.deliver("hello?", new_key())

    async def test_a_full_page_says_that_more_waits(self, end: MemoryChatEnd) -> None:
        start = (await end.connector.poll(None)).cursor
        for _ in range(60):
            await end.people_say(new_text())
        first = await end.connector.poll(start)
        second = await end.connector.poll(first.cursor)
        assert [(len(page.events), page.more) for page in (first, second)] == [(50, True), (10, False)]


class TestMemoryHelpdesk(HelpdeskSuite, PollsSuite, FindsDeliveriesSuite, AddsNotesSuite):
    connector_class = MemoryHelpdesk

    @pytest.fixture
    async def end(self) -> MemoryHelpdeskEnd:
        end = MemoryHelpdeskEnd()
        await end.begin()
        return end

    async def test_a_key_that_comes_again_opens_and_adds_nothing(self, end: MemoryHelpdeskEnd) -> None:
        once = draft(new_text())
        opened = [await end.connector.open_ticket(once, key=key) for key in [new_key()] * 2]
        added = [await end.deliver("once", key) for key in [new_key()] * 2]
        assert opened[0] == opened[1]
        assert added[0] == added[1]
        assert [shown.text for shown in await end.shown()].count("once") == 1

    async def test_what_was_on_a_deleted_ticket_is_not_found(self, end: MemoryHelpdeskEnd) -> None:
        await end.deliver("soon gone", key := new_key())
        end.connector.delete_ticket(end.ticket)
        assert await end.connector.find_delivery(key, end.ticket) is None
