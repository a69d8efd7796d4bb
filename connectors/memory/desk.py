"""What people see and do in a helpdesk inside the process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.memory.world import World, new_id
from syncd.contract.contact import contact_of
from syncd.contract.deliveries import Upload
from syncd.contract.errors import MissingTargetError
from syncd.contract.model import (
    Author,
    Comment,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    CommentId,
    Contact,
    ContactChanged,
    ContactField,
    DeliveryKey,
    Receipt,
    Role,
    StatusClass,
    TicketDeleted,
    TicketDraft,
    TicketId,
    TicketMerged,
    TicketStatus,
    TicketStatusChanged,
    Visitor,
)

FIELDS = frozenset({"Page", "Country", "Language"})
"""What tickets have beside what all helpdesks have."""
BEGUN = TicketStatus(StatusClass.OPEN, World().last)


@dataclass
class Ticket:
    """A ticket: how it was opened, what became of it, its comments and its files, oldest first, and its fields."""

    draft: TicketDraft
    status: TicketStatus = BEGUN
    priority: int = 0
    tags: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    files: list[Upload] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    requester: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.requester = self.draft.requester


class Desk:
    """The tickets that people see, and those that they threw away."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.world = World()
        self.tickets: dict[TicketId, Ticket] = {}
        self.trash: dict[TicketId, Ticket] = {}
        self._merged: dict[TicketId, TicketId] = {}
        self._wanted: frozenset[ContactField] = frozenset()

    def agent_replies(
        self, ticket: TicketId, author: Author, text: str, *, html: bool = False, at: datetime | None = None
    ) -> CommentId:
        """Let an agent write to the requester."""
        return self._put(ticket, author, text, public=True, html=html, at=at)

    def agent_notes(self, ticket: TicketId, author: Author, text: str, *, at: datetime | None = None) -> CommentId:
        """Let an agent write what only agents may see."""
        return self._put(ticket, author, text, public=False, at=at)

    def automation_says(self, ticket: TicketId, text: str, *, public: bool = True) -> CommentId:
        """Let the helpdesk itself write something."""
        return self._put(ticket, self._ourselves(), text, public=public)

    def agent_edits(self, comment: CommentId, text: str, *, public: bool = True) -> None:
        """Let an agent change a comment, and whether it is public."""
        ticket, place, at = self._find(comment)
        was = place.comments[at]
        place.comments[at] = replace(was, text=text, public=public)
        version, published = new_id(), public and not was.public
        edited = CommentEdited(ticket, place.comments[at], version, self.world.happens(None), published=published)
        self.world.events.append(edited)

    def agent_deletes(self, comment: CommentId) -> None:
        """Let an agent remove a comment."""
        ticket, place, at = self._find(comment)
        del place.comments[at]
        self.world.happens(None)
        self.world.events.append(CommentDeleted(ticket, comment))

    def agent_sets(self, ticket: TicketId, status: StatusClass, *, at: datetime | None = None) -> None:
        """Let an agent give a ticket another status."""
        now = self.world.happens(at)
        self._place(ticket).status = TicketStatus(status, now)
        self.world.events.append(TicketStatusChanged(ticket, new_id(), status, now))

    def agent_makes_requester(self, ticket: TicketId, requester: Visitor) -> None:
        """Let an agent put right who a ticket is from."""
        self._place(ticket).requester = requester

    def agent_corrects(self, ticket: TicketId, contact: Contact, *, at: datetime | None = None) -> None:
        """Let an agent correct contact data of who asks in a ticket."""
        now = self.world.happens(at)
        place = self._place(ticket)
        place.requester = replace(place.requester, **contact.told())
        wanted = {name: value for name, value in contact.told().items() if name in self._wanted}
        if wanted:
            self.world.events.append(ContactChanged(self._home(ticket), new_id(), contact_of(wanted), now))

    def delete_ticket(self, ticket: TicketId) -> None:
        """Let somebody delete a ticket for good."""
        del self.tickets[ticket]

    def throw_away_ticket(self, ticket: TicketId) -> None:
        """Let somebody delete a ticket so that nobody sees it any more, while it still takes comments."""
        self.trash[ticket] = self.tickets.pop(ticket)
        self.world.events.append(TicketDeleted(ticket))

    def merge_ticket(self, ticket: TicketId, into: TicketId) -> None:
        """Let an agent merge a ticket into another: its comments go there, and it is no ticket of its own any more."""
        gone = self.tickets.pop(ticket)
        self.tickets[into].comments += gone.comments
        self.tickets[into].files += gone.files
        self._merged[ticket] = into
        self.world.events.append(TicketMerged(ticket, into, self.tickets[into].status))

    def _find(self, comment: CommentId) -> tuple[TicketId, Ticket, int]:
        return next(
            (ticket, place, at)
            for ticket, place in self.tickets.items()
            for at, one in enumerate(place.comments)
            if one.id == comment
        )

    def _home(self, ticket: TicketId) -> TicketId:
        while ticket in self._merged:
            ticket = self._merged[ticket]
        return ticket

    def _place(self, ticket: TicketId) -> Ticket:
        home = self._home(ticket)
        place = self.tickets.get(home) or self.trash.get(home)
        if place is None:
            raise MissingTargetError("no such ticket in memory")
        return place

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
        place = self._place(ticket)
        comment = Comment(CommentId(new_id()), author, text, self.world.happens(at), public, html=html, ours=ours)
        place.comments.append(comment)
        self.world.events.append(CommentAdded(self._home(ticket), comment))
        return comment.id
