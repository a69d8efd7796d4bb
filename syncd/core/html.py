"""An agent's HTML as plain chat text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = {
    "br": "\n",
    "p": "\n\n",
    "div": "\n",
    "ul": "\n\n",
    "ol": "\n\n",
    "tr": "\n",
    "table": "\n\n",
    "blockquote": "\n\n",
}
_BREAKS |= {f"h{level}": "\n\n" for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "head", "title", "template"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._preformatted = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(_BREAKS.get(tag, ""))
        self._silent += tag in _SILENT
        self._preformatted += tag == "pre"
        values = dict(attrs)
        if tag == "li":
            self.parts.append("\n- ")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self.parts)))
        elif tag == "img":
            self.parts.append(values.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._end_link()
        if tag != "br":
            self.parts.append(_BREAKS.get(tag, ""))
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._preformatted = max(0, self._preformatted - (tag == "pre"))

    def _end_link(self) -> None:
        target, start = self._links.pop()
        shown = "".join(self.parts[start:]).strip()
        if target.startswith(("http://", "https://")) and target.rstrip("/") != shown.rstrip("/"):
            self.parts.append(f" ({target})")
        elif target.startswith("mailto:") and target.removeprefix("mailto:") != shown:
            self.parts.append(f" ({target.removeprefix('mailto:')})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data if self._preformatted else re.sub(r"[ \t\r\n\f]+", " ", data))


def as_text(html: str) -> str:
    """Give what a reader sees of HTML: paragraphs, lists, links as `text (url)`, no markup, at most one blank line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts).replace("\xa0", " ")
    text = re.sub(r" *\n *", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
