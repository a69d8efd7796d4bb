"""Counting, pure: what was lost, doubled, out of order, echoed or leaked, by the numbers in the texts."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tests.live.request_tracker.server import Line

SECRET = "SECRET"
LINE = r"<\w+ says \d+>"
PARKED = "did not reach the visitor in the chat"
PARKED_COMMENT = "could not be put on this ticket"
MUST_BE_ZERO = (
    "lost",
    "doubled in the helpdesk",
    "doubled in the chat",
    "tickets too many",
    "parked on the way to the helpdesk",
    "out of order",
    "private notes in the chat",
    "echoes",
    "parked without exactly one note",
    "parked though in the chat",
    "damage in the database",
)


def said(visitor: str, number: int) -> str:
    return f"<{visitor} says {number:05}> привет 👋"


def answered(agent: str, visitor: str, number: int) -> str:
    return f"[{agent} answers {visitor} {number:05}]"


@dataclass(frozen=True)
class Conversation:
    """What was said in one conversation, and what both ends show of it.

    `lines` and `replies` count what people said. `parked` are the numbers of the replies that were put aside,
    `told_late` pairs of lines (earlier, later) where the chat told of the earlier one after the later had gone out,
    `untold` lines of which no webhook was ever answered 200: what tells of them, transcripts too, was lost on its way.
    """

    visitor: str
    lines: int
    replies: int
    ticket: Sequence[Line]
    chat: Sequence[Mapping[str, str]]
    parked: Collection[int] = ()
    told_late: Collection[tuple[int, int]] = ()
    untold: Collection[int] = ()


def sequence_wrongs(seen: Sequence[int], excused: Collection[tuple[int, int]] = ()) -> Counter[str]:
    """Count what is there twice, and neighbours turned round."""
    firsts = list(dict.fromkeys(seen))
    turned = [pair for pair in itertools.pairwise(firsts) if pair[0] > pair[1]]
    return Counter(
        doubled=len(seen) - len(firsts),
        turned=sum((earlier, later) not in excused for later, earlier in turned),
        excused=sum((earlier, later) in excused for later, earlier in turned),
    )


def numbers(pattern: str, texts: Sequence[str]) -> list[int]:
    return [int(number) for text in texts for number in re.findall(pattern, text)]


def is_note_of_parked(text: str) -> bool:
    return PARKED in text or PARKED_COMMENT in text


def wrongs(one: Conversation) -> Counter[str]:
    """Count everything that is wrong with a conversation, and what is told but not wrong."""
    own = [line.text for line in one.ticket if line.creator == "syncd"]
    shown = [text for text in own if not is_note_of_parked(text)]
    notes = [text for text in own if PARKED in text]
    by_people = [message["text"] for message in one.chat if message["type"] == "agent"]
    answers = rf"\[agent\d answers {one.visitor} (\d+)\]"
    on_ticket = numbers(rf"<{one.visitor} says (\d+)>", shown)
    into_ticket = sequence_wrongs(on_ticket, one.told_late)
    in_chat = numbers(answers, by_people)
    into_chat = sequence_wrongs(in_chat)
    noted = Counter(numbers(answers, notes))
    missing_lines = set(range(one.lines)) - set(on_ticket)
    lost_replies = set(range(one.replies)) - set(in_chat) - set(one.parked)
    return Counter(
        {
            "lost": len(missing_lines - set(one.untold)) + len(lost_replies),
            "never told by the chat, transcript and all": len(missing_lines & set(one.untold)),
            "doubled in the helpdesk": into_ticket["doubled"],
            "doubled in the chat": into_chat["doubled"],
            "out of order": into_ticket["turned"] + into_chat["turned"],
            "told late by the chat, so later on the ticket": into_ticket["excused"],
            "private notes in the chat": sum(SECRET in message["text"] for message in one.chat),
            "echoes": len(numbers(answers, shown)) + sum(f"<{one.visitor} says" in text for text in by_people),
            "parked": len(one.parked),
            "parked without exactly one note": sum(noted[number] != 1 for number in one.parked),
            "parked though in the chat": len(set(one.parked) & set(in_chat)),
        }
    )


def is_wrong(figures: Mapping[str, int]) -> bool:
    return any(figures.get(name, 0) for name in MUST_BE_ZERO)
