"""Both ends lose answers: 30 % dropped and 5 % answered 500 after the effect, 10 % reset before it."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from . import skipped_time
from .lossy_ends import BlindHelpdesk, LossyHelpdesk
from .lossy_talk import Talk
from .talk_count import wrong

MESSAGES, MESSAGES_LONG, MESSAGES_CONTROL = 4_000, 10_000, 200
SHARE_PARKED = 0.001


def held(path: Path, kind: type[BlindHelpdesk], messages: int) -> tuple[Talk, Counter[str]]:
    """Let so many messages be said both ways, and count."""
    began = time.monotonic()
    talk = Talk(path, kind, messages)
    skipped_time.run(talk.hold)
    found = talk.figures()
    talk.close()
    print(f"\n{talk.lines.total()} lines, {talk.replies.total()} replies, {time.monotonic() - began:.0f} s")
    print(f"calls to the helpdesk: {dict(talk.helpdesk.line.fates)}")
    print(f"calls to the chat: {dict(talk.chat.line.fates)}")
    print("\n".join(f"{count:6} {name}" for name, count in found.items()))
    return talk, found


def check(path: Path, messages: int) -> None:
    talk, found = held(path, LossyHelpdesk, messages)
    assert wrong(found) == {}
    assert found["parked though in the chat"] <= SHARE_PARKED * talk.replies.total()
    assert found["parked"] - found["parked though in the chat"] == talk.chat.line.fates["reset before"]


def test_four_thousand_messages_over_lines_that_lose_answers_are_there_once_and_in_order(tmp_path: Path) -> None:
    check(tmp_path / "syncd.db", MESSAGES)


@pytest.mark.torture
def test_ten_thousand_messages_over_lines_that_lose_answers_are_there_once_and_in_order(tmp_path: Path) -> None:
    check(tmp_path / "syncd.db", MESSAGES_LONG)


def test_a_helpdesk_that_cannot_be_asked_shows_doubles(tmp_path: Path) -> None:
    _, found = held(tmp_path / "syncd.db", BlindHelpdesk, MESSAGES_CONTROL)
    assert found["doubled in the helpdesk"] > 0
