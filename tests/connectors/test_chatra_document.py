"""Each example of Chatra's own document is understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.chatra import read_made_id
from connectors.chatra.webhooks import read_events, read_message
from syncd.contract.model import Author, ChatEnded, ChatMessageAdded, ConversationId, Role, UnknownSeen

DOCUMENT = Path(__file__).parents[3] / "shared" / "seeds" / "chatra-developer-docs.txt"
pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="Chatra's document does not lie beside the repository")
START = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)
MESSAGE_NAMES = re.compile(r"^(\w+)\n(?:String|Number|Boolean|Object)$", re.MULTILINE)


def examples(kind: str) -> list[dict[str, Any]]:
    """Give the document's examples that have the key `kind`."""
    return [example for example in all_examples() if kind in example]


def all_examples() -> Iterator[dict[str, Any]]:
    text = re.sub(r"^\s*//.*\n", "", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    decoder, behind = json.JSONDecoder(), 0
    for start in [found.start() for found in re.finditer(r"^\{$", text, re.MULTILINE)]:
        if start >= behind:
            try:
                example, behind = decoder.raw_decode(text, start)
            except json.JSONDecodeError:  # JavaScript for the website, which is no JSON
                continue
            yield example


def test_all_three_events_are_read_without_anything_unknown() -> None:
    read = {example["eventName"]: read_events(example) for example in examples("eventName")}
    assert set(read) == {"chatStarted", "chatFragment", "chatTranscript"}
    assert not [event for events in read.values() for event in events if isinstance(event, UnknownSeen)]
    assert [len(read[name]) for name in ("chatStarted", "chatFragment", "chatTranscript")] == [1, 3, 7]


def test_the_transcript_repeats_the_fragments_messages() -> None:
    read = {example["eventName"]: read_events(example) for example in examples("eventName")}
    told = [e.message for e in read["chatFragment"] if isinstance(e, ChatMessageAdded)]
    again = [e.message for e in read["chatTranscript"] if isinstance(e, ChatMessageAdded)]
    assert again[: len(told)] == told
    assert [m.author.role for m in again] == [
        *(Role.AUTOMATIC, Role.AUTOMATIC, Role.VISITOR),
        *(Role.AGENT, Role.AGENT, Role.VISITOR),
    ]
    assert [m.missed for m in again] == [False] * 5 + [True]
    assert again[4].text == ""
    assert [file.name for file in again[4].files] == ["receipt.png"]
    assert read["chatTranscript"][-1] == ChatEnded(ConversationId("vfg1y4h4ioapl1cx0trw1mujk6den021zs9b2q8"), missed=1)


def test_every_documented_property_of_a_message_is_known() -> None:
    _, _, listed = DOCUMENT.read_text(encoding="utf-8").rpartition(" a full ist:")
    names = MESSAGE_NAMES.findall(listed)
    assert len(names) == 12
    message = dict.fromkeys(names) | {"createdAt": 1}
    body = {"eventName": "chatFragment", "client": {"id": "v"}, "messages": [message]}
    assert not [event for event in read_events(body) if isinstance(event, UnknownSeen)]


def test_every_answer_to_a_post_has_its_id() -> None:
    answers = [example for example in examples("createdAt") if "type" in example]
    assert len(answers) >= 8
    for answer in answers:
        assert read_made_id(json.dumps(answer).encode()) == answer["id"]
        assert read_message(answer, "", START, Author(Role.AGENT)).text == answer["text"]
