"""Files that have not reached a ticket yet, and the lines that they came with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection, bindparam, or_, select, text

from syncd.contract.deliveries import AttachFile, Delivery
from syncd.contract.model import DeliveryKey, TicketId
from syncd.store.deliveries import rewrite
from syncd.store.tables import IS_OPEN, IS_PARKED, IS_WAITING, outbox

_FILE = text("outbox.\"end\" = 'files'")
_LINE = outbox.alias("line")
_IS_AHEAD = or_(_LINE.c.batch == bindparam("opening"), _LINE.c.state.in_(["waiting", "sending", "in_doubt"]))
_LINE_AHEAD = (
    select(_LINE.c.id)
    .where(_LINE.c.link_id == bindparam("link"), _LINE.c.inbox_id == outbox.c.inbox_id, _LINE.c.kind == "add_comment")
    .where(_IS_AHEAD)
    .exists()
)
_LEFT_BEHIND = select(outbox.c.id).where(
    outbox.c.link_id == bindparam("link"), _FILE, or_(IS_WAITING, IS_OPEN, IS_PARKED), ~_LINE_AHEAD
)


def leave_behind(connection: Connection, link_id: int, former: TicketId, opening: DeliveryKey) -> None:
    """Let files whose lines are on a former ticket go there too; those of lines that `opening` took, or that wait, not.

    A file that is bound for an earlier ticket already stays so, and a row that is damaged as it is.
    """

    def bound(found: Delivery) -> Delivery:
        return replace(found, ticket=former) if isinstance(found, AttachFile) and found.ticket is None else found

    for row in connection.execute(_LEFT_BEHIND, {"link": link_id, "opening": opening}).scalars().all():
        with suppress(ValueError):
            rewrite(connection, row, bound)
