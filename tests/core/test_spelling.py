"""What is said to an end that takes no emoji."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.contract.deliveries import AddComment, AddNote, Delivery, EditMessage, OpenTicket, PostMessage, PushNotice
from syncd.contract.model import Author, CommentId, DeliveryKey, Reply, Role, Visitor
from syncd.core.spelling import in_names, spelled

JOINERS = "\u200d"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Done 👍", "Done :thumbs_up_sign:"),
        ("👍🏽!", ":thumbs_up_sign:!"),
        ("👩‍💻", ":woman::personal_computer:"),
        ("I ❤️ it", "I :heavy_black_heart: it"),
        ("𝐇𝐞𝐥𝐥𝐨", "Hello"),
        ("𠮷野家", ":cjk_unified_ideograph-20bb7:野家"),
        ("\U000f0001", "U+F0001"),
        ("שלום \u202eabc\u202c e\u0301 ñ 漢字 क्‍ष", "שלום \u202eabc\u202c e\u0301 ñ 漢字 क्‍ष"),
    ],
)
def test_emoji_and_four_byte_characters_are_spelled_and_all_else_stays(words: str, shown: str) -> None:
    assert in_names(words) == shown


@given(st.text())
def test_nothing_is_left_to_spell(words: str) -> None:
    shown = in_names(words)
    assert in_names(shown) == shown
    assert all(ord(char) < 0x10000 for char in shown)


@given(st.text(st.characters(max_codepoint=0x22FF)))
def test_words_of_any_language_stay(words: str) -> None:
    assert in_names(words) == words
    assert in_names(f"{words}👍{words}") == f"{words}:thumbs_up_sign:{words.lstrip(JOINERS)}"


@pytest.mark.parametrize(
    "delivery",
    [
        AddComment("a 👍"),
        AddNote("a 👍"),
        PostMessage(Reply(Author(Role.AGENT, "Bo 👍"), "a 👍", "t")),
        PushNotice(Reply(Author(Role.AUTOMATIC, "Desk 👍"), "a 👍", "t")),
        EditMessage(CommentId("7"), DeliveryKey("syncd-1"), "a 👍"),
        OpenTicket("Chat with 👍", Visitor("v1", "👍")),
    ],
)
def test_every_delivery_with_words_can_be_spelled(delivery: Delivery) -> None:
    assert "👍" in repr(delivery)
    assert "👍" not in repr(spelled(delivery))
    assert spelled(spelled(delivery)) == spelled(delivery)


def test_nothing_but_words_changes() -> None:
    said = PostMessage(Reply(Author(Role.AGENT), "a 👍", "t"), CommentId("7"), withdrawn=True)
    assert spelled(said) == replace(said, reply=replace(said.reply, text="a :thumbs_up_sign:"))
