"""What syncd does to an end, as values: each is one row of the outbox until an end took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator

from syncd.contract.model import Reply, Visitor


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open the conversation's ticket. Its first comment is the `AddComment`s that wait behind it in the lane."""

    subject: str
    requester: Visitor
    queue: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    kind: Literal["open_ticket"] = "open_ticket"


@dataclass(frozen=True, slots=True)
class AddComment:
    """Put one chat line on the ticket; lines of a lane that wait anyway go out as one comment."""

    text: str
    kind: Literal["add_comment"] = "add_comment"


@dataclass(frozen=True, slots=True)
class AddNote:
    """Put a private note on the ticket."""

    text: str
    kind: Literal["add_note"] = "add_note"


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Say an agent's words in the chat."""

    reply: Reply
    kind: Literal["post_message"] = "post_message"


Delivery = Annotated[OpenTicket | AddComment | AddNote | PostMessage, Discriminator("kind")]
