"""What syncd does to an end, as values: each is one row of the outbox until an end took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator

from syncd.contract.model import CommentId, Contact, DeliveryKey, File, Reply, StatusClass, TicketId, Visitor

LaneName = Literal["chat", "helpdesk", "files", "contact"]
"""A conversation's lanes: one to each end, one more for files and requesters to the helpdesk, and one for contact data
to the chat, so that none of these holds up a text."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open the conversation's ticket. Its first comment is the `AddComment`s that wait behind it in the lane.

    `follows` is the ticket that it goes on with, None where it is a new matter. `fields` are names and values.
    """

    subject: str
    requester: Visitor
    queue: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    follows: TicketId | None = None
    fields: tuple[tuple[str, str], ...] = ()
    kind: Literal["open_ticket"] = "open_ticket"


@dataclass(frozen=True, slots=True)
class AddComment:
    """Put one chat line on the ticket; lines of a lane that wait anyway go out as one comment."""

    text: str
    kind: Literal["add_comment"] = "add_comment"


@dataclass(frozen=True, slots=True)
class AddNote:
    """Put a private note on the ticket; on `ticket`, where it is for a former one."""

    text: str
    ticket: TicketId | None = None
    kind: Literal["add_note"] = "add_note"


@dataclass(frozen=True, slots=True)
class AttachFile:
    """Fetch a file that came with a chat line and put it on the ticket; the line is there without it.

    `ticket` is the one that the line is on, where that is a former one.
    """

    file: File
    ticket: TicketId | None = None
    kind: Literal["attach_file"] = "attach_file"


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Give the ticket a status, where the one that it has then is among `instead_of`."""

    status: StatusClass
    instead_of: tuple[StatusClass, ...]
    kind: Literal["set_status"] = "set_status"


@dataclass(frozen=True, slots=True)
class RaisePriority:
    """Give the ticket a priority, unless it has a higher one."""

    priority: int
    kind: Literal["raise_priority"] = "raise_priority"


@dataclass(frozen=True, slots=True)
class AddTag:
    """Give the ticket a tag beside those that it has."""

    tag: str
    kind: Literal["add_tag"] = "add_tag"


@dataclass(frozen=True, slots=True)
class UpdateRequester:
    """Give the ticket another requester, or the same one another name, where it has one of `instead_of`."""

    requester: Visitor
    instead_of: tuple[Visitor, ...]
    kind: Literal["update_requester"] = "update_requester"


TicketChange = SetStatus | RaisePriority | AddTag | UpdateRequester
"""What may be done again and again: it changes nothing that is so already."""


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Say an agent's words in the chat: a comment, or a part of one. `withdrawn`: they are not to be said any more."""

    reply: Reply
    comment: CommentId | None = None
    withdrawn: bool = False
    kind: Literal["post_message"] = "post_message"


@dataclass(frozen=True, slots=True)
class PushNotice:
    """Say in the chat what the helpdesk sends by itself; the rest is as with `PostMessage`."""

    reply: Reply
    comment: CommentId | None = None
    withdrawn: bool = False
    kind: Literal["push_notice"] = "push_notice"


Saying = PostMessage | PushNotice


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Change what `said`, the delivery of a part of a comment, has put into the chat."""

    comment: CommentId
    said: DeliveryKey
    text: str
    kind: Literal["edit_message"] = "edit_message"


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Remove from the chat what `said`, the delivery of a part of a comment, has put there."""

    comment: CommentId
    said: DeliveryKey
    kind: Literal["delete_message"] = "delete_message"


Change = EditMessage | DeleteMessage
"""Made again and again they do what they do once: no call of them is ever in doubt."""


@dataclass(frozen=True, slots=True)
class UpdateVisitor:
    """Give the visitor in the chat the contact data that an agent corrected."""

    contact: Contact
    kind: Literal["update_visitor"] = "update_visitor"


Delivery = Annotated[
    OpenTicket
    | AddComment
    | AddNote
    | AttachFile
    | SetStatus
    | RaisePriority
    | AddTag
    | UpdateRequester
    | PostMessage
    | PushNotice
    | EditMessage
    | DeleteMessage
    | UpdateVisitor,
    Discriminator("kind"),
]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be put on a ticket. `name` is one line without a path; `kind` a media type that no browser runs."""

    name: str
    kind: str
    content: bytes
