"""An agent's HTML as plain chat text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncd.core import dom
from syncd.core.layout import BETWEEN, Row, breaks_at, is_data, number, word_level
from syncd.core.links import image_text, link_target, says_target
from syncd.core.quote import kind_of
from syncd.core.sheet import Kind, Line, Sheet, shown
from syncd.core.text import SHIPPED
from syncd.core.unseen import Attributes, Concealed, Style, concealed_by, faded, is_unseen, style_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_CODE = frozenset({"pre", "listing", "xmp"})
"""Whose words are code, unless a style makes lines of it: then it is plain text that a program made HTML of."""
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CELLS = frozenset({"td", "th"})
_TABLE = _CELLS | {"table", "tr"}
_QUOTING = _CODE | {"blockquote"}
_CHANGING = _CODE | _LISTS | _TABLE | {"li", "a", "blockquote", "dd"}
"""Elements that change how what is in them is written."""

Undo = list[Callable[[], object]]


def as_text(html: str) -> str:
    """Give what a reader sees of HTML: paragraphs, lists, links as `text (url)`, no markup, at most one blank line.

    Nothing that a browser does not show is in it, and all that it shows is, whatever its length.
    """
    return shown(lines_of(html))


def lines_of(html: str, image: Callable[[str], str] = SHIPPED.image) -> list[Line]:
    """Give the lines of that text, each with whose words it holds; what is quoted stands behind `> `.

    `image` stands for one that cannot be shown, by its name.
    """
    page = dom.page(html)
    if page is None:
        return []
    reader = _Reader(concealed_by(dom.style_sheets(page)), image)
    reader.read(page)
    return reader.sheet.lines()


@dataclass(frozen=True, slots=True)
class _Around:
    """What the elements around mean for what is in them."""

    faded: frozenset[str] = frozenset()
    is_raw: bool = False
    is_data: bool = False
    row: Row | None = None
    link: list[str] | None = None
    in_list: bool = False
    in_item: bool = False


class _Reader:
    """Goes through a page and writes what is seen."""

    def __init__(self, concealed: Concealed, image: Callable[[str], str]) -> None:
        self.sheet = Sheet()
        self._image_named = image
        self._concealed = concealed
        self._now = _Around()
        self._numbers: list[int | None] = []

    def read(self, page: LexborNode) -> None:
        """Write all that is seen. A loop, since a page may be deeper than Python's stack."""
        open_now = [(dom.children(page), Undo())]
        while open_now:
            inside, undo = open_now[-1]
            node = next(inside, None)
            if node is None:
                open_now.pop()
                for step in reversed(undo):
                    step()
            elif node.is_text_node:
                self._text(node.text_content or "")
            elif node.is_element_node and (opened := self._enter(node)) is not None:
                open_now.append((dom.children(node), opened))

    def _text(self, words: str) -> None:
        if self._now.faded:
            return
        if self._now.link is not None:
            self._now.link.append(words)
        if self._now.is_raw and not self._now.row:
            self.sheet.write_code(words)
        else:
            self.sheet.write(words)

    def _enter(self, node: LexborNode) -> Undo | None:
        """Begin an element; give what its end does, or None when nothing in it is to be read."""
        tag, attributes = node.tag or "", node.attributes
        style = style_of(attributes)
        if is_unseen(tag, attributes, style, self._concealed):
            return None
        if tag == "img":
            self._image(attributes, style)
        elif tag == "br":
            self._break(None)
        elif style.get("mso-list") == "ignore":
            mark = node.text().strip()
            self.sheet.write(f"{mark} " if mark.endswith((".", ")")) else "- ")
        else:
            return self._begin(node, tag, attributes, style)
        return None

    def _begin(self, node: LexborNode, tag: str, attributes: Attributes, style: Style) -> Undo:
        undo = Undo()
        if attributes or tag in _QUOTING:
            is_code = tag in _CODE and "white-space" not in style
            self._mark(kind_of(tag, attributes) or ("code" if is_code else None), undo)
        self._block(breaks_at(tag, attributes, style, in_list=self._now.in_list), undo)
        if style or tag in _CHANGING:
            before = self._now
            undo.append(lambda: setattr(self, "_now", before))
            self._look(style)
            self._change(node, tag, attributes, undo)
            if level := word_level(style):
                self._margin("  " * level, undo)
        return undo

    def _change(self, node: LexborNode, tag: str, attributes: Attributes, undo: Undo) -> None:
        if tag in _CODE:
            self._now = replace(self._now, is_raw=True)
        elif tag in _LISTS:
            self._list(tag, attributes, undo)
        elif tag == "li":
            self._item(attributes, undo)
        elif tag in _TABLE:
            self._table(node, tag, attributes, undo)
        elif tag == "a" and self._now.link is None:
            self._anchor(attributes.get("href") or "", undo)
        elif tag in {"blockquote", "dd"}:
            self._margin("> " if tag == "blockquote" else "  ", undo)

    def _look(self, style: Style) -> None:
        if style:
            space = style.get("white-space", "")
            is_raw = space in {"pre", "pre-wrap", "break-spaces"} if space else self._now.is_raw
            self._now = replace(self._now, faded=faded(style, self._now.faded), is_raw=is_raw)

    def _mark(self, kind: Kind | None, undo: Undo) -> None:
        if kind == "history":
            self.sheet.mark(kind)
        elif kind:
            self._block(1, undo)
            self.sheet.kinds.append(kind)
            undo.append(self.sheet.kinds.pop)

    def _block(self, breaks: int, undo: Undo) -> None:
        if breaks:
            self._break(breaks)
            undo.append(lambda: self._break(breaks))

    def _break(self, breaks: int | None) -> None:
        """End the line (None), or see that a block stands on its own; in a row of a table both are a blank."""
        if self._now.row:
            self.sheet.write(" ")
        elif breaks is None:
            self.sheet.line_break()
        else:
            self.sheet.block(breaks)

    def _margin(self, first: str, undo: Undo, rest: str | None = None) -> None:
        if not self._now.row:
            self.sheet.push(first, first if rest is None else rest)
            undo.append(self.sheet.pop)

    def _list(self, tag: str, attributes: Attributes, undo: Undo) -> None:
        self._block(1 if self._now.in_list else 2, undo)
        if self._now.in_list and not self._now.in_item:
            self._margin("  ", undo)
        self._now = replace(self._now, in_list=True, in_item=False)
        self._numbers.append(number(attributes.get("start"), 1) if tag == "ol" else None)
        undo.append(self._numbers.pop)

    def _item(self, attributes: Attributes, undo: Undo) -> None:
        mark, now = "- ", self._numbers[-1] if self._numbers else None
        if now is not None:
            now = number(attributes.get("value"), now)
            self._numbers[-1] = now + 1
            mark = f"{now}. "
        self._margin(mark, undo, " " * len(mark))
        self._now = replace(self._now, in_item=True)

    def _table(self, node: LexborNode, tag: str, attributes: Attributes, undo: Undo) -> None:
        row = self._now.row
        if tag == "table":
            self._now = replace(self._now, is_data=is_data(node, attributes))
        elif tag == "tr" and self._now.is_data:
            self._now = replace(self._now, row=Row(node))
            undo.append(lambda: self.sheet.take_back(BETWEEN))
        elif row and (glue := row.glue(tag, self.sheet.last())):
            if self.sheet.last():
                self.sheet.append(glue)
            else:
                self.sheet.add(glue.lstrip())
        elif tag in _CELLS:
            self._block(1, undo)

    def _anchor(self, href: str, undo: Undo) -> None:
        target = link_target(href)
        if target and not self._now.faded:
            said: list[str] = []
            self._now = replace(self._now, link=said)
            undo.append(lambda: self._end_link(said, target))

    def _end_link(self, pieces: list[str], target: str) -> None:
        """Write where a link leads. An image without a name is an empty piece; no text is one."""
        said = "".join(pieces).strip()
        if said and not says_target(said, target):
            self.sheet.append(f" ({target})")
        elif not said and "" in pieces:
            self.sheet.write(f" {target} ")

    def _image(self, attributes: Attributes, style: Style) -> None:
        words = image_text(attributes, style, self._image_named, linked=self._now.link is not None)
        if words is None or "visibility" in faded(style, self._now.faded):
            return
        if self._now.link is not None:
            self._now.link.append(words)
        self.sheet.write(words)
