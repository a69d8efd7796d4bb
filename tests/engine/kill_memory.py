"""Two ends in memory with the killer's hooks at each call, and what people do and see there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from httpx import AsyncClient, MockTransport, Response

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.chat import write_webhook_body
from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    ChatMessageAdded,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    Receipt,
    Reply,
    Role,
    TicketDraft,
    TicketId,
    Visitor,
    WebhookRequest,
)
from syncd.contract.ports import (
    AddsNotes,
    ChatConnector,
    FindsDeliveries,
    HelpdeskConnector,
    Polls,
    ReceivesWebhooks,
)
from tests.live.request_tracker.server import Line

from .faulty_ends import TAG
from .kill_points import Killer

BO = Author(Role.AGENT, "Bo", "bo@example.com")
NOBODY = Http(AsyncClient(transport=MockTransport(lambda _: Response(404))))
"""For ends in memory, which make no calls."""


class MortalChat(ChatConnector, ReceivesWebhooks):
    """A chat in memory that tells by webhooks alone, bounds a message's length and takes no keys."""

    Settings = MemorySettings
    longest_text = 200

    def __init__(self, chat: MemoryChat, killer: Killer) -> None:
        self._chat = chat
        self._killer = killer

    @property
    def account(self) -> str:
        return self._chat.account

    async def check(self) -> str:
        return await self._killer.call("check", self._chat.check)

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        async def post() -> Receipt:
            self._chat.world.taken.pop(key, None)
            return await self._chat.post_message(conversation, reply, key=key)

        return await self._killer.call("post_message", post)

    def read_webhook(self, request: WebhookRequest) -> list[Event]:
        return list(self._chat.read_webhook(request))


class MortalHelpdesk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes):
    """A helpdesk in memory that takes no keys, so that what is sent twice is there twice; but it can be asked."""

    Settings = MemorySettings

    def __init__(self, helpdesk: MemoryHelpdesk, killer: Killer) -> None:
        self._helpdesk = helpdesk
        self._killer = killer
        self.poll_seconds = helpdesk.poll_seconds

    @property
    def account(self) -> str:
        return self._helpdesk.account

    async def check(self) -> str:
        return await self._killer.call("check", self._helpdesk.check)

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        return await self._take("open_ticket", key, partial(self._helpdesk.open_ticket, draft, key=key))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._take("add_comment", key, partial(self._helpdesk.add_comment, ticket, text, key=key))

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._take("add_note", key, partial(self._helpdesk.add_note, ticket, text, key=key))

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        return await self._killer.call("find_delivery", partial(self._helpdesk.find_delivery, key, ticket))

    async def poll(self, after: Cursor | None) -> EventPage:
        return await self._killer.call("poll", partial(self._helpdesk.poll, after), _news)

    async def _take(self, name: str, key: DeliveryKey, call: Callable[[], Awaitable[Receipt]]) -> Receipt:
        async def take() -> Receipt:
            self._helpdesk.world.taken.pop(key, None)
            return await call()

        return await self._killer.call(name, take)


def _news(page: EventPage) -> str:
    return " of something new" if page.events else ""


class MemoryPair:
    """Both ends of one conversation, as people see them. `echoes` says whether the chat tells of what we said."""

    longest = MortalChat.longest_text

    def __init__(self, visitor: str, *, echoes: bool) -> None:
        self.visitor = visitor
        self._echoes = echoes
        settings = MemorySettings(poll_seconds=0.02)
        self._chat = MemoryChat(settings, NOBODY)
        self._helpdesk = MemoryHelpdesk(settings, NOBODY)

    def connect(self, killer: Killer, _: AsyncExitStack) -> tuple[ChatConnector, HelpdeskConnector]:
        return MortalChat(self._chat, killer), MortalHelpdesk(self._helpdesk, killer)

    def says(self, text: str) -> None:
        self._chat.visitor_says(Visitor(self.visitor, "Ann"), text, at=datetime.now(UTC))

    def replies(self, ticket: str, paragraphs: Sequence[str]) -> None:
        self._helpdesk.agent_replies(TicketId(ticket), BO, "\n\n".join(paragraphs))

    def notes(self, ticket: str, text: str) -> None:
        self._helpdesk.agent_notes(TicketId(ticket), BO, text)

    def told(self, after: int) -> list[bytes]:
        events = [event for event in self._chat.world.events if self._echoes or not is_ours(event)]
        return [write_webhook_body([event]) for event in events[after:]]

    def on_tickets(self, tickets: Sequence[str]) -> list[Line]:
        return [
            Line(comment.id, "", "syncd" if comment.ours else "agent1", comment.text)
            for ticket in tickets
            for comment in self._helpdesk.tickets[TicketId(ticket)].comments
        ]

    def opened(self) -> int:
        return len(self._helpdesk.tickets)

    def in_chat(self) -> list[dict[str, str]]:
        said = [event.message for event in self._chat.world.events if isinstance(event, ChatMessageAdded)]
        return [{"type": "agent" if one.author.role is Role.AGENT else "client", "text": one.text} for one in said]


def is_ours(event: Event) -> bool:
    return isinstance(event, ChatMessageAdded) and event.message.tag == TAG


class MemoryEnds:
    """Makes such ends."""

    def pair(self, visitor: str, *, echoes: bool) -> MemoryPair:
        return MemoryPair(visitor, echoes=echoes)


@contextmanager
def memory_ends(_: Path) -> Iterator[MemoryEnds]:
    """Give them; they need no folder."""
    yield MemoryEnds()
