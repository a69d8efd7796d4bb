"""What both ends of a conversation are known to have of its visitor, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from syncd.store.tables import contact

Values = tuple[str | None, ...]
"""What the helpdesk has, what the chat has, what is on its way to the chat, what we brought there last."""

_COLUMNS = ("helpdesk", "chat", "sent", "put")

_OF = select(contact.c.field, *(contact.c[name] for name in _COLUMNS)).where(contact.c.link_id == bindparam("link"))
_KEEP = insert(contact)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["link_id", "field"], set_={name: _KEEP.excluded[name] for name in _COLUMNS}
)


def of(connection: Connection, link_id: int) -> dict[str, Values]:
    """Give the fields of a conversation's visitor of which something is known."""
    rows = connection.execute(_OF, {"link": link_id})
    return {field: tuple(values) for field, *values in rows}


def keep(connection: Connection, link_id: int, fields: Mapping[str, Values]) -> None:
    """Write down some fields of a conversation's visitor."""
    rows = [
        {"link_id": link_id, "field": field, **dict(zip(_COLUMNS, values, strict=True))}
        for field, values in fields.items()
    ]
    if rows:
        connection.execute(_KEEP, rows)
