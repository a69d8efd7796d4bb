"""A golden corpus: replies as mail programs and helpdesks write them, and what the visitor reads.

Each file of `replies` holds a reply, in HTML or plain text by its ending, and below a line what a person would want
the visitor to read. Write that by hand.
"""

from pathlib import Path

import pytest

from syncd.core.answer import answer

DIVIDER = "=== the visitor reads\n"
REPLIES = sorted((Path(__file__).parent / "replies").iterdir())


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.name)
def test_the_visitor_reads_what_the_agent_wrote_and_no_more(path: Path) -> None:
    reply, expected = path.read_bytes().decode().split(DIVIDER)
    assert answer(reply, html=path.suffix == ".html") == expected.removesuffix("\n")


def test_the_corpus_is_not_small() -> None:
    assert len(REPLIES) >= 70
