"""Long replies in parts that a chat takes."""

from __future__ import annotations

from collections.abc import Callable

BREAKS = ("\n\n", "\n", ". ", " ")
MOST_PARTS = 999


def parts(
    words: str, longest: int | None, numbered: Callable[[str, int, int], str], spoken: Callable[[str], str] = str
) -> tuple[str, ...]:
    """Give text in parts of at most `longest` characters: cut at a paragraph, else a line, a sentence, a word.

    What is short enough stays as it is; None stands for no bound. `numbered` adds to a part its number and theirs,
    `spoken` to each what it begins with, whose room is counted.
    """
    whole = spoken(words)
    if longest is None or len(whole) <= longest:
        return (whole,)
    room = max(1, longest - len(spoken(numbered("x", MOST_PARTS, MOST_PARTS))) + 1)
    found = []
    while len(words) > room:
        end = _cut(words, room)
        found.append(words[:end].rstrip())
        words = words[end:].lstrip()
    found += [words] if words else []
    return tuple(spoken(numbered(part, number, len(found))) for number, part in enumerate(found, 1))


def _cut(words: str, room: int) -> int:
    """Give where to cut: behind the last break in the second half of the room, so that no part is tiny."""
    for mark in BREAKS:
        at = words.rfind(mark, room // 2, room)
        if at > 0:
            return at + len(mark.rstrip(" "))
    return room
