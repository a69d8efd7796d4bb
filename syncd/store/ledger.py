"""The id ledger: which native ids were seen, whoever made them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

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
_ADD = ledger.insert()


def is_seen(connection: Connection, bridge: BridgeName, end: End, native: str) -> bool:
    """Say whether the ledger knows an id."""
    return connection.execute(_FIND, {"bridge": bridge, "end": end, "native": native}).first() is not None


def enter(connection: Connection, entry: Entry) -> None:
    """Write an id into the ledger. Raises IntegrityError where it is there already."""
    connection.execute(_ADD, entry._asdict())
