"""What syncd promises, judged by what people see at the ends: pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

PARKED = "did not reach the visitor in the chat"
PARKED_COMMENT = "could not be put on this ticket"


class PromiseBrokenError(AssertionError):
    """Something that syncd promises is not so."""


def keep(wrongs: Collection[str]) -> None:
    """Raise PromiseBrokenError where something is wrong."""
    if wrongs:
        raise PromiseBrokenError("; ".join(wrongs))


def lines(text: str) -> list[tuple[str, int]]:
    """Give the chat lines in a text: whose conversation, and their numbers."""
    return [(who, int(number)) for who, number in re.findall(r"<(\w+)\.(\d+)>", text)]


def replies(text: str) -> list[int]:
    """Give the numbers of the agents' replies in a text."""
    return [int(number) for number in re.findall(r"\[\w+\.(\d+)\]", text)]


@dataclass(frozen=True)
class Conversation:
    """What became of one conversation. People's words are numbered in the order in which they were said.

    `due` are the lines that the ticket must have. `tickets` and `notes` are what our account wrote, publicly on each
    ticket and privately, `chat` what it said in the chat. `replies` are what agents answered on the ticket, `parked`
    those put aside now, `parkings` how often each was, `lost_lines` how often calls with lines were, `set_aside` all
    that was put aside at any time. `echoed` are the replies that the chat has told us of, `unclear` those whose echoes
    a wrong clock could not tell apart, `told_late` pairs of lines (earlier, later) where the daemon heard of the
    earlier when the later had gone out.
    """

    name: str
    due: frozenset[int]
    tickets: Sequence[Sequence[str]]
    notes: Sequence[str]
    chat: Sequence[str]
    replies: frozenset[int]
    parked: frozenset[int]
    parkings: Mapping[int, int]
    lost_lines: int
    set_aside: frozenset[int]
    echoed: frozenset[int]
    unclear: frozenset[int]
    told_late: frozenset[tuple[int, int]]


def wrongs(one: Conversation) -> list[str]:
    """Say everything that is wrong with a conversation."""
    return [f"{one.name}: {wrong}" for judge in (_of_ticket, _of_chat, _of_notes) for wrong in judge(one)]


def _of_ticket(one: Conversation) -> Iterator[str]:
    shown = [line for ticket in one.tickets for text in ticket for line in lines(text)]
    numbers = [number for _, number in shown]
    yield from (f"line {number} is lost" for number in sorted(one.due - set(numbers)))
    yield from _doubled("line", numbers)
    yield from _turned("line", [number for number in numbers if number not in one.set_aside], one.told_late)
    if len(one.tickets) > 1:
        yield f"{len(one.tickets)} tickets"
    if any(who != one.name for who, _ in shown):
        yield "lines of another conversation on the ticket"
    if any(replies(text) for ticket in one.tickets for text in ticket):
        yield "an echo of a reply on the ticket"


def _of_chat(one: Conversation) -> Iterator[str]:
    numbers = [number for text in one.chat for number in replies(text)]
    yield from (f"reply {number} is lost" for number in sorted(one.replies - set(numbers) - one.parked - one.unclear))
    wrongly_parked = (one.parked & set(numbers) & one.echoed) - one.unclear
    yield from (f"reply {number} is parked though in the chat" for number in sorted(wrongly_parked))
    yield from _doubled("reply", numbers)
    yield from _turned("reply", [number for number in numbers if number not in one.set_aside], frozenset())
    if not set(numbers) <= one.replies:
        yield "replies of another conversation in the chat"
    if any("{" in text for text in one.chat):
        yield "words in the chat that are not for the visitor"
    if any(lines(text) or not replies(text) for text in one.chat):
        yield "an echo of our own in the chat"


def _of_notes(one: Conversation) -> Iterator[str]:
    noted = Counter(number for note in one.notes if PARKED in note for number in replies(note))
    for number in sorted(set(noted) | set(one.parkings)):
        if noted[number] != one.parkings.get(number, 0):
            yield f"reply {number} was parked {one.parkings.get(number, 0)} times and has {noted[number]} notes"
    found = sum(PARKED_COMMENT in note for note in one.notes)
    if found != one.lost_lines:
        yield f"lines were parked {one.lost_lines} times and have {found} notes"


def _doubled(what: str, numbers: Sequence[int]) -> Iterator[str]:
    yield from (f"{what} {number} is there {count} times" for number, count in Counter(numbers).items() if count > 1)


def _turned(what: str, numbers: Sequence[int], excused: Collection[tuple[int, int]]) -> Iterator[str]:
    for before, behind in combinations(dict.fromkeys(numbers), 2):
        if before > behind and (behind, before) not in excused:
            yield f"{what} {behind} stands behind {before}"
