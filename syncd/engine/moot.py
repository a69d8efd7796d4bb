"""Heads of lanes that are not to go any more, whatever was decided when they were put there."""

from __future__ import annotations

from sqlalchemy import Connection

from syncd.contract.deliveries import Change, Saying, SetStatus
from syncd.contract.model import StatusClass
from syncd.core.lifecycle import REOPEN
from syncd.engine import change
from syncd.engine.enqueue import new_key
from syncd.engine.talk import may_be_solved
from syncd.store import deliveries, lanes, said
from syncd.store.deliveries import Enqueued, LaneHead


def is_dropped(connection: Connection, head: LaneHead, now: float) -> bool:
    """Drop the head where it is not to go any more; True where that is so, and the lane goes on."""
    if _is_overtaken(connection, head):
        _drop_solving(connection, head, now)
        return True
    if _is_pointless(connection, head):
        _drop_pointless(connection, head, now)
        return True
    return False


def _is_overtaken(connection: Connection, head: LaneHead) -> bool:
    """Say whether a ticket is about to be solved while somebody waits for something."""
    first = head.rows[0].delivery
    solves = isinstance(first, SetStatus) and first.status is StatusClass.SOLVED
    return solves and not may_be_solved(connection, head.lane.link_id)


def _drop_solving(connection: Connection, head: LaneHead, now: float) -> None:
    """Leave a ticket as it is; one that may be solved already, by a call whose answer is missing, is taken up again."""
    reason = "somebody waits for something"
    deliveries.mark(connection, [head.rows[0].id], "dropped", reason=reason, done_at=now)
    if head.batch is not None:
        deliveries.enqueue(connection, Enqueued(head.lane, new_key(), REOPEN, now), now)
    lanes.go_on(connection, head.lane, now)


def _is_pointless(connection: Connection, head: LaneHead) -> bool:
    """Say whether the head is not to be said any more, or changes what never left."""
    first = head.rows[0].delivery
    if isinstance(first, Saying):
        return first.withdrawn
    return isinstance(first, Change) and change.place_of(connection, head.lane.link_id, first) is None


def _drop_pointless(connection: Connection, head: LaneHead, now: float) -> None:
    """Give up the head; words that may be in the chat are put aside, until their echo tells where to remove them."""
    rows = [head.rows[0].id]
    if head.batch is not None:
        deliveries.mark(connection, rows, "parked", reason=said.WITHDRAWN, parked_at=now)
    else:
        deliveries.mark(connection, rows, "dropped", reason=said.WITHDRAWN, done_at=now)
    lanes.go_on(connection, head.lane, now)
