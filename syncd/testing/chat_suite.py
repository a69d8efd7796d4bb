"""The suite of chat connectors.

    class TestChatra(ChatSuite, ReceivesWebhooksSuite, SpeaksHttpSuite):
        connector_class = Chatra

        @pytest.fixture
        async def end(self) -> AsyncIterator[ChatEnd]: ...

The bases are `ChatSuite`, one suite for each ability in the connector's class line, and `SpeaksHttpSuite` where it
makes HTTP calls; a test of the suite says which are missing. Tests are collected by pytest with pytest-asyncio in its
mode `auto`.
"""

from __future__ import annotations

from syncd.testing.suite_changes import EditsMessagesSuite, PushesNoticesSuite
from syncd.testing.suite_connector import ABILITY_SUITES, ConnectorSuite
from syncd.testing.suite_contact import ShowsVisitor, UpdatesVisitorsSuite
from syncd.testing.suite_ends import (
    ODD_WORDS,
    ChatEnd,
    SendsWebhooks,
    Shown,
    new_key,
    new_text,
)
from syncd.testing.suite_hearing import PollsSuite, ReceivesWebhooksSuite
from syncd.testing.suite_http import SpeaksHttpSuite

__all__ = [
    "ABILITY_SUITES",
    "ChatEnd",
    "ChatSuite",
    "EditsMessagesSuite",
    "PollsSuite",
    "PushesNoticesSuite",
    "ReceivesWebhooksSuite",
    "SendsWebhooks",
    "Shown",
    "ShowsVisitor",
    "SpeaksHttpSuite",
    "UpdatesVisitorsSuite",
]


class ChatSuite(ConnectorSuite):
    """For every chat connector."""

    async def test_a_call_posts_one_message_and_its_receipt_has_the_id(self, end: ChatEnd) -> None:
        receipt = await end.deliver(text := new_text(), new_key())
        assert receipt.id
        assert [shown.text for shown in await end.shown() if text in shown.text] == [text]

    async def test_messages_stay_in_order_and_have_ids_of_their_own(self, end: ChatEnd) -> None:
        texts = [new_text(f"{number}") for number in range(4)]
        ids = [(await end.deliver(text, new_key())).id for text in texts]
        assert len(set(ids)) == 4
        assert [shown.text for shown in await end.shown() if shown.text in texts] == texts

    async def test_the_same_words_twice_are_two_messages(self, end: ChatEnd) -> None:
        text = new_text()
        receipts = [await end.deliver(text, new_key()) for _ in range(2)]
        assert receipts[0].id != receipts[1].id
        assert [shown.text for shown in await end.shown()].count(text) == 2

    async def test_odd_words_and_long_texts_arrive_whole(self, end: ChatEnd) -> None:
        for text in (new_text(ODD_WORDS), new_text("two\nlines\n\nand a gap"), new_text("long " * 800)):
            await end.deliver(text, new_key())
            assert text in [shown.text for shown in await end.shown()]
