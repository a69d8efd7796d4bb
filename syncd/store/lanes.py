"""The outbox by lanes: what waits, what is under way, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    TextClause,
    Update,
    bindparam,
    case,
    cast,
    exists,
    null,
    select,
    text,
)

from syncd.contract.deliveries import Delivery
from syncd.contract.model import BridgeName, ConversationId, DeliveryKey, End, TicketId
from syncd.store.codec import is_readable, read_delivery, write_delivery
from syncd.store.tables import IS_DUE, IS_OPEN, IS_OPENING, IS_WAITING, lane, link, outbox


class LaneId(NamedTuple):
    """A lane: a link's deliveries to one of its ends."""

    link_id: int
    end: End


class Row(NamedTuple):
    """A delivery in the outbox."""

    id: int
    key: DeliveryKey
    delivery: Delivery
    created_at: float


class LaneHead(NamedTuple):
    """A lane and what is at its front. `doubtful` rows may have reached the end already, under the key `batch`."""

    lane: LaneId
    conversation: ConversationId
    ticket: TicketId | None
    attempts: int
    doubtful: bool
    batch: DeliveryKey | None
    rows: tuple[Row, ...]


class Enqueued(NamedTuple):
    """A delivery to be put into a lane: `rank`, then `at`, then the order of arrival say where."""

    lane: LaneId
    key: DeliveryKey
    delivery: Delivery
    at: float
    rank: int = 1
    inbox_id: int | None = None
    is_held: bool = False


THIS = (lane.c.link_id == bindparam("link")) & (lane.c.end == bindparam("side"))
IN_THIS = (outbox.c.link_id == bindparam("link")) & (outbox.c.end == bindparam("side"))
_SENDING = text("outbox.state = 'sending'")
_DOUBTFUL = text("outbox.state = 'in_doubt'")


def _has(state: TextClause) -> ColumnElement[bool]:
    return exists().where(outbox.c.link_id == lane.c.link_id, outbox.c.end == lane.c.end, state)


_ADD = outbox.insert()
_WAKE = (
    lane.update().where(THIS, lane.c.due_at.is_(None), ~_has(IS_OPEN), _has(IS_WAITING)).values(due_at=bindparam("now"))
)
_GO_ON = lane.update().where(THIS).values(attempts=0, due_at=case((_has(IS_WAITING), bindparam("now")), else_=null()))
_REST = lane.update().where(THIS).values(due_at=bindparam("due"), attempts=bindparam("tries"))
_DUE = (
    select(lane.c.link_id)
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_DUE)
    .where(lane.c.due_at <= bindparam("now"))
    .order_by(lane.c.due_at)
    .limit(bindparam("most"))
)
_NEXT_DUE = (
    select(lane.c.due_at)
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_DUE)
    .order_by(lane.c.due_at)
    .limit(1)
)
_LANE = select(link.c.conversation, link.c.ticket, lane.c.attempts).join(link, link.c.id == lane.c.link_id).where(THIS)


def _front(state: TextClause) -> Select[*tuple[Any, ...]]:
    # Whatever a damaged file calls it, it comes as bytes: reading it is the codec's business.
    body = cast(outbox.c.body, LargeBinary)
    columns = select(outbox.c.id, outbox.c.key, body, outbox.c.created_at, outbox.c.batch)
    in_order = columns.where(IN_THIS, state).order_by(outbox.c.rank, outbox.c.at, outbox.c.id)
    return in_order.limit(bindparam("most"))


_OPEN_ROWS = _front(IS_OPEN)
_WAITING_ROWS = _front(IS_WAITING)
_RELEASE = (
    outbox.update().where(IN_THIS, text("outbox.state = 'held'")).values(state="waiting", created_at=bindparam("now"))
)
_PARK_UNREADABLE = (
    outbox.update()
    .where(outbox.c.id == bindparam("row"))
    .values(state="parked", reason="its row in the database cannot be read", done_at=bindparam("now"))
)
_SHIFT = lane.update().where(IS_DUE).values(due_at=lane.c.due_at + bindparam("by"))
_CLAMP = lane.update().where(IS_DUE, lane.c.due_at > bindparam("latest")).values(due_at=bindparam("now"))
_OPENINGS = select(outbox.c.body).where(IN_THIS, IS_OPENING, outbox.c.state == "sent").order_by(outbox.c.id.desc())


def named(this: LaneId, **values: object) -> dict[str, object]:
    """Give the values of a statement about one lane."""
    return {"link": this.link_id, "side": this.end, **values}


