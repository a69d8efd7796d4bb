"""The reference connectors pass the suites that they are the reference for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx
import pytest

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.chat import write_webhook_body
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.http import Http
from syncd.contract.model import Contact, ConversationId, StatusClass, TicketId, Visitor, WebhookRequest
from syncd.testing.chat_suite import (
    ChatEnd,
    ChatSuite,
    EditsMessagesSuite,
    PollsSuite,
    PushesNoticesSuite,
    ReceivesWebhooksSuite,
    SendsWebhooks,
    Shown,
    ShowsVisitor,
    UpdatesVisitorsSuite,
)
from syncd.testing.helpdesk_suite import (
    AddsNotesSuite,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    FindsDeliveriesSuite,
    HelpdeskEnd,
    HelpdeskSuite,
    RaisesPrioritySuite,
    SetsFieldsSuite,
    SetsStatusSuite,
    ShowsFields,
    ShowsFiles,
    ShowsPriority,
    ShowsTags,
    TagsTicketsSuite,
    TellsChangesSuite,
    TellsContactSuite,
    TellsStatus,
    UpdatesRequesterSuite,
    UploadsFilesSuite,
)
from syncd.testing.suite_ends import AGENT, VISITOR, draft, new_key, new_text


class MemoryChatEnd(ChatEnd, SendsWebhooks, ShowsVisitor):
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
        return [Shown(message.text) for message in self.connector.seen(self.conversation)]

    async def visitor(self) -> Contact:
        shown = self.connector.visitors[self.conversation]
        return Contact(shown.name, shown.email, shown.phone)

    async def webhooks(self) -> Sequence[WebhookRequest]:
        events = self.connector.world.events
        return [WebhookRequest(write_webhook_body(events[at : at + 2])) for at in range(0, len(events), 2)]


class MemoryHelpdeskEnd(
    HelpdeskEnd,
    ShowsFiles,
    ShowsPriority,
    ShowsTags,
    TellsStatus,
    ChangesComments,
    ChoosesRequester,
    CorrectsContact,
    ShowsFields,
):
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

    async def people_change(self, old: str, new: str) -> None:
        for comment in [one for one in self.connector.tickets[self.ticket].comments if old in one.text]:
            self.connector.agent_edits(comment.id, comment.text.replace(old, new))

    async def people_set(self, ticket: TicketId, status: StatusClass) -> None:
        self.connector.agent_sets(ticket, status)

    free_fields = ("Page", "Country")

    async def fields_on(self, ticket: TicketId) -> Mapping[str, str]:
        return self.connector.tickets[ticket].fields

    async def people_correct(self, ticket: TicketId, contact: Contact) -> None:
        self.connector.agent_corrects(ticket, contact)

    async def priority(self, ticket: TicketId) -> int:
        return self.connector.tickets[ticket].priority

    async def tags(self, ticket: TicketId) -> Sequence[str]:
        return self.connector.tickets[ticket].tags

    async def requester(self, ticket: TicketId) -> str:
        return self.connector.tickets[ticket].requester.email

    async def people_choose_requester(self, ticket: TicketId, email: str) -> None:
        self.connector.agent_makes_requester(ticket, Visitor("", email=email))

    async def files_on(self, ticket: TicketId) -> Sequence[Upload]:
        return self.connector.tickets[ticket].files


class TestMemoryChat(
    ChatSuite,
    PollsSuite,
    ReceivesWebhooksSuite,
    EditsMessagesSuite,
    PushesNoticesSuite,
    UpdatesVisitorsSuite,
):
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


class TestMemoryHelpdesk(
    HelpdeskSuite,
    PollsSuite,
    FindsDeliveriesSuite,
    AddsNotesSuite,
    UploadsFilesSuite,
    SetsStatusSuite,
    RaisesPrioritySuite,
    TagsTicketsSuite,
    TellsChangesSuite,
    UpdatesRequesterSuite,
    SetsFieldsSuite,
    TellsContactSuite,
):
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
