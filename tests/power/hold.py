"""What a database must hold after a power cut, whatever the disk left: all that anybody outside was told.

It is opened as the daemon opens it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from connectors.request_tracker.cursors import read_cursor
from syncd.contract.errors import ConfigError
from syncd.contract.model import Cursor
from syncd.store.opening import ours

MISSING, UNCLAIMED, CORRUPT, TORN = "acknowledged missing", "calls not claimed", "corrupt", "torn"

# A body of several lines is planned in several commits where one of them must wait, or where they are many.
NEW_AND_ALONE = (
    "CREATE TEMP VIEW alone AS SELECT id FROM inbox JOIN payload ON inbox_id = id WHERE state = 'new'"
    " AND coalesce(json_array_length(CAST(body AS TEXT), '$.messages'), 1) = 1"
)
TEARS = {
    "an event that is new has deliveries": "SELECT count(*) FROM alone JOIN outbox ON outbox.inbox_id = alone.id",
    "an event that is new is on the ledger": "SELECT count(*) FROM alone JOIN ledger ON ledger.inbox_id = alone.id",
    "an event has no payload": (
        "SELECT count(*) FROM inbox LEFT JOIN payload ON payload.inbox_id = inbox.id WHERE payload.inbox_id IS NULL"
    ),
    "an entry of the ledger has no origin": (
        "SELECT count(*) FROM ledger LEFT JOIN inbox i ON i.id = ledger.inbox_id"
        " LEFT JOIN outbox o ON o.id = ledger.outbox_id WHERE i.id IS NULL AND o.id IS NULL"
    ),
    "an opened ticket is not linked": (
        "SELECT count(*) FROM outbox JOIN link ON link.id = link_id"
        " WHERE kind = 'open_ticket' AND (state = 'sent') != (ticket IS NOT NULL)"
    ),
    "a link's ticket is not named": (
        "SELECT count(*) FROM link LEFT JOIN link_ticket t ON t.link_id = link.id AND t.ticket = link.ticket"
        " WHERE link.ticket IS NOT NULL AND t.ticket IS NULL"
    ),
    "a reply that is sent is not on the ledger": (
        "SELECT count(*) FROM outbox WHERE end = 'chat' AND state = 'sent'"
        " AND native NOT IN (SELECT native FROM ledger WHERE end = 'chat')"
    ),
    "a lane with work has stopped": (
        "SELECT count(*) FROM lane WHERE due_at IS NULL"
        " AND EXISTS (SELECT 1 FROM outbox o WHERE o.link_id = lane.link_id AND o.end = lane.end AND state = 'waiting')"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.link_id = lane.link_id AND o.end = lane.end"
        " AND state IN ('sending', 'in_doubt'))"
    ),
}
DONE_WITHOUT_DELIVERY = (
    "SELECT body FROM inbox JOIN payload ON inbox_id = id WHERE state = 'done' AND form = 'webhook'"
    " AND id NOT IN (SELECT inbox_id FROM outbox WHERE inbox_id IS NOT NULL)"
)


@dataclass(frozen=True)
class Told:
    """What somebody outside knows: bodies answered 200, and calls by their keys, or by their texts to the chat."""

    answered: Collection[bytes] = ()
    called: Collection[bytes] = ()


@dataclass(frozen=True)
class Known:
    """All webhooks that were sent and bring one line each, and all replies by their ids at the helpdesk."""

    sent: Collection[bytes] = frozenset()
    replies: Mapping[int, bytes] = field(default_factory=dict)


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Make a folder hold these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def wrongs(database: Path, told: Told, known: Known) -> Counter[str]:
    """Open a database as the daemon does and count what is wrong in it."""
    try:
        return asyncio.run(_opened(database, told, known))
    except (ConfigError, DatabaseError) as failure:
        return Counter({CORRUPT: 1, f"corrupt: {failure}": 1})


async def _opened(path: Path, told: Told, known: Known) -> Counter[str]:
    async with ours(path) as database:
        return database.transact(partial(_look, told=told, known=known))


def _look(connection: Connection, told: Told, known: Known) -> Counter[str]:
    found: Counter[str] = Counter()
    if connection.exec_driver_sql("PRAGMA integrity_check").all() != [("ok",)]:
        found[CORRUPT] += 1
    connection.exec_driver_sql(NEW_AND_ALONE)
    torn = Counter({name: int(connection.exec_driver_sql(query).scalar_one()) for name, query in TEARS.items()})
    torn["a foreign key points nowhere"] = len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
    torn["an event is done without its delivery"] = _done_without_delivery(connection, known)
    torn["the cursor has moved past replies that are not there"] = _unread(connection, known)
    found[TORN] = torn.total()
    found[MISSING] = len(set(told.answered) - _bodies(connection))
    found[UNCLAIMED] = _unclaimed(connection, told.called)
    return +(found + torn)


def _bodies(connection: Connection) -> set[bytes]:
    return set(connection.exec_driver_sql("SELECT body FROM payload").scalars())


def _done_without_delivery(connection: Connection, known: Known) -> int:
    return sum(body in known.sent for body in connection.exec_driver_sql(DONE_WITHOUT_DELIVERY).scalars())


def _unread(connection: Connection, known: Known) -> int:
    query = "SELECT cursor FROM bridge_end WHERE end = 'helpdesk' AND cursor IS NOT NULL"
    cursor = connection.exec_driver_sql(query).scalar()
    if cursor is None:
        return 0
    low, seen = read_cursor(Cursor(cursor))
    here = b"\n".join(_bodies(connection))
    return sum((id_ <= low or id_ in seen) and text not in here for id_, text in known.replies.items())


def _unclaimed(connection: Connection, called: Collection[bytes]) -> int:
    query = "SELECT batch, body FROM outbox WHERE state IN ('sending', 'in_doubt', 'sent')"
    rows = connection.exec_driver_sql(query).all()
    claimed = b"\n".join(part for batch, body in rows for part in ((batch or "").encode(), body))
    return sum(name not in claimed for name in called)
