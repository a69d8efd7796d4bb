"""A chat inside the process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from syncd.contract.ports import ChatConnector, Polls, ReceivesWebhooks

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


class MemoryChat(ChatConnector, Polls, ReceivesWebhooks):
    """A chat. `world.events` is all that was said."""

    Settings = MemorySettings

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        del http
        self._name = settings.name
        self.poll_seconds = settings.poll_seconds
        self.world = World()
        self.visitors: dict[ConversationId, Visitor] = {}

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

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 events."""
        return self.world.page(after)

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        """Read what `write_webhook_body` wrote."""
        return read_webhook_body(request.body)

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
