"""The chat's webhooks on their way: they come once, twice, in any order, late, or never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.memory.chat import write_webhook_body
from syncd.contract.model import (
    ChatContext,
    ChatEnded,
    ChatMessageAdded,
    ConversationId,
    Event,
    Message,
    Visitor,
)


@dataclass(frozen=True)
class Webhook:
    """A webhook: its number, and the messages that it tells of."""

    number: int
    conversation: ConversationId
    messages: tuple[Message, ...]
    body: bytes

    @property
    def headers(self) -> str:
        return f'{{"number": "{self.number}"}}'


@dataclass
class Network:
    """What is on its way, the oldest first, and what has come, which may come again. `acknowledged` by number."""

    pending: list[Webhook] = field(default_factory=list)
    delivered: list[Webhook] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    count: int = 0

    def tell(self, conversation: ConversationId, messages: Sequence[Message], *, is_end: bool = False) -> None:
        """Let the chat send a fragment or, at its end, a transcript."""
        context = ChatContext(Visitor(conversation, f"Visitor {conversation}"))
        events: list[Event] = [ChatMessageAdded(conversation, m, context, repaired=is_end) for m in messages]
        events += [ChatEnded(conversation)] if is_end else []
        self.count += 1
        self.pending.append(Webhook(self.count, conversation, tuple(messages), write_webhook_body(events)))

    def take(self, index: int) -> Webhook:
        """Take one off the way."""
        webhook = self.pending.pop(index % len(self.pending))
        self.delivered.append(webhook)
        return webhook

    def told(self, conversation: ConversationId) -> list[Message]:
        """Give the messages of a conversation of which a webhook was acknowledged."""
        found = [
            message
            for webhook in self.delivered
            if webhook.number in self.acknowledged and webhook.conversation == conversation
            for message in webhook.messages
        ]
        return list({message.id: message for message in found}.values())
