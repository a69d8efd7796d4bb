"""Which conversation belongs to which ticket, and which ids were seen."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Select, or_, select
from sqlalchemy.sql.expression import ColumnElement

from syncd.contract.model import BridgeName, ConversationId, End, TicketId
from syncd.store.tables import IS_OPEN, IS_PARKED, IS_WAITING, lane, ledger, link, outbox


class Linked(NamedTuple):
    """A conversation, its ticket if it has one, and its two lanes."""

    id: int
    conversation: ConversationId
    ticket: TicketId | None
    chat_lane: int
    helpdesk_lane: int


_INSERT_LANE = lane.insert().returning(lane.c.id)


def _linked(condition: ColumnElement[bool], bridge: BridgeName) -> Select[tuple[int, str, str | None, int, int]]:
    chat, helpdesk = lane.alias("chat"), lane.alias("helpdesk")
    return (
        select(link.c.id, link.c.conversation, link.c.ticket, chat.c.id, helpdesk.c.id)
        .join(chat, (chat.c.link_id == link.c.id) & (chat.c.end == "chat"))
        .join(helpdesk, (helpdesk.c.link_id == link.c.id) & (helpdesk.c.end == "helpdesk"))
        .where(link.c.bridge == bridge, condition)
    )


def by_conversation(connection: Connection, bridge: BridgeName, conversation: ConversationId) -> Linked | None:
    """Find the link of a conversation."""
    row = connection.execute(_linked(link.c.conversation == conversation, bridge)).first()
    return None if row is None else Linked._make(row)


def by_ticket(connection: Connection, bridge: BridgeName, ticket: TicketId) -> Linked | None:
    """Find the link of a ticket."""
    row = connection.execute(_linked(link.c.ticket == ticket, bridge)).first()
    return None if row is None else Linked._make(row)


def make(connection: Connection, bridge: BridgeName, conversation: ConversationId, now: float) -> Linked:
    """Make the link of a conversation that has none, with its two lanes."""
    values = {"bridge": bridge, "conversation": conversation, "created_at": now}
    link_id = connection.execute(link.insert().returning(link.c.id), values).scalar_one()
    lanes = [{"link_id": link_id, "bridge": bridge, "end": end, "attempts": 0} for end in ("chat", "helpdesk")]
    chat_lane, helpdesk_lane = (connection.execute(_INSERT_LANE, values).scalar_one() for values in lanes)
    return Linked(link_id, conversation, None, chat_lane, helpdesk_lane)


def set_ticket(connection: Connection, link_id: int, ticket: TicketId | None) -> None:
    """Name the conversation's ticket, or forget it."""
    connection.execute(link.update().where(link.c.id == link_id), {"ticket": ticket})


def is_opening(connection: Connection, helpdesk_lane: int) -> bool:
    """Say whether the lane holds an `OpenTicket` that is not done yet, a parked one too."""
    unfinished = or_(IS_WAITING, IS_OPEN, IS_PARKED)
    query = select(outbox.c.id).where(outbox.c.lane_id == helpdesk_lane, outbox.c.kind == "open_ticket", unfinished)
    return connection.execute(query.limit(1)).first() is not None


def is_any_opening(connection: Connection, bridge: BridgeName) -> bool:
    """Say whether some ticket of the bridge may exist already whose id is not stored yet."""
    query = (
        select(outbox.c.id)
        .join(lane, lane.c.id == outbox.c.lane_id)
        .where(lane.c.bridge == bridge, outbox.c.kind == "open_ticket", IS_OPEN)
    )
    return connection.execute(query.limit(1)).first() is not None


def is_seen(connection: Connection, bridge: BridgeName, end: End, native: str) -> bool:
    """Say whether the ledger knows an id."""
    query = select(ledger.c.id).where(ledger.c.bridge == bridge, ledger.c.end == end, ledger.c.native == native)
    return connection.execute(query.limit(1)).first() is not None


class Entry(NamedTuple):
    """A row of the ledger. `ours` says that we made the thing; `inbox_id` or `outbox_id` where it came from."""

    bridge: BridgeName
    end: End
    native: str
    ours: bool
    seen_at: float
    inbox_id: int | None = None
    outbox_id: int | None = None
    part: int = 0


def enter(connection: Connection, entry: Entry) -> None:
    """Write an id into the ledger. Raises IntegrityError where it is there already."""
    connection.execute(ledger.insert(), entry._asdict())
