"""Lanes: the deliveries of one conversation to one end, in order, and when the next of them is due.

Files and requesters have one of their own beside the helpdesk's, and contact data beside the chat's: `end` of the
tables then says `files` or `contact`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    bindparam,
    case,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.deliveries import LaneName
from syncd.contract.model import BridgeName, End
from syncd.store.tables import IS_DUE, IS_OPEN, IS_PARKED, IS_WAITING, lane, outbox

LANES: tuple[LaneName, ...] = ("chat", "helpdesk", "files", "contact")

END_OF_LANE = case((outbox.c.end == "files", "helpdesk"), (outbox.c.end == "contact", "chat"), else_=outbox.c.end)
"""The end that a row of the outbox goes to."""


class LaneId(NamedTuple):
    """A lane: a link's deliveries to one of its ends, without those that have a lane of their own, or these alone."""

    link_id: int
    name: LaneName

    @property
    def end(self) -> End:
        """The end that its deliveries go to."""
        return end_of(self.name)


def end_of(lane: LaneName) -> End:
    """Give the end that a lane goes to."""
    return "chat" if lane in {"chat", "contact"} else "helpdesk"


THIS = (lane.c.link_id == bindparam("link")) & (lane.c.end == bindparam("side"))
IN_THIS = (outbox.c.link_id == bindparam("link")) & (outbox.c.end == bindparam("side"))
IN_ORDER = (outbox.c.rank, outbox.c.at, outbox.c.id)
_DOUBTFUL = text("outbox.state = 'in_doubt'")


def _has(state: TextClause) -> ColumnElement[bool]:
    return exists().where(outbox.c.link_id == lane.c.link_id, outbox.c.end == lane.c.end, state)


_WAKE = (
    lane.update().where(THIS, lane.c.due_at.is_(None), ~_has(IS_OPEN), _has(IS_WAITING)).values(due_at=bindparam("now"))
)
_NEXT_SINCE = (
    select(func.min(outbox.c.created_at, bindparam("now")) + bindparam("pause"))
    .where(IN_THIS, IS_WAITING)
    .order_by(*IN_ORDER)
    .limit(1)
    .scalar_subquery()
)
_GO_ON = lane.update().where(THIS).values(attempts=0, due_at=func.max(bindparam("now"), _NEXT_SINCE))
_REST = lane.update().where(THIS).values(due_at=bindparam("due"), attempts=bindparam("tries"))
_PARKED = select(outbox.c.id).where(IN_THIS, IS_PARKED, outbox.c.parked_at >= bindparam("since")).limit(1)
_UNFINISHED = select(lane.c.link_id).where(THIS, _has(IS_WAITING) | _has(IS_OPEN) | _has(IS_PARKED))
_DUE = (
    select(lane.c.link_id)
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_DUE)
    .where(lane.c.due_at <= bindparam("now"))
    .order_by(lane.c.due_at)
    .limit(bindparam("most"))
)
_DUE_IN_DOUBT = _DUE.where(_has(IS_OPEN & _DOUBTFUL))
_NEXT_DUE = (
    select(lane.c.due_at)
    .where(lane.c.bridge == bindparam("bridge"), lane.c.end == bindparam("side"), IS_DUE)
    .order_by(lane.c.due_at)
    .limit(1)
)
_NEXT_IN_DOUBT = _NEXT_DUE.where(_has(IS_OPEN & _DOUBTFUL))
_BUSY = select(THIS & (_has(IS_WAITING) | _has(IS_OPEN))).where(THIS)
_MAKE = insert(lane).on_conflict_do_nothing()
_SHIFT = lane.update().where(IS_DUE).values(due_at=lane.c.due_at + bindparam("by"))
_CLAMP = lane.update().where(IS_DUE, lane.c.due_at > bindparam("latest")).values(due_at=bindparam("now"))


def named(this: LaneId, **values: object) -> dict[str, object]:
    """Give the values of a statement about one lane."""
    return {"link": this.link_id, "side": this.name, **values}


def make(connection: Connection, this: LaneId, bridge: BridgeName) -> None:
    """Make a lane where the link has none of that name: few conversations have files or corrections."""
    connection.execute(_MAKE, {"link_id": this.link_id, "end": this.name, "bridge": bridge, "attempts": 0})


def is_busy(connection: Connection, this: LaneId) -> bool:
    """Say whether something waits in the lane, is under way or in doubt."""
    return bool(connection.execute(_BUSY, named(this)).scalar())


def wake(connection: Connection, this: LaneId, now: float) -> None:
    """Make a lane due that has work and neither waits for its next try nor has a delivery under way or in doubt."""
    connection.execute(_WAKE, named(this, now=now))


def go_on(connection: Connection, this: LaneId, now: float, pause: float = 0.0) -> None:
    """Let a lane whose head is done begin with its next delivery, if it has one, once that is `pause` seconds old."""
    connection.execute(_GO_ON, named(this, now=now, pause=pause))


def rest(connection: Connection, this: LaneId, due_at: float | None, *, attempts: int) -> None:
    """Say when a lane is due next (None: when something wakes it) and how often its head was tried in vain."""
    connection.execute(_REST, named(this, due=due_at, tries=attempts))


def due(connection: Connection, bridge: BridgeName, name: LaneName, now: float, limit: int) -> list[LaneId]:
    """Give up to `limit` lanes whose head may go, the longest due first."""
    values = {"bridge": bridge, "side": name, "now": now, "most": limit}
    return [LaneId(link_id, name) for link_id in connection.execute(_DUE, values).scalars()]


def due_in_doubt(connection: Connection, bridge: BridgeName, name: LaneName, now: float, limit: int) -> list[LaneId]:
    """Give up to `limit` lanes whose head is in doubt and has been for as long as it may."""
    values = {"bridge": bridge, "side": name, "now": now, "most": limit}
    return [LaneId(link_id, name) for link_id in connection.execute(_DUE_IN_DOUBT, values).scalars()]


def next_due(connection: Connection, bridge: BridgeName, name: LaneName) -> float | None:
    """Give the time at which the next lane becomes due."""
    return connection.execute(_NEXT_DUE, {"bridge": bridge, "side": name}).scalar()


def next_in_doubt(connection: Connection, bridge: BridgeName, name: LaneName) -> float | None:
    """Give the time at which the next lane becomes due whose head is in doubt."""
    return connection.execute(_NEXT_IN_DOUBT, {"bridge": bridge, "side": name}).scalar()


def is_any_parked(connection: Connection, this: LaneId, since: float = 0.0) -> bool:
    """Say whether a delivery of the lane is put aside, and was not before `since`."""
    return connection.execute(_PARKED, named(this, since=since)).first() is not None


def is_unfinished(connection: Connection, this: LaneId) -> bool:
    """Say whether a delivery of the lane waits, is under way or in doubt, or is put aside."""
    return connection.execute(_UNFINISHED, named(this)).first() is not None


def shift(connection: Connection, seconds: float) -> None:
    """Move every due time: the clock that they were read off was set."""
    connection.execute(_SHIFT, {"by": seconds})


def clamp(connection: Connection, now: float, longest: float) -> None:
    """Make due what would wait longer than anything ever waits: a clock was wrong when it was written."""
    connection.execute(_CLAMP, {"now": now, "latest": now + longest})
