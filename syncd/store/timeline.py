"""What waits, waits by the wall clock, which anybody may set: then every time that something waits for is moved along.

The daemon can be stopped while that happens. So it is written down how far the wall clock was ahead of the one that
nobody can set, and in which boot of the machine: another boot's clocks cannot be compared.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from syncd.store import deliveries, ends, lanes
from syncd.store.tables import wall_clock

LARGEST_DRIFT_SECONDS = 1.0
"""As far as clocks drift by themselves."""
ONLY_ROW = 1

_LAST = select(wall_clock.c.boot, wall_clock.c.ahead)
_KEEP = insert(wall_clock).values(id=ONLY_ROW, boot=bindparam("machine_boot"), ahead=bindparam("now_ahead"))
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["id"], set_={"boot": _KEEP.excluded.boot, "ahead": _KEEP.excluded.ahead}
)


def follow(connection: Connection, boot: str, ahead: float) -> float:
    """Move what waits by as many seconds as the wall clock was set since the last call; give them, 0 where it was not.

    `ahead` is how far the wall clock is ahead of the monotonic one of this `boot`, in seconds.
    """
    last = connection.execute(_LAST).first()
    is_known = last is not None and last.boot == boot
    moved = ahead - last.ahead if last is not None and is_known else 0.0
    if is_known and abs(moved) <= LARGEST_DRIFT_SECONDS:
        return 0.0
    connection.execute(_KEEP, {"machine_boot": boot, "now_ahead": ahead})
    if moved:
        lanes.shift(connection, moved)
        deliveries.shift(connection, moved)
        ends.shift_calls(connection, moved)
    return moved
