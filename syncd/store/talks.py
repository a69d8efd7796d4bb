"""How each conversation stands: who spoke when, and what its ticket's status means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from syncd.store.tables import talk

_COLUMNS = [column for column in talk.c if column.name != "link_id"]
_OF = select(*_COLUMNS).where(talk.c.link_id == bindparam("link"))
_KEEP = insert(talk).values(link_id=bindparam("link"), **{one.name: bindparam(f"to_{one.name}") for one in _COLUMNS})
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["link_id"], set_={one.name: _KEEP.excluded[one.name] for one in _COLUMNS}
)


def of(connection: Connection, link_id: int) -> Mapping[str, Any]:
    """Give the columns of a conversation by name; none where nothing was written yet."""
    row = connection.execute(_OF, {"link": link_id}).mappings().first()
    return {} if row is None else dict(row)


def keep(connection: Connection, link_id: int, columns: Mapping[str, Any]) -> None:
    """Write down all columns of a conversation."""
    connection.execute(_KEEP, {"link": link_id, **{f"to_{name}": value for name, value in columns.items()}})
