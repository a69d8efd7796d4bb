"""What the daemon's own database says: what is under way, what was parked, what it was told when."""

from __future__ import annotations

import json
import re
from math import inf

from tests.process.programs import DaemonProcess

OPEN = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt', 'held')"
NEW = "SELECT count(*) FROM inbox WHERE state = 'new'"


def is_idle(daemon: DaemonProcess) -> bool:
    """Say whether nothing is under way: no delivery waits or is in doubt, and every event is planned."""
    return not int(daemon.rows(OPEN)[0][0]) and not int(daemon.rows(NEW)[0][0])


def done(daemon: DaemonProcess) -> int:
    """Count the deliveries that have come to their end."""
    return int(daemon.rows("SELECT count(*) FROM outbox WHERE state IN ('sent', 'parked', 'dropped')")[0][0])


def damage(daemon: DaemonProcess) -> int:
    """Count what SQLite finds wrong with the file."""
    return sum(row != ("ok",) for row in daemon.rows("PRAGMA integrity_check"))


def tickets(daemon: DaemonProcess) -> dict[str, str]:
    """Give the ticket of every conversation that has one."""
    return dict(daemon.rows("SELECT conversation, ticket FROM link WHERE ticket IS NOT NULL"))


def parked_replies(daemon: DaemonProcess, visitor: str) -> set[int]:
    """Give the numbers of the replies to this visitor that were put aside."""
    query = (
        "SELECT o.body FROM outbox o JOIN link l ON l.id = o.link_id WHERE o.state = 'parked' AND l.conversation = ?"
    )
    bodies = [_text(body) for (body,) in daemon.rows(f"{query} AND o.end = 'chat'", visitor)]
    return {int(number) for body in bodies for number in re.findall(rf"answers {visitor} (\d+)", body)}


def parked_comments(daemon: DaemonProcess) -> int:
    """Count what could not be put on a ticket."""
    return int(daemon.rows("SELECT count(*) FROM outbox WHERE state = 'parked' AND end = 'helpdesk'")[0][0])


def told_late(daemon: DaemonProcess, visitor: str) -> set[tuple[int, int]]:
    """Give the pairs (earlier, later) of lines of which the chat told in the other order, and too late.

    Too late is after the call with the later one was begun: what is called is never called back.
    """
    query = (
        "SELECT o.body, o.inbox_id, o.created_at, o.first_called_at FROM outbox o JOIN link l ON l.id = o.link_id"
        " WHERE o.end = 'helpdesk' AND o.inbox_id IS NOT NULL AND l.conversation = ? ORDER BY o.inbox_id"
    )
    told = [
        (int(number), created, called or inf)
        for body, _, created, called in daemon.rows(query, visitor)
        for number in re.findall(rf"<{visitor} says (\d+)>", _text(body))
    ]
    return {
        (earlier, later)
        for place, (later, _, called) in enumerate(told)
        for earlier, planned, _ in told[place + 1 :]
        if earlier < later and planned > called
    }


def _text(body: bytes) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False)
