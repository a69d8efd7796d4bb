"""Request Tracker 5: a ticket for each conversation, chat lines as RT comments, agents' replies by poll.

Vendor pages: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (all calls), and those named in `writing`.

The account is a privileged user of its own. It needs these rights in the queue: SeeQueue, CreateTicket, ShowTicket,
ShowTicketComments, CommentOnTicket, SeeCustomField, ModifyCustomField.

A key stands in two places: in a custom field, where people can see and search it, and as the parameter `syncd-key` of
the message's Content-Type. RT stores the latter together with the message and sets the message's field only afterwards.

Known limitations:
- The requester is never mailed about the ticket: not that it exists, and not what agents reply, which is in the chat.
  An agent can lift that on the ticket's page "People"; merging the ticket into another one lifts it too.
- A visitor without a usable address gets a made-up one under `.invalid`: the only way to a named requester in one call
  and without the right to edit all users. It is squelched like any other, and no mail server can deliver to it.
- RT knows people by address: visitors who give the same one are one requester, whose first name stays. An agent who
  chats under the address of his own RT account counts as the visitor in that ticket.
- RT stores CR LF as LF. What its databases refuse (NUL, lone surrogates, noncharacters) becomes U+FFFD.
- RT has no tags: those of a route are in the note about the visitor only.
- A ticket with the status deleted takes comments like any other.
- Replies on a ticket that was moved are read as long as the account may see its new queue. Replies on a merged ticket
  come with the id of the ticket that it was merged into.
- A file's content needs a login: files come with name and size only.
"""

from __future__ import annotations

from urllib.parse import quote

from connectors.request_tracker import reading, writing
from connectors.request_tracker.reading import Row, string
from connectors.request_tracker.replies import read_replies
from connectors.request_tracker.rest import LONGEST_LIST, Rest
from connectors.request_tracker.settings import RequestTrackerSettings
from connectors.request_tracker.writing import quoted
from syncd.contract.errors import AuthError, MissingTargetError, RejectedError, UnavailableError
from syncd.contract.http import Http, read_json_object
from syncd.contract.model import Cursor, DeliveryKey, EventPage, Receipt, TicketDraft, TicketId
from syncd.contract.ports import AddsNotes, FindsDeliveries, HelpdeskConnector, Polls

REPLIES_A_POLL = 20

OURS = "ObjectType = 'RT::Ticket' AND Creator = '__CurrentUser__'"
REPLIES = "ObjectType = 'RT::Ticket' AND Type = 'Correspond' AND Creator != '__CurrentUser__'"
"""`ObjectType` first: only then RT hides before it cuts pages, so that an empty page is the end."""


