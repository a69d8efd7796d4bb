"""An agent's HTML as plain chat text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset({"p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"div", "tr", "li"})
_SILENT = frozenset({"script", "style", "head", "title", "template"})


class _Reader(HTMLParser):
    """Writes text as it reads; knows how many line breaks stand at its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._silent = 0
        self._preformatted = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._break_at(tag)
        self._silent += tag in _SILENT
        self._preformatted += tag == "pre"
        if tag == "br":
            self.text = self.text.rstrip(" ") + "\n"
        elif tag == "li":
            self.text += "- "
        elif tag in {"td", "th"} and self.text[-1:] not in {"", " ", "\n"}:
            self.text += " "
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self.text)))
        elif tag == "img":
            self.text += values.get("alt") or ""

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
            self.text += data
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.text += words.lstrip(" ") if not self.text or self.text[-1] in " \n" else words

    def _break_at(self, tag: str) -> None:
        breaks = 2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0
        if breaks and self.text:
            stripped = self.text.rstrip(" ")
            standing = len(stripped) - len(stripped.rstrip("\n"))
            self.text = stripped + "\n" * max(0, breaks - standing)

    def _end_link(self, target: str, start: int) -> None:
        shown = self.text[start:].strip()
        if target.startswith(("http://", "https://")) and target.rstrip("/") != shown.rstrip("/"):
            self.text += f" ({target})"
        elif target.startswith("mailto:") and target.removeprefix("mailto:") != shown:
            self.text += f" ({target.removeprefix('mailto:')})"


def as_text(html: str) -> str:
    """Give what a reader sees of HTML: paragraphs, lists, links as `text (url)`, no markup, at most one blank line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r" +\n", "\n", reader.text.replace("\xa0", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip()
