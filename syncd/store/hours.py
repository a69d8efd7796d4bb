"""How much happened in each hour, counted as it happens: whoever looks must not have to count a million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, case, cast, func, literal, select, true
from sqlalchemy.dialects.sqlite import Insert, insert

from syncd.store.lanes import END_OF_LANE
from syncd.store.tables import hour, link, outbox

What = Literal["delivered", "opened", "parked"]

SECONDS = 3600
WITHIN = (1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400, 259200)
"""Bounds of how long something took, in seconds; what took longer is counted with the last."""
LINES = ("add_comment", "post_message", "push_notice")
"""The deliveries that people wait for."""


class Hour(NamedTuple):
    """So often something happened at an end in the hour that begins at `hour` (seconds since 1970 UTC)."""

    hour: int
    bridge: str
    end: str
    what: What
    within: int
    times: int


_IS_COUNTED = outbox.c.kind.in_([*LINES, "open_ticket"])
_SENT = case((outbox.c.kind == "open_ticket", "opened"), else_="delivered")


def _counted(what: ColumnElement[str], at: ColumnElement[float], which: ColumnElement[bool]) -> Insert:
    took = at - outbox.c.created_at
    bound = case(*((took <= bound, literal(bound)) for bound in WITHIN), else_=literal(WITHIN[-1]))
    columns = [cast(at / SECONDS, Integer) * SECONDS, link.c.bridge, END_OF_LANE, what, bound]
    rows = (
        select(*columns, func.count())
        .join(link, link.c.id == outbox.c.link_id)
        .where(outbox.c.id.in_(bindparam("rows", expanding=True)), which)
        .group_by(*columns)
    )
    adding = insert(hour).from_select([*hour.primary_key.columns, hour.c.times], rows)
    return adding.on_conflict_do_update(
        index_elements=hour.primary_key.columns, set_={"times": hour.c.times + adding.excluded.times}
    )


_COUNTED = {
    "sent": _counted(_SENT, outbox.c.done_at, _IS_COUNTED),
    "parked": _counted(literal("parked"), outbox.c.parked_at, true()),
}


def count(connection: Connection, rows: Sequence[int], state: str) -> None:
    """Count rows of the outbox that are in this state since now, in the transaction that brought them there."""
    if state in _COUNTED:
        connection.execute(_COUNTED[state], {"rows": rows})


def since(connection: Connection, first: float) -> list[Hour]:
    """Give what happened in the hours that begin at `first` or later, the earliest first."""
    query = hour.select().where(hour.c.hour >= first).order_by(hour.c.hour)
    return [Hour(row.hour, row.bridge, row.end, row.what, row.within, row.times) for row in connection.execute(query)]
