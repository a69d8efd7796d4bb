"""Is there room on the disk? Only a write tells: quotas, reserves and snapshots make its own figures a guess."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam

from syncd.store.tables import account

ROOM_BYTES = 1024 * 1024
"""The largest webhook. What is smaller may fit although the disk is full, into pages that the file has anyway."""
NAME = ""
"""No connector's account has it."""

_GIVE_BACK = account.delete().where(account.c.name == bindparam("which"))


def take(connection: Connection) -> None:
    """Write as much as the largest webhook."""
    give_back(connection)
    # Read as an account's calls, as all rows are after a clock that was wrong, it is none.
    connection.execute(account.insert(), {"name": NAME, "calls": f"[{' ' * ROOM_BYTES}]", "blocked_until": 0.0})


def give_back(connection: Connection) -> None:
    """Delete it: the file keeps the room for what comes in next."""
    connection.execute(_GIVE_BACK, {"which": NAME})
