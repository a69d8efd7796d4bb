"""What a message in Request Tracker says, put together from its parts."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.request_tracker.parts import came_by_mail, read_body
from connectors.request_tracker.reading import Row

Tree = tuple[str, Any]
"""A type, and what is in it: a text, a list of trees, or None where it is a file."""

PLAIN, HTML, MIXED, ALTERNATIVE = "text/plain", "text/html", "multipart/mixed", "multipart/alternative"
RELATED, ATTACHED = "multipart/related", "message/rfc822"
PICTURE: Tree = ("image/png", None)


def stored(tree: Tree) -> tuple[list[Row], list[Row]]:
    """Give a message's nameless texts, and all its parts that are in another, as RT lists them."""
    texts: list[Row] = []
    nested: list[Row] = []
    count = 6

    def store(one: Tree, container: Row | None) -> None:
        nonlocal count
        count += 1
        kind, inside = one
        row = {"id": str(count), "ContentType": kind}
        if container is not None:
            nested.append({**row, "Parent": container})
        if isinstance(inside, str):
            texts.append({**row, "Content": inside})
        for part in inside if isinstance(inside, list) else ():
            store(part, row)

    store(tree, None)
    return texts, nested


@pytest.mark.parametrize(
    ("tree", "said", "is_html"),
    [
        ((PLAIN, "hello\n"), "hello\n", False),
        ((HTML, "<p>hello</p>"), "<p>hello</p>", True),
        ((MIXED, [(PLAIN, "See:\n"), PICTURE, (PLAIN, "Press it.\n")]), "See:\nPress it.\n", False),
        ((MIXED, [(PLAIN, "See:"), PICTURE, (PLAIN, " \n"), (PLAIN, "Press it.")]), "See:\nPress it.", False),
        ((MIXED, [(HTML, "<p>See</p>"), PICTURE, (HTML, "<p>it</p>")]), "<p>See</p>\n<p>it</p>", True),
        ((MIXED, [(PLAIN, "a < b\n"), PICTURE, (HTML, "<p>it</p>")]), "<pre>a &lt; b\n</pre>\n<p>it</p>", True),
        ((ALTERNATIVE, [(PLAIN, "plain"), (HTML, "<p>rich</p>")]), "plain", False),
        ((ALTERNATIVE, [(PLAIN, " \n"), (HTML, "<p>rich</p>")]), "<p>rich</p>", True),
        ((ALTERNATIVE, [(PLAIN, "plain"), (RELATED, [(HTML, "<p>rich</p>"), PICTURE])]), "plain", False),
        ((ALTERNATIVE, [(PLAIN, "plain"), (MIXED, [(HTML, "a"), PICTURE, (HTML, "b")])]), "plain", False),
        ((ALTERNATIVE, [(PLAIN, ""), (MIXED, [(HTML, "a"), PICTURE, (HTML, "b")])]), "a\nb", True),
        ((MIXED, [(ALTERNATIVE, [(PLAIN, "plain"), (HTML, "rich")]), (PLAIN, "a footer")]), "plain\na footer", False),
        (
            (MIXED, [(ALTERNATIVE, [(PLAIN, "1"), (HTML, "x")]), (ALTERNATIVE, [(PLAIN, "2"), (HTML, "y")])]),
            "1\n2",
            False,
        ),
        ((MIXED, [(PLAIN, "see below"), (ATTACHED, [(PLAIN, "inner words")])]), "see below", False),
        (
            (MIXED, [(PLAIN, "see below"), (ATTACHED, [(ALTERNATIVE, [(PLAIN, "inner"), (HTML, "inner")])])]),
            "see below",
            False,
        ),
        ((MIXED, [PICTURE]), "", False),
        ((PLAIN, " \n"), "", False),
    ],
)
def test_texts_are_joined_and_of_alternatives_one_is_taken(tree: Tree, said: str, *, is_html: bool) -> None:
    assert read_body(*stored(tree)) == (said, is_html)


@pytest.mark.parametrize(
    ("headers", "mailed"),
    [
        ("Subject: Re: x\nX-RT-Interface: Email\nTo: a@b.c", True),
        ("MIME-Version: 1.0\nX-RT-Interface: REST", False),
        ("X-RT-Interface: Web\nContent-Length: 5", False),
        ("x-rt-interface:  mobile", False),
        ("X-RT-Interface: Web\nX-RT-Interface: Email", True),
        ("Subject: X-RT-Interface: Web", True),
        ("X-RT-Interface:\nSubject: Web", False),
        ("", True),
    ],
)
def test_how_a_message_came(headers: str, *, mailed: bool) -> None:
    assert came_by_mail({"Headers": headers}) is mailed
