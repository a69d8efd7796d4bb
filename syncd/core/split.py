"""Long replies in parts that a chat takes."""

from __future__ import annotations

BREAKS = ("\n\n", "\n", ". ", " ")
ROOM_FOR_NUMBER = 12


def parts(words: str, longest: int | None) -> tuple[str, ...]:
    """Give text in numbered parts of at most `longest` characters: cut at a paragraph, else a line, a sentence, a word.

    What is short enough stays as it is; None stands for no bound.
    """
    if longest is None or len(words) <= longest:
        return (words,)
    room = longest - ROOM_FOR_NUMBER
    found = []
    while len(words) > room:
        end = _cut(words, room)
        found.append(words[:end].rstrip())
        words = words[end:].lstrip()
    found += [words] if words else []
    return tuple(f"{part}\n({number}/{len(found)})" for number, part in enumerate(found, 1))


def _cut(words: str, room: int) -> int:
    """Give where to cut: behind the last break in the second half of the room, so that no part is tiny."""
    for mark in BREAKS:
        at = words.rfind(mark, room // 2, room)
        if at > 0:
            return at + len(mark.rstrip(" "))
    return room
