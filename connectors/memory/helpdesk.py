"""A helpdesk inside the process."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.memory.desk import FIELDS, Desk, Ticket
from connectors.memory.world import MemorySettings, new_id
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import (
    ContactField,
    Cursor,
    DeliveryKey,
    EventPage,
    Receipt,
    StatusClass,
    TicketDraft,
    TicketId,
    TicketStatus,
    Visitor,
)
from syncd.contract.ports import (
    AddsNotes,
    FindsDeliveries,
    HelpdeskConnector,
    Polls,
    RaisesPriority,
    SetsFields,
    SetsStatus,
    TagsTickets,
    TellsContact,
    UpdatesRequester,
    UploadsFiles,
)


class MemoryHelpdesk(
    Desk,
    HelpdeskConnector,
    Polls,
    FindsDeliveries,
    AddsNotes,
    UploadsFiles,
    SetsStatus,
    RaisesPriority,
    TagsTickets,
    SetsFields,
    TellsContact,
    UpdatesRequester,
):
    """A helpdesk. `tickets` is all that people there see."""

    Settings = MemorySettings

    def __init__(self, settings: MemorySettings, http: Http) -> None:
        del http
        super().__init__(settings.name)
        self.poll_seconds = settings.poll_seconds

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
            opened = TicketStatus(StatusClass.OPEN, self.world.last)
            fields = {name: value for name, value in draft.fields if name in FIELDS}
            self.tickets[ticket] = Ticket(draft, opened, draft.priority or 0, [*draft.tags], fields=fields)
            first = self._put(ticket, self._ourselves(), draft.text, public=True, ours=True) if draft.text else None
            refused = tuple(name for name, _ in draft.fields if name not in FIELDS)
            self.world.taken[key] = Receipt(id=first, ticket=ticket, refused=refused)
        return self.world.taken[key]

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once for a key, however often it is called."""
        return self._put_once(ticket, text, key, public=True)

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once for a key, however often it is called."""
        return self._put_once(ticket, text, key, public=False)

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        """Put it there once for a key, however often it is called."""
        is_new = key not in self.world.taken
        receipt = self._put_once(ticket, text, key, public=False)
        if is_new:
            self._place(ticket).files.append(file)
        return receipt

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look the key up; what is on another ticket, or on none any more, is not found."""
        found = self.world.taken.get(key)
        if found is None or found.ticket is None or self._home(found.ticket) not in self.tickets:
            return None
        return found if ticket is None or self._home(ticket) == self._home(found.ticket) else None

    async def read_status(self, ticket: TicketId) -> TicketStatus:
        """Tell it."""
        return self._place(ticket).status

    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        """Set it; the poll tells nothing of it."""
        place = self._place(ticket)
        if place.status.status is not status:
            place.status = TicketStatus(status, self.world.happens(None))

    async def raise_priority(self, ticket: TicketId, priority: int) -> None:
        """Set it where it is lower."""
        place = self._place(ticket)
        place.priority = max(place.priority, priority)

    async def add_tag(self, ticket: TicketId, tag: str) -> None:
        """Add it where it is not there."""
        place = self._place(ticket)
        place.tags += [tag] if tag not in place.tags else []

    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        """Change it where nobody else has."""
        place = self._place(ticket)
        if place.requester in instead_of:
            place.requester = requester

    async def fields_of(self, queue: str) -> frozenset[str]:
        """Name the same for every queue."""
        del queue
        return FIELDS

    def want_contact(self, fields: frozenset[ContactField]) -> None:
        """Tell of these from here on."""
        self._wanted = fields

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 events."""
        return self.world.page(after)
