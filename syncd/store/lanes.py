"""The outbox by lanes: what waits, what is under way, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, exists, select, text
from sqlalchemy.sql.expression import ColumnElement, TextClause

from syncd.contract.deliveries import Delivery
from syncd.contract.model import BridgeName, ConversationId, DeliveryKey, End, TicketId
from syncd.store.codec import read_delivery, write_delivery
from syncd.store.tables import IS_DUE, IS_OPEN, IS_WAITING, lane, link, outbox


class Row(NamedTuple):
    """A delivery in the outbox."""

    id: int
    key: DeliveryKey
    delivery: Delivery
    created_at: float


class LaneHead(NamedTuple):
    """A lane and what is at its front. `doubtful` rows may have reached the end already, under the key `batch`."""

    id: int
    link_id: int
    conversation: ConversationId
    ticket: TicketId | None
    attempts: int
    doubtful: bool
    batch: DeliveryKey | None
    rows: tuple[Row, ...]


class Enqueued(NamedTuple):
    """A delivery to be put into a lane: `rank`, then `at`, then the order of arrival say where."""

    lane_id: int
    key: DeliveryKey
    delivery: Delivery
    at: float
    rank: int = 1
    inbox_id: int | None = None


def enqueue(connection: Connection, new: Enqueued, now: float) -> None:
    """Put a delivery into its lane; it is not due by that alone."""
    values = {
        "lane_id": new.lane_id,
        "key": new.key,
        "inbox_id": new.inbox_id,
        "kind": new.delivery.kind,
        "body": write_delivery(new.delivery),
        "rank": new.rank,
        "at": new.at,
        "created_at": now,
        "state": "waiting",
        "reason": "",
    }
    connection.execute(outbox.insert(), values)


def wake(connection: Connection, lane_id: int, now: float) -> None:
    """Make a lane due that has work and neither waits for its next try nor has a delivery under way or in doubt."""
    idle = lane.c.due_at.is_(None) & ~_has(IS_OPEN) & _has(IS_WAITING)
    connection.execute(lane.update().where(lane.c.id == lane_id, idle), {"due_at": now})


def _has(state: TextClause) -> ColumnElement[bool]:
    return exists().where(outbox.c.lane_id == lane.c.id, state)


def due(connection: Connection, bridge: BridgeName, end: End, now: float, limit: int) -> list[int]:
    """Give up to `limit` lanes whose head may go, the longest due first."""
    query = select(lane.c.id).where(lane.c.bridge == bridge, lane.c.end == end, IS_DUE, lane.c.due_at <= now)
    return list(connection.execute(query.order_by(lane.c.due_at).limit(limit)).scalars())


def next_due(connection: Connection, bridge: BridgeName, end: End) -> float | None:
    """Give the time at which the next lane becomes due."""
    query = select(lane.c.due_at).where(lane.c.bridge == bridge, lane.c.end == end, IS_DUE)
    return connection.execute(query.order_by(lane.c.due_at).limit(1)).scalar()


def head(connection: Connection, lane_id: int, limit: int) -> LaneHead:
    """Give what is at the front of a lane: the rows in doubt, or else up to `limit` waiting rows in order."""
    query = (
        select(lane.c.id, link.c.id, link.c.conversation, link.c.ticket, lane.c.attempts)
        .join(link, link.c.id == lane.c.link_id)
        .where(lane.c.id == lane_id)
    )
    found = connection.execute(query).one()
    rows = _rows(connection, lane_id, IS_OPEN, limit)
    doubtful = bool(rows)
    if not doubtful:
        rows = _rows(connection, lane_id, IS_WAITING, limit)
    batch = rows[0][1] if doubtful else None
    return LaneHead(*found, doubtful, batch, tuple(row for row, _ in rows))


def _rows(connection: Connection, lane_id: int, state: TextClause, limit: int) -> list[tuple[Row, DeliveryKey | None]]:
    query = (
        select(outbox.c.id, outbox.c.key, outbox.c.body, outbox.c.created_at, outbox.c.batch)
        .where(outbox.c.lane_id == lane_id, state)
        .order_by(outbox.c.rank, outbox.c.at, outbox.c.id)
        .limit(limit)
    )
    return [
        (Row(id_, key, read_delivery(body), created_at), batch)
        for id_, key, body, created_at, batch in connection.execute(query)
    ]


def sibling(connection: Connection, link_id: int, end: End) -> int:
    """Give a conversation's lane to one of its ends."""
    query = select(lane.c.id).where(lane.c.link_id == link_id, lane.c.end == end)
    return int(connection.execute(query).scalar_one())


def is_sending(connection: Connection, lane_id: int) -> bool:
    """Say whether a delivery of the lane is under way."""
    query = select(outbox.c.id).where(outbox.c.lane_id == lane_id, IS_OPEN, text("outbox.state = 'sending'"))
    return connection.execute(query.limit(1)).first() is not None


def in_doubt(connection: Connection, lane_id: int) -> list[int]:
    """Give the rows of the lane that are in doubt."""
    query = select(outbox.c.id).where(outbox.c.lane_id == lane_id, IS_OPEN, text("outbox.state = 'in_doubt'"))
    return list(connection.execute(query).scalars())


def mark(connection: Connection, rows: Sequence[int], state: str, **values: object) -> None:
    """Set the state of rows, and further columns with it."""
    connection.execute(outbox.update().where(outbox.c.id.in_(rows)), {"state": state, **values})


def rest(connection: Connection, lane_id: int, due_at: float | None, *, attempts: int) -> None:
    """Say when a lane is due next (None: when something wakes it) and how often its head was tried in vain."""
    connection.execute(lane.update().where(lane.c.id == lane_id), {"due_at": due_at, "attempts": attempts})


def last_opening(connection: Connection, lane_id: int) -> tuple[Delivery, int] | None:
    """Give the lane's newest `OpenTicket` that was sent, and how many there were."""
    query = (
        select(outbox.c.body)
        .where(outbox.c.lane_id == lane_id, outbox.c.kind == "open_ticket", outbox.c.state == "sent")
        .order_by(outbox.c.id.desc())
    )
    bodies = list(connection.execute(query).scalars())
    return (read_delivery(bodies[0]), len(bodies)) if bodies else None


def interrupted(connection: Connection, bridge: BridgeName, end: End) -> list[int]:
    """Give the lanes with a delivery that was under way when the last run ended."""
    query = (
        select(outbox.c.lane_id)
        .join(lane, lane.c.id == outbox.c.lane_id)
        .where(lane.c.bridge == bridge, lane.c.end == end, IS_OPEN, text("outbox.state = 'sending'"))
        .distinct()
    )
    return list(connection.execute(query).scalars())


def doubt_interrupted(connection: Connection, lane_id: int, due_at: float) -> None:
    """Turn what a lane was sending into deliveries in doubt, to be looked at when `due_at` comes."""
    sending = (outbox.c.lane_id == lane_id) & IS_OPEN & text("outbox.state = 'sending'")
    connection.execute(outbox.update().where(sending), {"state": "in_doubt"})
    connection.execute(lane.update().where(lane.c.id == lane_id), {"due_at": due_at})
