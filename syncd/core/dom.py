"""HTML as the tree that a browser makes of it, at a cost that grows with its length only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_CLOSED_BY_OTHERS = frozenset(
    "p li dt dd tr td th thead tbody tfoot option optgroup colgroup rt rp html head body"
    " area base br col embed hr img input link meta param source track wbr".split()
)
"""Elements that need no end tag, so that their number says nothing about depth."""
_LINES = frozenset("address article blockquote div dd dl dt h1 h2 h3 h4 h5 h6 li ol p pre section table tr ul".split())
_UNTOUCHED = frozenset(
    "html head body a br hr img input meta link base title style script textarea xmp iframe noembed noframes".split()
)
"""Elements without content, and those whose content is no markup."""
_REOPENED = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""A paragraph that begins while one of these is open gets a copy of it, so 27 KB can become millions of nodes."""
_MOST_COPIES = 1_000_000
_MOST_STEPS = 100_000_000
"""At these bounds a parser that does as browsers do takes about a second."""


def page(html: str) -> LexborNode | None:
    """Parse HTML by the rules of https://html.spec.whatwg.org/multipage/parsing.html, as browsers do.

    What is nested as only machines nest loses layout, no words.
    """
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(_flat(html), scripting=True).root


def style_sheets(top: LexborNode) -> list[str]:
    """Give the text of a page's style sheets."""
    return [sheet.text() for sheet in top.css("style")]


def descendants(node: LexborNode) -> Iterator[LexborNode]:
    """Give all that is in a node, in the order of the page, however deep it is."""
    open_now = [children(node)]
    while open_now:
        inside = next(open_now[-1], None)
        if inside is None:
            open_now.pop()
        else:
            yield inside
            open_now.append(children(inside))


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Give a node's children in order."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _flat(html: str) -> str:
    open_now, deepest, tags = {True: 0, False: 0}, {True: 0, False: 0}, 0
    for tag in _TAG.finditer(html):
        tags += 1
        name = tag[2].lower()
        if name not in _CLOSED_BY_OTHERS:
            reopened = name in _REOPENED
            open_now[reopened] = max(0, open_now[reopened] + (-1 if tag[1] else 1))
            deepest[reopened] = max(deepest[reopened], open_now[reopened])
    fits = (deepest[True] - 4) * tags < _MOST_COPIES and sum(deepest.values()) * tags < _MOST_STEPS
    return html if fits else _TAG.sub(_plainer, html)


def _plainer(tag: re.Match[str]) -> str:
    end, name = tag[1], tag[2].lower()
    if name in _UNTOUCHED:
        return tag[0]
    if name in {"template", "noscript", "svg"}:
        return f"<{end}span hidden"
    return f"<br><{end}span" if name in _LINES else f"<{end}span"
