"""Pages as a strict reader takes them and as a browser shows them, and what must stand before each."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
VALUE = r'"(?:[^"<>&]|&(?:[a-z]+|#\d+);)*"'
TAG = re.compile(rf"<[a-z][a-z0-9]*(?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:={VALUE})?)*\s*/?>")
REACHING = ("href", "src", "action", "formaction")
FOLLOWED = {"", "http", "https", "mailto"}
"""The schemes of links that people may follow; without one it is a page of ours."""
MADE_OF_WORDS = ".text a, dd > bdi a"
"""Where a page makes links of addresses in words."""
Shape = tuple[tuple[str, tuple[str, ...]], ...]


class MarkupError(AssertionError):
    """A page that somebody's words have got into, or that leaves to browsers what is meant."""


class Page:
    """A page. Raises MarkupError where its markup is not strict."""

    def __init__(self, html: str) -> None:
        strict = _Strict()
        strict.feed(html)
        strict.close()
        self._browser = LexborHTMLParser(html)
        nodes = self._browser.css("*")
        if [node.tag for node in nodes] != strict.tags or strict.open:
            seen = [node.tag for node in nodes]
            raise MarkupError(f"a browser sees {seen}, written are {strict.tags}, and still open {strict.open}")
        linked = self._browser.css(MADE_OF_WORDS)
        self.linked = [(node.tag, set(node.attributes)) for node in linked]
        """The links that are made of words, with the names of their attributes."""
        self.shape: Shape = tuple(_shape(node) for node in nodes if node not in linked)
        """Every element but those with its attributes' names, and the schemes that it leads to."""
        self.schemes = {scheme_of(value) for node in nodes for value in _reached(node)}
        self.scripts = [(node.attributes.get("src"), node.text()) for node in self._browser.css("script")]

    def words(self, selector: str) -> list[str]:
        """Give the words in all elements that a CSS selector fits, exactly."""
        return [node.text() for node in self._browser.css(selector)]

    def values(self, selector: str, name: str) -> list[str]:
        """Give an attribute of all elements that a CSS selector fits."""
        return [node.attributes[name] or "" for node in self._browser.css(selector)]


def _shape(node: LexborNode) -> tuple[str, tuple[str, ...]]:
    return node.tag or "", (*node.attributes, *map(scheme_of, _reached(node)))


def _reached(node: LexborNode) -> list[str]:
    return [node.attributes[name] or "" for name in REACHING if name in node.attributes]


def scheme_of(link: str) -> str:
    """Give a link's scheme as browsers find it: they leave out what is not seen."""
    seen = re.sub(r"[\t\n\r]", "", link).lstrip("".join(map(chr, range(33))))
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", seen)
    return found[1].lower() if found else ""


class _Strict(HTMLParser):
    """Takes what is written out whole: quoted values, escaped words, elements that are closed in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or ""
        if not TAG.fullmatch(written) or len({name for name, _ in attrs}) < len(attrs):
            raise MarkupError(f"not a whole tag: {written}")
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "svg" not in self.open:
            raise MarkupError(f"browsers do not close this: {self.get_starttag_text()}")
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise MarkupError(f"closed where it is not open: {tag}")

    def handle_data(self, data: str) -> None:
        if re.search("[<>&]", data):
            raise MarkupError(f"not escaped: {data}")

    def handle_comment(self, data: str) -> None:
        raise MarkupError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise MarkupError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise MarkupError(f"a declaration: {data}")


def shown(words: str) -> str:
    """Give words as text holds them: HTML knows one kind of line break and has no NUL."""
    return _with_one_break(words).replace("\0", "")


def held(words: str) -> str:
    """Give words as an attribute or a title holds them, where U+FFFD takes the place of NUL."""
    return _with_one_break(words).replace("\0", "\ufffd")


def _with_one_break(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")


def must_be_guarded(answer: httpx.Response) -> None:
    """Check what every answer tells the browser, whatever it is."""
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("img-src") == "'self' data:"
    assert set(policy) == {
        *("style-src", "script-src", "connect-src"),
        *("form-action", "frame-src", "frame-ancestors", "base-uri"),
    }
    assert set(policy.values()) <= {"'self'", "'none'"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def must_be_words_only(page: Page, plain: Page) -> None:
    """Check a page with somebody's words against the same one with harmless words in their place."""
    assert page.shape == plain.shape
    assert page.scripts == plain.scripts == [("/static/pages.js", "")]
    assert page.schemes <= FOLLOWED
    assert [link for link in page.linked if link not in (("a", {"href", "rel"}), ("a", {"href"}))] == []
