"""The words of syncd as values.

EVENT: something that happened at an end, past tense (`ChatMessageAdded`). DELIVERY: something syncd does to an end,
imperative (`AddComment`). MESSAGE: one thing one author said. COMMENT: what the helpdesk shows of it on a ticket.
CONVERSATION: what a visitor and the agents say to each other in the chat. TICKET: its home in the helpdesk.

Ids belong to the end that made them: nobody parses them or assumes anything about them. Every time is aware and UTC.
All values are frozen and can be written as JSON by pydantic's `TypeAdapter`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NewType

from pydantic import Discriminator

from syncd.contract.calls import Quota as Quota
from syncd.contract.calls import Receipt as Receipt
from syncd.contract.calls import WebhookRequest as WebhookRequest
from syncd.contract.contact import Contact as Contact
from syncd.contract.contact import ContactChanged as ContactChanged
from syncd.contract.contact import ContactField as ContactField
from syncd.contract.ticket import StatusClass as StatusClass
from syncd.contract.ticket import TicketDeleted as TicketDeleted
from syncd.contract.ticket import TicketId as TicketId
from syncd.contract.ticket import TicketMerged as TicketMerged
from syncd.contract.ticket import TicketStatus as TicketStatus
from syncd.contract.ticket import TicketStatusChanged as TicketStatusChanged
from syncd.contract.visitor import ChatContext as ChatContext
from syncd.contract.visitor import Page as Page
from syncd.contract.visitor import Visitor as Visitor

BridgeName = NewType("BridgeName", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
"""A chat message's id, as the chat gives it."""
CommentId = NewType("CommentId", str)
"""A ticket comment's id, as the helpdesk gives it."""
DeliveryKey = NewType("DeliveryKey", str)
"""syncd's own name for one call with an effect: at most 64 characters of `[a-z0-9._-]`, the same on every try."""
Cursor = NewType("Cursor", str)

End = Literal["chat", "helpdesk"]


class Role(StrEnum):
    """Who speaks: the visitor, a person who answers, nobody (a trigger, a bot, a system), or somebody else."""

    VISITOR = "visitor"
    AGENT = "agent"
    AUTOMATIC = "automatic"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Author:
    """Who said something. `email` is empty where the end does not tell it.

    `id` is the chat's own for one of its agents, empty for everybody else.
    """

    role: Role
    name: str = ""
    email: str = ""
    id: str = ""


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
class ChatMessageAdded:
    """A message is in the chat. `repaired` says that only a later summary (a transcript) brought it."""

    conversation: ConversationId
    message: Message
    context: ChatContext
    repaired: bool = False
    kind: Literal["chat_message_added"] = "chat_message_added"


@dataclass(frozen=True, slots=True)
class ChatEnded:
    """The visitor or the agents left, for now. `missed` is how many of the visitor's messages nobody has seen."""

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
class CommentEdited:
    """A comment that was told before is changed: `comment` is how it stands after that, whole.

    `version` belongs to this change of it alone, however often it is told. `published`: it was private until then.
    """

    ticket: TicketId
    comment: Comment
    version: str
    at: datetime
    published: bool = False
    kind: Literal["comment_edited"] = "comment_edited"


@dataclass(frozen=True, slots=True)
class CommentDeleted:
    """The helpdesk says that a comment was removed: that it is not found somewhere is no such word."""

    ticket: TicketId
    comment: CommentId
    kind: Literal["comment_deleted"] = "comment_deleted"


@dataclass(frozen=True, slots=True)
class UnknownSeen:
    """Something the connector has no name for (`event chatRated`, `key message.reaction`): counted, never acted on."""

    what: str
    kind: Literal["unknown_seen"] = "unknown_seen"


Event = Annotated[
    ChatMessageAdded
    | ChatEnded
    | CommentAdded
    | CommentEdited
    | CommentDeleted
    | TicketMerged
    | TicketDeleted
    | TicketStatusChanged
    | ContactChanged
    | UnknownSeen,
    Discriminator("kind"),
]


@dataclass(frozen=True, slots=True)
class EventPage:
    """What one poll read: events oldest first, the cursor behind the last of them, and whether more is waiting."""

    events: tuple[Event, ...]
    cursor: Cursor
    more: bool = False


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to be opened. `text` is its first comment, plain text; `requester` is the visitor, never the account.

    `queue`, `tags`, `priority` and `fields` (name, value) are what ops chose; empty or None leaves it to the helpdesk.
    `follows` is the ticket that it goes on with, to be linked where the helpdesk has links.
    """

    subject: str
    requester: Visitor
    conversation: ConversationId
    text: str
    queue: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    follows: TicketId | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's words for the visitor, plain text. `tag` marks the message as ours, so that its echo is known."""

    author: Author
    text: str
    tag: str
