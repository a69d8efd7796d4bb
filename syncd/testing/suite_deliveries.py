"""The suites of a helpdesk's further abilities: finding what was delivered, and private notes."""

from __future__ import annotations

import pytest

from syncd.contract.errors import MissingTargetError
from syncd.contract.model import Comment
from syncd.contract.ports import AddsNotes, FindsDeliveries, Polls
from syncd.testing.suite_ends import ODD_WORDS, HelpdeskEnd, draft, new_key, new_text, said_with
from syncd.testing.suite_hearing import read_all, read_until


def finding(end: HelpdeskEnd) -> FindsDeliveries:
    """Give the end's connector as one that finds deliveries."""
    assert isinstance(end.connector, FindsDeliveries)
    return end.connector


def noting(end: HelpdeskEnd) -> AddsNotes:
    """Give the end's connector as one that adds notes."""
    assert isinstance(end.connector, AddsNotes)
    return end.connector


class FindsDeliveriesSuite:
    """For helpdesks that can say whether a delivery has happened."""

    async def test_a_key_that_nothing_used_is_not_found(self, end: HelpdeskEnd) -> None:
        assert await finding(end).find_delivery(new_key(), None) is None
        assert await finding(end).find_delivery(new_key(), end.ticket) is None

    async def test_an_opened_ticket_is_found_by_its_key(self, end: HelpdeskEnd) -> None:
        opened = await end.connector.open_ticket(draft(new_text()), key=(key := new_key()))
        found = await finding(end).find_delivery(key, None)
        assert found is not None
        assert found.ticket == opened.ticket

    async def test_a_comment_is_found_by_its_key_alone(self, end: HelpdeskEnd) -> None:
        receipt = await end.deliver(text := new_text(), key := new_key())
        found = await finding(end).find_delivery(key, end.ticket)
        assert found is not None
        assert receipt.id in {None, found.id}
        await end.deliver(text, new_key())
        assert await finding(end).find_delivery(new_key(), end.ticket) is None
        assert await finding(end).find_delivery(key, end.ticket) == found

    async def test_each_of_several_comments_has_its_own_key(self, end: HelpdeskEnd) -> None:
        keys = [new_key() for _ in range(3)]
        made = [(await end.deliver(new_text(), key)).id for key in keys]
        found = [await finding(end).find_delivery(key, end.ticket) for key in keys]
        ids = [one.id if one else None for one in found]
        assert len(set(ids)) == 3
        assert all(told in {None, looked_up} for told, looked_up in zip(made, ids, strict=True))

    async def test_looking_changes_nothing(self, end: HelpdeskEnd) -> None:
        before = await end.shown()
        await finding(end).find_delivery(new_key(), end.ticket)
        assert await end.shown() == before


class AddsNotesSuite:
    """For helpdesks with private notes."""

    async def test_a_note_is_on_the_ticket_and_only_agents_see_it(self, end: HelpdeskEnd) -> None:
        await noting(end).add_note(end.ticket, text := new_text(ODD_WORDS), key=new_key())
        [note] = [shown for shown in await end.shown() if text in shown.text]
        assert note.private

    async def test_a_note_to_a_vanished_ticket_is_a_missing_target(self, end: HelpdeskEnd) -> None:
        with pytest.raises(MissingTargetError):
            await noting(end).add_note(end.gone, new_text(), key=new_key())

    async def test_a_note_is_found_by_its_key(self, end: HelpdeskEnd) -> None:
        await noting(end).add_note(end.ticket, new_text(), key=(key := new_key()))
        if isinstance(end.connector, FindsDeliveries):
            assert await end.connector.find_delivery(key, end.ticket) is not None

    async def test_notes_are_heard_as_private_or_not_at_all(self, end: HelpdeskEnd) -> None:
        if not isinstance(end.connector, Polls):
            return
        _, cursor = await read_all(end, None)
        await noting(end).add_note(end.ticket, ours := new_text("ours"), key=new_key())
        await end.people_note(theirs := new_text("theirs"))
        await end.people_say(reply := new_text("reply"))
        events, _ = await read_until(end, cursor, reply)
        for one in said_with(events, ours) + said_with(events, theirs):
            assert isinstance(one, Comment)
            assert not one.public
