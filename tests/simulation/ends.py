"""A chat and a helpdesk that stop at every call; neither knows a key that comes again, the helpdesk can be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.memory.chat import read_webhook_body
from connectors.memory.world import MemorySettings
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentId,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    Message,
    MessageId,
    Quota,
    Receipt,
    Reply,
    Role,
    TicketDraft,
    TicketId,
    WebhookRequest,
)
from syncd.contract.ports import AddsNotes, ChatConnector, FindsDeliveries, HelpdeskConnector, Polls, ReceivesWebhooks
from tests.simulation.gates import TAKEN, Fate, Gates, failure

Moments = Callable[[], datetime]


class Line:
    """The way to an end: each call stops before the end gets it, and if it took it, before we hear of it."""

    def __init__(self, end: str, gates: Gates, counts: Counter[str]) -> None:
        self._end = end
        self._gates = gates
        self._counts = counts

    async def read(self, name: str) -> None:
        """Ask something. Raises what the fate wants."""
        fate = await self._fate(name)
        if error := failure(fate, reads=True):
            raise error

    async def take(self, name: str, act: Callable[[], Receipt]) -> Receipt:
        """Do something at the end. Raises what the fate wants, before it was done or after it."""
        fate = await self._fate(name)
        receipt = act() if fate in TAKEN else None
        if receipt is not None:
            await self._gates.stop("answer", f"{self._end}: {name}")
        if error := failure(fate):
            raise error
        assert receipt is not None
        return receipt

    async def _fate(self, name: str) -> Fate:
        fate = (await self._gates.stop("call", f"{self._end}: {name}")).fate
        self._counts[f"{self._end}: {Fate.WELL if fate is Fate.FULL else fate}"] += 1
        return fate


class ModelChat(ChatConnector, ReceivesWebhooks):
    """A chat; `said` is called with each conversation in which there is something new."""

    Settings = MemorySettings

    def __init__(self, line: Line, now: Moments, said: Callable[[ConversationId], None]) -> None:
        self._line = line
        self._now = now
        self._said = said
        self.conversations: dict[ConversationId, list[Message]] = {}

    @property
    def account(self) -> str:
        return "chat"

    async def check(self) -> str:
        await self._line.read("check")
        return "well"

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        del key
        return await self._line.take(
            f"post to {conversation}",
            lambda: Receipt(id=self.say(conversation, reply.author, reply.text, tag=reply.tag)),
        )

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        return read_webhook_body(request.body)

    def say(self, conversation: ConversationId, author: Author, text: str, *, tag: str = "") -> MessageId:
        """Let somebody say something."""
        messages = self.conversations.setdefault(conversation, [])
        made = MessageId(f"{conversation}-{len(messages)}")
        messages.append(Message(made, author, text, self._now(), tag=tag))
        self._said(conversation)
        return made


class ScarceChat(ModelChat):
    """A chat that allows few calls."""

    quota = Quota(calls=3, seconds=20.0)


@dataclass
class Ticket:
    """A ticket and its comments, oldest first; `ours` are the ids of those that our account wrote."""

    conversation: ConversationId | None
    comments: list[Comment] = field(default_factory=list)
    ours: set[CommentId] = field(default_factory=set)


class ModelHelpdesk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes):
    """A helpdesk. Where it does not tell ours, what we wrote looks like an agent's."""

    Settings = MemorySettings
    poll_seconds = 1.0

    def __init__(self, line: Line, now: Moments, *, tells_ours: bool) -> None:
        self._line = line
        self._now = now
        self._tells_ours = tells_ours
        self._taken: dict[DeliveryKey, Receipt] = {}
        self.tickets: dict[TicketId, Ticket] = {}
        self.events: list[CommentAdded] = []
        self.page_size = 50

    @property
    def account(self) -> str:
        return "helpdesk"

    async def check(self) -> str:
        await self._line.read("check")
        return "well"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        return await self._line.take(f"open for {draft.conversation}", lambda: self._open(draft, key))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._line.take(f"comment on {ticket}", lambda: self._put(ticket, text, key, public=True))

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        return await self._line.take(f"note on {ticket}", lambda: self._put(ticket, text, key, public=False))

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        await self._line.read("find")
        found = self._taken.get(key)
        return found if found and ticket in {None, found.ticket} else None

    async def poll(self, after: Cursor | None) -> EventPage:
        await self._line.read("poll")
        begin = len(self.events) if after is None else int(after)
        behind = min(begin + self.page_size, len(self.events))
        return EventPage(tuple(self.events[begin:behind]), Cursor(str(behind)), more=behind < len(self.events))

    def opened(self, conversation: ConversationId | None) -> TicketId:
        """Open a ticket, for somebody else where the conversation is None."""
        made = TicketId(f"t{len(self.tickets)}")
        self.tickets[made] = Ticket(conversation)
        return made

    def write(self, ticket: TicketId, author: Author, text: str, *, public: bool, html: bool = False) -> None:
        """Let somebody write a comment."""
        self._add(ticket, author, text, public=public, html=html, ours=False)

    def _open(self, draft: TicketDraft, key: DeliveryKey) -> Receipt:
        ticket = self.opened(draft.conversation)
        first = self._put(ticket, draft.text, key, public=True).id if draft.text else None
        self._taken[key] = Receipt(first, ticket)
        return self._taken[key]

    def _put(self, ticket: TicketId, text: str, key: DeliveryKey, *, public: bool) -> Receipt:
        made = self._add(ticket, Author(Role.AGENT, "api"), text, public=public, html=False, ours=True)
        self._taken[key] = Receipt(made, ticket)
        return self._taken[key]

    def _add(self, ticket: TicketId, author: Author, text: str, *, public: bool, html: bool, ours: bool) -> CommentId:
        made = CommentId(f"c{len(self.events)}")
        told = ours if self._tells_ours else None
        comment = Comment(made, author, text, self._now(), public, html=html, ours=told)
        self.tickets[ticket].comments.append(comment)
        self.tickets[ticket].ours |= {made} if ours else set()
        self.events.append(CommentAdded(ticket, comment))
        return made
