"""Deliveries of which nobody knows whether they happened."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, text

from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName
from syncd.store.lanes import IN_THIS, THIS, LaneId, named
from syncd.store.tables import IS_OPEN, IS_PARKED, IS_WAITING, lane, outbox

_SENDING = text("outbox.state = 'sending'")
_DOUBTFUL = text("outbox.state = 'in_doubt'")
# A notice bears no mark of ours: whose echo comes is never that.
_IS_MARKED = outbox.c.kind != "push_notice"
_UNSETTLED = (
    select(outbox.c.id, outbox.c.state, outbox.c.called_at, outbox.c.parked_at)
    .where(IN_THIS, or_(IS_OPEN & _DOUBTFUL, IS_PARKED, IS_WAITING), outbox.c.batch.is_not(None), _IS_MARKED)
    .order_by(outbox.c.called_at)
)
_SENT_TWICE = (
    select(outbox.c.id)
    .where(IN_THIS, outbox.c.state == "sent", outbox.c.first_called_at < outbox.c.called_at, _IS_MARKED)
    .limit(1)
)
_IN_DOUBT = select(outbox.c.id).where(IN_THIS, IS_OPEN, _DOUBTFUL)
_INTERRUPTED = (
    select(outbox.c.link_id)
    .join(lane, (lane.c.link_id == outbox.c.link_id) & (lane.c.end == outbox.c.end))
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_OPEN, _SENDING)
    .distinct()
)
_DOUBT = outbox.update().where(IN_THIS, IS_OPEN, _SENDING).values(state="in_doubt")
_REPEAT = (
    outbox.update()
    .where(IN_THIS, IS_OPEN, _SENDING, outbox.c.kind.in_(("edit_message", "delete_message")))
    .values(state="waiting", batch=None)
)
_UNMARKED = select(outbox.c.id).where(IN_THIS, IS_OPEN, _SENDING, ~_IS_MARKED)
_POSTPONE = lane.update().where(THIS).values(due_at=bindparam("due"))


class Unsettled(NamedTuple):
    """A delivery of which nobody knows whether it happened, when it was last called, and when it was put aside."""

    id: int
    state: str
    called_at: float
    parked_at: float | None


def in_doubt(connection: Connection, this: LaneId) -> list[int]:
    """Give the rows of the lane that are in doubt."""
    return list(connection.execute(_IN_DOUBT, named(this)).scalars())


def unsettled(connection: Connection, this: LaneId) -> list[Unsettled]:
    """Give what may have happened, in the order of the calls: in doubt, or parked or waiting after that."""
    rows = connection.execute(_UNSETTLED, named(this))
    return [Unsettled(id_, state, called_at or 0.0, parked_at) for id_, state, called_at, parked_at in rows]


def is_any_sent_twice(connection: Connection, this: LaneId) -> bool:
    """Say whether something of the lane was called again although it may have happened: it may be there twice."""
    return connection.execute(_SENT_TWICE, named(this)).first() is not None


def interrupted(connection: Connection, bridge: BridgeName, lane_name: LaneName, now: float, due_at: float) -> int:
    """Put in doubt what was under way when the last run ended, to be looked at at `due_at`; give how many lanes.

    What does the same when it is made again waits to be made again, and no echo is awaited of what bears no mark.
    """
    found = list(connection.execute(_INTERRUPTED, {"bridge": bridge, "side": lane_name}).scalars())
    for link_id in found:
        this = LaneId(link_id, lane_name)
        is_awaited = connection.execute(_UNMARKED, named(this)).first() is None
        is_repeated = connection.execute(_REPEAT, named(this)).rowcount > 0
        connection.execute(_DOUBT, named(this))
        connection.execute(_POSTPONE, named(this, due=due_at if is_awaited and not is_repeated else now))
    return len(found)
