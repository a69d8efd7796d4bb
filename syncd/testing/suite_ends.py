"""What a connector's test gives to the suites: a running end with people at it.

A connector's test writes one subclass of `ChatEnd` or `HelpdeskEnd`, with `SendsWebhooks` where its connector receives
them, and hands it to the suites as the async fixture `end`. Each test gets its own, or one whose earlier texts do no
harm: all texts of the suites differ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import httpx
from pydantic import SecretStr

from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    ChatMessageAdded,
    Comment,
    CommentAdded,
    ConversationId,
    DeliveryKey,
    Event,
    Message,
    Receipt,
    Reply,
    Role,
    StatusClass,
    TicketDraft,
    TicketId,
    Visitor,
    WebhookRequest,
)
from syncd.contract.ports import ChatConnector, Connector, HelpdeskConnector
from syncd.contract.settings import ConnectorSettings

AGENT = Author(Role.AGENT, "Suite Agent", "suite-agent@example.com")
VISITOR = Visitor("suite-visitor", "Suite Visitor", "suite-visitor@example.com", "+1 555 0100")
TAG = "syncd-suite"
ODD_WORDS = 'naïve שלום 日本 🫖 👩‍👩‍👧 <b>&amp;</b> "quoted" 50% $HOME {x}'


@dataclass(frozen=True, slots=True)
class Shown:
    """What the end shows to people of one message: the text as they read it, and whether only agents see it."""

    text: str
    private: bool = False


class End(ABC):
    """A running end, a connector of it, made from `settings`, and one conversation or ticket that is in use."""

    connector: Connector
    settings: ConnectorSettings

    @abstractmethod
    async def people_say(self, text: str) -> None:
        """Let the other side speak: a visitor in the chat, an agent to the requester in the helpdesk."""

    @abstractmethod
    async def shown(self) -> Sequence[Shown]:
        """Give what people see of the conversation or ticket now, oldest first."""

    @abstractmethod
    async def deliver(self, text: str, key: DeliveryKey) -> Receipt:
        """Put `text` there through the connector."""


class ChatEnd(End):
    """A chat; `people_say` is its visitor."""

    connector: ChatConnector
    conversation: ConversationId

    async def deliver(self, text: str, key: DeliveryKey) -> Receipt:
        """Say it as an agent."""
        return await self.connector.post_message(self.conversation, Reply(AGENT, text, TAG), key=key)


class HelpdeskEnd(End):
    """A helpdesk with an open `ticket`, and the id of a ticket that is `gone` or was never there."""

    connector: HelpdeskConnector
    ticket: TicketId
    gone: TicketId

    async def deliver(self, text: str, key: DeliveryKey) -> Receipt:
        """Add it as a comment."""
        return await self.connector.add_comment(self.ticket, text, key=key)

    async def shown(self) -> Sequence[Shown]:
        """Give the comments of `ticket`."""
        return await self.shown_on(self.ticket)

    @abstractmethod
    async def shown_on(self, ticket: TicketId) -> Sequence[Shown]:
        """Give the comments and notes of a ticket, oldest first."""

    @abstractmethod
    async def people_note(self, text: str) -> None:
        """Let an agent write a private note."""

    @abstractmethod
    async def requester(self, ticket: TicketId) -> str:
        """Give the e-mail address of who a ticket is from."""


class ShowsFiles(ABC):
    """A helpdesk whose connector takes files."""

    @abstractmethod
    async def files_on(self, ticket: TicketId) -> Sequence[Upload]:
        """Give the files on a ticket as agents get them, oldest first."""


class TellsStatus(ABC):
    """A helpdesk whose tickets have statuses."""

    @abstractmethod
    async def people_set(self, ticket: TicketId, status: StatusClass) -> None:
        """Let an agent give a ticket a status of this class."""


class ShowsPriority(ABC):
    """A helpdesk whose tickets have priorities."""

    @abstractmethod
    async def priority(self, ticket: TicketId) -> int:
        """Give a ticket's priority as people see it."""


class ShowsTags(ABC):
    """A helpdesk whose tickets have tags."""

    @abstractmethod
    async def tags(self, ticket: TicketId) -> Sequence[str]:
        """Give a ticket's tags as people see them."""


class SendsWebhooks(ABC):
    """An end that tells what happens."""

    @abstractmethod
    async def webhooks(self) -> Sequence[WebhookRequest]:
        """Give all requests so far, oldest first; waits for those that are on their way."""


def new_key() -> DeliveryKey:
    """Make a key that nothing has used."""
    return DeliveryKey(f"suite-{uuid4().hex}")


def new_text(words: str = "") -> str:
    """Make a text that nobody has said."""
    return f"said {uuid4().hex[:12]} {words}".strip()


def draft(text: str) -> TicketDraft:
    """Make a ticket of a visitor whom no helpdesk knows yet."""
    name = uuid4().hex[:12]
    visitor = Visitor(f"suite-{name}", f"Visitor {name}", f"suite-{name}@example.com")
    return TicketDraft(f"Chat {name}", visitor, ConversationId(visitor.id), text)


def said(events: Iterable[Event]) -> list[Message | Comment]:
    """Give what was said in events."""
    spoken: list[Message | Comment] = []
    for event in events:
        match event:
            case ChatMessageAdded():
                spoken.append(event.message)
            case CommentAdded():
                spoken.append(event.comment)
    return spoken


def said_with(events: Iterable[Event], text: str) -> list[Message | Comment]:
    """Give what was said and has `text` in it."""
    return [one for one in said(events) if text in one.text]


def secrets_of(settings: ConnectorSettings) -> list[str]:
    """Give the secrets themselves."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and value.get_secret_value()]


def over(end: End, transport: httpx.AsyncBaseTransport) -> Connector:
    """Make the end's connector once more, over another transport."""
    return type(end.connector)(end.settings, Http(httpx.AsyncClient(transport=transport)))