def enqueue(connection: Connection, new: Enqueued, now: float) -> None:
    """Put a delivery into its lane; it is not due by that alone."""
    values = {
        "link_id": new.lane.link_id,
        "end": new.lane.end,
        "inbox_id": new.inbox_id,
        "key": new.key,
        "kind": new.delivery.kind,
        "body": write_delivery(new.delivery),
        "rank": new.rank,
        "at": new.at,
        "created_at": now,
        "state": "held" if new.is_held else "waiting",
        "reason": "",
    }
    connection.execute(_ADD, values)


def release(connection: Connection, this: LaneId, now: float) -> None:
    """Let what was held go with what waits; its age counts from now."""
    connection.execute(_RELEASE, named(this, now=now))


def wake(connection: Connection, this: LaneId, now: float) -> None:
    """Make a lane due that has work and neither waits for its next try nor has a delivery under way or in doubt."""
    connection.execute(_WAKE, named(this, now=now))


def go_on(connection: Connection, this: LaneId, now: float) -> None:
    """Let a lane whose head is done begin with its next delivery, if it has one."""
    connection.execute(_GO_ON, named(this, now=now))


def rest(connection: Connection, this: LaneId, due_at: float | None, *, attempts: int) -> None:
    """Say when a lane is due next (None: when something wakes it) and how often its head was tried in vain."""
    connection.execute(_REST, named(this, due=due_at, tries=attempts))


def due(connection: Connection, bridge: BridgeName, end: End, now: float, limit: int) -> list[LaneId]:
    """Give up to `limit` lanes whose head may go, the longest due first."""
    values = {"bridge": bridge, "side": end, "now": now, "most": limit}
    return [LaneId(link_id, end) for link_id in connection.execute(_DUE, values).scalars()]


def next_due(connection: Connection, bridge: BridgeName, end: End) -> float | None:
    """Give the time at which the next lane becomes due."""
    return connection.execute(_NEXT_DUE, {"bridge": bridge, "side": end}).scalar()


def head(connection: Connection, this: LaneId, limit: int) -> LaneHead:
    """Give what is at the front of a lane: the rows in doubt, or else up to `limit` waiting rows in order."""
    conversation, ticket, attempts = connection.execute(_LANE, named(this)).one()
    found = connection.execute(_OPEN_ROWS, named(this, most=limit)).all()
    doubtful = bool(found)
    if not doubtful:
        found = connection.execute(_WAITING_ROWS, named(this, most=limit)).all()
    rows = tuple(Row(id_, DeliveryKey(key), read_delivery(body), created) for id_, key, body, created, _ in found)
    batch = DeliveryKey(found[0][4]) if doubtful and found[0][4] else None
    return LaneHead(this, conversation, ticket, attempts, doubtful, batch, rows)


def shift(connection: Connection, seconds: float) -> None:
    """Move every due time: the clock that they were read off was set."""
    connection.execute(_SHIFT, {"by": seconds})


def clamp(connection: Connection, now: float, longest: float) -> None:
    """Make due what would wait longer than anything ever waits: a clock was wrong when it was written."""
    connection.execute(_CLAMP, {"now": now, "latest": now + longest})


def mark(connection: Connection, rows: Sequence[int], state: str, **values: object) -> None:
    """Set the state of rows, and further columns with it."""
    named = {f"to_{name}": value for name, value in values.items()}
    connection.execute(_mark(tuple(values)), {"rows": rows, "to_state": state, **named})


@lru_cache
def _mark(columns: tuple[str, ...]) -> Update:
    values: dict[str, object] = {name: bindparam(f"to_{name}") for name in ("state", *columns)}
    return outbox.update().where(outbox.c.id.in_(bindparam("rows", expanding=True))).values(values)


def openings(connection: Connection, this: LaneId) -> list[Delivery]:
    """Give the lane's `OpenTicket`s that were sent, the newest first."""
    return [read_delivery(body) for body in connection.execute(_OPENINGS, named(this)).scalars()]


def park_unreadable(connection: Connection, this: LaneId, now: float) -> int:
    """Park the waiting or doubtful rows of a lane whose content is damaged; give how many."""
    found = [row for front in (_OPEN_ROWS, _WAITING_ROWS) for row in connection.execute(front, named(this, most=-1))]
    damaged = [row[0] for row in found if not is_readable(row[2])]
    for row_id in damaged:
        connection.execute(_PARK_UNREADABLE, {"row": row_id, "now": now})
    return len(damaged)
