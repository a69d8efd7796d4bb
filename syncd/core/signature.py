"""What stands below an agent's words: signatures, business cards, the name of a phone."""

from __future__ import annotations

import re

from syncd.core import quote
from syncd.core.history import begins_attribution
from syncd.core.sheet import SIGNED, Line, is_said, without_end

_SENT_FROM = quote.any_of(quote.SENT_FROM)
_DEVICE = quote.any_of(quote.DEVICE)
_CLOSING = quote.any_of(quote.CLOSINGS)
_PHONE = quote.any_of(quote.PHONE)
_CONTACT = quote.any_of(quote.CONTACT)
_AFTERTHOUGHT = quote.any_of(quote.AFTERTHOUGHT)
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST_SIGNATURE = 25
_LONGEST_CARD = 12
_MOST_WORDS = 5
_MOST_WORDS_BY_PHONE = 2
"""`Please call +49 … today` is no business card."""
_LONGEST_LINE = 120


def without_signatures(lines: list[Line]) -> list[Line]:
    """Leave out what is marked as a signature, and what stands below `-- ` up to a quotation or the end.

    Below `--`, whose blank got lost, only what looks like a business card.
    """
    ends = _ends(lines)
    kept: list[Line] = []
    said = False
    at = 0
    while at < len(lines):
        end = ends.get(at, at) if said else at
        if end == at and lines[at].kind != "signature":
            kept.append(lines[at])
            said = said or is_said(lines[at])
        at = max(end, at + 1)
    return kept


def _ends(lines: list[Line]) -> dict[int, int]:
    """Give where each signature that begins with `--` ends: at a quotation or at the end of all."""
    begins = [at for at, line in enumerate(lines) if line.kind == "own" and line.words.rstrip(" ") == "--"]
    if not begins:
        return {}
    ends, end = {}, len(lines)
    for at in range(len(lines) - 1, begins[0] - 1, -1):
        line, below = lines[at], lines[at + 1 : min(end, at + 1 + _LONGEST_SIGNATURE)]
        if line.kind not in {"own", "signature"} or begins_attribution(lines, at):
            end = at
        elif end - at > _LONGEST_SIGNATURE:
            continue
        elif line.words == SIGNED or (line.words == "--" and _stands_apart(lines, at) and _is_card(below)):
            ends[at] = end
    return ends


def without_device(lines: list[Line]) -> list[Line]:
    """Leave out `Sent from my iPhone` at the end of the words, or above the last quotation."""
    end = len(lines)
    while end and (lines[end - 1].kind in {"quoted", "cited", "attribution"} or not lines[end - 1].words.strip()):
        end -= 1
    above = without_end(lines[:end])
    if len(above) > 1 and above[-1].kind == "own" and any(map(is_said, above[:-1])):
        last = above[-1].words.strip().rstrip(".")
        if len(last) < 80 and _DEVICE.search(last) and _SENT_FROM.fullmatch(last):
            return [*above[:-1], *lines[end:]]
    return lines


def without_card(lines: list[Line]) -> list[Line]:
    """Leave out a closing with the business card below it; a closing with a name is the agent's own."""
    lines = without_end(lines)
    for at in range(len(lines) - 1, max(0, len(lines) - 1 - _LONGEST_CARD), -1):
        if lines[at].kind == "own" and _CLOSING.fullmatch(lines[at].words.strip().rstrip(",.! ")):
            below = lines[at + 1 :]
            has_contact = any(_CONTACT.search(line.words[:_LONGEST_LINE]) for line in below)
            return (
                without_end(lines[:at]) if has_contact and _is_card(below) and any(map(is_said, lines[:at])) else lines
            )
    return lines


def _stands_apart(lines: list[Line], at: int) -> bool:
    """Say whether a blank line is above, and what is below was not announced."""
    return at > 1 and not lines[at - 1].words.strip() and not lines[at - 2].words.rstrip().endswith(":")


def _is_card(lines: list[Line]) -> bool:
    """Say whether lines are a name and what belongs to it: short, no sentences, no afterthought."""
    written = [line for line in lines if line.words.strip()]
    return (
        0 < len(lines) <= _LONGEST_CARD
        and bool(written)
        and not any(map(str.isdigit, written[0].words))
        and all(map(_is_on_cards, written))
    )


def _is_on_cards(line: Line) -> bool:
    words = line.words.strip()
    most = _MOST_WORDS_BY_PHONE if _PHONE.search(words[:_LONGEST_LINE]) else _MOST_WORDS
    is_short = len(words) <= _LONGEST_LINE and len(_WORD.findall(words)) <= most
    return line.kind == "own" and is_short and not words.endswith(("?", "!")) and not _AFTERTHOUGHT.match(words)
