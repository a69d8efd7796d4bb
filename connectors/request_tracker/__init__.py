"""Request Tracker 5: a ticket for each conversation, chat lines as RT comments, agents' replies by poll.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (all calls), and those named in `writing`.

The account is a privileged user of its own. It needs these rights in the queue: SeeQueue, CreateTicket, ShowTicket,
ShowTicketComments, CommentOnTicket, SeeCustomField, ModifyCustomField, and for statuses and priorities ModifyTicket.

A key stands in two places: in a custom field, where people can see and search it, and as the parameter `syncd-key` of
the message's Content-Type. RT stores the latter together with the message and sets the message's field only afterwards.

Known limitations:
- The requester is never mailed about the ticket: not that it exists, and not what agents reply, which is in the chat.
  An agent can lift that on the ticket's page "People"; merging the ticket into another one lifts it too.
- A visitor without a usable address gets a made-up one under `.invalid`: the only way to a named requester in one call
  and without the right to edit all users. It is squelched like any other, and no mail server can deliver to it.
- RT knows people by address: visitors who give the same one are one requester, whose first name stays, and a correction
  of that person is one of all of them.
- An e-mail given later makes its owner the requester, squelched over the web page "People" (it must be under RT_URL).
  A name given later becomes the person's where the account has the right AdminUsers; else the lines alone tell it.
- An agent is a privileged user. Where a visitor gave an agent's address, that agent asks in the ticket: what he writes
  in RT is an agent's; what he mails may be the visitor's and stays on the ticket until he owns it. So do what somebody
  without privileges writes who does not ask in it, and what an agent's mail program answers by itself (out of office).
- What scrips and RT itself write has the author RT_System, and only that is taken for a notice. A program with a user
  of its own is an agent where that is privileged. Mails that scrips send are on no ticket and never seen.
- Nobody can change or delete a reply, in RT or over REST, except an administrator on the command line:
  `rt-munge-attachments` notes on each ticket that it has changed something, and all replies there are read again, once.
  It notes that with its first change: name the tickets (`--tickets`), since what it changes there more than a second
  later is not seen. `rt-shredder` leaves no trace: what it removed stays in the chat.
- Of a mail its texts reach the chat; a mail that is attached to it stays in RT.
- RT stores CR LF as LF. What its databases refuse (NUL, lone surrogates, noncharacters) becomes U+FFFD.
- RT has no tags: they are values of a custom field (RT_TAG_FIELD) where the queue has one, and in notes anyhow. REST2
  sets a field's values as a whole: one that an agent adds in the same moment may be lost.
- A follow-up refers to the ticket that it goes on with where the account may see that one.
- A ticket with the status deleted takes comments like any other, and its answer does not tell. The poll does: the next
  line opens another ticket; what came between the deletion and the poll stays on the deleted one.
- Replies on a ticket that was moved are read as long as the account may see its new queue. Replies on a ticket that
  ours was merged into are read where it is in the queue, or was opened by the account.
- RT tells nobody over REST what the statuses of a lifecycle mean: RT_STATUSES does. One that it does not name is open.
- Corrections of a name or an address are seen with the right ShowUserHistory, of phones (the first of mobile, work and
  home that there is) with AdminUsers. They are told where one person asks in the ticket: with several, nobody knows
  which of them is the visitor. Who asks is seen without either right. Each poll makes a call more where corrections are
  wanted, and another for phones.
- An agent's file needs a login: it comes with name and size only. A visitor's is attached as it is; what RT knows as
  text (plain, HTML, mails) is of the type application/octet-stream, since RT would else write it anew in UTF-8.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from connectors.request_tracker import changes, contacts, reading, writing
from connectors.request_tracker.finding import find_comment, find_ticket, refused_fields
from connectors.request_tracker.polling import Place, poll
from connectors.request_tracker.reading import Row, string
from connectors.request_tracker.requesters import change_requester
from connectors.request_tracker.rest import Rest, nobody_there
from connectors.request_tracker.settings import RequestTrackerSettings, read_statuses
from syncd.contract.deliveries import Upload
from syncd.contract.errors import AuthError, MissingTargetError, RejectedError, UnavailableError
from syncd.contract.http import Http, read_json_object
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


class RequestTracker(
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
    """One queue of one Request Tracker."""

    Settings = RequestTrackerSettings

    def __init__(self, settings: RequestTrackerSettings, http: Http) -> None:
        self._settings = settings
        self._statuses = read_statuses(settings.statuses)
        self._rest = Rest(settings, http)
        self._wanted: frozenset[ContactField] = frozenset()
        self.poll_seconds = settings.poll_seconds

    @property
    def account(self) -> str:
        """Give the URL and the login, or "token" where only that is known."""
        return f"{self._settings.url} {self._settings.user or 'token'}"

    async def check(self) -> str:
        """Read the queue: that the account may open tickets in it, and which of the two fields it has."""
        names = self._settings
        queue = await self._queue(names.queue)
        if not reading.can_create(queue):
            raise AuthError(_way_out(names.queue))
        fields = reading.fields_told(queue, names.ticket_field, names.message_field, names.tag_field)
        return f"queue {names.queue}; {fields}" + await contacts.blind_spots(self._rest, self._wanted)

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open a ticket whose requester is the visitor, squelched. Raises RejectedError for a wrong queue in it."""
        names = self._settings
        body = writing.write_ticket(draft, key, names)
        try:
            answer = await self._rest.post("ticket", body)
        except MissingTargetError:
            raise nobody_there() from None
        except AuthError as refused:
            kind = AuthError if draft.queue in {"", names.queue} else RejectedError
            raise kind(f"{refused}; {_way_out(draft.queue or names.queue)}") from None
        ticket = TicketId(string(read_json_object(answer.content), "id"))
        return Receipt(ticket=ticket, refused=await refused_fields(self._rest, ticket, draft))

    async def fields_of(self, queue: str) -> frozenset[str]:
        """Read the queue."""
        names = self._settings
        return reading.ticket_fields(await self._queue(queue or names.queue), names.ticket_field, names.tag_field)

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Comment, which RT never mails to the requester. Raises RejectedError for a blank text."""
        if not text.strip():
            raise RejectedError("a blank comment is not sent: Request Tracker would show an empty one")
        return await self._comment(ticket, writing.write_content(text, key), key)

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Comment: in RT that is the private kind."""
        return await self.add_comment(ticket, text, key=key)

    async def upload_file(self, ticket: TicketId, text: str, file: Upload, *, key: DeliveryKey) -> Receipt:
        """Comment with one attachment."""
        body = {**writing.write_content(text, key), "Attachments": [writing.write_file(file)]}
        return await self._comment(ticket, body, key)

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look for the key in the custom field, then in the Content-Types of our last 100 messages or tickets.

        A message keeps the ticket that it was put on when that is merged, so the field is searched everywhere, and the
        messages are those of the ticket, of the one that it was merged into, and of all that were merged into that.
        """
        if ticket is None:
            return await find_ticket(self._rest, key, self._settings.ticket_field)
        return await find_comment(self._rest, key, self._settings.message_field, ticket)

    async def read_status(self, ticket: TicketId) -> TicketStatus:
        """Read the ticket, and the last change of its status, if there was any."""
        return await changes.read_status(self._rest, ticket, self._statuses)

    async def set_status(self, ticket: TicketId, status: StatusClass) -> None:
        """Set the first status of the class to which the ticket's lifecycle leads."""
        await changes.set_status(self._rest, ticket, status, self._statuses)

    async def raise_priority(self, ticket: TicketId, priority: int) -> None:
        """Set it where it is lower."""
        await changes.raise_priority(self._rest, ticket, priority)

    async def add_tag(self, ticket: TicketId, tag: str) -> None:
        """Add it to the ticket's field for tags, where its queue has that."""
        await changes.add_tag(self._rest, ticket, tag, self._settings.tag_field)

    async def update_requester(self, ticket: TicketId, requester: Visitor, instead_of: Sequence[Visitor]) -> None:
        """Make the person with that address the requester, squelched, and made where RT knows none yet."""
        await change_requester(self._rest, ticket, requester, instead_of, self._settings.visitor_domain)

    def want_contact(self, fields: frozenset[ContactField]) -> None:
        """Ask for these in each poll, and in the check for the rights that they take."""
        self._wanted = fields

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read what others do: replies and changes of them, merges, statuses, and the corrections that are wanted."""
        return await poll(self._rest, Place(self._settings.queue, self._statuses, self._wanted), after)

    async def _queue(self, name: str) -> Row:
        try:
            return await self._rest.get("queue", name)
        except (AuthError, MissingTargetError) as refused:
            raise AuthError(f"{refused}; {_way_out(name)}") from None

    async def _comment(self, ticket: TicketId, content: Row, key: DeliveryKey) -> Receipt:
        body = {**content, "TxnCustomFields": {self._settings.message_field: key}}
        try:
            answer = await self._rest.post(f"ticket/{quote(ticket, safe='')}/comment", body)
        except RejectedError as refused:
            raise await self._reason_against(ticket, refused) from None
        return Receipt(id=reading.read_made_transaction(answer.headers.get("location", "")), ticket=ticket)

    async def _reason_against(self, ticket: TicketId, refused: RejectedError) -> RejectedError | UnavailableError:
        try:
            found = await self._rest.find("ticket", ticket)
        except AuthError:
            return RejectedError(
                f"ticket {ticket}: the account may not see it; give it ShowTicket in the ticket's queue"
            )
        if found is None:
            return MissingTargetError(f"ticket {ticket}: not there any more")
        if isinstance(refused, MissingTargetError):
            return nobody_there()
        return RejectedError(
            f"ticket {ticket}: comment refused; give the account CommentOnTicket in the ticket's queue"
        )


def _way_out(queue: str) -> str:
    return f"is there a queue {queue!r}, and has the account SeeQueue and CreateTicket in it?"
