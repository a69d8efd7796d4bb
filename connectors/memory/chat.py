"""A chat inside the process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from connectors.memory.world import MemorySettings, World, new_id
from syncd.contract.errors import MissingTargetError, PayloadError
from syncd.contract.http import Http, read_json_object
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    Contact,
    ConversationId,
    Cursor,
    DeliveryKey,
    Event,
    EventPage,
    File,
    Message,
    MessageId,
    Receipt,
    Reply,
    Role,
    Visitor,
    WebhookRequest,
)
from syncd.contract.ports import (
    ChatConnector,
    EditsMessages,
    Polls,
    PushesNotices,
    ReceivesWebhooks,
    UpdatesVisitors,
)

_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])
_BODY = TypeAdapter(dict[str, tuple[Event, ...]])


def read_webhook_body(body: bytes) -> tuple[Event, ...]:
    """Read `{"events": [...]}`. Raises PayloadError, which names the place."""
    raw = read_json_object(body).get("events")
    try:
        return _EVENTS.validate_python(raw)
    except ValidationError as bad:
        place = ".".join(map(str, bad.errors(include_input=False)[0]["loc"]))
        raise PayloadError(f"events.{place}: not an event") from None


def write_webhook_body(events: Iterable[Event]) -> bytes:
    """Write events as `{"events": [...]}`."""
    return _BODY.dump_json({"events": tuple(events)})


class MemoryChat(ChatConnector, Polls, ReceivesWebhooks, EditsMessages, PushesNotices, UpdatesVisitors):
    """A chat. `world.events` is all that was said, `edits` and `deleted` what became of it, by the messages' ids."""

    Settings = MemorySettings

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        del http
        self._name = settings.name
        self.poll_seconds = settings.poll_seconds
        self.world = World()
        self.visitors: dict[ConversationId, Visitor] = {}
        self.edits: dict[str, str] = {}
        self.deleted: set[str] = set()

    @property
    def account(self) -> str:
        """Give the configured name."""
        return self._name

    async def check(self) -> str:
        """Count the conversations."""
        return f"{len(self.visitors)} conversations in memory"

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        """Say it once for a key, however often it is called."""
        if conversation not in self.visitors:
            raise MissingTargetError("no such conversation in memory")
        if key not in self.world.taken:
            made = self._say(conversation, reply.author, reply.text, tag=reply.tag)
            self.world.taken[key] = Receipt(id=made)
        return self.world.taken[key]

    async def push_notice(self, conversation: ConversationId, text: str, *, key: DeliveryKey) -> Receipt:
        """Say it once for a key, however often it is called; no mark tells later that it is ours."""
        if conversation not in self.visitors:
            raise MissingTargetError("no such conversation in memory")
        if key not in self.world.taken:
            made = self._say(conversation, Author(Role.AUTOMATIC, self._name), text)
            self.world.taken[key] = Receipt(id=made)
        return self.world.taken[key]

    async def edit_message(self, message: MessageId, text: str, *, notice: bool) -> None:
        """Keep the new text beside what was said; nobody is told."""
        self._find(message, notice=notice)
        self.edits[message] = text

    async def delete_message(self, message: MessageId, *, notice: bool) -> None:
        """Note it as removed; nobody is told."""
        self._find(message, notice=notice)
        self.deleted.add(message)

    async def update_visitor(self, conversation: ConversationId, contact: Contact) -> None:
        """Change the visitor; the next message tells it."""
        if conversation not in self.visitors:
            raise MissingTargetError("no such conversation in memory")
        self.visitors[conversation] = replace(self.visitors[conversation], **contact.told())

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 events."""
        return self.world.page(after)

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read what `write_webhook_body` wrote."""
        return read_webhook_body(request.body)

    def seen(self, conversation: ConversationId) -> list[Message]:
        """Give what a visitor sees of a conversation now."""
        return [
            replace(said, text=self.edits.get(str(said.id), said.text))
            for said in self._said(conversation)
            if str(said.id) not in self.deleted
        ]

    def visitor_says(
        self, visitor: Visitor, text: str, *, files: tuple[File, ...] = (), at: datetime | None = None
    ) -> MessageId:
        """Let a visitor say something in their one conversation, whose id is theirs."""
        conversation = ConversationId(visitor.id)
        self.visitors[conversation] = visitor
        author = Author(Role.VISITOR, visitor.name, visitor.email)
        return self._say(conversation, author, text, files=files, at=at)

    def agent_says(
        self, conversation: ConversationId, author: Author, text: str, *, at: datetime | None = None
    ) -> MessageId:
        """Let an agent answer in the chat itself."""
        return self._say(conversation, author, text, at=at)

    def ends(self, conversation: ConversationId) -> None:
        """Let the visitor leave."""
        self.world.events.append(ChatEnded(conversation))

    def _said(self, conversation: ConversationId) -> list[Message]:
        said = [event for event in self.world.events if isinstance(event, ChatMessageAdded)]
        return [event.message for event in said if event.conversation == conversation]

    def _find(self, message: MessageId, *, notice: bool) -> None:
        there = [one for conversation in self.visitors for one in self.seen(conversation) if one.id == message]
        if not there or notice != (there[0].author.role is Role.AUTOMATIC):
            raise MissingTargetError("no such message in memory")

    def _say(
        self,
        conversation: ConversationId,
        author: Author,
        text: str,
        *,
        files: tuple[File, ...] = (),
        tag: str = "",
        at: datetime | None = None,
    ) -> MessageId:
        message = Message(MessageId(new_id()), author, text, self.world.happens(at), files=files, tag=tag)
        context = ChatContext(self.visitors[conversation])
        self.world.events.append(ChatMessageAdded(conversation, message, context))
        return MessageId(str(message.id))
