"""The deliveries in the outbox: what waits, what is under way, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    TextClause,
    Update,
    bindparam,
    case,
    cast,
    func,
    select,
    text,
)

from syncd.contract.deliveries import Change, Delivery, OpenTicket, Saying
from syncd.contract.model import ConversationId, DeliveryKey, TicketId
from syncd.store import hours
from syncd.store.codec import read_delivery, write_delivery
from syncd.store.lanes import IN_ORDER, IN_THIS, THIS, LaneId, named
from syncd.store.tables import IS_OPEN, IS_OPENING, IS_PARKED, IS_WAITING, lane, link, outbox

KEY_PREFIX = "syncd-"
"""What the keys of deliveries begin with."""


class Row(NamedTuple):
    """A delivery in the outbox."""

    id: int
    key: DeliveryKey
    delivery: Delivery
    parked_at: float | None = None


class LaneHead(NamedTuple):
    """A lane and what is at its front.

    Rows with a `batch` may have reached the end already, under that key; `is_open`: nobody has decided what then.
    """

    lane: LaneId
    conversation: ConversationId
    ticket: TicketId | None
    attempts: int
    is_open: bool
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


_ADD = outbox.insert()
# Whatever a damaged file calls it, it comes as bytes: reading it is the codec's business.
_WRITTEN = cast(outbox.c.body, LargeBinary)
_IS_ANY_OPEN = select(outbox.c.id).where(IN_THIS, IS_OPEN).exists()
_LANE = select(link.c.conversation, link.c.ticket, lane.c.attempts, _IS_ANY_OPEN)
_LANE = _LANE.join(link, link.c.id == lane.c.link_id).where(THIS)


def _front(state: TextClause) -> Select[*tuple[Any, ...]]:
    columns = select(outbox.c.id, outbox.c.key, _WRITTEN, outbox.c.parked_at, outbox.c.batch)
    in_order = columns.where(IN_THIS, state).order_by(*IN_ORDER)
    return in_order.limit(bindparam("most"))


_OPEN_ROWS = _front(IS_OPEN)
_WAITING_ROWS = _front(IS_WAITING)
_BEGIN = (
    outbox.update()
    .where(outbox.c.id.in_(bindparam("rows", expanding=True)))
    .values(
        state="sending",
        batch=bindparam("call"),
        called_at=bindparam("now"),
        first_called_at=case((outbox.c.batch.is_(None), bindparam("now")), else_=outbox.c.first_called_at),
    )
)
_BODY = select(_WRITTEN).where(outbox.c.id == bindparam("row"))
_REWRITE = outbox.update().where(outbox.c.id == bindparam("row")).values(body=bindparam("to_body"))
_RELEASE = (
    outbox.update().where(IN_THIS, text("outbox.state = 'held'")).values(state="waiting", created_at=bindparam("now"))
)
_TIMES_OF_WHAT_IS_OPEN = ("created_at", "first_called_at", "called_at", "parked_at")
_SHIFT_ROWS = [
    outbox.update().where(state).values({name: outbox.c[name] + bindparam("by") for name in _TIMES_OF_WHAT_IS_OPEN})
    for state in (IS_WAITING, IS_OPEN, IS_PARKED)
]
_TIMES = select(func.min(outbox.c.created_at), func.max(outbox.c.called_at)).where(
    outbox.c.id.in_(bindparam("rows", expanding=True))
)
_IS_LINE = outbox.c.kind == "add_comment"
_LINE_WAITING = select(outbox.c.id).where(IN_THIS, IS_WAITING, _IS_LINE).limit(1)
_LINE_UNDER_WAY = select(outbox.c.id).where(IN_THIS, IS_OPEN, _IS_LINE).limit(1)
_LINE_AMONG = (
    select(outbox.c.id)
    .where(outbox.c.id.in_(bindparam("rows", expanding=True)), _IS_LINE, outbox.c.at == bindparam("said"))
    .limit(1)
)
_OPENED = select(outbox.c.body, outbox.c.batch, outbox.c.done_at).where(IN_THIS, IS_OPENING, outbox.c.state == "sent")
_OPENED = _OPENED.order_by(outbox.c.id.desc())
_TAKEN_SINCE = (
    select(outbox.c.id)
    .where(IN_THIS, outbox.c.state == "sent", outbox.c.done_at >= bindparam("since"))
    .where(outbox.c.batch != bindparam("opening"))
    .limit(1)
)


def enqueue(connection: Connection, new: Enqueued, now: float) -> None:
    """Put a delivery into its lane; it is not due by that alone."""
    values = {
        "link_id": new.lane.link_id,
        "end": new.lane.name,
        "inbox_id": new.inbox_id,
        "key": new.key,
        "kind": new.delivery.kind,
        "comment": new.delivery.comment if isinstance(new.delivery, Saying | Change) else None,
        "body": write_delivery(new.delivery),
        "rank": new.rank,
        "at": new.at,
        "created_at": now,
        "state": "held" if new.is_held else "waiting",
        "reason": "",
    }
    connection.execute(_ADD, values)


def rewrite(connection: Connection, row: int, change: Callable[[Delivery], Delivery]) -> None:
    """Put what `change` makes of the delivery that a row holds into its place. Raises ValueError for a damaged row."""
    held = read_delivery(connection.execute(_BODY, {"row": row}).scalar_one())
    connection.execute(_REWRITE, {"row": row, "to_body": write_delivery(change(held))})


def release(connection: Connection, this: LaneId, now: float) -> None:
    """Let what was held go with what waits; its age counts from now."""
    connection.execute(_RELEASE, named(this, now=now))


def head(connection: Connection, this: LaneId, limit: int) -> LaneHead:
    """Give what is at the front of a lane: the rows in doubt, or else up to `limit` waiting rows in order.

    Where the first of them may have reached the end already, only those that went with it.
    """
    conversation, ticket, attempts, is_open = connection.execute(_LANE, named(this)).one()
    found = connection.execute(_OPEN_ROWS if is_open else _WAITING_ROWS, named(this, most=limit)).all()
    batch = found[0].batch if found else None
    together = [row for row in found if batch is None or row.batch == batch]
    rows = tuple(Row(id_, key, read_delivery(body), parked_at) for id_, key, body, parked_at, _ in together)
    return LaneHead(this, conversation, ticket, attempts, bool(is_open), batch, rows)


def times(connection: Connection, rows: Sequence[int]) -> tuple[float, float]:
    """Give since when the oldest of some rows may go, and when the last of them that was called was."""
    created_at, called_at = connection.execute(_TIMES, {"rows": rows}).one()
    return created_at, called_at or created_at


def begin(connection: Connection, rows: Sequence[int], key: DeliveryKey, now: float) -> None:
    """Note that rows go out now, in one call under a key."""
    connection.execute(_BEGIN, {"rows": rows, "call": key, "now": now})


def mark(connection: Connection, rows: Sequence[int], state: str, **values: object) -> None:
    """Set the state of rows, and further columns with it."""
    named = {f"to_{name}": value for name, value in values.items()}
    connection.execute(_mark(tuple(values)), {"rows": rows, "to_state": state, **named})
    hours.count(connection, rows, state)


@lru_cache
def _mark(columns: tuple[str, ...]) -> Update:
    values: dict[str, object] = {name: bindparam(f"to_{name}") for name in ("state", *columns)}
    return outbox.update().where(outbox.c.id.in_(bindparam("rows", expanding=True))).values(values)


def last_opening(connection: Connection, this: LaneId) -> OpenTicket:
    """Give the lane's `OpenTicket` that was sent last; there must be one."""
    last = read_delivery(connection.execute(_OPENED, named(this)).all()[0].body)
    assert isinstance(last, OpenTicket)  # noqa: S101  (the query finds no other kind)
    return last


