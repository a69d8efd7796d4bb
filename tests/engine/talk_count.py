"""What is wrong in many conversations, by what both ends show and the daemon's own database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.memory import MemoryHelpdesk
from tests.live.request_tracker.server import Line
from tests.torture.count import Conversation, numbers, wrongs

UNFINISHED = (
    "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')"
    " UNION ALL SELECT 1 FROM inbox WHERE state = 'new' LIMIT 1"
)
SEEN = "SELECT end, count(DISTINCT native) FROM ledger WHERE NOT ours GROUP BY end"
PARKED = "SELECT body FROM outbox WHERE state = 'parked' AND end = 'chat'"
MUST_BE_ZERO = (
    "lost",
    "doubled in the helpdesk",
    "doubled in the chat",
    "out of order",
    "tickets too many",
    "echoes",
    "private notes in the chat",
    "parked without exactly one note",
)

Rows = Callable[..., list[Any]]
"""Asks the daemon's database."""
Chat = Mapping[str, Sequence[Mapping[str, str]]]
"""What is in the chat: by visitor each message's type and text."""


def is_through(rows: Rows, lines: int, replies: int) -> bool:
    """Say whether so many lines and replies were all seen and nothing is under way."""
    seen = dict(rows(SEEN))
    return seen.get("chat", 0) >= lines and seen.get("helpdesk", 0) >= replies and not rows(UNFINISHED)


def figures(
    rows: Rows, lines: Counter[str], replies: Counter[str], helpdesk: MemoryHelpdesk, chat: Chat
) -> Counter[str]:
    """Count what is wrong, and what was parked; lines and replies are counted by visitor."""
    parked = "".join(body.decode() for (body,) in rows(PARKED))
    shown: defaultdict[str, list[Line]] = defaultdict(list)
    for ticket in helpdesk.tickets.values():
        for one in ticket.comments:
            line = Line(one.id, "", "syncd" if one.ours else "agent1", one.text)
            shown[ticket.draft.requester.id].append(line)
    found = Counter({"tickets too many": len(helpdesk.tickets) - len(shown)})
    for visitor in lines:
        aside = numbers(rf"\[agent1 answers {visitor} (\d+)\]", [parked])
        one_talk = Conversation(visitor, lines[visitor], replies[visitor], shown[visitor], chat[visitor], aside)
        found.update(wrongs(one_talk))
    return found


def wrong(found: Counter[str]) -> dict[str, int]:
    """Give the figures that must be zero and are not."""
    return {name: found[name] for name in MUST_BE_ZERO if found[name]}
