"""What syncd reads and changes of a ticket beside its comments: status, priority, tags.

RT answers 200 to a change that it refuses, so each is read again.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (PUT of a ticket).
"""

from __future__ import annotations

from urllib.parse import quote

from connectors.request_tracker import reading
from connectors.request_tracker.reading import Row, Statuses, string
from connectors.request_tracker.rest import Rest
from connectors.request_tracker.writing import quoted
from syncd.contract.errors import AuthError, MissingTargetError, RejectedError
from syncd.contract.model import StatusClass, TicketId, TicketStatus

WAY_TO_CHANGE = "give the account ModifyTicket in the ticket's queue"
WAY_TO_SET = f"{WAY_TO_CHANGE}, and see that RT_STATUSES fits the queue's lifecycle"


async def found(rest: Rest, ticket: TicketId) -> Row:
    """Read a ticket. Raises MissingTargetError."""
    row = await rest.find("ticket", ticket)
    if row is None:
        raise MissingTargetError(f"ticket {ticket}: not there any more")
    return row


async def read_status(rest: Rest, ticket: TicketId, statuses: Statuses) -> TicketStatus:
    """Read the ticket, and the last change of its status, if there was any."""
    row = await found(rest, ticket)
    set_then = f"ObjectType = 'RT::Ticket' AND Type = 'Status' AND ObjectId = {quoted(string(row, 'id'))}"
    rows = await rest.some("transactions", set_then, "Created", order="DESC")
    since = reading.read_time(rows[0] if rows else row)
    return TicketStatus(reading.status_class(string(row, "Status"), statuses), since)


async def set_status(rest: Rest, ticket: TicketId, status: StatusClass, statuses: Statuses) -> None:
    """Set it and read it again."""
    row = await found(rest, ticket)
    if reading.status_class(string(row, "Status"), statuses) is status:
        return
    wanted = reading.status_to_set(row, statuses[status])
    changed = await _change(rest, ticket, Status=wanted)
    if string(changed, "Status") != wanted:
        raise RejectedError(f"ticket {ticket}: status {wanted!r} refused; {WAY_TO_SET}")


async def raise_priority(rest: Rest, ticket: TicketId, priority: int) -> None:
    """Set it where it is lower, and read it again."""
    if int(string(await found(rest, ticket), "Priority")) >= priority:
        return
    changed = await _change(rest, ticket, Priority=priority)
    if int(string(changed, "Priority")) < priority:
        raise RejectedError(f"ticket {ticket}: priority {priority} refused; {WAY_TO_CHANGE}")


async def add_tag(rest: Rest, ticket: TicketId, tag: str, field: str) -> None:
    """Add a value to the field, where the ticket has it, and read it again."""
    tags = reading.values_of(await found(rest, ticket), field)
    if tags is None or tag in tags:
        return
    changed = await _change(rest, ticket, CustomFields={field: [*tags, tag]})
    if tag not in (reading.values_of(changed, field) or ()):
        raise RejectedError(
            f"ticket {ticket}: tag {tag!r} refused; give the account ModifyCustomField in the ticket's queue, and let"
            f" {field} take several values"
        )


async def _change(rest: Rest, ticket: TicketId, **values: object) -> Row:
    try:
        await rest.put(f"ticket/{quote(ticket, safe='')}", values)
    except AuthError as refused:
        raise AuthError(f"ticket {ticket}: {refused}; {WAY_TO_CHANGE}") from None
    return await found(rest, ticket)
