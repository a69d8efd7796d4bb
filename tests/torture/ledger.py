"""What the daemon's own database says: what is under way, what was parked, what it was told when."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import inf

from tests.process.programs import DaemonProcess

OPEN = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt', 'held')"
NEW = "SELECT count(*) FROM inbox WHERE state = 'new'"


def is_idle(daemon: DaemonProcess) -> bool:
    """Say whether nothing is under way: no delivery waits or is in doubt, and every event is planned."""
    return not int(daemon.rows(OPEN)[0][0]) and not int(daemon.rows(NEW)[0][0])


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


def told_late(
    daemon: DaemonProcess, visitor: str, first_seen: Mapping[str, float], kills: Sequence[float]
) -> set[tuple[int, int]]:
    """Give the pairs (earlier, later) of lines where the chat told of the earlier when the later had begun to go out.

    It had begun when the helpdesk first saw a call with it, or when a kill may have cut off its first call.
    """
    query = (
        "SELECT o.body, i.received_at, o.created_at FROM outbox o JOIN link l ON l.id = o.link_id"
        " JOIN inbox i ON i.id = o.inbox_id WHERE o.end = 'helpdesk' AND l.conversation = ?"
    )
    told: dict[int, float] = {}
    begun: dict[int, float] = {}
    for body, received, created in daemon.rows(query, visitor):
        for number in re.findall(rf"<{visitor} says (\d+)>", _text(body)):
            told[int(number)] = received
            cut_off = min((kill for kill in kills if kill >= created), default=inf)
            begun[int(number)] = min(cut_off, first_seen.get(f"<{visitor} says {number}>", inf))
    return {(earlier, later) for later in begun for earlier in told if earlier < later and told[earlier] > begun[later]}


def _text(body: bytes) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False)
