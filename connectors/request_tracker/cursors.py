"""How far a poll has read, all pure.

A database gives out ids before it commits. RT keeps a transaction of the database open while it stores files and sends
mails, so that a reply may appear seconds later than others with higher ids, on MySQL and PostgreSQL: SQLite has one
writer at a time. How many ids lie between tells nothing, since all queues share them. So a cursor remembers the replies
of the last minutes that were read, and everything else above the oldest of these is new.

Where contact data is asked for, a second such cursor for it follows behind a slash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.request_tracker.reading import Row, read_id, read_time
from syncd.contract.errors import PayloadError
from syncd.contract.model import Cursor

WINDOW_SECONDS = 600
"""How much older than the newest one that was read a reply may be and still appear."""
WINDOW = 80
"""How many are remembered, so that a poll's query stays short: each is left out of it by name."""

Seen = Mapping[int, int]
"""Ids of what was read, with when it was made, in seconds since 1970."""

_CURSOR = re.compile(r"([0-9]+)(?::([0-9]+(?:@[0-9]+)?(?:,[0-9]+(?:@[0-9]+)?)*))?")


def read_cursor(cursor: Cursor) -> tuple[int, Seen]:
    """Read `low` or `low:id@time,id@time…`: all up to `low` was read, and these above it. Raises PayloadError."""
    read = _CURSOR.fullmatch(cursor)
    if read is None:
        raise PayloadError("cursor: not one of Request Tracker")
    pairs = (one.partition("@") for one in (read[2] or "").split(",") if one)
    return int(read[1]), {int(number): int(at or 0) for number, _, at in pairs}


def write_cursor(low: int, seen: Seen) -> Cursor:
    """Write a cursor that remembers what it may, and whose `low` is the newest that it does not."""
    latest = max(seen.values(), default=0)
    new_first = sorted(seen, reverse=True)
    kept = [number for number in new_first[:WINDOW] if seen[number] >= latest - WINDOW_SECONDS]
    low = max(low, max(set(seen) - set(kept), default=0))
    told = ",".join(f"{number}@{seen[number]}" for number in sorted(kept) if number > low)
    return Cursor(f"{low}:{told}" if told else str(low))


def seen_of(rows: Iterable[Row]) -> Seen:
    """Give what a cursor remembers of rows. Raises PayloadError."""
    return {read_id(row): int(read_time(row).timestamp()) for row in rows}


def split(cursor: Cursor) -> tuple[Cursor, Cursor | None]:
    """Give the cursor of what happens to tickets and that of contact data, None where that was not asked for yet."""
    news, slash, contact = cursor.partition("/")
    return Cursor(news), Cursor(contact) if slash else None


def joined(news: Cursor, contact: Cursor | None) -> Cursor:
    """Give two cursors as one."""
    return news if contact is None else Cursor(f"{news}/{contact}")
