"""What we said comes back in any order, any number of times and without our mark: it is never taken for somebody's."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from . import skipped_time
from .echo_talk import EchoTalk
from .talk_count import wrong

REPLIES, REPLIES_LONG, REPLIES_CONTROL = 1_000, 10_000, 100


def held(path: Path, replies: int, *, forgets: bool = False) -> Counter[str]:
    """Let so many replies be given and echoed, and count."""
    began = time.monotonic()
    talk = EchoTalk(path, replies, forgets=forgets)
    skipped_time.run(talk.hold)
    found = talk.figures()
    talk.close()
    print(f"\n{talk.replies.total()} replies, {talk.lines.total()} lines, {time.monotonic() - began:.0f} s")
    print(f"{talk.stops} stops and {talk.kills} kills between")
    print("\n".join(f"{count:6} {name}" for name, count in (talk.chat.figures + found).items()))
    print(f"echoes that passed for somebody's words: {found['echoes']}")
    return found


def test_no_echo_reaches_the_ticket_and_no_line_comes_back(tmp_path: Path) -> None:
    assert wrong(held(tmp_path / "syncd.db", REPLIES)) == {}


@pytest.mark.torture
def test_no_echo_of_ten_thousand_replies_reaches_the_ticket(tmp_path: Path) -> None:
    assert wrong(held(tmp_path / "syncd.db", REPLIES_LONG)) == {}


def test_a_ledger_that_forgets_our_ids_shows_echoes(tmp_path: Path) -> None:
    assert held(tmp_path / "syncd.db", REPLIES_CONTROL, forgets=True)["echoes"] > 0
