"""An agent's reply without what the mail program put around it: quoted history and signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from syncd.core.sheet import Kind, Line, clean, shown
from syncd.core.text import SHIPPED

_FLOWED = range(60, 81)
"""Characters; a line of another length that ends with a blank was not broken by a mail program."""


def answer(words: str, *, html: bool, image: Callable[[str], str] = SHIPPED.image) -> str:
    """Give what the agent wrote, as chat text: no quoted history, no signature.

    When in doubt words stay. Quotations that are answered point by point stay, as `> ` lines, and a reply of which
    nothing would be left stays whole. `image` stands for one that the chat cannot show.
    """
    from syncd.core.history import without_history, without_quotes
    from syncd.core.html import lines_of
    from syncd.core.signature import without_card, without_device, without_signatures

    lines = [_judged(line) for line in lines_of(words, image)] if html else _plain_lines(words)
    own = without_signatures(without_history(lines))
    own = without_quotes(without_device(own))
    own = without_card(without_device(own))
    return shown(_spaced(own) if html else own) or shown(lines)


def _spaced(lines: list[Line]) -> list[Line]:
    """Leave one blank line of those between which something was left out."""
    pairs = pairwise([Line("x"), *lines])
    return [line for before, line in pairs if before.words or line.words or line.kind == "code"]


def _judged(line: Line) -> Line:
    """Mail in HTML that was made of plain text quotes as that does."""
    return replace(line, kind="quoted") if line.kind == "own" and line.words.startswith(">") else line


def _plain_lines(words: str) -> list[Line]:
    lines: list[Line] = []
    is_code = False
    for line in _unflowed(clean(words).strip("\n").split("\n")):
        fence = line.startswith("```")
        is_code ^= fence
        kind: Kind = "code" if is_code or fence else "quoted" if line.startswith(">") else "own"
        lines.append(Line(line, kind))
    return lines


def _unflowed(lines: list[str]) -> list[str]:
    """Join lines that a mail program broke and marked with one blank (RFC 3676)."""
    joined = [lines[:1]]
    for before, line in pairwise(lines):
        flows = len(before) in _FLOWED and before.endswith(" ") and not before.endswith("  ")
        if flows and line[:1] not in {"", ">", " "} and not before.startswith(">"):
            joined[-1].append(line)
        else:
            joined.append([line])
    return ["".join(parts) for parts in joined]
