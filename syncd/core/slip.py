"""Replies that an agent made public by a slip: their first words mark them as internal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MARKERS = "#internal, note:"

_MARKUP = r"[\s*_~`#(\[{•-]*"
"""What may stand before a marker and changes nothing about it."""
_QUOTED = re.compile(r"(?:\s*>.*(?:\n|\Z)|\s*\n)*")

_LONGEST_MARK = 200
"""Characters; of a line of ten thousand stars a pattern would try every one."""


def markers(listed: str) -> tuple[str, ...]:
    """Read `#internal, note:`; empty for none. Raises ValueError that says what to write instead."""
    found = tuple(marker.strip() for marker in listed.split(",")) if listed.strip() else ()
    if not all(any(map(str.isalnum, marker)) for marker in found):
        raise ValueError("write words with commas between them, in quotes where one begins with #: '#internal, note:'")
    return found


def slipped(words: str, listed: Iterable[str]) -> str:
    """Give the marker with which a reply begins; empty where there is none. What it quotes does not count.

    Neither does how it is written: case, width, what cannot be seen, blanks and markup before it.
    """
    own = _plain(words)
    quoted = _QUOTED.match(own)
    own = own[quoted.end() :] if quoted else own
    own = own[:_LONGEST_MARK]
    return next((marker for marker in listed if _pattern(marker).match(own)), "")


def _plain(words: str) -> str:
    seen = "".join(char for char in words if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", seen).casefold()


def _pattern(marker: str) -> re.Pattern[str]:
    """Make a pattern: blanks may be anywhere around punctuation, and a marker that ends like a word is a whole one."""
    plain = _plain(marker)
    inside = "".join(
        re.escape(c) if c.isalnum() else r"\s+" if c.isspace() else rf"\s*{re.escape(c)}\s*" for c in plain
    )
    return re.compile(_MARKUP + inside + (r"(?![^\W_])" if plain[-1].isalnum() else ""))