class RequestTracker(HelpdeskConnector, Polls, FindsDeliveries, AddsNotes):
    """One queue of one Request Tracker."""

    Settings = RequestTrackerSettings

    def __init__(self, settings: RequestTrackerSettings, http: Http) -> None:
        self._settings = settings
        self._rest = Rest(settings, http)
        self.poll_seconds = settings.poll_seconds

    @property
    def account(self) -> str:
        """Give the URL and the login, or "token" where only that is known."""
        return f"{self._settings.url} {self._settings.user or 'token'}"

    async def check(self) -> str:
        """Read the queue: that the account may open tickets in it, and which of the two fields it has."""
        names = self._settings
        try:
            queue = await self._rest.get("queue", names.queue)
        except (AuthError, MissingTargetError) as refused:
            raise AuthError(f"{refused}; {_way_out(names.queue)}") from None
        if not reading.can_create(queue):
            raise AuthError(_way_out(names.queue))
        missing = reading.missing_fields(queue, names.ticket_field, names.message_field)
        if missing:
            return f"queue {names.queue}; {', '.join(missing)} missing: keys only in the messages' Content-Type"
        return f"queue {names.queue}; keys in {names.ticket_field}, {names.message_field}"

    async def open_ticket(self, draft: TicketDraft, *, key: DeliveryKey) -> Receipt:
        """Open a ticket whose requester is the visitor, squelched. Raises RejectedError for a wrong queue in it."""
        names = self._settings
        body = writing.write_ticket(draft, key, names.queue, names.ticket_field, names.visitor_domain)
        try:
            answer = await self._rest.post("ticket", body)
        except AuthError as refused:
            kind = AuthError if draft.queue in {"", names.queue} else RejectedError
            raise kind(f"{refused}; {_way_out(draft.queue or names.queue)}") from None
        return Receipt(ticket=TicketId(string(read_json_object(answer.content), "id")))

    async def add_comment(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Comment, which RT never mails to the requester. Raises RejectedError for a blank text."""
        if not text.strip():
            raise RejectedError("a blank comment is not sent: Request Tracker would show an empty one")
        body = {**writing.write_content(text, key), "TxnCustomFields": {self._settings.message_field: key}}
        try:
            answer = await self._rest.post(f"ticket/{quote(ticket, safe='')}/comment", body)
        except MissingTargetError as missing:
            raise await self._who_misses(missing) from None
        except RejectedError:
            raise await self._reason_against(ticket) from None
        return Receipt(id=reading.read_made_transaction(answer.headers.get("location", "")), ticket=ticket)

    async def add_note(self, ticket: TicketId, text: str, *, key: DeliveryKey) -> Receipt:
        """Comment: in RT that is the private kind."""
        return await self.add_comment(ticket, text, key=key)

    async def find_delivery(self, key: DeliveryKey, ticket: TicketId | None) -> Receipt | None:
        """Look for the key in the custom field, then in the Content-Types of our last 100 messages or tickets."""
        if ticket is None:
            return await self._find_ticket(key)
        try:
            home = string(await self._rest.get("ticket", ticket), "id")
        except MissingTargetError:
            return None
        field = self._settings.message_field
        ours = f"{OURS} AND Type = 'Comment' AND (ObjectId = {quoted(ticket)} OR ObjectId = {quoted(home)})"
        rows = await self._rest.some("transactions", f"{ours} AND CF.{{{field}}} = {quoted(key)}", "CustomFields")
        found = next((row for row in rows if reading.has_key(row, field, key)), None)
        found = found or await self._find_marked(ours, key)
        return Receipt(id=string(found, "id"), ticket=ticket) if found else None

    async def poll(self, after: Cursor | None) -> EventPage:
        """Read replies of others in the queue, and on tickets of ours that were moved elsewhere, by transaction id."""
        place = f"(TicketQueue = {quoted(self._settings.queue)} OR TicketCreator = '__CurrentUser__')"
        query = f"{REPLIES} AND {place}"
        if after is None:
            newest = await self._rest.some("transactions", query, order="DESC")
            return EventPage((), reading.write_cursor(reading.read_id(newest[0]) if newest else 0, ()))
        low, seen = reading.read_cursor(after)
        creator = {"fields[Creator]": "Name,RealName,EmailAddress"}
        query = f"{query} AND id > {low}"
        rows = await self._rest.some("transactions", query, "Type,Created,ObjectId,Creator", **creator)
        new = [row for row in rows if reading.read_id(row) not in seen]
        taken = new[:REPLIES_A_POLL]
        cursor = reading.write_cursor(low, seen | {reading.read_id(row) for row in taken})
        more = len(taken) < len(new) or len(rows) == LONGEST_LIST
        return EventPage(await read_replies(self._rest, taken) if taken else (), cursor, more)

    async def _find_ticket(self, key: DeliveryKey) -> Receipt | None:
        field = self._settings.ticket_field
        query = f"Creator = '__CurrentUser__' AND CF.{{{field}}} = {quoted(key)}"
        rows = await self._rest.some("tickets", query, "CustomFields")
        found = next((row for row in rows if reading.has_key(row, field, key)), None)
        if found:
            return Receipt(ticket=TicketId(string(found, "id")))
        created = await self._find_marked(f"{OURS} AND Type = 'Create'", key)
        return Receipt(ticket=TicketId(string(created, "ObjectId"))) if created else None

    async def _find_marked(self, query: str, key: DeliveryKey) -> Row | None:
        rows = await self._rest.some("transactions", query, "ObjectId", order="DESC")
        if not rows:
            return None
        parts_query = writing.write_parts_query(string(row, "id") for row in rows)
        parts = await self._rest.every("attachments", parts_query, "TransactionId,Headers")
        marked = {string(part, "TransactionId") for part in parts if writing.marker(key) in string(part, "Headers")}
        return next((row for row in rows if string(row, "id") in marked), None)

    async def _who_misses(self, missing: MissingTargetError) -> MissingTargetError | UnavailableError:
        """Tell a ticket that is not there from a Request Tracker that is not: what stands before it may say 404."""
        try:
            await self._rest.get("queue", self._settings.queue)
        except MissingTargetError:
            return UnavailableError("no Request Tracker answers under RT_URL", certain=True)
        return missing

    async def _reason_against(self, ticket: TicketId) -> RejectedError:
        try:
            await self._rest.get("ticket", ticket)
        except AuthError:
            return RejectedError(
                f"ticket {ticket}: the account may not see it; give it ShowTicket in the ticket's queue"
            )
        return RejectedError(
            f"ticket {ticket}: comment refused; give the account CommentOnTicket in the ticket's queue"
        )


def _way_out(queue: str) -> str:
    return f"is there a queue {queue!r}, and has the account SeeQueue and CreateTicket in it?"
