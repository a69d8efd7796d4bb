"""Whom syncd made the requester of each conversation's ticket."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.model import Visitor
from syncd.store.codec import read_visitor, write_visitor
from syncd.store.tables import requester

_OF = select(requester.c.asked, requester.c.given, requester.c.claimed).where(requester.c.link_id == bindparam("link"))
_KEEP = insert(requester)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["link_id"], set_={name: _KEEP.excluded[name] for name in ("asked", "given", "claimed")}
)


class Kept(NamedTuple):
    """A row: see `syncd.core.requester.Requester`."""

    asked: Visitor
    given: Visitor | None
    claimed: str


def of(connection: Connection, link_id: int) -> Kept | None:
    """Give the row of a conversation, None where nothing was written yet."""
    row = connection.execute(_OF, {"link": link_id}).first()
    if row is None:
        return None
    return Kept(read_visitor(row.asked), None if row.given is None else read_visitor(row.given), row.claimed)


def keep(connection: Connection, link_id: int, kept: Kept) -> None:
    """Write down the row of a conversation."""
    given = None if kept.given is None else write_visitor(kept.given)
    values = {"asked": write_visitor(kept.asked), "given": given, "claimed": kept.claimed}
    connection.execute(_KEEP, {"link_id": link_id, **values})
