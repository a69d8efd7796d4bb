"""The whole life of a message, a conversation or a ticket, as the rows tell it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, Select, bindparam, or_, select, text

from syncd.store.deliveries import KEY_PREFIX
from syncd.store.lanes import end_of
from syncd.store.tables import inbox, ledger, link, link_ticket, outbox


class Moment(NamedTuple):
    """Something that happened, in seconds since 1970 UTC. `what` holds ids and states, never anybody's words."""

    at: float
    bridge: str
    conversation: str
    what: str


_ID: BindParameter[str] = bindparam("id")
# One step in the index for each bridge: to look at every row for its own would take a second in a large database.
_BRIDGES = text(
    "WITH RECURSIVE known(name) AS (SELECT min(bridge) FROM link UNION ALL"
    " SELECT (SELECT min(bridge) FROM link WHERE bridge > name) FROM known WHERE name IS NOT NULL)"
    " SELECT name FROM known WHERE name IS NOT NULL"
)
_OF_ANY: BindParameter[list[str]] = bindparam("bridges", expanding=True)
_LINKS: tuple[Select[int], ...] = (
    select(link.c.id).where(link.c.bridge.in_(_OF_ANY), link.c.conversation == _ID),
    select(link_ticket.c.link_id).where(link_ticket.c.bridge.in_(_OF_ANY), link_ticket.c.ticket == _ID),
    select(ledger.c.link_id).where(
        ledger.c.bridge.in_(_OF_ANY), ledger.c.end.in_(["chat", "helpdesk"]), ledger.c.native == _ID
    ),
)
_OF_KEY = select(outbox.c.link_id).where(or_(outbox.c.key == _ID, outbox.c.batch == _ID))
_LINK = select(link.c.bridge, link.c.conversation, link.c.ticket, link.c.created_at).where(
    link.c.id == bindparam("link")
)
_SEEN = (
    select(ledger.c.end, ledger.c.native, ledger.c.ours, ledger.c.seen_at, ledger.c.inbox_id, inbox.c.received_at)
    .outerjoin(inbox, inbox.c.id == ledger.c.inbox_id)
    .where(ledger.c.link_id == bindparam("link"))
)
_DELIVERIES = outbox.select().where(outbox.c.link_id == bindparam("link"))


def moments(connection: Connection, wanted: str) -> list[Moment]:
    """Give everything about the conversations that an id belongs to, the oldest first; nothing for an unknown id.

    The id is a message's or comment's, a conversation's, a ticket's or a delivery's.
    """
    named = {"id": wanted, "bridges": connection.execute(_BRIDGES).scalars().all()}
    # Keys have no index, and a life is seldom asked for by one.
    queries = (*_LINKS, _OF_KEY) if wanted.startswith(KEY_PREFIX) else _LINKS
    found = {link_id for query in queries for link_id in connection.execute(query, named).scalars()}
    return sorted(moment for link_id in found if link_id is not None for moment in _moments_of(connection, link_id))


def _moments_of(connection: Connection, link_id: int) -> list[Moment]:
    bridge, conversation, ticket, created_at = connection.execute(_LINK, {"link": link_id}).one()
    told = [(created_at, f"conversation seen first; its ticket is {ticket or 'not opened yet'}")]
    for end, native, ours, seen_at, number, received_at in connection.execute(_SEEN, {"link": link_id}):
        if number is not None:
            told.append((received_at, f"event {number} came in from the {end}, with {native}"))
        told.append((seen_at, f"{native} entered as {'ours' if ours else 'theirs'} in the {end}"))
    for row in connection.execute(_DELIVERIES, {"link": link_id}):
        name = f"{row.kind} {row.key} to the {end_of(row.end)}"
        told.append((row.created_at, f"{name} planned"))
        calls = {at for at in (row.first_called_at, row.called_at) if at is not None}
        told += [(at, f"{name} called as {row.batch or row.key}") for at in calls]
        if row.parked_at is not None:
            told.append((row.parked_at, f"{name} parked {row.reason if row.state == 'parked' else ''}".strip()))
        if row.done_at is not None:
            outcome = f"{row.state}, there it is {row.native}" if row.native else f"{row.state} {row.reason}".strip()
            told.append((row.done_at, f"{name} {outcome}"))
        elif row.state not in {"sent", "parked"}:
            told.append((row.called_at or row.created_at, f"{name} is {row.state} {row.reason}".strip()))
    return [Moment(at, bridge, conversation, what) for at, what in told]
