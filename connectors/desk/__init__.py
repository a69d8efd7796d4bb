"""The embedded helpdesk: tickets in an SQLite file of its own, and a page for agents that the daemon shows.

It is for teams that have no helpdesk, and for trying syncd out. The daemon mounts its pages and says who may see them;
agents have no accounts here: who writes chooses his name from `DESK_AGENTS`.

Known limitations:
- Nobody is mailed, ever: an agent sees what is new on the page, a visitor in the chat.
- There are no queues, tags, priorities and fields of one's own, and what is written stays as it is.
- Who the visitor is stands on the ticket as the chat knew it when it was opened; what came later is in notes.
- Whoever may see the daemon's pages may write under each name of `DESK_AGENTS`.
- An agent's file reaches the visitor only where `DESK_URL` says how the pages are reached from outside.
- Tickets are never deleted or merged, and bridges with the same `DESK_DATABASE` show the same tickets.
- Times are those of the machine's clock.
"""

from __future__ import annotations

from pathlib import Path

from connectors.desk import tickets
from connectors.desk.database import Database
from connectors.desk.pages import OPEN_PATH, Pages
from connectors.desk.settings import DeskSettings
from connectors.desk.tickets import Line
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import (
    Cursor,
    DeliveryKey,
    EventPage,
    Receipt,
    StatusClass,
    TicketDraft,
    TicketId,
    TicketStatus,
)
from syncd.contract.pages import PageAnswer, PageRequest, ServesPages
from syncd.contract.ports import AddsNotes, FindsDeliveries, HelpdeskConnector, Polls, SetsStatus, UploadsFiles


class Desk(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes, UploadsFiles, SetsStatus, ServesPages):
    """A helpdesk in a file. Every call is one transaction, and a key that comes again changes nothing."""

    Settings = DeskSettings
    open_path = OPEN_PATH
    style = (Path(__file__).parent / "desk.css").read_text()

    def __init__(self, settings: DeskSettings, http: Http) -> None:
        del http
        self.poll_seconds = settings.poll_seconds
        self._database = Database(settings.path())
        self._pages = Pages(self._database, settings)

    @property
    def account(self) -> str:
        """Give the file."""
        return str(self._database.path)

    async def check(self) -> str:
        """Count the tickets; a file that is not there yet is left to the daemon, whose own it must be."""
        if not self._database.path.exists():
            return f"no tickets yet: {self.account} is made with the first"
        return f"{await self._database.run(tickets.count)} tickets in {self.account}"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open it once."""
        return await self._database.run(tickets.open_ticket, draft, key)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once."""
        return await self._database.run(tickets.say, ticket, Line(key, text))

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Put it there once."""
        return await self._database.run(tickets.say, ticket, Line(key, text, public=False))

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        """Put it there once, and its text."""
        return await self._database.run(tickets.say, ticket, Line(key, text, files=[file]))

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look the key up."""
        return await self._database.run(tickets.find_delivery, key, ticket)

    async def read_status(self, ticket: TicketId) -> TicketStatus:
        """Tell it."""
        return await self._database.run(tickets.read_status, ticket)

    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        """Set it; the poll tells nothing of it."""
        await self._database.run(tickets.set_status, ticket, status, is_agents=False)

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read at most 50 events."""
        return await self._database.run(tickets.read_events, after)

    async def answer_page(self, request: PageRequest) -> PageAnswer:
        """Show the tickets, one of them, or a file; or do what an agent asked for."""
        return await self._pages.answer(request)
