"""The suite of helpdesk connectors; how it is put together is told in `chat_suite`.

class TestVendor(HelpdeskSuite, PollsSuite, FindsDeliveriesSuite, AddsNotesSuite, SetsStatusSuite, SpeaksHttpSuite):
    connector_class = Vendor

    @pytest.fixture
    async def end(self) -> AsyncIterator[HelpdeskEnd]: ...
"""

from __future__ import annotations

import pytest

from syncd.contract.errors import MissingTargetError
from syncd.testing.suite_changes import ChangesComments, TellsChangesSuite
from syncd.testing.suite_connector import ConnectorSuite
from syncd.testing.suite_contact import CorrectsContact, TellsContactSuite
from syncd.testing.suite_deliveries import AddsNotesSuite, FindsDeliveriesSuite
from syncd.testing.suite_ends import (
    ODD_WORDS,
    HelpdeskEnd,
    SendsWebhooks,
    Shown,
    ShowsFiles,
    ShowsPriority,
    ShowsTags,
    TellsStatus,
    draft,
    new_key,
    new_text,
)
from syncd.testing.suite_files import UploadsFilesSuite
from syncd.testing.suite_hearing import PollsSuite, ReceivesWebhooksSuite
from syncd.testing.suite_http import SpeaksHttpSuite
from syncd.testing.suite_requesters import ChoosesRequester, UpdatesRequesterSuite
from syncd.testing.suite_tickets import (
    RaisesPrioritySuite,
    SetsFieldsSuite,
    SetsStatusSuite,
    ShowsFields,
    TagsTicketsSuite,
)

__all__ = [
    "AddsNotesSuite",
    "ChangesComments",
    "ChoosesRequester",
    "CorrectsContact",
    "FindsDeliveriesSuite",
    "HelpdeskEnd",
    "HelpdeskSuite",
    "PollsSuite",
    "RaisesPrioritySuite",
    "ReceivesWebhooksSuite",
    "SendsWebhooks",
    "SetsFieldsSuite",
    "SetsStatusSuite",
    "Shown",
    "ShowsFields",
    "ShowsFiles",
    "ShowsPriority",
    "ShowsTags",
    "SpeaksHttpSuite",
    "TagsTicketsSuite",
    "TellsChangesSuite",
    "TellsContactSuite",
    "TellsStatus",
    "UpdatesRequesterSuite",
    "UploadsFilesSuite",
]


class HelpdeskSuite(ConnectorSuite):
    """For every helpdesk connector."""

    async def test_a_ticket_opens_with_its_text_and_the_receipt_has_it(self, end: HelpdeskEnd) -> None:
        receipt = await end.connector.open_ticket(draft(text := new_text(ODD_WORDS)), key=new_key())
        assert receipt.ticket
        assert receipt.ticket != end.ticket
        assert len([shown for shown in await end.shown_on(receipt.ticket) if text in shown.text]) == 1

    async def test_the_requester_is_the_visitor(self, end: HelpdeskEnd) -> None:
        wanted = draft(new_text())
        receipt = await end.connector.open_ticket(wanted, key=new_key())
        assert receipt.ticket
        assert await end.requester(receipt.ticket) == wanted.requester.email

    async def test_each_call_opens_a_ticket_of_its_own(self, end: HelpdeskEnd) -> None:
        same = draft(new_text())
        receipts = [await end.connector.open_ticket(same, key=new_key()) for _ in range(2)]
        assert receipts[0].ticket != receipts[1].ticket

    async def test_a_comment_reaches_its_ticket_and_no_other(self, end: HelpdeskEnd) -> None:
        other = await end.connector.open_ticket(draft(new_text()), key=new_key())
        assert other.ticket
        receipt = await end.deliver(text := new_text(), new_key())
        assert receipt.ticket in {None, end.ticket}
        assert len([shown for shown in await end.shown() if text in shown.text]) == 1
        assert [shown for shown in await end.shown_on(other.ticket) if text in shown.text] == []

    async def test_comments_stay_in_order(self, end: HelpdeskEnd) -> None:
        texts = [new_text(f"{number}") for number in range(4)]
        for text in texts:
            await end.deliver(text, new_key())
        on_it = [next((t for t in texts if t in shown.text), "") for shown in await end.shown()]
        assert [text for text in on_it if text] == texts

    async def test_odd_words_and_long_texts_reach_the_ticket_whole(self, end: HelpdeskEnd) -> None:
        for text in (new_text(ODD_WORDS), new_text("two\nlines\n\nand a gap"), new_text("long " * 2000)):
            await end.deliver(text, new_key())
            assert [shown for shown in await end.shown() if text in shown.text]

    async def test_a_comment_to_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await end.connector.add_comment(end.gone, new_text(), key=new_key())