def is_any_line_waiting(connection: Connection, this: LaneId) -> bool:
    """Say whether chat lines wait in the lane."""
    return connection.execute(_LINE_WAITING, named(this)).first() is not None


def is_any_line_under_way(connection: Connection, this: LaneId) -> bool:
    """Say whether chat lines of the lane are under way or in doubt."""
    return connection.execute(_LINE_UNDER_WAY, named(this)).first() is not None


def is_line_among(connection: Connection, rows: Sequence[int], said_at: float) -> bool:
    """Say whether some of the rows are lines that were said at that moment of the chat's clock."""
    return connection.execute(_LINE_AMONG, {"rows": rows, "said": said_at}).first() is not None


def is_replaceable(connection: Connection, this: LaneId) -> bool:
    """Say whether the ticket may be replaced: the first one may, a later one once it has taken something.

    An end that says of every ticket that it is gone gets no ticket for each line.
    """
    found = connection.execute(_OPENED, named(this)).all()
    if len(found) < 2:
        return bool(found)
    since = named(this, since=found[0].done_at, opening=found[0].batch)
    return connection.execute(_TAKEN_SINCE, since).first() is not None


def shift(connection: Connection, seconds: float) -> None:
    """Move every time of what is not done: the clock that they were read off was set."""
    for statement in _SHIFT_ROWS:
        connection.execute(statement, {"by": seconds})
