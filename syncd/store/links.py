"""Which conversation belongs to which ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, TextClause, bindparam, exists, or_, select, text
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName, ConversationId, TicketId
from syncd.store.tables import IS_OPEN, IS_OPENING, IS_PARKED, IS_WAITING, lane, link, link_ticket, outbox


class Linked(NamedTuple):
    """A conversation, its ticket if it has one, and what is under way in its lanes.

    `opening`: an `OpenTicket` is not done yet, a parked one too. `sending_to_chat`: the chat is taking a delivery right
    now. `sending_to_helpdesk`: the helpdesk is, or may have taken one. `deleted`: the ticket was, so the opening of
    another is held. `aside_of_helpdesk`: something is put aside, or waits, that the helpdesk may have taken.
    """

    id: int
    ticket: TicketId | None = None
    opening: bool = False
    sending_to_chat: bool = False
    sending_to_helpdesk: bool = False
    deleted: bool = False
    aside_of_helpdesk: bool = False


def _has(lanes: Sequence[LaneName], *states: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    return exists().where(outbox.c.link_id == link.c.id, outbox.c.end.in_(lanes), *states)


_TO_HELPDESK: tuple[LaneName, ...] = ("helpdesk", "files")
_MAY_HAVE_HAPPENED = outbox.c.batch.is_not(None)
_UNFINISHED = or_(IS_WAITING, IS_OPEN, IS_PARKED)
_SENDING = text("outbox.state = 'sending'")
_HELD = text("outbox.state = 'held'")


def _linked(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    opening = exists().where(outbox.c.link_id == link.c.id, IS_OPENING, _UNFINISHED)
    return select(
        link.c.id,
        link.c.ticket,
        opening,
        _has(["chat"], IS_OPEN, _SENDING),
        _has(_TO_HELPDESK, IS_OPEN),
        exists().where(outbox.c.link_id == link.c.id, IS_OPENING, _HELD),
        _has(_TO_HELPDESK, IS_PARKED, _MAY_HAVE_HAPPENED) | _has(_TO_HELPDESK, IS_WAITING, _MAY_HAVE_HAPPENED),
    ).where(link.c.bridge == bindparam("bridge"), condition)


_BY_CONVERSATION = _linked(link.c.conversation == bindparam("conversation"))
_BY_TICKET = _linked(
    link.c.id
    == select(link_ticket.c.link_id)
    .where(link_ticket.c.bridge == bindparam("bridge"), link_ticket.c.ticket == bindparam("ticket"))
    .scalar_subquery()
)
_BY_ID = _linked(link.c.id == bindparam("link"))
_ADD = link.insert().returning(link.c.id)
_ADD_LANE = lane.insert()
_ALSO_ON = select(link.c.id).where(
    link.c.bridge == bindparam("bridge"), link.c.ticket == bindparam("ticket"), link.c.id != bindparam("link")
)
_SET_TICKET = link.update().where(link.c.id == bindparam("link")).values(ticket=bindparam("to"))
_NAME_TICKET = insert(link_ticket).on_conflict_do_nothing()


def _any_opening(*states: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    here = select(outbox.c.id).join(link, link.c.id == outbox.c.link_id).where(link.c.bridge == bindparam("bridge"))
    return here.where(IS_OPENING, *states).exists()


# One look for each state: each has an index of its own.
_OPENINGS = select(
    _any_opening(IS_OPEN), _any_opening(IS_PARKED, _MAY_HAVE_HAPPENED) | _any_opening(IS_WAITING, _MAY_HAVE_HAPPENED)
)


def by_conversation(connection: Connection, bridge: BridgeName, conversation: ConversationId) -> Linked | None:
    """Find the link of a conversation."""
    row = connection.execute(_BY_CONVERSATION, {"bridge": bridge, "conversation": conversation}).first()
    return None if row is None else Linked._make(row)


def by_ticket(connection: Connection, bridge: BridgeName, ticket: TicketId) -> Linked | None:
    """Find the link of a ticket that the conversation has or had."""
    row = connection.execute(_BY_TICKET, {"bridge": bridge, "ticket": ticket}).first()
    return None if row is None else Linked._make(row)


def also_on(connection: Connection, bridge: BridgeName, ticket: TicketId, link_id: int) -> list[int]:
    """Give the other conversations whose ticket this is: their own were merged into it."""
    values = {"bridge": bridge, "ticket": ticket, "link": link_id}
    return list(connection.execute(_ALSO_ON, values).scalars())


def by_id(connection: Connection, bridge: BridgeName, link_id: int) -> Linked | None:
    """Find a link by its own id."""
    row = connection.execute(_BY_ID, {"bridge": bridge, "link": link_id}).first()
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
    name_ticket(connection, bridge, link_id, ticket)


def name_ticket(connection: Connection, bridge: BridgeName, link_id: int, ticket: TicketId) -> None:
    """Note that replies on a ticket are for the conversation, unless they are for another one already."""
    connection.execute(_NAME_TICKET, {"bridge": bridge, "ticket": ticket, "link_id": link_id})


def openings(connection: Connection, bridge: BridgeName) -> tuple[bool, bool]:
    """Say whether some ticket of the bridge may exist already whose id is not stored yet.

    First: because it is being opened. Second: because that is put aside or waits, and may have happened.
    """
    is_any, is_any_aside = connection.execute(_OPENINGS, {"bridge": bridge}).one()
    return bool(is_any), bool(is_any_aside)
