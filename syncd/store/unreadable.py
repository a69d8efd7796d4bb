"""Rows of the outbox whose content is damaged: they are put aside, and hold up nobody."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, bindparam, cast, or_, select

from syncd.contract.model import DeliveryKey
from syncd.store.codec import is_readable
from syncd.store.lanes import IN_THIS, LaneId, named
from syncd.store.tables import IS_OPEN, IS_WAITING, outbox

UNREADABLE = "its row in the database cannot be read"


class Unreadable(NamedTuple):
    """A row whose content is damaged."""

    id: int
    key: DeliveryKey
    kind: str


_ROWS = select(outbox.c.id, outbox.c.key, outbox.c.kind, cast(outbox.c.body, LargeBinary)).where(
    IN_THIS, or_(IS_OPEN, IS_WAITING)
)
_PARK = (
    outbox.update()
    .where(outbox.c.id == bindparam("row"))
    .values(state="parked", reason=UNREADABLE, parked_at=bindparam("now"))
)


def park(connection: Connection, this: LaneId, now: float) -> list[Unreadable]:
    """Park the waiting or doubtful rows of a lane whose content is damaged, and give them."""
    rows = connection.execute(_ROWS, named(this)).all()
    damaged = [Unreadable(id_, DeliveryKey(key), kind) for id_, key, kind, body in rows if not is_readable(body)]
    for row in damaged:
        connection.execute(_PARK, {"row": row.id, "now": now})
    return damaged
