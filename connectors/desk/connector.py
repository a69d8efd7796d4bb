"""The embedded helpdesk as a connector."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from connectors.desk import tickets
from connectors.desk.agents import OPEN_PATH, Agents, read_events
from connectors.desk.database import Database
from connectors.desk.pages import Pages
from connectors.desk.settings import DeskSettings, read_agents, read_names
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
from syncd.contract.pages import PageAnswer, PageRequest, ServesPages
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


class Desk(
    HelpdeskConnector,
    Polls,
    FindsDeliveries,
    AddsNotes,
    UploadsFiles,
    SetsStatus,
    RaisesPriority,
    TagsTickets,
    UpdatesRequester,
    SetsFields,
    TellsContact,
    ServesPages,
):
    """A helpdesk in a file. Every call is one transaction, and a key that comes again changes nothing."""

    Settings = DeskSettings
    open_path = OPEN_PATH

    def __init__(self, settings: DeskSettings, http: Http) -> None:
        del http
        self.poll_seconds = settings.poll_seconds
        self._path = settings.path()
        self._fields = frozenset(read_names(settings.fields))
        self._wanted: frozenset[ContactField] = frozenset()
        self._database = Database.at(self._path)
        self._pages = Pages(self._database, Agents(settings.url or ""), read_agents(settings.agents))

    @property
    def account(self) -> str:
        """Give the file."""
        return str(self._path)

    async def check(self) -> str:
        """Count the tickets; a file that is not there yet is left to the daemon, whose own it must be."""
        if not self._path.exists():
            return f"no tickets yet: {self._path} is made with the first"
        return f"{await self._database.run(tickets.count)} tickets in {self._path}"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open it once."""
        return await self._database.run(partial(tickets.open_ticket, draft=draft, key=key, fields=self._fields))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once."""
        return await self._database.run(partial(tickets.deliver, ticket=ticket, text=text, key=key, public=True))

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once."""
        return await self._database.run(partial(tickets.deliver, ticket=ticket, text=text, key=key, public=False))

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        """Put it there once, and its text."""
        put = partial(tickets.deliver, ticket=ticket, text=text, key=key, public=True, files=[file])
        return await self._database.run(put)

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look the key up."""
        return await self._database.run(partial(tickets.find_delivery, key=key, ticket=ticket))

    async def read_status(self, ticket: TicketId) -> TicketStatus:
        """Tell it."""
        return await self._database.run(partial(tickets.read_status, ticket=ticket))

    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        """Set it; the poll tells nothing of it."""
        await self._database.run(partial(tickets.set_status, ticket=ticket, status=status))

    async def raise_priority(self, ticket: TicketId, priority: int) -> None:
        """Set it where it is lower."""
        await self._database.run(partial(tickets.raise_priority, ticket=ticket, priority=priority))

    async def add_tag(self, ticket: TicketId, tag: str) -> None:
        """Add it where it is not there."""
        await self._database.run(partial(tickets.add_tag, ticket=ticket, tag=tag))

    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        """Change it where no agent has."""
        change = partial(tickets.update_requester, ticket=ticket, wanted=requester, instead_of=instead_of)
        await self._database.run(change)

    async def fields_of(self, queue: str) -> frozenset[str]:
        """Name those of `DESK_FIELDS`, whatever the queue."""
        del queue
        return self._fields

    def want_contact(self, fields: frozenset[ContactField]) -> None:
        """Tell of these from here on."""
        self._wanted = fields

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 events."""
        return await self._database.run(partial(read_events, after=after, wanted=self._wanted))

    async def answer_page(self, request: PageRequest) -> PageAnswer:
        """Show the tickets, one of them, or a file; or do what an agent asked for."""
        return await self._pages.answer(request)
