"""Which conversation belongs to which ticket."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, TextClause, bindparam, exists, or_, select, text
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.model import BridgeName, ConversationId, TicketId
from syncd.store.tables import IS_OPEN, IS_OPENING, IS_PARKED, IS_WAITING, lane, link, link_ticket, outbox


class Linked(NamedTuple):
    """A conversation, its ticket if it has one, and what is under way in its lanes.

    `opening`: an `OpenTicket` is not done yet, a parked one too. `sending_to_chat`: the chat is taking a delivery right
    now. `sending_to_helpdesk`: the helpdesk is, or may have taken one.
    """

    id: int
    ticket: TicketId | None = None
    opening: bool = False
    sending_to_chat: bool = False
    sending_to_helpdesk: bool = False


def _has(end: str, *states: TextClause) -> ColumnElement[bool]:
    return exists().where(outbox.c.link_id == link.c.id, outbox.c.end == end, *states)


_UNFINISHED = or_(IS_WAITING, IS_OPEN, IS_PARKED)
_SENDING = text("outbox.state = 'sending'")


def _linked(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    opening = exists().where(outbox.c.link_id == link.c.id, IS_OPENING, _UNFINISHED)
    return select(
        link.c.id,
        link.c.ticket,
        opening,
        _has("chat", IS_OPEN, _SENDING),
        _has("helpdesk", IS_OPEN),
    ).where(link.c.bridge == bindparam("bridge"), condition)


_BY_CONVERSATION = _linked(link.c.conversation == bindparam("conversation"))
_BY_TICKET = _linked(
    link.c.id
    == select(link_ticket.c.link_id)
    .where(link_ticket.c.bridge == bindparam("bridge"), link_ticket.c.ticket == bindparam("ticket"))
    .scalar_subquery()
)
_ADD = link.insert().returning(link.c.id)
_ADD_LANE = lane.insert()
_SET_TICKET = link.update().where(link.c.id == bindparam("link")).values(ticket=bindparam("to"))
_NAME_TICKET = insert(link_ticket).on_conflict_do_nothing()
_ANY_OPENING = (
    select(outbox.c.id)
    .join(link, link.c.id == outbox.c.link_id)
    .where(link.c.bridge == bindparam("bridge"), IS_OPENING, IS_OPEN)
    .limit(1)
)


def by_conversation(connection: Connection, bridge: BridgeName, conversation: ConversationId) -> Linked | None:
    """Find the link of a conversation."""
    row = connection.execute(_BY_CONVERSATION, {"bridge": bridge, "conversation": conversation}).first()
    return None if row is None else Linked._make(row)


def by_ticket(connection: Connection, bridge: BridgeName, ticket: TicketId) -> Linked | None:
    """Find the link of a ticket that the conversation has or had."""
    row = connection.execute(_BY_TICKET, {"bridge": bridge, "ticket": ticket}).first()
    return None if row is None else Linked._make(row)


def make(connection: Connection, bridge: BridgeName, conversation: ConversationId, now: float) -> Linked:
    """Make the link of a conversation that has none, with its two lanes."""
    values = {"bridge": bridge, "conversation": conversation, "created_at": now}
    link_id: int = connection.execute(_ADD, values).scalar_one()
    lanes = [{"link_id": link_id, "end": end, "bridge": bridge, "attempts": 0} for end in ("chat", "helpdesk")]
    connection.execute(_ADD_LANE, lanes)
    return Linked(link_id)


def set_ticket(connection: Connection, bridge: BridgeName, link_id: int, ticket: TicketId) -> None:
    """Name the conversation's ticket; a former one stays known."""
    connection.execute(_SET_TICKET, {"link": link_id, "to": ticket})
    connection.execute(_NAME_TICKET, {"bridge": bridge, "ticket": ticket, "link_id": link_id})


def is_any_opening(connection: Connection, bridge: BridgeName) -> bool:
    """Say whether some ticket of the bridge may exist already whose id is not stored yet."""
    return connection.execute(_ANY_OPENING, {"bridge": bridge}).first() is not None
