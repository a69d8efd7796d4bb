"""Where a browser breaks lines, and what a table is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncd.core import dom
from syncd.core.unseen import Attributes, Style

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BREAKS = {
    **dict.fromkeys("p table blockquote pre listing xmp h1 h2 h3 h4 h5 h6 hr fieldset figure dl details".split(), 2),
    **dict.fromkeys(
        "div tr dt dd address article aside body caption center figcaption footer form header legend main nav option"
        " section summary li".split(),
        1,
    ),
}
_NO_MARGIN = re.compile(r"0*(?:\.0*1?)?(?:px|pt|in|cm|em|rem)?")
_WORD = re.compile(r"(?:x_)?Mso(?:Normal|NoSpacing|PlainText|ListParagraph\w*)", re.IGNORECASE)
_WORD_LEVEL = re.compile(r"\bl\d+ level(\d)")
_NOT_IN_CELLS = frozenset({"table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3"})
_MOST_BLOCKS = 3
BETWEEN = " | "


def breaks_at(tag: str, attributes: Attributes, style: Style, *, in_list: bool) -> int:
    """Give the line breaks around an element: 2 with a blank line between, 1 without, 0 for none."""
    if tag == "p" and (in_list or _is_tight(attributes, style)):
        return 1
    return _BREAKS.get(tag, 0)


def word_level(style: Style) -> int:
    """Give how deep the list is whose item a paragraph pasted from Word is; 0 for the first level and for none."""
    found = _WORD_LEVEL.search(style.get("mso-list", ""))
    return int(found[1]) - 1 if found else 0


def number(written: str | None, otherwise: int) -> int:
    """Read a list's number."""
    return int(written) if written and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", written) else otherwise


def is_data(table: LexborNode, attributes: Attributes) -> bool:
    """Say whether a table's rows read as lines: whole cells, not a page laid out in a table."""
    if attributes.get("role") in {"presentation", "none"}:
        return False
    blocks = widest = cells = 0
    for node in dom.descendants(table):
        tag = node.tag
        if tag in _NOT_IN_CELLS:
            return False
        blocks = 0 if tag in {"td", "th"} else blocks + (tag in {"p", "div", "br"})
        cells = 0 if tag == "tr" else cells + (tag in {"td", "th"})
        widest = max(widest, cells)
        if blocks > _MOST_BLOCKS:
            return False
    return widest > 1


class Row:
    """A row of a table that is read as a line."""

    def __init__(self, row: LexborNode) -> None:
        self._cells = sum(cell.tag in {"td", "th"} for cell in dom.children(row))
        self._before = ""

    def glue(self, tag: str, line: str) -> str:
        """Give what stands between the cell before and this one; `line` is how the line ends so far."""
        before, self._before = self._before, tag
        if not before:
            return ""
        if self._cells == 2 and line.endswith(":"):
            return " "
        return ": " if self._cells == 2 and (before, tag) == ("th", "td") and line else BETWEEN


def _is_tight(attributes: Attributes, style: Style) -> bool:
    """Say whether nothing is between a paragraph and the next, as in mail that Outlook wrote."""
    if not attributes:
        return False
    if any(map(_WORD.fullmatch, (attributes.get("class") or "").split())):
        return True
    sides = style.get("margin", "").split() or [style.get("margin-top", "1em"), "", style.get("margin-bottom", "1em")]
    return all(_NO_MARGIN.fullmatch(side) for side in (sides[0], sides[2 if len(sides) > 2 else 0]))
