"""The id ledger: which native ids were seen, whoever made them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from syncd.contract.model import BridgeName, End
from syncd.store.tables import ledger


class Entry(NamedTuple):
    """A row of the ledger. `ours` says that we made the thing; `inbox_id` or `outbox_id` where it came from."""

    bridge: BridgeName
    end: End
    native: str
    ours: bool
    seen_at: float
    link_id: int | None = None
    inbox_id: int | None = None
    outbox_id: int | None = None
    part: int = 0


_FIND = (
    select(ledger.c.id)
    .where(
        ledger.c.bridge == bindparam("bridge"),
        ledger.c.end == bindparam("end"),
        ledger.c.native == bindparam("native"),
    )
    .limit(1)
)
_WHOSE = select(ledger.c.ours, ledger.c.link_id).where(
    ledger.c.bridge == bindparam("bridge"), ledger.c.end == bindparam("end"), ledger.c.native == bindparam("native")
)
_ADD = ledger.insert()
_ADD_NEW = insert(ledger).on_conflict_do_nothing()


def is_seen(connection: Connection, bridge: BridgeName, end: End, native: str) -> bool:
    """Say whether the ledger knows an id."""
    return connection.execute(_FIND, {"bridge": bridge, "end": end, "native": native}).first() is not None


def whose(connection: Connection, bridge: BridgeName, end: End, native: str) -> tuple[bool, int | None] | None:
    """Say whether a thing is ours and to which link it belongs; None for an id that the ledger does not know."""
    found = connection.execute(_WHOSE, {"bridge": bridge, "end": end, "native": native}).first()
    return None if found is None else (found.ours, found.link_id)


def enter(connection: Connection, entry: Entry) -> None:
    """Write an id into the ledger. Raises IntegrityError where it is there already."""
    connection.execute(_ADD, entry._asdict())


def enter_new(connection: Connection, entry: Entry) -> None:
    """Write an id into the ledger, unless it is there already."""
    connection.execute(_ADD_NEW, entry._asdict())
