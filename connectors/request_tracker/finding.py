"""Deliveries that may have happened, looked for by their keys, and what one has left out.

Vendor page: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html (searches by TicketSQL, and for transactions alike).
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.request_tracker import reading, writing
from connectors.request_tracker.reading import Row, string
from connectors.request_tracker.rest import Rest
from connectors.request_tracker.writing import quoted
from syncd.contract.errors import ConnectorError
from syncd.contract.model import DeliveryKey, Receipt, TicketDraft, TicketId

OURS = "ObjectType = 'RT::Ticket' AND Creator = '__CurrentUser__'"
OPENED = "Creator = '__CurrentUser__' AND EffectiveId > 0"
"""Only where `EffectiveId` is asked for, RT gives tickets that were merged into others."""


async def find_ticket(rest: Rest, key: DeliveryKey, field: str) -> Receipt | None:
    """Look for the ticket that was opened under a key: by its custom field, then by its first message."""
    rows = await rest.some("tickets", f"{OPENED} AND CF.{{{field}}} = {quoted(key)}", "CustomFields")
    found = next((row for row in rows if reading.has_key(row, field, key)), None)
    if found:
        return Receipt(ticket=TicketId(string(found, "id")))
    created = await _find_marked(rest, f"{OURS} AND Type = 'Create'", key)
    return Receipt(ticket=TicketId(string(created, "ObjectId"))) if created else None


async def find_comment(rest: Rest, key: DeliveryKey, field: str, ticket: TicketId) -> Receipt | None:
    """Look for the comment that was made under a key: by its custom field, then on all that the ticket is by now."""
    ours = f"{OURS} AND Type = 'Comment'"
    rows = await rest.some("transactions", f"{ours} AND CF.{{{field}}} = {quoted(key)}", "CustomFields")
    found = next((row for row in rows if reading.has_key(row, field, key)), None)
    if not found and (homes := await homes_of(rest, ticket)):
        places = " OR ".join(f"ObjectId = {quoted(home)}" for home in homes)
        found = await _find_marked(rest, f"{ours} AND ({places})", key)
    return Receipt(id=string(found, "id"), ticket=ticket) if found else None


async def refused_fields(rest: Rest, ticket: TicketId, draft: TicketDraft) -> tuple[str, ...]:
    """Name the fields that RT has left out of a new ticket: it does not tell which."""
    if not draft.fields:
        return ()
    try:
        found = await rest.get("ticket", ticket)
    except ConnectorError:
        # The ticket is there, and what was to be in its fields is on it as well.
        return ()
    return reading.empty_fields(found, [name for name, _ in draft.fields])


async def _find_marked(rest: Rest, query: str, key: DeliveryKey) -> Row | None:
    rows = await rest.some("transactions", query, "ObjectId", order="DESC")
    if not rows:
        return None
    parts_query = writing.write_parts_query(string(row, "id") for row in rows)
    parts = await rest.every("attachments", parts_query, "TransactionId,Headers")
    marked = {string(part, "TransactionId") for part in parts if writing.marker(key) in string(part, "Headers")}
    return next((row for row in rows if string(row, "id") in marked), None)


async def homes_of(rest: Rest, ticket: TicketId) -> Sequence[str]:
    """Name a ticket, the one that it is now, and all that were merged into that; none where it is gone."""
    found = await rest.find("ticket", ticket)
    if found is None:
        return ()
    home = string(found, "id")
    merged = await rest.every("tickets", f"EffectiveId = {quoted(home)}", "")
    return sorted({ticket, home, *(string(one, "id") for one in merged)})
