"""Deliveries of which nobody knows whether they happened."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, text

from syncd.contract.model import BridgeName, End
from syncd.store.lanes import IN_THIS, THIS, LaneId, named
from syncd.store.tables import IS_OPEN, IS_PARKED, lane, outbox

_SENDING = text("outbox.state = 'sending'")
_DOUBTFUL = text("outbox.state = 'in_doubt'")
_UNSETTLED = (
    select(outbox.c.id, outbox.c.state, outbox.c.called_at)
    .where(IN_THIS, or_(IS_OPEN & _DOUBTFUL, IS_PARKED & (outbox.c.reason == bindparam("unanswered"))))
    .order_by(outbox.c.called_at)
)
_IN_DOUBT = select(outbox.c.id).where(IN_THIS, IS_OPEN, _DOUBTFUL)
_INTERRUPTED = (
    select(outbox.c.link_id)
    .join(lane, (lane.c.link_id == outbox.c.link_id) & (lane.c.end == outbox.c.end))
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_OPEN, _SENDING)
    .distinct()
)
_DOUBT = outbox.update().where(IN_THIS, IS_OPEN, _SENDING).values(state="in_doubt")
_POSTPONE = lane.update().where(THIS).values(due_at=bindparam("due"))


class Unsettled(NamedTuple):
    """A delivery of which nobody knows whether it happened, and when it was last called."""

    id: int
    state: str
    called_at: float


def in_doubt(connection: Connection, this: LaneId) -> list[int]:
    """Give the rows of the lane that are in doubt."""
    return list(connection.execute(_IN_DOUBT, named(this)).scalars())


def unsettled(connection: Connection, this: LaneId, unanswered: str) -> list[Unsettled]:
    """Give what is in doubt and what was parked for the reason `unanswered`, in the order of the calls."""
    rows = connection.execute(_UNSETTLED, named(this, unanswered=unanswered))
    return [Unsettled(id_, state, called_at or 0.0) for id_, state, called_at in rows]


def interrupted(connection: Connection, bridge: BridgeName, end: End, due_at: float) -> int:
    """Put in doubt what was under way when the last run ended, to be looked at at `due_at`; give how many lanes."""
    found = list(connection.execute(_INTERRUPTED, {"bridge": bridge, "side": end}).scalars())
    for link_id in found:
        connection.execute(_DOUBT, named(LaneId(link_id, end)))
        connection.execute(_POSTPONE, named(LaneId(link_id, end), due=due_at))
    return len(found)
