"""One visitor's chat: what was said, which session runs, and what no webhook has told yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from syncd.testing.chatra.message import Message, TextKey
from syncd.testing.chatra.refusal import Json
from syncd.testing.chatra.visitor import Visitor


@dataclass(slots=True)
class Chat:
    """The chat of one visitor, over all of its sessions.

    `pending` waits for the next fragment, `untold` for the next transcript. `started_on` has the two webhook properties
    that tell the page the running session began on; None while no session runs.
    """

    visitor: Visitor
    messages: list[Message] = field(default_factory=list)
    pending: list[Message] = field(default_factory=list)
    untold: list[Message] = field(default_factory=list)
    started_on: Json | None = None

    def add(self, message: Message) -> None:
        """Put a message at the end."""
        for messages in (self.messages, self.pending, self.untold):
            messages.append(message)

    def remove(self, message: Message) -> None:
        """Take a message out, also out of what is still to be told."""
        for messages in (self.messages, self.pending, self.untold):
            if message in messages:
                messages.remove(message)

    def start(self, first: Message, text_key: TextKey) -> Json:
        """Begin a session with its first message: the chatStarted webhook's body."""
        page = self.visitor.page
        self.started_on = {} if page is None else {"hostName": urlsplit(page["link"]).hostname, "chatStartedPage": page}
        opener = {} if first.agent is None else {"agent": first.agent.described()}
        return {
            "eventName": "chatStarted",
            "message": first.for_webhook(text_key),
            **opener,
            "client": self.visitor.described(),
            **self.started_on,
        }

    def tell(self, text_key: TextKey) -> Json:
        """Tell what waits: the chatFragment webhook's body."""
        told, self.pending = self.pending, []
        return {
            "eventName": "chatFragment",
            "messages": [message.for_webhook(text_key) for message in told],
            "agents": _agents_of(told),
            "client": self.visitor.described(),
        }

    def end(self, text_key: TextKey) -> Json:
        """End the running session: the chatTranscript webhook's body."""
        told, self.untold = self.untold, []
        started_on, self.started_on = self.started_on or {}, None
        return {
            "eventName": "chatTranscript",
            "messages": [message.for_webhook(text_key) for message in told],
            "offlineMessagesCount": sum(message.missed and message.agent is None for message in told),
            "agents": _agents_of(told),
            "client": self.visitor.described(),
            **started_on,
        }


def _agents_of(messages: Iterable[Message]) -> list[Json]:
    agents = {message.agent.id: message.agent for message in messages if message.agent is not None}
    return [agent.described() for agent in agents.values()]
