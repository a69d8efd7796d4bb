"""The words of syncd as values.

EVENT: something that happened at an end, past tense (`ChatMessageAdded`). DELIVERY: something syncd does to an end,
imperative (`AddComment`). MESSAGE: one thing one author said. COMMENT: what the helpdesk shows of it on a ticket.
CONVERSATION: what a visitor and the agents say to each other in the chat. TICKET: its home in the helpdesk.

Ids belong to the end that made them: nobody parses them or assumes anything about them. Every time is aware and UTC.
All values are frozen and can be written as JSON by pydantic's `TypeAdapter`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NewType

from pydantic import Discriminator

BridgeName = NewType("BridgeName", str)
ConversationId = NewType("ConversationId", str)
TicketId = NewType("TicketId", str)
MessageId = NewType("MessageId", str)
"""A chat message's id, as the chat gives it."""
CommentId = NewType("CommentId", str)
"""A ticket comment's id, as the helpdesk gives it."""
DeliveryKey = NewType("DeliveryKey", str)
"""syncd's own name for one call with an effect: at most 64 characters of `[a-z0-9._-]`, the same on every try."""
Cursor = NewType("Cursor", str)

End = Literal["chat", "helpdesk"]


class Role(StrEnum):
    """Who speaks: the visitor, a person who answers, or nobody (a trigger, a bot, a system)."""

    VISITOR = "visitor"
    AGENT = "agent"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Author:
    """Who said something. `email` is empty where the end does not tell it."""

    role: Role
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file beside a message. `size` is in bytes, `url` is empty where it cannot be fetched without a login."""

    name: str
    url: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing one author said in the chat.

    `id` is None where the chat gave none: such messages are never taken for each other.
    `tag` is `receivedFrom` or its like: who put the message there, empty for people.
    `missed` is set where the chat says that the other side did not see it.
    """

    id: MessageId | None
    author: Author
    text: str
    at: datetime
    files: tuple[File, ...] = ()
    tag: str = ""
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the website: its link and its title."""

    link: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who chats. `id` is the chat's stable id; everything else may be empty and may change."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ChatContext:
    """What the chat knows about a conversation beside its messages; `details` are further facts in the chat's order."""

    visitor: Visitor
    chat_link: str = ""
    page: Page | None = None
    host: str = ""
    country: str = ""
    city: str = ""
    language: str = ""
    browser: str = ""
    os: str = ""
    group: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessageAdded:
    """A message is in the chat. `repaired` says that only a later summary (a transcript) brought it."""

    conversation: ConversationId
    message: Message
    context: ChatContext
    repaired: bool = False
    kind: Literal["chat_message_added"] = "chat_message_added"


@dataclass(frozen=True, slots=True)
class ChatEnded:
    """The visitor or the agents left; the conversation may start again later."""

    conversation: ConversationId
    missed: int = 0
    kind: Literal["chat_ended"] = "chat_ended"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment on a ticket, as its helpdesk shows it.

    `public` is True only where the helpdesk says so: anything unknown is private.
    `ours` says whether our own account wrote it; None where the helpdesk cannot tell.
    `text` is the body as stored, `html` whether it is HTML.
    """

    id: CommentId
    author: Author
    text: str
    at: datetime
    public: bool
    html: bool = False
    ours: bool | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentAdded:
    """A comment is on a ticket."""

    ticket: TicketId
    comment: Comment
    kind: Literal["comment_added"] = "comment_added"


@dataclass(frozen=True, slots=True)
class UnknownSeen:
    """Something the connector has no name for (`event chatRated`, `key message.reaction`): counted, never acted on."""

    what: str
    kind: Literal["unknown_seen"] = "unknown_seen"


Event = Annotated[ChatMessageAdded | ChatEnded | CommentAdded | UnknownSeen, Discriminator("kind")]


@dataclass(frozen=True, slots=True)
class EventPage:
    """What one poll read: events oldest first, the cursor behind the last of them, and whether more is waiting."""

    events: tuple[Event, ...]
    cursor: Cursor
    more: bool = False


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to be opened. `text` is its first comment, plain text; `requester` is the visitor, never the account.

    `queue`, `tags` and `priority` are what ops' routes say; empty or None leaves it to the connector's settings.
    """

    subject: str
    requester: Visitor
    conversation: ConversationId
    text: str
    queue: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's words for the visitor, plain text. `tag` marks the message as ours, so that its echo is known."""

    author: Author
    text: str
    tag: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """An end took a delivery. `id` is the new message's or comment's id, None where the end gives none."""

    id: str | None = None
    ticket: TicketId | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How many calls an account may make in a window of `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook as it came: the raw body and its headers, names in lower case."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
