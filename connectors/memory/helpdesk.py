"""A helpdesk inside the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.memory.world import MemorySettings, World, new_id
from syncd.contract.errors import MissingTargetError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentId,
    Cursor,
    DeliveryKey,
    EventPage,
    Receipt,
    Role,
    TicketDraft,
    TicketId,
)
from syncd.contract.ports import AddsNotes, FindsDeliveries, HelpdeskConnector, Polls


@dataclass
class Ticket:
    """A ticket: how it was opened, and its comments, oldest first."""

    draft: TicketDraft
    comments: list[Comment] = field(default_factory=list)


class MemoryHelpdesk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes):
    """A helpdesk. `tickets` is all it has."""

    Settings = MemorySettings

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        del http
        self._name = settings.name
        self.poll_seconds = settings.poll_seconds
        self.world = World()
        self.tickets: dict[TicketId, Ticket] = {}

    @property
    def account(self) -> str:
        """Give the configured name."""
        return self._name

    async def check(self) -> str:
        """Count the tickets."""
        return f"{len(self.tickets)} tickets in memory"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open it once for a key, however often it is called."""
        if key not in self.world.taken:
            ticket = TicketId(new_id())
            self.tickets[ticket] = Ticket(draft)
            first = self._put(ticket, self._ourselves(), draft.text, public=True, ours=True) if draft.text else None
            self.world.taken[key] = Receipt(id=first, ticket=ticket)
        return self.world.taken[key]

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once for a key, however often it is called."""
        return self._put_once(ticket, text, key, public=True)

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once for a key, however often it is called."""
        return self._put_once(ticket, text, key, public=False)

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look the key up; what is on another ticket, or on none any more, is not found."""
        found = self.world.taken.get(key)
        return found if found and found.ticket in self.tickets and ticket in {None, found.ticket} else None

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 comments."""
        return self.world.page(after)

    def agent_replies(
        self, ticket: TicketId, author: Author, text: str, *, html: bool = False, at: datetime | None = None
    ) -> CommentId:
        """Let an agent write to the requester."""
        return self._put(ticket, author, text, public=True, html=html, at=at)

    def agent_notes(self, ticket: TicketId, author: Author, text: str, *, at: datetime | None = None) -> CommentId:
        """Let an agent write what only agents may see."""
        return self._put(ticket, author, text, public=False, at=at)

    def delete_ticket(self, ticket: TicketId) -> None:
        """Let somebody delete a ticket for good."""
        del self.tickets[ticket]

    def _ourselves(self) -> Author:
        return Author(Role.AUTOMATIC, self._name)

    def _put_once(self, ticket: TicketId, text: str, key: DeliveryKey, *, public: bool) -> Receipt:
        if key not in self.world.taken:
            made = self._put(ticket, self._ourselves(), text, public=public, ours=True)
            self.world.taken[key] = Receipt(id=made, ticket=ticket)
        return self.world.taken[key]

    def _put(
        self,
        ticket: TicketId,
        author: Author,
        text: str,
        *,
        public: bool,
        ours: bool = False,
        html: bool = False,
        at: datetime | None = None,
    ) -> CommentId:
        if ticket not in self.tickets:
            raise MissingTargetError("no such ticket in memory")
        comment = Comment(CommentId(new_id()), author, text, self.world.happens(at), public, html=html, ours=ours)
        self.tickets[ticket].comments.append(comment)
        self.world.events.append(CommentAdded(ticket, comment))
        return comment.id
