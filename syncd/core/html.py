"""An agent's HTML as plain chat text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset({"p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"div", "tr", "li"})
LONGEST_HTML = 200_000
"""Characters that are read; what a person writes is a hundredth of it."""
_UNCLOSED = re.compile("<(?=[^<>]*(?:<|$))")
"""A `<` that no `>` closes: the parser would look for it again at every one of them."""
_SILENT = frozenset({"script", "style", "head", "title", "template"})


class _Reader(HTMLParser):
    """Writes text as it reads: in parts, and the blanks and line breaks at its end apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._tail = ""
        self._silent = 0
        self._preformatted = 0
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        """Give what was read so far."""
        return "".join(self._parts) + self._tail

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._break_at(tag)
        self._silent += tag in _SILENT
        self._preformatted += tag == "pre"
        if tag == "br":
            self._tail = self._tail.rstrip(" ") + "\n"
        elif tag == "li":
            self._write("- ")
        elif tag in {"td", "th"} and self._last() not in {"", " ", "\n"}:
            self._write(" ")
        elif tag == "a":
            self._settle()
            self._links.append((values.get("href") or "", len(self._parts)))
        elif tag == "img":
            self._write(values.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        self._break_at(tag)
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._preformatted = max(0, self._preformatted - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._preformatted:
            self._write(data)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._write(words.lstrip(" ") if self._last() in {"", " ", "\n"} else words)

    def _last(self) -> str:
        return self._tail[-1:] or (self._parts[-1][-1:] if self._parts else "")

    def _write(self, text: str) -> None:
        """Write text; blanks and line breaks at its end stay in reach, so that a break can count them."""
        if text.strip(" \n"):
            self._settle()
            body = text.rstrip(" \n")
            self._parts.append(body)
            self._tail = text[len(body) :]
        else:
            self._tail += text

    def _settle(self) -> None:
        if self._tail:
            self._parts.append(self._tail)
            self._tail = ""

    def _break_at(self, tag: str) -> None:
        breaks = 2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0
        if breaks and self._parts:
            standing = self._tail.rstrip(" ")[-2:].count("\n")
            self._tail = self._tail.rstrip(" ") + "\n" * max(0, breaks - standing)

    def _end_link(self, target: str, start: int) -> None:
        shown = "".join([*self._parts[start:], self._tail]).strip()
        if target.startswith(("http://", "https://")) and target.rstrip("/") != shown.rstrip("/"):
            self._write(f" ({target})")
        elif target.startswith("mailto:") and target.removeprefix("mailto:") != shown:
            self._write(f" ({target.removeprefix('mailto:')})")


def as_text(html: str) -> str:
    """Give what a reader sees of HTML: paragraphs, lists, links as `text (url)`, no markup, at most one blank line."""
    reader = _Reader()
    reader.feed(_UNCLOSED.sub("&lt;", html[:LONGEST_HTML]))
    reader.close()
    text = re.sub(r" +\n", "\n", reader.text().replace("\xa0", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip()
